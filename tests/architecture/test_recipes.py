"""The recipes of `CONTRIBUTING.md` name every file that knows of such a thing, and no other."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOLD = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
KNOWS = {
    "A language": (r"\"fi\"", "platform"),
    "A transport": (r"\bTransport\b|\bOutcome\(", "platform/mail/transport.py"),
    "A field of a profile": (
        r"LEVELS|Member\.level|profile\.level|\"level\": \"\"|member\.level",
        "platform",
    ),
    "A stage of a workshop": (r"Stage\.CLOSED|S\.CLOSED", "platform"),
}
"""By which words the sources that know of it are found."""


def _recipe(name: str) -> list[str]:
    part = TOLD.partition(f"### {name}\n")[2].partition("\n### ")[0]
    return re.findall(r"^- `([^`]+)`", part, re.MULTILINE)


@pytest.mark.parametrize("name", re.findall(r"^### (.+)$", TOLD, re.MULTILINE))
def test_a_recipe_names_files_that_there_are(name: str) -> None:
    files = _recipe(name)
    assert len(files) >= 4
    assert [path for path in files if not (ROOT / path).is_file()] == []


def test_there_are_seven_recipes() -> None:
    assert TOLD.count("\n### ") == 7


@pytest.mark.parametrize("name", KNOWS)
def test_a_recipe_forgets_no_file_that_knows_of_it(name: str) -> None:
    words, where = KNOWS[name]
    base = ROOT / where
    sources = [base] if base.is_file() else sorted(base.rglob("*.py"))
    knowing = {
        str(path.relative_to(ROOT)) for path in sources if re.search(words, path.read_text("utf-8"))
    }
    assert knowing - set(_recipe(name)) == set()

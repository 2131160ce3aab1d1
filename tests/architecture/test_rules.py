"""Rules of the house that a reader could forget: each with its reason."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rq.utils import import_attribute

from core.settings import PREFIX, Settings
from mail.posting import DELIVER_SERVICE, deliver_mailing
from web.forms import Form, Typed
from worker.schedule import RECURRING

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [*(ROOT / "platform").rglob("*.py"), *(ROOT / "worker").rglob("*.py")]
PACKAGES = (
    "core",
    "mail",
    "members",
    "library",
    "contributions",
    "workshops",
    "newsletters",
    "web",
    "staffroom",
    "worker",
)


def test_platform_is_a_folder_and_never_a_package() -> None:
    """With an `__init__.py` it would hide the standard library's `platform`, and only sometimes."""
    assert not (ROOT / "platform" / "__init__.py").exists()


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_ours_and_not_somebody_elses_of_that_name(package: str) -> None:
    file = importlib.import_module(package).__file__
    assert file is not None
    assert Path(file).resolve().is_relative_to(ROOT)


def _calls(names: set[str]) -> Iterator[tuple[str, str]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in names:
                yield path.relative_to(ROOT).as_posix(), ast.unparse(node)


def test_only_the_clock_asks_the_machine_for_the_time() -> None:
    """Time is an argument, so that every rule can be tried at any moment."""
    wanted = {"datetime.now", "datetime.utcnow", "date.today", "time.time"}
    assert {path for path, _ in _calls(wanted)} == {"platform/core/clock.py"}


def test_nobody_commits_but_the_edge() -> None:
    """A service that commits makes half of a unit of work happen."""
    ends = re.compile(r"\.(commit|rollback)\(")
    assert [path.name for path in SOURCES if ends.search(path.read_text("utf-8"))] == []


def test_links_in_mail_never_come_from_a_request() -> None:
    """`url_for` builds on the Host header, which anybody can write."""
    for path in [*SOURCES, *(ROOT / "templates").rglob("*.*")]:
        assert "url_for(" not in path.read_text("utf-8"), path


def test_every_wake_up_names_a_job_that_exists() -> None:
    for job in (DELIVER_SERVICE, deliver_mailing(1), *RECURRING):
        assert callable(import_attribute(job.function))


def test_functions_stay_short_and_files_readable() -> None:
    for path in SOURCES:
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 390, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno <= 60, (path, node.name)


def test_every_setting_is_in_the_documentation() -> None:
    told = (ROOT / "docs" / "settings.md").read_text("utf-8")
    missing = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    assert [name for name in missing if f"`{name}`" not in told] == []


def test_every_command_is_in_the_documentation() -> None:
    from staffroom.command import staffroom

    told = (ROOT / "docs" / "running.md").read_text("utf-8")
    assert [name for name in staffroom.commands if f"staffroom {name}" not in told] == []


def test_the_catalogues_are_complete() -> None:
    from tests.check_translations import problems

    assert problems() == []


def test_no_lock_file_names_an_index() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in lines)


def test_every_trouble_names_tests_that_there_are() -> None:
    told = (ROOT / "docs" / "real-trouble.md").read_text("utf-8")
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", told))
    assert len(re.findall(r"^\| \d+ \|", told, re.MULTILINE)) == 30
    assert {name for name in named if f"def {name}(" not in written} == set()


def test_the_glossary_names_files_that_there_are_and_every_floor_and_room() -> None:
    told = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = re.findall(r"`((?:platform|worker)/[\w/]+\.py)`", told)
    assert len(named) > 30
    assert [path for path in named if not (ROOT / path).is_file()] == []
    drawn = re.findall(r"^((?:\w+/)+\w+\.py)", told, re.MULTILINE)
    bases = (ROOT / "platform", ROOT / "platform" / "workshops", ROOT)
    assert [path for path in drawn if not any((base / path).is_file() for base in bases)] == []
    folders = [path.parent for path in (ROOT / "platform").glob("*/__init__.py")]
    folders += [path.parent for path in (ROOT / "platform" / "workshops").glob("*/__init__.py")]
    assert [one.name for one in folders if not re.search(rf"\b{one.name}\b", told)] == []


def test_questions_about_states_are_answered_in_python() -> None:
    """A state that is renamed would leave a template that compares its old name, and no error."""
    compared = re.compile(
        r"\b(state|stage|phase|kind|frame|audience|boundary|outcome|standing|mark|is_\w+)"
        r" *(==|!=|(not )?in) *[(\[]?['\"]"
    )
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in templates
        for line in path.read_text("utf-8").splitlines()
        if compared.search(line) and "is_second" not in line
    ]
    assert len(templates) > 100
    assert found == []


READERS = {name for name, one in vars(Form).items() if callable(one) and not name.startswith("__")}


def _fields_read_by_name(path: Path) -> Iterator[str]:
    """`form["email"]`, and `form.number("id")`, wherever it is written."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Subscript(value=of, slice=ast.Constant(value=str())):
                found = ast.unparse(of)
            case ast.Call(
                func=ast.Attribute(value=of, attr=reader), args=[ast.Constant(value=str()), *_]
            ) if reader in READERS:
                found = ast.unparse(of)
            case _:
                continue
        if found.rpartition(".")[2] == "form":
            yield f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"


def test_which_fields_a_form_has_is_declared_once() -> None:
    """A name that is misspelt in a view would read nothing, and tell nobody; a type tells mypy."""
    views = [one for one in (ROOT / "platform/web").rglob("*.py") if one.name != "forms.py"]
    assert len(views) > 40
    assert [line for view in views for line in _fields_read_by_name(view)] == []


OF_ADDRESSES = {"q", "to", "topic", "state", "kind", "editor"}
"""What filters ask, whose forms are sent with GET."""


def _declared() -> set[str]:
    for path in (ROOT / "platform/web").rglob("*.py"):
        importlib.import_module(".".join(path.relative_to(ROOT / "platform").with_suffix("").parts))
    return {name for kind in Typed.__subclasses__() for name in kind.__annotations__}


def test_what_a_page_asks_for_somebody_reads() -> None:
    """What somebody types into a field that no form declares would be lost without a word."""
    of_rows = re.compile(
        r"(answer|shared|question|what|minutes|dialogue|lead|name|subject|preheader|title|body|"
        r"sentence|role|alt|button)_"
    )
    declared = _declared() | {"files", "file"} | OF_ADDRESSES
    asked = re.compile(
        r"(?:<(?:input|select|textarea|button)\b[^>]*?\bname=|"
        r"\b(?:field|number|textarea|select|option|choice|tick)\(\s*)[\"'](\w+)[\"']"
    )
    found = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in asked.findall(path.read_text("utf-8"))
    }
    assert len(found) > 40
    assert {name for name in found if not of_rows.match(name)} - declared == set()

"""A third language is a row and a catalogue: with a made-up one, the whole site speaks it."""

import subprocess
import sys
from pathlib import Path

from core.i18n import LANGUAGES
from core.languages import ROWS

ROOT = Path(__file__).resolve().parents[2]
CHECKED = ("tests/core/in_a_third_language.py", "tests/mail/test_templates.py")


def test_the_rows_are_the_languages() -> None:
    assert tuple(row.code for row in ROWS) == LANGUAGES
    assert all(len(row.quotes) == 4 for row in ROWS)


def test_a_made_up_language_needs_its_row_and_its_catalogue_only() -> None:
    asked = ["-p", "tests.support.third_language", "-p", "no:randomly", "-q", "-n", "0", *CHECKED]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *asked],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-4000:]

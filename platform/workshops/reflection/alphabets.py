"""Fonts for the names of people from everywhere, and which letters none of them has.

Source Sans looks best where it has the letters. FiraGO, in a package, has Arabic, Hebrew,
Devanagari, Thai and Georgian too; Noto Sans CJK Chinese, Japanese and Korean. For any other
alphabet we look for the Noto fonts that the system has (Debian: `fonts-noto-core`).
"""

import tempfile
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from core import characters

SYSTEM_FONTS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


def composed(text: str) -> str:
    """In one line, with accents on their letters: decomposed ones are put in the wrong place."""
    return " ".join(characters.composed(text).split())


def fonts_for(text: str) -> list[Path]:
    """The fonts that have the letters of a text, the best first; Source Sans is always one."""
    wanted = _letters(text)
    found: list[Path] = []
    for font in _fonts():
        has = wanted & _letters_of(font)
        if has or not found:
            found.append(font)
            wanted -= has
        if not wanted:
            break
    return found


def missing_letters(text: str) -> str:
    """The letters of a text that no font here has."""
    wanted = _letters(text)
    for font in _fonts():
        wanted -= _letters_of(font)
        if not wanted:
            break
    return "".join(sorted(wanted))


def _letters(text: str) -> set[str]:
    """What needs a drawing; marks of direction and joiners need none."""
    return {c for c in composed(text) if unicodedata.category(c)[0] not in "CZ"}


def _fonts() -> Iterator[Path]:
    from font_source_sans_pro import font_directory

    yield Path(font_directory) / "SourceSansPro-Regular.ttf"
    yield _fira_go()
    yield _noto_cjk()
    yield from _system_fonts()


@cache
def _fira_go() -> Path:
    """Its package keeps it as bytes; a PDF writer wants a file."""
    import pymupdf_fonts

    with tempfile.NamedTemporaryFile(suffix=".ttf", delete=False) as file:
        file.write(pymupdf_fonts.myfont("figo"))
    return Path(file.name)


def _noto_cjk() -> Path:
    from cvttf_NotoSansCJK_Regular import get_TTF_path

    return Path(get_TTF_path())


def _system_fonts() -> Iterator[Path]:
    for folder in SYSTEM_FONTS:
        yield from sorted(folder.rglob("NotoSans*-Regular.ttf"))


@cache
def _letters_of(font: Path) -> frozenset[str]:
    from fontTools.ttLib import TTFont

    with TTFont(font, lazy=True, fontNumber=0) as opened:
        return frozenset(map(chr, opened.getBestCmap()))

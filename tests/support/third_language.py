"""A plugin of pytest: this installation speaks a made-up third language too.

It is what `CONTRIBUTING.md` says a language is: a row, and a catalogue. The words of the catalogue
are the source text between marks, so that a page shows what has been forgotten in English.
"""

import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from core import languages, places

CODE = "qx"
OPENS, CLOSES = "«", "»"
ROW = languages.Language(code=CODE, locale="sv", in_lists=("qxx",), quotes="«»‹›", after_z="åäö")
_FOLDER = tempfile.TemporaryDirectory(prefix="locales")


def _marked(text: str) -> str:
    return f"{OPENS}{text}{CLOSES}"


def _catalogues() -> Path:
    return Path(_FOLDER.name)


def _write_catalogues(source: Path) -> None:
    for catalogue in source.glob("*/LC_MESSAGES"):
        (Path(_FOLDER.name) / catalogue.parent.name).symlink_to(catalogue.parent)
    with (source / "staffroom.pot").open("rb") as template:
        words: Catalog = read_po(template, locale="sv")
    for message in words:
        if isinstance(message.id, str) and message.id:
            message.string = _marked(message.id)
        elif message.id:
            message.string = tuple(map(_marked, message.id))
    folder = Path(_FOLDER.name) / CODE / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "staffroom.po").open("wb") as made:
        write_po(made, words)


_write_catalogues(places.catalogues())
languages.ROWS = (*languages.ROWS, ROW)
places.catalogues = _catalogues

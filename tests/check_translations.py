"""Are the catalogues complete? Extracts anew and compares; says what is missing, line by line."""

import io
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
KEYWORDS = {
    "N_": None,
    "NN_": (1, 2),
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}


def extracted() -> Catalog:
    """All sentences of the sources."""
    mapping = io.StringIO((ROOT / "babel.cfg").read_text("utf-8"))
    methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    catalog = Catalog()
    found = extract_from_dir(
        str(ROOT), methods, options, KEYWORDS, directory_filter=lambda path: not _is_hidden(path)
    )
    for _, _, message, _, context in found:
        catalog.add(message, context=context)
    return catalog


def problems() -> list[str]:
    """Everything that is wrong with the Finnish catalogue."""
    path = ROOT / "locales" / "fi" / "LC_MESSAGES" / "staffroom.po"
    with path.open("rb") as file:
        finnish = read_po(file, locale="fi", abort_invalid=True)
    source = {(message.context, message.id) for message in extracted() if message.id}
    known = {(message.context, message.id): message for message in finnish if message.id}
    lines = [f"not in the catalogue: {key!r}" for key in source - known.keys()]
    lines += [f"not in the sources any more: {key!r}" for key in known.keys() - source]
    for message in known.values():
        lines += _problems_of(message)
    return sorted(lines)


def _problems_of(message: Message) -> list[str]:
    originals = message.id if isinstance(message.id, tuple) else (message.id,)
    translations = message.string if isinstance(message.string, tuple) else (message.string,)
    if message.fuzzy or not all(translations):
        return [f"not translated: {message.id!r}"]
    wanted = set(PLACEHOLDER.findall(str(originals[-1])))
    wrong = [t for t in translations if set(PLACEHOLDER.findall(str(t))) != wanted]
    return [f"other placeholders than the source: {message.id!r}"] if wrong else []


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in Path(path).relative_to(ROOT).parts)


if __name__ == "__main__":
    found = problems()
    print("\n".join(found) or "The catalogues are complete.")  # noqa: T201
    sys.exit(1 if found else 0)

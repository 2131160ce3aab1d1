"""The pictures that lie beside the Markdown file of a letter: they are taken along."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.stored_files import Checked
from core.unit_of_work import UnitOfWork
from core.uploads import LARGEST, check_picture
from newsletters import issues, pictures
from newsletters.blocks import blocks_of
from newsletters.models import Issue
from newsletters.texts import Text


def pictures_beside(files: Iterable[tuple[str, Text]]) -> dict[str, Checked]:
    """Those that a text names and that lie in the folder of its file. Raises Refusal."""
    found: dict[str, Checked] = {}
    for path, text in files:
        for block in blocks_of(text.body):
            for one in block.pictures:
                beside = Path(path).parent / one.file
                if "://" not in one.file and one.file not in found and beside.is_file():
                    found[one.file] = check_picture(beside.name, _content(beside), pictures.WIDEST)
    return found


def _content(path: Path) -> bytes:
    """No more than one byte over what we take."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def bring_all(
    work: UnitOfWork, issue: Issue, texts: Sequence[Text], found: Mapping[str, Checked]
) -> None:
    """Keep the pictures with the issue, and let its texts name them as they are called here."""
    if not found:
        return
    names = {name: pictures.bring(work, issue.id, one).name for name, one in found.items()}
    renamed = [replace(text, body=_with_names(text.body, names)) for text in texts]
    issues.save_draft(work, issue.id, renamed, issue.version)


def _with_names(body: str, names: Mapping[str, str]) -> str:
    for before, name in names.items():
        body = body.replace(f"]({before})", f"]({name})")
    return body

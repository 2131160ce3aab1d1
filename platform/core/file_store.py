"""Large files: beside the database, in a folder of this machine or in a bucket elsewhere.

A row of `stored_file` says what there is; here lie its bytes, under the same name. A file is put
here before its row is written, and taken away only when no row has named it for a day: what is
interrupted leaves a file too many at the most, and never a row without its file.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import structlog
from sqlalchemy import select

from core.stored_files import StoredFile
from core.unit_of_work import Reading

log = structlog.get_logger()

OWN_NAME = re.compile(r"[\w-]{32}\.[a-z0-9]{1,10}(?:\.part)?")
"""What we call files: whatever else lies beside them is not ours, and never swept."""
PART = ".part"
"""What ends the name of a file that is still being written."""


@dataclass(frozen=True)
class Part:
    """A file, or a part of it, on its way from elsewhere: as HTTP says it."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


class FileStore(Protocol):
    """Keeps bytes under names that we made."""

    def put(self, name: str, file: BinaryIO) -> None:
        """Keep a file, whole or not at all. Raises OSError where there is no room."""

    def find(self, name: str, wanted: str = "") -> Path | Part | None:
        """Where a file lies on this machine, or it itself; None if there is none.

        `wanted` is what a browser said in `Range`; who gives out a path looks at it themselves.
        """

    def listed(self) -> Iterable[tuple[str, datetime]]:
        """The name of each file of ours, and when it came; of nothing else that lies there."""

    def remove(self, name: str) -> None:
        """Take a file away. Harmless to repeat."""


@dataclass(frozen=True)
class Folder:
    """Files in a folder of this machine."""

    path: Path

    def put(self, name: str, file: BinaryIO) -> None:
        """Write it under another name first: what is half written is never found."""
        self.path.mkdir(parents=True, exist_ok=True)
        half = self.path / f"{name}{PART}"
        try:
            with half.open("wb") as copy:
                file.seek(0)
                shutil.copyfileobj(file, copy, 1024 * 1024)
                copy.flush()
                os.fsync(copy.fileno())
            half.replace(self.path / name)
        except OSError:
            half.unlink(missing_ok=True)
            raise

    def find(self, name: str, wanted: str = "") -> Path | None:  # noqa: ARG002 - see FileStore
        """Its path."""
        path = self.path / name
        return path if path.is_file() else None

    def listed(self) -> Iterator[tuple[str, datetime]]:
        """What lies in the folder, also what was never finished."""
        for path in self.path.glob("*"):
            if not (OWN_NAME.fullmatch(path.name) and path.is_file()):
                continue
            with suppress(FileNotFoundError):
                yield path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def remove(self, name: str) -> None:
        """Delete it."""
        (self.path / name).unlink(missing_ok=True)


def sweep_store(store: FileStore, reading: Reading, before: datetime) -> int:
    """Take away what no row names, if it came before a moment; says how much that was."""
    old = [name for name, came_at in store.listed() if came_at < before]
    known = _known(reading, old)
    gone = [name for name in old if name not in known]
    for name in gone:
        store.remove(name)
    if gone:
        log.info("files that nothing names were taken away", count=len(gone))
    return len(gone)


def missing(store: FileStore, reading: Reading) -> list[str]:
    """What a row names and the store does not have: it was lost, or is not there yet."""
    here = {name for name, _ in store.listed()}
    kept = reading.session.scalars(select(StoredFile.name).where(StoredFile.is_apart))
    return [name for name in kept if name not in here]


def _known(reading: Reading, names: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(names), 500):
        some = StoredFile.name.in_(names[start : start + 500])
        found.update(reading.session.scalars(select(StoredFile.name).where(some)))
    return found

"""What an installation keeps on the disk is for its own user alone: names, addresses, keys."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from core.settings import Settings

NOT_OURS = 0o077
"""What a umask leaves out: everything for the group and for others."""


def begin_private() -> None:
    """Whatever this process and its children write from now on is for their user alone."""
    os.umask(NOT_OURS)


def keep_private(settings: Settings) -> list[Path]:
    """Take the rights of everybody else off the data directory and what lies in it.

    Returns what was changed. Raises click.ClickException in production if something stays open.
    """
    found = open_to_others(settings)
    for path in found:
        with suppress(OSError):  # some disks keep no modes, or refuse to change them
            path.chmod(_mode(path) & ~NOT_OURS)
    still = [str(path) for path in open_to_others(settings)]
    if still and settings.env == "production":
        raise click.ClickException(
            f"others on this machine can read {', '.join(still)} "
            "(give it to the user that runs Staffroom, on a disk that keeps modes)"
        )
    return [path for path in found if str(path) not in still]


def open_to_others(settings: Settings) -> list[Path]:
    """What somebody else on this machine could read."""
    return [path for path in _kept(settings) if path.exists() and _mode(path) & NOT_OURS]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _kept(settings: Settings) -> Iterator[Path]:
    """A closed folder closes all that is in it; outbox and database may lie elsewhere."""
    folder = settings.data_dir
    yield folder
    if folder.exists() and _mode(folder) & NOT_OURS:
        yield folder / "secret-key"
        yield from folder.glob("*.db*")
    elsewhere = [settings.outbox, Path(settings.database.removeprefix("sqlite:///"))]
    yield from (path for path in elsewhere if folder.absolute() not in path.absolute().parents)

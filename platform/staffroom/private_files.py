"""What an installation keeps on the disk is for its own user alone: names, addresses, keys."""

import os
import stat
from collections.abc import Iterator
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

    Returns what had to be changed. Raises click.ClickException if it belongs to somebody else.
    """
    changed = open_to_others(settings)
    for path in changed:
        try:
            path.chmod(_mode(path) & ~NOT_OURS)
        except OSError as error:
            raise click.ClickException(
                f"{path} can be read by others on this machine: {error.strerror} "
                "(give it to the user that runs Staffroom)"
            ) from None
    return changed


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

"""The key that an installation makes for itself, where none is set."""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from core.errors import SettingsError

IS_KEY = re.compile(r"[^\s<>…]{32,}")


def own_key(folder: Path) -> str:
    """The key in a folder; made if there is none. Raises SettingsError if it is no key."""
    path = folder / "secret-key"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_key(path)
    if not IS_KEY.fullmatch(key := path.read_text("utf-8").strip()):
        raise SettingsError([f"{path}: is no key; delete it to have one made"])
    return key


def _write_key(path: Path) -> None:
    """Whole or not at all; of two processes that start at once, the first one's key counts."""
    partial = path.with_name(f"secret-key.{os.getpid()}")
    partial.touch(mode=0o600)
    partial.write_text(secrets.token_urlsafe(48), "utf-8")
    with suppress(FileExistsError):
        os.link(partial, path)
    partial.unlink()

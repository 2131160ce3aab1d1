"""Statements that are compiled once in a test process, not anew for each database that a test has:
a sixth of all the time that the tests took was spent on that."""

from collections.abc import MutableMapping
from functools import cache
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.util import LRUCache

import core.database

Key = tuple[Any, ...]


class Compiled(MutableMapping[Key, Any]):
    """Compiled statements by what they say and the kind of database, whichever engine asks."""

    def __init__(self) -> None:
        self._kept: LRUCache[Key, Any] = LRUCache(3000)

    def __getitem__(self, key: Key) -> Any:
        return self._kept[_without_engine(key)]

    def __setitem__(self, key: Key, compiled: Any) -> None:
        self._kept[_without_engine(key)] = compiled

    def __delitem__(self, key: Key) -> None:
        del self._kept[_without_engine(key)]

    def __iter__(self) -> Any:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _without_engine(key: Key) -> Key:
    """The key that SQLAlchemy makes begins with the dialect of one engine."""
    return (key[0].name, *key[1:])


@cache
def _all() -> Compiled:
    return Compiled()


def share(patch: pytest.MonkeyPatch) -> None:
    """Let every engine of this process use the same compiled statements."""

    def make(*given: Any, **more: Any) -> Engine:
        engine = create_engine(*given, **more)
        engine.update_execution_options(compiled_cache=_all())
        return engine

    patch.setattr(core.database, "create_engine", make)

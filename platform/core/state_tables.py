"""The states of a thing and the edges between them, as one table. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True)
class StateTable(Generic[State]):
    """The edges between the states of one thing; every state is named, ends with none."""

    edges: Mapping[State, frozenset[State]]

    def sources(self, target: State) -> tuple[State, ...]:
        """The states from which `target` may be reached."""
        return tuple(state for state, targets in self.edges.items() if target in targets)

    def targets(self, source: State) -> frozenset[State]:
        """The states that may be reached from `source`."""
        return self.edges[source]

    @property
    def check(self) -> str:
        """What a database checks of the column: one of these states, and nothing else."""
        return f"state IN ({', '.join(repr(str(state)) for state in self.edges)})"

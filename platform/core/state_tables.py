"""The states of a thing and the edges between them, as one table. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from core.actors import Who
from core.i18n import Message

State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True)
class StateTable(Generic[State]):
    """The edges between the states of one thing; every state is named, ends with none."""

    edges: Mapping[State, Collection[State]]
    begins: tuple[State, ...]
    """The states that a new one may have."""
    who: Mapping[State, Collection[Who]]
    """Who may take it to a state."""
    names: Mapping[State, Message] = field(default_factory=dict)
    """What people read about a state."""

    def sources(self, target: State) -> tuple[State, ...]:
        """The states from which `target` may be reached."""
        return tuple(state for state, targets in self.edges.items() if target in targets)

    def targets(self, source: State) -> frozenset[State]:
        """The states that may be reached from `source`."""
        return frozenset(self.edges[source])

    def drawing(self) -> str:
        """The table as a Mermaid state diagram, for the documentation."""
        lines = [f"    [*] --> {state}" for state in self.begins]
        for source, targets in self.edges.items():
            reached = (state for state in self.edges if state in targets)
            lines += [f"    {source} --> {to}: {' or '.join(self.who[to])}" for to in reached]
        return "\n".join(["stateDiagram-v2", *lines])

"""The order of what stands on the first page, below the sign-up. Pure.

What a new version brings stands where the default has it, until an owner moves it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.i18n import N_, Message

PART = "front"
BLOCKS: dict[str, Message] = {
    "letters": N_("The latest letter"),
    "recordings": N_("Listen in"),
    "question": N_("The question of the month"),
    "workshop": N_("Next workshop"),
    "shared": N_("Shared lately"),
    "frames": N_("Four ways to talk"),
    "who": N_("Who we are"),
}


@dataclass(frozen=True)
class Block:
    """One block of the first page."""

    name: str
    is_hidden: bool


def arranged(value: Mapping[str, Any]) -> list[Block]:
    """Every block, in the order of the community."""
    said = [name for name in value.get("order", ()) if name in BLOCKS]
    hidden = set(value.get("hidden", ()))
    return [Block(name, name in hidden) for name in _with_new_ones(said)]


def _with_new_ones(said: list[str]) -> list[str]:
    """Those that the order does not know, each after the one that is before it by default."""
    order = list(said)
    before = ""
    for name in BLOCKS:
        if name not in order:
            order.insert(order.index(before) + 1 if before else 0, name)
        before = name
    return order


def moved(value: Mapping[str, Any], name: str, by: int) -> Mapping[str, Any]:
    """The same with one block so many places further down; up where it is below zero."""
    blocks = arranged(value)
    order = [block.name for block in blocks]
    if name not in order:
        return value
    at = order.index(name)
    order.insert(min(max(at + by, 0), len(order) - 1), order.pop(at))
    return {**value, "order": order}


def shown(value: Mapping[str, Any], name: str, is_shown: bool) -> Mapping[str, Any]:
    """The same with one block shown, or hidden."""
    if name not in BLOCKS:
        return value
    hidden = {block.name for block in arranged(value) if block.is_hidden}
    kept = hidden - {name} if is_shown else hidden | {name}
    return {**value, "hidden": sorted(kept)}

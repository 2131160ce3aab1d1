"""Every table of states: whole, drawn in the documentation, and checked by the database."""

import importlib
from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint

from core.actors import Who
from core.database import Base
from core.errors import Refusal
from core.state_tables import StateTable
from core.transitions import edge
from library.models import Feed
from library.states import FEEDS, FeedState

ROOT = Path(__file__).resolve().parents[2]
MODULES = [
    ".".join(path.relative_to(ROOT / "platform").with_suffix("").parts)
    for path in sorted((ROOT / "platform").rglob("*.py"))
    if "StateTable(" in path.read_text("utf-8") and path.name != "state_tables.py"
]
TABLES: dict[str, StateTable[StrEnum]] = {
    name: value
    for module in MODULES
    for name, value in vars(importlib.import_module(module)).items()
    if isinstance(value, StateTable)
}
PAGE = (ROOT / "docs" / "states.md").read_text("utf-8")
CONTRIBUTIONS = "CONTRIBUTIONS"
"""Drawn on a page of its own, with what is done at each edge."""


def test_all_tables_are_found() -> None:
    assert len(TABLES) == 18


@pytest.mark.parametrize("name", TABLES)
def test_a_table_names_every_state_and_who_may_reach_it(name: str) -> None:
    table = TABLES[name]
    words = type(next(iter(table.edges)))
    assert set(table.edges) == set(table.who) == set(words)
    assert set(table.names) in (set(), set(words))
    reached = {to for targets in table.edges.values() for to in targets}
    assert reached | set(table.begins) == set(words)
    assert {state for state in words if table.who[state]} >= reached


@pytest.mark.parametrize("name", sorted(TABLES.keys() - {CONTRIBUTIONS}))
def test_its_drawing_in_the_documentation_is_the_table(name: str) -> None:
    assert f"```mermaid\n{TABLES[name].drawing()}\n```" in PAGE


def test_every_column_of_states_is_checked_by_the_database() -> None:
    columns = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name in ("state", "stage")
    }
    checked = {
        (table.name, str(check.sqltext).split()[0])
        for table in Base.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    assert columns - checked == set()


def test_nobody_walks_an_edge_that_is_not_theirs() -> None:
    with pytest.raises(Refusal):
        edge(Feed.state, FEEDS, FeedState.GONE, Who.ORGANISER)
    with pytest.raises(ValueError, match="no edge leads"):
        edge(Feed.state, FEEDS, FeedState.GONE, Who.WORKER, [FeedState.PAUSED])

"""Whether the links of the library still open: each is tried once a week, politely."""

import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import or_, select, update

from core.database import fixed
from core.jobs import UPKEEP, Job
from core.unit_of_work import UnitOfWork
from library.fetched import FetchProblem
from library.fetching import Fetcher
from library.models import Item
from library.states import ItemState

TRY_LINKS = Job("worker.jobs.try_links", UPKEEP)
EVERY = timedelta(days=7)
A_ROUND = 30
AT_ONCE = 4
HOST_SPACING = 1.0
"""Seconds between two links to one server."""

OpenWork = Callable[[], AbstractContextManager[UnitOfWork]]


@dataclass(frozen=True)
class Due:
    """A link that was not tried for a week."""

    item_id: int
    url: str


def try_due(open_work: OpenWork, fetcher: Fetcher, spacing: float = HOST_SPACING) -> int:
    """Try the links that are due, a round of them; says how many."""
    with open_work() as work:
        due = _claim(work)
    by_host: dict[str, list[Due]] = defaultdict(list)
    for one in due:
        by_host[_host(one.url)].append(one)

    def one_host(of_host: list[Due]) -> None:
        for number, one in enumerate(of_host):
            if number:
                time.sleep(spacing)
            _try(open_work, fetcher, one)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one_host, by_host.values()))
    return len(due)


def _claim(work: UnitOfWork) -> list[Due]:
    """The links whose week is over. Claimed first: of two workers only one tries each."""
    is_due = or_(Item.link_tried_at.is_(None), Item.link_tried_at <= work.now - EVERY)
    ids = (
        select(Item.id)
        .where(Item.state == fixed(ItemState.PUBLISHED), Item.url.like("http%"), is_due)
        .order_by(Item.id)
        .limit(A_ROUND)
    )
    rows = work.session.execute(
        update(Item)
        .where(Item.id.in_(ids), is_due)
        .values(link_tried_at=work.now)
        .returning(Item.id, Item.url)
        .execution_options(synchronize_session=False)
    )
    return [Due(item_id, url) for item_id, url in rows]


def _try(open_work: OpenWork, fetcher: Fetcher, due: Due) -> None:
    problem = None
    try:
        fetcher.reach(due.url)
    except FetchProblem as found:
        problem = None if found.is_shy else found
    with open_work() as work:
        _note(work, due, problem)


def _note(work: UnitOfWork, due: Due, problem: FetchProblem | None) -> None:
    """A link that was changed meanwhile is not blamed for the one before."""
    its = update(Item).where(Item.id == due.item_id, Item.url == due.url)
    if problem is None:
        work.session.execute(its.values(link_failures=0, link_problem="", link_values={}))
        return
    said = problem.message
    work.session.execute(
        its.values(
            link_failures=Item.link_failures + 1,
            link_problem=said.source,
            link_values=dict(said.values),
        )
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""

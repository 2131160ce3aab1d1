"""The pictures of recordings: fetched, made anew and served by us, so no reader is told on."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import select, update

from core.database import fixed
from core.pictures import Picture, remake
from core.stored_files import Checked, store
from core.unit_of_work import UnitOfWork
from library.fetched import FetchProblem
from library.fetching import Fetcher
from library.models import Item
from library.polling import FETCH_PICTURES
from library.states import ItemState

A_ROUND = 10
MOST_TRIES = 3
WIDEST = 800


def fetch_pictures(
    open_work: Callable[[], AbstractContextManager[UnitOfWork]], fetcher: Fetcher
) -> int:
    """Fetch the pictures of what is shown, the newest first. Returns how many were tried."""
    with open_work() as work:
        wanted = _claim(work)
        if len(wanted) == A_ROUND:
            work.wake(FETCH_PICTURES)
    for url in dict.fromkeys(wanted.values()):
        picture = _fetched(fetcher, url)
        if picture is not None:
            with open_work() as work:
                _keep(work, [item for item, its in wanted.items() if its == url], picture)
    return len(wanted)


def _claim(work: UnitOfWork) -> dict[int, str]:
    """Items whose picture is missing; each is tried three times at the most."""
    missing = (
        select(Item.id)
        .where(Item.state == fixed(ItemState.PUBLISHED), Item.picture == "")
        .where(Item.picture_url != "", Item.picture_tries < MOST_TRIES)
        .order_by(Item.published_at.desc())
        .limit(A_ROUND)
    )
    rows = work.session.execute(
        update(Item)
        .where(Item.id.in_(missing))
        .values(picture_tries=Item.picture_tries + 1)
        .returning(Item.id, Item.picture_url)
        .execution_options(synchronize_session=False)
    )
    return dict(rows.all())


def _fetched(fetcher: Fetcher, url: str) -> Picture | None:
    try:
        return remake(fetcher.fetch(url).body, WIDEST)
    except (FetchProblem, ValueError):
        return None


def _keep(work: UnitOfWork, items: list[int], picture: Picture) -> None:
    """One stored picture may serve many items: podcasts often have one for all episodes."""
    name = f"picture.{picture.extension}"
    checked = Checked(name, picture.extension, picture.media_type, picture.content)
    stored = store(work, checked)
    work.session.execute(update(Item).where(Item.id.in_(items)).values(picture=stored.name))

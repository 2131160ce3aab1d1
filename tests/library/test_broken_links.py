"""Links of the library are tried once a week; one that fails twice is said to be broken."""

from core.installation import Installation
from library import items, shelf
from library.broken_links import try_due
from library.fetching import Fetcher
from library.items import NewItem
from library.kinds import Boundary, ItemKind, Licence
from library.models import Item
from library.shelf import Sought, Standing
from tests.conftest import both_databases
from tests.support.feed_server import FeedServer
from tests.support.people import Browser, ShiftedClock


def _publish(installation: Installation, title: str, url: str) -> int:
    with installation.unit_of_work() as work:
        return items.publish(
            work,
            NewItem(
                kind=ItemKind.MATERIAL, title=title, summary="", body_html="", language="en",
                byline="", licence=Licence.THEIRS, boundary=Boundary.ANYONE, url=url,
            ),
        ).id  # fmt: skip


def _broken(installation: Installation) -> list[str]:
    with installation.reading() as work:
        found = shelf.look(work.session, Sought(standing=Standing.BROKEN))
        return [row.item.title for row in found.rows]


def _try(installation: Installation, fetcher: Fetcher) -> int:
    return try_due(installation.unit_of_work, fetcher, spacing=0)


@both_databases
def test_a_link_that_fails_twice_a_week_apart_is_broken_and_one_that_is_shy_is_not(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    _publish(installation, "Good", server.serve("/good", "x"))
    _publish(installation, "Gone", server.url("/nothing-here"))
    shy = server.url("/shy")
    server.pages["/shy"] = lambda _asked: (403, {}, b"")
    _publish(installation, "Shy", shy)
    _publish(installation, "No such host", "https://there-is-no-such-host.invalid/")
    assert _try(installation, fetcher) == 4
    assert _broken(installation) == [], "once says nothing"
    assert _try(installation, fetcher) == 0, "each once a week"
    clock.forward(days=7, minutes=1)
    assert _try(installation, fetcher) == 4
    assert sorted(_broken(installation)) == ["Gone", "No such host"]
    server.serve("/nothing-here", "it is back")
    clock.forward(days=7, minutes=1)
    _try(installation, fetcher)
    assert _broken(installation) == ["No such host"]


def test_what_became_of_a_link_is_said_on_the_page_of_the_thing(
    editor: Browser, installation: Installation, fetcher: Fetcher, server: FeedServer
) -> None:
    number = _publish(installation, "Gone", server.url("/nothing-here"))
    _try(installation, fetcher)
    said = editor.get(f"/organise/library/items/{number}").words(".problem")
    assert "There is nothing at this address (404)." in said


def test_only_what_is_shown_and_leads_elsewhere_is_tried(
    installation: Installation, fetcher: Fetcher
) -> None:
    _publish(installation, "A text", "")
    hidden = _publish(installation, "Hidden", "https://there-is-no-such-host.invalid/")
    with installation.unit_of_work() as work:
        work.session.get_one(Item, hidden).state = "hidden"
    assert _try(installation, fetcher) == 0

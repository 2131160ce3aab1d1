"""`staffroom feeds …`: looking at the library's feeds by hand."""

from typing import TYPE_CHECKING

import click

from staffroom.plainly import open_installation, plainly

if TYPE_CHECKING:
    from library.feeds import FeedStanding


@click.group()
def feeds() -> None:
    """The feeds of the library."""


@feeds.command("poll")
@plainly
def poll() -> None:
    """Look at every feed now, and tell how each is."""
    from library import polling
    from library.feeds import standing
    from library.fetching import make_fetcher

    installation = open_installation()
    fetcher = make_fetcher(installation.settings.base_url, installation.settings.feed_hosts)
    with installation.unit_of_work() as work:
        looks = polling.claim_feeds(work, polling.all_feeds(work))
    polling.poll_all(installation.unit_of_work, fetcher, looks)
    with installation.reading() as work:
        for one in standing(work.session):
            click.echo(_feed_line(one))


def _feed_line(one: "FeedStanding") -> str:
    from core.i18n import Message

    how = Message(one.feed.problem, one.feed.problem_values).text() if one.feed.problem else "well"
    state = how if one.feed.state == "active" else f"{one.feed.state}: {how}"
    return f"{one.feed.title or one.feed.url}: {one.items} items, {state}"

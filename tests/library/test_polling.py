"""Feeds are looked at when they are due, and what goes wrong with one disturbs no other."""

import io
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from PIL import Image
from sqlalchemy import select

from core.actors import Actor, Who
from core.errors import Refusal
from core.installation import Installation
from library import bulk, entries, feeds, items, polling, shelf, storing, thumbnails
from library.bulk import ManyAct, Wanted
from library.fetching import Fetcher
from library.items import Query
from library.models import Feed, Item
from library.shelf import Sought, Standing
from library.timing import EVERY, LATEST, next_look
from tests.conftest import both_databases
from tests.support.brought import picture
from tests.support.feed_server import FeedServer, episode, rss
from tests.support.people import Browser, ShiftedClock


@pytest.fixture(autouse=True)
def _no_spacing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "HOST_SPACING", 0.0)


def _add(installation: Installation, fetcher: Fetcher, url: str, itself: bool = True) -> int:
    with installation.reading() as work:
        preview = feeds.look_before_adding(fetcher, url, work.now)
    with installation.unit_of_work() as work:
        return feeds.add_feed(work, preview, "en", itself, None)


def _poll(installation: Installation, fetcher: Fetcher, clock: ShiftedClock) -> None:
    clock.forward(hours=2)
    polling.poll_due(installation.unit_of_work, fetcher)


def _feed(installation: Installation, feed_id: int) -> Feed:
    with installation.reading() as work:
        return work.session.get_one(Feed, feed_id)


def _titles(installation: Installation, words: str = "") -> list[str]:
    with installation.reading() as work:
        found = items.search(work.session, Query(words=words), is_member=False)
        return [item.title for item in found.items]


@both_databases
def test_new_episodes_appear_changed_ones_change_and_none_is_doubled(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    url = server.serve("/pod", rss(episode(1), episode(2)))
    feed_id = _add(installation, fetcher, url)
    _poll(installation, fetcher, clock)
    assert _titles(installation) == ["Episode 2", "Episode 1"]
    server.serve("/pod", rss(episode(1, "Renamed &amp; better"), episode(2), episode(3)))
    for _ in range(3):
        _poll(installation, fetcher, clock)
    assert _titles(installation) == ["Episode 3", "Episode 2", "Renamed & better"]
    assert _titles(installation, "renam bett") == ["Renamed & better"]
    assert _titles(installation, "episode 1") == ["Renamed & better"], "its summary says so"
    feed = _feed(installation, feed_id)
    assert (feed.failures, feed.problem, feed.title) == (0, "", "A podcast")


@both_databases
def test_a_feed_that_does_not_publish_itself_waits_for_a_click(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    _add(installation, fetcher, server.serve("/pod", rss(episode(1), episode(2))), itself=False)
    _poll(installation, fetcher, clock)
    assert _titles(installation) == []
    with installation.unit_of_work() as work:
        waiting = shelf.look(work.session, Sought(standing=Standing.WAITING))
        first = waiting.rows[0].item
        assert (waiting.count, waiting.rows[0].feed) == (2, "A podcast")
        assert bulk.do(work, [first.id], Wanted(ManyAct.SHOW)) == [first.id]
        assert bulk.do(work, [first.id], Wanted(ManyAct.SHOW)) == []
    assert len(_titles(installation)) == 1
    with installation.unit_of_work() as work:
        assert bulk.do(work, [first.id], Wanted(ManyAct.HIDE))
    _poll(installation, fetcher, clock)
    assert _titles(installation) == [], "what was left out stays out"


def test_an_unchanged_feed_costs_one_conditional_request(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    body = rss(episode(1)).encode()

    def answer(asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if asked.get("if-none-match") == '"v1"' and asked.get("if-modified-since") == "yesterday":
            return 304, {}, b""
        return 200, {"ETag": '"v1"', "Last-Modified": "yesterday"}, body

    server.pages["/pod"] = answer
    feed_id = _add(installation, fetcher, server.url("/pod"))
    for _ in range(3):
        _poll(installation, fetcher, clock)
    assert server.count("/pod") == 4
    assert server.asked[-1][1]["if-none-match"] == '"v1"'
    feed = _feed(installation, feed_id)
    assert feed.good_at
    assert feed.tried_at
    assert feed.good_at >= feed.tried_at


def test_failing_is_said_in_words_and_looked_at_less_and_less_often(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    feed_id = _add(installation, fetcher, server.serve("/pod", rss(episode(1))))
    _poll(installation, fetcher, clock)
    good_at = _feed(installation, feed_id).good_at
    server.serve("/pod", "<html><body>Parked</body></html>")
    waits = []
    for _ in range(7):
        clock.forward(hours=48)
        polling.poll_due(installation.unit_of_work, fetcher)
        feed = _feed(installation, feed_id)
        assert feed.tried_at
        waits.append(feed.next_at - feed.tried_at)
    assert "not a feed" in feed.problem
    assert feed.good_at == good_at
    assert timedelta(hours=1.7) < waits[0] < timedelta(hours=2.3)
    assert waits[-1] >= LATEST * 0.9
    assert _titles(installation) == ["Episode 1"], "what is there stays there"
    server.serve("/pod", rss(episode(1)))
    clock.forward(hours=48)
    polling.poll_due(installation.unit_of_work, fetcher)
    assert (_feed(installation, feed_id).failures, _feed(installation, feed_id).problem) == (0, "")


def test_a_server_that_asks_for_patience_gets_it(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    feed_id = _add(installation, fetcher, server.serve("/pod", rss(episode(1))))
    server.serve("/pod", "", status=429, Retry_After=str(3 * 24 * 3600))
    _poll(installation, fetcher, clock)
    feed = _feed(installation, feed_id)
    assert feed.tried_at
    assert feed.next_at - feed.tried_at > timedelta(days=2.5)


def test_a_feed_that_is_gone_for_good_is_not_looked_at_until_somebody_says_so(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    feed_id = _add(installation, fetcher, server.serve("/pod", rss(episode(1))))
    server.serve("/pod", "", status=410)
    for _ in range(3):
        _poll(installation, fetcher, clock)
    assert (_feed(installation, feed_id).state, server.count("/pod")) == ("gone", 2)
    server.serve("/pod", rss(episode(1)))
    with installation.unit_of_work() as work:
        feeds.resume_feed(work, feed_id, Actor(None, Who.ORGANISER))
    polling.poll_due(installation.unit_of_work, fetcher)
    assert _titles(installation) == ["Episode 1"]


def test_a_permanent_move_is_believed_the_third_time(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    feed_id = _add(installation, fetcher, server.serve("/old", rss(episode(1))))
    server.serve("/new", rss(episode(1)))
    server.serve("/old", "", status=301, Location="/new")
    for _ in range(2):
        _poll(installation, fetcher, clock)
    assert _feed(installation, feed_id).url == server.url("/old")
    _poll(installation, fetcher, clock)
    assert _feed(installation, feed_id).url == server.url("/new")
    server.serve("/new", "", status=302, Location="/elsewhere")
    server.serve("/elsewhere", rss(episode(1)))
    for _ in range(4):
        _poll(installation, fetcher, clock)
    assert _feed(installation, feed_id).url == server.url("/new")


@both_databases
def test_a_feed_that_dies_disturbs_no_other(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    bad = _add(installation, fetcher, server.serve("/bad", rss(episode(1), title="Bad")))
    good = _add(installation, fetcher, server.serve("/good", rss(episode(2), title="Good")))

    def fault(_asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        raise ConnectionResetError

    server.pages["/bad"] = fault
    _poll(installation, fetcher, clock)
    assert _titles(installation) == ["Episode 2"]
    assert _feed(installation, bad).failures == 1
    assert _feed(installation, good).failures == 0


@both_databases
def test_two_workers_never_look_at_one_feed_at_once(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    _add(installation, fetcher, server.serve("/pod", rss(episode(1))))
    clock.forward(hours=2)
    with installation.unit_of_work() as work:
        first = polling.claim_due(work, 10)
    with installation.unit_of_work() as work:
        assert (len(first), polling.claim_due(work, 10)) == (1, [])
    clock.forward(minutes=11)
    with installation.unit_of_work() as work:
        assert len(polling.claim_due(work, 10)) == 1, "a worker that died costs one look"


def test_one_host_does_not_take_the_whole_round(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    for n in range(10):
        _add(installation, fetcher, server.serve(f"/{n}", rss(episode(n), title=f"Pod {n}")))
    clock.forward(hours=2)
    rounds = [polling.poll_due(installation.unit_of_work, fetcher) for _ in range(4)]
    assert rounds == [4, 4, 2, 0]


def test_one_host_is_asked_one_thing_at_a_time(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    for n in range(4):
        _add(installation, fetcher, server.serve(f"/{n}", rss(episode(n), title=f"Pod {n}")))
    server.most_at_once = 0
    _poll(installation, fetcher, clock)
    assert server.most_at_once == 1
    assert len(_titles(installation)) == 4


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_five_thousand_items_are_stored_and_found(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    body = rss(*(episode(n, f"Part {n} of many") for n in range(5000)))
    _add(installation, fetcher, server.serve("/pod", body))
    _poll(installation, fetcher, clock)
    with installation.reading() as work:
        assert len(work.session.scalars(select(Item.id)).all()) == 5000
        assert len(set(work.session.scalars(select(Item.slug)))) == 5000
    assert _titles(installation, "part 4711") == ["Part 4711 of many"]


def test_a_page_leads_to_the_feed_that_it_names(
    installation: Installation, fetcher: Fetcher, server: FeedServer
) -> None:
    server.serve("/feed.xml", rss(episode(1)))
    link = '<link rel="alternate" type="application/rss+xml" href="feed.xml">'
    page = server.serve("/", f"<html><head>{link}", "text/html")
    with installation.reading() as work:
        preview = feeds.look_before_adding(fetcher, page, work.now)
    assert (preview.url, len(preview.feed.entries)) == (server.url("/feed.xml"), 1)
    empty = server.serve("/empty", "<html><body>Nothing here</body></html>", "text/html")
    with pytest.raises(Refusal, match="not a feed"):
        feeds.look_before_adding(fetcher, empty, preview.feed.entries[0].dated_at)


@pytest.mark.parametrize(
    ("typed", "feed"),
    [
        ("https://www.youtube.com/channel/UC123", "?channel_id=UC123"),
        ("https://youtube.com/channel/UC123/videos", "?channel_id=UC123"),
        ("https://www.youtube.com/playlist?list=PL9", "?playlist_id=PL9"),
    ],
)
def test_a_video_channel_leads_to_its_feed(typed: str, feed: str) -> None:
    assert feeds.feed_of_channel(typed) == f"https://www.youtube.com/feeds/videos.xml{feed}"


def test_a_feed_that_we_have_is_not_added_twice(
    installation: Installation, fetcher: Fetcher, server: FeedServer
) -> None:
    url = server.serve("/pod", rss(episode(1)))
    _add(installation, fetcher, url)
    with pytest.raises(Refusal, match="already"):
        _add(installation, fetcher, url)


def test_pictures_are_made_anew_and_served_by_us(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), "red").save(out, "JPEG", comment=b"secret place")
    server.serve("/p.jpg", out.getvalue(), "image/jpeg")
    server.serve("/bad.jpg", "<svg onload=alert(1)>", "image/svg+xml")
    good = episode(1).replace("</item>", f'<itunes:image href="{server.url("/p.jpg")}"/></item>')
    bad = episode(2).replace("</item>", f'<itunes:image href="{server.url("/bad.jpg")}"/></item>')
    _add(installation, fetcher, server.serve("/pod", rss(good, bad)))
    _poll(installation, fetcher, clock)
    for _ in range(5):
        thumbnails.fetch_pictures(installation.unit_of_work, fetcher)
    assert server.count("/bad.jpg") == 3, "three tries and no more"
    with Browser.of(installation) as visitor:
        page = visitor.get("/library/episode-1").text
        name = page.partition("/pictures/")[2].partition('"')[0]
        picture = visitor.client.get(f"/pictures/{name}")
        assert "/pictures/" not in visitor.get("/library/episode-2").text
    assert picture.headers["content-type"] == "image/jpeg"
    assert b"secret place" not in picture.content
    assert max(Image.open(io.BytesIO(picture.content)).size) == 800


@both_databases
def test_a_feed_whose_picture_is_a_web_page_says_so_until_it_is_mended(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock,
    editor: Browser,
) -> None:  # fmt: skip
    server.serve("/page", "<html><body>Our pictures</body></html>", "text/html")
    image = '<itunes:image href="{}"/></item>'
    wrong = [episode(n).replace("</item>", image.format(server.url("/page"))) for n in (1, 2)]
    feed_id = _add(installation, fetcher, server.serve("/pod", rss(*wrong)))
    _poll(installation, fetcher, clock)
    feed = f"/organise/library/feeds/{feed_id}"
    assert "did not come" not in editor.get(feed).text
    for _ in range(4):
        thumbnails.fetch_pictures(installation.unit_of_work, fetcher)
    assert "The pictures of 2 entries did not come" in editor.get(feed).words(".hint")
    assert editor.get("/library").each(".card h2") == ["Episode 2", "Episode 1"], "nothing is lost"
    server.serve("/p.png", picture(), "image/png")
    right = [episode(n).replace("</item>", image.format(server.url("/p.png"))) for n in (1, 2)]
    server.serve("/pod", rss(*right))
    clock.forward(hours=2)
    _poll(installation, fetcher, clock)
    thumbnails.fetch_pictures(installation.unit_of_work, fetcher)
    assert "did not come" not in editor.get(feed).text
    assert len(editor.get("/library").attributes(".card img[src^='/pictures/']", "src")) == 2


def test_the_picture_of_a_whole_podcast_is_tried_anew_when_it_is_mended(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock,
    editor: Browser,
) -> None:  # fmt: skip
    server.serve("/page", "<html></html>", "text/html")
    server.serve("/p.png", picture(), "image/png")

    def podcast(path: str) -> str:
        image = f'<channel><itunes:image href="{server.url(path)}"/>'
        return rss(episode(1), episode(2)).replace("<channel>", image)

    feed_id = _add(installation, fetcher, server.serve("/pod", podcast("/page")))
    _poll(installation, fetcher, clock)
    for _ in range(3):
        thumbnails.fetch_pictures(installation.unit_of_work, fetcher)
    editor.post("/organise/library/items/1/hide")
    page = editor.get(f"/organise/library/feeds/{feed_id}")
    assert "The picture of 1 entry did not come" in page.words(".hint"), "of what is shown"
    server.serve("/pod", podcast("/p.png"))
    clock.forward(hours=2)
    _poll(installation, fetcher, clock)
    thumbnails.fetch_pictures(installation.unit_of_work, fetcher)
    assert "did not come" not in editor.get(f"/organise/library/feeds/{feed_id}").text


def test_waiting_grows_to_a_day_and_is_spread() -> None:
    assert next_look(0, None, 0.5) == EVERY
    assert next_look(0, None, 0.0) < EVERY < next_look(0, None, 1.0)
    assert next_look(3, None, 0.5) == 8 * EVERY
    assert next_look(50, None, 0.5) == LATEST
    assert next_look(1, 10**9, 0.5) == timedelta(days=7)
    assert next_look(1, 10, 0.5) == 2 * EVERY


def test_nothing_is_fetched_of_a_feed_that_is_paused(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    feed_id = _add(installation, fetcher, server.serve("/pod", rss(episode(1))))
    with installation.unit_of_work() as work:
        feeds.pause_feed(work, feed_id, Actor(None, Who.ORGANISER))
        feeds.look_now(work, feed_id)
    _poll(installation, fetcher, clock)
    assert server.count("/pod") == 1


def test_the_command_looks_at_every_feed_and_tells_how_each_is(
    installation: Installation,
    fetcher: Fetcher,
    server: FeedServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from click.testing import CliRunner

    from staffroom import feeds_command
    from staffroom.command import staffroom

    _add(installation, fetcher, server.serve("/good", rss(episode(1), title="Good")))
    _add(installation, fetcher, server.serve("/bad", rss(episode(2), title="Bad")))
    server.serve("/bad", "", status=500)
    settings = installation.settings.model_copy(update={"feed_hosts": (server.host,)})
    with_host = replace(installation, settings=settings)
    monkeypatch.setattr(feeds_command, "open_installation", lambda: with_host)
    said = CliRunner().invoke(staffroom, ["feeds", "poll"], catch_exceptions=False).output
    assert "Good: 1 items, well" in said
    assert "Bad: 0 items, The server answered with an error (500)." in said


HOSTILE = {
    "half a character": '{"version":"https://jsonfeed.org/version/1","title":"\\ud800",'
    '"items":[{"id":"1","title":"Kept \\ud800","tags":["\\ud800"]}]}',
    "nothing in a type": '{"version":"https://jsonfeed.org/version/1","title":"T","items":[{"id":'
    '"1","title":"Kept","attachments":[{"mime_type":"audio/\\u0000x","url":"https://a.example"}]}]}',
    "a link for a title": '{"version":"https://jsonfeed.org/version/1","title":"T","items":[{"id":'
    '"1","url":"https://a.example/' + "x" * 1000 + '"},{"id":"2","title":"Kept"}]}',
    "tags without an end": rss(f"<item><title>Kept {'&lt;br' * 20_000}</title></item>"),
    "forbidden characters": rss("<item><title>Kept &#xFFFE;</title><guid>1</guid></item>"),
}


@both_databases
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_feed_is_read_or_named_and_disturbs_nobody(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock, name: str
) -> None:
    bad = _add(installation, fetcher, server.serve("/bad", rss(episode(1), title="Bad")))
    _add(installation, fetcher, server.serve("/good", rss(episode(2), title="Good")))
    server.serve("/bad", HOSTILE[name])
    _poll(installation, fetcher, clock)
    titles = _titles(installation)
    assert "Episode 2" in titles
    feed = _feed(installation, bad)
    assert feed.problem or any("Kept" in title for title in titles)
    with Browser.of(installation) as visitor:
        ElementTree.fromstring(visitor.get("/library/feed.atom").text)  # noqa: S314 - our own


def test_a_redirect_to_nonsense_is_named_and_disturbs_nobody(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    bad = _add(installation, fetcher, server.serve("/bad", rss(episode(1), title="Bad")))
    _add(installation, fetcher, server.serve("/good", rss(episode(2), title="Good")))
    server.serve("/bad", "", status=302, Location="http://[")
    _poll(installation, fetcher, clock)
    assert "not an address" in _feed(installation, bad).problem
    assert _titles(installation) == ["Episode 2"]


@both_databases
def test_titles_that_are_all_alike_get_pages_of_their_own_again_and_again(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    """Seen before: 27 seconds in the write transaction at the second look."""
    ids = 0
    feed = server.serve("/pod", rss(episode(1)))
    _add(installation, fetcher, feed)
    for _ in range(4):
        ids += 400
        entries = (
            f"<item><title>日本</title><guid>{n}</guid></item>" for n in range(ids, ids + 400)
        )
        server.serve("/pod", rss(*entries))
        _poll(installation, fetcher, clock)
    with installation.reading() as work:
        assert len(set(work.session.scalars(select(Item.slug)))) == 1600


def test_a_feed_that_invents_entries_without_end_is_cut(
    installation: Installation,
    fetcher: Fetcher,
    server: FeedServer,
    clock: ShiftedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(storing, "MOST_ITEMS", 30)
    _add(installation, fetcher, server.serve("/pod", rss(episode(0))))
    for start in (0, 100, 200):
        server.serve("/pod", rss(*(episode(n) for n in range(start, start + 20))))
        _poll(installation, fetcher, clock)
    with installation.reading() as work:
        assert len(work.session.scalars(select(Item.id)).all()) == 30


def test_a_feed_that_would_take_minutes_is_named_and_the_round_goes_on(
    installation: Installation,
    fetcher: Fetcher,
    server: FeedServer,
    clock: ShiftedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """80,000 attributes in 869 kB took feedparser 88 seconds."""
    url = server.serve("/slow.xml", rss(episode(1)))
    slow = _add(installation, fetcher, url)
    good = _add(installation, fetcher, server.serve("/good.xml", rss(episode(2))))
    attributes = " ".join(f'a{n}="x"' for n in range(80_000))
    body = f'<rss version="2.0"><channel><title>t</title><item {attributes}/></channel></rss>'
    server.serve("/slow.xml", body)
    short = replace(entries.FEED_LIMITS, processor=2, seconds=6.0)
    monkeypatch.setattr(entries, "FEED_LIMITS", short)
    _poll(installation, fetcher, clock)
    assert "more time or memory" in _feed(installation, slow).problem
    assert _feed(installation, good).problem == ""
    assert len(_titles(installation)) == 1

"""Transcripts and chapters: read from what podcasts have, fetched once, shown, found again."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from core.confined import Unfit
from core.installation import Installation
from library.fetching import Fetcher
from library.items import set_topics
from library.models import WORDS, Item
from library.searching import MOST_BYTES, MOST_DIFFERENT
from library.transcribing import fetch_due, write
from library.transcripts import (
    Chapter,
    Line,
    NoChapter,
    chapters_of_json,
    chapters_typed,
    line_with,
    lines_kept,
    lines_of,
    lines_written,
    read_here,
)
from tests.conftest import both_databases
from tests.library.test_polling import _add, _poll
from tests.support import brought
from tests.support.feed_server import FeedServer, rss
from tests.support.people import Browser, ShiftedClock

VTT = """WEBVTT

NOTE made by hand

1
00:00:01.000 --> 00:00:03.000
<v Anna>Good morning,

00:00:03.000 --> 00:00:05.000 align:start
<v Anna>Rosa.</v>

00:01:05.500 --> 00:01:09.000
<v.loud Rosa Dubois>Is it? &amp; <i>why</i>
"""
SRT = """1
00:00:01,000 --> 00:00:03,000
Anna: Good morning, Rosa.

2
00:01:05,500 --> 00:01:09,000
Rosa Dubois: Is it? & why
"""
SAID = [Line(1, "Anna", "Good morning, Rosa."), Line(65, "Rosa Dubois", "Is it? & why")]
JSON = json.dumps(
    {
        "version": "1.0.0",
        "segments": [
            {"speaker": "Anna", "startTime": 1.2, "endTime": 3, "body": "Good morning,"},
            {"speaker": "Anna", "startTime": 3.2, "endTime": 5, "body": "Rosa."},
            {"speaker": "Rosa Dubois", "startTime": 65, "body": "Is it? & why"},
            {"body": 7},
            "nonsense",
        ],
    }
)


@pytest.mark.parametrize("text", [VTT, SRT, JSON, VTT.replace("\n", "\r\n"), "\ufeff" + SRT])
def test_what_is_said_is_the_same_in_every_form(text: str) -> None:
    assert lines_of(text.removeprefix("\ufeff")) == SAID


def test_plain_words_have_no_times() -> None:
    assert lines_of("Anna: Good morning.\n\nAnd a line\nof no one.") == [
        Line(None, "Anna", "Good morning."),
        Line(None, "", "And a line of no one."),
    ]
    assert lines_of("<p>Anna: Hi</p><p>Bye <script>x</script></p>")[0] == Line(None, "Anna", "Hi")


@pytest.mark.parametrize("text", ["", "WEBVTT", "{}", '{"segments": 7}', "\n\n\n"])
def test_what_says_nothing_is_no_transcript(text: str) -> None:
    assert lines_of(text) == []
    with pytest.raises(Unfit):
        read_here(text.encode(), "transcript")


def test_a_transcript_is_written_so_that_it_can_be_read_again() -> None:
    kept = [vars(one) for one in SAID]
    assert lines_of(lines_written(kept)) == SAID
    mixed = [*SAID, Line(None, "Rosa", "Later.")]
    assert lines_of(lines_written([vars(one) for one in mixed]))[-1].words == "Later."
    assert lines_kept(kept) == SAID


def test_chapters_come_as_json_or_are_typed() -> None:
    listed = {
        "chapters": [
            {"startTime": 0, "title": "Hello"},
            {"startTime": 65.9, "title": " The  silence "},
            {"startTime": 70, "title": "not in the list", "toc": False},
            {"startTime": -1, "title": "before"},
            {"startTime": "x", "title": "no time"},
            {"startTime": 80},
        ]
    }
    expected = [Chapter(0, "Hello"), Chapter(65, "The silence")]
    assert chapters_of_json(json.dumps(listed)) == expected
    assert chapters_typed("1:05 The silence\n\n0:00 Hello\n") == expected
    for line in ("nothing", "1:70 Nonsense", "12:30"):
        with pytest.raises(NoChapter, match=line):
            chapters_typed(f"0:00 Hello\n{line}\n")
    assert chapters_typed("1:02:03 Late") == [Chapter(3723, "Late")]
    for nonsense in ("", "[]", '{"chapters": 7}', "{" * 5000, '{"chapters": [7]}'):
        with pytest.raises(Unfit):
            chapters_of_json(nonsense)


def _episode(server: FeedServer) -> str:
    return (
        "<item><title>Talk</title><guid>t1</guid><link>https://pod.example/1</link>"
        '<enclosure url="https://pod.example/1.mp3" type="audio/mpeg" length="1"/>'
        f'<podcast:transcript url="{server.url("/1.vtt")}" type="text/vtt"/>'
        f'<podcast:chapters url="{server.url("/1.json")}" type="application/json+chapters"/>'
        "</item>"
    )


def _podcast(server: FeedServer) -> str:
    space = 'xmlns:podcast="https://podcastindex.org/namespace/1.0"'
    return rss(_episode(server)).replace("<rss ", f"<rss {space} ", 1)


@both_databases
def test_what_a_podcast_has_beside_an_episode_is_fetched_once_and_shown(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    server.serve("/1.vtt", VTT, "text/vtt")
    server.serve("/1.json", '{"chapters": [{"startTime": 65, "title": "Why"}]}')
    _add(installation, fetcher, server.serve("/pod", _podcast(server)))
    _poll(installation, fetcher, clock)
    assert fetch_due(installation.unit_of_work, fetcher) == 1
    assert fetch_due(installation.unit_of_work, fetcher) == 0
    assert server.count("/1.vtt") == 1
    with Browser.of(installation) as visitor:
        page = visitor.get("/library/talk")
        assert "1:05 Why" in page.words(".chapters")
        assert "Anna Good morning, Rosa." in page.words(".transcript")
        assert page.each("button[data-at]") == [], "nothing plays before somebody asks"


@both_databases
def test_a_transcript_that_does_not_come_is_tried_three_times(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    server.serve("/1.json", "<html>nonsense</html>")
    _add(installation, fetcher, server.serve("/pod", _podcast(server)))
    _poll(installation, fetcher, clock)
    tried = [fetch_due(installation.unit_of_work, fetcher) for _ in range(5)]
    assert tried == [1, 1, 1, 0, 0]
    server.serve("/2.vtt", VTT)
    server.serve("/pod", _podcast(server).replace("/1.vtt", "/2.vtt"))
    clock.forward(hours=2)
    _poll(installation, fetcher, clock)
    assert fetch_due(installation.unit_of_work, fetcher) == 1, "a new address counts anew"
    with Browser.of(installation) as visitor:
        assert "Good morning" in visitor.get("/library/talk").text


def test_what_an_organiser_wrote_is_not_fetched_over(
    editor: Browser, installation: Installation, fetcher: Fetcher, server: FeedServer,
    clock: ShiftedClock,
) -> None:  # fmt: skip
    server.serve("/1.vtt", VTT)
    server.serve("/1.json", '{"chapters": []}')
    _add(installation, fetcher, server.serve("/pod", _podcast(server)))
    _poll(installation, fetcher, clock)
    editor.post("/organise/library/items/1/transcript", {"transcript": "Anna: Mine."})
    server.serve("/2.vtt", VTT)
    server.serve("/pod", _podcast(server).replace("/1.vtt", "/2.vtt"))
    clock.forward(hours=2)
    _poll(installation, fetcher, clock)
    assert fetch_due(installation.unit_of_work, fetcher) == 0
    with Browser.of(installation) as visitor:
        assert "Mine." in visitor.get("/library/talk").words(".transcript")


def test_a_bad_address_of_chapters_keeps_no_transcript_away(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    server.serve("/1.vtt", VTT)
    _add(installation, fetcher, server.serve("/pod", _podcast(server)))
    _poll(installation, fetcher, clock)
    fetch_due(installation.unit_of_work, fetcher)
    with Browser.of(installation) as visitor:
        assert "Good morning" in visitor.get("/library/talk").words(".transcript")


@both_databases
def test_a_recording_is_found_by_what_is_said_in_it(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    server.serve("/1.vtt", VTT)
    server.serve("/1.json", json.dumps({"chapters": [{"startTime": 0, "title": "Overture"}]}))
    _add(installation, fetcher, server.serve("/pod", _podcast(server)))
    _poll(installation, fetcher, clock)
    with Browser.of(installation) as visitor:
        assert visitor.get("/search?q=morning").each("h3") == []
        fetch_due(installation.unit_of_work, fetcher)
        page = visitor.get("/search?q=talk+morn")
        assert page.each("h3") == ["Talk"]
        assert page.each("mark") == ["Talk", "morning"]
        assert page.words(".letters").endswith("0:01 Anna: Good morning, Rosa.")
        assert page.attributes(".letters a", "href") == ["/library/talk#said-1"]
        assert visitor.get("/library/talk").words("#said-1") == "0:01 Anna Good morning, Rosa."
        assert visitor.get("/search?q=overture").each("h3") == ["Talk"], "by a chapter"
        assert visitor.get("/library?words=morning").each(".card h3, .card h2") == ["Talk"]
        server.serve("/pod", _podcast(server).replace("<title>Talk", "<title>Talked"))
        clock.forward(hours=2)
        _poll(installation, fetcher, clock)
        assert visitor.get("/search?q=morning").each("h3") == ["Talked"], "still, with new words"


def test_what_is_written_and_taken_away_is_found_and_not_found(editor: Browser) -> None:
    upload = [("files", ("Talk.mp3", brought.mp3(60)))]
    editor.post("/organise/library/files", {"publish": "1"}, files=upload)
    act = "/organise/library/items/1/transcript"
    editor.post(act, {"transcript": "Anna: A persimmon."})
    assert editor.get("/search?q=persimm").each("h3") == ["Talk"]
    editor.post(act, {"transcript": "", "chapters": ""})
    assert editor.get("/search?q=persimm").each("h3") == []


@both_databases
def test_ten_hours_of_nothing_but_different_words_are_taken(
    installation: Installation, editor: Browser
) -> None:
    upload = [("files", ("Talk.mp3", brought.mp3(60)))]
    editor.post("/organise/library/files", {"publish": "1"}, files=upload)
    long = [f"{number:x}" + "語" * 50 for number in range(25_000)]
    short = [f"{number:x}" for number in range(100_000)]
    for words, least in ((long, MOST_BYTES - 200), (short, 4 * MOST_DIFFERENT)):
        said = [" ".join(words[n : n + 30]) for n in range(0, len(words), 30)]
        with installation.unit_of_work() as work:
            write(work, 1, "\n\n".join(said), "")
        with installation.reading() as work:
            kept = work.session.scalar(select(WORDS.c.words)) or ""
        assert least < len(kept.encode()) <= MOST_BYTES
        assert len(kept.split()) <= MOST_DIFFERENT
    assert len(kept.split()) == MOST_DIFFERENT
    assert editor.get("/search?q=talk").each("h3") == ["Talk"]


def test_what_cannot_be_read_as_a_transcript_is_said_and_kept(editor: Browser) -> None:
    upload = [("files", ("Talk.mp3", brought.mp3(60)))]
    editor.post("/organise/library/files", {"publish": "1"}, files=upload)
    act = "/organise/library/items/1/transcript"
    for typed, field in (
        ({"transcript": "WEBVTT"}, "transcript"),
        ({"chapters": "x"}, "chapters"),
        ({"chapters": "0:00 Hello\n5:00 Too late"}, "chapters"),
    ):
        page = editor.post(act, typed)
        assert page.status == 422
        assert page.attributes("[aria-invalid]", "name") == [field]
        assert page.field(field) == typed[field]
    kept = editor.post(act, {"transcript": "{music} Anna: Good morning."})
    assert "What is said is kept" in kept.words(".done")


def test_an_organiser_writes_what_is_said_and_a_visitor_jumps_there(
    editor: Browser, installation: Installation
) -> None:
    upload = [("files", ("Talk.mp3", brought.mp3(120)))]
    editor.post("/organise/library/files", {"publish": "1"}, files=upload)
    page = editor.post(
        "/organise/library/items/1/transcript",
        {"transcript": VTT, "chapters": "0:00 Hello\n1:05 Why"},
    )
    assert "What is said is kept" in page.words(".done")
    assert page.field("chapters") == "00:00 Hello\n01:05 Why"
    shown = editor.get("/library/talk")
    assert shown.attributes("button[data-at]", "data-at") == ["0", "65", "1", "65"]
    editor.post("/organise/library/items/1/transcript", {"transcript": "", "chapters": ""})
    assert "What is said" not in editor.get("/library/talk").text
    with installation.reading() as work:
        assert work.session.get_one(Item, 1).is_recording


def test_a_search_leads_to_the_line_with_most_of_its_words_whoever_says_it() -> None:
    lines = [Line(0, "Anna", "What do you think?"), Line(5, "Rosa", "The red pen, what else?"),
             Line(9, "Rosa", "What a pen.")]  # fmt: skip
    assert line_with(lines, ["what", "pen"]) == (2, lines[1])
    assert line_with(lines, ["rosa"]) == (2, lines[1])
    assert line_with(lines, ["blue"]) is None


@both_databases
def test_a_recording_is_given_topics_while_its_transcript_comes(
    editor: Browser, installation: Installation
) -> None:
    upload = [("files", ("Talk.mp3", brought.mp3(60)))]
    editor.post("/organise/library/files", {"publish": "1"}, files=upload)
    both = Barrier(2)

    def hear(number: int) -> None:
        both.wait(20)
        with installation.unit_of_work() as work:
            write(work, 1, f"Anna: Word{number}.", "")

    def tidy(number: int) -> None:
        both.wait(20)
        with installation.unit_of_work() as work:
            set_topics(work.session, work.session.get_one(Item, 1), [f"Topic{number}"])

    for number in range(12):
        with ThreadPoolExecutor(2) as pool:
            at_once = [pool.submit(act, number) for act in (hear, tidy)]
        for one in at_once:
            one.result()
        found = editor.get(f"/search?q=word{number}+topic{number}").each("h3")
        assert found == ["Talk"], number

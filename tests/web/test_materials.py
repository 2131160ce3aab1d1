"""Files in the library through the front door: brought, looked into, shown, replaced, given out."""

import io
import os
from datetime import timedelta

import pytest
from PIL import Image

from core.installation import Installation
from core.pictures import size_of
from library.models import Item
from mail.delivering import Sender
from tests.conftest import both_databases
from tests.support import brought
from tests.support.people import BEGIN, Browser, Page
from worker.jobs import Equipment, equip, sweep_files

FILES = "/organise/library/files"


def _bring(editor: Browser, name: str, content: bytes, **said: str) -> Page:
    return editor.post(FILES, {"publish": "1", **said}, files=[("files", (name, content))])


def _items(installation: Installation) -> list[Item]:
    with installation.reading() as work:
        return list(work.session.query(Item).order_by(Item.id))


@both_databases
def test_slides_are_brought_in_shown_and_given_out(
    editor: Browser, installation: Installation
) -> None:
    content = brought.pdf(3)
    _bring(editor, "asking_well-2024.pdf", content, topics="Questions, Listening", byline="Rosa")
    [item] = _items(installation)
    assert (item.title, item.year, item.pages, item.byline) == ("asking well 2024", 2024, 3, "Rosa")
    with Browser.of(installation) as stranger:
        page = stranger.get(f"/library/{item.slug}")
        assert "PDF · 3 pages" in page.words("article")
        assert "Questions" in page.words("article")
        address = page.attribute("article a.button", "href")
        given = stranger.client.get(address)
        assert given.content == content
        assert given.headers["content-type"] == "application/pdf"
        assert given.headers["content-disposition"].startswith(
            "attachment; filename*=UTF-8''asking"
        )
        assert given.headers["x-content-type-options"] == "nosniff"
        preview = stranger.client.get(f"/pictures/{item.picture}")
        assert size_of(preview.content) == (1200, 675), "the first page, as it looks"


def test_a_part_of_a_file_is_given_to_whoever_asks_for_a_part(
    editor: Browser, installation: Installation
) -> None:
    content = brought.wav(2)
    _bring(editor, "a.wav", content)
    address = f"/library/{_items(installation)[0].slug}/file.wav"
    part = editor.client.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(content)}"
    head = editor.client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(content))
    assert editor.client.get(address, headers={"Range": "bytes=99999999-"}).status_code == 416


@pytest.mark.parametrize(
    ("name", "content", "pages", "has_picture"),
    [
        ("Opening.pptx", brought.pptx(), None, True),
        ("Bare.pptx", brought.pptx(with_thumbnail=False), None, False),
        ("Opening.odp", brought.odp(), None, True),
        ("Map.png", brought.picture(), None, True),
        ("Notes.md", b"# Notes\n\nof a talk", None, False),
        ("Talk.mp3", brought.mp3(61), None, False),
        ("Talk.wav", brought.wav(), None, False),
        ("Sheet.pdf", b"\n\n" + brought.pdf() + bytes(40), 1, True),
    ],
)
def test_every_kind_that_teachers_have_is_taken(
    editor: Browser,
    installation: Installation,
    name: str,
    content: bytes,
    pages: int | None,
    has_picture: bool,
) -> None:
    _bring(editor, name, content)
    [item] = _items(installation)
    assert (item.title, item.pages, bool(item.picture)) == (
        name.partition(".")[0],
        pages,
        has_picture,
    )
    assert item.is_recording is name.startswith("Talk")
    assert (item.seconds or 0) >= (60 if name == "Talk.mp3" else 0)
    page = editor.get(f"/library/{item.slug}")
    assert page.status == 200
    assert bool(page.each("audio")) is item.is_recording


BAD = {
    "an empty file": ("a.pdf", b"", "“a.pdf” is empty."),
    "a presentation with macros": (
        "a.pptx",
        brought.pptx(with_macros=True),
        "“a.pptx” holds macros. Please save it without them, or send a PDF.",
    ),
    "a broken MP3": ("a.mp3", b"ID3" + bytes(5000), "“a.mp3” cannot be played"),
    "half a frame": ("a.mp3", brought.FRAME[:200], "“a.mp3” cannot be played"),
    "words called MP3": ("a.mp3", b"Good morning. " * 900, "“a.mp3” cannot be played"),
    "a page called PDF": (
        "a.pdf",
        b"<html>%PDF-1.4</html>",
        "does not hold what a .pdf file holds",
    ),
    "a PDF that is an archive too": (
        "a.pdf",
        brought.pdf() + brought.odp(),
        "does not hold what a .pdf file holds",
    ),
    "half a PDF": ("a.pdf", brought.pdf()[:300], "does not hold what a .pdf file holds"),
    "a locked PDF": ("a.pdf", brought.locked_pdf(), "asks for a password"),
    "a program": ("a.exe", b"MZ", "is of a kind that we do not take"),
    "a drawing with scripts": ("a.svg", b"<svg/>", "is of a kind that we do not take"),
    "a film": ("a.mp4", b"\0\0\0\x18ftypisom", "is of a kind that we do not take"),
    "a photo of a telephone": ("a.heic", b"\0\0\0\x18ftypheic", "is a HEIC photo"),
}


@pytest.mark.parametrize(("name", "content", "sentence"), BAD.values(), ids=list(BAD))
def test_what_cannot_be_kept_gets_one_sentence_and_the_others_are_kept(
    editor: Browser, installation: Installation, name: str, content: bytes, sentence: str
) -> None:
    good = ("files", ("good.pdf", brought.pdf()))
    typed = {"publish": "1", "byline": "Rosa", "topics": "Trust"}
    page = editor.post(FILES, typed, files=[("files", (name, content)), good])
    assert page.status == 422
    [problem] = [one for one in page.each(".problem p") if "other file" not in one]
    assert sentence in problem
    assert "1 other file was kept." in page.words(".problem")
    assert page.field("byline") == "Rosa", "what was typed is kept"
    assert [item.title for item in _items(installation)] == ["good"]


def test_a_pdf_of_two_thousand_pages_is_kept_and_its_length_is_said(
    editor: Browser, installation: Installation
) -> None:
    answer = editor.client.post(
        FILES, data={"script": "1"}, files=[("files", ("all.pdf", brought.pdf(2000)))]
    ).json()
    assert answer["said"] == "“all.pdf” has 2000 pages; readers see that before they download it."
    [item] = _items(installation)
    assert (item.pages, bool(item.picture)) == (2000, True)


def test_the_same_file_is_not_taken_twice(editor: Browser, installation: Installation) -> None:
    content = brought.pdf()
    _bring(editor, "one.pdf", content)
    page = _bring(editor, "two.pdf", content)
    assert page.status == 422
    assert "“two.pdf” is in the library already: “one”." in page.text
    assert len(_items(installation)) == 1


def test_a_script_sends_one_file_at_a_time_and_is_told_what_became_of_it(
    editor: Browser, installation: Installation
) -> None:
    sent = {"data": {"script": "1"}, "files": [("files", ("a.pdf", brought.pdf()))]}
    kept = editor.client.post(FILES, **sent)  # type: ignore[arg-type]
    [item] = _items(installation)
    address = f"/organise/library/items/{item.id}"
    assert kept.json() == {"title": "a", "said": "", "address": address}
    assert item.is_waiting, "it waits until somebody has looked"
    again = editor.client.post(FILES, **sent)  # type: ignore[arg-type]
    assert again.status_code == 422
    assert again.json() == {"said": "“a.pdf” is in the library already: “a”."}
    none = editor.client.post(FILES, data={"script": "1"})
    assert none.json() == {"said": "Please choose a file first."}


@both_databases
def test_a_file_is_replaced_and_its_address_stays(
    editor: Browser, installation: Installation
) -> None:
    _bring(editor, "slides.pdf", brought.pdf(2))
    [before] = _items(installation)
    act = f"/organise/library/items/{before.id}/file"
    page = editor.post(act, files=[("files", ("new slides.pptx", brought.pptx()))])
    assert "every link to it stays as it was" in page.words(".done")
    [after] = _items(installation)
    assert (after.slug, after.title, after.pages) == (before.slug, before.title, None)
    assert after.file != before.file
    given = editor.client.get(f"/library/{after.slug}/file.pdf")
    assert given.headers["content-type"].endswith("presentationml.presentation")
    refused = editor.post(act, files=[("files", ("talk.mp3", brought.mp3()))])
    assert refused.status == 422
    assert refused.problem == (
        "A recording is replaced by a recording, and slides by something to read."
    )
    assert _items(installation)[0].file == after.file


def test_a_picture_that_somebody_brings_wins_and_goes_again(
    editor: Browser, installation: Installation
) -> None:
    _bring(editor, "slides.pdf", brought.pdf())
    [item] = _items(installation)
    act = f"/organise/library/items/{item.id}/cover"
    editor.post(act, files=[("files", ("me.png", brought.picture(size=(1600, 900))))])
    [covered] = _items(installation)
    assert covered.cover
    assert covered.shown_picture == covered.cover
    with Browser.of(installation) as stranger:
        shown = stranger.client.get(f"/pictures/{covered.cover}")
        assert Image.open(io.BytesIO(shown.content)).size == (1200, 675)
    assert editor.post(act, files=[("files", ("me.svg", b"<svg/>"))]).status == 422
    editor.post(act, {"no_cover": "1"})
    assert _items(installation)[0].shown_picture == item.picture


@both_databases
def test_a_stranger_may_have_nothing_that_waits_or_is_for_members(
    editor: Browser, installation: Installation
) -> None:
    editor.post(FILES, {}, files=[("files", ("waits.pdf", brought.pdf(1, "waits")))])
    _bring(editor, "ours.pdf", brought.pdf(1, "ours"), boundary="members")
    waits, ours = _items(installation)
    with Browser.of(installation) as stranger:
        for item in (waits, ours):
            assert stranger.client.get(f"/library/{item.slug}/file.pdf").status_code == 404
            assert stranger.client.get(f"/pictures/{item.picture}").status_code == 404
            assert stranger.client.get(f"/files/{item.file}").status_code == 404
    assert editor.client.get(f"/library/{waits.slug}/file.pdf").status_code == 200
    given = editor.client.get(f"/library/{ours.slug}/file.pdf")
    assert given.headers["cache-control"] == "private, no-cache"
    assert editor.client.get(f"/pictures/{waits.picture}").status_code == 200


def test_nobody_fills_the_disk_who_may_not_bring_files(installation: Installation) -> None:
    with Browser.of(installation) as stranger:
        body = (b"x" * 1000 for _ in range(3))
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = stranger.client.post(FILES, content=body, headers=kind)
        assert answer.status_code == 403
        assert answer.headers["connection"] == "close"


def test_a_file_without_a_row_is_swept_a_day_later_and_no_other(
    editor: Browser, installation: Installation, sender: Sender
) -> None:
    _bring(editor, "kept.pdf", brought.pdf())
    [item] = _items(installation)
    folder = installation.settings.data_dir / "files"
    equip(Equipment(installation, sender))
    young, left_over, half = (f"{letter * 32}.pdf" for letter in "ylh")
    for name in (young, left_over, f"{half}.part", "notes of somebody.pdf"):
        installation.files.put(name, io.BytesIO(b"x"))
    (folder / "lost+found").mkdir()
    two_days_ago = (BEGIN - timedelta(days=2)).timestamp()
    for path in folder.iterdir():
        if path.name != young:
            os.utime(path, (two_days_ago, two_days_ago))
    sweep_files()
    theirs = {"notes of somebody.pdf", "lost+found"}
    assert {path.name for path in folder.iterdir()} == {item.file, young} | theirs


def test_sound_of_ours_is_heard_at_once_and_nobody_else_is_let_in(
    editor: Browser, installation: Installation
) -> None:
    _bring(editor, "talk.mp3", brought.mp3(95))
    [item] = _items(installation)
    with Browser.of(installation) as stranger:
        page = stranger.get(f"/library/{item.slug}")
        assert page.attribute("audio", "src") == f"/library/{item.slug}/file.mp3"
        assert page.attribute("audio", "preload") == "none"
        policy = page.response.headers["content-security-policy"]
        assert policy.endswith("media-src 'self'")
        assert "which learns your address" not in page.text


@both_databases
def test_a_film_that_can_be_seen_here_stands_among_the_recordings_and_another_is_a_link(
    editor: Browser, visitor: Browser
) -> None:
    film, other = "https://youtu.be/abcDEF12345", "https://films.example/watch/7"
    for title, url in (("A film", f" {film} "), ("Elsewhere", other)):
        editor.post("/organise/library/add", {"title": title, "url": url, "publish": "1"})
    recordings = visitor.get("/library?kind=recording")
    assert recordings.each(".card h2") == ["A film"]
    assert len(recordings.each(".card .play")) == 1
    assert visitor.get("/library?kind=material").each(".card h2") == ["Elsewhere"]
    assert visitor.get("/library/elsewhere").attribute("a[href*=watch]", "href") == other
    for again in ("https://www.youtube.com/watch?v=abcDEF12345&t=4", other):
        refused = editor.post("/organise/library/add", {"title": "Again", "url": again})
        assert refused.problem.startswith("This link is in the library already: “")
        assert refused.field("url") == again
    page = editor.get("/organise/library/items/1")
    form = {"title": "A film", "url": other, "version": page.field("version")}
    editor.post("/organise/library/items/1", form)
    assert visitor.get("/library?kind=recording").each(".card h2") == []

"""A recording of somewhere else is heard here: after a click, from its host and nobody else."""

from dataclasses import replace

import pytest

from core.installation import Installation
from library.items import NewItem, publish
from library.kinds import Boundary, ItemKind, Licence
from library.models import Item
from library.playing import player_of
from tests.support.people import Browser
from web.middleware import CONTENT_POLICY


def _recording(
    installation: Installation, media: dict[str, str], boundary: Boundary = Boundary.ANYONE
) -> str:
    with installation.unit_of_work() as work:
        item = publish(
            work,
            NewItem(
                kind=ItemKind.RECORDING, title="The silence", summary="Ten seconds.",
                body_html="<p>x</p>", byline="Rosa", boundary=boundary, language="en",
                licence=Licence.HERE_ONLY,
            ),
        )  # fmt: skip
        kept = work.session.get_one(Item, item.id)
        for name, value in media.items():
            setattr(kept, name, value)
        return f"/library/{item.slug}"


SOUND = {"media_url": "https://cdn.example/a.mp3?x=1", "media_type": "audio/mpeg"}


def test_it_is_heard_after_a_click_and_one_host_more_is_let_in(
    visitor: Browser, installation: Installation
) -> None:
    path = _recording(installation, SOUND)
    before = visitor.get(path)
    assert not before.each("audio")
    assert before.response.headers["content-security-policy"] == CONTENT_POLICY
    assert "Only then your browser asks cdn.example" in before.text
    heard = visitor.get(f"{path}?play=1")
    assert heard.attribute("audio", "src") == SOUND["media_url"]
    assert heard.attribute("audio", "preload") == "none"
    policy = heard.response.headers["content-security-policy"]
    assert policy == f"{CONTENT_POLICY}; media-src https://cdn.example"


def test_a_video_comes_in_a_frame_that_sets_no_cookie(
    visitor: Browser, installation: Installation
) -> None:
    path = _recording(installation, {"url": "https://www.youtube.com/watch?v=abcDEF123_-&t=5"})
    assert not visitor.get(path).each("iframe")
    seen = visitor.get(f"{path}?play=1")
    assert seen.attribute("iframe", "src") == "https://www.youtube-nocookie.com/embed/abcDEF123_-"
    policy = seen.response.headers["content-security-policy"]
    assert "frame-src https://www.youtube-nocookie.com 'self'" in policy
    assert "media-src" not in policy


def test_a_stranger_hears_nothing_that_is_for_members(
    visitor: Browser, installation: Installation
) -> None:
    path = _recording(installation, SOUND, Boundary.MEMBERS)
    page = visitor.get(f"{path}?play=1")
    assert "cdn.example" not in page.text
    assert "cdn.example" not in page.response.headers["content-security-policy"]


NEAR = "http://127.0.0.1:8099/a.wav"


@pytest.mark.parametrize(
    ("base_url", "is_heard"), [("http://localhost", True), ("https://letters.example", False)]
)
def test_a_place_in_our_own_network_is_heard_without_https_on_a_page_without_it(
    installation: Installation, base_url: str, is_heard: bool
) -> None:
    near = {"feed_hosts": ("127.0.0.1:8099",), "base_url": base_url}
    settings = installation.settings.model_copy(update=near)
    path = _recording(installation, {"media_url": NEAR, "media_type": "audio/wav"})
    with Browser.of(replace(installation, settings=settings)) as visitor:
        page = visitor.get(f"{path}?play=1")
        policy = page.response.headers["content-security-policy"]
        assert page.attributes("audio", "src") == ([NEAR] if is_heard else [])
        assert policy.endswith("; media-src http://127.0.0.1:8099") == is_heard


@pytest.mark.parametrize(
    ("near", "url", "place"),
    [
        ("intranet.example:80", "http://intranet.example/a.mp3", "http://intranet.example:80"),
        ("radio.local:8000", "http://Radio.local:8000/a.mp3", "http://radio.local:8000"),
        ("::1:8099", "http://[::1]:8099/a.mp3", "http://[::1]:8099"),
    ],
)
def test_a_place_in_our_own_network_is_known_however_it_is_written(
    near: str, url: str, place: str
) -> None:
    player = player_of(url, "audio/mpeg", "", (near,))
    assert player is not None
    assert player.policy == f"media-src {place}"


@pytest.mark.parametrize("url", ["http://127.0.0.1:80990/a.wav", "http://127.0.0.1/a.wav",
                                 "http://127.0.0.1:8099@evil.example/a.wav"])  # fmt: skip
def test_another_place_in_our_network_is_not(url: str) -> None:
    assert player_of(url, "audio/wav", "", ("127.0.0.1:8099",)) is None


@pytest.mark.parametrize(
    ("media_url", "media_type", "url"),
    [
        ("http://cdn.example/a.mp3", "audio/mpeg", ""),
        ("https://cdn.example; script-src *//a.mp3", "audio/mpeg", ""),
        ("https://x; script-src *@cdn.example/a.mp3", "audio/mpeg", ""),
        ("https://me:secret@cdn.example/a.mp3", "audio/mpeg", ""),
        ("https://cdn.example:8443/a.mp3", "audio/mpeg", ""),
        ("https://[::1]/a.mp3", "audio/mpeg", ""),
        ("https://cdn.example/a.pdf", "application/pdf", ""),
        ("", "", "https://www.youtube.com/watch?v=../../x"),
        ("", "", "https://youtube.com.evil.example/watch?v=abcdef123"),
        ("", "", "https://vimeo.com/abc"),
        ("", "", "https://[x"),
    ],
)
def test_what_is_no_recording_of_a_plain_host_is_opened_there(
    media_url: str, media_type: str, url: str
) -> None:
    assert player_of(media_url, media_type, url) is None

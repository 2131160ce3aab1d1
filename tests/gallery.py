"""The gallery of the README: the demo as it looks, in the light, in the dark and on a phone.

`make gallery` draws it anew into `docs/pictures`; to be looked at whenever the face was touched.
"""

import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import httpx2
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.support.chromium import find
from tests.support.people import Page
from tests.support.running import Running, running
from tests.support.windows import sign_in

COLOURS = 96
DESK, PHONE = 1200, 390


@dataclass(frozen=True)
class Shot:
    """A page, how wide the window is, and how much of it is shown."""

    name: str
    path: str
    width: int = DESK
    height: int = 900
    is_dark: bool = False
    who: str = ""


SHOTS = (
    Shot("home", "/en/", height=2020),
    Shot("home-dark", "/en/", height=1000, is_dark=True),
    Shot("home-phone", "/en/", PHONE, 1300),
    Shot("library", "/en/library", height=1500),
    Shot("recording", "/en/library/the-silence-after-a-question", height=1150),
    Shot("letter-phone", "/en/newsletter/2", PHONE, 1300),
    Shot("question-phone", "/en/question", PHONE, 1300),
    Shot("shelf", "/en/organise/library", height=950, who="Ben"),
)


def draw(folder: Path) -> None:
    """Start the demo, and take each picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        running(Path(data), "demo") as site,
        sync_playwright() as player,
    ):
        site.until(lambda: _has_all(site))
        browser = player.chromium.launch(executable_path=find(), chromium_sandbox=False)
        for shot in SHOTS:
            _keep(folder / f"{shot.name}.png", _taken(browser, site, shot))
        browser.close()


def _has_all(site: Running) -> bool:
    """Whether what the demo fetches has come: pictures, transcripts, chapters."""
    page = Page(httpx2.get(f"{site.base}/en/library/the-lesson-i-would-take-back?play=1"))
    return bool(page.each(".chapters li") and page.each(".player .still img"))


def _taken(browser: Browser, site: Running, shot: Shot) -> bytes:
    scheme = "dark" if shot.is_dark else "light"
    size = {"width": shot.width, "height": shot.height}
    context = browser.new_context(
        base_url=site.base, locale="en-GB", viewport=size, color_scheme=scheme  # type: ignore[arg-type]
    )  # fmt: skip
    page = context.new_page()
    if shot.who:
        sign_in(page, site, shot.who)
    page.goto(shot.path)
    page.wait_for_load_state("networkidle")
    taken = page.screenshot()
    context.close()
    return taken


def _keep(path: Path, content: bytes) -> None:
    """In few colours: a reader of the README waits for all of them."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))

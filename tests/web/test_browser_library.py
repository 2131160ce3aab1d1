"""The library in a real browser: files that come many at once, and a recording that is heard."""

import re
import subprocess
import wave
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from playwright.sync_api import Browser, Page, expect

from tests.support import brought
from tests.support.running import Running
from tests.support.windows import sign_in

MEGABYTE = 1024 * 1024


def _large_recording(folder: Path) -> Path:
    """Ninety megabytes of silence."""
    path = folder / "A long talk.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        for _ in range(90):
            file.writeframes(bytes(MEGABYTE))
    return path


def _resident(site: Running) -> int:
    """Bytes of memory of the largest process of a site."""
    said = subprocess.run(
        ["ps", "-o", "rss=", "-p", ",".join(map(str, site.children()))],  # noqa: S607
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return max(int(line) * 1024 for line in said.stdout.split())


def test_many_files_come_one_by_one_and_memory_stays_flat(
    page: Page, site: Running, tmp_path: Path
) -> None:
    sign_in(page, site)
    paths = [_large_recording(tmp_path)]
    for name, content in (("Asking.pdf", brought.pdf(2)), ("Broken.mp3", b"nothing")):
        paths.append(tmp_path / name)
        paths[-1].write_bytes(content)
    page.goto("/en/organise/library/add")
    before = _resident(site)
    page.get_by_label("Slides, documents, pictures and recordings").set_input_files(paths)
    page.get_by_role("button", name="Bring them in").click()
    lines = page.locator("[data-uploads] li")
    expect(lines.nth(2)).to_contain_text("cannot be played", timeout=60_000)
    expect(lines.nth(0)).to_contain_text("A long talk is there")
    expect(lines.nth(1)).to_contain_text("Asking is there")
    assert _resident(site) - before < 60 * MEGABYTE
    page.get_by_role("link", name="Look through what came").click()
    expect(page.locator("[data-names] a").first).to_have_text("Asking")


def test_what_waits_is_ticked_given_a_topic_and_published(
    page: Page, site: Running, tmp_path: Path
) -> None:
    sign_in(page, site)
    paths = [tmp_path / f"Handout {n}.pdf" for n in (1, 2)]
    for path in paths:
        path.write_bytes(brought.pdf(1, path.stem))
    page.goto("/en/organise/library/add")
    page.get_by_label("Slides, documents, pictures and recordings").set_input_files(paths)
    page.get_by_role("button", name="Bring them in").click()
    page.get_by_role("link", name="Look through what came").click()
    for path in paths:
        page.get_by_role("checkbox", name=f"Choose {path.stem}").check()
    expect(page.locator("#new_topic")).to_be_hidden()
    page.get_by_label("What", exact=True).select_option("topic")
    page.locator("#new_topic").fill("Handouts")
    page.get_by_role("button", name="Do it").click()
    expect(page.locator(".done")).to_contain_text("2 things were changed.")
    page.goto("/en/organise/library?topic=Handouts")
    page.locator("input[name=all]").check()
    page.get_by_label("What", exact=True).select_option("show")
    page.get_by_role("button", name="Do it").click()
    expect(page.locator(".done")).to_contain_text("2 things are shown now.")
    page.goto("/en/library?topic=Handouts")
    expect(page.locator(".card h2")).to_have_count(2)


def test_a_visitor_hears_a_conversation_within_two_clicks(
    page: Page, site: Running, tmp_path: Path
) -> None:
    sign_in(page, site)
    path = tmp_path / "Talk with Rosa.wav"
    path.write_bytes(brought.wav(3))
    page.goto("/en/organise/library/add")
    page.get_by_label("Slides, documents, pictures and recordings").set_input_files(path)
    page.get_by_label("Show them at once").check()
    page.get_by_role("button", name="Bring them in").click()
    expect(page.get_by_role("link", name="Look through what came")).to_be_visible()
    page.context.clear_cookies()
    page.goto("/en/library")
    page.get_by_role("link", name="Talk with Rosa").click()
    page.evaluate("document.querySelector('audio').muted = true")
    page.get_by_role("button", name="Play the recording").click()
    shown = page.locator("[data-clock]")
    expect(shown).to_have_text("0:01 / 0:03")
    page.get_by_role("button", name="30 seconds on").click()
    expect(shown).to_have_text("0:03 / 0:03")
    page.locator("[data-toggle]").press("j")
    expect(shown).to_have_text("0:00 / 0:03")


def test_a_recording_of_somebody_else_is_fetched_from_nobody_but_them_after_a_click(
    chromium: Browser, site: Running
) -> None:
    path = "/en/library/the-lesson-i-would-take-back"
    site.until(lambda: "Sitting on the table" in httpx2.get(f"{site.base}{path}").text)
    with chromium.new_context(base_url=site.base, locale="en-GB") as context:
        window = context.new_page()
        asked: list[str] = []
        window.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
        window.goto(path)
        window.wait_for_load_state("networkidle")
        assert set(asked) == {urlsplit(site.base).netloc}
        window.get_by_role("link", name="Listen here").click()
        window.evaluate("document.querySelector('audio').muted = true")
        window.locator("[data-at='16']").click()
        expect(window.locator("[data-clock]")).to_have_text(re.compile(r"0:1[6-9] / 0:46"))
        elsewhere = set(asked) - {urlsplit(site.base).netloc}
        assert len(elsewhere) == 1, "the host of the recording"


def test_what_is_said_opens_where_a_search_leads(page: Page, site: Running) -> None:
    search = "/en/search?q=second+paragraph"
    site.until(lambda: "Marking less" in httpx2.get(f"{site.base}{search}").text)
    page.goto(search)
    page.get_by_role("link", name="Marking less, reading more").click()
    expect(page.get_by_text("I ask them about the second paragraph.")).to_be_in_viewport()

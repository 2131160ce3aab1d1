"""What an owner says of the community, in a real browser."""

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.running import Running
from tests.support.windows import sign_in

SETTINGS = "/en/organise/settings"
PAGES = ("", "/names", "/letters", "/privacy", "/links", "/languages", "/look", "/who", "/front",
         "/texts/about/fi", "/texts/welcome/en")  # fmt: skip


def logo() -> dict[str, object]:
    """A picture as somebody has it on their machine."""
    out = io.BytesIO()
    Image.new("RGB", (600, 200), "#1c5a80").save(out, "PNG")
    return {"name": "logo.png", "mimeType": "image/png", "buffer": out.getvalue()}


def test_an_owner_gives_the_community_a_face_without_a_programmer(
    page: Page, site: Running
) -> None:
    sign_in(page, site, "Anna")
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Name and sentence").click()
    page.get_by_label("Name of the community").fill("Teachers of Oulu")
    page.get_by_label("What it is, in one sentence (English)").fill("We listen on Thursdays.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Kept.")).to_be_visible()

    page.goto(f"{SETTINGS}/look")
    page.get_by_text("Lake: cool paper").click()
    page.get_by_label("A logo").set_input_files(logo())  # type: ignore[arg-type]
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Kept.")).to_be_visible()
    shown = page.get_by_role("link", name="Teachers of Oulu").get_by_role("img")
    expect(shown).to_be_visible()
    expect(page.locator("main .kicker a")).to_have_css("color", "rgb(28, 90, 128)")

    page.goto(f"{SETTINGS}/texts/home/en")
    page.get_by_label("Heading", exact=True).fill("Thursdays in the library")
    page.get_by_label("Text").fill("Come and *listen*.")
    page.get_by_role("button", name="See how it reads").click()
    seen = page.frame_locator("iframe")
    expect(seen.get_by_role("heading", level=1)).to_have_text("Thursdays in the library")
    expect(seen.locator(".leads em")).to_have_text("listen")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Kept.")).to_be_visible()
    page.goto("/en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thursdays in the library")
    expect(page.get_by_text("We listen on Thursdays.").first).to_be_visible()

    page.goto(f"{SETTINGS}/texts/home/en")
    page.get_by_role("button", name="Use the usual text again").click()
    expect(page.get_by_label("Heading", exact=True)).to_have_value(
        "Always eager to learn more, always ready to listen"
    )
    page.get_by_role("button", name="Take the last change back").click()
    expect(page.get_by_label("Heading", exact=True)).to_have_value("Thursdays in the library")


def test_the_mail_is_seen_as_it_would_come(page: Page, site: Running) -> None:
    sign_in(page, site, "Anna")
    page.goto(f"{SETTINGS}/texts/welcome/fi")
    page.get_by_label("Text").fill("Hei! Ensi torstaina **kello 16**.")
    page.get_by_role("button", name="See how it reads").click()
    mail = page.frame_locator("iframe")
    expect(mail.locator("strong")).to_have_text("kello 16")
    expect(mail.get_by_role("link", name="Lue, mitä olemme")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_settings(page: Page, site: Running, scheme: str) -> None:
    sign_in(page, site, "Anna")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    axe, found = Axe(), []
    # The dark page is the same page in other colours, whatever it says.
    only = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    colours_seen = {"rules": {"color-contrast": {"enabled": False}}}
    for path in PAGES:
        for prefix in ("/en",) if only else ("/en", "/fi"):
            page.goto(f"{prefix}/organise/settings{path}")
            more = only or (colours_seen if prefix == "/fi" else {})
            options = {"iframes": False, "resultTypes": ["violations"], **more}
            result = axe.run(page, options=options)
            found += [
                f"{prefix}{path}: {v['id']} {v['nodes'][0]['html']}"
                for v in result.response["violations"]
            ]
    assert found == []


def test_no_settings_need_to_be_scrolled_sideways_on_a_phone(page: Page, site: Running) -> None:
    sign_in(page, site, "Anna")
    page.set_viewport_size({"width": 360, "height": 740})
    wide = []
    for path in PAGES:
        page.goto(f"{SETTINGS}{path}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    assert wide == []

"""A letter put together in a browser: by mouse, by keyboard, from Word, and without scripts."""

import io
import re

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.support.running import Running
from tests.support.windows import sign_in

FROM_WORD = """<html><head><style>p{color:red}</style></head><body>
<h1 style="mso-x:y">Mitä kuulimme</h1><p class=MsoNormal>Hiljaisuus on <b>vaikeaa</b> ja
<span style="font-style:italic">hyvää</span>. <a href="https://x.example/a">Lue</a></p>
<ul><li>yksi</li><li>kaksi</li></ul></body></html>"""
CLEAN = """## Mitä kuulimme

Hiljaisuus on **vaikeaa** ja *hyvää*. [Lue](https://x.example/a)

- yksi
- kaksi"""


def photo() -> dict[str, object]:
    """A picture as somebody has it on their machine."""
    out = io.BytesIO()
    Image.new("RGB", (1600, 900), "#345678").save(out, "JPEG")
    return {"name": "luokka.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def begin(page: Page) -> None:
    """A new draft, with a subject in each language."""
    page.goto("/fi/organise/issues")
    page.get_by_role("button", name=re.compile("Aloita")).first.click()
    for code in ("en", "fi"):
        page.locator(f"#subject_{code}").fill(f"Hotseat {code}")
        page.locator(f"#preheader_{code}").fill("Lyhyesti")
        page.locator(f"#body_{code}").fill("Ensimmäinen kappale.\n\nToinen kappale.")
    expect(page.locator("[data-said]")).to_have_text("Tallennettu.")


def test_a_letter_is_made_of_what_there_is_and_waits_for_sunday(page: Page, site: Running) -> None:
    sign_in(page, site)
    begin(page)
    page.locator("#body_fi").focus()
    page.keyboard.press("Control+Home")
    page.get_by_text("Kuva", exact=True).click()
    page.get_by_label("Kuva koneeltasi").set_input_files(photo())  # type: ignore[arg-type]
    page.get_by_label("Mitä kuvassa on (suomi)").fill("Luokka pimeässä")
    page.get_by_label("Mitä kuvassa on (englanti)").fill("A class in the dark")
    page.get_by_role("button", name="Lisää kuva").click()
    expect(page.locator("#body_fi")).to_have_value(
        re.compile(r"^Ensimmäinen kappale\.\n\n!\[Luokka pimeässä\]\(.+\.jpg\)\n\nToinen")
    )
    shown = page.frame_locator("iframe[name=read-fi]").get_by_alt_text("Luokka pimeässä")
    expect(shown).to_be_visible()
    page.locator(".offers button").first.click()
    expect(page.locator("#body_fi")).to_have_value(re.compile(r"::library\[\]\([a-z0-9-]+\)"))

    page.get_by_text("Siirrä osia tai poista niitä").click()
    finnish = page.locator(".parts section").nth(1)
    finnish.locator("li").nth(1).get_by_role("button", name="Siirrä ylös").click()
    expect(page.locator("#body_fi")).to_have_value(
        re.compile(r"^!\[Luokka pimeässä\]\(.+\.jpg\)\n\nEnsimmäinen kappale\.\n\nToinen")
    )
    page.get_by_text("Siirrä osia tai poista niitä").click()
    finnish.locator(".handle").nth(0).drag_to(finnish.locator(".handle").nth(1))
    expect(page.locator("#body_fi")).to_have_value(
        re.compile(r"^Ensimmäinen kappale\.\n\nToinen kappale\.\n\n!\[Luokka pimeässä\]")
    )

    page.get_by_role("link", name="Valitse saajat ja aika …").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_label("myöhemmin").check()
    page.get_by_label("Päivä").fill("2027-01-10")
    page.get_by_label("Kellonaika").fill("18:00")
    if page.get_by_label("Olen katsonut").count():
        page.get_by_label("Olen katsonut").check()
    page.get_by_role("button", name=re.compile("Lähetä")).click()
    expect(page.get_by_text(re.compile("Europe/Helsinki"))).to_be_visible()
    page.get_by_role("button", name="Vedä takaisin").click()
    expect(page.locator("#body_fi")).to_have_value(re.compile("Luokka pimeässä"))


def test_marks_are_set_by_keys_and_what_word_gives_comes_clean(page: Page, site: Running) -> None:
    sign_in(page, site)
    begin(page)
    text = page.locator("#body_fi")
    text.fill("sana")
    text.select_text()
    page.keyboard.press("Control+b")
    expect(text).to_have_value("**sana**")
    text.fill("")
    page.evaluate(
        """([html]) => {
          const data = new DataTransfer();
          data.setData("text/html", html);
          document.getElementById("body_fi").dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        [FROM_WORD],
    )
    expect(text).to_have_value(CLEAN)


def test_without_scripts_the_boxes_do_everything(
    chromium: Browser, page: Page, site: Running
) -> None:
    sign_in(page, site)
    plain = chromium.new_context(
        base_url=site.base, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    window = plain.new_page()
    window.goto("/en/organise/issues")
    window.get_by_role("button", name="Begin a new issue").click()
    for code in ("en", "fi"):
        window.locator(f"#subject_{code}").fill("Without scripts")
        window.locator(f"#body_{code}").fill("Words.")
    window.get_by_text("A line, or what is in this letter").click()
    window.get_by_role("button", name="Put in a line").click()
    expect(window.locator("#body_en")).to_have_value("Words.\n\n---\n")
    expect(window.locator("[data-tools]").first).to_be_hidden()
    window.get_by_text("Put this draft away").first.click()
    window.get_by_role("button", name="Put this draft away").click()
    plain.close()

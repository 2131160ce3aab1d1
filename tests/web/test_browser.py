"""The main job in a real browser, with real workers; and what axe thinks of every page."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.support.running import Running
from tests.support.windows import mails, sign_in


def test_subscribe_in_finnish_get_a_letter_leave_and_come_back(page: Page, site: Running) -> None:
    page.goto("/fi/subscribe")
    page.get_by_label("Sähköpostiosoite").fill("aino@example.org")
    page.get_by_label("Etunimi").fill("Aino")
    page.get_by_role("button", name="Tilaa").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Katso sähköpostiisi")
    expect(page.get_by_role("button", name="Lähetä uudelleen")).to_be_disabled()
    site.until(lambda: mails(site, "aino@example.org"))

    page.goto("/outbox?to=aino@example.org")
    page.get_by_role("link", name="Vahvista tilauksesi").click()
    letter = page.frame_locator("iframe")
    with page.context.expect_page() as opened:
        letter.get_by_role("link", name="Vahvista tilaus").click()
    opened.value.get_by_role("button", name="Vahvista tilaus").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Kiitos, olet listalla")

    sign_in(page, site)
    page.get_by_role("button", name="Begin a new issue").click()
    for code, words in (("en", "English words"), ("fi", "Suomen sanoja")):
        page.locator(f"#subject_{code}").fill(f"Issue {code}")
        page.locator(f"#preheader_{code}").fill("In short")
        page.locator(f"#body_{code}").fill(f"## Heading\n\n{words} *here*")
    expect(page.locator("[data-said]")).to_have_text("Saved.")
    shown = page.frame_locator("iframe[title='Preview in Finnish']")
    expect(shown.locator("body")).to_contain_text("Suomen sanoja here")
    page.get_by_role("link", name="Readers, and when …").click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.get_by_role("button", name=re.compile("Send to .* people")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Done", timeout=30_000)
    assert "events" in asked, "the server says how far it is"
    assert "progress.json" not in asked, "and is not asked again and again"

    mail = mails(site, "aino@example.org")[0]
    assert mail["subject"] == "Issue fi"
    assert "Hei Aino," in mail["text"]
    leave = mail["headers"]["List-Unsubscribe"].strip("<>")  # type: ignore[index]
    page.goto(leave)
    page.get_by_role("button", name="Poistu listalta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Olet poistunut listalta")
    page.get_by_role("button", name="Se oli vahinko").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mukavaa, että palasit")


def test_preferences_save_without_leaving_the_page(page: Page, site: Running) -> None:
    sign_in(page, site)
    page.get_by_role("link", name="My page").first.click()
    page.get_by_role("link", name="Your preferences").click()
    page.get_by_label("First name").fill("Benjamin")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    page.get_by_label("First name").fill("Ben")
    page.get_by_role("button", name="Save").click()


def test_a_visitor_sends_a_topic_and_an_editor_asks_about_it(page: Page, site: Running) -> None:
    page.goto("/contribute")
    page.get_by_role("link", name="A topic for discussion").click()
    page.get_by_label("The open question").fill("How do we begin?")
    page.get_by_label("Title").fill("Beginnings")
    page.reload()
    expect(page.get_by_label("The open question")).to_have_value("How do we begin?")
    page.get_by_role("button", name="Send it in").click()
    expect(page.get_by_role("alert")).to_contain_text("Please confirm that you may share this.")
    expect(page.get_by_label("Title")).to_have_value("Beginnings")
    page.get_by_label("E-mail address").fill("mia@example.org")
    page.get_by_label("Why does it matter now?").fill("It is autumn.")
    page.get_by_label("In short").fill("About the first minute.")
    page.get_by_label("I may share this").check()
    page.get_by_role("button", name="Send it in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your inbox")
    page.goto("/contribute/topic")
    expect(page.get_by_label("Title")).to_have_value("")
    site.until(lambda: mails(site, "mia@example.org"))
    page.goto(_link(site, "mia@example.org", "/contribute/deliver/"))
    page.get_by_role("button", name="Send it to the editors").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("it is with the editors")

    sign_in(page, site)
    page.get_by_role("link", name="Contributions", exact=True).click()
    page.get_by_role("link", name="Beginnings").click()
    page.get_by_role("button", name="Open it for review").click()
    page.get_by_label("A question for the author").fill("Whose first minute?")
    page.get_by_role("button", name="Ask the author").click()
    expect(page.locator(".standing")).to_contain_text("Waiting for the author")
    site.until(lambda: "question" in mails(site, "mia@example.org")[0]["subject"])
    page.goto(_link(site, "mia@example.org", "/contribute/answer/"))
    page.get_by_label("Your answer").fill("The pupils'.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status")).to_contain_text("the editors have your answer")


def test_a_draft_survives_a_lost_connection(page: Page, site: Running) -> None:
    sign_in(page, site)
    page.goto("/contribute/podcast")
    page.get_by_label("Title").fill("On air")
    expect(page.locator("[data-said]")).to_have_text("Saved.")
    page.route("**/autosave", lambda route: route.abort())
    page.get_by_label("What is it about?").fill("A lost connection")
    expect(page.locator("[data-said]")).to_contain_text("Not saved")
    page.unroute("**/autosave")
    expect(page.locator("[data-said]")).to_have_text("Saved.", timeout=10_000)
    page.goto("/me/contributions")
    page.get_by_role("link", name="On air").click()
    expect(page.locator("main")).to_contain_text("A lost connection")


def _link(site: Running, to: str, part: str) -> str:
    found = re.search(rf"\S+{part}\S+", mails(site, to)[0]["text"])
    assert found
    return found[0]


def test_a_mistake_is_named_beside_what_was_typed(page: Page) -> None:
    page.goto("/subscribe")
    page.get_by_label("E-mail address").fill("ben@")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("alert")).to_contain_text("does not look like an e-mail address")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    expect(page.get_by_label("E-mail address")).to_have_value("ben@")


PUBLIC = (
    "/",
    "/about",
    "/subscribe",
    "/newsletter",
    "/newsletter/2",
    "/library",
    "/library?words=silence",
    "/library/ten-seconds-of-silence",
    "/library/kuka-saa-olla-eri-mielta",
    "/library/the-silence-after-a-question",
    "/library/the-lesson-i-would-take-back",
    "/library/collections",
    "/library/collections/for-new-teachers",
    "/search?q=silence",
    "/question",
    "/contribute",
    "/contribute/article",
    "/contribute/interviewee",
    "/workshops",
    "/sign-in",
    "/write-to-us",
    "/embed",
    "/nope",
)
ORGANISER = (
    "/organise",
    "/organise/issues",
    "/organise/issues/3",
    "/organise/issues/1/progress",
    "/organise/mail",
    "/organise/mail/1",
    "/organise/contributions",
    "/organise/messages",
    "/organise/library",
    "/organise/library/add",
    "/organise/library/collections",
    "/organise/library/collections/1",
    "/organise/library/feeds",
    "/organise/library/feeds/1",
    "/organise/library/items/1",
    "/organise/library/topics",
    "/organise/question",
    "/organise/workshops",
    "/organise/interest",
    "/organise/people",
    "/organise/people/1",
    "/organise/people?role=teacher&label=Oulu",
    "/organise/people/add",
    "/organise/people/growth",
    "/organise/people/imports",
    "/organise/people/segments",
    "/organise/people/twins",
    "/organise/people/sign-ups",
    "/sign-in/proof",
    "/me",
    "/me/second-factor",
    "/me/contributions",
    "/me/interest",
)


def _on_the_desk(page: Page) -> list[str]:
    """The pages of what waits on the editors' desk."""
    page.goto("/organise/contributions")
    links = page.locator("td a").all()
    found = [str(link.get_attribute("href")).removeprefix("/fi") for link in links]
    page.goto("/organise/workshops")
    links = page.locator(".letters a").all()
    workshops = [str(link.get_attribute("href")).removeprefix("/fi") for link in links]
    rooms = [path.replace("/people", part) for path in workshops if path.endswith("/people")
             for part in ("/change", "/room")]  # fmt: skip
    return [*found, *workshops, *rooms]


def _of_participants(site: Running) -> list[str]:
    """The pages behind the links that the demo's people have in their mailboxes."""
    found = {
        (mail["subject"].partition(":")[0], part): link.removeprefix(site.base)
        for mail in mails(site, "")
        for link in mail["links"]
        for part in ("/i/", "/w/")
        if part in link
    }
    assert len(found) > 3
    return list(found.values())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_in_either_language(
    page: Page, site: Running, scheme: str
) -> None:
    sign_in(page, site)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    axe, found = Axe(), []
    # The dark page is the same page in other colours, whatever it says; and in Finnish the colours
    # are those that were looked at in English.
    only = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    colours_seen = {"rules": {"color-contrast": {"enabled": False}}}
    more = ("/outbox", "/organise/issues/3/send", *_on_the_desk(page), *_of_participants(site))
    for path in (*PUBLIC, *ORGANISER, *more):
        for prefix in ("/en",) if only else ("/en", "/fi"):
            page.goto(f"{prefix}{path}".rstrip("/"))
            result = axe.run(
                page,
                options={
                    "iframes": False,
                    "resultTypes": ["violations"],
                    **(only or (colours_seen if prefix == "/fi" else {})),
                },
            )
            found += [
                f"{prefix}{path}: {v['id']} {v['nodes'][0]['html']}"
                for v in result.response["violations"]
            ]
    assert found == []


def test_no_page_needs_to_be_scrolled_sideways_on_a_phone_or_enlarged_four_times(
    page: Page, site: Running
) -> None:
    sign_in(page, site)
    page.set_viewport_size({"width": 320, "height": 256})
    for path in (*PUBLIC, *ORGANISER, *_on_the_desk(page), *_of_participants(site)):
        page.goto(path)
        too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not too_wide, path


def test_the_sign_up_works_without_scripts_and_weighs_little(
    chromium: Browser, site: Running
) -> None:
    context = chromium.new_context(base_url=site.base, java_script_enabled=False, locale="en-GB")
    page, weight = context.new_page(), []
    page.on("response", lambda answer: weight.append(len(answer.body())))
    page.goto("/subscribe")
    page.get_by_label("E-mail address").fill("plain@example.org")
    page.wait_for_load_state("networkidle")
    assert sum(weight) < 40_000
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your inbox")
    context.close()


def test_the_stylesheet_and_script_stay_small() -> None:
    static = Path(__file__).resolve().parents[2] / "static"
    assert (static / "style.css").stat().st_size < 30_000
    assert sum(path.stat().st_size for path in static.glob("*.js")) < 30_000


def test_what_has_the_focus_is_never_under_the_bar_at_the_bottom(page: Page, site: Running) -> None:
    """WCAG 2.4.11, with the keyboard alone, in a low window."""
    page.set_viewport_size({"width": 900, "height": 420})
    sign_in(page, site)
    page.goto("/en/organise")
    page.get_by_role("button", name="Begin a new issue").click()
    page.locator("#subject_en").focus()
    seen = 0
    for _ in range(40):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
                const bar = document.querySelector(".bar"), has = document.activeElement;
                if (!bar || bar.contains(has) || has === document.body) return null;
                const shown = has.getBoundingClientRect(), over = bar.getBoundingClientRect();
                return shown.top >= over.top && shown.top < over.bottom;
            }"""
        )
        assert not hidden, page.evaluate("() => document.activeElement.outerHTML")
        seen += hidden is False
    assert seen > 8


def test_a_double_click_sends_a_form_once(page: Page, site: Running) -> None:
    """A second proof came with the secret that the first had replaced, and met "sign in again"."""
    sign_in(page, site)
    page.goto("/organise/issues")
    posts: list[str] = []
    page.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)
    page.get_by_role("button", name="Begin a new issue").first.dblclick()
    page.wait_for_url("**/organise/issues/*")
    assert len(posts) == 1
    page.go_back()
    page.get_by_role("button", name="Begin a new issue").first.click()
    page.wait_for_url("**/organise/issues/*")
    assert len(posts) == 2


def test_the_sign_for_playing_is_a_triangle_also_where_colours_are_forced(
    chromium: Browser, site: Running
) -> None:
    with chromium.new_context(base_url=site.base, forced_colors="active") as context:
        window = context.new_page()
        window.goto("/en/library/the-silence-after-a-question")
        button = window.get_by_role("button", name="Play the recording")
        shown = Image.open(BytesIO(button.screenshot())).convert("L")
    rem = shown.width / 3
    ground = shown.getpixel((int(0.6 * rem), int(1.45 * rem)))
    assert shown.getpixel((int(1.35 * rem), int(1.45 * rem))) != ground, "the middle of its left"
    assert shown.getpixel((int(1.95 * rem), int(1.0 * rem))) == ground, "the corner of its box"

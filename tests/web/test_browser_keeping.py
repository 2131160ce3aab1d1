"""What was typed or chosen is never lost, and never becomes more public, in real windows."""

import re

from playwright.sync_api import Page, expect

from tests.support.running import Running
from tests.support.windows import sign_in


def _kept(page: Page) -> str:
    return str(page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)"))


def _unfold(page: Page) -> None:
    """Go on to the next part of the form, and to what is folded away."""
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Add more").click()


def test_a_visitors_private_choices_survive_a_reload_and_another_language(page: Page) -> None:
    """They fell back to the most public ones, while the text stayed."""
    page.goto("/contribute/article")
    page.locator("#title").fill("Quietly")
    _unfold(page)
    page.locator("#byline").select_option("none")
    page.locator("[name=boundary][value=editors]").check()
    page.locator("[name=licence]").last.check()
    page.locator("#may_share").check()
    for go in ("reload", "another language"):
        if go == "reload":
            page.reload()
        else:
            page.get_by_role("link", name="Suomi").click()
        expect(page.locator("#title")).to_have_value("Quietly")
        expect(page.locator("#byline")).to_have_value("none")
        expect(page.locator("[name=boundary][value=editors]")).to_be_checked()
        expect(page.locator("[name=licence]").last).to_be_checked()
        expect(page.locator("#may_share")).to_be_checked()
    assert "Quietly" in _kept(page)
    assert page.evaluate("localStorage.length") == 0


def test_what_is_written_about_others_is_kept_nowhere(page: Page) -> None:
    page.goto("/contribute/interviewee")
    page.locator("#title").fill("Somebody wise")
    page.locator("#person").fill("Pat Smith")
    _unfold(page)
    page.locator("#contact").fill("pat@private.example")
    assert "Somebody wise" in _kept(page)
    assert "Pat Smith" not in _kept(page)
    assert "pat@private" not in _kept(page)


def test_a_members_new_draft_stays_one_draft_through_another_language(
    page: Page, site: Running
) -> None:
    sign_in(page, site)
    page.goto("/contribute/topic")
    page.locator("#title").fill("One draft only")
    expect(page.locator("[data-said]")).to_have_text("Saved.")
    page.locator("#title").fill("One draft only, changed")
    expect(page.locator("[data-said]")).to_have_text("Saved.")
    page.get_by_role("link", name="Suomi").click()
    expect(page.locator("#title")).to_have_value("One draft only, changed")
    page.locator("#title").fill("Vain yksi luonnos")
    expect(page.locator("[data-said]")).to_have_text("Tallennettu.")
    page.goto("/me/contributions")
    assert page.get_by_text("Vain yksi luonnos").count() == 1
    assert page.get_by_text("One draft only").count() == 0


def test_the_planner_keeps_what_was_typed_through_languages_and_an_ended_session(
    page: Page, site: Running
) -> None:
    sign_in(page, site)
    page.goto("/organise/workshops")
    page.get_by_role("button", name="Begin with this frame").first.click()
    page.locator("#title").fill("A plan that stays")
    page.get_by_role("link", name="Suomi").click()
    expect(page.locator("#title")).to_have_value("A plan that stays")
    page.locator("#title").fill("A plan that stays longer")
    page.context.clear_cookies()
    page.locator("form[data-keep] button[type=submit], form[data-keep] button").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kirjaudu uudelleen")
    back = page.get_by_role("link", name="Kirjaudu").last.get_attribute("href") or ""
    assert re.search(r"next=/organise/workshops/", back)
    page.context.add_cookies(site.cookies["Ben"])
    page.goto(back.partition("next=")[2])
    expect(page.locator("#title")).to_have_value("A plan that stays longer")


def test_leaving_a_long_form_asks_first(page: Page, site: Running) -> None:
    sign_in(page, site)
    page.goto("/organise/library/add")
    page.locator("form[data-keep=material] [name=title]").fill("Slides")
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.accept()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    page.goto("/about")
    assert asked == ["beforeunload"]


def test_a_letter_that_could_not_be_saved_is_there_after_signing_in_again(
    page: Page, site: Running
) -> None:
    sign_in(page, site)
    page.goto("/organise/issues")
    page.get_by_role("button", name=re.compile("new|write", re.IGNORECASE)).first.click()
    path = page.url
    page.locator("#subject_en").fill("Saved once")
    expect(page.locator("[data-said]")).to_have_text("Saved.")
    page.context.clear_cookies()
    page.locator("#subject_en").fill("Typed after the session had ended")
    expect(page.locator("[data-said]")).to_contain_text("Not saved")
    asked: list[str] = []

    def leave(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.accept()  # type: ignore[attr-defined]

    page.on("dialog", leave)
    page.goto("/about")
    assert asked == ["beforeunload"]
    page.context.add_cookies(site.cookies["Ben"])
    page.goto(path)
    expect(page.locator("#subject_en")).to_have_value("Typed after the session had ended")
    expect(page.locator("[data-said]")).to_have_text("Saved.")
    page.reload()
    expect(page.locator("#subject_en")).to_have_value("Typed after the session had ended")

"""Workshops in real browser windows: planned and invited, answered on a phone, held, remembered."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.support.running import Running
from tests.support.windows import mails, sign_in


def _plan(page: Page) -> str:
    """An organiser plans a forum until its ground is prepared; its path."""
    page.goto("/organise/workshops")
    page.get_by_role("listitem").filter(has_text="A problem that many share").get_by_role(
        "button", name="Begin with this frame"
    ).click()
    for label, words in (
        ("Title", "The first minute"),
        ("The focus, in one sentence", "How do we begin a lesson?"),
        ("Why now?", "It is autumn"),
        ("What changes for pupils?", "They arrive"),
        ("The shared problem", "Nobody is there yet"),
        ("What has been tried?", "Silence"),
        ("Open question 1", "How did you begin today?"),
        ("Ground rules", "We ask before we advise."),
        ("Link of the meeting", "https://meet.example/1"),
    ):
        page.get_by_label(label).fill(words)
    page.get_by_label("Day and time").fill("2027-09-15T18:00")
    page.get_by_label("Places", exact=True).fill("2")
    page.get_by_label("The day on which you come back to it").fill("2027-10-20")
    page.get_by_label("Facilitator").select_option(label="Ben")
    page.get_by_role("button", name="Save").click()
    path = page.url
    page.goto("/organise/workshops")
    mine = page.get_by_role("listitem").filter(has_text="The first minute")
    mine.get_by_role("button", name="I accept these duties").click()
    page.goto(path)
    page.get_by_role("button", name="The ground is prepared").click()
    expect(page.get_by_text("Yes, the ground is prepared.")).to_be_visible()
    return path


def _invite(page: Page, people: str) -> None:
    page.get_by_role("link", name="Invite people").click()
    page.get_by_label(re.compile("^Addresses")).fill(people)
    page.locator("form").filter(has_text="A list of addresses").get_by_role(
        "button", name="Prepare"
    ).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 people")
    page.get_by_label("Your own words to them").fill("Do come.")
    page.get_by_role("button", name="Save").click()
    page.get_by_label(re.compile("Type the number")).fill("3")
    page.get_by_role("button", name="Invite them").click()
    expect(page.get_by_role("status")).to_contain_text("The invitations went out")


def _link(site: Running, to: str, part: str) -> str:
    site.until(lambda: any(part in link for mail in mails(site, to) for link in mail["links"]))
    return next(link for mail in mails(site, to) for link in mail["links"] if part in link)


def test_an_organiser_plans_and_invites_and_people_answer_on_a_phone(
    page: Page, site: Running, chromium: Browser
) -> None:
    sign_in(page, site)
    path = _plan(page)
    people = ("Mia <mia@example.org>", "ben.b@example.org", "Cleo <cleo@example.org>")
    _invite(page, "\n".join(people))
    phone = chromium.new_context(
        base_url=site.base, locale="en-GB", viewport={"width": 375, "height": 700}, has_touch=True
    ).new_page()
    phone.goto(_link(site, "mia@example.org", "/i/"))
    expect(phone.get_by_text("Do come.")).to_be_visible()
    phone.get_by_label("How did you begin today?").fill("With a song")
    phone.get_by_role("button", name="Yes, I will come").tap()
    expect(phone.get_by_role("alert")).to_contain_text("agree to the ground rules")
    expect(phone.get_by_label("How did you begin today?")).to_have_value("With a song")
    phone.get_by_label("I agree to these ground rules.").check()
    phone.get_by_role("button", name="Yes, I will come").tap()
    expect(phone.get_by_text("You have a place.")).to_be_visible()
    phone.goto(_link(site, "ben.b@example.org", "/i/"))
    phone.get_by_role("button", name="Maybe").tap()
    expect(phone.get_by_role("status")).to_contain_text("We ask you once more")
    phone.goto(_link(site, "cleo@example.org", "/i/"))
    phone.get_by_role("button", name="No, not this time").tap()
    expect(phone.get_by_role("status")).to_contain_text("No reason is needed")
    phone.context.close()
    page.goto(f"{path}/people")
    for words in ("Has a place", "maybe"):
        expect(page.get_by_role("cell", name=words, exact=True).first).to_be_visible()


def test_a_participant_looks_back_and_takes_on_an_action(page: Page, site: Running) -> None:
    site.until(lambda: any("What we learned" in m["subject"] for m in mails(site, "")))
    mail = next(m for m in mails(site, "") if "What we learned" in m["subject"])
    page.goto(next(link for link in mail["links"] if "/w/" in link))
    page.get_by_role("button", name="I take this on").first.click()
    page.get_by_label("How is it going?").first.select_option(label="done")
    page.get_by_label("A note").first.fill("They noticed")
    page.get_by_role("button", name="Say so").first.click()
    expect(page.get_by_text("you: done – They noticed", exact=True)).to_be_visible()
    page.get_by_role("link", name="Your page").click()
    expect(page.get_by_text("You were there. Thank you.")).to_be_visible()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Certificate as a PDF").click()
    assert fetched.value.suggested_filename.endswith(".pdf")


def test_a_facilitator_runs_the_room_with_a_timer(page: Page, site: Running) -> None:
    sign_in(page, site)
    page.goto("/organise/workshops")
    mine = page.get_by_role("listitem").filter(has_text="The ten seconds after a question")
    mine.get_by_role("link", name="The facilitator’s room").click()
    page.get_by_label(re.compile("Only you read them")).fill("Mind the quiet ones")
    page.locator("form").filter(has_text="Only you read them").get_by_role("button").click()
    expect(page.get_by_label(re.compile("Only you read them"))).to_have_value("Mind the quiet ones")
    # The page as it would be in the middle of the second part.
    begins = page.locator("[data-begins]").nth(1).get_attribute("data-begins")
    page.clock.install(time=begins)
    page.reload()
    page.clock.run_for(61_000)
    expect(page.locator("[data-timer]")).to_contain_text(re.compile(r"13:\d\d left"))
    expect(page.locator("[data-now]")).to_have_count(1)

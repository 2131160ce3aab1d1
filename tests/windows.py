"""What people do in real browser windows, as verbs."""

import re

import httpx2
from playwright.sync_api import Page, expect

from tests.staffroom.test_one_machine import Running


def mails(site: Running, to: str) -> list[dict[str, str]]:
    """The mails to an address, the newest first."""
    found: list[dict[str, str]] = httpx2.get(f"{site.base}/outbox.json", params={"to": to}).json()
    return found


def sign_in(page: Page, site: Running) -> None:
    """By mail the first time; afterwards as the same browser, for nobody signs in so often."""
    if site.cookies:
        page.context.add_cookies(site.cookies)
        page.goto("/organise")
    else:
        _by_mail(page, site)
        site.cookies = page.context.cookies()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello Ben")


def _by_mail(page: Page, site: Running) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("ben@staffroom.example")
    before = len(mails(site, "ben@staffroom.example"))
    page.get_by_role("button", name="Mail me a link").click()
    site.until(lambda: len(mails(site, "ben@staffroom.example")) > before)
    link = re.search(r"\S+/sign-in/\S+", mails(site, "ben@staffroom.example")[0]["text"])
    assert link
    page.goto(link[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello Ben")

"""What people do in real browser windows, as verbs."""

import re

import httpx2
from playwright.sync_api import Page, expect

from tests.support.running import Running


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


def _sign_in_links(site: Running) -> list[str]:
    """Those that were mailed to Ben, the newest first; he gets other mails too."""
    texts = [mail["text"] for mail in mails(site, "ben@staffroom.example")]
    return [link[0] for text in texts if (link := re.search(r"\S+/sign-in/\S+", text))]


def _by_mail(page: Page, site: Running) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("ben@staffroom.example")
    page.get_by_role("button", name="Mail me a link").click()
    site.until(lambda: _sign_in_links(site))
    page.goto(_sign_in_links(site)[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello Ben")

"""What people do in real browser windows, as verbs."""

import re

import httpx2
from playwright.sync_api import Page, expect

from tests.support.running import Running


def mails(site: Running, to: str) -> list[dict[str, str]]:
    """The mails to an address, the newest first."""
    found: list[dict[str, str]] = httpx2.get(
        f"{site.base}/outbox.json", params={"to": to}, timeout=60
    ).json()
    return found


def sign_in(page: Page, site: Running, name: str = "Ben") -> None:
    """By mail the first time; afterwards as the same browser, for nobody signs in so often.

    Ben is an editor, Anna an owner.
    """
    if name in site.cookies:
        page.context.add_cookies(site.cookies[name])
        page.goto("/en/organise")
    else:
        _by_mail(page, site, name)
        site.cookies[name] = page.context.cookies()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Hello {name}")


def _tokens(site: Running, address: str) -> list[str]:
    """Those of sign-in links that were mailed to somebody, the newest first."""
    texts = [mail["text"] for mail in mails(site, address)]
    return [link[1] for text in texts if (link := re.search(r"\S+/sign-in/(\S+)", text))]


def _by_mail(page: Page, site: Running, name: str) -> None:
    address = f"{name.lower()}@staffroom.example"
    page.goto("/en/sign-in")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Mail me a link").click()
    site.until(lambda: _tokens(site, address))
    page.goto(f"/en/sign-in/{_tokens(site, address)[0]}")
    page.get_by_role("button", name="Sign in").click()
    page.goto("/en/organise")

"""Passkeys, in a real browser with an authenticator that is its own: made, shown, lost."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.support.running import Running, running
from tests.support.windows import mails

OLGA = "olga@staffroom.example"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running installation that has a name."""
    with running(tmp_path_factory.mktemp("p"), "run", by_name="1") as site:
        yield site


@pytest.fixture
def context(chromium: Browser, site: Running) -> Iterator[BrowserContext]:
    """A browser of one person."""
    context = chromium.new_context(base_url=site.base, locale="en-GB")
    yield context
    context.close()


def _stick(page: Page) -> tuple[CDPSession, str]:
    """A security key in this machine, that says yes to everything."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    added = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "usb", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True}})  # fmt: skip
    return cdp, str(added["authenticatorId"])


def _heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def test_an_owner_adds_a_passkey_and_comes_in_with_it_and_without_it_does_not(
    context: BrowserContext, site: Running
) -> None:
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    _first_owner(page, site)
    cdp, stick = _stick(page)
    page.goto("/me/second-factor")
    page.get_by_role("button", name="Add a passkey").click()
    _heading(page, "Recovery codes")
    codes = re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", page.content())
    _sign_in_by_mail(page, site)
    _heading(page, "Please show that it is you")
    page.get_by_role("button", name="Show my passkey").click()
    _heading(page, "Hello Olga")
    _sign_in_by_mail(page, site)
    cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": stick})
    _stick(page)
    page.get_by_role("button", name="Show my passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("was not shown")
    page.get_by_label("Code from your app").fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    _heading(page, "Hello Olga")
    page.goto("/me/second-factor")
    expect(page.get_by_role("cell", name="Passkey")).to_have_count(1)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("button", name="Remove")).to_have_count(2)
    page.get_by_role("button", name="Remove").first.click()
    expect(page.get_by_role("button", name="Remove")).to_have_count(1)
    assert problems == []


def _first_owner(page: Page, site: Running) -> None:
    link = re.findall(r"http://localhost:\d+/sign-in/\S+", site.said)[0]
    page.goto(link)
    page.get_by_label("E-mail address").fill(OLGA)
    page.locator("#name").fill("Olga")
    page.locator("main button").click()
    _heading(page, "Hello Olga")


def _sign_in_by_mail(page: Page, site: Running) -> None:
    page.context.clear_cookies(name="session")
    before = len(_links(site))
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(OLGA)
    page.get_by_role("button", name="Mail me a link").click()
    site.until(lambda: len(_links(site)) > before)
    page.goto(_links(site)[0])
    page.locator("main button").click()


def _links(site: Running) -> list[str]:
    texts = [mail["text"] for mail in mails(site, OLGA)]
    return [link[0] for text in texts if (link := re.search(r"\S+/sign-in/\S+", text))]

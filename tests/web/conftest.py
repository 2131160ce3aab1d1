"""Real browser windows on a running installation with the demo's community."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.chromium import find
from tests.support.running import Running, running

expect.set_options(timeout=30_000)  # milliseconds; a machine may be slow for a day


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find(), args=["--disable-quic", "--no-first-run", *quiet],
            chromium_sandbox=os.geteuid() != 0,
        )  # fmt: skip
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running installation with the demo's community, where browsers work before a sign-up."""
    with running(tmp_path_factory.mktemp("b"), "demo", STAFFROOM_PROOF_BITS="8") as site:
        yield site


@pytest.fixture
def page(chromium: Browser, site: Running) -> Iterator[Page]:
    """A fresh browser window; a script error or a blocked resource fails the test."""
    context = chromium.new_context(base_url=site.base, locale="en-GB")
    window = context.new_page()
    problems: list[str] = []
    window.on("pageerror", lambda error: problems.append(str(error)))
    window.on("console", lambda m: problems.append(m.text) if _is_bad(m.type, m.text) else None)
    window.on("request", lambda r: problems.append(r.url) if not _is_own(r.url, site) else None)
    yield window
    context.close()
    assert problems == []


def _is_bad(kind: str, text: str) -> bool:
    # A 4xx answer that a test asks for is reported as an error too.
    # So is a request that a test itself has stopped.
    return kind == "error" and "status of 4" not in text and "ERR_FAILED" not in text


def _is_own(url: str, site: Running) -> bool:
    return url.startswith((site.base, "data:", "about:"))

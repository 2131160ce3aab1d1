"""Phones with an app for codes (RFC 6238), and how an organiser sets one up."""

import re

import pyotp

from tests.support.people import Browser, ShiftedClock

PAGE = "/me/second-factor"


class App:
    """An app on a phone, that knows the letters of a page."""

    def __init__(self, letters: str, clock: ShiftedClock) -> None:
        self.totp, self.clock = pyotp.TOTP(letters.replace(" ", "")), clock

    def code(self, offset: int = 0) -> str:
        """What it shows now, or so many half minutes later."""
        return self.totp.at(self.clock.now(), counter_offset=offset)


def letters_of(page: str) -> str:
    """The secret of a new app, as its page shows it."""
    return str(re.findall(r"<span class=\"code\">([A-Z2-7 ]+)</span>", page)[0])


def set_up(browser: Browser, clock: ShiftedClock) -> tuple[App, list[str]]:
    """Add an app; returns it, and the codes on paper."""
    app = App(letters_of(browser.post(f"{PAGE}/app/begin").text), clock)
    done = browser.post(f"{PAGE}/app", {"code": app.code()})
    assert done.heading == "Recovery codes", done.problem
    clock.forward(seconds=90)
    return app, re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", done.text)

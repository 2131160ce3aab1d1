"""Whatever is made up for a form, a cookie, a header or a link of ours: never a fault of ours."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.installation import Installation
from core.tokens import Purpose
from members.roles import Role
from tests.support.people import Browser
from tests.support.somewhere import ENTRIES, path_of
from tests.support.somewhere import somewhere as values_of
from web.endpoint import Entry
from web.forms import Typed

FUZZ = settings(max_examples=60, suppress_health_check=list(HealthCheck))
BUSY = ("/sign-out", "/readyz", "/healthz")
"""What ends the walk, or asks for workers that no test has."""
TEXT = st.text(max_size=40).filter(lambda said: said.isprintable() or "\x00" in said)
NUMBERS = st.sampled_from(
    ["0", "-1", "1", "2147483648", "9" * 18, "9" * 30, "1e9", "٣", "²", "0x1"]
)
WORDS = TEXT | NUMBERS | st.sampled_from(
    ["a@b.example", "2027-03-28T03:30", "2026-02-31", "en", "owner", "Europe/Helsinki", "\r\n"]
)  # fmt: skip
HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"),
                 max_size=60)  # fmt: skip


def _all_fields() -> list[str]:
    """Every field that any form of ours has."""
    names: set[str] = set()
    waiting = list(Typed.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        names |= {one.name for one in fields(kind)}  # type: ignore[arg-type]
    return sorted(names)


FORMS = st.dictionaries(
    st.sampled_from(_all_fields()), WORDS | st.lists(WORDS, max_size=3), max_size=12
)
QUERIES = st.dictionaries(st.sampled_from(_all_fields()), WORDS, max_size=12)


@pytest.fixture
def owner(visitor: Browser) -> Browser:
    """An owner, who may do everything."""
    return visitor.sign_in("who@example.org", Role.OWNER)


@pytest.fixture
def paths(installation: Installation) -> dict[str, list[str]]:
    """Values for the parts of paths."""
    return values_of(installation)


def _entries(method: str) -> list[Entry]:
    return [one for one in ENTRIES if getattr(one, method) and one.path not in BUSY]


class _Chance:
    """Chooses as Hypothesis does, so that it can make an example smaller."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def choice(self, many: Any) -> Any:
        return self.data.draw(st.sampled_from(list(many)))


def test_no_form_makes_a_page_fail(owner: Browser, paths: dict[str, list[str]]) -> None:
    @FUZZ
    @given(data=st.data(), form=FORMS)
    def send(data: st.DataObject, form: dict[str, object]) -> None:
        for entry in data.draw(st.lists(st.sampled_from(_entries("post")), min_size=4, max_size=4)):
            path = path_of(entry, paths, _Chance(data))  # type: ignore[arg-type]
            answer = owner.client.post(path, data=form, follow_redirects=False)
            assert answer.status_code < 500, (path, form)

    send()


def test_no_query_makes_a_page_fail(owner: Browser, paths: dict[str, list[str]]) -> None:
    @FUZZ
    @given(data=st.data(), query=QUERIES)
    def ask(data: st.DataObject, query: dict[str, str]) -> None:
        for entry in data.draw(st.lists(st.sampled_from(_entries("get")), min_size=4, max_size=4)):
            path = path_of(entry, paths, _Chance(data))  # type: ignore[arg-type]
            answer = owner.client.get(path, params=query, follow_redirects=False)
            assert answer.status_code < 500, (path, query)

    ask()


COOKIES = ("session", "browser", "known", "answered-1")
HEADERS = ("Accept-Language", "User-Agent", "Referer", "Origin", "Sec-Fetch-Site", "Range",
           "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "If-None-Match", "Accept",
           "Content-Type", "If-Modified-Since", "Authorization")  # fmt: skip


def test_no_cookie_and_no_header_makes_a_page_fail(visitor: Browser) -> None:
    @FUZZ
    @given(
        cookies=st.dictionaries(st.sampled_from(COOKIES), HEADER, max_size=4),
        headers=st.dictionaries(st.sampled_from(HEADERS), HEADER, max_size=6),
    )
    @example({}, {"Accept-Language": "en;q=nan, fi;q=1e999, *;q=-0"})
    @example({}, {"X-Forwarded-For": "::1, [::1]:80, 999.1.1.1, unknown", "Range": "bytes=9-1"})
    def ask(cookies: dict[str, str], headers: dict[str, str]) -> None:
        said = "; ".join(f"{name}={value}" for name, value in cookies.items())
        all_of_them = headers | {"Cookie": said}
        sent = [(name.encode(), one.encode("latin-1")) for name, one in all_of_them.items()]
        for path in ("/", "/me", "/organise", "/library", "/static/style.css"):
            assert visitor.client.get(path, headers=sent, follow_redirects=False).status_code < 500
        for path in ("/sign-in", "/sign-in/code", "/sign-in/proof", "/subscribe"):
            answer = visitor.client.post(path, headers=sent, follow_redirects=False)
            assert answer.status_code < 500, path

    ask()


PARTS = st.lists(NUMBERS | st.text("abcnewsltrkhop_0123456789", max_size=12), max_size=4)
LINKS = [one for one in ENTRIES if "{token}" in one.path or "{link}" in one.path]


def test_no_link_that_we_might_have_made_makes_a_page_fail(
    visitor: Browser, paths: dict[str, list[str]]
) -> None:
    """Signed by us, but with parts that no mail of ours has; and spoilt ones."""
    tokens = visitor.installation.tokens

    @FUZZ
    @given(
        data=st.data(), purpose=st.sampled_from(list(Purpose)), parts=PARTS, spoilt=st.booleans()
    )
    def open_(data: st.DataObject, purpose: Purpose, parts: list[str], spoilt: bool) -> None:
        token = tokens.sign(purpose, *parts)
        if spoilt:
            cut = data.draw(st.integers(0, len(token)))
            token = (
                token[:cut] + data.draw(st.sampled_from(["", ".", "x", "%00", "-1"])) + token[cut:]
            )
        for entry in data.draw(st.lists(st.sampled_from(LINKS), min_size=4, max_size=4)):
            chosen = paths | {"token": [token], "link": [token]}
            path = path_of(entry, chosen, _Chance(data))  # type: ignore[arg-type]
            for method in ("GET", "POST"):
                if entry.get if method == "GET" else entry.post:
                    answer = visitor.client.request(method, path, follow_redirects=False)
                    assert answer.status_code < 500, (method, path, purpose, parts)

    open_()


def test_every_link_takes_parts_of_its_own_purpose_that_are_nobodys(visitor: Browser) -> None:
    """The walk above seldom meets the right purpose at the right path."""
    tokens, own = visitor.installation.tokens, {
        "/confirm": Purpose.CONFIRM, "/not-me": Purpose.NOT_ME, "/unsubscribe": Purpose.LEAVE,
        "/resubscribe": Purpose.UNDO, "/never": Purpose.NEVER, "/preferences": Purpose.PREFERENCES,
        "/move/back": Purpose.MOVE_BACK, "/move": Purpose.MOVE, "/data": Purpose.DATA,
        "/change": Purpose.CHANGE, "/contribute/deliver": Purpose.DELIVER,
        "/contribute/answer": Purpose.ANSWER, "/contribute/co-author": Purpose.CO_AUTHOR,
        "/calendar": Purpose.CALENDAR, "/i": Purpose.INVITE, "/w": Purpose.PLACE,
        "/sign-in": Purpose.SIGN_IN,
    }  # fmt: skip
    taken = {
        one.path.rsplit("/{", 1)[0] for one in LINKS if one.path.endswith(("{token}", "{link}"))
    }
    assert taken == own.keys()

    @FUZZ
    @given(start=st.sampled_from(sorted(own)), parts=PARTS)
    @example("/contribute/deliver", ["9" * 30, "9" * 30])
    @example("/contribute/answer", ["9" * 18, "1", "1"])
    def open_(start: str, parts: list[str]) -> None:
        path = f"{start}/{tokens.sign(own[start], *parts)}"
        for method in ("GET", "POST"):
            answer = visitor.client.request(method, path, follow_redirects=False)
            assert answer.status_code < 500, (method, start, parts)

    open_()

"""Passkeys: each answer is good once, for its session, its site and its owner."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.roles import Role
from tests.conftest import both_databases
from tests.support.people import Browser, ShiftedClock
from tests.support.security_key import SecurityKey

PAGE, PROOF = "/me/second-factor", "/sign-in/proof"
OLGA, EVA = "olga@example.org", "eva@example.org"
SITE = "http://testserver.localhost"


@pytest.fixture
def owner(visitor: Browser) -> Browser:
    """An owner, signed in a moment ago."""
    return visitor.sign_in(OLGA, Role.OWNER)


def _key(origin: str = SITE, host: str = "testserver.localhost") -> SecurityKey:
    return SecurityKey(origin, host)


def _add(browser: Browser, key: SecurityKey) -> str:
    challenge = browser.get(PAGE).hidden("challenge")
    page = browser.post(
        f"{PAGE}/passkeys", {"challenge": challenge, "passkey": key.make(challenge)}
    )
    return page.problem or page.heading


def _show(browser: Browser, key: SecurityKey, challenge: str = "") -> int:
    challenge = challenge or browser.get(PROOF).hidden("challenge")
    return browser.post(PROOF, {"challenge": challenge, "passkey": key.show(challenge)}).status


@both_databases
def test_a_key_is_added_and_lets_its_owner_in(owner: Browser) -> None:
    key = _key()
    assert _add(owner, key) == "Recovery codes"
    owner.sign_in(OLGA, Role.OWNER)
    assert owner.get("/organise").heading == "Please show that it is you"
    assert _show(owner, key) == 200
    assert owner.get("/organise").status == 200


def test_an_answer_is_good_once(owner: Browser) -> None:
    key = _key()
    _add(owner, key)
    challenge = owner.get(PROOF).hidden("challenge")
    answer = {"challenge": challenge, "passkey": key.show(challenge)}
    assert owner.post(PROOF, answer).status == 200
    assert owner.post(PROOF, answer).status == 422
    assert _show(owner, key, challenge) == 422, "nor does a new answer to an old challenge"


def test_an_answer_is_good_for_the_session_that_asked_only(owner: Browser) -> None:
    key = _key()
    _add(owner, key)
    with Browser.of(owner.installation) as thief:
        thief.sign_in(OLGA, Role.OWNER)
        challenge = owner.get(PROOF).hidden("challenge")
        assert _show(thief, key, challenge) == 422
        assert thief.get("/organise").heading == "Please show that it is you"


def test_a_challenge_is_good_for_ten_minutes(owner: Browser, clock: ShiftedClock) -> None:
    key = _key()
    _add(owner, key)
    challenge = owner.get(PROOF).hidden("challenge")
    clock.forward(minutes=11)
    assert _show(owner, key, challenge) == 422


@pytest.mark.parametrize(
    ("origin", "host"),
    [("https://evil.example", "testserver.localhost"), (SITE, "evil.example"),
     ("http://testserver.localhost:81", "testserver.localhost")],
)  # fmt: skip
def test_what_was_signed_for_another_site_is_worth_nothing(
    owner: Browser, origin: str, host: str
) -> None:
    assert "not taken" in _add(owner, _key(origin, host))
    key = _key()
    _add(owner, key)
    key.origin, key.host = origin, host
    assert _show(owner, key) == 422


def test_a_key_of_another_owner_does_not_let_in(owner: Browser) -> None:
    hers = _key()
    with Browser.of(owner.installation) as eva:
        eva.sign_in(EVA, Role.OWNER)
        _add(eva, hers)
    _add(owner, _key())
    assert _show(owner, hers) == 422
    assert "not taken" in _add(owner, hers), "nor can it be added twice"


def test_another_key_under_a_known_name_does_not_let_in(owner: Browser) -> None:
    key = _key()
    _add(owner, key)
    forged = _key()
    forged.credential, forged.count = key.credential, 50
    assert _show(owner, forged) == 422


def test_a_copied_key_is_noticed_by_its_count(owner: Browser) -> None:
    key = _key()
    _add(owner, key)
    assert _show(owner, key) == 200
    key.count = 0
    assert _show(owner, key) == 422


def test_only_a_name_gets_passkeys(owner: Browser) -> None:
    from dataclasses import replace

    assert 'data-passkey="create"' in owner.get(PAGE).text
    by_number = owner.installation.settings.model_copy(update={"base_url": "http://127.0.0.1:8000"})
    with Browser.of(replace(owner.installation, settings=by_number)) as browser:
        browser.sign_in(OLGA, Role.OWNER)
        page = browser.get(PAGE).text
    assert "data-passkey" not in page
    assert "Use an app" in page


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner),
    max_leaves=8,
)
NAMES = ("id", "rawId", "type", "response", "clientDataJSON", "attestationObject", "signature",
         "authenticatorData", "userHandle", "authenticatorAttachment")  # fmt: skip


@st.composite
def _spoilt(draw: st.DrawFn, answer: str) -> str:
    """A right answer with one of its parts made of something else."""
    parts = json.loads(answer)
    name = draw(st.sampled_from(NAMES))
    where = parts["response"] if name in parts["response"] or draw(st.booleans()) else parts
    where[name] = draw(JSON | st.from_regex(r"[A-Za-z0-9_-]{0,80}", fullmatch=True))
    return json.dumps(parts)


def test_whatever_a_browser_answers_is_no_fault_of_ours(owner: Browser) -> None:
    key = _key()
    _add(owner, key)

    @settings(max_examples=80, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def answer(data: st.DataObject) -> None:
        challenge = owner.get(PROOF).hidden("challenge")
        right = data.draw(st.sampled_from([key.make(challenge), key.show(challenge)]))
        wrong = data.draw(st.one_of(_spoilt(right), JSON.map(json.dumps), st.text(max_size=60)))
        typed = {"challenge": challenge, "passkey": wrong}
        assert owner.post(PROOF, typed).status in (200, 422)
        assert owner.post(f"{PAGE}/passkeys", typed).status in (200, 422)

    answer()
    assert re.search("Two-step", owner.get(PAGE).text)

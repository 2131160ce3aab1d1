"""The door: who is believed about what, and who is not kept out by strangers."""

from collections.abc import Callable, Mapping

import pytest

from core.installation import Installation
from core.settings import load_settings
from members.roles import Role
from staffroom import doctor
from tests.conftest import TestClient, both_databases
from tests.support.people import Browser, add_members, link_of
from web.app import create_app

Run = Callable[[], None]


@pytest.mark.parametrize(
    "header",
    [
        {"Forwarded": "for=203.0.113.9"},
        {"X-Forwarded-Host": "letters.example.org"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Client-IP": "127.0.0.1"},
        {"X-Original-Forwarded-For": "127.0.0.1"},
        {"X-Envoy-External-Address": "127.0.0.1"},
        {"CF-Ray": "1"},
        {"CDN-Loop": "cloudflare"},
        {"X-Azure-ClientIP": "127.0.0.1"},
        {"Forwarded-For": "127.0.0.1"},
        {"X-Host": "letters.example.org"},
        {"X-Scheme": "https"},
        {"CF-Connecting-IP": "127.0.0.1"},
        {"Host": "letters.example.org"},
    ],
)
def test_the_outbox_is_closed_to_whoever_comes_through_a_proxy(
    visitor: Browser, header: Mapping[str, str]
) -> None:
    assert visitor.get("/outbox").status == 200
    for path in ("/outbox", "/outbox.json"):
        assert visitor.get(path, headers=header).status in (400, 404)


@pytest.mark.parametrize("peer", ["203.0.113.9", "192.168.1.7", "::2"])
def test_the_outbox_is_closed_to_another_machine(installation: Installation, peer: str) -> None:
    base_url = installation.settings.base_url
    with TestClient(create_app(installation), base_url, client=(peer, 5000)) as client:
        assert client.get("/outbox").status_code == 404


def test_the_outbox_of_a_site_with_a_public_address_is_closed(
    installation: Installation,
) -> None:
    """A proxy that keeps no Host and says nothing is only seen by the address of the site."""
    from dataclasses import replace

    public = load_settings(
        **{**installation.settings.model_dump(), "base_url": "https://letters.example.org"}
    )
    app = create_app(replace(installation, settings=public))
    with TestClient(app, "http://127.0.0.1:8000", client=("127.0.0.1", 5000)) as client:
        assert client.get("/outbox").status_code in (400, 404)


def _ask(browser: Browser, email: str, network: str) -> None:
    forwarded = {"X-Forwarded-For": network}
    assert browser.post("/sign-in", {"email": email}, headers=forwarded).status == 200


@both_databases
def test_strangers_who_ask_in_the_owners_name_do_not_keep_the_owner_out(
    installation: Installation, run_jobs: Run
) -> None:
    with Browser.of(installation) as owner, Browser.of(installation) as stranger:
        owner.sign_in("owner@example.org", Role.OWNER)
        owner.post("/sign-out")
        for _ in range(5):
            stranger.client.cookies.clear()
            _ask(stranger, "owner@example.org", "203.0.113.9")
        run_jobs()
        before = len(owner.outbox("owner@example.org"))
        for network in ("203.0.113.9", "198.51.100.7"):
            with Browser.of(installation) as fresh:
                _ask(fresh, "owner@example.org", network)
        run_jobs()
        assert len(owner.outbox("owner@example.org")) == before + 2
        for _ in range(40):
            _ask(stranger, "owner@example.org", "203.0.113.9")
        run_jobs()
        flooded = len(owner.outbox("owner@example.org"))
        assert flooded < 20
        _ask(owner, "owner@example.org", "203.0.113.9")
        run_jobs()
        assert len(owner.outbox("owner@example.org")) == flooded + 1
        owner.post("/sign-in/code", {"code": owner.outbox()[0].subject[:7]})
        told = owner.get("/organise").text
        assert told.count("owner@example.org again and again") == 1


def test_a_school_of_three_hundred_behind_one_address_comes_in_within_ten_minutes(
    visitor: Browser, run_jobs: Run
) -> None:
    add_members(visitor.installation, 300, "en")
    for number in range(300):
        _ask(visitor, f"m{number}@school.example", "198.51.100.7")
    run_jobs()
    assert len({mail.to for mail in visitor.outbox()}) == 300
    stamp = visitor.get("/subscribe").hidden("stamp")
    for number in range(300):
        typed = {"email": f"new{number}@school.example", "language": "en", "stamp": stamp}
        visitor.post("/subscribe", typed, headers={"X-Forwarded-For": "198.51.100.7"})
    run_jobs()
    assert len({mail.to for mail in visitor.outbox()}) == 600


def test_only_a_named_proxy_is_believed_and_the_operator_hears_of_another(
    installation: Installation,
) -> None:
    base_url = installation.settings.base_url
    with TestClient(create_app(installation), base_url, client=("172.17.0.9", 5000)) as client:
        client.get("/", headers={"X-Forwarded-For": "203.0.113.9"})
        client.get("/", headers={"X-Forwarded-For": "203.0.113.9"})
    found = dict(doctor.findings(installation))["proxies"]
    assert "172.17.0.9" in found
    assert "STAFFROOM_TRUSTED_PROXIES" in found
    assert "203.0.113.9" not in found


@pytest.mark.parametrize(
    ("base_url", "origin", "is_own"),
    [
        ("https://letters.example.org", "https://letters.example.org", True),
        ("https://letters.example.org", "http://letters.example.org", False),
        ("https://letters.example.org", "https://letters.example.org:8443", False),
        ("https://letters.example.org", "null", False),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", True),
        ("http://127.0.0.1:8000", "https://127.0.0.1:8000", False),
    ],
)
def test_a_form_comes_from_our_own_origin_scheme_and_all(
    installation: Installation, base_url: str, origin: str, is_own: bool
) -> None:
    from dataclasses import replace

    settings = load_settings(**{**installation.settings.model_dump(), "base_url": base_url})
    with TestClient(create_app(replace(installation, settings=settings)), base_url) as client:
        sent = client.post("/sign-in", data={"email": "a@b.example"}, headers={"Origin": origin})
    assert (sent.status_code == 200) is is_own


def test_a_facilitator_does_not_read_what_is_not_sent(
    installation: Installation, editor: Browser
) -> None:
    path = str(editor.post("/organise/issues").response.url).removeprefix(
        "http://testserver.localhost"
    )
    page = editor.get(path)
    editor.post(path, {"version": page.hidden("version"), "subject_en": "Our head is leaving"})
    assert "Our head is leaving" in editor.get("/organise").text
    with Browser.of(installation) as browser:
        facilitator = browser.sign_in("fa@example.org", Role.FACILITATOR)
        for where in ("/organise", "/organise/workshops"):
            assert "Our head is leaving" not in facilitator.get(where).text


def test_organisers_see_where_answers_go_and_what_is_added_to_a_letter(editor: Browser) -> None:
    assert (
        "writes to Learning Conversations &lt;letters@staffroom.example&gt;"
        in editor.get("/organise").text
    )
    assert "The greeting stands above it by itself" in editor.post("/organise/issues").text


def test_whoever_asks_for_many_codes_may_not_guess_as_often(
    visitor: Browser, run_jobs: Run
) -> None:
    add_members(visitor.installation, 1, "en")
    for _ in range(11):
        _ask(visitor, "m0@school.example", "203.0.113.9")
        run_jobs()
        right = visitor.outbox()[0].subject[:7].replace(" ", "")
        wrong = "000000" if right != "000000" else "111111"
        for _ in range(5):
            visitor.post("/sign-in/code", {"code": wrong})
    _ask(visitor, "m0@school.example", "203.0.113.9")
    run_jobs()
    mail = visitor.outbox()[0]
    refused = visitor.post("/sign-in/code", {"code": mail.subject[:7]})
    assert (refused.status, "link in the mail works too" in refused.text) == (422, True)
    visitor.post(link_of(mail, "/sign-in/"))
    assert visitor.get("/me").status == 200
    assert "m0@school.example" in visitor.get("/me").text

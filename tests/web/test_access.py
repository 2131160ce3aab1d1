"""Who may open what: the table of URLs walked with every role, and posts from other sites."""

import re

import pytest

from members.roles import PERMISSIONS, Permission, Role, may
from newsletters import issues
from tests.support.people import Browser, add_members
from web.endpoint import Access, Entry
from web.organiser.routes import ORGANISER
from web.routes import ALWAYS, SITE, entries

WHO: list[Role | None] = [None, *Role]


def _path(entry: Entry, issue: int) -> str:
    # Not one's own session: the walk goes on.
    path = entry.path.replace("{session:id}", "999")
    path = re.sub(r"\{\w+:id\}", "1", path.replace("{id:id}", str(issue)))
    return path.replace("{language}", "en").replace("{name}", "x").replace("{token}", "x")


@pytest.mark.parametrize("role", WHO, ids=lambda role: role or "stranger")
def test_every_organiser_page_opens_for_the_roles_of_the_table_only(
    visitor: Browser, role: Role | None
) -> None:
    if role:
        visitor.sign_in("who@example.org", role)
    add_members(visitor.installation, 1)
    with visitor.installation.unit_of_work() as work:
        issue = issues.new_issue(work).id
    for entry in ORGANISER:
        assert isinstance(entry.access, Permission)
        allowed = may(role, entry.access)
        for method, view in (("GET", entry.get), ("POST", entry.post)):
            if view is None:
                continue
            answer = visitor.client.request(method, _path(entry, issue), follow_redirects=False)
            turned_away = answer.status_code == 403 or "/sign-in" in answer.headers.get(
                "location", ""
            )
            assert turned_away is not allowed, (method, entry.path, answer.status_code)


def test_every_permission_is_somebodys_and_the_owner_has_all() -> None:
    assert set(PERMISSIONS) == set(Permission)
    assert all(Role.OWNER in roles for roles in PERMISSIONS.values())


def test_a_plain_member_is_no_organiser(visitor: Browser) -> None:
    visitor.sign_in("who@example.org", Role.EDITOR)
    with visitor.installation.unit_of_work() as work:
        from members.models import Organiser

        work.session.query(Organiser).delete()
    assert visitor.get("/organise").status == 403
    assert visitor.get("/me").status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://testserver.localhost"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_a_form_is_taken_only_from_our_own_pages(
    visitor: Browser, headers: dict[str, str], status: int
) -> None:
    visitor.sign_in("who@example.org", Role.OWNER)
    del visitor.client.headers["Sec-Fetch-Site"]
    assert visitor.post("/organise/issues", headers=headers).status == status


def test_a_browser_that_says_nothing_shows_the_token_of_its_session(visitor: Browser) -> None:
    visitor.sign_in("who@example.org", Role.OWNER)
    token = visitor.get("/organise/issues").hidden("csrf")
    del visitor.client.headers["Sec-Fetch-Site"]
    assert visitor.post("/organise/issues", {"csrf": token}).status == 200
    with Browser.of(visitor.installation) as other:
        other.sign_in("other@example.org", Role.OWNER)
        foreign = other.get("/organise/issues").hidden("csrf")
    assert visitor.post("/organise/issues", {"csrf": foreign}).status == 403


def test_no_get_has_a_view_that_a_post_shares() -> None:
    for entry in SITE + ORGANISER:
        assert entry.get is not entry.post


def test_every_answer_has_the_security_headers(visitor: Browser) -> None:
    for path in ("/", "/fi/subscribe", "/nowhere", "/organise", "/healthz", "/confirm/x"):
        headers = visitor.client.get(path, follow_redirects=False).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_no_page_has_an_inline_script_or_style(visitor: Browser) -> None:
    visitor.sign_in("who@example.org", Role.OWNER)
    for path in ("/", "/subscribe", "/organise", "/organise/issues", "/me", "/embed", "/outbox"):
        text = visitor.get(path).text
        assert " style=" not in text
        assert "<style" not in text
        assert "onclick" not in text
        assert text.count("<script") == text.count("<script src=")


def test_a_foreign_host_name_is_refused(visitor: Browser) -> None:
    assert visitor.client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_the_outbox_is_only_for_this_machine(visitor: Browser) -> None:
    for path in ("/outbox", "/outbox.json"):
        assert visitor.get(path).status == 200
        through_proxy = {"X-Forwarded-For": "127.0.0.1"}
        assert visitor.get(path, headers=through_proxy).status == 404


def test_where_mail_is_really_sent_there_is_no_outbox(visitor: Browser) -> None:
    settings = visitor.installation.settings.model_copy(update={"mail": "ses"})
    paths = {entry.path for entry in entries(settings)}
    assert not any(path.startswith("/outbox") for path in paths)


@pytest.mark.parametrize("path", ["/newsletter/99999999999999999999", "/newsletter/0", "/static/x"])
def test_what_is_not_there_is_a_plain_404(visitor: Browser, path: str) -> None:
    assert visitor.get(path).status == 404


def test_public_pages_are_public_and_health_is_always_there() -> None:
    assert all(entry.access is Access.PUBLIC for entry in SITE + ALWAYS)


def test_ready_means_database_valkey_tick_and_workers(visitor: Browser) -> None:
    from core.heartbeats import PARTS, beat_once
    from worker.schedule import Tick

    assert visitor.client.get("/readyz").status_code == 503
    Tick(visitor.installation).once()
    for part in PARTS:
        beat_once(visitor.installation.redis, part)
    answer = visitor.client.get("/readyz")
    assert (answer.status_code, set(answer.json().values())) == (200, {True})


def test_each_page_has_its_twin_in_the_other_language(visitor: Browser) -> None:
    page = visitor.get("/about", headers={"Accept-Language": "fi-FI,fi;q=0.9"})
    assert page.language == "fi"
    assert visitor.get("/en/about", headers={"Accept-Language": "fi"}).language == "en"
    assert visitor.get("/fi/about").language == "fi"
    assert visitor.get("/about").language == "en"
    assert 'hreflang="fi" href="http://testserver.localhost/fi/about"' in visitor.get("/about").text

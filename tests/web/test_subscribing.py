"""Double opt-in through the front door."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from members.models import ConsentEvent, Member, Subscription
from tests.conftest import both_databases
from tests.support.people import Browser, ShiftedClock, add_members, link_of

Run = Callable[[], None]


def _members(visitor: Browser) -> list[Member]:
    with visitor.installation.reading() as work:
        return list(work.session.scalars(select(Member).order_by(Member.id)))


@both_databases
def test_a_visitor_subscribes_confirms_and_is_welcomed_in_finnish(
    visitor: Browser, run_jobs: Run
) -> None:
    page = visitor.subscribe("aino@example.org", "fi", name="Aino")
    assert page.status == 200
    assert "aino@example.org" in page.text
    assert page.language == "fi"
    run_jobs()
    [asked] = visitor.outbox()
    assert asked.subject == "Vahvista tilauksesi"
    link = link_of(asked, "/confirm/")
    assert visitor.get(link).heading == "Onko tämä osoite sinun?"
    assert visitor.post(link).heading == "Kiitos, olet listalla"
    run_jobs()
    welcome, _ = visitor.outbox()
    assert welcome.subject.startswith("Tervetuloa")
    [member] = _members(visitor)
    assert (member.state, member.language, member.name) == ("confirmed", "fi", "Aino")


def test_opening_the_link_changes_nothing_however_often(visitor: Browser, run_jobs: Run) -> None:
    visitor.subscribe("ben@example.org")
    run_jobs()
    [asked] = visitor.outbox()
    for link in asked.links:
        path = link.removeprefix("http://testserver.localhost")
        visitor.get(path)
        visitor.client.head(path)
    assert [member.state for member in _members(visitor)] == ["pending"]


def test_a_second_click_says_that_it_is_confirmed_already(visitor: Browser, run_jobs: Run) -> None:
    visitor.subscribe("ben@example.org")
    run_jobs()
    link = link_of(visitor.outbox()[0], "/confirm/")
    visitor.post(link)
    run_jobs()
    assert visitor.post(link).heading == "It is confirmed already"
    assert visitor.get(link).heading == "It is confirmed already"
    run_jobs()
    assert len(visitor.outbox()) == 2  # asked and welcomed, once each


def test_an_expired_link_offers_a_new_one_in_one_tap(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    visitor.subscribe("ben@example.org")
    run_jobs()
    link = link_of(visitor.outbox()[0], "/confirm/")
    clock.forward(days=8)
    page = visitor.get(link)
    assert page.status == 410
    assert page.heading == "This link has expired"
    visitor.installation.redis.flushdb()  # the address's ten minutes are over too
    assert visitor.post(page.action("/again")).heading == "Look into your inbox"
    run_jobs()
    assert len(visitor.outbox()) == 2
    assert visitor.post(link_of(visitor.outbox()[0], "/confirm/")).status == 200
    assert _members(visitor)[0].state == "confirmed"


OPENED = ("confirm", "not-me", "unsubscribe", "preferences", "resubscribe", "change")


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "1-newsletter.forged", "%00", "ä" * 300])
@pytest.mark.parametrize("path", [*OPENED])
def test_a_forged_or_broken_link_is_answered_calmly(
    visitor: Browser, path: str, token: str
) -> None:
    for page in (visitor.get(f"/{path}/{token}"), visitor.post(f"/{path}/{token}")):
        assert page.status == 404
        assert page.heading == "This link is not complete"


def test_a_token_of_one_purpose_is_worthless_for_another(visitor: Browser, run_jobs: Run) -> None:
    visitor.subscribe("ben@example.org")
    run_jobs()
    token = link_of(visitor.outbox()[0], "/confirm/").rpartition("/")[2]
    for path in ("not-me", "unsubscribe", "preferences", "resubscribe", "change"):
        assert visitor.post(f"/{path}/{token}").status == 404


def test_this_was_not_me_deletes_what_is_pending(visitor: Browser, run_jobs: Run) -> None:
    visitor.subscribe("ben@example.org", name="Mallory")
    run_jobs()
    link = link_of(visitor.outbox()[0], "/not-me/")
    assert visitor.get(link).heading == "It was not you?"
    assert visitor.post(link).heading == "The address is removed"
    assert visitor.post(link).heading == "The address is removed"
    assert _members(visitor) == []
    confirm = link_of(visitor.outbox()[0], "/confirm/")
    assert visitor.post(confirm).heading == "This address is not waiting any more"


def test_a_stranger_cannot_remove_a_confirmed_member(visitor: Browser, run_jobs: Run) -> None:
    visitor.subscribe("ben@example.org")
    run_jobs()
    asked = visitor.outbox()[0]
    visitor.post(link_of(asked, "/confirm/"))
    visitor.post(link_of(asked, "/not-me/"))
    assert [member.state for member in _members(visitor)] == ["confirmed"]


def test_every_address_gets_the_same_page(visitor: Browser, run_jobs: Run) -> None:
    add_members(visitor.installation, 1, "en")
    visitor.subscribe("pending@school.example")
    visitor.installation.redis.flushdb()

    def answer(email: str) -> str:
        page = visitor.subscribe(email)
        assert page.status == 200
        plain = page.text.replace(email, "ADDRESS")
        return re.sub(r'name="stamp" value="[^"]*"', "", plain)

    pages = {
        answer(email)
        for email in ("new@school.example", "pending@school.example", "m0@school.example")
    }
    assert len(pages) == 1
    assert answer("new@school.example") in pages  # over its limit by now


def test_the_mail_tells_a_member_that_they_are_one(visitor: Browser, run_jobs: Run) -> None:
    add_members(visitor.installation, 1, "en")
    visitor.subscribe("M0@school.example")
    run_jobs()
    [told] = visitor.outbox()
    assert told.subject == "You are already on our list"
    assert visitor.get(link_of(told, "/preferences/")).heading == "What you get"


def test_one_address_gets_one_mail_in_ten_minutes_and_three_a_day(
    visitor: Browser, run_jobs: Run
) -> None:
    for _ in range(4):
        visitor.subscribe("ben@example.org")
        visitor.subscribe("BEN+again@example.org")
    run_jobs()
    assert len(visitor.outbox()) == 1


def test_nothing_that_a_visitor_typed_is_in_the_confirmation_mail(
    visitor: Browser, run_jobs: Run
) -> None:
    visitor.subscribe("ben@example.org", name="Buy pills at evil.example")
    run_jobs()
    [asked] = visitor.outbox()
    assert "pills" not in asked.source


def test_a_full_honeypot_is_thanked_and_forgotten(visitor: Browser, run_jobs: Run) -> None:
    assert visitor.subscribe("bot@example.org", website="http://spam").status == 200
    run_jobs()
    assert _members(visitor) == []


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "Please write your e-mail address."),
        ("not an address", "This does not look like an e-mail address."),
        ("a@b\r\nBcc: c@d.example", "This does not look like an e-mail address."),
        ("äiti@example.org", "Letters such as ä before the @ cannot be delivered yet."),
        ("a" * 300 + "@example.org", "This e-mail address is too long"),
        ("a" * 65 + "@example.org", "This does not look like an e-mail address."),
        ("<script>@example.org", "This does not look like an e-mail address."),
        ("\u202egro.elpmaxe@a", "cannot be delivered yet"),
    ],
)
def test_bad_input_names_the_field_and_keeps_what_was_typed(
    visitor: Browser, email: str, sentence: str
) -> None:
    page = visitor.subscribe(email, "fi", name="Väinö 🙂 {{name}}")
    page_in_english = visitor.post("/en/subscribe", {"email": email, "name": "Väinö 🙂 {{name}}"})
    assert page.status == page_in_english.status == 422
    assert sentence in page_in_english.problem
    assert 'value="Väinö 🙂 {{name}}"' in page.text
    assert "<script>" not in page.text.replace('<script src="', "")
    assert 'aria-invalid="true"' in page.text


def test_a_disposable_address_is_refused_in_a_sentence(visitor: Browser) -> None:
    settings = visitor.installation.settings.model_copy(
        update={"disposable_domains": ("trash.example",)}
    )
    object.__setattr__(visitor.installation, "settings", settings)
    page = visitor.subscribe("a@trash.example")
    assert page.status == 422
    assert "trash.example are thrown away soon" in page.problem


def test_a_form_without_our_stamp_asks_for_one_more_press(visitor: Browser) -> None:
    page = visitor.post("/en/subscribe", {"email": "ben@example.org", "language": "en"})
    assert page.status == 422
    assert "press the button once more" in page.problem
    again = visitor.post(
        "/en/subscribe", {"email": "ben@example.org", "stamp": page.hidden("stamp")}
    )
    assert again.status == 200


def test_the_form_for_other_sites_works_from_there(visitor: Browser, run_jobs: Run) -> None:
    snippet = visitor.get("/embed")
    fields = {"email": "ben@example.org", "language": "en", "stamp": snippet.hidden("stamp")}
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://school.example"}
    assert (
        visitor.post("/subscribe", {**fields, "source": "embed"}, headers=elsewhere).status == 200
    )
    run_jobs()
    assert len(visitor.outbox()) == 1
    assert _members(visitor)[0].source == "embed"


def test_a_form_over_the_size_limit_is_refused_before_it_is_read(visitor: Browser) -> None:
    page = visitor.post("/subscribe", {"email": "a@example.org", "name": "x" * 100_000})
    assert page.status == 413
    assert page.heading == "That was too much at once"
    assert page.response.headers["content-security-policy"]


def test_json_sign_up_answers_202_and_says_what_is_wrong(visitor: Browser, run_jobs: Run) -> None:
    good = visitor.client.post(
        "/api/subscriptions", json={"email": "ben@example.org", "language": "fi"}
    )
    assert (good.status_code, good.json()) == (202, {"status": "check your inbox"})
    run_jobs()
    assert visitor.outbox()[0].subject == "Vahvista tilauksesi"
    for body, field in (
        ({"email": "nonsense", "language": "en"}, "email"),
        ({"email": "a@example.org", "language": "sv"}, "language"),
        ({"email": "a@example.org", "topics": ["gossip"]}, "topics"),
        ({"email": "a@example.org", "topics": "newsletter"}, "topics"),
        ({"email": 7}, "email"),
        ([], None),
    ):
        bad = visitor.client.post("/api/subscriptions", json=body)
        assert (bad.status_code, bad.json()["field"]) == (422, field)
    assert visitor.client.post("/api/subscriptions", content=b"{").status_code == 422


def test_only_allowed_sites_may_read_the_json_answer(visitor: Browser) -> None:
    settings = visitor.installation.settings.model_copy(
        update={"allowed_origins": ("https://friend.example",)}
    )
    object.__setattr__(visitor.installation, "settings", settings)
    body = {"email": "ben@example.org", "language": "en"}
    for origin, allowed in (("https://friend.example", True), ("https://evil.example", False)):
        answer = visitor.client.post("/api/subscriptions", json=body, headers={"Origin": origin})
        assert ("access-control-allow-origin" in answer.headers) is allowed


@both_databases
def test_who_does_not_confirm_is_reminded_once_and_then_forgotten(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    from worker.jobs import purge, remind_pending

    visitor.subscribe("ben@example.org")
    run_jobs()
    remind_pending()
    run_jobs()
    assert len(visitor.outbox()) == 1
    clock.forward(hours=25)
    for _ in range(2):
        remind_pending()
        run_jobs()
    assert visitor.outbox()[0].subject == "A reminder: is this address yours?"
    assert len(visitor.outbox()) == 2
    clock.forward(days=12)
    purge()
    assert len(_members(visitor)) == 1
    clock.forward(days=2)
    purge()
    assert _members(visitor) == []


@both_databases
def test_consent_is_kept_with_its_words_source_network_and_mail(
    visitor: Browser, run_jobs: Run
) -> None:
    visitor.subscribe("ben@example.org", workshops="1")
    run_jobs()
    visitor.post(link_of(visitor.outbox()[0], "/confirm/"))
    with visitor.installation.reading() as work:
        events = list(work.session.scalars(select(ConsentEvent).order_by(ConsentEvent.id)))
        states = set(work.session.scalars(select(Subscription.state)))
    assert {(e.act, e.topic) for e in events} == {
        (act, topic) for act in ("requested", "confirmed") for topic in ("newsletter", "workshops")
    }
    assert states == {"subscribed"}
    assert all(len(e.text_hash) == 64 and e.text_version and e.source for e in events)
    assert events[-1].mailing_id is not None


def test_a_workshop_invitation_is_only_for_those_who_ticked_it(
    visitor: Browser, run_jobs: Run
) -> None:
    visitor.subscribe("ben@example.org")
    with visitor.installation.reading() as work:
        count = select(func.count()).select_from(Subscription)
        assert work.session.scalar(count) == 1


def test_who_left_and_subscribes_again_has_to_confirm_again(
    visitor: Browser, run_jobs: Run
) -> None:
    add_members(visitor.installation, 1, "en")
    visitor.subscribe("m0@school.example")
    run_jobs()
    preferences = link_of(visitor.outbox()[0], "/preferences/")
    visitor.post(preferences, {"paused_until": ""})
    visitor.installation.redis.flushdb()
    visitor.subscribe("m0@school.example")
    run_jobs()
    asked = visitor.outbox()[0]
    assert asked.subject == "Please confirm your subscription"
    with visitor.installation.reading() as work:
        assert work.session.scalar(select(Subscription.state)) == "pending"
    visitor.post(link_of(asked, "/confirm/"))
    with visitor.installation.reading() as work:
        assert work.session.scalar(select(Subscription.state)) == "subscribed"


def test_a_typo_is_hinted_at_but_never_blocks(visitor: Browser) -> None:
    assert "Did you mean ben@gmail.com?" in visitor.subscribe("ben@gmial.com").text


def test_a_mailbox_at_a_well_known_provider_gets_a_button(visitor: Browser) -> None:
    assert "https://mail.google.com/" in visitor.subscribe("ben@gmail.com").text


def test_the_id_of_somebody_who_is_gone_is_never_given_again(
    visitor: Browser, run_jobs: Run
) -> None:
    visitor.subscribe("first@example.org")
    run_jobs()
    first = visitor.outbox()[0]
    visitor.post(link_of(first, "/not-me/"))
    visitor.subscribe("second@example.org")
    run_jobs()
    assert [mail.to for mail in visitor.outbox()] == ["second@example.org", "first@example.org"]
    assert visitor.post(link_of(first, "/confirm/")).status == 410
    assert _members(visitor)[0].state == "pending"


def test_who_asks_again_has_two_weeks_again(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    from worker.jobs import purge

    visitor.subscribe("ben@example.org")
    run_jobs()
    clock.forward(days=13)
    visitor.installation.redis.flushdb()
    visitor.subscribe("ben@example.org")
    clock.forward(days=2)
    purge()
    assert len(_members(visitor)) == 1


def test_nobody_can_use_up_the_sign_ups_of_all(visitor: Browser, run_jobs: Run) -> None:
    limits = {"sign_ups_in_all": "4/hour"}
    settings = visitor.installation.settings.model_copy(update=limits)
    object.__setattr__(visitor.installation, "settings", settings)
    for _ in range(10):
        visitor.subscribe("mallory@example.org")
    visitor.subscribe("ben@example.org")
    run_jobs()
    assert sorted(mail.to for mail in visitor.outbox()) == [
        "ben@example.org",
        "mallory@example.org",
    ]


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"[" * 50_000, "application/json"),
        (b'{"email": "a@example.org", "name": "\\ud800\\u0000", "topics": ["\\ud800"]}', "x/y"),
        (b'{"email": "\\ud800@example.org"}', "application/json"),
        (b"\xff\xfe", "application/json"),
    ],
)
def test_odd_json_is_refused_calmly(visitor: Browser, content: bytes, content_type: str) -> None:
    answer = visitor.client.post(
        "/api/subscriptions", content=content, headers={"Content-Type": content_type}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("charset", ["unicode_escape", "undefined", "utf-16", "nonsense"])
def test_a_form_in_an_odd_alphabet_is_refused_calmly(visitor: Browser, charset: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n\\ud800\r\n--b--\r\n'
    kind = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
    assert visitor.client.post("/subscribe", content=body, headers=kind).status_code in (400, 422)


def test_a_browser_may_ask_first_whether_a_script_may_post(visitor: Browser) -> None:
    answer = visitor.client.options("/api/subscriptions", headers={"Origin": "https://x.example"})
    assert answer.status_code == 204
    assert "access-control-allow-origin" not in answer.headers

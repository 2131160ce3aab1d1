"""What is kept ends: each rule of the table, what it leaves alone, and that no table is without."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from contributions.models import Contribution, ContributionMessage, ContributionText
from core import retention
from core.database import Base
from core.installation import Installation
from core.retention import Deletion, Ground, Rule
from core.stored_files import StoredFile
from mail.models import Delivery, Mailing
from members.models import ConsentEvent, Member, Subscription
from members.roles import Role
from staffroom.retention import RETENTION
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.authors import do, member, send_in, sign_in_as
from tests.support.people import Browser, ShiftedClock, add_members, link_of
from worker import jobs
from workshops.model.reflection_tables import CheckOut
from workshops.model.tables import Cohort, Invitation, Nomination, Registration, Workshop
from workshops.reflection import attendance

Run = Callable[[], None]
EVA = "eva@example.org"

ENDED_BY = {
    "community_part": "said-before", "community_file": "said-before",
    "inquiry": "inquiries", "question_answer": "answers",
    "member_note": "notes",
    "people_import": "imports",
    "import_change": "imports",
    "address_change": "address-changes",
    "agreement": "registrations", "authenticator": "second-factors",
    "audit_entry": "audit", "blocked_sign_up": "blocked-sign-ups",
    "check_in": "check-ins", "check_out": "registrations", "cohort": "invitations",
    "consent_event": "consents", "contribution": "settled", "contribution_co_author": "settled",
    "contribution_file": "settled-parts", "contribution_held_letter": "settled-parts",
    "contribution_leaning": "settled-parts", "contribution_message": "settled-parts",
    "contribution_text": "settled-parts", "erased_address": "erased-addresses",
    "delivery": "delivery-addresses",
    "joined_member": "members",
    "invitation": "invitations", "issue": "discarded-drafts", "issue_text": "discarded-drafts",
    "issue_picture": "discarded-drafts", "issue_revision": "issue-revisions",
    "mail_event": "mail-events",
    "mailing": "service-mail", "member": "members", "member_label": "members",
    "nomination": "nominations", "organiser": "members", "passkey": "second-factors",
    "recovery_codes": "second-factors", "private_note": "facilitators-notes",
    "registration": "registrations", "rule_suggestion": "registrations",
    "sign_in_request": "sign-ins", "sign_in_session": "sessions",
    "sign_up_request": "blocked-sign-ups", "stored_file": "files", "subscription": "members",
    "suppression": "suppressions", "undertaking": "registrations",
    "unkept_sign_ups": "blocked-sign-ups",
}  # fmt: skip
SAYS_NOTHING_OF_ANYBODY = {
    "deletion", "issue_opinion", "question",
    "feed", "segment", "not_twins", "ground_rules", "interest", "library_item",
    "library_item_topic", "library_collection", "library_collection_item",
    "library_transcript", "letter_words",
    "library_words", "recurring", "obstacle", "told", "mail_gate", "mail_account",
    "held_notice", "area", "workshop",
    # What was learned and taken on together stays; who wrote it goes with the member.
    "double_loop_answer", "joint_action", "learning_point",
}  # fmt: skip


def test_every_table_has_a_rule_or_says_nothing_of_anybody() -> None:
    tables = set(Base.metadata.tables)
    unknown = tables - ENDED_BY.keys() - SAYS_NOTHING_OF_ANYBODY
    assert {name for name in unknown if not name.startswith(("area", "interest"))} == set()
    assert set(ENDED_BY.values()) <= {rule.name for rule in RETENTION}


def test_each_rule_says_what_why_how_long_and_on_which_ground() -> None:
    assert len({rule.name for rule in RETENTION}) == len(RETENTION) > 20
    for rule in RETENTION:
        assert rule.ground in Ground
        assert rule.kept is not None or rule.until is not None, rule.name
        assert (rule.purge is not None) == (rule.kept is not None), rule.name


@pytest.mark.parametrize("language", ["en", "fi"])
def test_the_privacy_notice_prints_the_whole_table(visitor: Browser, language: str) -> None:
    page = visitor.get(f"/{language}/privacy")
    assert page.status == 200
    for rule in RETENTION:
        assert " ".join(rule.what.text(language).split()) in page.each("td"), rule.name
    assert "/privacy" in visitor.get("/subscribe").text


def test_the_notice_names_who_is_responsible_as_the_settings_do(
    installation: Installation,
) -> None:
    said = {"controller": "Opettajat ry, Katu 1, Helsinki", "hosting": "Kone Oy, Helsinki"}
    settings = installation.settings.model_copy(update=said)
    with Browser.of(replace(installation, settings=settings)) as visitor:
        page = visitor.get("/privacy").text
    assert said["controller"] in page
    assert said["hosting"] in page


def _purge(installation: Installation, run_jobs: Run) -> None:
    run_jobs()
    jobs.purge()


@both_databases
def test_what_a_service_mail_said_goes_when_it_has_arrived(visitor: Browser, run_jobs: Run) -> None:
    visitor.subscribe(EVA)
    _purge(visitor.installation, run_jobs)
    with visitor.installation.reading() as work:
        [mailing] = work.session.scalars(select(Mailing)).all()
        [delivery] = work.session.scalars(select(Delivery)).all()
    assert (mailing.html, mailing.text, mailing.calendar, delivery.values) == ("", "", "", {})
    assert mailing.subject == "Please confirm your subscription"
    assert delivery.state == "sent"


def test_what_may_have_to_be_sent_again_stays_a_week(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    visitor.subscribe(EVA)
    run_jobs()
    with visitor.installation.unit_of_work() as work:
        work.session.execute(update(Delivery).values(state="unknown"))
    jobs.purge()
    with visitor.installation.reading() as work:
        assert work.session.scalars(select(Mailing.html)).one()
    clock.forward(days=8)
    jobs.purge()
    with visitor.installation.reading() as work:
        assert work.session.scalars(select(Mailing.html)).one() == ""


@both_databases
def test_addresses_of_deliveries_become_fingerprints_after_thirteen_months(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    add_members(visitor.installation, 1, "en")
    visitor.subscribe("m0@school.example")
    run_jobs()
    clock.forward(days=390)
    jobs.purge()
    assert _addresses(visitor) == ["m0@school.example"]
    clock.forward(days=10)
    jobs.purge()
    [address] = _addresses(visitor)
    assert address.startswith("hmac:")
    assert len(address) == 69


def _addresses(visitor: Browser) -> list[str]:
    with visitor.installation.reading() as work:
        return list(work.session.scalars(select(Delivery.address)))


def test_this_was_not_me_and_two_silent_weeks_forget_the_address_everywhere(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    visitor.subscribe(EVA)
    run_jobs()
    visitor.post(link_of(visitor.outbox()[0], "/not-me/"))
    assert [one[:5] for one in _addresses(visitor)] == ["hmac:"]
    visitor.subscribe("ben@example.org")
    run_jobs()
    clock.forward(days=15)
    jobs.purge()
    assert {one[:5] for one in _addresses(visitor)} == {"hmac:"}


def test_a_mail_that_waits_for_somebody_forgotten_does_not_go_out(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    visitor.subscribe(EVA)
    clock.forward(days=15)
    with visitor.installation.unit_of_work() as work:
        for rule in RETENTION:
            if rule.name == "pending":
                retention.run(rule, work)
    run_jobs()
    assert visitor.outbox() == []
    with visitor.installation.reading() as work:
        assert work.session.scalars(select(Delivery.state)).all() == ["cancelled"]


def test_networks_go_after_a_month_and_reasons_after_a_year(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    visitor.subscribe(EVA)
    run_jobs()
    visitor.post(link_of(visitor.outbox()[0], "/confirm/"))
    run_jobs()
    visitor.post(link_of(visitor.outbox()[0], "/preferences/"), {"paused_until": ""})
    with visitor.installation.unit_of_work() as work:
        work.session.execute(update(Subscription).values(reason="Too often"))
    clock.forward(days=31)
    jobs.purge()
    with visitor.installation.reading() as work:
        assert set(work.session.scalars(select(ConsentEvent.network))) == {""}
        assert work.session.scalars(select(Subscription.reason)).one() == "Too often"
    clock.forward(days=340)
    jobs.purge()
    with visitor.installation.reading() as work:
        assert work.session.scalars(select(Subscription.reason)).one() == ""
        assert work.session.scalars(select(Member.email)).one() == EVA


@both_databases
def test_a_year_after_a_workshop_only_certificates_say_who_was_there(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    installation = visitor.installation
    workshop = hosts.ready(installation, title="Long ago")
    hosts.invite(installation, workshop, f"{EVA}\nben@example.org")
    run_jobs()
    hosts.say(visitor, EVA, "yes", answer_1="With a song", name="Eva")
    hosts.say(visitor, "ben@example.org", "yes", answer_1="Silently")
    run_jobs()
    visitor.post(f"{hosts.place_link(visitor, EVA)}/nominate", {"email": "cleo@example.org"})
    run_jobs()
    clock.forward(days=31)
    with installation.unit_of_work() as work:
        held = work.session.get_one(Workshop, workshop.id)
        there = {row.id: True for row in work.session.scalars(select(Registration))}
        attendance.note(work, held, there, hosts.organiser_id(work))
        hers = select(Member.id).where(Member.email == EVA).scalar_subquery()
        others = update(Registration).where(Registration.member_id != hers)
        work.session.execute(others.values(certificate_code=None))
        for number in there:
            out = CheckOut(registration_id=number, learned="secret", involves="Bob", at=work.now)
            work.session.add(out)
        # A workshop without rules keeps what was written no longer.
        work.session.execute(update(Registration).values(rules_version=0))
    clock.forward(days=60)
    _purge(installation, run_jobs)
    assert _count(installation, Nomination) == 0
    assert _count(installation, Invitation) == 2
    clock.forward(days=310)
    _purge(installation, run_jobs)
    assert _count(installation, Invitation) == _count(installation, Cohort) == 0
    with installation.reading() as work:
        [kept] = work.session.scalars(select(Registration)).all()
        assert work.session.get_one(Workshop, workshop.id).title == "Long ago"
    assert (kept.certificate_name, kept.answers) == ("Eva", [])
    assert _count(installation, CheckOut) == 0
    clock.forward(days=1500)
    _purge(installation, run_jobs)
    assert _count(installation, Registration) == 0


def _count(installation: Installation, table: type[Base]) -> int:
    with installation.reading() as work:
        return work.session.scalar(select(func.count()).select_from(table)) or 0


def test_of_what_was_declined_the_parts_go_in_a_month_and_the_rest_in_a_year(
    author: Browser, editor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    installation = author.installation
    path = send_in(author, "article")
    desk = path.replace("/me/", "/organise/")
    do(editor, desk, "open")
    editor.post(f"{desk}/note", {"text": "Hm", "form_key": "n"})
    do(editor, desk, "decline")
    clock.forward(days=31)
    _purge(installation, run_jobs)
    assert _count(installation, ContributionText) == _count(installation, ContributionMessage) == 0
    page = sign_in_as(author, member(installation)).get(path)
    assert page.heading == "On listening", "its author sees what it was"
    clock.forward(days=340)
    _purge(installation, run_jobs)
    assert _count(installation, Contribution) == 0


def test_what_is_published_or_still_on_the_desk_stays(
    author: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    send_in(author, "article")
    clock.forward(days=800)
    _purge(author.installation, run_jobs)
    assert _count(author.installation, Contribution) == 1
    assert _count(author.installation, ContributionText) > 0


def test_organisers_see_what_was_ended_when(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    for name in ("a", "b"):
        visitor.subscribe(f"{name}@example.org")
    clock.forward(days=15)
    _purge(visitor.installation, run_jobs)
    _purge(visitor.installation, run_jobs)
    assert visitor.get("/organise/kept").heading == "Sign in"
    visitor.sign_in("editor@example.org", Role.EDITOR)
    rows = visitor.get("/organise/kept").each("tr")
    assert any("Addresses that nobody has confirmed 2" in row for row in rows)
    assert visitor.sign_in("f@example.org", Role.FACILITATOR).get("/organise/kept").status == 403


def test_a_rule_that_fails_holds_up_no_other(visitor: Browser, run_jobs: Run) -> None:
    def fail(_work: object) -> int:
        raise ZeroDivisionError

    run_jobs()
    broken = replace(RETENTION[0], name="broken", purge=fail)
    counted = replace(RETENTION[0], name="counted", kept=timedelta(1), purge=lambda _: 3)
    installation = replace(visitor.installation, retention=(broken, counted))
    from worker.jobs import Equipment, _parts, equip

    equip(Equipment(installation, _parts().sender))
    jobs.purge()
    with installation.reading() as work:
        rows = work.session.execute(select(Deletion.rule, Deletion.count)).all()
    assert [tuple(row) for row in rows] == [("counted", 3)]


def test_a_rule_without_an_end_does_nothing(installation: Installation) -> None:
    kept = Rule("kept", RETENTION[0].what, RETENTION[0].why, Ground.DUTY, None)
    with installation.unit_of_work() as work:
        assert retention.run(kept, work) == 0
        assert work.session.scalars(select(StoredFile.id)).all() == []

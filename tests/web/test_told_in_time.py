"""Workshops: what people are told when things change, wait, are undone, or end undecided."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from core.addresses import parse_address
from core.installation import Installation
from members.models import Member
from members.organisers import add_organiser
from members.roles import Role
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.authors import member, sign_in_as
from tests.support.people import Browser, ShiftedClock, fresh_link, link_of
from workshops.conduct import conducting
from workshops.conduct.upkeep import look_after
from workshops.model.tables import Cohort, Registration, Workshop
from workshops.reflection import attendance

Run = Callable[[], None]
ANN, BEA = "ann@example.org", "bea@example.org"
SEVEN = [f"p{n}@example.org" for n in range(7)]


def _owner(browser: Browser) -> Browser:
    return browser.sign_in("owner@example.org", Role.OWNER)


def _invited(browser: Browser, run_jobs: Run, *people: str, **more: object) -> Workshop:
    workshop = hosts.ready(browser.installation, **more)  # type: ignore[arg-type]
    hosts.invite(browser.installation, workshop, "\n".join(people))
    run_jobs()
    return workshop


def _tick(installation: Installation, run_jobs: Run) -> None:
    look_after(installation.unit_of_work)
    run_jobs()


def _subjects(browser: Browser, to: str) -> list[str]:
    return [mail.subject.partition(":")[0] for mail in browser.outbox(to)]


def _later(workshop: Workshop, days: int) -> str:
    assert workshop.starts_at
    return f"{workshop.starts_at + timedelta(days=days):%Y-%m-%d}T18:00"


@both_databases
def test_undoing_a_cancellation_leaves_what_waited_before_it(
    visitor: Browser, editor: Browser, run_jobs: Run
) -> None:
    workshop = _invited(visitor, run_jobs, *SEVEN)
    owner, base = _owner(editor), f"/organise/workshops/{workshop.public_id}"
    changed = hosts.change_form(owner, workshop, local_start=_later(workshop, 2))
    owner.post(f"{base}/change", changed)
    assert "that something has changed" in owner.get(f"{base}/change").text
    for part in ("postpone", "cancel"):
        owner.post(f"{base}/{part}")
    owner.post(f"{base}/notices/undo")
    page = owner.get(f"{base}/change")
    assert "that something has changed" in page.text
    owner.post(f"{base}/notices", {"typed": "8"})
    run_jobs()
    assert _subjects(visitor, SEVEN[0])[0] == "Changed"


def test_those_who_have_not_answered_hear_who_leads_it_now(
    visitor: Browser, editor: Browser, run_jobs: Run
) -> None:
    workshop = _invited(visitor, run_jobs, ANN)
    owner, base = _owner(editor), f"/organise/workshops/{workshop.public_id}"
    with visitor.installation.unit_of_work() as work:
        address = parse_address("gina@example.org")
        gina = add_organiser(work, address, Role.FACILITATOR, name="Gina").id
    owner.post(f"{base}/change", hosts.change_form(owner, workshop, facilitator=str(gina)))
    run_jobs()
    mail = visitor.outbox(ANN)[0]
    assert mail.subject.startswith("Changed")
    assert "Led by Gina" in mail.text
    assert "another time" not in mail.text


def test_what_was_written_to_one_facilitator_is_not_shown_to_the_next(
    visitor: Browser, editor: Browser, run_jobs: Run
) -> None:
    workshop = _invited(visitor, run_jobs, ANN, capacity=2)
    private = {"answer_1": "My secret", "shared_1": "facilitator", "name": "Ann"}
    hosts.say(visitor, ANN, "yes", **private)
    run_jobs()
    page_link = hosts.place_link(visitor, ANN)
    visitor.post(f"{page_link}/give-up")
    owner, base = _owner(editor), f"/organise/workshops/{workshop.public_id}"
    with visitor.installation.unit_of_work() as work:
        address = parse_address("gina@example.org")
        gina = add_organiser(work, address, Role.FACILITATOR, name="Gina").id
    owner.post(f"{base}/change", hosts.change_form(owner, workshop, facilitator=str(gina)))
    assert "You have a place" in visitor.post(f"{page_link}/take").text
    with Browser.of(visitor.installation) as new:
        new.sign_in("gina@example.org", Role.FACILITATOR)
        new.post(f"{base}/accept")
        assert "My secret" not in new.get(f"{base}/room").text
        visitor.post(f"{page_link}/let-read")
        assert "My secret" in new.get(f"{base}/room").text


def test_what_the_page_promises_can_be_taken_though_nobody_new_can_come(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = _invited(visitor, run_jobs, ANN, BEA, capacity=1)
    for who in (ANN, BEA):
        hosts.say(visitor, who, "yes")
    run_jobs()
    ann, bea = (hosts.place_link(visitor, who) for who in (ANN, BEA))
    with visitor.installation.unit_of_work() as work:
        conducting.close(work, work.session.get_one(Workshop, workshop.id), 1)
    clock.forward(hours=24 * hosts.days_until(workshop) - 2)
    visitor.post(f"{ann}/give-up")
    assert "1 place is free now" in visitor.get(bea).text
    assert "You have a place" in visitor.post(f"{bea}/take").text


def test_a_place_that_was_given_up_can_be_had_back_for_an_hour_whatever_the_stage(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = _invited(visitor, run_jobs, ANN)
    hosts.say(visitor, ANN, "yes")
    run_jobs()
    page_link = hosts.place_link(visitor, ANN)
    with visitor.installation.unit_of_work() as work:
        conducting.close(work, work.session.get_one(Workshop, workshop.id), 1)
    visitor.post(f"{page_link}/give-up")
    assert "You have a place" in visitor.post(f"{page_link}/take").text
    visitor.post(f"{page_link}/give-up")
    clock.forward(hours=2)
    assert "Nobody can be taken" in visitor.post(f"{page_link}/take").problem


def test_what_was_approved_once_needs_no_second_approval_within_the_hour(
    visitor: Browser, editor: Browser, author: Browser, run_jobs: Run
) -> None:
    workshop = hosts.ready(visitor.installation)
    owner, base = _owner(editor), f"/organise/workshops/{workshop.public_id}"
    owner.post(f"{base}/open", {"audience": "members", "needs_approval": "1"})
    sign_in_as(author, member(author.installation))
    author.post(f"/workshops/{workshop.public_id}", {"rules": "1"})
    owner.post(owner.get(f"{base}/people").action("/approve"))
    run_jobs()
    page_link = link_of(author.outbox("m0@school.example")[0], "/w/")
    author.post(f"{page_link}/give-up")
    assert "You have a place" in author.post(f"{page_link}/take").text


def test_an_open_workshop_says_that_it_is_full(visitor: Browser, editor: Browser) -> None:
    workshop = hosts.ready(visitor.installation, capacity=1)
    owner = _owner(editor)
    owner.post(f"/organise/workshops/{workshop.public_id}/open", {"audience": "anyone"})
    assert "waiting list" not in visitor.get(f"/workshops/{workshop.public_id}").text
    hosts.invite(visitor.installation, workshop, ANN, holds_places=True)
    assert (
        "If you say yes you are on the waiting list"
        in visitor.get(f"/workshops/{workshop.public_id}").text
    )


def test_nobody_is_asked_to_answer_after_it_began(
    visitor: Browser, editor: Browser, run_jobs: Run
) -> None:
    workshop = _invited(visitor, run_jobs, ANN)
    owner, base = _owner(editor), f"/organise/workshops/{workshop.public_id}"
    owner.post(
        f"{base}/change", hosts.change_form(owner, workshop, local_start=_later(workshop, -20))
    )
    with visitor.installation.reading() as work:
        cohort = work.session.scalars(select(Cohort)).one()
        starts_at = work.session.get_one(Workshop, workshop.id).starts_at
        assert starts_at
        assert cohort.answer_by < starts_at


def test_a_certificate_without_a_name_waits_for_it_and_then_keeps_it(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    planned = _invited(visitor, run_jobs, ANN)
    hosts.say(visitor, ANN, "yes")
    run_jobs()
    page_link = hosts.place_link(visitor, ANN)
    clock.forward(hours=24 * hosts.days_until(planned) + 3)
    installation = visitor.installation
    with installation.unit_of_work() as work:
        row = work.session.scalars(hosts.place_of(ANN)).one()
        workshop = work.session.get_one(Workshop, planned.id)
        attendance.note(work, workshop, {row.id: True}, hosts.organiser_id(work))
    _tick(installation, run_jobs)
    assert any("tell us your name" in mail.text for mail in visitor.outbox(ANN))
    assert visitor.get(f"{page_link}/certificate.pdf").status == 404
    preferences = visitor.get(page_link).attribute('a[href^="/preferences/"]', "href")
    change = fresh_link(visitor, preferences, run_jobs)
    for name in ("Ann One", "Somebody Else"):
        assert visitor.post(change, {"name": name, "language": "en"}).status == 200
    run_jobs()
    with installation.reading() as work:
        row = work.session.scalars(hosts.place_of(ANN)).one()
        assert (row.certificate_name, bool(row.certificate_code)) == ("Ann One", True)
        assert work.session.get_one(Member, row.member_id).name == "Somebody Else"


def test_a_request_that_nobody_decides_about_is_not_met_with_silence(
    visitor: Browser, editor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = _invited(visitor, run_jobs, ANN)
    with visitor.installation.unit_of_work() as work:
        ann = work.session.scalars(select(Member).where(Member.email == ANN)).one()
        row = Registration(workshop_id=workshop.id, member_id=ann.id, state="requested",
                           joined_at=work.now, changed_at=work.now)  # fmt: skip
        work.session.add(row)
    clock.forward(hours=24 * hosts.days_until(workshop) - 2)
    for _ in range(2):
        _tick(visitor.installation, run_jobs)
    assert _subjects(visitor, ANN).count("Not decided yet") == 1
    assert _subjects(_owner(editor), "owner@example.org").count("Somebody asks") == 1


def test_an_invitation_says_who_invites_though_nobody_leads_by_name(
    visitor: Browser, run_jobs: Run
) -> None:
    workshop = hosts.ready(visitor.installation)
    with visitor.installation.unit_of_work() as work:
        lead = select(Member).where(Member.email == hosts.FACILITATOR)
        work.session.scalars(lead).one().name = ""
    hosts.invite(visitor.installation, workshop, ANN)
    run_jobs()
    assert "invites you." in visitor.outbox(ANN)[0].text


def test_a_page_that_a_post_shows_leads_to_itself_in_the_other_language(
    visitor: Browser, editor: Browser, run_jobs: Run
) -> None:
    """The link led to the address that only takes POST."""
    workshop = _invited(visitor, run_jobs, ANN)
    link = hosts.invitation_link(visitor, ANN)
    owner, base = _owner(editor), f"/organise/workshops/{workshop.public_id}"
    for browser, path, shown in (
        (visitor, f"{link}/nominate", link),
        (owner, f"{base}/notices", f"{base}/change"),
        (owner, f"{base}/cohorts/1/release", f"{base}/cohorts/1"),
    ):
        page = browser.post(path, {"typed": "x"})
        [other] = page.attributes('a[lang="fi"]', "href")
        assert browser.get(other).status == 200, (path, other, shown)


def test_a_facilitator_reads_once_shortly_before_who_comes(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = _invited(visitor, run_jobs, ANN)
    clock.forward(hours=24 * hosts.days_until(workshop) - 1)
    for _ in range(2):
        _tick(visitor.installation, run_jobs)
    told = _subjects(visitor, hosts.FACILITATOR)
    assert (told.count("In two days"), told.count("Before it begins")) == (0, 1)


def test_whoever_asks_in_the_last_hour_is_not_met_with_silence_either(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = _invited(visitor, run_jobs, ANN)
    clock.forward(hours=24 * hosts.days_until(workshop) - 1)
    _tick(visitor.installation, run_jobs)
    with visitor.installation.unit_of_work() as work:
        ann = work.session.scalars(select(Member).where(Member.email == ANN)).one()
        row = Registration(workshop_id=workshop.id, member_id=ann.id, state="requested",
                           joined_at=work.now, changed_at=work.now)  # fmt: skip
        work.session.add(row)
    _tick(visitor.installation, run_jobs)
    assert _subjects(visitor, ANN).count("Not decided yet") == 1
    page = visitor.get(hosts.place_link(visitor, ANN)).text
    assert "Take my request back" in page
    assert "Leave the list" not in page

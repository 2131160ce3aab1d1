"""What organisers of workshops do in the tests, as verbs; and one workshop that is ready."""

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from core.addresses import parse_address
from core.installation import Installation
from core.unit_of_work import UnitOfWork
from members.models import Member
from members.organisers import add_organiser
from members.roles import Role
from tests.support.people import BEGIN, Browser, Page, link_of
from workshops.invitation import choosing, cohorts
from workshops.invitation.cohorts import Terms
from workshops.model.method import Frame, Part
from workshops.model.plans import Plan
from workshops.model.schedules import WallStart
from workshops.model.tables import Invitation, Registration, Workshop
from workshops.planning import planning
from workshops.planning.planning import Written

RULES = "We ask before we advise.\nWhat is said in confidence stays here."
FACILITATOR = "fa@example.org"
QUESTION = "How did you begin today?"


def plan(**changes: object) -> Plan:
    """A finished plan of a forum."""
    kept: dict[str, object] = {
        "focus": "How do we begin a lesson?",
        "why_now": "It is autumn",
        "pupils": "They arrive",
        "answers": {"problem": "The first minute", "tried": "Silence"},
        "questions": [QUESTION],
        "agenda": [Part(60, "Talk", "action"), Part(30, "End", "completion")],
        "rules": RULES,
        "meeting_url": "https://meet.example/secret-room",
        "minutes": 90,
    }
    return Plan(**{**kept, **changes})  # type: ignore[arg-type]


def organiser_id(work: UnitOfWork, email: str = "owner@example.org") -> int:
    """An owner's id."""
    return add_organiser(work, parse_address(email), Role.OWNER, name="Olga").id


def facilitator_id(work: UnitOfWork) -> int:
    """A facilitator's id."""
    return add_organiser(work, parse_address(FACILITATOR), Role.FACILITATOR, name="Fanny").id


def ready(
    installation: Installation,
    capacity: int = 8,
    days: float = 30,
    zone: str = "Europe/Helsinki",
    title: str = "The first minute",
    **changes: object,
) -> Workshop:
    """A workshop whose ground is prepared, in some days at six in the evening of its zone.

    `capacity` are the places besides that of who leads it.
    """
    with installation.unit_of_work() as work:
        by = organiser_id(work)
        start = (work.now.astimezone(ZoneInfo(zone)) + timedelta(days=days)).replace(
            hour=18, minute=0, second=0, microsecond=0, tzinfo=None
        )
        workshop = planning.begin(work, Frame.FORUM, "en", by)
        written = Written(
            title=title,
            frame=Frame.FORUM,
            language="en",
            start=WallStart(f"{start:%Y-%m-%dT%H:%M}", zone),
            capacity=capacity + 1,  # who leads it has a place too
            boundary="ideas",
            area_id=None,
            follow_up_on=start.date() + timedelta(days=30),
            facilitator_id=facilitator_id(work),
            seat_id=None,
            plan=plan(**changes),
        )
        planning.write_down(work, workshop, written, 1, by)
        planning.accept_duties(work, workshop, facilitator_id(work))
        planning.make_ready(work, workshop, by)
        return workshop


def invite(
    installation: Installation,
    workshop: Workshop,
    emails: str,
    *,
    holds_places: bool = False,
    days: float = 20,
    note: str = "",
    language: str = "en",
) -> None:
    """Prepare a cohort from addresses and let it go."""
    with installation.unit_of_work() as work:
        found = work.session.get_one(Workshop, workshop.id)
        by = organiser_id(work)
        chosen = choosing.from_text(work, emails, language)
        terms = Terms(work.now + timedelta(days=days), holds_places, note)
        cohort = cohorts.prepare(work, found, chosen.people, terms, by, chosen.left_out)
        cohorts.release(work, found, cohort, str(cohorts.size(work.session, cohort.id)), by)


def invitation_link(browser: Browser, email: str) -> str:
    """The path of the newest invitation in somebody's mailbox."""
    mail = next(m for m in browser.outbox(email) if any("/i/" in link for link in m.links))
    return link_of(mail, "/i/")


def say(browser: Browser, email: str, answer: str, **more: str) -> Page:
    """Answer an invitation by its link."""
    path = invitation_link(browser, email)
    rules = {"rules": "1"} if answer == "yes" else {}
    return browser.post(path, {"answer": answer, **rules, **more})


def place_link(browser: Browser, email: str) -> str:
    """The path of somebody's own page, from their newest mail that has one."""
    mail = next(m for m in browser.outbox(email) if any("/w/" in link for link in m.links))
    return link_of(mail, "/w/").removesuffix("/learning")


def answers(installation: Installation, workshop: Workshop) -> dict[str, str]:
    """Who has answered how, by address."""
    with installation.reading() as work:
        rows = work.session.execute(
            select(Member.email, Invitation.state)
            .join(Invitation, Invitation.member_id == Member.id)
            .where(Invitation.workshop_id == workshop.id)
        )
        return dict(rows.all())


def places(installation: Installation, workshop: Workshop) -> dict[str, str]:
    """Who has which place, by address; who leads it is left out."""
    with installation.reading() as work:
        rows = work.session.execute(
            select(Member.email, Registration.state)
            .join(Registration, Registration.member_id == Member.id)
            .where(Registration.workshop_id == workshop.id, Member.email != FACILITATOR)
        )
        return dict(rows.all())


def place_of(email: str) -> Select[Registration]:
    """Somebody's registrations."""
    return select(Registration).join(Member).where(Member.email == email)


def find(installation: Installation, path: str) -> Workshop:
    """The workshop of an organiser's page."""
    with installation.reading() as work:
        found = planning.find(work.session, path.rstrip("/").rpartition("/")[2])
    assert found
    return found


def fresh(installation: Installation, workshop: Workshop) -> Workshop:
    """The workshop as it is kept now."""
    with installation.reading() as work:
        return work.session.get_one(Workshop, workshop.id)


def change_form(browser: Browser, workshop: Workshop, **changes: str) -> Mapping[str, str]:
    """What the form for changing a workshop sends."""
    now = fresh(browser.installation, workshop)
    kept = now.plan
    typed = {
        "version": str(now.version),
        "title": now.title,
        "local_start": now.local_start,
        "zone": now.zone,
        "minutes": str(kept.minutes),
        "meeting_url": kept.meeting_url,
        "rules": kept.rules,
        "follow_up_on": str(now.follow_up_on or ""),
        "facilitator": str(now.facilitator_id or ""),
    }
    return {**typed, **changes}


def days_until(workshop: Workshop) -> float:
    """How far away a workshop is when a test begins."""
    assert workshop.starts_at
    return (workshop.starts_at - BEGIN) / timedelta(days=1)


def today() -> date:
    """The day on which every test begins."""
    return BEGIN.date()

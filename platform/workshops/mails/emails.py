"""The mails about workshops: one function each, with a subject of its own and why it came."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from core.i18n import N_, Message, say_date
from core.text import one_line
from core.unit_of_work import Reading, UnitOfWork
from mail.links import Links, OpeningLink, PersonalValue
from mail.posting import Email
from mail.states import MailClass
from members.consent import WORKSHOPS
from members.models import Member
from workshops.mails import calendars, links
from workshops.mails.calendars import Attendee, Entry
from workshops.model.boundaries import BOUNDARIES
from workshops.model.hosts import Host, hosts_of
from workshops.model.method import CARDS, Frame
from workshops.model.registration_states import HOLDING, RegistrationState
from workshops.model.stages import Stage
from workshops.model.tables import Cohort, Invitation, Registration, Workshop
from workshops.model.times import whens

LONGEST_SEAT = 200
NAMED = N_(
    "You get this because somebody who takes part named you to us: your address is from them."
)
INVITED = N_("You get this because the organisers would like to have you there.")
TAKING_PART = N_("You get this because you have a place in this workshop.")
ASKED = N_("You get this because you asked for a place in this workshop.")
TOOK_PART = N_("You get this because you took part in this workshop.")


def place_token(work: Reading, registration: Registration) -> str:
    """What opens one participant's own page."""
    owner = work.session.get_one(Member, registration.member_id)
    link = links.own_page(registration, owner)
    return work.tokens.sign(link.purpose, *link.parts)


def invitation(
    workshop: Workshop,
    cohort: Cohort,
    language: str,
    template: str = "invitation",
    reason: Message = INVITED,
) -> Email:
    """Asks many at once; the name, the time and the link are each person's own."""
    plan = workshop.plan
    context = {
        **about(workshop),
        "focus": plan.focus,
        "pupils": plan.pupils,
        "frame": CARDS[Frame(workshop.frame)].name.text(language),
        "note": cohort.note,
        "places": workshop.capacity,
        "is_off": workshop.stage == Stage.CANCELLED,
        "credit": plan.credit,
        "host": workshop.host or "",
        "seat": in_the_hotseat(workshop),
        "boundary": BOUNDARIES[workshop.boundary].text(language),
        "answer_by": say_date(cohort.answer_by, language, workshop.zone),
    }
    return Email(
        template=f"workshops/{template}",
        language=language,
        reason=reason,
        context=context,
        mail_class=MailClass.INVITATION,
        topic=WORKSHOPS,
        priority=60,
        drawn_for=f"workshop {workshop.public_id}",
        personal=("invitation_url", "when"),
    )


def own_link(workshop: Workshop, member: Member, invitation: Invitation) -> Email:
    """The link by which a visitor who asked for a place shows that the address is theirs."""
    context = {**about(workshop), "whens": when_lines(workshop, member)}
    values = {"invitation_url": links.answering(invitation, member)}
    email = simple_email("own-link", member, ASKED, context, values=values, priority=10)
    return replace(email, is_unasked=True)


def page_link(workshop: Workshop, member: Member, registration: Registration, until: date) -> Email:
    """A new link to one's own page, good until a day."""
    values = {"place_url": links.own_page(registration, member, until)}
    return _your_link(workshop, member, values, has_page=True)


def answer_link(workshop: Workshop, member: Member, invited: Invitation) -> Email:
    """A new link to one's invitation, after it was answered."""
    values = {"invitation_url": links.answering(invited, member)}
    return _your_link(workshop, member, values, has_page=False)


def _your_link(
    workshop: Workshop, member: Member, values: Mapping[str, OpeningLink], *, has_page: bool
) -> Email:
    context = {**about(workshop), "whens": when_lines(workshop, member), "has_page": has_page}
    reason = N_("You get this because somebody asked for a new link on a page of yours.")
    email = simple_email("your-link", member, reason, context, values=values, priority=10)
    return replace(email, is_unasked=True)


def confirmed(
    work: UnitOfWork, workshop: Workshop, member: Member, registration: Registration
) -> Email:
    """A place, with the calendar entry."""
    more = {"room_url": organisers_page(work, workshop, member, "/room")}
    return _with_calendar("confirmed", work, workshop, member, registration, TAKING_PART, more=more)


def waiting(workshop: Workshop, member: Member, registration: Registration, position: int) -> Email:
    """A place on the waiting list, and which."""
    return _place("waiting", workshop, member, registration, ASKED, {"position": position})


def still_waiting(
    workshop: Workshop, member: Member, registration: Registration, free: int
) -> Email:
    """Places are not offered any more; what is free can be taken until the start."""
    return _place("still-waiting", workshop, member, registration, ASKED, {"free": free})


def not_decided(workshop: Workshop, member: Member, registration: Registration) -> Email:
    """A request that nobody has decided about, shortly before it begins."""
    return _place("not-decided", workshop, member, registration, ASKED)


def offer(
    workshop: Workshop, member: Member, registration: Registration, until: Sequence[str]
) -> Email:
    """A place has become free, and is kept for a while."""
    return _place("offer", workshop, member, registration, ASKED, {"until": list(until)})


def given_up(
    work: UnitOfWork, workshop: Workshop, member: Member, registration: Registration
) -> Email:
    """The place was given back; the calendar forgets it."""
    return _with_calendar(
        "given-up", work, workshop, member, registration, ASKED, is_cancelled=True
    )


def removed(
    work: UnitOfWork, workshop: Workshop, member: Member, registration: Registration
) -> Email:
    """The organisers took somebody off."""
    return _with_calendar("removed", work, workshop, member, registration, ASKED, is_cancelled=True)


def not_accepted(workshop: Workshop, member: Member, registration: Registration) -> Email:
    """The organisers could not give a place."""
    return _place("not-accepted", workshop, member, registration, ASKED)


def changed(
    work: UnitOfWork, workshop: Workshop, member: Member, registration: Registration
) -> Email:
    """Time or title are others than before."""
    return _with_calendar("changed", work, workshop, member, registration, TAKING_PART)


def new_date(
    work: UnitOfWork, workshop: Workshop, member: Member, registration: Registration
) -> Email:
    """After it was put off: the new day, and the place that was kept."""
    return _with_calendar("new-date", work, workshop, member, registration, TAKING_PART)


def postponed(
    work: UnitOfWork, workshop: Workshop, member: Member, registration: Registration
) -> Email:
    """It will be another day."""
    return _with_calendar(
        "postponed", work, workshop, member, registration, TAKING_PART, is_cancelled=True
    )


def cancelled(
    work: UnitOfWork, workshop: Workshop, member: Member, registration: Registration
) -> Email:
    """It will not take place."""
    return _with_calendar(
        "cancelled", work, workshop, member, registration, TAKING_PART, is_cancelled=True
    )


def shared_answers(
    workshop: Workshop, member: Member, registration: Registration, shared: Sequence[object]
) -> Email:
    """The day before: what the others wrote and wanted to share."""
    return _place(
        "shared-answers", workshop, member, registration, TAKING_PART, {"shared": list(shared)}
    )


def starts_soon(workshop: Workshop, member: Member, registration: Registration) -> Email:
    """The mail an hour before a workshop begins, with the address of the room."""
    return _place("starts-soon", workshop, member, registration, TAKING_PART)


def check_out(
    workshop: Workshop, member: Member, registration: Registration, is_reminder: bool
) -> Email:
    """What did I learn, whom will I involve?"""
    return _place(
        "check-out", workshop, member, registration, TOOK_PART, {"is_reminder": is_reminder}
    )


def learning_points(
    workshop: Workshop, member: Member, registration: Registration, points: Sequence[str]
) -> Email:
    """What was learned, as it was agreed."""
    return _place(
        "learning-points", workshop, member, registration, TOOK_PART, {"points": list(points)}
    )


def certificate(workshop: Workshop, member: Member, registration: Registration) -> Email:
    """The certificate can be fetched."""
    has_name = bool(registration.certificate_name)
    return _place("certificate", workshop, member, registration, TOOK_PART, {"has_name": has_name})


def action_due(
    workshop: Workshop, member: Member, registration: Registration, doing: Sequence[object]
) -> Email:
    """A week before: how is it going with what you took on?"""
    reason = N_("You get this because you took this on yourself.")
    return _place("action-due", workshop, member, registration, reason, {"doing": list(doing)})


def follow_up(
    workshop: Workshop, member: Member, registration: Registration, doing: Sequence[object]
) -> Email:
    """The day on which everybody comes back to it."""
    return _place("follow-up", workshop, member, registration, TOOK_PART, {"doing": list(doing)})


def thank_you(workshop: Workshop, member: Member, words: str, by: str) -> Email:
    """A participant's private thanks."""
    reason = N_("You get this because somebody wanted to thank you.")
    context = {**about(workshop), "words": words, "by": by}
    return simple_email("thank-you", member, reason, context)


def when_lines(workshop: Workshop, member: Member) -> list[str]:
    """When it is, in a member's own zone first; empty while there is no time."""
    if workshop.starts_at is None or workshop.ends_at is None:
        return []
    return whens(
        workshop.starts_at, workshop.ends_at, member.time_zone, workshop.zone, member.language
    )


def in_the_hotseat(workshop: Workshop) -> str:
    """Who sits in the hotseat, in one line; empty in every other frame."""
    if workshop.frame != Frame.HOTSEAT:
        return ""
    return one_line(workshop.plan.answers.get("seat", ""))[:LONGEST_SEAT]


def own_lines(workshop: Workshop, language: str) -> list[str]:
    """When it is, where it is."""
    if workshop.starts_at is None or workshop.ends_at is None:
        return []
    return whens(workshop.starts_at, workshop.ends_at, workshop.zone, workshop.zone, language)


def _with_calendar(
    name: str,
    work: UnitOfWork,
    workshop: Workshop,
    member: Member,
    registration: Registration,
    reason: Message,
    *,
    is_cancelled: bool = False,
    more: Mapping[str, object] | None = None,
) -> Email:
    entry = Entry(workshop, workshop.calendar_rev + registration.rev, is_cancelled)
    site = Links.of(work.settings, work.tokens)
    to = Attendee(member.email_ascii, member.name)
    file = ""
    is_in = registration.in_calendar or registration.state == RegistrationState.CONFIRMED
    if workshop.starts_at is not None and is_in:
        file = calendars.mailed(work.community, site, entry, to, work.now, member.language)
    return _place(name, workshop, member, registration, reason, more, calendar=file)


def _place(
    name: str,
    workshop: Workshop,
    member: Member,
    registration: Registration,
    reason: Message,
    more: Mapping[str, object] | None = None,
    calendar: str = "",
) -> Email:
    has_place = registration.state in HOLDING
    context = {
        **about(workshop),
        "whens": when_lines(workshop, member),
        "boundary": BOUNDARIES[workshop.boundary].text(member.language),
        "has_place": has_place,
        "host": workshop.host or "",
        "seat": in_the_hotseat(workshop),
        "is_host": member.id in hosts_of(workshop),
        "leads": hosts_of(workshop).get(member.id) is Host.FACILITATOR,
        "is_request": registration.state == RegistrationState.REQUESTED,
        **(more or {}),
    }
    if reason is TAKING_PART and not has_place:
        reason = ASKED
    values = {"place_url": links.own_page(registration, member)}
    return simple_email(name, member, reason, context, values=values, calendar=calendar)


def about(workshop: Workshop) -> dict[str, object]:
    """What every mail about a workshop knows of it."""
    return {"title": " ".join(workshop.title.split())}


def simple_email(
    name: str,
    member: Member,
    reason: Message,
    context: Mapping[str, object],
    *,
    priority: int = 40,
    calendar: str = "",
    values: Mapping[str, PersonalValue] | None = None,
) -> Email:
    """A service mail to one person, in their language."""
    return Email(
        template=f"workshops/{name}",
        language=member.language,
        reason=reason,
        context=context,
        priority=priority,
        calendar=calendar,
        values=values or {},
    )


def organisers_page(work: UnitOfWork, workshop: Workshop, member: Member, part: str) -> str:
    """A page of a workshop for those who organise it."""
    site = Links.of(work.settings, work.tokens)
    return site.to(f"/organise/workshops/{workshop.public_id}{part}", member.language)

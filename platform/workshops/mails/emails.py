"""The mails about workshops: one function each, with a subject of its own and why it came."""

from collections.abc import Mapping, Sequence
from datetime import date

from core.i18n import N_, Message, say_date
from core.tokens import Purpose
from core.unit_of_work import UnitOfWork
from mail.links import Links
from mail.personal import one_line
from mail.posting import Email
from mail.states import MailClass
from members.consent import WORKSHOPS
from members.models import Member
from workshops.mails import calendars
from workshops.mails.calendars import Attendee, Entry
from workshops.model.boundaries import BOUNDARIES
from workshops.model.hosts import hosts_of
from workshops.model.method import CARDS, DUTIES, Frame
from workshops.model.plans import Plan
from workshops.model.registration_states import HOLDING, Place
from workshops.model.stages import Stage
from workshops.model.tables import Cohort, Invitation, Registration, Workshop
from workshops.model.times import whens

LONGEST_SEAT = 200
INVITED = N_("You get this because the organisers would like to have you there.")
TAKING_PART = N_("You get this because you have a place in this workshop.")
ASKED = N_("You get this because you asked for a place in this workshop.")
TOOK_PART = N_("You get this because you took part in this workshop.")
ORGANISES = N_("You get this because you organise workshops in this community.")
FACILITATES = N_("You get this because you are asked to facilitate this workshop.")


def place_token(work: UnitOfWork, registration: Registration) -> str:
    """What opens one participant's own page."""
    return work.tokens.sign(Purpose.PLACE, registration.id)


def invitation(it: Workshop, cohort: Cohort, language: str, template: str = "invitation") -> Email:
    """Asks many at once; the name, the time and the link are each person's own."""
    plan = Plan.from_json(it.plan)
    context = {
        **_about(it),
        "focus": plan.focus,
        "pupils": plan.pupils,
        "frame": CARDS[Frame(it.frame)].name.text(language),
        "note": cohort.note,
        "places": it.capacity,
        "is_off": it.stage == Stage.CANCELLED,
        "credit": plan.credit,
        "host": it.host or "",
        "seat": in_the_hotseat(it),
        "boundary": BOUNDARIES[it.boundary].text(language),
        "answer_by": say_date(cohort.answer_by, language, it.zone),
    }
    return Email(
        template=f"workshops/{template}",
        language=language,
        reason=INVITED,
        context=context,
        mail_class=MailClass.INVITATION,
        topic=WORKSHOPS,
        priority=60,
    )


def own_link(it: Workshop, member: Member, invitation: Invitation) -> Email:
    """The link by which a visitor who asked for a place shows that the address is theirs."""
    context = {**_about(it), "whens": when_lines(it, member)}
    values = {"invitation": f"{invitation.id}-{invitation.round}"}
    return _email("own-link", member, ASKED, context, values=values, priority=10)


def page_link(it: Workshop, member: Member, own: Registration, until: date) -> Email:
    """A new link to one's own page, good until a day."""
    values = {"place": f"{own.id}-{until.toordinal()}"}
    return _your_link(it, member, values, has_page=True)


def answer_link(it: Workshop, member: Member, invited: Invitation) -> Email:
    """A new link to one's invitation, after it was answered."""
    values = {"invitation": f"{invited.id}-{invited.round}"}
    return _your_link(it, member, values, has_page=False)


def _your_link(it: Workshop, member: Member, values: Mapping[str, str], *, has_page: bool) -> Email:
    context = {**_about(it), "whens": when_lines(it, member), "has_page": has_page}
    reason = N_("You get this because somebody asked for a new link on a page of yours.")
    return _email("your-link", member, reason, context, values=values, priority=10)


def confirmed(work: UnitOfWork, it: Workshop, member: Member, own: Registration) -> Email:
    """A place, with the calendar entry."""
    return _with_calendar("confirmed", work, it, member, own, TAKING_PART)


def waiting(it: Workshop, member: Member, own: Registration, position: int) -> Email:
    """A place on the waiting list, and which."""
    return _place("waiting", it, member, own, ASKED, {"position": position})


def still_waiting(it: Workshop, member: Member, own: Registration, free: int) -> Email:
    """Places are not offered any more; what is free can be taken until the start."""
    return _place("still-waiting", it, member, own, ASKED, {"free": free})


def offer(it: Workshop, member: Member, own: Registration, until: Sequence[str]) -> Email:
    """A place has become free, and is kept for a while."""
    return _place("offer", it, member, own, ASKED, {"until": list(until)})


def given_up(work: UnitOfWork, it: Workshop, member: Member, own: Registration) -> Email:
    """The place was given back; the calendar forgets it."""
    return _with_calendar("given-up", work, it, member, own, ASKED, is_cancelled=True)


def removed(work: UnitOfWork, it: Workshop, member: Member, own: Registration) -> Email:
    """The organisers took somebody off."""
    return _with_calendar("removed", work, it, member, own, ASKED, is_cancelled=True)


def not_accepted(it: Workshop, member: Member, own: Registration) -> Email:
    """The organisers could not give a place."""
    return _place("not-accepted", it, member, own, ASKED)


def changed(work: UnitOfWork, it: Workshop, member: Member, own: Registration) -> Email:
    """Time or title are others than before."""
    return _with_calendar("changed", work, it, member, own, TAKING_PART)


def new_date(work: UnitOfWork, it: Workshop, member: Member, own: Registration) -> Email:
    """After it was put off: the new day, and the place that was kept."""
    return _with_calendar("new-date", work, it, member, own, TAKING_PART)


def postponed(work: UnitOfWork, it: Workshop, member: Member, own: Registration) -> Email:
    """It will be another day."""
    return _with_calendar("postponed", work, it, member, own, TAKING_PART, is_cancelled=True)


def cancelled(work: UnitOfWork, it: Workshop, member: Member, own: Registration) -> Email:
    """It will not take place."""
    return _with_calendar("cancelled", work, it, member, own, TAKING_PART, is_cancelled=True)


def shared_answers(
    it: Workshop, member: Member, own: Registration, shared: Sequence[object]
) -> Email:
    """The day before: what the others wrote and wanted to share."""
    return _place("shared-answers", it, member, own, TAKING_PART, {"shared": list(shared)})


def starts_soon(it: Workshop, member: Member, own: Registration) -> Email:
    """An hour before."""
    return _place("starts-soon", it, member, own, TAKING_PART)


def check_out(it: Workshop, member: Member, own: Registration, is_reminder: bool) -> Email:
    """What did I learn, whom will I involve?"""
    return _place("check-out", it, member, own, TOOK_PART, {"is_reminder": is_reminder})


def learning_points(
    it: Workshop, member: Member, own: Registration, points: Sequence[str]
) -> Email:
    """What was learned, as it was agreed."""
    return _place("learning-points", it, member, own, TOOK_PART, {"points": list(points)})


def certificate(it: Workshop, member: Member, own: Registration) -> Email:
    """The certificate can be fetched."""
    return _place("certificate", it, member, own, TOOK_PART)


def action_due(it: Workshop, member: Member, own: Registration, doing: Sequence[object]) -> Email:
    """A week before: how is it going with what you took on?"""
    reason = N_("You get this because you took this on yourself.")
    return _place("action-due", it, member, own, reason, {"doing": list(doing)})


def follow_up(it: Workshop, member: Member, own: Registration, doing: Sequence[object]) -> Email:
    """The day on which everybody comes back to it."""
    return _place("follow-up", it, member, own, TOOK_PART, {"doing": list(doing)})


def thank_you(it: Workshop, member: Member, words: str, by: str) -> Email:
    """A participant's private thanks."""
    reason = N_("You get this because somebody wanted to thank you.")
    context = {**_about(it), "words": words, "by": by}
    return _email("thank-you", member, reason, context)


def asked_to_facilitate(work: UnitOfWork, it: Workshop, member: Member) -> Email:
    """The duties, and where to accept them."""
    links = Links.of(work.settings, work.tokens)
    context = {
        **_about(it),
        "duties": [duty.text(member.language) for duty in DUTIES],
        "whens": when_lines(it, member),
        "accept_url": links.to("/organise/workshops", member.language),
    }
    return _email("asked-to-facilitate", member, FACILITATES, context)


def facilitators_digest(
    work: UnitOfWork, it: Workshop, member: Member, answers: Sequence[object], coming: int
) -> Email:
    """Two days before: who comes, and what they wrote."""
    context = {
        **_about(it),
        "answers": list(answers),
        "coming": coming,
        "whens": when_lines(it, member),
        "room_url": _organisers_page(work, it, member, "/room"),
    }
    reason = N_("You get this because you facilitate this workshop.")
    return _email("facilitators-digest", member, reason, context)


def who_was_there(work: UnitOfWork, it: Workshop, member: Member, count: int) -> Email:
    """To the facilitator: say who was there, so that they get their certificates."""
    context = {
        **_about(it),
        "count": count,
        "room_url": _organisers_page(work, it, member, "/room"),
    }
    return _email("who-was-there", member, FACILITATES, context)


def somebody_asks(work: UnitOfWork, it: Workshop, member: Member) -> Email:
    """A request or a nomination waits for an organiser. Names nobody: the page does."""
    context = {**_about(it), "people_url": _organisers_page(work, it, member, "/people")}
    return _email("somebody-asks", member, ORGANISES, context)


def host_gave_up(work: UnitOfWork, it: Workshop, member: Member) -> Email:
    """To organisers: who leads it or sits in the hotseat does not come. The page says who."""
    context = {
        **_about(it),
        "whens": when_lines(it, member),
        "people_url": _organisers_page(work, it, member, "/people"),
    }
    return _email("host-gave-up", member, ORGANISES, context)


def not_told(work: UnitOfWork, it: Workshop, member: Member, what: Message, count: int) -> Email:
    """To organisers: people have not been told of something, because nobody has let it go."""
    context = {
        **_about(it),
        "what": what.text(member.language),
        "count": count,
        "whens": when_lines(it, member),
        "change_url": _organisers_page(work, it, member, "/change"),
    }
    return _email("not-told", member, ORGANISES, context)


def when_lines(it: Workshop, member: Member) -> list[str]:
    """When it is, in a member's own zone first; empty while there is no time."""
    if it.starts_at is None or it.ends_at is None:
        return []
    return whens(it.starts_at, it.ends_at, member.time_zone, it.zone, member.language)


def in_the_hotseat(it: Workshop) -> str:
    """Who sits in the hotseat, in one line; empty in every other frame."""
    if it.frame != Frame.HOTSEAT:
        return ""
    return one_line(Plan.from_json(it.plan).answers.get("seat", ""))[:LONGEST_SEAT]


def own_lines(it: Workshop, language: str) -> list[str]:
    """When it is, where it is."""
    if it.starts_at is None or it.ends_at is None:
        return []
    return whens(it.starts_at, it.ends_at, it.zone, it.zone, language)


def _with_calendar(
    name: str,
    work: UnitOfWork,
    it: Workshop,
    member: Member,
    own: Registration,
    reason: Message,
    *,
    is_cancelled: bool = False,
) -> Email:
    entry = Entry(it, it.calendar_rev + own.rev, is_cancelled)
    links = Links.of(work.settings, work.tokens)
    to = Attendee(member.email_ascii, member.name)
    file = ""
    is_in = own.in_calendar or own.state == Place.CONFIRMED
    if it.starts_at is not None and is_in:
        file = calendars.mailed(work.settings, links, entry, to, work.now, member.language)
    return _place(name, it, member, own, reason, calendar=file)


def _place(
    name: str,
    it: Workshop,
    member: Member,
    own: Registration,
    reason: Message,
    more: Mapping[str, object] | None = None,
    calendar: str = "",
) -> Email:
    has_place = own.state in HOLDING
    context = {
        **_about(it),
        "whens": when_lines(it, member),
        "boundary": BOUNDARIES[it.boundary].text(member.language),
        "has_place": has_place,
        "host": it.host or "",
        "seat": in_the_hotseat(it),
        "is_host": str(hosts_of(it).get(member.id, "")),
        **(more or {}),
    }
    if reason is TAKING_PART and not has_place:
        reason = ASKED
    values = {"place": str(own.id)}
    return _email(name, member, reason, context, values=values, calendar=calendar)


def _about(it: Workshop) -> dict[str, object]:
    return {"title": " ".join(it.title.split())}


def _organisers_page(work: UnitOfWork, it: Workshop, member: Member, part: str) -> str:
    links = Links.of(work.settings, work.tokens)
    return links.to(f"/organise/workshops/{it.public_id}{part}", member.language)


def _email(
    name: str,
    member: Member,
    reason: Message,
    context: Mapping[str, object],
    *,
    priority: int = 40,
    calendar: str = "",
    values: Mapping[str, str] | None = None,
) -> Email:
    return Email(
        template=f"workshops/{name}",
        language=member.language,
        reason=reason,
        context=context,
        priority=priority,
        calendar=calendar,
        values=values or {},
    )

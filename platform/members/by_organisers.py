"""What an organiser does for somebody: corrects, pauses, takes off, asks again, writes, adds.

Nobody is ever subscribed here: more mail comes only of what its owner says themselves.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from core.actors import Who
from core.addresses import Address
from core.audit import audit
from core.errors import Refusal, unknown_language
from core.i18n import LANGUAGES, N_
from core.text import one_line, plain_lines
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from mail.suppressing import REASONS, why_suppressed
from members import emails, erased
from members.confirming import send_again
from members.consent import TOPICS, WORKSHOPS, Act
from members.evidence import Origin
from members.leaving import say_no
from members.models import ConsentEvent, Member, Subscription
from members.profile import Profile, check_profile
from members.records import lock_member, prove_address
from members.states import SubscriptionState
from members.subscribing import SignUp, ask_member, check_name, known_or_pending, sign_up
from members.subscriptions import change_topic, drop_waiting, states_of, topics_of

THING = "member"
PRESSED_TWICE = timedelta(seconds=30)
LONGEST_SUBJECT, LONGEST_TEXT, LONGEST_SOURCE = 150, 5000, 150


@dataclass(frozen=True)
class Facts:
    """What an organiser may correct of somebody."""

    name: str
    language: str
    profile: Profile


def print_of(member: Member) -> str:
    """Tells whether what can be corrected is still as somebody saw it."""
    known = (member.name, member.language, member.role, member.level, member.country)
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:16]


def correct(work: UnitOfWork, member: Member, facts: Facts, seen: str, by: int) -> None:
    """Correct what is known of somebody, as it was when the form was shown.

    Raises Refusal naming the field, or if somebody else has corrected it since.
    """
    lock_member(work, member.id)
    work.session.refresh(member)
    if seen and seen != print_of(member):
        raise Refusal(
            N_(
                "Somebody has corrected this since you opened the page: now it is “%(name)s”. "
                "What you typed is still here; look again, and save it if it is right.",
                name=member.name or member.email,
            ),
            "name",
        )
    name = check_name(facts.name)
    if facts.language not in LANGUAGES:
        raise unknown_language(facts.language, "language")
    kept = Profile(member.role, member.level, member.country)
    wanted = check_profile(facts.profile, kept)
    member.name, member.language = name, facts.language
    member.role, member.level, member.country = wanted.role, wanted.level, wanted.country
    audit(work, by, "correct", THING, member.id)


def pause(work: UnitOfWork, member: Member, until: date | None, by: int) -> None:
    """Let somebody rest until a day; None ends it. Raises Refusal if the day has passed."""
    if until is not None and until <= work.now.date():
        raise Refusal(N_("This day has passed. Please choose a later one."), "until")
    member.paused_until = until
    audit(work, by, "pause", THING, member.id, {"until": until.isoformat() if until else "-"})


def take_off(work: UnitOfWork, member: Member, topic: str, by: int) -> None:
    """Unsubscribe somebody from a topic, as they asked. A second time changes nothing."""
    if topic not in TOPICS:
        raise Refusal(N_("There is no topic called “%(topic)s”.", topic=topic[:60]), "topic")
    origin = Origin("organiser")
    state = states_of(work.session, member.id).get(topic)
    if state is None and topic == WORKSHOPS:
        say_no(work, member, topic, origin)
    elif state is SubscriptionState.PENDING:
        theirs = Subscription.member_id == member.id, Subscription.topic == topic
        drop_waiting(work, Who.MEMBER, *theirs)
        if topic == WORKSHOPS:  # of which no word at all would mean that they may be invited
            say_no(work, member, topic, origin)
    elif not change_topic(work, member, topic, False, Act.WITHDRAWN, origin):
        return
    audit(work, by, "unsubscribe", THING, member.id, {"topic": topic})


def ask_again(work: UnitOfWork, member: Member, by: int) -> None:
    """Mail the confirming link once more. Raises Refusal if they were never asked, or have said."""
    if not topics_of(work.session, member.id, SubscriptionState.PENDING):
        raise Refusal(N_("Nothing waits for their confirmation."))
    send_again(work, member, Origin("organiser"))
    audit(work, by, "ask again", THING, member.id)


@dataclass(frozen=True)
class Letter:
    """What an organiser writes to one person."""

    subject: str
    text: str


def write_to(work: UnitOfWork, member: Member, letter: Letter, by: Member) -> None:
    """Mail somebody a few words of one's own; the same words on one day go once.

    Raises Refusal naming the field, or saying why no mail goes there.
    """
    checked = _checked(letter)
    if not member.is_confirmed:
        raise Refusal(N_("The address is not confirmed: nothing but that question goes there."))
    why = why_suppressed(work, member.email_ascii)
    if why is not None:
        raise Refusal(N_("No mail goes there: %(why)s.", why=REASONS[why].text(by.language)))
    said = hashlib.sha256(f"{checked.subject}\n{checked.text}".encode()).hexdigest()[:16]
    key = delivery_key("from-organiser", member.id, f"{work.now:%Y%m%d}", said)
    email = emails.from_organiser(work, member, by, checked.subject, checked.text)
    if post(work, email, member.recipient, key) is not None:
        audit(work, by.id, "write to", THING, member.id)


def _checked(letter: Letter) -> Letter:
    subject, text = one_line(letter.subject), plain_lines(letter.text).strip()
    if not subject:
        raise Refusal(N_("Please write a subject."), "subject")
    if len(subject) > LONGEST_SUBJECT:
        raise Refusal(N_("This subject is too long: 150 characters at the most."), "subject")
    if not text:
        raise Refusal(N_("Please write what you want to say."), "text")
    if len(text) > LONGEST_TEXT:
        raise Refusal(N_("This is too long: 5,000 characters at the most."), "text")
    return Letter(subject, text)


@dataclass(frozen=True)
class Newcomer:
    """Somebody whom an organiser writes down: where they said that they wish it, and how."""

    address: Address
    name: str
    language: str
    topics: tuple[str, ...]
    source: str
    is_written: bool
    """They have said so in writing, and nobody asks them again."""


def known(work: Reading, address: Address) -> Member | None:
    """The member of an address who has confirmed it."""
    member = work.session.scalar(select(Member).where(Member.email_key == address.key))
    return member if member is not None and member.is_confirmed else None


def just_added(work: Reading, newcomer: Newcomer) -> Member | None:
    """Whoever was written down in the same words a moment ago: a button that was pressed twice."""
    asked = select(ConsentEvent.member_id).where(
        ConsentEvent.source == _origin(newcomer).source, ConsentEvent.at > work.now - PRESSED_TWICE
    )
    same = Member.email_key == newcomer.address.key, Member.id.in_(asked)
    return work.session.scalar(select(Member).where(*same))


def _origin(newcomer: Newcomer) -> Origin:
    return Origin(f"organiser: {one_line(newcomer.source)}"[:200])


def add(work: UnitOfWork, newcomer: Newcomer, by: int) -> Member:
    """Write somebody down: they are asked by mail whether it is right, before anything else goes.

    Only where the settings allow it, and they said so in writing, are they in at once.
    Raises Refusal naming the field.
    """
    _check(work, newcomer)
    origin = _origin(newcomer)
    member = known_or_pending(work, newcomer.address, newcomer.language, "", origin)
    member.name = member.name or check_name(newcomer.name)
    work.session.flush()
    if newcomer.is_written:
        _let_in(work, member, newcomer, origin)
    else:
        asked = SignUp(newcomer.address, newcomer.language, "", newcomer.topics, origin)
        sign_up(work, asked)
    audit(work, by, "add", THING, member.id)
    return member


def _check(work: UnitOfWork, newcomer: Newcomer) -> None:
    check_name(newcomer.name)
    if newcomer.language not in LANGUAGES:
        raise unknown_language(newcomer.language, "language")
    if not newcomer.topics or set(newcomer.topics) - set(TOPICS):
        raise Refusal(N_("Please tick what they would like to get."), "topics")
    if not one_line(newcomer.source):
        said = N_("Please write where they said so: at the fair, on paper, on the telephone.")
        raise Refusal(said, "source")
    if newcomer.is_written and not work.settings.written_consent:
        raise Refusal(N_("Here everybody is asked by mail first."), "is_written")
    if erased.among(work, [newcomer.address]):
        said = N_("They had themselves erased. They may come back by themselves, on the site.")
        raise Refusal(said, "email")
    why = why_suppressed(work, newcomer.address.ascii)
    if why is not None:
        raise Refusal(REASONS[why], "email")


def _let_in(work: UnitOfWork, member: Member, newcomer: Newcomer, origin: Origin) -> None:
    """As an import does: with the source as the evidence. What they have left, they are asked."""
    prove_address(work, member, Who.ORGANISER)
    states = states_of(work.session, member.id)
    for topic in newcomer.topics:
        if states.get(topic) is SubscriptionState.UNSUBSCRIBED:
            ask_member(work, member, topic, origin, is_mailed=True)
        else:
            change_topic(work, member, topic, True, Act.IMPORTED, origin)

"""The demo's people as organisers know them: labels, notes, segments, reasons, a message."""

from datetime import timedelta

from sqlalchemy import select, update

from contributions import inquiries
from core.addresses import parse_address
from core.unit_of_work import UnitOfWork
from members import labelling, notes, saved_segments
from members.consent import Act
from members.models import ConsentEvent, Member, Subscription
from members.segments import Segment
from members.states import SubscriptionState

LABELS = {"Oulu": 7, "pilot group": 11, "spring fair": 5}
"""Each label, and of how many members one has it."""
NOTES = ("Phoned: would like to lead a forum in spring.", "Met at the spring fair in Oulu.")
REASONS = (
    "I have changed work. Thank you for everything!",
    "Too many letters for me just now.",
    "En ehdi lukea, palaan ehkä syksyllä.",
)


def fill_people(work: UnitOfWork) -> None:
    """After the members are there, and some have left."""
    for label, each in LABELS.items():
        labelling.put_on(work, Member.id % each == 0, label, None)
    leaders = Segment(languages=frozenset({"fi"}), roles=frozenset({"school-leader"}))
    saved_segments.save(work, "Finnish-speaking school leaders", leaders, None)
    oulu = Segment(labels=frozenset({"Oulu"}))
    saved_segments.save(work, "Oulu", oulu, None)
    ids = work.session.scalars(select(Member.id).order_by(Member.id)).all()
    for number, text in zip(ids[3:], NOTES, strict=False):
        notes.write(work, number, text, None)
    _date_the_evidence(work)
    _tell_reasons(work)
    address = parse_address("mia@elsewhere.example")
    asked = "Hello, may a whole staff room join, and who would lead our first conversation?"
    written = inquiries.Written(address, "Mia", "en", asked, "demo")
    inquiries.write_in(work, written)


def _date_the_evidence(work: UnitOfWork) -> None:
    """They came over the last half-year, and did not all come today; some left later."""
    for member in work.session.scalars(select(Member)).all():
        if member.source != "demo" or not member.is_confirmed:
            continue
        came = work.now - timedelta(days=30 + member.id * 37 % 150, hours=2)
        member.created_at = member.confirmed_at = came
        theirs = ConsentEvent.member_id == member.id
        work.session.execute(update(ConsentEvent).where(theirs).values(at=came))
        left = came + timedelta(days=member.id % 28)
        gone = update(ConsentEvent).where(theirs, ConsentEvent.act == Act.WITHDRAWN)
        work.session.execute(gone.values(at=left))
        own = update(Subscription).where(Subscription.member_id == member.id)
        is_on = Subscription.state == SubscriptionState.SUBSCRIBED
        work.session.execute(own.where(is_on).values(changed_at=came))
        work.session.execute(own.where(~is_on).values(changed_at=left))


def _tell_reasons(work: UnitOfWork) -> None:
    left = Subscription.state == SubscriptionState.UNSUBSCRIBED
    gone = work.session.scalars(select(Subscription).where(left)).all()
    for subscription, words in zip(gone, REASONS, strict=False):
        subscription.reason = words

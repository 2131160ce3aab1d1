"""Two records of one person become one: of each topic the latest wish counts."""

from sqlalchemy import delete, select, update

from core.audit import audit
from core.errors import Refusal
from core.i18n import N_
from core.persons import Person, give
from core.unit_of_work import UnitOfWork
from mail.keys import delivery_key
from mail.posting import Recipient, post
from members import emails
from members.address_change import remember
from members.models import (
    ConsentEvent,
    JoinedMember,
    Member,
    MemberLabel,
    Organiser,
    Subscription,
)
from members.notes import MemberNote
from members.states import MemberState, SubscriptionState

FILLED = ("name", "role", "level", "country", "time_zone")
"""What the record that stays takes over where it says nothing."""


def check_joinable(work: UnitOfWork, kept: Person, other: Person) -> None:
    """Raises Refusal where two records are not to be joined. Who joins them at once waits."""
    ids = sorted((kept.id, other.id))
    both = select(Member.id).where(Member.id.in_(ids)).order_by(Member.id).with_for_update()
    if len(work.session.scalars(both).all()) < len(set(ids)):
        raise Refusal(N_("One of both is not here any more."))
    if kept.id == other.id:
        raise Refusal(N_("Both addresses are of the same record already."), "email")
    if work.session.get(Organiser, other.id) is not None:
        raise Refusal(
            N_("The other address is an organiser's. Please take the role away first."), "email"
        )
    if work.session.get_one(Member, kept.id).state != MemberState.CONFIRMED:
        raise Refusal(N_("The address that stays has not been confirmed yet."))


def join(work: UnitOfWork, kept: Person, other: Person) -> None:
    """What they agreed to, when, and which labels they have; the other record goes.

    The last part that is joined: what refers to the other record has gone before.
    """
    was_confirmed = work.session.get_one(Member, other.id).state == MemberState.CONFIRMED
    if was_confirmed:
        _take_over_wishes(work, kept, other)
        give(work, ConsentEvent.member_id, kept.id, other.id)
    give(work, MemberLabel.member_id, kept.id, other.id, MemberLabel.label)
    give(work, MemberNote.member_id, kept.id, other.id)
    give(work, MemberNote.by_id, kept.id, other.id)
    give(work, JoinedMember.kept_id, kept.id, other.id)
    _fill(work, kept, other)
    gone = work.session.get_one(Member, other.id)
    language, links_version = gone.language, gone.links_version
    work.session.execute(delete(Member).where(Member.id == other.id))
    work.session.expire_all()
    joined = {"old_id": other.id, "kept_id": kept.id, "links_version": links_version}
    work.session.add(JoinedMember(**joined))
    here = work.session.get_one(Member, kept.id)
    remember(work, here, (other.email, *(one.shown for one in other.former)))
    if was_confirmed:
        _tell_both(work, here, other, language)


def _tell_both(work: UnitOfWork, here: Member, other: Person, language: str) -> None:
    """To the address whose record is gone, and to the one that stays; neither names the other."""
    gone = Recipient(other.email_ascii, here.id)
    for to, email in ((gone, emails.joined(language)),
                      (here.recipient, emails.joined_here(here.language))):  # fmt: skip
        post(work, email, to, delivery_key(email.template, here.id, str(other.id)))


def note(work: UnitOfWork, kept: Person, other: Person, by: int | None) -> None:
    """In the audit."""
    audit(work, by, "join", "member", kept.id, {"other": other.id})


def _take_over_wishes(work: UnitOfWork, kept: Person, other: Person) -> None:
    """Of each topic the wish that was said last; what was never confirmed is none."""
    of_other = select(Subscription).where(Subscription.member_id == other.id)
    for theirs in work.session.scalars(of_other).all():
        mine = work.session.get(Subscription, (kept.id, theirs.topic))
        if theirs.state == SubscriptionState.PENDING:
            continue
        if mine is None or mine.changed_at < theirs.changed_at:
            _replace(work, kept, theirs)


def _replace(work: UnitOfWork, kept: Person, theirs: Subscription) -> None:
    topic = Subscription.topic == theirs.topic
    mine = delete(Subscription).where(Subscription.member_id == kept.id, topic)
    work.session.execute(mine)
    moved = update(Subscription).where(Subscription.member_id == theirs.member_id, topic)
    work.session.execute(
        moved.values(member_id=kept.id).execution_options(synchronize_session=False)
    )
    work.session.expire_all()


def _fill(work: UnitOfWork, kept: Person, other: Person) -> None:
    mine, theirs = (work.session.get_one(Member, one.id) for one in (kept, other))
    for name in FILLED:
        setattr(mine, name, getattr(mine, name) or getattr(theirs, name))
    mine.created_at = min(mine.created_at, theirs.created_at)
    work.session.flush()

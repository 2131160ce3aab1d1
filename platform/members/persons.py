"""What we keep of a person as a member; who may be erased, and what stays then."""

from collections.abc import Iterable, Sequence
from functools import partial

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.addresses import Address, parse_address
from core.audit import acts_of, audit
from core.i18n import N_, Message
from core.persons import Erasure, Happening, Person, PersonalRecords, Row
from core.unit_of_work import Reading, UnitOfWork
from members import emails, erased, joining, notes, organisers, sources
from members.consent import TOPIC_TEXTS, Act
from members.models import (
    AddressChange,
    BlockedSignUp,
    ConsentEvent,
    JoinedMember,
    Member,
    MemberLabel,
    Organiser,
    SignInRequest,
    SignInSession,
    SignUpRequest,
    Subscription,
)
from members.roles import Role
from members.second_factor import factors

OWN = ("email", "name", "language", "state", "role", "level", "country", "time_zone", "source")


def person_of(session: Session, member: Member) -> Person:
    """A member, as every part of the house knows them."""
    former = _former_addresses(session, member)
    own = member.email, member.email_ascii, member.email_key, member.name
    return Person(member.id, *own, former)


def _former_addresses(session: Session, member: Member) -> tuple[Address, ...]:
    """Those that they moved from, but for what has become somebody else's."""
    moved = AddressChange.member_id == member.id, AddressChange.confirmed_at.is_not(None)
    texts = set(session.scalars(select(AddressChange.old_email).where(*moved)))
    former = {one.key: one for one in map(parse_address, sorted(texts))}
    taken = select(Member.email_key).where(Member.email_key.in_(former))
    return tuple(former[key] for key in sorted(former.keys() - set(session.scalars(taken))))


def find_person(session: Session, email_key: str) -> Person | None:
    """The person of an address."""
    member = session.scalar(select(Member).where(Member.email_key == email_key))
    return person_of(session, member) if member is not None else None


def tell(work: Reading, person: Person) -> Sequence[Row]:
    """The record, what was agreed to, where they are signed in, and what they did."""
    session = work.session
    sessions = session.scalars(select(SignInSession).where(SignInSession.member_id == person.id))
    requests = session.scalars(select(SignInRequest).where(SignInRequest.member_id == person.id))
    return [
        *_record(work, person),
        *({"asked to sign in": one.created_at.isoformat()} for one in requests),
        *({"signed in since": one.created_at.isoformat(), "last used": one.seen_at.isoformat(),
           "browser": one.device} for one in sessions),
        *_factors(work, person.id),
        *({"did": one.act, "to": one.thing, "at": one.at.isoformat()}
          for one in acts_of(session, person.id)),
    ]  # fmt: skip


def _record(work: Reading, person: Person) -> Sequence[Row]:
    """The record, and what was agreed to."""
    session = work.session
    member = session.get_one(Member, person.id)
    own: Row = {name: getattr(member, name) for name in OWN}
    own["joined"] = member.created_at.isoformat()
    own["paused_until"] = member.paused_until.isoformat() if member.paused_until else None
    labels = select(MemberLabel.label).where(MemberLabel.member_id == person.id)
    own["labels"] = list(session.scalars(labels))
    organiser = session.get(Organiser, person.id)
    own["organiser"] = organiser.role if organiser is not None else None
    subscriptions = session.scalars(select(Subscription).where(Subscription.member_id == person.id))
    consents = session.scalars(select(ConsentEvent).where(ConsentEvent.member_id == person.id))
    moves = session.scalars(select(AddressChange).where(AddressChange.member_id == person.id))
    joined = session.scalars(select(JoinedMember).where(JoinedMember.kept_id == person.id))
    return [
        own,
        *({"address": one.new_email, "address before": one.old_email,
           "at": one.asked_at.isoformat()} for one in moves),
        *({"joined with record": one.old_id} for one in joined),
        *({"topic": one.topic, "state": one.state, "reason": one.reason,
           "changed": one.changed_at.isoformat()} for one in subscriptions),
        *({"note": one.text, "at": one.at.isoformat()} for one in notes.about(session, person.id)),
        *({"consent": one.act, "topic": one.topic, "words": one.text_version,
           "language": one.language, "from": one.source, "network": one.network,
           "at": one.at.isoformat()} for one in consents),
    ]  # fmt: skip


_CONSENTS = {
    Act.REQUESTED: N_("Asked for: %(topic)s (%(from_where)s)"),
    Act.CONFIRMED: N_("Confirmed: %(topic)s (%(from_where)s)"),
    Act.IMPORTED: N_("Was imported with: %(topic)s (%(from_where)s)"),
    Act.CHANGED: N_("Subscribed to: %(topic)s (%(from_where)s)"),
    Act.WITHDRAWN: N_("Left: %(topic)s (%(from_where)s)"),
    Act.RESTORED: N_("Took leaving back: %(topic)s (%(from_where)s)"),
}


def past(work: Reading, person: Person) -> Iterable[Happening]:
    """When they came, what they agreed to and left, under which addresses; organisers' notes."""
    session = work.session
    member = session.get_one(Member, person.id)
    yield Happening(
        member.created_at,
        N_("Came to us (%(from_where)s)", from_where=sources.in_words(member.source)),
    )
    consents = select(ConsentEvent).where(ConsentEvent.member_id == person.id)
    for one in session.scalars(consents):
        said = {"topic": TOPIC_TEXTS[one.topic].name, "from_where": sources.in_words(one.source)}
        yield Happening(one.at, Message(_CONSENTS[Act(one.act)].source, said))
    moves = select(AddressChange).where(
        AddressChange.member_id == person.id, AddressChange.confirmed_at.is_not(None)
    )
    for move in session.scalars(moves):
        said = {"before": move.old_email, "after": move.new_email}
        moved = N_("The address changed from %(before)s to %(after)s", **said)
        yield Happening(move.confirmed_at or move.asked_at, moved)
    for note in notes.about(session, person.id):
        yield Happening(note.at, N_("Note: %(text)s", text=note.text))


def _factors(work: Reading, member_id: int) -> list[Row]:
    """With what they sign in; never by which secret."""
    has = factors.of(work, member_id)
    app = [{"second factor": "app", "since": has.app_since.isoformat()}] if has.app_since else []
    keys = [
        {"second factor": "passkey", "browser": key.device, "since": key.added_at.isoformat()}
        for key in has.passkeys
    ]
    codes = [{"recovery codes": has.codes_left}] if has.count else []
    return [*app, *keys, *codes]


def erase(work: UnitOfWork, person: Person, how: Erasure) -> None:
    """The record, and with it subscriptions, evidence, sessions and role. Raises Refusal."""
    organisers.check_another_owner(
        work, person.id, N_("You are the only owner. Please make somebody else an owner first.")
    )
    session = work.session
    session.execute(delete(BlockedSignUp).where(BlockedSignUp.email_key.in_(person.keys)))
    written = {one.lower() for one in (person.email, *(old.shown for old in person.former))}
    typed = func.lower(SignUpRequest.email)
    session.execute(delete(SignUpRequest).where(typed.in_(written)))
    waits = func.lower(SignInRequest.address).in_(written)
    session.execute(delete(SignInRequest).where(waits))
    _tell_owners(work, person, how)
    erased.remember(work, person.addresses)
    session.execute(delete(Member).where(Member.id == person.id))
    session.expire_all()
    audit(work, how.by, "erase", "member", person.id)


def _tell_owners(work: UnitOfWork, person: Person, how: Erasure) -> None:
    """That an organiser is gone; and in the audit, who they were among them."""
    organiser = work.session.get(Organiser, person.id)
    if organiser is None:
        return
    role = Role(organiser.role)
    audit(work, how.by, "organiser erased", "organiser", person.id, {"role": str(role)})
    gone = work.session.get_one(Member, person.id)
    write = partial(emails.colleague_erased, work, role=role)
    organisers.tell_owners(work, gone, "colleague-erased", write, and_them=False)


RECORDS = PersonalRecords("membership", N_("Membership"), tell, erase, joining.join, past)

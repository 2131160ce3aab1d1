"""Taking an import back: what it did to people who, and of whom nobody, did anything since."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.orm import Session

from core.actors import Who
from core.database import Base, among
from core.installation import Installation
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from mail.models import Delivery
from members.consent import Act
from members.evidence import Origin, note_consent
from members.import_states import IMPORTS, ImportState
from members.imports import ImportChange, PeopleImport
from members.models import ConsentEvent, Member, MemberLabel, Subscription
from members.sources import TAKEN_BACK
from members.states import SubscriptionState
from members.subscriptions import states_of

AT_ONCE = 500
_OWN = ("subscription", "consent_event", "member_label", "import_change")
"""The tables that an import itself writes of a member."""


def take_back(installation: Installation, kept: PeopleImport) -> None:
    """Go through all that an import did, the last first. Harmless to repeat."""
    has_more = True
    while has_more:
        with installation.unit_of_work() as work:
            has_more = _take_some_back(work, kept.id)


def who_stays(session: Session, number: int) -> Sequence[Member]:
    """Whom taking an import back has left as they are, by name."""
    theirs = ImportChange.import_id == number, ImportChange.stays
    found = select(Member).join(ImportChange, ImportChange.member_id == Member.id).where(*theirs)
    return session.scalars(found.order_by(Member.folded, Member.id)).all()


def _take_some_back(work: UnitOfWork, number: int) -> bool:
    kept = work.session.get_one(PeopleImport, number, with_for_update=True)
    if kept.state != ImportState.UNDOING:
        return False
    last = select(ImportChange).where(ImportChange.import_id == number, ~ImportChange.stays)
    some = work.session.scalars(last.order_by(ImportChange.id.desc()).limit(AT_ONCE)).all()
    if not some:
        _end(work, kept)
        return False
    counts = Counter(kept.told.get("undone", {}))
    counts.update(_undo(work, kept, some))
    kept.told = {**kept.told, "undone": dict(counts)}
    done = [change.id for change in some if not change.stays]
    work.session.execute(delete(ImportChange).where(among(ImportChange.id, done)))
    work.session.flush()
    return True


def _end(work: UnitOfWork, kept: PeopleImport) -> None:
    this, at = PeopleImport.id == kept.id, work.now
    target = ImportState.UNDONE
    walk(work.session, PeopleImport.state, IMPORTS, target, Who.WORKER, this, changed_at=at)


def _undo(work: UnitOfWork, kept: PeopleImport, some: Sequence[ImportChange]) -> Iterator[str]:
    members = _members(work, [change.member_id for change in some])
    touched = _touched(work, kept, [change.member_id for change in some if change.is_new])
    gone = []
    for change in some:
        member = members.get(change.member_id)
        if member is None:
            continue
        if not change.is_new:
            yield _restore(work, kept, member, change.did)
        elif change.member_id in touched or _is_changed(work, member, change.did):
            change.stays = True
            yield "kept"
        else:
            gone.append(change.member_id)
            yield "removed"
    work.session.execute(delete(Member).where(among(Member.id, gone)))


def _members(work: UnitOfWork, ids: Sequence[int]) -> Mapping[int, Member]:
    """Locked, so that nobody says anything while it is taken back."""
    some = select(Member).where(among(Member.id, ids)).order_by(Member.id).with_for_update()
    return {member.id: member for member in work.session.scalars(some)}


def _is_changed(work: UnitOfWork, member: Member, did: Mapping[str, Any]) -> bool:
    """Whether somebody who came with the import has said anything since.

    A label is what organisers put on the whole list next; it keeps nobody here.
    """
    now = {name: getattr(member, name) for name in did["was"]}
    has_rested = member.paused_until is not None
    wishes = states_of(work.session, member.id)
    brought = {
        **dict.fromkeys(did["topics"], SubscriptionState.SUBSCRIBED),
        **dict.fromkeys(did["left"], SubscriptionState.UNSUBSCRIBED),
    }
    is_same = now == did["was"] and wishes == brought
    return has_rested or not is_same


def _touched(work: UnitOfWork, kept: PeopleImport, ids: Sequence[int]) -> set[int]:
    """Of these members, those who appear anywhere but where an import writes, or were mailed; and
    those of whom another list has spoken since."""
    spoke = (
        ConsentEvent.member_id == Member.id,
        or_(ConsentEvent.act != Act.IMPORTED, ConsentEvent.source != kept.source[:200]),
    )
    others = (
        ImportChange.member_id == Member.id,
        ImportChange.import_id != kept.id,
        ~ImportChange.stays,
    )
    mailed = exists().where(Delivery.recipient_id == Member.id)
    appears = or_(exists().where(*spoke), exists().where(*others), mailed, *_elsewhere())
    return set(work.session.scalars(select(Member.id).where(among(Member.id, ids), appears)))


def _elsewhere() -> Iterator[ColumnElement[bool]]:
    """In which other tables a member appears: found by what refers to members, so that none is
    forgotten that comes later."""
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name == "member" and table.name not in _OWN:
                yield exists().where(key.parent == Member.id)


def _restore(work: UnitOfWork, kept: PeopleImport, member: Member, did: Mapping[str, Any]) -> str:
    """Take off somebody what the import brought, where it is still as it was brought."""
    for name, value in did["fills"].items():
        if getattr(member, name) == value:
            setattr(member, name, "")
    theirs = MemberLabel.member_id == member.id, MemberLabel.label.in_(did["labels"])
    work.session.execute(delete(MemberLabel).where(*theirs))
    for topic in did["topics"]:  # a "no" that a list told of stays: nobody is written to by undoing
        if _has_last_word(work, kept, member, topic):
            _unsubscribe(work, kept, member, topic)
    return "restored"


def _has_last_word(work: UnitOfWork, kept: PeopleImport, member: Member, topic: str) -> bool:
    """Whether nothing was said of a topic since the import."""
    of_topic = ConsentEvent.member_id == member.id, ConsentEvent.topic == topic
    newest = select(ConsentEvent.act, ConsentEvent.source).where(*of_topic)
    last = work.session.execute(newest.order_by(ConsentEvent.id.desc()).limit(1)).one_or_none()
    return last is None or tuple(last) == (Act.IMPORTED, kept.source[:200])


def _unsubscribe(work: UnitOfWork, kept: PeopleImport, member: Member, topic: str) -> None:
    """They have said nothing of it, as before; the evidence says how that came."""
    this = Subscription.member_id == member.id, Subscription.topic == topic
    gone = delete(Subscription).where(*this).returning(Subscription.state)
    if SubscriptionState.SUBSCRIBED in work.session.scalars(gone).all():
        origin = Origin(TAKEN_BACK % kept.id)
        note_consent(work, member.id, topic, Act.WITHDRAWN, member.language, origin)

"""Whom to invite: by a filter over members, from a list of addresses, or those of an earlier time.

Every way ends in member ids with the words by which an organiser knows them; addresses that nobody
has yet become pending members, who get nothing but the invitation.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from core.address_lists import name_without_address, read_list
from core.addresses import Address, parse_address
from core.database import insert_if_new
from core.errors import Refusal, unknown_language
from core.i18n import N_, Message
from core.unit_of_work import UnitOfWork
from members import erased
from members.columns import has_left, language_of, name_of
from members.consent import WORKSHOPS
from members.models import Member, Subscription, folded
from members.records import new_record
from members.segments import EVERYBODY, Segment, matching
from members.states import MemberState, SubscriptionState
from members.subscribing import check_name
from members.tables import Row, read_table
from workshops.invitation.cohorts import NOT_WANTED, LeftOut
from workshops.invitation.facts import FACTS
from workshops.model.invitation_states import InvitationState
from workshops.model.registration_states import RegistrationState
from workshops.model.tables import Invitation, Registration, Workshop

SOURCE = "workshop-invitation"
WAS_ERASED = N_("had themselves erased; they may come back by themselves")
TWICE = N_("is in the list twice")
NEVER_AGREED = N_("has not said that we may invite them to workshops")
NOT_UNDERSTOOD = N_("no e-mail address was found in it")
LEFT_ELSEWHERE = N_("the file says that they left")
MOST_ROWS = 2000


@dataclass
class Chosen:
    """Member ids with the words by which they are known here, and who could not be read."""

    people: dict[int, str] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)


@dataclass(frozen=True)
class Named:
    """Somebody in a list: the line, its text, what was understood, and why it cannot be taken."""

    line: int
    text: str
    email: str
    name: str
    language: str
    problem: Message | None = None


@dataclass(frozen=True)
class _Found:
    address: Address
    name: str
    language: str


def by_segment(session: Session, segment: Segment, today: date) -> Chosen:
    """Everybody in a segment with a confirmed address. Raises Refusal if that is everybody."""
    if segment == EVERYBODY:
        raise Refusal(N_("Please choose at least one thing to filter by."), "people")
    said = Subscription.member_id == Member.id, Subscription.topic == WORKSHOPS
    agrees = exists().where(*said, Subscription.state == SubscriptionState.SUBSCRIBED)
    refuses = exists().where(*said, Subscription.state == SubscriptionState.UNSUBSCRIBED)
    found = session.execute(
        select(Member.id, Member.name, Member.email, agrees, refuses)
        .where(Member.state == MemberState.CONFIRMED, matching(segment, FACTS, today))
        .order_by(Member.id)
        .limit(MOST_ROWS + 1)
    ).all()
    return Chosen(
        {number: name or email for number, name, email, agreed, _ in found if agreed},
        [
            LeftOut(name or email, NOT_WANTED if refused else NEVER_AGREED)
            for _, name, email, agreed, refused in found
            if not agreed
        ],
    )


def from_earlier(session: Session, public_id: str) -> Chosen:
    """Those who were invited to an earlier workshop or had a place in it."""
    earlier = select(Workshop.id).where(Workshop.public_id == public_id)
    workshop_id = session.scalar(earlier)
    if workshop_id is None:
        raise Refusal(N_("Please choose a workshop from the list."), "earlier")
    invited = select(Invitation.member_id).where(
        Invitation.workshop_id == workshop_id, Invitation.state != InvitationState.REVOKED
    )
    took_part = select(Registration.member_id).where(
        Registration.workshop_id == workshop_id, Registration.state != RegistrationState.REMOVED
    )
    found = session.execute(
        select(Member.id, Member.name, Member.email)
        .where(or_(Member.id.in_(invited), Member.id.in_(took_part)))
        .order_by(Member.id)
    )
    return Chosen({number: name or email for number, name, email in found})


def from_text(work: UnitOfWork, typed: str, language: str) -> Chosen:
    """A pasted list, as mail programs and spreadsheets copy it."""
    rows = (Named(one.line, one.text, one.email, one.name, language) for one in read_list(typed))
    return _from_rows(work, rows)


def from_file(work: UnitOfWork, content: bytes, language: str) -> Chosen:
    """A CSV file, as spreadsheets and other systems write it. Raises Refusal."""
    table = read_table(content)
    return _from_rows(work, (_of_row(row, language) for row in table.rows))


def one_person(work: UnitOfWork, address: Address, name: str, language: str) -> int:
    """The member of an address, as an organiser names them, or a new pending one."""
    [member_id] = _members(work, [_Found(address, name, language)]).values()
    return member_id


def one_visitor(work: UnitOfWork, address: Address, typed_name: str, language: str) -> int:
    """The same as a visitor names them: a name that no mail says before its owner has."""
    record = new_record(address, "", language, SOURCE, work.now, typed_name=typed_name)
    work.session.execute(insert_if_new(work.session, Member).values(**record))
    return work.session.scalars(select(Member.id).where(Member.email_key == address.key)).one()


def one_typed(work: UnitOfWork, typed: str, language: str) -> int | None:
    """The member whom somebody typed, as `Rosa Laine <rosa@example.org>`; None if nothing was.

    Raises Refusal if it is not one person.
    """
    entries = list(read_list(typed))
    if not entries:
        return None
    if len(entries) != 1 or not entries[0].email:
        raise Refusal(
            N_("Please write one address of who sits in the hotseat, as in mia@example.org.")
        )
    [one] = entries
    return one_person(work, parse_address(one.email), check_name(one.name), language)


def _of_row(row: Row, language: str) -> Named:
    if row.problem is not None:
        return Named(row.line, str(row.line), "", "", language, row.problem.message)
    cells = row.cells
    email = cells.get("email", "")
    problem = LEFT_ELSEWHERE if has_left(cells) else None
    name = name_without_address(name_of(cells))
    return Named(row.line, email, email, name, cells.get("language") or language, problem)


def _from_rows(work: UnitOfWork, rows: Iterable[Named]) -> Chosen:
    chosen, found = Chosen(), dict[str, _Found]()
    for count, row in enumerate(rows):
        if count >= MOST_ROWS:
            raise Refusal(N_("At most 2000 people at once, please."), "people")
        try:
            one = _check(row)
        except Refusal as refusal:
            chosen.left_out.append(LeftOut(f"{row.line}: {row.text[:80]}", refusal.message))
            continue
        if one.address.key in found:
            chosen.left_out.append(LeftOut(f"{row.line}: {one.address.shown}", TWICE))
        found.setdefault(one.address.key, one)
    for key in sorted(erased.among(work, (one.address for one in found.values()))):
        chosen.left_out.append(LeftOut(found.pop(key).address.shown, WAS_ERASED))
    ids = _members(work, list(found.values()))
    chosen.people = {ids[key]: one.name or one.address.shown for key, one in found.items()}
    return chosen


def _check(row: Named) -> _Found:
    if row.problem is not None:
        raise Refusal(row.problem)
    if not row.email:
        raise Refusal(NOT_UNDERSTOOD)
    code = language_of(row.language)
    if code is None:
        raise unknown_language(row.language)
    return _Found(parse_address(row.email), check_name(row.name), code)


def _members(work: UnitOfWork, named: list[_Found]) -> dict[str, int]:
    """The member of each address, by its key; new ones are made in one statement."""
    rows = [new_record(one.address, one.name, one.language, SOURCE, work.now) for one in named]
    if not rows:
        return {}
    work.session.execute(insert_if_new(work.session, Member), rows)
    _tell_names(work, named)
    keys = [one.address.key for one in named]
    found = select(Member.email_key, Member.id).where(Member.email_key.in_(keys))
    ids = {key: number for key, number in work.session.execute(found)}  # noqa: C416
    return {key: ids[key] for key in keys}


def _tell_names(work: UnitOfWork, named: list[_Found]) -> None:
    """Of those who have not confirmed anything, an organiser's word holds before a visitor's."""
    nameless = Member.state == MemberState.PENDING, Member.name == ""
    this_one = Member.email_key == bindparam("key")
    told = update(Member).where(this_one, *nameless)
    told = told.values(
        name=bindparam("told"), folded=bindparam("plain"), language=bindparam("in_language")
    )
    rows = [
        {
            "key": one.address.key,
            "told": one.name,
            "in_language": one.language,
            "plain": folded(one.name, one.address.shown),
        }
        for one in named
        if one.name
    ]
    if rows:
        work.session.connection().execute(told, rows)
        work.session.expire_all()

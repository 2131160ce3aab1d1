"""Double opt-in: asking, confirming, being reminded, being forgotten.

The answer to a sign-up is the same whatever the address is; the mail tells the difference.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import CompoundSelect, Select, Update, delete, exists, func, select, true, update

from core.actors import Who
from core.address_lists import clean, has_address
from core.addresses import Address, limit_key, parse_address
from core.database import fixed, insert_if_new
from core.errors import Refusal
from core.i18n import N_, known_language
from core.rate_limits import RateLimits
from core.settings import Settings
from core.text import one_line
from core.tokens import BrokenToken, ExpiredToken, Purpose, Tokens
from core.transitions import edge, walk
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.models import Delivery, Mailing
from mail.posting import post
from members import emails
from members.consent import NEWSLETTER, TOPICS, Act
from members.evidence import Origin, note_consent
from members.models import Member, Subscription
from members.records import new_record
from members.states import MEMBERS, SUBSCRIPTIONS, MemberState, SubscriptionState

PER_ADDRESS = ("1/10 minute", "3/day")
LONGEST_NAME = 80
REMIND_AFTER = timedelta(hours=24)
FORGET_AFTER = timedelta(days=14)
AT_ONCE = 500


@dataclass(frozen=True)
class SignUp:
    """What a visitor asks for, already checked."""

    address: Address
    language: str
    name: str
    topics: tuple[str, ...]
    origin: Origin


def check_sign_up(
    settings: Settings,
    email: str,
    language: str,
    name: str,
    topics: Collection[str],
    origin: Origin,
) -> SignUp:
    """A sign-up made from what was typed. Raises Refusal naming the field and what to do."""
    address = parse_address(email)
    if address.domain in settings.disposable_domains:
        raise Refusal(
            N_(
                "Addresses at %(domain)s are thrown away soon. Please use a lasting one.",
                domain=address.domain,
            ),
            "email",
        )
    if unknown := set(topics) - set(TOPICS):
        raise Refusal(N_("There is no topic called “%(topic)s”.", topic=min(unknown)), "topics")
    chosen = tuple(topic for topic in TOPICS if topic in topics) or (NEWSLETTER,)
    return SignUp(address, known_language(language), check_name(name), chosen, origin)


def check_name(name: str) -> str:
    """A name in one line. Raises Refusal if it is too long, or holds an e-mail address."""
    line = one_line(clean(name))
    if has_address(line):
        raise Refusal(N_("Please write a name here, not an e-mail address."), "name")
    if len(line) > LONGEST_NAME:
        raise Refusal(N_("This name is too long: 80 characters at the most."), "name")
    return line


def may_send_again(limits: RateLimits, member: Member) -> bool:
    """Whether a new link may be mailed to somebody now. Raises Unavailable."""
    mailbox = limit_key(parse_address(member.email))
    return all(limits.allow(limit, "sign-ups", mailbox) for limit in PER_ADDRESS)


def sign_up(work: UnitOfWork, request: SignUp) -> None:
    """Write the sign-up down and queue the mail that fits: confirm, or you are a member already."""
    member = _find(work, request.address) or _add_pending(work, request)
    if member.state == MemberState.PENDING:
        _remember_choice(work, member, request)
    waiting = _ask_for(work, member, request)
    noted = [
        note_consent(work, member.id, topic, Act.REQUESTED, request.language, request.origin)
        for topic in request.topics
    ]
    if waiting:
        email, kind = emails.confirm_subscription(work, member), "confirm"
    else:
        email, kind = emails.already_member(work, member), "already-member"
    post(work, email, member.recipient, delivery_key(kind, noted[0]))


def known_or_pending(
    work: UnitOfWork, address: Address, language: str, name: str, origin: Origin
) -> Member:
    """The member of an address, or a new pending one who asked for no mail at all."""
    request = SignUp(address, known_language(language), check_name(name), (), origin)
    member = _find(work, address) or _add_pending(work, request)
    if member.state == MemberState.PENDING:
        member.created_at = work.now  # the two weeks begin anew with every mail that asks
    return member


class Confirmation(Enum):
    """How a click on a confirmation link ended."""

    CONFIRMED = "confirmed"
    ALREADY = "already"
    FORGOTTEN = "forgotten"


def confirm(work: UnitOfWork, token: str, origin: Origin) -> tuple[Confirmation, Member | None]:
    """Confirm an address. Raises BrokenToken or ExpiredToken. A second time changes nothing."""
    member_id, version = _ids(work.tokens.read(Purpose.CONFIRM, token))
    confirmed = walk(
        work.session,
        Member.state,
        MEMBERS,
        MemberState.CONFIRMED,
        Who.MEMBER,
        Member.id == member_id,
        Member.token_version == version,
        confirmed_at=func.coalesce(Member.confirmed_at, work.now),
        token_version=version + 1,
    )
    member = work.session.get(Member, member_id, populate_existing=True)
    if member is None:
        return Confirmation.FORGOTTEN, None
    asked = _confirmation_mail(work, member_id)
    topics = _settle_pending(work, member_id, SubscriptionState.SUBSCRIBED) if confirmed else []
    if not topics:
        return Confirmation.ALREADY, member
    for topic in topics:
        note_consent(work, member_id, topic, Act.CONFIRMED, member.language, origin, asked)
    post(
        work,
        emails.welcome(work, member),
        member.recipient,
        delivery_key("welcome", member_id, version),
    )
    return Confirmation.CONFIRMED, member


def who_confirms(work: Reading, token: str) -> tuple[Confirmation, Member | None]:
    """What confirming would meet now; changes nothing. Raises BrokenToken or ExpiredToken."""
    member_id, version = _ids(work.tokens.read(Purpose.CONFIRM, token))
    member = work.session.get(Member, member_id)
    if member is None:
        return Confirmation.FORGOTTEN, None
    is_open = member.token_version == version
    return (Confirmation.CONFIRMED if is_open else Confirmation.ALREADY), member


def expired_member(work: Reading, token: str) -> Member | None:
    """The member of a confirmation link that is ours, expired or not. Raises BrokenToken."""
    try:
        parts = work.tokens.read(Purpose.CONFIRM, token)
    except ExpiredToken as expired:
        parts = expired.parts
    return work.session.get(Member, _ids(parts)[0])


def send_again(work: UnitOfWork, member: Member, origin: Origin) -> None:
    """A new confirmation link for somebody who is still waited for, and whose old one expired."""
    waiting = select(Subscription.topic).where(
        Subscription.member_id == member.id, Subscription.state == SubscriptionState.PENDING
    )
    if work.session.scalar(waiting.limit(1)) is None:
        return
    event = note_consent(work, member.id, NEWSLETTER, Act.REQUESTED, member.language, origin)
    post(
        work,
        emails.confirm_subscription(work, member),
        member.recipient,
        delivery_key("confirm", event),
    )


def forget(work: UnitOfWork, token: str, spared: CompoundSelect[int]) -> bool:
    """Delete what is pending: "this was not me". Raises BrokenToken or ExpiredToken.

    Of `spared`, who are waited for by somebody else, only the subscription goes.
    """
    member_id, version = _ids(work.tokens.read(Purpose.NOT_ME, token))
    is_it = (Member.id == member_id, Member.token_version == version)
    deleted = work.session.execute(
        delete(Member)
        .where(*is_it, Member.state == MemberState.PENDING, Member.id.not_in(spared))
        .returning(Member.id)
    ).one_or_none()
    if deleted is not None:
        return True
    if work.session.scalar(select(Member.id).where(*is_it)) is None:
        return False
    return bool(_settle_pending(work, member_id, SubscriptionState.UNSUBSCRIBED))


def remind_pending(work: UnitOfWork) -> int:
    """Remind, once, everybody who has not confirmed within a day. Returns how many."""
    due = (
        select(Member.id)
        .where(Member.state == fixed(MemberState.PENDING), Member.reminded_at.is_(None))
        .where(Member.created_at <= work.now - REMIND_AFTER)
        # Somebody may be pending for another reason, and has no subscription to be reminded of.
        .where(
            exists().where(
                Subscription.member_id == Member.id, Subscription.state == SubscriptionState.PENDING
            )
        )
        .limit(AT_ONCE)
    )
    reminded = work.session.scalars(
        update(Member)
        .where(Member.id.in_(due), Member.reminded_at.is_(None))
        .values(reminded_at=work.now)
        .returning(Member)
    ).all()
    for member in reminded:
        email = emails.confirm_subscription(work, member, is_reminder=True)
        post(work, email, member.recipient, delivery_key("reminder", member.id))
    return len(reminded)


def purge_pending(work: UnitOfWork, spared: CompoundSelect[int] | None = None) -> int:
    """Forget everybody who did not confirm within 14 days. Returns how many.

    `spared` are ids of people who are still waited for, for another reason.
    """
    last = work.now - FORGET_AFTER
    purged = work.session.execute(
        delete(Member)
        .where(Member.state == fixed(MemberState.PENDING), Member.created_at <= last)
        .where(Member.id.not_in(spared) if spared is not None else true())
        .returning(Member.id)
    ).all()
    ended = _settled(SubscriptionState.UNSUBSCRIBED, Who.TIME, work.now)
    work.session.execute(ended.where(Subscription.changed_at <= last))
    return len(purged)


def _find(work: UnitOfWork, address: Address) -> Member | None:
    return work.session.scalar(_by_address(address))


def _by_address(address: Address) -> Select[Member]:
    return select(Member).where(Member.email_key == address.key)


def _add_pending(work: UnitOfWork, request: SignUp) -> Member:
    address, source = request.address, request.origin.source
    record = new_record(address, request.name, request.language, source, work.now)
    added = insert_if_new(work.session, Member).values(**record).returning(Member)
    member = work.session.scalars(added).one_or_none()
    # None: somebody subscribed the same address at the same moment; theirs is as good as ours.
    return member or work.session.scalars(_by_address(request.address)).one()


def _remember_choice(work: UnitOfWork, member: Member, request: SignUp) -> None:
    member.language = request.language
    member.name = request.name or member.name
    # Asking again begins the two weeks anew, or the new link might die within the hour.
    member.created_at = work.now


def _ask_for(work: UnitOfWork, member: Member, request: SignUp) -> bool:
    """Note the wanted topics as pending; whether anything waits for a confirmation now."""
    known = {
        row.topic: row
        for row in work.session.scalars(
            select(Subscription).where(Subscription.member_id == member.id)
        )
    }
    for topic in request.topics:
        if topic not in known:
            row = {"member_id": member.id, "topic": topic, "state": SubscriptionState.PENDING}
            added = insert_if_new(work.session, Subscription)
            work.session.execute(added.values(**row, changed_at=work.now, reason=""))
        elif known[topic].state != SubscriptionState.SUBSCRIBED:
            known[topic].state, known[topic].changed_at = SubscriptionState.PENDING, work.now
    states = [
        known[topic].state if topic in known else SubscriptionState.PENDING
        for topic in request.topics
    ]
    return member.state == MemberState.PENDING or SubscriptionState.PENDING in states


def _settle_pending(work: UnitOfWork, member_id: int, target: SubscriptionState) -> list[str]:
    return list(
        work.session.scalars(
            _settled(target, Who.MEMBER, work.now)
            .where(Subscription.member_id == member_id)
            .returning(Subscription.topic)
        )
    )


def _settled(target: SubscriptionState, by: Who, at: datetime) -> Update:
    """What was asked for and not confirmed comes to an end; whose is the caller's to say."""
    waiting = (SubscriptionState.PENDING,)
    state = Subscription.state
    return edge(state, SUBSCRIPTIONS, target, by, only_from=waiting, changed_at=at)


def _confirmation_mail(work: UnitOfWork, member_id: int) -> int | None:
    """The mailing that asked for the confirmation: part of the evidence."""
    return work.session.scalar(
        select(func.max(Mailing.id))
        .join(Delivery, Delivery.mailing_id == Mailing.id)
        .where(Delivery.recipient_id == member_id, Mailing.kind.like("members/confirm%"))
    )


def _ids(parts: list[str]) -> tuple[int, int]:
    try:
        member_id, version = (int(part) for part in parts)
    except ValueError:
        raise BrokenToken from None
    return member_id, version


def form_token(tokens: Tokens) -> str:
    """The signed time at which a sign-up form was shown."""
    return tokens.sign(Purpose.FORM, "subscribe")

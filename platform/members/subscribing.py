"""Double opt-in, its first half: asking.

The answer to a sign-up is the same whatever the address is; the mail tells the difference.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, select

from core.actors import Who
from core.address_lists import clean, has_address
from core.addresses import Address, parse_address
from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_, known_language
from core.settings import Settings
from core.text import one_line
from core.tokens import Purpose, Tokens
from core.unit_of_work import UnitOfWork
from mail.keys import DeliveryKey, delivery_key
from mail.posting import post
from members import emails
from members.consent import NEWSLETTER, TOPICS, Act
from members.evidence import Origin, note_consent
from members.models import Member, Subscription
from members.records import new_record
from members.states import MemberState, SubscriptionState
from members.subscriptions import await_confirmation, drop_waiting, states_of

LONGEST_NAME = 80


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


def sign_up(work: UnitOfWork, request: SignUp, *, is_mailed: bool = True) -> None:
    """Write the sign-up down and queue the mail that fits: confirm, or you are a member already.

    Not mailed, it counts as the latest wish, for the page that an earlier mail leads to.
    """
    member = _find(work, request.address) or _add_pending(work, request)
    if member.state == MemberState.PENDING:
        _remember_choice(work, member, request)
    waiting = _ask_for(work, member, request)
    if not is_mailed:
        _note_requests(work, member, request.topics, request.origin)
    elif waiting:
        ask_to_confirm(work, member, waiting, request.origin)
    else:
        [first, *_] = _note_requests(work, member, request.topics, request.origin)
        email = emails.already_member(work, member)
        post(work, email, member.recipient, delivery_key("already-member", first))


def ask_to_confirm(
    work: UnitOfWork, member: Member, topics: Collection[str], origin: Origin
) -> None:
    """Mail the link that confirms; it names the events of what was asked for."""
    events = _note_requests(work, member, topics, origin)
    email = emails.confirm_subscription(work, member, topics, events)
    post(work, email, member.recipient, confirmation_key(events[0]))


def confirmation_key(event: int) -> DeliveryKey:
    """The key of the mail that asks to confirm; `event` is the first that it names."""
    return delivery_key("confirm", event)


def _note_requests(
    work: UnitOfWork, member: Member, topics: Collection[str], origin: Origin
) -> list[int]:
    return [
        note_consent(work, member.id, topic, Act.REQUESTED, member.language, origin)
        for topic in topics
    ]


def ask_member(
    work: UnitOfWork, member: Member, topic: str, origin: Origin, *, is_mailed: bool
) -> None:
    """Ask somebody we know, by mail, whether they want a topic that a link of theirs asked for.

    Not mailed, it is their latest wish all the same, for the page that another mail leads to.
    """
    state = states_of(work.session, member.id).get(topic)
    if state is SubscriptionState.SUBSCRIBED:
        return
    await_confirmation(work, member.id, topic, state)
    if is_mailed:
        ask_to_confirm(work, member, (topic,), origin)
    else:
        _note_requests(work, member, (topic,), origin)


def known_or_pending(
    work: UnitOfWork, address: Address, language: str, name: str, origin: Origin
) -> Member:
    """The member of an address, or a new pending one who asked for no mail at all."""
    request = SignUp(address, known_language(language), check_name(name), (), origin)
    member = _find(work, address) or _add_pending(work, request)
    if member.state == MemberState.PENDING:
        member.created_at = work.now  # the two weeks begin anew with every mail that asks
    return member


def _find(work: UnitOfWork, address: Address) -> Member | None:
    return work.session.scalar(_by_address(address))


def _by_address(address: Address) -> Select[Member]:
    return select(Member).where(Member.email_key == address.key)


def _add_pending(work: UnitOfWork, request: SignUp) -> Member:
    address, source = request.address, request.origin.source
    name, at = request.name, work.now
    record = new_record(address, "", request.language, source, at, typed_name=name)
    added = insert_if_new(work.session, Member).values(**record).returning(Member)
    member = work.session.scalars(added).one_or_none()
    # None: somebody subscribed the same address at the same moment; theirs is as good as ours.
    return member or work.session.scalars(_by_address(request.address)).one()


def _remember_choice(work: UnitOfWork, member: Member, request: SignUp) -> None:
    member.language = request.language
    member.typed_name = request.name or member.typed_name
    # Asking again begins the two weeks anew, or the new link might die within the hour.
    member.created_at = work.now


def _ask_for(work: UnitOfWork, member: Member, request: SignUp) -> list[str]:
    """Note the wanted topics as pending, and return them; not those they are subscribed to.

    The latest wish counts: what was asked for earlier, and not confirmed, is asked for no more.
    """
    known = states_of(work.session, member.id)
    waiting = [t for t in request.topics if known.get(t) is not SubscriptionState.SUBSCRIBED]
    for topic in waiting:
        await_confirmation(work, member.id, topic, known.get(topic))
    asked = {topic for topic, state in known.items() if state is SubscriptionState.PENDING}
    if not_wanted := asked - set(request.topics):
        theirs = Subscription.member_id == member.id
        drop_waiting(work, Who.MEMBER, theirs, Subscription.topic.in_(not_wanted))
    return waiting


def form_token(tokens: Tokens) -> str:
    """The signed time at which a sign-up form was shown."""
    return tokens.sign(Purpose.FORM, "subscribe")

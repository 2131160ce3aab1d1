"""Signing in without a password: a mailed link and a six-digit code, for the browser that asked.

The same answer for every address; no secret is stored; everything works once.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from core.addresses import Address, limit_key, parse_address
from core.audit import AuditEntry, audit
from core.database import fixed
from core.jobs import SERVICE, Job
from core.rate_limits import RateLimits
from core.text import plain_digits
from core.tokens import BrokenToken, Purpose
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members import emails
from members.models import Member, Organiser, SignInRequest
from members.own_links import as_number
from members.roles import Role
from members.sessions import hashed
from members.states import MemberState

LOOK = Job("worker.jobs.look_at_sign_ins", SERVICE)
AT_ONCE = 20
"""So many in one transaction: others wait for it."""
LIFETIME = timedelta(minutes=10)
PRINTED_LIFETIME = timedelta(hours=24)
MOST_TRIES = 5
MOST_TRIES_A_DAY = 50
"""Of all codes of one member, from everywhere: whoever asks often may not guess often."""
PER_ADDRESS = ("12/10 minute", "60/day")
"""For one mailbox from one network, and once more from all browsers that it has signed in from:
what strangers ask for in somebody's name must not use up what belongs to them."""
FROM_EVERYWHERE = "200/day"
PER_NETWORK = "2000/hour"
TOLD = "1/hour"
PRINTED_IN_PRODUCTION = timedelta(minutes=15)
MOST_CODES = 3
"""Whoever asks twice has two mails, and may type the code of either."""
HELD_BACK = "sign-in mail held back"


def is_allowed(limits: RateLimits, address: Address, network: str, is_known: bool) -> bool:
    """Whether this may cause a sign-in mail; a refusal is never shown. Raises Unavailable.

    `is_known` says that this browser has been signed in with this address before.
    """
    mailbox = limit_key(address)
    if is_known:
        return all(limits.allow(limit, "own sign-ins", mailbox) for limit in PER_ADDRESS)
    return (
        limits.allow(PER_NETWORK, "sign-ins", network)
        and all(limits.allow(limit, "sign-ins", mailbox, network) for limit in PER_ADDRESS)
        and limits.allow(FROM_EVERYWHERE, "sign-ins of", mailbox)
    )


def may_note(limits: RateLimits, address: Address) -> bool:
    """Whether it may be written down once more, this hour, that mails are held back."""
    return limits.allow(TOLD, "held back", limit_key(address))


def note_held_back(work: UnitOfWork, address: Address) -> None:
    """Have it written down, if it is a member's, that sign-in mails are held back."""
    _keep(work, address, is_held_back=True)


def held_back(work: Reading) -> list[Member]:
    """The members whose sign-in mails were held back within a day."""
    rows = select(AuditEntry.thing_id).where(
        AuditEntry.act == HELD_BACK, AuditEntry.thing == "member",
        AuditEntry.at > work.now - timedelta(days=1),
    )  # fmt: skip
    return list(work.session.scalars(select(Member).where(Member.id.in_(rows))))


def known_as(address_key: str) -> str:
    """What a browser keeps to show that an address was signed in from it; not the address."""
    return hashlib.sha256(f"known:{address_key}".encode()).hexdigest()[:32]


def _member_of(work: UnitOfWork, address: Address) -> Member | None:
    confirmed = Member.email_key == address.key, Member.state == MemberState.CONFIRMED
    return work.session.scalar(select(Member).where(*confirmed))


def ask(work: UnitOfWork, address: Address, browser: str) -> None:
    """Start signing in from `browser` (its secret). One statement, whoever has the address."""
    _keep(work, address, browser=browser)


def _keep(
    work: UnitOfWork, address: Address, browser: str = "", *, is_held_back: bool = False
) -> None:
    row = {
        "address": address.shown,
        "is_held_back": is_held_back,
        "browser_hash": hashed(browser) if browser else "",
        "tries": 0,
        "makes_owner": False,
        "created_at": work.now,
        "expires_at": work.now + (timedelta(0) if is_held_back else LIFETIME),
    }
    work.session.connection().execute(insert(SignInRequest).values(**row))
    work.wake(LOOK)


def look_at_some(work: UnitOfWork) -> bool:
    """Mail those who are members, a few at a time; whether there were any."""
    waiting = select(SignInRequest).where(SignInRequest.address != fixed(""))
    some = waiting.order_by(SignInRequest.id).limit(AT_ONCE).with_for_update(skip_locked=True)
    found = work.session.scalars(some).all()
    for request in found:
        _look_at(work, request)
    return bool(found)


def _look_at(work: UnitOfWork, request: SignInRequest) -> None:
    member = _member_of(work, parse_address(request.address))
    request.address = ""
    is_over = not request.is_held_back and request.expires_at <= work.now
    if member is None or is_over:
        return
    if request.is_held_back:
        audit(work, None, HELD_BACK, "member", member.id)
        return
    request.member_id = member.id
    email = emails.sign_in(member, request.id)
    post(work, email, member.recipient, delivery_key("sign-in", request.id))


def print_link(work: UnitOfWork, member: Member) -> str:
    """A one-time path that signs a member in from any browser; for the console only.

    In production it is good for a quarter of an hour: consoles end up in logs.
    """
    is_production = work.settings.env == "production"
    lifetime = PRINTED_IN_PRODUCTION if is_production else PRINTED_LIFETIME
    return _path_of(work, _add_request(work, member, lifetime))


def print_first_link(work: UnitOfWork) -> str:
    """A one-time path by which the first organiser says who they are; for the console only."""
    return _path_of(work, _add_request(work, None, PRINTED_LIFETIME, makes_owner=True))


def _path_of(work: Reading, request: SignInRequest) -> str:
    return f"/sign-in/{work.tokens.sign(Purpose.SIGN_IN, request.id)}"


def find_by_link(work: Reading, link: str, browser: str) -> SignInRequest | None:
    """The open request of a link, if this browser may use it; changes nothing."""
    try:
        number = as_number(work.tokens.read_one(Purpose.SIGN_IN, link))
    except BrokenToken:
        return None
    request = work.session.scalar(
        select(SignInRequest).where(
            SignInRequest.id == number,
            SignInRequest.used_at.is_(None),
            SignInRequest.expires_at > work.now,
        )
    )
    if request is None or request.browser_hash not in ("", hashed(browser)):
        return None
    return request


def use_link(work: UnitOfWork, link: str, browser: str) -> SignInRequest | None:
    """Use up a link; None if it is used, expired, unknown, or another browser's."""
    request = find_by_link(work, link, browser)
    return request if request is not None and _use_up(work, request.id) else None


def use_code(
    work: UnitOfWork, code: str, browser: str, is_theirs: Callable[[Member], bool]
) -> SignInRequest | None:
    """Use up a code of this browser's latest requests; None if it is wrong or worn out.

    `is_theirs` says that the browser has been signed in by this member before: how often strangers
    guess elsewhere does not count there.
    """
    open_ones = work.session.scalars(
        select(SignInRequest)
        .where(
            SignInRequest.browser_hash == hashed(browser),
            SignInRequest.used_at.is_(None),
            SignInRequest.expires_at > work.now,
        )
        .order_by(SignInRequest.id.desc())
        .limit(MOST_CODES)
    ).all()
    # Every code that is open counts a try, so asking often gives nobody more of them.
    tried = [request for request in open_ones if _count_try(work, request.id)]
    for request in tried:
        is_right = hmac.compare_digest(_code_of(work, request), plain_digits(code))
        if is_right and _may_guess(work, request, is_theirs) and _use_up(work, request.id):
            return request
    _note_wrong(work, tried)
    return None


def _may_guess(
    work: UnitOfWork, request: SignInRequest, is_theirs: Callable[[Member], bool]
) -> bool:
    member = work.session.get(Member, request.member_id) if request.member_id else None
    if member is None:
        return False
    return is_theirs(member) or _tries_today(work, member.id) <= MOST_TRIES_A_DAY


def _note_wrong(work: UnitOfWork, tried: Sequence[SignInRequest]) -> None:
    """Write down that a code was wrong that could have signed in an organiser."""
    for member_id in {one.member_id for one in tried if one.member_id is not None}:
        if role_of(work, member_id) is not None:
            audit(work, None, "wrong code", "member", member_id)


def note_sign_in(work: UnitOfWork, member: Member, *, is_known_browser: bool) -> None:
    """Of an organiser it is written down; and they are told of a browser that is new to us."""
    if role_of(work, member.id) is None:
        return
    audit(work, member.id, "sign in", "member", member.id, {"new browser": not is_known_browser})
    if not is_known_browser:
        key = delivery_key("new-device", member.id, f"{work.now:%Y%m%d%H%M%S}")
        post(work, emails.new_device(work, member), member.recipient, key)


def purge_requests(work: UnitOfWork) -> int:
    """Delete the requests that were over yesterday; returns how many."""
    over = SignInRequest.expires_at < work.now - timedelta(days=1)
    return work.change(delete(SignInRequest).where(over))


def role_of(work: UnitOfWork, member_id: int) -> Role | None:
    """The role of a member, if they are an organiser."""
    organiser = work.session.get(Organiser, member_id)
    return Role(organiser.role) if organiser is not None else None


def has_organisers(session: Session) -> bool:
    """Whether anybody runs this community yet."""
    return bool(session.scalar(select(func.count()).select_from(Organiser)))


def _add_request(
    work: UnitOfWork,
    member: Member | None,
    lifetime: timedelta,
    makes_owner: bool = False,
) -> SignInRequest:
    """A way in that is open for a while. Its link and its code are made of its id, by our key."""
    request = SignInRequest(
        member_id=member.id if member else None,
        browser_hash="",
        makes_owner=makes_owner,
        created_at=work.now,
        expires_at=work.now + lifetime,
    )
    work.session.add(request)
    work.session.flush()
    return request


def _use_up(work: UnitOfWork, request_id: int) -> bool:
    used = work.session.execute(
        update(SignInRequest)
        .where(SignInRequest.id == request_id, SignInRequest.used_at.is_(None))
        .values(used_at=work.now)
        .returning(SignInRequest.id)
    ).one_or_none()
    return used is not None


def _count_try(work: UnitOfWork, request_id: int) -> bool:
    counted = work.session.execute(
        update(SignInRequest)
        .where(SignInRequest.id == request_id, SignInRequest.tries < MOST_TRIES)
        .values(tries=SignInRequest.tries + 1)
        .returning(SignInRequest.id)
    ).one_or_none()
    return counted is not None


def _tries_today(work: UnitOfWork, member_id: int | None) -> int:
    tried = select(func.coalesce(func.sum(SignInRequest.tries), 0)).where(
        SignInRequest.member_id == member_id,
        SignInRequest.expires_at > work.now - timedelta(days=1),
    )
    return work.session.scalar(tried) or 0


def _code_of(work: Reading, request: SignInRequest) -> str:
    """The code of its mail; of what was printed, or asked for by nobody we know, there is none."""
    if not request.browser_hash or request.member_id is None:
        return secrets.token_hex(8)
    return work.tokens.digits(Purpose.SIGN_IN_CODE, request.id)

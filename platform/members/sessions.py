"""Browsers that are signed in: whose they are, what they have shown, and how they end."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.unit_of_work import Reading, UnitOfWork
from members.models import Member, Organiser, SignInRequest, SignInSession
from members.roles import Role
from members.second_factor.demand import Hold, Standing
from members.second_factor.tables import Authenticator, Passkey

IDLE = timedelta(days=14)
ABSOLUTE = timedelta(days=90)
SEEN_EVERY = timedelta(minutes=5)
FRESH = timedelta(minutes=15)
"""So long after showing who one is, a page opens that can do what cannot be undone."""
FRESH_TO_ACT = timedelta(minutes=45)
"""So long its form is taken: whoever opened the page in time may take theirs to fill it in."""


@dataclass(frozen=True)
class Viewer:
    """Who is looking at a page: a member, perhaps an organiser, in one session."""

    session_id: int
    member: Member
    role: Role | None
    """The role that counts: none as long as they are held."""
    hold: Hold | None
    factor_due: datetime | None
    """Until when they set up a second factor."""
    has_factor: bool
    proved_at: datetime
    """When this browser last showed all that is asked of its owner."""
    proofs: int
    """How often it did: each challenge is good for one."""
    is_due: bool
    """Whether the time of last use is old enough to be written down again."""

    @property
    def is_organiser(self) -> bool:
        """Whether they have a role, also while it does not count yet."""
        return self.role is not None or self.hold is not None


def open_session(work: UnitOfWork, member_id: int, device: str = "") -> str:
    """A new session for a member, named by its device; returns the secret for the cookie."""
    token = secrets.token_urlsafe(32)
    work.session.add(
        SignInSession(
            member_id=member_id,
            token_hash=hashed(token),
            device=device,
            created_at=work.now,
            seen_at=work.now,
            proved_at=work.now,
            expires_at=work.now + ABSOLUTE,
        )
    )
    return token


def find_viewer(work: Reading, token: str) -> Viewer | None:
    """Who a session cookie belongs to, if the session is still alive."""
    row = work.session.execute(
        select(SignInSession, Member, Organiser, has_factor(Member.id))
        .join(Member, Member.id == SignInSession.member_id)
        .outerjoin(Organiser, Organiser.member_id == Member.id)
        .where(
            SignInSession.token_hash == hashed(token),
            SignInSession.expires_at > work.now,
            SignInSession.seen_at > work.now - IDLE,
        )
    ).one_or_none()
    return _viewer(work, *row) if row is not None else None


def has_factor(member_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether somebody has a second factor: an app that was confirmed, or a passkey."""
    app = exists().where(
        Authenticator.member_id == member_id, Authenticator.confirmed_at.is_not(None)
    )
    return or_(app, exists().where(Passkey.member_id == member_id))


def _viewer(
    work: Reading, session: SignInSession, member: Member, organiser: Organiser | None, has: bool
) -> Viewer:
    standing = None
    if organiser is not None:
        role, shown = Role(organiser.role), session.factor_at is not None
        standing = Standing(role, organiser.role_since, has, shown)
    setting = work.settings.second_factor
    hold = standing.hold(setting, work.now) if standing else None
    return Viewer(
        session_id=session.id,
        member=member,
        role=standing.role if standing and hold is None else None,
        hold=hold,
        factor_due=standing.due(setting) if standing else None,
        has_factor=has,
        proved_at=(session.factor_at or session.created_at) if has else session.proved_at,
        proofs=session.proofs,
        is_due=session.seen_at < work.now - SEEN_EVERY,
    )


def is_fresh(viewer: Viewer, now: datetime, *, is_act: bool) -> bool:
    """Whether this browser has shown a short while ago who its owner is."""
    enough = FRESH_TO_ACT if is_act else FRESH
    return viewer.hold is not Hold.SHOW and viewer.proved_at > now - enough


def prove(work: UnitOfWork, viewer: Viewer, *, with_factor: bool) -> str:
    """Write down that this browser has shown who its owner is, and give it a new secret.

    Empty if another proof came first: each challenge is good for one.
    """
    token = secrets.token_urlsafe(32)
    shown = {"factor_at": work.now} if with_factor else {}
    proved = (
        update(SignInSession)
        .where(SignInSession.id == viewer.session_id, SignInSession.proofs == viewer.proofs)
        .values(proofs=viewer.proofs + 1, proved_at=work.now, token_hash=hashed(token), **shown)
    )
    return token if work.change(proved) == 1 else ""


def touch(work: UnitOfWork, session_id: int) -> None:
    """Write down that a session was used."""
    work.session.execute(
        update(SignInSession).where(SignInSession.id == session_id).values(seen_at=work.now)
    )


def close_session(work: UnitOfWork, session_id: int) -> None:
    """Sign out of one browser."""
    work.session.execute(delete(SignInSession).where(SignInSession.id == session_id))


def sessions_of(session: Session, member_id: int) -> list[SignInSession]:
    """The browsers a member is signed in with, the newest first."""
    return list(
        session.scalars(
            select(SignInSession)
            .where(SignInSession.member_id == member_id)
            .order_by(SignInSession.seen_at.desc())
        )
    )


def revoke(work: UnitOfWork, member_id: int, session_id: int) -> None:
    """Sign a member out of one of their browsers."""
    work.session.execute(
        delete(SignInSession).where(
            SignInSession.id == session_id, SignInSession.member_id == member_id
        )
    )


def end_sessions(work: UnitOfWork, member_id: int) -> None:
    """Sign a member out of every browser, and make what was asked for worthless."""
    for table in (SignInSession, SignInRequest):
        work.session.execute(delete(table).where(table.member_id == member_id))


def purge_sessions(work: UnitOfWork) -> int:
    """Delete the sessions that are over; returns how many."""
    is_over = (SignInSession.expires_at < work.now) | (SignInSession.seen_at < work.now - IDLE)
    return work.change(delete(SignInSession).where(is_over))


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""Who gets no more mail. The list knows no addresses, only what is made of them: erasure can leave
it."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select

from core.database import insert_if_new
from core.i18n import N_, Message
from core.unit_of_work import Reading, UnitOfWork
from mail.models import Delivery, Suppression
from mail.states import DeliveryState

SIMULATOR = "@simulator.amazonses.com"
OFTEN = 3
WITHIN = timedelta(days=30)
"""So many mailings within so long that a mailbox did not take: then it is left alone."""


class Why(StrEnum):
    """Why an address gets no more mail."""

    BOUNCE = "bounce"
    """Its mailbox does not exist."""
    FULL = "full"
    """It took nothing three times within a month."""
    COMPLAINT = "complaint"
    ASKED = "asked"
    """Its owner pressed the link for it."""
    LISTED = "listed"
    """SES would not write there: the address is on the account's own list."""


class Scope(StrEnum):
    """How much is suppressed."""

    EVERYTHING = "everything"
    LETTERS = "letters"


NO_MAILBOX = (Why.BOUNCE, Why.LISTED)
"""Not even what its owner asks for just now arrives."""


def suppression_key(address: str, secret: str) -> str:
    """An HMAC of the address, so the suppression list holds no addresses (and erasure keeps it)."""
    return hmac.digest(secret.encode(), address.casefold().encode(), hashlib.sha256).hex()


def suppression_keys(address: str, secrets: Sequence[str]) -> list[str]:
    """The address under every key there is: a list entry outlives the key that is newest now."""
    return [suppression_key(address, secret) for secret in secrets]


SCOPES = {Why.FULL: Scope.LETTERS}
"""How much each reason suppresses; what is not here, everything."""

REASONS: dict[Why, Message] = {
    Why.BOUNCE: N_("there is no mailbox at this address"),
    Why.FULL: N_("the mailbox took nothing three times within a month"),
    Why.COMPLAINT: N_("called a letter spam"),
    Why.ASKED: N_("asked never to be written to"),
    Why.LISTED: N_("the mail service refuses this address"),
}


def add(work: UnitOfWork, addresses: Sequence[str], why: Why) -> None:
    """Write to these addresses no more. What is known of one already stays, unless this is worse.

    Harmless to repeat.
    """
    for address in filter(_is_somebodys, addresses):
        key = suppression_key(address, work.settings.keys[0])
        row = {"reason": why, "scope": SCOPES.get(why, Scope.EVERYTHING), "created_at": work.now}
        added = insert_if_new(work.session, Suppression).values(key=key, **row)
        if work.change(added) == 0 and why is not Why.FULL:
            _make_worse(work, key, why)


def _is_somebodys(address: str) -> bool:
    """AWS's simulator bounces and complains so that it can be seen."""
    return bool(address) and not address.lower().endswith(SIMULATOR)


def _make_worse(work: UnitOfWork, key: str, why: Why) -> None:
    known = work.session.get(Suppression, key)
    if known is not None and known.reason not in NO_MAILBOX:
        known.reason, known.scope = why, Scope.EVERYTHING
        work.session.flush()


def add_if_often_full(work: UnitOfWork, addresses: Sequence[str]) -> None:
    """Leave a mailbox alone that took nothing of three mailings within a month."""
    for address in addresses:
        theirs = Delivery.state == DeliveryState.BOUNCED, Delivery.address == address
        lately = Delivery.bounce == "transient", Delivery.changed_at > work.now - WITHIN
        count = select(func.count(Delivery.mailing_id.distinct())).where(*theirs, *lately)
        if (work.session.scalar(count) or 0) >= OFTEN:
            add(work, [address], Why.FULL)


def forgive(work: UnitOfWork, addresses: Sequence[str]) -> None:
    """A mailbox that took something is not full any more."""
    full = Suppression.reason == Why.FULL
    if addresses and work.session.scalar(select(Suppression.key).where(full).limit(1)) is not None:
        keys = [key for one in addresses for key in suppression_keys(one, work.settings.keys)]
        work.session.execute(delete(Suppression).where(full, Suppression.key.in_(keys)))


def why_suppressed(work: Reading, address: str) -> Why | None:
    """Why an address gets no more mail; None if it does."""
    keys = suppression_keys(address, work.settings.keys)
    found = work.session.scalar(select(Suppression.reason).where(Suppression.key.in_(keys)))
    return None if found is None else Why(found)


LIFTABLE = (Why.BOUNCE, Why.FULL, Why.LISTED)
"""What an organiser may know better."""


def lift(work: UnitOfWork, address: str) -> bool:
    """Write to an address again, as an organiser decided who knows better; False if it was free.

    What its owner asked for, or complained of, only they take back.
    """
    keys = suppression_keys(address, work.settings.keys)
    liftable = Suppression.reason.in_(LIFTABLE)
    return work.change(delete(Suppression).where(Suppression.key.in_(keys), liftable)) > 0

"""Who had themselves erased is not brought back by an old list; they may come back themselves."""

from collections.abc import Collection, Iterable
from datetime import timedelta

from sqlalchemy import Text, delete, select

from core.addresses import Address
from core.database import among as among_
from core.database import insert_if_new
from core.unit_of_work import Reading, UnitOfWork
from mail.suppressing import suppression_key, suppression_keys
from members.models import ErasedAddress, Member

KEPT = timedelta(days=3 * 365)
"""Lists older than that are nobody's consent any more."""


def remember(work: UnitOfWork, addresses: Collection[str]) -> None:
    """Keep a fingerprint of each address that was erased."""
    newest = work.settings.keys[0]
    rows = [{"key": suppression_key(one, newest), "at": work.now} for one in sorted(addresses)]
    keys = [row["key"] for row in rows]
    work.session.execute(delete(ErasedAddress).where(ErasedAddress.key.in_(keys)))
    work.session.execute(insert_if_new(work.session, ErasedAddress).values(rows))


def among(work: Reading, addresses: Iterable[Address]) -> set[str]:
    """The keys of those whose address was erased, and who have not come back themselves."""
    by_key = {one.key: one for one in addresses}
    back = select(Member.email_key).where(among_(Member.email_key, list(by_key), Text))
    gone = by_key.keys() - set(work.session.scalars(back))
    prints = {
        key: one for one in gone for key in suppression_keys(by_key[one].ascii, work.settings.keys)
    }
    known = select(ErasedAddress.key).where(among_(ErasedAddress.key, list(prints), Text))
    return {prints[key] for key in work.session.scalars(known)}


def purge(work: UnitOfWork) -> int:
    """Forget the fingerprints of three years ago; returns how many."""
    return work.change(delete(ErasedAddress).where(ErasedAddress.at <= work.now - KEPT))

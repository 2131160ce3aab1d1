"""How long mails are kept: what they said, to whom they went, and that they went."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select, update

from core.actors import Who
from core.i18n import N_
from core.retention import Ground, Rule
from core.transitions import edge
from core.unit_of_work import UnitOfWork
from mail.models import Delivery, MailEvent, Mailing
from mail.outbox import OUTBOX_FILES
from mail.states import DELIVERIES, FORGOTTEN, OPEN, DeliveryState, MailClass, MailingState
from mail.suppressing import suppression_key

THIRTEEN_MONTHS = timedelta(days=396)
RETRIED = timedelta(days=7)
"""So long an organiser may send again what is unknown or has failed."""
OUTBOX_KEPT = timedelta(days=30)
EVENTS_KEPT = timedelta(days=30)
AT_ONCE = 2000


def end_service_mail(work: UnitOfWork) -> int:
    """What a finished service mail said: its codes, links and words were for its reader."""
    undecided = Delivery.state.in_([DeliveryState.UNKNOWN, DeliveryState.FAILED])
    is_undecided = exists().where(Delivery.mailing_id == Mailing.id, undecided)
    done = (
        Mailing.mail_class == MailClass.SERVICE,
        Mailing.state.in_([MailingState.FINISHED, MailingState.CANCELLED]),
        or_(Mailing.html != "", Mailing.text != ""),
        or_(~is_undecided, Mailing.created_at <= work.now - RETRIED),
    )
    ended = select(Mailing.id).where(*done).order_by(Mailing.id).limit(AT_ONCE)
    ids = list(work.session.scalars(ended))
    if ids:
        emptied = {"html": "", "text": "", "calendar": ""}
        work.session.execute(update(Mailing).where(Mailing.id.in_(ids)).values(**emptied))
        of_them = update(Delivery).where(Delivery.mailing_id.in_(ids))
        work.session.execute(of_them.values(values={}))
    return len(ids)


def forget_old_addresses(work: UnitOfWork) -> int:
    """Addresses of deliveries become fingerprints after thirteen months."""
    return _forget(work, Delivery.changed_at <= work.now - THIRTEEN_MONTHS)


def forget_recipients(work: UnitOfWork, member_ids: Sequence[int]) -> None:
    """Forget to whom mail of these people went, at once; what has not gone out does not."""
    if not member_ids:
        return
    theirs = Delivery.recipient_id.in_(member_ids)
    waiting = (DeliveryState.QUEUED, DeliveryState.RESERVED)
    cancelled = DeliveryState.CANCELLED
    step = edge(Delivery.state, DELIVERIES, cancelled, Who.ORGANISER, waiting, changed_at=work.now)
    work.session.execute(step.where(theirs))
    while _forget(work, theirs):
        pass


def _forget(work: UnitOfWork, which: ColumnElement[bool]) -> int:
    known = Delivery.address.not_like(f"{FORGOTTEN}%"), Delivery.state.not_in(OPEN)
    rows = select(Delivery.id, Delivery.address).where(which, *known).limit(AT_ONCE)
    newest = work.settings.keys[0]
    found = work.session.execute(rows).all()
    for number, address in found:
        print_of = f"{FORGOTTEN}{suppression_key(address, newest)}"
        forgotten = update(Delivery).where(Delivery.id == number)
        # The other side's words go too: they name the address.
        nothing: dict[str, Any] = {"recipient_id": None, "values": {}, "error": ""}
        work.session.execute(forgotten.values(address=print_of, **nothing))
    told = MailEvent.delivery_id.in_([number for number, _ in found])
    work.session.execute(delete(MailEvent).where(told))
    return len(found)


def forget_gone(work: UnitOfWork, ids: Sequence[int]) -> int:
    """What was on its way when somebody was erased, once it is known how that ended."""
    return _forget(work, Delivery.recipient_id.in_(ids)) if ids else 0


def empty_outbox(work: UnitOfWork) -> int:
    """Mails that lie on this machine, in an installation that sends none."""
    before = (work.now - OUTBOX_KEPT).timestamp()
    old = [path for path in work.settings.outbox.glob(OUTBOX_FILES)
           if path.stat().st_mtime < before]  # fmt: skip
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def forget_events(work: UnitOfWork) -> int:
    """What SES told, as it came: what follows from it is in the ledger."""
    old = MailEvent.received_at <= work.now - EVENTS_KEPT
    some = select(MailEvent.id).where(old).order_by(MailEvent.id).limit(AT_ONCE)
    return work.change(delete(MailEvent).where(MailEvent.id.in_(some)))


RULES = (
    Rule(
        "service-mail",
        N_("What a single mail said: sign-in codes, confirmations, reminders"),
        N_("To send it, and again if it failed"),
        Ground.WISH,
        timedelta(0),
        end_service_mail,
        N_("when it has arrived, or after a week"),
    ),
    Rule(
        "delivery-addresses",
        N_("Which mail went to which address, and whether it arrived"),
        N_("To find out why a letter did not come"),
        Ground.INTEREST,
        THIRTEEN_MONTHS,
        forget_old_addresses,
        N_("after that a fingerprint stays, and the numbers"),
    ),
    Rule(
        "mail-events",
        N_("What the mail service tells of mails: which address took one, which did not, and why"),
        N_("To find out why a letter did not come, and to write no more to where no mailbox is"),
        Ground.INTEREST,
        EVENTS_KEPT,
        forget_events,
    ),
    Rule(
        "outbox",
        N_("Mails that lie in a folder of this machine, where none are sent"),
        N_("To read them while trying things out"),
        Ground.INTEREST,
        OUTBOX_KEPT,
        empty_outbox,
    ),
    Rule(
        "suppressions",
        N_("A fingerprint of addresses that get no mail any more"),
        N_("So that nobody writes there again by mistake"),
        Ground.DUTY,
        None,
        None,
        N_("until you want mail again"),
    ),
)

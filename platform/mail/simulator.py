"""Trying with AWS's mailbox simulator whether what becomes of mails is really told."""

from collections.abc import Mapping

from sqlalchemy import select

from core.i18n import N_
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.models import Delivery
from mail.posting import Email, Recipient, post
from mail.states import DeliveryState
from mail.suppressing import SIMULATOR

EXPECTED: Mapping[str, DeliveryState] = {
    "success": DeliveryState.DELIVERED,
    "bounce": DeliveryState.BOUNCED,
    "complaint": DeliveryState.COMPLAINED,
}
"""What becomes of a mail to each of the simulator's mailboxes."""

_TRIAL = Email(
    "mail/simulated", "en", N_("You get this because you are AWS’s mailbox simulator."), always=True
)


def begin(work: UnitOfWork) -> dict[str, int]:
    """Queue one mail to each mailbox; returns the mailings by name."""
    moment = work.now.strftime("%Y%m%d%H%M%S")
    posted = {
        name: post(
            work, _TRIAL, Recipient(f"{name}{SIMULATOR}"), delivery_key("trial", name, moment)
        )
        for name in EXPECTED
    }
    return {name: mailing_id for name, mailing_id in posted.items() if mailing_id is not None}


def missing(work: Reading, mailings: Mapping[str, int]) -> dict[str, str]:
    """What has not been told yet, by name: how far each got."""
    of_them = Delivery.mailing_id.in_(mailings.values())
    rows = work.session.execute(select(Delivery.mailing_id, Delivery.state).where(of_them))
    states = dict(rows.all())
    return {
        name: states.get(number, "")
        for name, number in mailings.items()
        if states.get(number) != EXPECTED[name]
    }

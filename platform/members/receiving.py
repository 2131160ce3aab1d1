"""What somebody gets of what we send, and why, or why not, in one line."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from core.i18n import N_, Message
from core.unit_of_work import Reading
from mail import suppressing
from mail.models import Delivery, Mailing
from mail.personal import as_written
from mail.states import DELIVERY_NAMES, DeliveryState, MailClass
from members.consent import TOPIC_TEXTS, TOPICS, WORKSHOPS
from members.models import Member, Subscription
from members.states import SubscriptionState


@dataclass(frozen=True)
class Receives:
    """Whether mail on one topic goes to somebody, and why."""

    topic: str
    name: Message
    is_so: bool
    why: Message
    only_by_name: bool = False
    """Where somebody names them, and not with many."""

    @property
    def word(self) -> Message:
        """Whether it goes to them, in a word or two."""
        if self.is_so and self.only_by_name:
            return N_("Only by name")
        return N_("Gets it") if self.is_so else N_("Does not get it")


@dataclass(frozen=True)
class LastMail:
    """What went to somebody last of what goes to many."""

    subject: str
    state: Message
    words: str


def receives(work: Reading, member: Member) -> list[Receives]:
    """What they get, topic by topic; whatever keeps all mail from them comes first."""
    against = _against_all(work, member)
    rows = select(Subscription).where(Subscription.member_id == member.id)
    said = {one.topic: one for one in work.session.scalars(rows)}
    return [_receives(topic, said, against) for topic in TOPICS]


def _against_all(work: Reading, member: Member) -> Message | None:
    if not member.is_confirmed:
        return N_("the address is not confirmed")
    why = suppressing.why_suppressed(work, member.email_ascii)
    if why is not None:
        return suppressing.REASONS[why]
    if member.paused_until is not None and member.paused_until > work.now.date():
        return N_("wants no mail until %(day)s", day=member.paused_until)
    return None


def _receives(topic: str, said: Mapping[str, Subscription], against: Message | None) -> Receives:
    name, row = TOPIC_TEXTS[topic].name, said.get(topic)
    is_wanted, why = _wanted(topic, row)
    if is_wanted and against is not None:
        return Receives(topic, name, False, against)
    return Receives(topic, name, is_wanted, why, only_by_name=is_wanted and row is None)


def _wanted(topic: str, row: Subscription | None) -> tuple[bool, Message]:
    if row is None:
        if topic == WORKSHOPS:
            return True, N_("has not asked for invitations, so none comes with a cohort")
        return False, N_("has never asked for it")
    day = row.changed_at.date()
    if row.state == SubscriptionState.SUBSCRIBED:
        return True, N_("since %(day)s", day=day)
    if row.state == SubscriptionState.PENDING:
        return False, N_("has been asked to confirm it, and has not yet")
    if row.reason:
        return False, N_("left on %(day)s: “%(why)s”", day=day, why=row.reason)
    return False, N_("left on %(day)s", day=day)


def last_letter(work: Reading, member_id: int) -> LastMail | None:
    """The last letter to many that went to them, and what became of it."""
    letters = (
        select(Mailing.subject, Delivery.state, Delivery.error)
        .join(Mailing, Mailing.id == Delivery.mailing_id)
        .where(Delivery.recipient_id == member_id, Mailing.mail_class != MailClass.SERVICE)
    )
    row = work.session.execute(letters.order_by(Delivery.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    return LastMail(as_written(row.subject), DELIVERY_NAMES[DeliveryState(row.state)], row.error)

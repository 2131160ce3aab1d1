"""Writing consent evidence."""

from dataclasses import dataclass

from sqlalchemy import insert

from core.unit_of_work import UnitOfWork
from members.consent import TOPIC_TEXTS, Act, text_hash
from members.models import ConsentEvent


@dataclass(frozen=True)
class Origin:
    """Where an act came from: the form or URL, and the network (never the whole address)."""

    source: str
    network: str = "unknown"


@dataclass(frozen=True)
class Asked:
    """What a consent answers: the event that asked for it, the mailing that carried the question,
    and the language of the page on which it was read, if that is not the member's."""

    request_id: int | None = None
    mailing_id: int | None = None
    read_in: str = ""


NEVER_ASKED = Asked()


def note_consent(
    work: UnitOfWork,
    member_id: int,
    topic: str,
    act: Act,
    language: str,
    origin: Origin,
    asked: Asked = NEVER_ASKED,
) -> int:
    """Add one consent event. Returns its id, a stable key for the mail that it causes."""
    row = {
        "member_id": member_id,
        "topic": topic,
        "act": act,
        "text_version": TOPIC_TEXTS[topic].version,
        "text_hash": text_hash(topic, language),
        "language": language,
        "source": origin.source[:200],
        "network": origin.network,
        "request_id": asked.request_id,
        "mailing_id": asked.mailing_id,
        "at": work.now,
    }
    return work.session.execute(
        insert(ConsentEvent).values(**row).returning(ConsentEvent.id)
    ).scalar_one()

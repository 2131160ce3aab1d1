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


def note_consent(
    work: UnitOfWork,
    member_id: int,
    topic: str,
    act: Act,
    language: str,
    origin: Origin,
    mailing_id: int | None = None,
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
        "mailing_id": mailing_id,
        "at": work.now,
    }
    return work.session.execute(
        insert(ConsentEvent).values(**row).returning(ConsentEvent.id)
    ).scalar_one()

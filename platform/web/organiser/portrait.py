"""One person as an organiser sees them: who it is, what they get and why, and what happened."""

from collections.abc import Mapping
from typing import Any

from core.i18n import Message
from core.persons import Person, past_of
from core.unit_of_work import Reading
from mail import suppressing
from members import labelling, notes, receiving
from members.audit_words import names_of
from members.finding import labels
from members.models import Member
from members.profile import LEVELS, ROLES, countries
from members.states import SubscriptionState
from members.subscriptions import topics_of
from web.visit import Visit

MOST_SHOWN = 300


def portrait(visit: Visit, work: Reading, person: Person, member: Member) -> dict[str, Any]:
    """What the page of a person is made from."""
    session, records = work.session, visit.installation.persons
    why = suppressing.why_suppressed(work, member.email_ascii)
    written = notes.about(session, member.id)
    return {
        "person": person,
        "member": member,
        "mailbox": member.email_ascii,
        "silence": suppressing.REASONS[why] if why else None,
        "may_be_lifted": why in suppressing.LIFTABLE,
        "receives": receiving.receives(work, member),
        "last_letter": receiving.last_letter(work, member.id),
        "waits": topics_of(session, member.id, SubscriptionState.PENDING),
        "labels_on": labelling.of_member(session, member.id),
        "all_labels": labels(session),
        "notes": written,
        "forgotten": notes.just_forgotten(work, member.id),
        "writers": names_of(session, [one.by_id for one in written if one.by_id]),
        "past": past_of(work, person, records)[:MOST_SHOWN],
        "part_names": {one.name: one.title for one in records},
        "at_work": _at_work(visit, member),
        "roles": _with(ROLES, member.role),
        "levels": _with(LEVELS, member.level),
        "countries": countries(visit.language),
    }


def _with(words: Mapping[str, Message], kept: str) -> Mapping[str, Message]:
    """Our words, and the one that an import brought."""
    return words if not kept or kept in words else {**words, kept: Message(kept)}


def _at_work(visit: Visit, member: Member) -> str:
    """What they said of their work, in one line."""
    role, level = (
        visit.text(table[word]) if word in table else word
        for table, word in ((ROLES, member.role), (LEVELS, member.level))
    )
    country = countries(visit.language).get(member.country, member.country)
    return ", ".join(filter(None, (role, level, country)))

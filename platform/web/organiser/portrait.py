"""One person as an organiser sees them: who it is, what they get and why, and what happened."""

from collections.abc import Mapping
from typing import Any

from core.i18n import Message
from core.persons import Person, past_of
from core.unit_of_work import Reading
from mail import suppressing
from members import labelling, notes, receiving
from members.audit_words import names_of
from members.by_organisers import print_of
from members.finding import labels
from members.models import Member
from members.profile import LEVELS, ROLES, countries
from members.roles import Permission
from members.states import SubscriptionState
from members.subscriptions import topics_of
from web.visit import Visit
from workshops.model.stages import TAKING, Stage
from workshops.planning import planning

MOST_SHOWN = 300
INVITES = (Stage.READY, *TAKING)


def portrait(visit: Visit, work: Reading, person: Person, member: Member) -> dict[str, Any]:
    """What the page of a person is made from."""
    session, records = work.session, visit.installation.persons
    why = suppressing.why_suppressed(work, member.email_ascii)
    written = notes.about(session, member.id)
    return {
        "person": person,
        "member": member,
        "mailbox": member.email_ascii,
        "seen": print_of(member),
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
        "workshops": _to_invite_to(visit, work),
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


def _to_invite_to(visit: Visit, work: Reading) -> list[tuple[str, str]]:
    """The workshops to which they may be invited from here."""
    if not visit.may(Permission.PLAN_WORKSHOPS):
        return []
    return [
        (one.public_id, one.title)
        for one in planning.planned(work.session)
        if one.stage in INVITES and (one.starts_at is None or one.starts_at > work.now)
    ]

"""Those who have, had or asked for a place, as rows of a file; with the answers they share."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.i18n import N_
from members.models import Member
from workshops.model.registration_states import REGISTRATION_NAMES, RegistrationState
from workshops.model.tables import Registration, Workshop

COLUMNS = ("email", "name", "language", "role", "level", "country")


def rows(session: Session, workshop: Workshop, language: str) -> Iterator[list[str]]:
    """The names of the columns, then everybody in the order in which they came.

    What somebody wrote for the facilitator alone is in no file.
    """
    found = session.execute(
        select(Registration, Member)
        .join(Member, Member.id == Registration.member_id)
        .where(Registration.workshop_id == workshop.id)
        .order_by(Registration.joined_at, Registration.id)
    ).all()
    questions = _questions([registration for registration, _ in found])
    standing = N_("Standing").text(language), N_("Since").text(language)
    yield [*COLUMNS, *standing, *questions]
    for registration, member in found:
        shared = {
            one["question"]: one["answer"] for one in registration.answers if one["is_shared"]
        }
        yield [
            member.email, member.name, member.language, member.role, member.level, member.country,
            REGISTRATION_NAMES[RegistrationState(registration.state)].text(language),
            f"{registration.joined_at:%Y-%m-%d %H:%M}",
            *(shared.get(question, "") for question in questions),
        ]  # fmt: skip


def _questions(registrations: list[Registration]) -> list[str]:
    """What somebody was asked and lets others read, in the order in which it came up."""
    asked = (
        one["question"]
        for registration in registrations
        for one in registration.answers
        if one["is_shared"]
    )
    return list(dict.fromkeys(asked))

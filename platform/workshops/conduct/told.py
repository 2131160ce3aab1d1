"""What somebody wrote and took on in workshops, told to them word by word."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from core.persons import Person, Row
from core.unit_of_work import Reading
from workshops.model.interest import Area, Interest
from workshops.model.reflection_tables import (
    Agreement,
    CheckIn,
    JointAction,
    LearningPoint,
    PrivateNote,
    Undertaking,
)
from workshops.model.tables import Registration, RuleSuggestion, Workshop

Columns = Mapping[str, InstrumentedAttribute[Any]]
WORKSHOP: Columns = {"workshop": Workshop.title}


def words_of(work: Reading, person: Person) -> Sequence[Row]:
    """Each note, point, action and agreement of theirs, and the areas that they marked."""
    return [
        row
        for columns, rows in (*_as_member(person), *_as_participant(person), _areas(person))
        for row in _rows(work, columns, rows)
    ]


def _as_member(person: Person) -> Sequence[tuple[Columns, Select[Any]]]:
    """What knows its author."""
    note = {**WORKSHOP, "note": PrivateNote.text, "at": PrivateNote.at}
    point = {**WORKSHOP, "learning point": LearningPoint.text, "at": LearningPoint.created_at}
    action = {**WORKSHOP, "action": JointAction.text, "at": JointAction.created_at}
    leads = {"leads": Workshop.title, "at": Workshop.created_at}
    return [
        (note, _of(PrivateNote.workshop_id, note).where(PrivateNote.member_id == person.id)),
        (point, _of(LearningPoint.workshop_id, point).where(LearningPoint.by_id == person.id)),
        (action, _of(JointAction.workshop_id, action).where(JointAction.by_id == person.id)),
        (leads, select(*leads.values()).where(Workshop.facilitator_id == person.id)),
    ]


def _of(workshop_id: InstrumentedAttribute[int], columns: Columns) -> Select[Any]:
    rows = select(*columns.values()).select_from(workshop_id.class_)
    return rows.join(Workshop, Workshop.id == workshop_id)


def _as_participant(person: Person) -> Sequence[tuple[Columns, Select[Any]]]:
    """What knows its place only."""
    brought = {**WORKSHOP, "brought in": CheckIn.words, "at": CheckIn.at}
    rule = {**WORKSHOP, "rule": RuleSuggestion.text, "at": RuleSuggestion.created_at}
    agreed = {**WORKSHOP, "agreed to": LearningPoint.text, "may share": Agreement.may_share}
    taken = {
        **WORKSHOP, "took on": JointAction.text, "state": Undertaking.state,
        "note": Undertaking.note,
    }  # fmt: skip
    of_point = LearningPoint, LearningPoint.id == Agreement.point_id
    of_action = JointAction, JointAction.id == Undertaking.action_id
    return [
        (brought, _at(person, CheckIn.registration_id, brought)),
        (rule, _at(person, RuleSuggestion.registration_id, rule)),
        (agreed, _at(person, Agreement.registration_id, agreed).join(*of_point)),
        (taken, _at(person, Undertaking.registration_id, taken).join(*of_action)),
    ]


def _at(person: Person, place: InstrumentedAttribute[int], columns: Columns) -> Select[Any]:
    return (
        select(*columns.values())
        .select_from(place.class_)
        .join(Registration, Registration.id == place)
        .join(Workshop, Workshop.id == Registration.workshop_id)
        .where(Registration.member_id == person.id)
    )


def _areas(person: Person) -> tuple[Columns, Select[Any]]:
    columns: Columns = {"interest": Area.names, "at": Interest.at}
    marked = select(*columns.values()).select_from(Interest).join(Area)
    return columns, marked.where(Interest.member_id == person.id)


def _rows(work: Reading, columns: Columns, rows: Select[Any]) -> Sequence[Row]:
    return [
        {name: _plain(value) for name, value in zip(columns, row, strict=True)}
        for row in work.session.execute(rows)
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value

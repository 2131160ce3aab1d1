"""Everything that is kept of somebody is told to them: no table is forgotten."""

import json
from collections.abc import Callable
from datetime import date

from sqlalchemy import select

from contributions.models import Contribution, Leaning
from core.database import Base
from core.installation import Installation
from core.persons import tell_all
from members.models import AddressChange, Member, SignInRequest
from members.persons import person_of
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.authors import send_in, sign_in_as
from tests.support.people import Browser
from workshops.model.interest import Area, Interest
from workshops.model.reflection_tables import (
    Agreement,
    CheckIn,
    CheckOut,
    JointAction,
    LearningPoint,
    PrivateNote,
    Undertaking,
)
from workshops.model.tables import Registration, RuleSuggestion, Workshop

TOLD_BY_MEMBERSHIP = {
    "address_change", "authenticator", "consent_event", "joined_member", "member_label",
    "member_note", "organiser", "passkey",
    "recovery_codes", "sign_in_request", "sign_in_session", "subscription",
}  # fmt: skip
TOLD_BY_CONTRIBUTIONS = {
    "inquiry",
    "question_answer",
    "contribution",
    "contribution_co_author",
    "contribution_leaning",
}
TOLD_BY_WORKSHOPS = {
    "agreement", "check_in", "check_out", "interest", "invitation", "joint_action",
    "learning_point", "nomination", "private_note", "registration", "rule_suggestion",
    "undertaking", "workshop",
}  # fmt: skip
SAYS_NOTHING_MORE = {"not_twins", "people_import", "import_change"}
"""For a day, how an import is taken back: what it did is in the record, and told. And that two
records are two people."""
WHOM = {"member", "registration"}


def test_each_table_that_knows_somebody_is_told() -> None:
    known = {
        table.name
        for table in Base.metadata.sorted_tables
        if any(key.column.table.name in WHOM for key in table.foreign_keys)
    }
    told = TOLD_BY_MEMBERSHIP | TOLD_BY_CONTRIBUTIONS | TOLD_BY_WORKSHOPS
    assert known == told | SAYS_NOTHING_MORE


@both_databases
def test_what_somebody_wrote_and_took_on_is_told_word_by_word(
    visitor: Browser, run_jobs: Callable[[], None]
) -> None:
    her = _took_part(visitor, run_jobs)
    with visitor.installation.reading() as work:
        person = person_of(work.session, work.session.get_one(Member, her))
        told = tell_all(work, person, visitor.installation.persons)
    said = json.dumps(told, ensure_ascii=False)
    for trace in ("note", "point", "action", "brought", "rule", "undertaken", "area", "leaning"):
        assert f"her {trace}" in said
    assert "before@x.example" in said
    assert "asked to sign in" in said
    assert "another's" not in said


def _took_part(visitor: Browser, run_jobs: Callable[[], None]) -> int:
    installation = visitor.installation
    workshop = hosts.ready(installation)
    hosts.invite(installation, workshop, "eva@x.example\nben@x.example")
    run_jobs()
    for email in ("eva@x.example", "ben@x.example"):
        hosts.say(visitor, email, "yes")
    with installation.reading() as work:
        her, him = (
            work.session.scalars(select(Member).where(Member.email == email)).one()
            for email in ("eva@x.example", "ben@x.example")
        )
    with Browser.of(installation) as author:
        send_in(sign_in_as(author, him), "topic")
    for member, whose in ((her, "her"), (him, "another's")):
        _wrote(installation, workshop, member, whose)
    return her.id


def _wrote(installation: Installation, workshop: Workshop, member: Member, whose: str) -> None:
    """One row in each table, as if each form had been filled in."""
    with installation.unit_of_work() as work:
        at, theirs, session = work.now, {"workshop_id": workshop.id}, work.session
        place = session.scalars(select(Registration).where(Registration.member_id == member.id))
        here = {"registration_id": place.one().id}
        area = Area(names={"en": f"{whose} area"})
        point = LearningPoint(**theirs, by_id=member.id, text=f"{whose} point", created_at=at)
        action = JointAction(**theirs, by_id=member.id, kind="promise", text=f"{whose} action",
                             due_on=date(2027, 1, 1), created_at=at)  # fmt: skip
        session.add_all([area, point, action])
        session.flush()
        session.add_all([
            PrivateNote(**theirs, member_id=member.id, text=f"{whose} note", at=at),
            CheckIn(**here, words=f"{whose} brought", at=at),
            CheckOut(**here, learned="x", involves="y", at=at),
            RuleSuggestion(**here, text=f"{whose} rule", created_at=at),
            Agreement(**here, point_id=point.id, may_share=True, at=at),
            Undertaking(**here, action_id=action.id, state="done", note=f"{whose} undertaken",
                        changed_at=at),
            Interest(member_id=member.id, area_id=area.id, at=at),
            SignInRequest(member_id=member.id, browser_hash="", makes_owner=False,
                          created_at=at, expires_at=at),
            AddressChange(member_id=member.id, old_email="before@x.example",
                          new_email=member.email, asked_at=at),
            Leaning(contribution_id=session.scalars(select(Contribution.id)).one(),
                    member_id=member.id, leaning="yes", note=f"{whose} leaning", at=at),
        ])  # fmt: skip

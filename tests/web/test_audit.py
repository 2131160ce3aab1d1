"""The audit: whatever is done is written down, told in sentences, and found again by owners."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from core.audit import AuditEntry
from core.installation import Installation
from core.settings_log import note_settings
from members.models import Member
from members.roles import Role
from newsletters import issues
from newsletters.texts import parse_files
from tests.conftest import both_databases
from tests.support.authors import member, send_in, sign_in_as
from tests.support.people import Browser, ShiftedClock, add_members, letter

Run = Callable[[], None]
AUDIT = "/organise/audit"


@pytest.fixture
def owner(visitor: Browser) -> Browser:
    """An owner, signed in a moment ago."""
    return visitor.sign_in("olga@example.org", Role.OWNER)


def _id(installation: Installation, email: str = "olga@example.org") -> int:
    with installation.reading() as work:
        return work.session.scalars(select(Member.id).where(Member.email == email)).one()


def _issue(installation: Installation) -> int:
    with installation.unit_of_work() as work:
        return issues.new_issue(work, parse_files([letter("en")])).id


@both_databases
def test_what_was_done_is_told_with_who_and_to_what(owner: Browser, run_jobs: Run) -> None:
    add_members(owner.installation, 2, "en")
    number = _issue(owner.installation)
    owner.post(f"/organise/issues/{number}/send", {"version": "1"})
    owner.post(f"/organise/issues/{number}/pause")
    owner.post("/organise/team", {"email": "eva@example.org", "name": "Eva", "role": "editor",
                                  "language": "en"})  # fmt: skip
    lines = owner.get(AUDIT).each("tr")
    for said in (
        ("olga@example.org", "Sent an issue: 2", "A letter"),
        ("olga@example.org", "Paused the sending of an issue", "A letter"),
        ("olga@example.org", "Asked a colleague in: Editor", "Eva"),
    ):
        assert any(all(part in line for part in said) for line in lines), said
    finnish = owner.get(f"/fi{AUDIT}").text
    assert "Pyysi kollegan mukaan: Toimittaja" in finnish
    run_jobs()


@both_databases
def test_it_is_filtered_by_kind_by_whom_and_by_day(owner: Browser, clock: ShiftedClock) -> None:
    number = _issue(owner.installation)
    owner.post(f"/organise/issues/{number}/discard")
    clock.forward(days=2)
    owner.sign_in("olga@example.org", Role.OWNER)
    owner.post(f"/organise/issues/{number}/restore")
    put_away, taken_out = "Put a draft away", "Took a draft out again"

    def shown(query: str) -> tuple[bool, bool]:
        text = owner.get(f"{AUDIT}?{query}").text
        return f">{put_away}<" in text, f">{taken_out}<" in text

    assert shown("kind=letters") == (True, True)
    assert shown("kind=team") == (False, False)
    assert shown("until=2026-11-25") == (True, False)
    assert shown("since=2026-11-27") == (False, True)
    assert shown(f"who={_id(owner.installation)}") == (True, True)
    assert shown("who=999") == (False, False)
    for nonsense in ("kind=x&who=y&since=z&until=9999-99-99&page=-4", "page=99999", "page=0"):
        assert owner.get(f"{AUDIT}?{nonsense}").status == 200


def test_it_has_pages(owner: Browser) -> None:
    from core.audit import audit

    with owner.installation.unit_of_work() as work:
        for number in range(120):
            audit(work, None, "renew links", "member", number)
    first = owner.get(f"{AUDIT}?kind=people")
    assert len(first.each("tr")) == 51
    assert "page=2" in first.text
    third = owner.get(f"{AUDIT}?kind=people&page=3")
    assert len(third.each("tr")) == 21
    assert "page=4" not in third.text


def test_who_is_gone_is_said_to_be_gone(owner: Browser) -> None:
    from core.audit import audit

    with owner.installation.unit_of_work() as work:
        audit(work, 777, "erase", "member", 778)
        audit(work, 777, "an act of a version that is gone", "thing", 1)
    page = owner.get(AUDIT).text
    assert "somebody who is gone (777)" in page
    assert "gone (778)" in page
    assert "an act of a version that is gone" in page
    with owner.installation.unit_of_work() as work:
        of_another = AuditEntry.thing == "thing"
        work.session.execute(update(AuditEntry).where(of_another).values(
            thing="member", act="erase"))  # fmt: skip


@pytest.mark.parametrize("role", [Role.EDITOR, Role.FACILITATOR])
def test_only_owners_see_it_and_a_refusal_is_in_it_once(owner: Browser, role: Role) -> None:
    with Browser.of(owner.installation) as other:
        other.sign_in("other@example.org", role)
        for _ in range(3):
            assert other.get(AUDIT).status == 403
    with Browser.of(owner.installation) as somebody:
        sign_in_as(somebody, member(owner.installation))
        assert somebody.get(AUDIT).status == 403
        assert somebody.post("/organise/team").status == 403
    lines = [line for line in owner.get(AUDIT).each("tr") if "refused a page" in line]
    assert len([line for line in lines if "other@example.org" in line and AUDIT in line]) == 1
    assert len([line for line in lines if "m0@school.example" in line]) == 2


def test_who_read_what_is_confidential_is_in_it_once_a_day(
    owner: Browser, clock: ShiftedClock
) -> None:
    with Browser.of(owner.installation) as author:
        sign_in_as(author, member(owner.installation))
        public_id = send_in(author, "interviewee").rsplit("/", 1)[-1]
    path = f"/organise/contributions/{public_id}"
    for _ in range(3):
        assert owner.get(path).status == 200
    assert owner.get("/organise/contributions/aaaaaaaa").status == 404
    page = owner.get(f"{AUDIT}?kind=reading")
    reads = [line for line in page.each("tr") if "of a contribution" in line]
    assert len(reads) == 1
    assert "On listening" in reads[0]
    for secret in ("aaaaaaaa", public_id):
        assert secret not in page.text


def test_settings_that_changed_are_named_and_their_values_never(installation: Installation) -> None:
    def start(**changed: object) -> list[dict[str, str]]:
        settings = installation.settings.model_copy(update=changed)
        with replace(installation, settings=settings).unit_of_work() as work:
            note_settings(work)
        with installation.reading() as work:
            of_settings = select(AuditEntry.detail).where(AuditEntry.thing == "settings")
            return list(work.session.scalars(of_settings.order_by(AuditEntry.id)))

    assert [one["names"] for one in start()] == [""]
    assert len(start()) == 1, "nothing has changed"
    told = start(second_factor="all", reply_to="office@example.org")
    assert told[-1]["names"] == "reply_to, second_factor"
    assert "office@example.org" not in str(told)
    assert len(start(second_factor="all", reply_to="office@example.org")) == 2


def test_what_a_new_version_brings_was_changed_by_nobody(installation: Installation) -> None:
    with installation.unit_of_work() as work:
        note_settings(work)
        entry = work.session.scalars(select(AuditEntry)).one()
        entry.detail = {**entry.detail, "prints": {**entry.detail["prints"], "gone": "x"}}
    with installation.unit_of_work() as work:
        note_settings(work)
    with installation.reading() as work:
        assert work.session.scalars(select(AuditEntry.act)).all() == ["first", "anew"]


def test_a_running_site_writes_its_settings_down(owner: Browser) -> None:
    assert "written down for the first time" in owner.get(f"{AUDIT}?kind=settings").text


def test_what_an_organiser_did_is_told_to_them(owner: Browser) -> None:
    from core.persons import tell_all
    from members.persons import find_person

    number = _issue(owner.installation)
    owner.post(f"/organise/issues/{number}/discard")
    with owner.installation.reading() as work:
        person = find_person(work.session, "olga@example.org")
        assert person is not None
        told = tell_all(work, person, owner.installation.persons)["membership"]
    assert any(row.get("did") == "discard" and row["to"] == "issue" for row in told)

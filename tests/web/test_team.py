"""The team: an owner asks a colleague in, changes what she may do, and lets her go."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from core.audit import AuditEntry
from core.errors import Refusal
from core.installation import Installation
from members import team
from members.models import Member, Organiser, SignInSession
from members.organisers import owners
from members.roles import Role
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.authors import member, sign_in_as
from tests.support.people import Browser, link_of
from workshops.model.tables import Workshop

Run = Callable[[], None]
EVA = "eva@example.org"
TEAM = "/organise/team"


@pytest.fixture
def owner(visitor: Browser) -> Browser:
    """An owner, signed in."""
    return visitor.sign_in("owner@example.org", Role.OWNER)


def _roles(installation: Installation) -> dict[str, str]:
    with installation.reading() as work:
        rows = select(Member.email, Organiser.role).join(Organiser)
        return dict(work.session.execute(rows).all())


def _id(installation: Installation, email: str) -> int:
    with installation.reading() as work:
        return work.session.scalars(select(Member.id).where(Member.email == email)).one()


def _member(installation: Installation, email: str) -> Member:
    with installation.reading() as work:
        return work.session.scalars(select(Member).where(Member.email == email)).one()


def _ask_in(owner: Browser, role: str = "editor", email: str = EVA) -> str:
    page = owner.post(TEAM, {"email": email, "name": "Eva", "role": role, "language": "en"})
    assert page.status == 200, page.problem
    return f"{TEAM}/{_id(owner.installation, email)}"


@both_databases
def test_a_colleague_is_asked_in_comes_in_and_is_let_go(owner: Browser, run_jobs: Run) -> None:
    path = _ask_in(owner)
    run_jobs()
    mails = owner.outbox(EVA)
    asked = next(mail for mail in mails if "help run" in mail.subject)
    assert "Editor" in asked.text
    assert link_of(asked, "/sign-in")
    with Browser.of(owner.installation) as eva:
        eva.post("/sign-in", {"email": EVA})
        run_jobs()
        eva.post(link_of(eva.outbox(EVA)[0], "/sign-in/"))
        assert eva.get("/organise/contributions").status == 200
        assert eva.get(TEAM).status == 403
        owner.post(f"{path}/role", {"role": "facilitator"})
        assert eva.get("/organise").heading == "Sign in", "with another role one begins anew"
        sign_in_as(eva, _member(owner.installation, EVA))
        assert eva.get("/organise/contributions").status == 403
        for _ in range(2):
            owner.post(f"{path}/let-go")
        assert eva.get("/organise").heading == "Sign in", "and signed out"
    assert _roles(owner.installation) == {"owner@example.org": "owner"}
    run_jobs()
    told = [m.text for m in owner.outbox("owner@example.org") if "team has changed" in m.subject]
    assert len(told) == 3
    assert any("no role any more" in text for text in told)
    with owner.installation.reading() as work:
        acts = list(work.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))
    assert [act for act in acts if "role" in act or "organiser" in act] == [
        "add organiser", "change role", "remove organiser"]  # fmt: skip


def test_the_only_owner_can_neither_go_nor_become_less(owner: Browser) -> None:
    path = f"{TEAM}/{_id(owner.installation, 'owner@example.org')}"
    for act, typed in (("role", {"role": "editor"}), ("let-go", {})):
        page = owner.post(f"{path}/{act}", typed)
        assert (page.status, "always an owner" in page.problem) == (422, True)
    assert _roles(owner.installation) == {"owner@example.org": "owner"}
    _ask_in(owner, "owner")
    assert owner.post(f"{path}/role", {"role": "editor"}).heading == "Sign in", "it was possible"
    assert _roles(owner.installation) == {"owner@example.org": "editor", EVA: "owner"}


@both_databases
def test_two_owners_who_let_each_other_go_leave_one(owner: Browser) -> None:
    installation = owner.installation
    _ask_in(owner, "owner")
    ids = [_id(installation, email) for email in ("owner@example.org", EVA)]

    def let_go(number: int) -> bool:
        try:
            with installation.unit_of_work() as work:
                team.let_go(work, number, number)
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(let_go, ids))
    assert sorted(done) == [False, True]
    with installation.reading() as work:
        assert len(owners(work.session)) == 1


def test_a_session_of_a_colleague_is_ended(owner: Browser, run_jobs: Run) -> None:
    path = _ask_in(owner)
    with Browser.of(owner.installation) as eva:
        with owner.installation.reading() as work:
            her = work.session.scalars(select(Member).where(Member.email == EVA)).one()
        sign_in_as(eva, her)
        assert eva.get("/me").status == 200
        with owner.installation.reading() as work:
            sessions = select(SignInSession.id).where(SignInSession.member_id == her.id)
            number = work.session.scalars(sessions).one()
        owner.post(f"{path}/sessions/{number}")
        assert eva.get("/me").heading == "Sign in"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"email": "", "name": "Eva"}, "e-mail"),
        ({"email": "nonsense", "name": "Eva"}, "e-mail"),
        ({"email": "owner@example.org", "name": "Olga"}, "already"),
        ({"email": EVA, "name": "x" * 90}, "name"),
    ],
)
def test_a_wrong_colleague_is_said_so_and_kept(
    owner: Browser, typed: dict[str, str], field: str
) -> None:
    page = owner.post(TEAM, {**typed, "role": "editor", "language": "en"})
    assert (page.status, page.field("email")) == (422, typed["email"])
    assert field in page.problem
    assert len(_roles(owner.installation)) == 1


def test_a_stranger_a_member_and_an_editor_may_not(visitor: Browser, run_jobs: Run) -> None:
    typed = {"email": EVA, "name": "Eva", "role": "owner", "language": "en"}
    assert visitor.post(TEAM, typed).status == 403
    with Browser.of(visitor.installation) as somebody:
        sign_in_as(somebody, member(visitor.installation))
        assert somebody.post(TEAM, typed).status == 403
    visitor.sign_in("editor@example.org", Role.EDITOR)
    assert visitor.post(TEAM, typed).status == 403
    number = _id(visitor.installation, "editor@example.org")
    assert visitor.post(f"{TEAM}/{number}/role", {"role": "owner"}).status == 403
    assert set(_roles(visitor.installation).values()) == {"editor"}


@pytest.mark.parametrize("typed", [{}, {"role": ""}, {"role": "Owner"}])
def test_a_form_that_names_no_role_changes_none(owner: Browser, typed: dict[str, str]) -> None:
    _ask_in(owner, "editor")
    refused = owner.post(f"/organise/team/{_id(owner.installation, EVA)}/role", typed)
    assert (refused.status, "choose a role" in refused.problem) == (422, True)
    assert _roles(owner.installation)[EVA] == "editor"


def test_what_a_stranger_typed_is_no_name_of_a_colleague(owner: Browser) -> None:
    with Browser.of(owner.installation) as stranger:
        stranger.subscribe(EVA, name="Visit evil dot example")
    _ask_in(owner, "editor")
    page = owner.get("/organise/team").text
    assert "evil dot example" not in page


def test_what_somebody_was_to_lead_needs_another_and_organisers_are_told(
    owner: Browser, run_jobs: Run
) -> None:
    workshop = hosts.ready(owner.installation)
    with owner.installation.reading() as work:
        leads = work.session.get_one(Workshop, workshop.id).facilitator_id
    for _ in range(2):
        owner.post(f"{TEAM}/{leads}/let-go")
    with owner.installation.reading() as work:
        assert work.session.get_one(Workshop, workshop.id).facilitator_id is None
    run_jobs()
    told = [mail for mail in owner.outbox("owner@example.org") if "Nobody leads" in mail.subject]
    assert len(told) == 1

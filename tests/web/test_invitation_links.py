"""What an invitation's link can do, and cannot: the list of every way to misuse one."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from core.installation import Installation
from core.tokens import Purpose
from members.models import Member
from members.roles import Role
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.people import Browser, ShiftedClock, link_of
from worker import jobs
from workshops.invitation import invitations
from workshops.model.invitation_states import EDGES, INVITATIONS, InvitationState
from workshops.model.tables import Cohort, Invitation, Nomination, Registration, Workshop
from workshops.registration.registering import Words

Run = Callable[[], None]
AtOnce = Callable[..., list[object]]
MIA, BEN = "mia@example.org", "ben@example.org"
YES = {"answer": "yes", "rules": "1"}


@pytest.fixture
def organiser(installation: Installation) -> Browser:
    """A signed-in owner, in a browser of their own."""
    with Browser.of(installation) as browser:
        browser.sign_in("owner@example.org", Role.OWNER)
    return browser


@pytest.fixture
def workshop(installation: Installation, run_jobs: Run) -> Workshop:
    """A workshop to which Mia and Ben are invited."""
    made = hosts.ready(installation, capacity=3)
    hosts.invite(installation, made, f"{MIA}\n{BEN}")
    run_jobs()
    return made


def _people(organiser: Browser, workshop: Workshop) -> str:
    return f"/organise/workshops/{workshop.public_id}"


def _number(installation: Installation, email: str) -> int:
    from members.models import Member

    with installation.reading() as work:
        found = select(Invitation.id).join(Member).where(Member.email == email)
        return work.session.scalars(found).one()


@both_databases
def test_the_same_link_used_at_once_makes_one_place(
    visitor: Browser, workshop: Workshop, at_once: AtOnce
) -> None:
    token = hosts.invitation_link(visitor, MIA).rpartition("/")[2]

    def accept() -> str:
        with visitor.installation.unit_of_work() as work:
            invited = invitations.find_by_token(work, token)
            assert invited
            return invitations.say_yes(work, invited, Words(rules_version=1)).state

    ends = at_once(*[accept] * 6)
    assert "confirmed" in ends
    with visitor.installation.reading() as work:
        theirs = select(func.count()).select_from(Registration).join(Member)
        assert work.session.scalar(theirs.where(Member.email == MIA)) == 1
        assert hosts.answers(visitor.installation, workshop)[MIA] == "accepted"


def test_looking_changes_nothing_whoever_looks(
    visitor: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    """Mail scanners follow every link, with GET and HEAD."""

    def state() -> list[object]:
        with visitor.installation.reading() as work:
            return [
                [tuple(row) for row in work.session.execute(select(table))]
                for table in (Invitation.__table__, Registration.__table__, Cohort.__table__)
            ]

    hosts.say(visitor, BEN, "yes")
    run_jobs()
    before = state()
    for mail in visitor.outbox():
        for link in mail.links:
            path = link.removeprefix("http://testserver.localhost")
            assert visitor.get(path).status < 500
            visitor.client.head(path)
    for path in ("/take", "/give-up", "/join", "/check-out", "/points", "/actions"):
        visitor.get(hosts.place_link(visitor, BEN) + path)
    assert state() == before


def test_a_link_that_was_taken_back_or_replaced_says_so_calmly(
    visitor: Browser, organiser: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    old, number = hosts.invitation_link(visitor, MIA), _number(visitor.installation, MIA)
    base = f"{_people(organiser, workshop)}/invitations/{number}"
    organiser.post(f"{base}/again", {"email": "mia.new@example.org"})
    run_jobs()
    assert visitor.get(old).status == 410
    assert visitor.post(old, YES).status == 410
    fresh = link_of(visitor.outbox("mia.new@example.org")[0], "/i/")
    assert visitor.get(fresh).heading == "The first minute"
    for _ in range(2):
        organiser.post(f"{base}/revoke")
    gone = visitor.get(fresh)
    assert (gone.status, gone.heading) == (410, "This link does not work any more")
    assert visitor.post(fresh, YES).status == 410
    assert hosts.places(visitor.installation, workshop) == {}


def test_a_link_belongs_to_its_person_its_workshop_and_its_purpose(
    visitor: Browser, workshop: Workshop
) -> None:
    tokens = visitor.installation.tokens
    number = _number(visitor.installation, MIA)
    good = tokens.sign(Purpose.INVITE, number, 1)
    assert visitor.get(f"/i/{good}").status == 200
    wrong = [
        good[:-1],
        good.upper(),
        good.replace(f"{number}-1", f"{number}-2"),
        tokens.sign(Purpose.PLACE, number),
        tokens.sign(Purpose.PREFERENCES, number),
        tokens.sign(Purpose.INVITE, number, 99),
        tokens.sign(Purpose.INVITE, 9999, 1),
        tokens.sign(Purpose.INVITE, number),
    ]
    for token in wrong:
        assert visitor.get(f"/i/{token}").status in (404, 410), token
        assert visitor.post(f"/i/{token}", YES).status in (404, 410), token
    assert visitor.get(f"/w/{good}").status == 404
    assert hosts.places(visitor.installation, workshop) == {}


def test_a_no_can_become_a_yes_and_an_expired_one_cannot(
    visitor: Browser, workshop: Workshop, clock: ShiftedClock
) -> None:
    hosts.say(visitor, MIA, "no")
    assert "You have said no." in visitor.get(hosts.invitation_link(visitor, MIA)).text
    assert "You have a place" in hosts.say(visitor, MIA, "yes").text
    clock.forward(days=21)
    late = visitor.get(hosts.invitation_link(visitor, BEN))
    assert "We waited for an answer until" in late.text
    for answer in ("yes", "maybe", "no"):
        refused = hosts.say(visitor, BEN, answer)
        assert (refused.status, "cannot be answered" in refused.problem) == (422, True)


def test_the_rules_are_agreed_to_and_what_was_typed_is_kept(
    visitor: Browser, workshop: Workshop
) -> None:
    path = hosts.invitation_link(visitor, MIA)
    page = visitor.post(path, {"answer": "yes", "answer_1": "With a <song>", "name": "Mia M"})
    assert (page.status, "agree to the ground rules" in page.problem) == (422, True)
    assert "With a &lt;song&gt;" in page.text
    assert 'value="Mia M"' in page.text
    assert visitor.post(path, {"answer": "perhaps"}).status == 422


def test_a_forwarded_invitation_becomes_a_request_and_takes_no_place(
    visitor: Browser, organiser: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    path = hosts.invitation_link(visitor, MIA)
    refused = visitor.post(f"{path}/ask", {"email": MIA, "name": "Mia"})
    assert "address that was invited" in refused.problem
    for _ in range(2):
        asked = visitor.post(f"{path}/ask", {"email": "friend@example.org", "name": "A Friend"})
    assert "would like to come" in asked.text
    assert hosts.places(visitor.installation, workshop) == {}
    assert hosts.answers(visitor.installation, workshop)[MIA] == "awaiting"
    jobs.look_after_workshops()
    run_jobs()
    [told] = [m for m in visitor.outbox("owner@example.org") if m.subject.startswith("People")]
    assert "friend@example.org" not in told.text, "the page names them, the mail does not"
    page = organiser.get(f"{_people(organiser, workshop)}/people")
    assert "asks for a place, with a forwarded invitation" in page.text
    for _ in range(2):
        organiser.post(page.action("/nominations/"))
    run_jobs()
    assert "You have a place" in hosts.say(visitor, "friend@example.org", "yes").text
    with visitor.installation.reading() as work:
        assert work.session.scalars(select(Nomination.state)).all() == ["invited"]


def test_a_mail_that_does_not_arrive_is_noted_and_its_place_is_free(
    visitor: Browser, organiser: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    from sqlalchemy import update

    from mail.models import Delivery
    from worker import jobs

    with visitor.installation.unit_of_work() as work:
        bounced = update(Delivery).where(Delivery.address == MIA).values(state="bounced")
        work.session.execute(bounced)
    jobs.look_after_workshops()
    assert hosts.answers(visitor.installation, workshop)[MIA] == "undelivered"
    assert "did not arrive" in organiser.get(f"{_people(organiser, workshop)}/people").text
    number = _number(visitor.installation, MIA)
    again = {"email": "mia@correct.example"}
    organiser.post(f"{_people(organiser, workshop)}/invitations/{number}/again", again)
    run_jobs()
    assert hosts.answers(visitor.installation, workshop)["mia@correct.example"] == "awaiting"
    assert "You have a place" in hosts.say(visitor, "mia@correct.example", "yes").text
    refused = organiser.post(f"{_people(organiser, workshop)}/invitations/{number}/again", again)
    assert "answered already" in refused.problem


def test_an_address_of_somebody_else_is_not_taken_over(
    visitor: Browser, organiser: Browser, workshop: Workshop
) -> None:
    number = _number(visitor.installation, MIA)
    path = f"{_people(organiser, workshop)}/invitations/{number}/again"
    assert "another member" in organiser.post(path, {"email": BEN}).problem
    assert organiser.post(path, {"email": "no address"}).status == 422
    hosts.say(visitor, MIA, "no")
    assert "answered already" in organiser.post(path, {"email": MIA}).problem


def test_a_participant_names_three_colleagues_at_the_most(
    visitor: Browser, organiser: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    hosts.say(visitor, MIA, "yes", name="Mia")
    run_jobs()
    path = hosts.place_link(visitor, MIA)
    for n in range(3):
        assert visitor.post(f"{path}/nominate", {"email": f"c{n}@example.org"}).status == 200
    fourth = visitor.post(f"{path}/nominate", {"email": "c3@example.org", "name": "Kept"})
    assert "Three people at the most" in fourth.problem
    assert 'value="Kept"' in fourth.text
    page = organiser.get(f"{_people(organiser, workshop)}/people")
    assert page.text.count("named by Mia") == 3
    organiser.post(page.action("/put-away"))
    assert organiser.get(f"{_people(organiser, workshop)}/people").text.count("named by Mia") == 2


def test_who_is_invited_may_name_somebody_before_answering(
    visitor: Browser, organiser: Browser, workshop: Workshop
) -> None:
    path = hosts.invitation_link(visitor, MIA)
    wrong = visitor.post(f"{path}/nominate", {"email": "nobody", "name": "Kept"})
    assert (wrong.status, 'value="Kept"' in wrong.text) == (422, True)
    for _ in range(2):
        named = visitor.post(f"{path}/nominate", {"email": "dan@example.org", "name": "Dan"})
    assert "The organisers decide" in named.text
    assert hosts.answers(visitor.installation, workshop)[MIA] == "awaiting"
    page = organiser.get(f"{_people(organiser, workshop)}/people")
    assert page.text.count("dan@example.org") == 1
    organiser.post(f"/organise/workshops/{workshop.public_id}/close")
    assert visitor.post(f"{path}/nominate", {"email": "eve@example.org"}).status == 422


def test_the_table_of_invitations_is_whole() -> None:
    assert set(EDGES) == set(InvitationState)
    assert INVITATIONS.sources(InvitationState.REVOKED) == (
        InvitationState.PREPARED, InvitationState.AWAITING, InvitationState.MAYBE,
        InvitationState.UNDELIVERED,
    )  # fmt: skip

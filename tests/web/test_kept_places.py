"""Who leads a workshop and who sits in the hotseat: members with a place that is kept."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import delete, select, update

from core.addresses import parse_address
from core.errors import Refusal
from core.installation import Installation
from core.unit_of_work import UnitOfWork
from mail.models import Suppression
from mail.suppressing import suppression_key
from members.models import Member, Subscription
from members.organisers import add_organiser
from members.roles import Role
from members.states import MemberState
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.people import Browser, Page, ShiftedClock, link_of
from tests.support.plans import PLAN
from worker import jobs
from workshops.conduct import conducting
from workshops.conduct.upkeep import look_after
from workshops.invitation import choosing
from workshops.model.tables import Registration, Workshop
from workshops.registration import counting, kept_places, seats

Run = Callable[[], None]
AtOnce = Callable[..., list[object]]
ROSA, ANN, BEA = "rosa@example.org", "ann@example.org", "bea@example.org"
FANNY = hosts.FACILITATOR


@pytest.fixture
def owner(visitor: Browser) -> Browser:
    """A signed-in owner."""
    return visitor.sign_in("owner@example.org", Role.OWNER)


def _planned(owner: Browser, **changes: str) -> tuple[str, Page]:
    """A hotseat whose facilitator has accepted, and what the planner says to it."""
    installation = owner.installation
    page = owner.post("/organise/workshops", {"frame": "hotseat", "language": "en"})
    path = str(page.response.url).removeprefix("http://testserver.localhost")
    with installation.unit_of_work() as work:
        lead = hosts.facilitator_id(work)
    day = f"{hosts.today() + timedelta(days=30):%Y-%m-%d}"
    form = {**PLAN, "frame": "hotseat", "answer_seat": "Rosa, after thirty years",
            "answer_journey": "Five lines", "seat_email": f"Rosa Laine <{ROSA}>",
            "facilitator": str(lead), "capacity": "3", "local_start": f"{day}T18:00",
            "follow_up_on": f"{hosts.today() + timedelta(days=60):%Y-%m-%d}",
            **changes}  # fmt: skip
    saved = owner.post(path, {**form, "version": page.hidden("version")})
    with Browser.of(installation) as facilitator:
        facilitator.sign_in(FANNY, Role.FACILITATOR)
        facilitator.post(f"{path}/accept")
    return path, saved


def _hotseat(owner: Browser, run_jobs: Run, **changes: str) -> Workshop:
    """The same, ready; Ann and Bea are invited to the one place that is left."""
    path, _ = _planned(owner, **changes)
    owner.post(f"{path}/ready")
    workshop = hosts.find(owner.installation, path)
    hosts.invite(owner.installation, workshop, f"{ANN}\n{BEA}\n{ROSA}")
    run_jobs()
    return workshop


def _states(installation: Installation) -> dict[str, str]:
    with installation.reading() as work:
        rows = work.session.execute(select(Member.email, Registration.state).join(Registration))
        return dict(rows.all())


def _tick(installation: Installation, run_jobs: Run) -> None:
    look_after(installation.unit_of_work)
    run_jobs()


def _change(owner: Browser, workshop: Workshop, **changes: str) -> Page:
    """Send the form for changing a hotseat."""
    typed = {"answer_seat": "Rosa, after thirty years", "seat_email": ROSA}
    form = hosts.change_form(owner, workshop, **{**typed, **changes})
    return owner.post(f"/organise/workshops/{workshop.public_id}/change", form)


def _suppressed(work: UnitOfWork, email: str) -> Suppression:
    key = suppression_key(email, work.settings.keys[0])
    return Suppression(key=key, reason="bounce", scope="everything", created_at=work.now)


def _organiser(installation: Installation, email: str, name: str) -> int:
    with installation.unit_of_work() as work:
        return add_organiser(work, parse_address(email), Role.FACILITATOR, name=name).id


@both_databases
def test_a_place_is_kept_for_who_leads_and_who_sits_before_anybody_else_can_come(
    owner: Browser, run_jobs: Run
) -> None:
    workshop = _hotseat(owner, run_jobs)
    installation = owner.installation
    assert _states(installation) == {FANNY: "confirmed", ROSA: "confirmed"}
    assert ROSA not in hosts.answers(installation, workshop), "whoever sits there is not asked"
    for who in (ANN, BEA):
        hosts.say(owner, who, "yes")
    _tick(installation, run_jobs)
    assert {who: _states(installation)[who] for who in (ANN, BEA)} == {
        ANN: "confirmed",
        BEA: "waitlisted",
    }
    for who, words in ((FANNY, "You lead this"), (ROSA, "You sit in the hotseat")):
        [mail] = [m for m in owner.outbox(who) if m.subject.startswith("A place is kept")]
        assert words in mail.text
        assert "METHOD:REQUEST" in mail.source or "text/calendar" in mail.source
    with installation.reading() as work:
        assert counting.check_seats(work.session, work.now) == []


def test_who_sits_is_one_address_and_what_was_typed_stays(owner: Browser) -> None:
    path, saved = _planned(owner, seat_email="")
    assert 'href="#seat_email"' in saved.text, "without it the ground is not prepared"
    assert "still missing" in owner.post(f"{path}/ready").problem
    for typed in ("rosa", f"{ROSA}, {ANN}", "rosa@"):
        _, page = _planned(owner, seat_email=typed, why_now="Kept as typed")
        assert (page.status, f'value="{typed}"' in page.text) == (422, True), typed
        assert "Kept as typed" in page.text
        assert 'name="seat_email"' in page.text.partition('aria-invalid="true"')[0][-400:]
    with owner.installation.reading() as work:
        assert work.session.scalar(select(Member).where(Member.email == ROSA)) is None


def test_the_address_of_who_sits_is_for_those_who_plan_only(owner: Browser, run_jobs: Run) -> None:
    workshop = _hotseat(owner, run_jobs)
    base = f"/organise/workshops/{workshop.public_id}"
    people = owner.get(f"{base}/people").text
    assert ROSA in people
    assert "sits in the hotseat" in people
    assert "leads it" in people
    with Browser.of(owner.installation) as other:
        assert ROSA not in other.get(hosts.invitation_link(owner, ANN)).text
        assert ROSA not in other.get(f"/workshops/{workshop.public_id}").text
        other.sign_in(FANNY, Role.FACILITATOR)
        for part in ("", "/room", "/run-sheet"):
            assert ROSA not in other.get(base + part).text, part
        assert other.post(f"{base}/change", {"seat_email": ANN}).status == 403


def test_an_invitation_says_who_sits_in_the_hotseat(owner: Browser, run_jobs: Run) -> None:
    _hotseat(owner, run_jobs)
    mail = owner.outbox(ANN)[0]
    assert "In the hotseat: Rosa, after thirty years" in mail.text
    assert "Fanny leads the conversation" in mail.text


def test_who_sits_agrees_to_the_rules_and_is_a_member_from_then_on(
    owner: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    _hotseat(owner, run_jobs)
    clock.forward(days=20)
    jobs.purge()
    with owner.installation.reading() as work:
        rosa = work.session.scalars(select(Member).where(Member.email == ROSA)).one()
        assert (rosa.state, rosa.name) == (MemberState.PENDING, "Rosa Laine")
    page_link = hosts.place_link(owner, ROSA)
    page = owner.get(page_link)
    assert "Please read the ground rules" in page.text
    assert "Please read" not in owner.post(f"{page_link}/rules", {"rules": "1"}).text
    with owner.installation.reading() as work:
        assert work.session.get_one(Member, rosa.id).state == MemberState.CONFIRMED


def test_who_gives_the_seat_back_is_missed_at_once(owner: Browser, run_jobs: Run) -> None:
    workshop = _hotseat(owner, run_jobs)
    base = f"/organise/workshops/{workshop.public_id}"
    for _ in range(2):
        owner.post(f"{hosts.place_link(owner, ROSA)}/give-up")
        run_jobs()
    told = [m for m in owner.outbox("owner@example.org") if m.subject.startswith("Somebody is")]
    assert len(told) == 1
    page = owner.get(f"{base}/people")
    assert "Rosa Laine sits in the hotseat, but has no place" in page.text
    _tick(owner.installation, run_jobs)
    assert _states(owner.installation)[ROSA] == "cancelled", "what somebody gave back stays so"
    assert "but has no place" not in owner.post(page.action("/give")).text
    assert _states(owner.installation)[ROSA] == "confirmed"


def test_another_who_sits_has_a_place_and_everybody_is_told(owner: Browser, run_jobs: Run) -> None:
    workshop = _hotseat(owner, run_jobs, capacity="5")
    hosts.say(owner, ANN, "yes")
    _change(owner, workshop, answer_seat="Ben, who begins", seat_email="ben@example.org")
    run_jobs()
    assert _states(owner.installation)["ben@example.org"] == "confirmed"
    assert _states(owner.installation)[ROSA] == "confirmed", "nobody loses a place unasked"
    changed = owner.outbox(ANN)[0]
    assert changed.subject.startswith("Changed")
    assert "In the hotseat: Ben, who begins" in changed.text
    assert "In the hotseat: Ben" in owner.outbox(ROSA)[0].text
    for field, value in (("seat_email", ""), ("answer_seat", " "), ("seat_email", "ben")):
        page = _change(owner, workshop, **{"title": "Typed and kept", field: value})
        assert (page.status, "Typed and kept" in page.text) == (422, True), field


def test_who_leads_from_now_on_has_a_place_whoever_waits(owner: Browser, run_jobs: Run) -> None:
    workshop = _hotseat(owner, run_jobs)
    for who in (ANN, BEA):
        hosts.say(owner, who, "yes")
    gina = str(_organiser(owner.installation, "gina@example.org", "Gina"))
    hugo = str(_organiser(owner.installation, "hugo@example.org", "Hugo"))
    assert _change(owner, workshop, facilitator=gina).status == 200
    run_jobs()
    states = _states(owner.installation)
    assert (states["gina@example.org"], states[BEA]) == ("confirmed", "waitlisted")
    assert hosts.fresh(owner.installation, workshop).capacity == 4, "one more, for her"
    assert [m.subject.partition(":")[0] for m in owner.outbox("gina@example.org")] == [
        "A place is kept for you",
        "Would you facilitate? The first minute",
    ]
    _change(owner, workshop, facilitator=hugo)
    owner.post(f"/organise/workshops/{workshop.public_id}/notices", {"typed": "6"})
    run_jobs()
    changed = [m.text for m in owner.outbox(ANN) if m.subject.startswith("Changed")]
    assert [("Gina" in text, "Hugo" in text) for text in changed] == [(False, True), (True, False)]


def test_the_place_of_a_host_who_gave_it_back_waits_for_the_next_host(
    owner: Browser, run_jobs: Run
) -> None:
    workshop = _hotseat(owner, run_jobs)
    for who in (ANN, BEA):
        hosts.say(owner, who, "yes")
    owner.post(f"{hosts.place_link(owner, ROSA)}/give-up")
    _tick(owner.installation, run_jobs)
    assert _states(owner.installation)[BEA] == "waitlisted", "it is not offered"
    _change(owner, workshop, answer_seat="Ben", seat_email="ben@example.org")
    assert _states(owner.installation)["ben@example.org"] == "confirmed"
    assert hosts.fresh(owner.installation, workshop).capacity == 3


def test_who_was_taken_off_cannot_lead_it(owner: Browser, run_jobs: Run) -> None:
    workshop = _hotseat(owner, run_jobs, capacity="5")
    gina = _organiser(owner.installation, "gina@example.org", "Gina")
    with owner.installation.unit_of_work() as work:
        row = Registration(workshop_id=workshop.id, member_id=gina, state="removed",
                           joined_at=work.now, changed_at=work.now)  # fmt: skip
        work.session.add(row)
    assert "were taken off the list" in _change(owner, workshop, facilitator=str(gina)).problem


@both_databases
def test_others_at_once_never_take_the_place_of_who_leads_from_now_on(
    owner: Browser, run_jobs: Run, at_once: AtOnce
) -> None:
    planned = _hotseat(owner, run_jobs, capacity="6")
    installation = owner.installation
    gina = _organiser(installation, "gina@example.org", "Gina")
    with installation.unit_of_work() as work:
        people = [
            choosing.one_person(work, parse_address(f"p{n}@example.org"), "", "en")
            for n in range(10)
        ]

    def lead() -> str:
        try:
            with installation.unit_of_work() as work:
                kept = work.session.get_one(Workshop, planned.id)
                kept.facilitator_id = gina
                kept_places.keep(work, kept, 1)
                return "kept"
        except Refusal:
            return "refused"

    def take(member_id: int) -> str:
        with installation.unit_of_work() as work:
            workshop = work.session.get_one(Workshop, planned.id)
            return str(seats.take(seats.lock(work, workshop, member_id)))

    ends = at_once(lead, *(partial(take, member_id) for member_id in people))
    with installation.reading() as after:
        capacity = after.session.get_one(Workshop, planned.id).capacity
        assert counting.held(after.session, planned.id, after.now) == capacity in (6, 7)
        assert counting.check_seats(after.session, after.now) == []
        registrations = after.session.scalars(hosts.place_of("gina@example.org")).all()
    assert (len(registrations), "kept" in ends) == (1, True)


@both_databases
def test_a_workshop_from_before_keeps_a_place_as_soon_as_one_is_free(
    visitor: Browser, run_jobs: Run
) -> None:
    installation = visitor.installation
    workshop = hosts.ready(installation, capacity=1)
    hosts.invite(installation, workshop, f"{ANN}\n{BEA}\ncee@example.org")
    run_jobs()
    with installation.unit_of_work() as work:
        work.session.execute(delete(Registration))
        lead = hosts.facilitator_id(work)
        work.session.execute(update(Workshop).values(facilitator_id=None))
    for who in (ANN, BEA, "cee@example.org"):
        hosts.say(visitor, who, "yes")
    with installation.unit_of_work() as work:
        work.session.execute(update(Workshop).values(facilitator_id=lead))
    for _ in range(2):
        _tick(installation, run_jobs)
    assert FANNY not in _states(installation), "nobody loses a place for it"
    with installation.unit_of_work() as work:
        assert counting.check_seats(work.session, work.now) == []
        conducting.change_capacity(work, work.session.get_one(Workshop, workshop.id), 3, 1)
    assert _states(installation)["cee@example.org"] == "waitlisted"
    for _ in range(2):
        _tick(installation, run_jobs)
    assert _states(installation)[FANNY] == "confirmed"
    told = [m for m in visitor.outbox(FANNY) if m.subject.startswith("A place is kept")]
    assert len(told) == 2, "once when people were invited, and once now"


def test_not_me_on_a_newsletter_takes_nobody_out_of_the_hotseat(
    owner: Browser, run_jobs: Run
) -> None:
    _hotseat(owner, run_jobs)
    with Browser.of(owner.installation) as stranger:
        stranger.subscribe(ROSA)
        run_jobs()
        mail = next(m for m in owner.outbox(ROSA) if any("/not-me/" in x for x in m.links))
        stranger.post(link_of(mail, "/not-me/"))
    assert _states(owner.installation)[ROSA] == "confirmed"
    with owner.installation.reading() as work:
        states = work.session.scalars(select(Subscription.state)).all()
    assert list(states) == [], "as if nobody had asked"


def test_nobody_is_invited_to_a_hotseat_in_which_nobody_sits(owner: Browser) -> None:
    path, _ = _planned(owner)
    owner.post(f"{path}/ready")
    workshop = hosts.find(owner.installation, path)
    with owner.installation.unit_of_work() as work:
        work.session.execute(update(Workshop).values(seat_id=None))
    with pytest.raises(Refusal, match="still missing"):
        hosts.invite(owner.installation, workshop, ANN)
    assert "still missing" in owner.post(f"{path}/open", {"audience": "members"}).problem
    assert "Nobody is known who sits" in owner.get(f"{path}/people").text


def test_a_host_whose_mail_comes_back_is_said_so(owner: Browser, run_jobs: Run) -> None:
    workshop = _hotseat(owner, run_jobs)
    with owner.installation.unit_of_work() as work:
        work.session.add(_suppressed(work, ROSA))
    people = owner.get(f"/organise/workshops/{workshop.public_id}/people").text
    assert "Rosa Laine sits in the hotseat, and mail to them comes back" in people
    with owner.installation.unit_of_work() as work:
        work.session.add(_suppressed(work, "ben@example.org"))
    page = _change(owner, workshop, answer_seat="Ben", seat_email="ben@example.org")
    assert "came back" in page.problem


def test_a_half_typed_address_is_in_nobodys_way_in_another_frame(owner: Browser) -> None:
    _, page = _planned(owner, frame="forum", seat_email="rosa")
    assert page.status == 200


def test_places_that_are_kept_count_before_the_first_invitation(owner: Browser) -> None:
    path, _ = _planned(owner, capacity="5")
    owner.post(f"{path}/ready")
    assert "2/5" in owner.get(f"{path}/people").text

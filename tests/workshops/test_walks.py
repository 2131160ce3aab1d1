"""Whatever is done to an invitation, by whomever and whenever: only the edges are walked."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from core.errors import Refusal
from core.installation import Installation
from core.unit_of_work import UnitOfWork
from mail.models import Delivery
from members.models import Member
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.people import ShiftedClock
from tests.support.walking import walked
from workshops.conduct import conducting
from workshops.invitation import by_organisers, invitations
from workshops.invitation.invitations import Invited
from workshops.model import invitation_states, registration_states
from workshops.model.invitation_states import InvitationState
from workshops.model.registration_states import RegistrationState
from workshops.model.tables import Invitation, Registration, Workshop
from workshops.registration import counting, registering
from workshops.registration.registering import Words

State = TypeVar("State")
Act = Callable[[UnitOfWork, Invitation, Invited], object]


def _give_up(work: UnitOfWork, _one: Invitation, invited: Invited) -> None:
    if invited.registration is not None:
        registering.give_up(work, invited.workshop, invited.registration)


def _remove(work: UnitOfWork, _one: Invitation, invited: Invited) -> None:
    if invited.registration is not None:
        registering.remove(work, invited.workshop, invited.registration, 1)


ACTS: dict[str, Act] = {
    "yes": lambda work, _, invited: invitations.say_yes(work, invited, Words(rules_version=1)),
    "maybe": lambda work, _, invited: invitations.say_maybe(work, invited),
    "no": lambda work, _, invited: invitations.say_no(work, invited),
    "revoke": lambda work, one, _: by_organisers.revoke(work, one, 1),
    "again": lambda work, one, _: by_organisers.send_again(work, one, "", 1),
    "give up": _give_up,
    "remove": _remove,
    "fewer": lambda work, _, invited: conducting.change_capacity(work, invited.workshop, 3, 1),
    "more": lambda work, _, invited: conducting.change_capacity(work, invited.workshop, 5, 1),
    "close": lambda work, _, invited: conducting.close(work, invited.workshop, 1),
    "reopen": lambda work, _, invited: conducting.reopen(work, invited.workshop, 1),
}
GUESTS = tuple(f"m{n}@school.example" for n in range(4))


class _Walk(RuleBasedStateMachine):
    """A workshop with few places, four who are asked to it, and whoever organises it."""

    installation: Installation
    clock: ShiftedClock

    @initialize()
    def begin(self) -> None:
        workshop = hosts.ready(self.installation, 2)
        hosts.invite(self.installation, workshop, "\n".join(GUESTS), holds_places=False)
        self.workshop_id = workshop.id
        self.invited, self.registered = self._invitations(), self._registrations()

    @rule(who=st.integers(0, 3), act=st.sampled_from(sorted(ACTS)))
    def act(self, who: int, act: str) -> None:
        try:
            with self.installation.unit_of_work() as work:
                one = self._invitation(work, GUESTS[who])
                invited = invitations._find(work.session, one.id)
                assert invited
                ACTS[act](work, one, invited)
        except Refusal:
            pass
        self._compare(act)

    @rule(hours=st.sampled_from([1, 7, 30]))
    def wait(self, hours: int) -> None:
        self.clock.forward(hours=hours)
        with self.installation.unit_of_work() as work:
            registering.promote(work, work.session.get_one(Workshop, self.workshop_id))
        self._compare("time")

    @invariant()
    def no_more_is_held_than_there_is(self) -> None:
        with self.installation.reading() as work:
            assert counting.check_seats(work.session, work.now) == []

    @invariant()
    def nobody_is_written_to_twice(self) -> None:
        with self.installation.reading() as work:
            keys = work.session.scalars(select(Delivery.dedup_key)).all()
        assert len(keys) == len(set(keys))

    def _compare(self, act: str) -> None:
        invited, registered = self._invitations(), self._registrations()
        for who, state in invited.items():
            before = self.invited[who]
            assert state in _reached(before, invitation_states.EDGES), (act, before, state)
        for who, place in registered.items():
            known = self.registered.get(who)
            if known is not None:
                assert place in _reached(known, registration_states.EDGES), (act, known, place)
        self.invited, self.registered = invited, registered

    def _invitation(self, work: UnitOfWork, email: str) -> Invitation:
        theirs = select(Invitation).join(Member, Member.id == Invitation.member_id)
        mine = Invitation.workshop_id == self.workshop_id, Member.email == email
        return work.session.scalars(theirs.where(*mine)).one()

    def _invitations(self) -> dict[int, InvitationState]:
        with self.installation.reading() as work:
            found = select(Invitation.member_id, Invitation.state)
            rows = work.session.execute(found.where(Invitation.workshop_id == self.workshop_id))
            return {who: InvitationState(state) for who, state in rows}

    def _registrations(self) -> dict[int, RegistrationState]:
        with self.installation.reading() as work:
            found = select(Registration.member_id, Registration.state)
            rows = work.session.execute(found.where(Registration.workshop_id == self.workshop_id))
            return {who: RegistrationState(state) for who, state in rows}


def _reached(before: State, edges: Mapping[State, frozenset[State]]) -> set[State]:
    """Where one may be after one act, which may walk two edges: given up, and offered again."""
    once = {before, *edges[before]}
    return once | {two for one in once for two in edges[one]}


@both_databases
def test_only_the_edges_are_walked_and_no_place_is_given_twice(
    installation: Installation, clock: ShiftedClock
) -> None:
    walked(_Walk, installation=installation, clock=clock)

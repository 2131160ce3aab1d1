"""Whatever is done to a contribution in whatever order: only the edges of the table are walked."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from contributions.kinds import Kind
from contributions.models import Contribution
from contributions.states import STEPS, Action, State
from core.actors import Actor, Who
from core.audit import AuditEntry
from core.errors import Refusal
from core.installation import Installation
from mail.models import Delivery
from tests.conftest import both_databases
from tests.support.authors import editor_id, member, submitted
from tests.support.contribution_steps import take
from tests.support.walking import walked


class _Walk(RuleBasedStateMachine):
    """One contribution, and everybody who might do something with it."""

    installation: Installation

    @initialize(kind=st.sampled_from(Kind))
    def begin(self, kind: Kind) -> None:
        author = member(self.installation).id
        with self.installation.unit_of_work() as work:
            editor = editor_id(work)
            self.number = submitted(work, kind, author).id
        self.actors = (
            Actor(author, Who.AUTHOR), Actor(editor, Who.EDITOR), Actor(None, Who.AUTHOR),
            Actor(editor, Who.AUTHOR),
        )  # fmt: skip
        self.seen = self._stands()

    @rule(action=st.sampled_from(Action), who=st.integers(0, 3))
    def act(self, action: Action, who: int) -> None:
        state, version, rows = self.seen
        step = STEPS.get((State(state), action))
        happened = self._try(action, self.actors[who])
        self.seen = self._stands()
        if not happened:
            assert self.seen == (state, version, rows), "a refusal leaves no trace"
            return
        assert step is not None, (state, action)
        assert self.seen == (step.to, version + 1, rows + 1), "one step, one audit row"

    @invariant()
    def nobody_is_written_to_twice(self) -> None:
        with self.installation.reading() as work:
            keys = work.session.scalars(select(Delivery.dedup_key)).all()
        assert len(keys) == len(set(keys))

    def _try(self, action: Action, actor: Actor) -> bool:
        try:
            with self.installation.unit_of_work() as work:
                found = work.session.get_one(Contribution, self.number)
                take(work, found, action, actor, found.version)
        except Refusal:
            return False
        return True

    def _stands(self) -> tuple[str, int, int]:
        with self.installation.reading() as work:
            found = work.session.get_one(Contribution, self.number)
            rows = select(func.count()).where(
                AuditEntry.thing == "contribution", AuditEntry.thing_id == self.number
            )
            return found.state, found.version, work.session.scalar(rows) or 0


@both_databases
def test_only_the_edges_are_walked_and_each_leaves_one_audit_row(
    installation: Installation,
) -> None:
    walked(_Walk, installation=installation)

"""The table of states: what it allows, and that nothing else ever happens."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from contributions import co_authors, desk, drafts, moving
from contributions.kinds import AS_ITEM, FORMS, FRAMES, Kind
from contributions.models import Contribution
from contributions.publishing import publish_contribution
from contributions.states import (
    ACTION_WORDS,
    AUTHORS_WORDS,
    EDITORS_WORDS,
    NEXT_STEPS,
    STEPS,
    Action,
    Guard,
    State,
    Step,
    actions_for,
    diagram,
)
from core.actors import Actor, Who
from core.audit import AuditEntry
from core.errors import Refusal
from core.installation import Installation
from core.unit_of_work import Reading, UnitOfWork
from library.kinds import ItemKind
from mail.models import Delivery
from tests.conftest import both_databases
from tests.support.authors import editor_id, member, submitted
from workshops.model.method import CARDS, Frame

AtOnce = Callable[..., list[object]]
ROOT = Path(__file__).resolve().parents[2]


def test_every_state_has_its_words_and_every_action_its_button() -> None:
    for table in (AUTHORS_WORDS, EDITORS_WORDS, NEXT_STEPS):
        assert set(table) == set(State)
    assert set(ACTION_WORDS) == set(Action)


def test_every_kind_has_a_form_becomes_an_item_of_its_own_and_every_frame_is_known() -> None:
    assert set(FORMS) == set(AS_ITEM) == set(Kind)
    assert len(set(AS_ITEM.values())) == len(Kind)
    ours = {ItemKind.RECORDING, ItemKind.MATERIAL}
    assert set(AS_ITEM.values()) | ours == set(ItemKind)
    assert set(FRAMES) == set(map(str, Frame)) == set(map(str, CARDS))


def test_every_state_can_be_reached_and_only_ends_have_no_way_on() -> None:
    reached = {step.to for step in STEPS.values()} | {State.DRAFT}
    assert {state for state in State if state not in reached} == set()
    stuck = {state for state in State if not any(at == state for at, _ in STEPS)}
    assert stuck == {State.RETRACTED}


def test_nobody_is_published_before_they_agreed_to_talk() -> None:
    before = {at for (at, action) in STEPS if action is Action.PUBLISH}
    assert before == {State.AGREED, State.RECORDED}
    ways_in = {at for (at, _), step in STEPS.items() if step.to is State.RECORDED}
    assert ways_in == {State.AGREED_TO_TALK}
    assert STEPS[(State.ACCEPTED, Action.AGREE)].guard is Guard.IS_TEXT


def test_buttons_come_from_the_table() -> None:
    assert actions_for(State.DRAFT, Who.AUTHOR, False) == [Action.SUBMIT, Action.DISCARD]
    assert actions_for(State.ACCEPTED, Who.EDITOR, True) == [Action.APPROACH]
    assert Action.AGREE not in actions_for(State.ACCEPTED, Who.AUTHOR, True)


def test_the_documented_diagram_is_the_table() -> None:
    page = (ROOT / "docs" / "contribution-states.md").read_text("utf-8")
    assert diagram() in page


def _audited(work: Reading, number: int) -> int:
    counted = select(func.count()).where(
        AuditEntry.thing == "contribution", AuditEntry.thing_id == number
    )
    return work.session.scalar(counted) or 0


def _mails(work: Reading) -> list[str]:
    keys = select(Delivery.dedup_key).where(Delivery.dedup_key.like("contribution:%"))
    return [str(key) for key in work.session.scalars(keys)]


@both_databases
def test_whoever_is_second_is_told_so_and_changes_nothing(installation: Installation) -> None:
    author = member(installation).id
    with installation.unit_of_work() as work:
        editor = editor_id(work)
        contribution = submitted(work, Kind.TOPIC, author)
        number, seen = contribution.id, contribution.version
        desk.act(work, contribution, Action.OPEN, Actor(editor, Who.EDITOR), seen)
    with installation.unit_of_work() as work:
        contribution = work.session.get_one(Contribution, number)
        with pytest.raises(Refusal, match="Somebody else changed this"):
            drafts.withdraw(work, contribution, author, seen)
        assert contribution.state == State.IN_REVIEW


def _accept(installation: Installation, number: int, editor: int, seen: int) -> None:
    with installation.unit_of_work() as work:
        contribution = work.session.get_one(Contribution, number)
        desk.act(work, contribution, Action.ACCEPT, Actor(editor, Who.EDITOR), seen)


def _withdraw(installation: Installation, number: int, author: int, seen: int) -> None:
    with installation.unit_of_work() as work:
        contribution = work.session.get_one(Contribution, number)
        drafts.withdraw(work, contribution, author, seen)


def _race(installation: Installation, at_once: AtOnce) -> tuple[int, list[object]]:
    author = member(installation).id
    with installation.unit_of_work() as work:
        editor = editor_id(work)
        contribution = submitted(work, Kind.TOPIC, author)
        desk.act(work, contribution, Action.OPEN, Actor(editor, Who.EDITOR), contribution.version)
        number, seen = contribution.id, contribution.version
    return number, at_once(
        partial(_accept, installation, number, editor, seen),
        partial(_withdraw, installation, number, author, seen),
    )


@both_databases
def test_of_accept_and_withdraw_at_once_exactly_one_happens(
    installation: Installation, at_once: AtOnce
) -> None:
    for _ in range(8):
        number, ends = _race(installation, at_once)
        assert sorted(isinstance(end, Refusal) for end in ends) == [False, True]
        with installation.reading() as work:
            contribution = work.session.get_one(Contribution, number)
            letters = [k for k in _mails(work) if k.startswith(f"contribution:{number}:accepted")]
            assert _audited(work, number) == 3
            assert len(letters) == (1 if contribution.state == State.ACCEPTED else 0)


@both_databases
def test_the_race_is_lost_without_the_guard(
    installation: Installation, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with an UPDATE that does not look, both happen."""

    def blind(
        work: UnitOfWork,
        contribution: Contribution,
        step: Step,
        _version: int,
        _by: Who,
        _changes: object,
    ) -> None:
        work.session.execute(update(Contribution).where(Contribution.id == contribution.id)
                             .values(state=step.to, version=Contribution.version + 1))  # fmt: skip

    monkeypatch.setattr(moving, "_update", blind)
    any_state = {action: step for (_, action), step in STEPS.items()}
    monkeypatch.setattr(moving, "step_for", lambda _session, _it, action, _actor: any_state[action])
    _, ends = _race(installation, at_once)
    assert not any(isinstance(end, Refusal) for end in ends)


def test_what_only_editors_may_see_is_never_published(installation: Installation) -> None:
    author = member(installation).id
    with installation.unit_of_work() as work:
        editor = editor_id(work)
        contribution = submitted(work, Kind.TOPIC, author, boundary="editors")
        desk.act(work, contribution, Action.OPEN, Actor(editor, Who.EDITOR), contribution.version)
        desk.act(work, contribution, Action.ACCEPT, Actor(editor, Who.EDITOR), contribution.version)
        drafts.agree(work, contribution, author, contribution.version)
        with pytest.raises(Refusal, match="editors only"):
            publish_contribution(
                work, contribution, Actor(editor, Who.EDITOR), contribution.version
            )


def test_nothing_is_published_while_a_co_author_has_not_answered(
    installation: Installation,
) -> None:
    from core.addresses import parse_address

    author = member(installation)
    with installation.unit_of_work() as work:
        editor = editor_id(work)
        contribution = submitted(work, Kind.ARTICLE, author.id)
        co_authors.invite(work, contribution, author, parse_address("co@example.org"), "Co")
        desk.act(work, contribution, Action.OPEN, Actor(editor, Who.EDITOR), contribution.version)
        desk.act(work, contribution, Action.ACCEPT, Actor(editor, Who.EDITOR), contribution.version)
        drafts.agree(work, contribution, author.id, contribution.version)
        with pytest.raises(Refusal, match="co-author"):
            publish_contribution(
                work, contribution, Actor(editor, Who.EDITOR), contribution.version
            )

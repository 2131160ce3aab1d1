"""Taking a step with a contribution the way the pages do."""

from contributions import desk, drafts
from contributions.models import Contribution
from contributions.moving import move
from contributions.publishing import publish_contribution
from contributions.states import Action
from core.actors import Actor
from core.unit_of_work import UnitOfWork


def take(
    work: UnitOfWork, contribution: Contribution, action: Action, actor: Actor, version: int
) -> None:
    """Take a step the way the pages do."""
    if action is Action.PUBLISH:
        publish_contribution(work, contribution, actor, version)
    elif action is Action.RETRACT:
        drafts.take_back(work, contribution, actor, version)
    elif action is Action.ASK and actor.member_id is not None:
        desk.ask(work, contribution, actor, version, "Why?", drafts.new_form_key())
    elif action is Action.REPLY and actor.member_id is not None:
        drafts.answer(work, contribution, actor.member_id, "So.", drafts.new_form_key())
    else:
        move(work, contribution, action, actor, version)

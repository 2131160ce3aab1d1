"""What can become of a contribution: one table, from which buttons, checks and mails are made.

Pure. Who may take a step, what must be true of the contribution, and which mails go out with it.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.actors import Who
from core.i18n import N_, Message
from core.state_tables import StateTable


class State(StrEnum):
    """Where a contribution stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    QUESTION_ASKED = "question_asked"
    ACCEPTED = "accepted"
    AGREED = "agreed"
    PUBLISHED = "published"
    RETRACTED = "retracted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    APPROACHED = "approached"
    AGREED_TO_TALK = "agreed_to_talk"
    RECORDED = "recorded"
    PERSON_DECLINED = "person_declined"


class Action(StrEnum):
    """What somebody does with a contribution."""

    SUBMIT = "submit"
    DISCARD = "discard"
    OPEN = "open"
    ASK = "ask"
    REPLY = "reply"
    ACCEPT = "accept"
    DECLINE = "decline"
    REOPEN = "reopen"
    REVISE = "revise"
    AGREE = "agree"
    PUBLISH = "publish"
    RETRACT = "retract"
    WITHDRAW = "withdraw"
    RESUBMIT = "resubmit"
    APPROACH = "approach"
    AGREES_TO_TALK = "agrees_to_talk"
    RECORD = "record"
    PERSON_DECLINES = "person_declines"


class Guard(StrEnum):
    """What must be true of the contribution itself."""

    NONE = "none"
    IS_TEXT = "is_text"
    """Not about a third person: its author agrees to the text."""
    IS_PERSON = "is_person"
    """About somebody who is to be interviewed: that person agrees, nobody for them."""
    MAY_BE_SHOWN = "may_be_shown"
    """All co-authors have accepted, and the boundary lets others than the editors see it."""


class Letter(StrEnum):
    """A mail that goes out with a step."""

    RECEIPT = "receipt"
    QUESTION = "question"
    REPLY = "reply"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    AGREE_TO_TEXT = "agree-to-text"
    PUBLISHED = "published"


HELD = frozenset({Letter.ACCEPTED, Letter.DECLINED})
"""Decisions wait until an editor has read, perhaps changed, and released them."""


@dataclass(frozen=True)
class Step:
    """One edge. No `to`: the row is deleted. `makes_copy`: a new draft is made of it."""

    to: State | None
    who: frozenset[Who]
    guard: Guard = Guard.NONE
    letters: tuple[Letter, ...] = ()
    makes_copy: bool = False


S, A = State, Action
_AUTHOR, _EDITOR = frozenset({Who.AUTHOR}), frozenset({Who.EDITOR})
_PERSON = Guard.IS_PERSON

STEPS: dict[tuple[State, Action], Step] = {
    (S.DRAFT, A.SUBMIT): Step(S.SUBMITTED, _AUTHOR, letters=(Letter.RECEIPT,)),
    (S.DRAFT, A.DISCARD): Step(None, _AUTHOR),
    (S.SUBMITTED, A.OPEN): Step(S.IN_REVIEW, _EDITOR),
    (S.IN_REVIEW, A.ASK): Step(S.QUESTION_ASKED, _EDITOR, letters=(Letter.QUESTION,)),
    (S.QUESTION_ASKED, A.REPLY): Step(S.IN_REVIEW, _AUTHOR, letters=(Letter.REPLY,)),
    (S.IN_REVIEW, A.ACCEPT): Step(S.ACCEPTED, _EDITOR, letters=(Letter.ACCEPTED,)),
    (S.IN_REVIEW, A.DECLINE): Step(S.DECLINED, _EDITOR, letters=(Letter.DECLINED,)),
    (S.DECLINED, A.REOPEN): Step(S.IN_REVIEW, _EDITOR),
    (S.ACCEPTED, A.REVISE): Step(
        S.ACCEPTED, _EDITOR, Guard.IS_TEXT, letters=(Letter.AGREE_TO_TEXT,)
    ),
    (S.AGREED, A.REVISE): Step(S.ACCEPTED, _EDITOR, Guard.IS_TEXT, letters=(Letter.AGREE_TO_TEXT,)),
    (S.ACCEPTED, A.AGREE): Step(S.AGREED, _AUTHOR, Guard.IS_TEXT),
    (S.AGREED, A.PUBLISH): Step(
        S.PUBLISHED, _EDITOR, Guard.MAY_BE_SHOWN, letters=(Letter.PUBLISHED,)
    ),
    (S.PUBLISHED, A.RETRACT): Step(S.RETRACTED, _AUTHOR | _EDITOR),
    (S.ACCEPTED, A.APPROACH): Step(S.APPROACHED, _EDITOR, _PERSON),
    (S.APPROACHED, A.AGREES_TO_TALK): Step(S.AGREED_TO_TALK, _EDITOR, _PERSON),
    (S.AGREED_TO_TALK, A.RECORD): Step(S.RECORDED, _EDITOR, _PERSON),
    (S.RECORDED, A.PUBLISH): Step(
        S.PUBLISHED, _EDITOR, Guard.MAY_BE_SHOWN, letters=(Letter.PUBLISHED,)
    ),
    (S.APPROACHED, A.PERSON_DECLINES): Step(S.PERSON_DECLINED, _EDITOR, _PERSON),
    (S.AGREED_TO_TALK, A.PERSON_DECLINES): Step(S.PERSON_DECLINED, _EDITOR, _PERSON),
    (S.RECORDED, A.PERSON_DECLINES): Step(S.PERSON_DECLINED, _EDITOR, _PERSON),
    **{
        (state, A.WITHDRAW): Step(S.WITHDRAWN, _AUTHOR)
        for state in (S.SUBMITTED, S.IN_REVIEW, S.QUESTION_ASKED, S.ACCEPTED, S.AGREED)
    },
    (S.WITHDRAWN, A.RESUBMIT): Step(S.WITHDRAWN, _AUTHOR, makes_copy=True),
    **{
        (state, A.DISCARD): Step(None, _AUTHOR)
        for state in (S.WITHDRAWN, S.DECLINED, S.PERSON_DECLINED)
    },
}

CONTRIBUTIONS = StateTable(
    edges={
        state: frozenset(
            step.to for (at, _), step in STEPS.items() if at is state and step.to is not None
        )
        for state in State
    },
    begins=(State.DRAFT,),
    who={
        state: frozenset().union(*(step.who for step in STEPS.values() if step.to is state))
        for state in State
    },
)
"""The same without what is done: which state may follow which."""

EDITABLE = (S.DRAFT, S.SUBMITTED, S.QUESTION_ASKED)
"""The author may change the text: until an editor opens it, and when there is a question."""

REVISABLE = (S.IN_REVIEW, S.ACCEPTED, S.AGREED)
"""An editor may change the text; once it was accepted, the author is asked again."""

SETTLED = (S.PUBLISHED, S.RETRACTED, S.WITHDRAWN, S.DECLINED)
"""Nobody decides about it any more, so nobody can join its authors."""

ON_THE_DESK = (
    S.SUBMITTED, S.IN_REVIEW, S.QUESTION_ASKED, S.ACCEPTED, S.AGREED, S.APPROACHED,
    S.AGREED_TO_TALK, S.RECORDED,
)  # fmt: skip
"""What the editors have not finished with."""

AUTHORS_WORDS: dict[State, Message] = {
    S.DRAFT: N_("Draft"),
    S.SUBMITTED: N_("With the editors"),
    S.IN_REVIEW: N_("With the editors"),
    S.QUESTION_ASKED: N_("A question for you"),
    S.ACCEPTED: N_("We would like to publish this"),
    S.AGREED: N_("Ready to go out"),
    S.PUBLISHED: N_("Published"),
    S.RETRACTED: N_("Taken back"),
    S.DECLINED: N_("Not this time"),
    S.WITHDRAWN: N_("Withdrawn"),
    S.APPROACHED: N_("We have written to the person"),
    S.AGREED_TO_TALK: N_("The person would like to talk"),
    S.RECORDED: N_("The conversation is recorded"),
    S.PERSON_DECLINED: N_("The person would rather not"),
}

NEXT_STEPS: dict[State, Message] = {
    S.DRAFT: N_("Only you see it. Send it in when you like; it need not be perfect."),
    S.SUBMITTED: N_("Nobody has opened it yet, so you can still change it."),
    S.IN_REVIEW: N_("An editor is reading it. You will hear from us."),
    S.QUESTION_ASKED: N_("Please answer below, or by the link in the mail."),
    S.ACCEPTED: N_("Please read the text as we would publish it, and agree to it."),
    S.AGREED: N_("We will publish it soon and tell you."),
    S.PUBLISHED: N_("Thank you for sharing it. You can take it back at any time."),
    S.RETRACTED: N_("Only its title is left in the library."),
    S.DECLINED: N_("Thank you for sending it. We are glad to read something else of yours."),
    S.WITHDRAWN: N_("You can send it in anew whenever you like."),
    S.APPROACHED: N_("We wait for an answer."),
    S.AGREED_TO_TALK: N_("We are planning the conversation."),
    S.RECORDED: N_("We are preparing it, and will tell you when it is out."),
    S.PERSON_DECLINED: N_("Thank you for the idea all the same."),
}

PERSON_WORDS: dict[State, Message] = {S.ACCEPTED: N_("We would like to talk with this person")}
PERSON_STEPS: dict[State, Message] = {
    S.ACCEPTED: N_("We write to the person and ask. You hear how it goes, and need do nothing."),
    S.IN_REVIEW: N_("An editor is reading your suggestion. You will hear from us."),
    S.PUBLISHED: N_("The conversation is out. Thank you for the idea."),
}
"""Where a suggestion whom to interview differs from a text of one's own."""


def authors_words(state: State, is_person: bool) -> Message:
    """What its author reads about where it stands."""
    return (PERSON_WORDS if is_person else {}).get(state, AUTHORS_WORDS[state])


def next_step(state: State, is_person: bool) -> Message:
    """What its author reads about what comes next."""
    return (PERSON_STEPS if is_person else {}).get(state, NEXT_STEPS[state])


EDITORS_WORDS: dict[State, Message] = {
    **AUTHORS_WORDS,
    S.SUBMITTED: N_("New"),
    S.IN_REVIEW: N_("In review"),
    S.QUESTION_ASKED: N_("Waiting for the author’s answer"),
    S.ACCEPTED: N_("Accepted"),
    S.AGREED: N_("Agreed, ready to publish"),
}

ACTION_WORDS: dict[Action, Message] = {
    A.SUBMIT: N_("Send it in"),
    A.DISCARD: N_("Delete it for good"),
    A.OPEN: N_("Open it for review"),
    A.ASK: N_("Ask the author"),
    A.REPLY: N_("Send the answer"),
    A.ACCEPT: N_("Accept"),
    A.DECLINE: N_("Decline"),
    A.REOPEN: N_("Look at it again"),
    A.REVISE: N_("Change the text"),
    A.AGREE: N_("I agree to this text"),
    A.PUBLISH: N_("Publish"),
    A.RETRACT: N_("Take it back"),
    A.WITHDRAW: N_("Withdraw"),
    A.RESUBMIT: N_("Send it in anew"),
    A.APPROACH: N_("We have written to the person"),
    A.AGREES_TO_TALK: N_("The person agrees to talk"),
    A.RECORD: N_("The conversation is recorded"),
    A.PERSON_DECLINES: N_("The person would rather not"),
}


def actions_for(state: State, who: Who, is_person: bool) -> list[Action]:
    """What somebody may do with a contribution in this state: their buttons."""
    wrong = Guard.IS_TEXT if is_person else Guard.IS_PERSON
    return [
        action
        for (at, action), step in STEPS.items()
        if at == state and who in step.who and step.guard != wrong
    ]


def diagram() -> str:
    """The table as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    for (state, action), step in STEPS.items():
        who = " or ".join(sorted(step.who))
        target = step.to or "[*]"
        copy = ", as a new draft" if step.makes_copy else ""
        lines.append(f"    {state} --> {target}: {action} ({who}{copy})")
    return "\n".join(lines)


DONE_WORDS: dict[str, Message] = {
    A.SUBMIT: N_("sent in"),
    A.DISCARD: N_("deleted by its author"),
    A.OPEN: N_("review begun"),
    A.ASK: N_("question asked"),
    A.REPLY: N_("question answered"),
    A.ACCEPT: N_("accepted for publication"),
    A.DECLINE: N_("declined kindly"),
    A.REOPEN: N_("decision taken back"),
    A.REVISE: N_("text changed"),
    A.AGREE: N_("text agreed to"),
    A.PUBLISH: N_("published here"),
    A.RETRACT: N_("taken back by its author"),
    A.WITHDRAW: N_("withdrawn from view"),
    A.RESUBMIT: N_("sent in anew"),
    A.APPROACH: N_("person written to"),
    A.AGREES_TO_TALK: N_("person agreed to talk"),
    A.RECORD: N_("conversation recorded"),
    A.PERSON_DECLINES: N_("person would rather not"),
}
"""The same in a history: what was done, not what to do."""

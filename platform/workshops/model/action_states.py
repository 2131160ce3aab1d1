"""What kinds of actions there are, and what can become of one that somebody took on. Pure."""

from enum import StrEnum

from core.actors import Who
from core.i18n import N_, Message
from core.state_tables import StateTable


class ActionKind(StrEnum):
    """What somebody does by saying it (after Winograd and Flores)."""

    REQUEST = "request"
    PROMISE = "promise"
    DECLARATION = "declaration"


class Course(StrEnum):
    """What became of it, as whoever took it on says."""

    TAKEN_ON = "taken_on"
    DONE = "done"
    CARRIED_ON = "carried_on"
    LET_GO = "let_go"


KIND_NAMES: dict[ActionKind, Message] = {
    ActionKind.REQUEST: N_("a request"),
    ActionKind.PROMISE: N_("a promise"),
    ActionKind.DECLARATION: N_("a declaration"),
}

COURSE_NAMES: dict[Course, Message] = {
    Course.TAKEN_ON: N_("taken on"),
    Course.DONE: N_("done"),
    Course.CARRIED_ON: N_("carried on"),
    Course.LET_GO: N_("let go"),
}

COURSES = StateTable(
    # Whoever took it on may say anew what became of it, as often as they like.
    edges={course: frozenset(Course) for course in Course},
    begins=(Course.TAKEN_ON,),
    who=dict.fromkeys(Course, (Who.MEMBER,)),
    names=COURSE_NAMES,
)

"""What can become of an import: looked at first, done in a job, taken back within a day. Pure."""

from enum import StrEnum

from core.actors import Who
from core.i18n import N_, Message
from core.state_tables import StateTable


class ImportState(StrEnum):
    """Where an import stands."""

    LOOKING = "looking"
    """A worker looks what it would come to."""
    LOOKED = "looked"
    """Somebody reads that, and decides."""
    GOING = "going"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    DROPPED = "dropped"


_S = ImportState
IMPORT_NAMES: dict[ImportState, Message] = {
    _S.LOOKING: N_("is being looked through"),
    _S.LOOKED: N_("waits for you"),
    _S.GOING: N_("comes in"),
    _S.DONE: N_("came in"),
    _S.UNDOING: N_("is being taken back"),
    _S.UNDONE: N_("was taken back"),
    _S.DROPPED: N_("was given up"),
}
IMPORTS = StateTable(
    edges={
        _S.LOOKING: {_S.LOOKED, _S.DROPPED},
        _S.LOOKED: {_S.LOOKING, _S.GOING, _S.DROPPED},
        _S.GOING: {_S.DONE},
        _S.DONE: {_S.UNDOING},
        _S.UNDOING: {_S.UNDONE},
        _S.UNDONE: set(),
        _S.DROPPED: set(),
    },
    begins=(_S.LOOKING,),
    names=IMPORT_NAMES,
    who={
        _S.LOOKING: (Who.ORGANISER,),
        _S.LOOKED: (Who.WORKER,),
        _S.GOING: (Who.ORGANISER,),
        _S.DONE: (Who.WORKER,),
        _S.UNDOING: (Who.ORGANISER,),
        _S.UNDONE: (Who.WORKER,),
        _S.DROPPED: (Who.ORGANISER, Who.TIME),
    },
)
WORKING = (_S.LOOKING, _S.GOING, _S.UNDOING)
"""A worker is at it, or will be."""

"""What can become of a co-author: one small table. Pure."""

from enum import StrEnum

from core.actors import Who
from core.state_tables import StateTable


class CoAuthorState(StrEnum):
    """Whether somebody says that they wrote it too."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REMOVED = "removed"


_S = CoAuthorState
CO_AUTHORS = StateTable(
    edges={
        _S.INVITED: {_S.ACCEPTED, _S.DECLINED, _S.REMOVED},
        _S.ACCEPTED: {_S.REMOVED},
        _S.DECLINED: {_S.REMOVED},
        _S.REMOVED: {_S.INVITED},
    },
    begins=(_S.INVITED,),
    who={
        _S.INVITED: (Who.AUTHOR,),
        _S.ACCEPTED: (Who.MEMBER,),
        _S.DECLINED: (Who.MEMBER,),
        _S.REMOVED: (Who.AUTHOR,),
    },
)

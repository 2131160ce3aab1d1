"""What can become of a feed, and of an item of the library: two small tables. Pure."""

from enum import StrEnum

from core.actors import Who
from core.state_tables import StateTable


class FeedState(StrEnum):
    """Whether we look at a feed."""

    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"
    """Its server says that it is not there any more."""


class ItemState(StrEnum):
    """Whether an item is shown. A retracted one leaves a page that says so."""

    WAITING = "waiting"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    RETRACTED = "retracted"


_FEED, _ITEM = FeedState, ItemState
FEEDS = StateTable(
    edges={
        _FEED.ACTIVE: {_FEED.PAUSED, _FEED.GONE},
        _FEED.PAUSED: {_FEED.ACTIVE},
        _FEED.GONE: {_FEED.ACTIVE, _FEED.PAUSED},
    },
    begins=(_FEED.ACTIVE,),
    who={
        _FEED.ACTIVE: (Who.ORGANISER,),
        _FEED.PAUSED: (Who.ORGANISER,),
        _FEED.GONE: (Who.WORKER,),
    },
)
ITEMS = StateTable(
    edges={
        _ITEM.WAITING: {_ITEM.PUBLISHED, _ITEM.HIDDEN, _ITEM.RETRACTED},
        _ITEM.PUBLISHED: {_ITEM.HIDDEN, _ITEM.RETRACTED},
        # What was left out by a slip waits again.
        _ITEM.HIDDEN: {_ITEM.PUBLISHED, _ITEM.WAITING, _ITEM.RETRACTED},
        # Its author may send it in again; its address stays its own.
        _ITEM.RETRACTED: {_ITEM.PUBLISHED},
    },
    begins=(_ITEM.WAITING, _ITEM.PUBLISHED),
    who={
        _ITEM.WAITING: (Who.ORGANISER,),
        _ITEM.PUBLISHED: (Who.ORGANISER, Who.EDITOR),
        _ITEM.HIDDEN: (Who.ORGANISER,),
        _ITEM.RETRACTED: (Who.AUTHOR, Who.EDITOR),
    },
)

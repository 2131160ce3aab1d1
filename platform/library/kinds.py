"""What the library holds, who may see it, and what its words mean. Pure: no database, no pages."""

from enum import StrEnum

from core.i18n import N_, Message


class ItemKind(StrEnum):
    """What an item of the library is."""

    RECORDING = "recording"
    MATERIAL = "material"
    ARTICLE = "article"
    TOPIC = "topic"
    PODCAST = "podcast"
    INTERVIEWEE = "interviewee"


KIND_NAMES: dict[ItemKind, Message] = {
    ItemKind.RECORDING: N_("Recording"),
    ItemKind.MATERIAL: N_("Material"),
    ItemKind.ARTICLE: N_("Article"),
    ItemKind.TOPIC: N_("Topic for discussion"),
    ItemKind.PODCAST: N_("Podcast idea"),
    ItemKind.INTERVIEWEE: N_("Interview"),
}


class Boundary(StrEnum):
    """Who may see something that somebody shared; it is shown wherever the thing is shown."""

    EDITORS = "editors"
    MEMBERS = "members"
    ANYONE = "anyone"


BOUNDARY_NAMES: dict[Boundary, Message] = {
    Boundary.EDITORS: N_("for the editors only"),
    Boundary.MEMBERS: N_("for members of the community"),
    Boundary.ANYONE: N_("for anyone"),
}


def boundaries_for(is_member: bool) -> tuple[Boundary, ...]:
    """The boundaries within which somebody who is, or is not, a member may look."""
    return (Boundary.ANYONE, Boundary.MEMBERS) if is_member else (Boundary.ANYONE,)


def may_see(boundary: str, is_member: bool) -> bool:
    """Whether a published thing may be shown to somebody."""
    return boundary in boundaries_for(is_member)


class Licence(StrEnum):
    """What others may do with a text."""

    CC_BY = "cc-by-4.0"
    HERE_ONLY = "here-only"
    THEIRS = "theirs"


LICENCE_NAMES: dict[Licence, Message] = {
    Licence.CC_BY: N_("CC BY 4.0: others may share and adapt it, with your name"),
    Licence.HERE_ONLY: N_("All rights reserved: published here only"),
    Licence.THEIRS: N_("The rights are with whoever published it first"),
}

LICENCES_READ: dict[Licence, Message] = {
    **LICENCE_NAMES,
    Licence.CC_BY: N_("CC BY 4.0: you may share and adapt it, with the name of who made it"),
}
"""The same as readers are told it."""

LICENCE_VERSION = "licences-1"
"""The version of the sentences above; a changed sentence is a new version."""

LICENCE_LINKS = {Licence.CC_BY: "https://creativecommons.org/licenses/by/4.0/"}

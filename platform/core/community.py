"""What a community says of itself, as every part of the house knows it.

What stands in the environment comes first, then what an owner wrote in the browser (the package
`community` is how), then the default. Reading it costs one query, once in a unit of work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import JSON, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.database import Base
from core.i18n import LANGUAGES, N_
from core.mailboxes import Mailbox, parse_mailbox
from core.palettes import Palette, palette_named
from core.settings import Settings

SHORT = ("names", "look", "letters", "privacy", "languages", "links")
"""The parts that every page and every mail needs; the others are long, and asked for by name."""
OWNERS_MAY_WRITE = {
    "community_name": "names",
    "reply_to": "letters",
    "controller": "privacy",
    "privacy_contact": "privacy",
    "hosting": "privacy",
    "supervisor": "privacy",
}
"""Settings that an owner may write where the environment says nothing, and in which part."""
USUAL_SUPERVISOR = N_("Office of the Data Protection Ombudsman, Helsinki (tietosuoja.fi)")
WIDEST_LOGO = 10
"""So many times as wide as high, at the most: a thin line is no logo."""
DEFAULT_SENTENCE = N_("For teachers, by teachers")


class CommunityPart(Base):
    """One thing that a community says of itself: what `community.parts` knows how to read."""

    __tablename__ = "community_part"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """As it was before the last change, which can be taken back."""
    version: Mapped[int]
    changed_at: Mapped[datetime]


@dataclass(frozen=True)
class Logo:
    """A picture that we made, and how large it is."""

    file: str
    width: int
    height: int

    def width_at(self, height: int) -> int:
        """How wide it is where it is so high, in pixels."""
        return max(1, min(round(self.width * height / self.height), WIDEST_LOGO * height))


@dataclass(frozen=True)
class Community:
    """A community: its settings, and what an owner wrote."""

    settings: Settings
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def stands_outside(self, setting: str) -> bool:
        """Whether the environment says it, so that nobody can change it in the browser."""
        return setting in self.settings.model_fields_set

    def said(self, setting: str) -> str:
        """What counts of a setting that an owner may write too."""
        outside = str(getattr(self.settings, setting))
        if self.stands_outside(setting):
            return outside
        return str(self._of(OWNERS_MAY_WRITE[setting]).get(setting) or outside)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.said("community_name")

    def sentence(self, language: str) -> str:
        """What it is, in one sentence."""
        said = self._of("names").get("sentence", {})
        return str(said.get(language) or DEFAULT_SENTENCE.text(language))

    @property
    def palette(self) -> Palette:
        """Its colours."""
        return palette_named(str(self._of("look").get("palette", "")))

    @property
    def logo(self) -> Logo | None:
        """Its logo, if it has one."""
        said = self._of("look").get("logo")
        return Logo(said["file"], said["width"], said["height"]) if said else None

    @property
    def sender_is_named_outside(self) -> bool:
        """Whether the environment says a name beside the address that mail comes from."""
        return self.stands_outside("mail_from") and bool(self.settings.sender.name)

    @cached_property
    def sender(self) -> Mailbox:
        """Who all mail is from."""
        outside = self.settings.sender
        if self.sender_is_named_outside:
            return outside
        return Mailbox(str(self._of("letters").get("sender") or self.name), outside.address)

    @property
    def answers_to(self) -> str:
        """Where answers go, as a header field; empty: to the sender."""
        said = self.said("reply_to")
        return parse_mailbox(said).header if said else ""

    @property
    def mailbox(self) -> Mailbox:
        """Where answers arrive: it may be the sender's own."""
        said = self.said("reply_to")
        return parse_mailbox(said) if said else self.sender

    def supervisor(self, language: str) -> str:
        """The authority to which people may complain, in a language where it is the usual one."""
        said = self.said("supervisor")
        return USUAL_SUPERVISOR.text(language) if said == USUAL_SUPERVISOR.source else said

    @property
    def privacy_contact(self) -> str:
        """Where questions about data arrive."""
        return self.said("privacy_contact") or self.mailbox.header

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that visitors may choose, the first the one for whoever wants none of them."""
        offered = self._of("languages").get("offered", ())
        return tuple(code for code in offered if code in LANGUAGES) or LANGUAGES

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Words and address of each place where it is too."""
        return tuple((one["words"], one["url"]) for one in self._of("links").get("links", ()))

    def _of(self, part: str) -> Mapping[str, Any]:
        return self.parts.get(part, {})


def read_community(session: Session, settings: Settings) -> Community:
    """The community as it is now."""
    rows = select(CommunityPart.name, CommunityPart.value).where(CommunityPart.name.in_(SHORT))
    return Community(settings, dict(session.execute(rows).all()))

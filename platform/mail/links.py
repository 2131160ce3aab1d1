"""The links that mails carry. They come from the base URL of the settings, never from a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.i18n import DEFAULT_LANGUAGE, prefix_of
from core.settings import Settings
from core.tokens import Purpose, Tokens


@dataclass(frozen=True)
class Links:
    """Makes the links of one installation."""

    base_url: str
    tokens: Tokens

    @classmethod
    def of(cls, settings: Settings, tokens: Tokens) -> "Links":
        """The links of an installation."""
        return cls(settings.base_url, tokens)

    def to(self, path: str, language: str = DEFAULT_LANGUAGE) -> str:
        """A page in a language."""
        return f"{self.base_url}{prefix_of(language)}{path}"

    def leave(self, recipient_id: int, topic: str, version: int) -> str:
        """The one-click address that leaves one topic (RFC 8058). It never expires."""
        token = self.tokens.sign(Purpose.LEAVE, recipient_id, topic, version)
        return f"{self.base_url}/unsubscribe/{token}"

    def preferences(self, recipient_id: int, version: int) -> str:
        """What one person gets, to get less of it without signing in. It never expires."""
        token = self.tokens.sign(Purpose.PREFERENCES, recipient_id, version)
        return f"{self.base_url}/preferences/{token}"

    def never(self, suppression_key: str) -> str:
        """The way to say: never write here again. It names the mailbox by an HMAC only."""
        return f"{self.base_url}/never/{self.tokens.sign(Purpose.NEVER, suppression_key)}"

    def made(self, stored: str | Mapping[str, Any], language: str) -> str:
        """A personal value, from how it is stored; what opens something is made only here."""
        if isinstance(stored, str):
            return stored
        if "code" in stored:
            return OneTimeCode.from_json(stored).made_by(self.tokens)
        return self.opening(OpeningLink.from_json(stored), language)

    def opening(self, link: "OpeningLink", language: str) -> str:
        """The address of a link that opens something, with its token."""
        return self.to(f"{link.path}{self.tokens.sign(link.purpose, *link.parts)}", language)


@dataclass(frozen=True)
class OpeningLink:
    """A link that opens something for whoever has it: where it leads, and what its token says.

    Stored as it is: the token is made when the mail leaves, so that the database never holds one.
    """

    path: str
    purpose: Purpose
    parts: tuple[int | str, ...]

    def to_json(self) -> dict[str, object]:
        """As it is stored among the values of a delivery."""
        return {"path": self.path, "purpose": self.purpose.name, "parts": list(self.parts)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "OpeningLink":
        """The link as it was stored with its delivery."""
        return cls(stored["path"], Purpose[stored["purpose"]], tuple(stored["parts"]))


@dataclass(frozen=True)
class OneTimeCode:
    """Six digits for whoever has the mail; made when it leaves, for the same reason."""

    purpose: Purpose
    parts: tuple[int | str, ...]
    between: str = ""
    """What stands between its halves."""

    def to_json(self) -> dict[str, object]:
        """As it is stored among the values of a delivery."""
        return {"code": self.purpose.name, "parts": list(self.parts), "between": self.between}

    def made_by(self, tokens: Tokens) -> str:
        """The digits."""
        digits = tokens.digits(self.purpose, *self.parts)
        return f"{digits[:3]}{self.between}{digits[3:]}"

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "OneTimeCode":
        """The code as it was stored with its delivery."""
        return cls(Purpose[stored["code"]], tuple(stored["parts"]), stored["between"])


PersonalValue = str | OpeningLink | OneTimeCode
"""What differs from person to person in a mailing."""

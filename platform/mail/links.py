"""The links that mails carry. They come from the base URL of the settings, never from a request."""

from dataclasses import dataclass

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

    def to(self, path: str, language: str = "en") -> str:
        """A page in a language; English pages have no prefix."""
        return f"{self.base_url}{'' if language == 'en' else f'/{language}'}{path}"

    def leave(self, recipient_id: int, topic: str) -> str:
        """The one-click address that leaves one topic (RFC 8058). It never expires."""
        return f"{self.base_url}/unsubscribe/{self.tokens.sign(Purpose.LEAVE, recipient_id, topic)}"

    def preferences(self, recipient_id: int) -> str:
        """The preferences of one person, without signing in. It never expires."""
        token = self.tokens.sign(Purpose.PREFERENCES, recipient_id)
        return f"{self.base_url}/preferences/{token}"

    def place(self, parts: str, language: str) -> str:
        """One participant's own page of a workshop; `parts` are an id, and perhaps a last day."""
        return self.to(f"/w/{self.tokens.sign(Purpose.PLACE, *parts.split('-'))}", language)

    def invitation(self, invitation_id: int, round_: int, language: str) -> str:
        """The page on which one person answers; worthless once a newer round was sent."""
        token = self.tokens.sign(Purpose.INVITE, invitation_id, round_)
        return self.to(f"/i/{token}", language)

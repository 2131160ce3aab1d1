"""What came of a fetch. Apart from the fetching: a child that reads a feed loads no HTTP client."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.i18n import Message


class FetchProblem(Exception):
    """Nothing usable came; `message` says why, `wait` how long the server asked us to.

    `is_shy` is a server that lets in people but no machines: it proves nothing about the address.
    """

    def __init__(
        self,
        message: Message,
        wait: float | None = None,
        is_gone: bool = False,
        is_shy: bool = False,
    ) -> None:
        super().__init__(message.text())
        self.message = message
        self.wait = wait
        self.is_gone = is_gone
        self.is_shy = is_shy


@dataclass(frozen=True)
class Fetched:
    """An answer: `url` is where it came from in the end; `moved_to` where it lives now."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    moved_to: str = ""

    @property
    def is_unchanged(self) -> bool:
        """Whether the server said that nothing is new."""
        return self.status == 304

"""What is asked of an organiser before their role counts. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from members.roles import Role

GRACE = timedelta(days=7)
"""So long a role counts without a second factor."""

FROM: dict[str, frozenset[Role]] = {
    "owners": frozenset({Role.OWNER}),
    "editors": frozenset({Role.OWNER, Role.EDITOR}),
    "all": frozenset(Role),
}
"""Who must have a second factor, by the setting."""


class Hold(StrEnum):
    """Why a role does not count yet."""

    SHOW = "show"
    """They have a second factor, and have not shown it in this browser."""
    SET_UP = "set up"
    """They must have one, and the week for it is over."""


@dataclass(frozen=True)
class Standing:
    """An organiser in one session: since when they have the role, and what they have shown."""

    role: Role
    since: datetime
    has_factor: bool
    has_shown: bool

    def due(self, setting: str) -> datetime | None:
        """Until when they set up a second factor; None if they have one, or need none."""
        needs_one = self.role in FROM[setting] and not self.has_factor
        return self.since + GRACE if needs_one else None

    def hold(self, setting: str, now: datetime) -> Hold | None:
        """Why the role does not count now; None if it does."""
        if self.has_factor:
            return None if self.has_shown else Hold.SHOW
        due = self.due(setting)
        return Hold.SET_UP if due is not None and due <= now else None

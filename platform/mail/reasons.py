"""Why mail waits, in words for the people who look after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.i18n import N_, Message
from core.settings import Settings
from mail import gate, obstacles
from mail.gate import Closed
from mail.models import Obstacle
from mail.obstacles import SIGN_UP_ROAD
from mail.ses_answers import advice
from mail.trouble import TITLES, Trouble


@dataclass(frozen=True)
class Reason:
    """Why mail waits: the sentence, what to do about it, who said what, and when it is tried."""

    road: int
    kind: str
    title: Message
    advice: Message | None
    words: str
    since: datetime
    next_try_at: datetime | None

    @property
    def in_one_line(self) -> str:
        """For logs and commands, in English."""
        parts = [self.title.text(), self.advice.text() if self.advice else "", self.words]
        return " ".join(filter(None, parts))


_SIGN_UPS = N_(
    "Too many of the latest addresses that signed up do not exist: more than 3 of 100. AWS would "
    "stop the account, so those who sign up now are kept until somebody has looked."
)


def _of(obstacle: Obstacle) -> Reason:
    return Reason(
        obstacle.road,
        obstacle.kind,
        _SIGN_UPS if obstacle.road == SIGN_UP_ROAD else TITLES[Trouble(obstacle.kind)],
        advice(obstacle.code),
        obstacle.words,
        obstacle.since,
        obstacle.next_try_at,
    )


def standing(session: Session, roads: Sequence[int] | None = None) -> list[Reason]:
    """What stands in the way of these roads, or of any; the gate before all of them."""
    if roads is None:
        rows = obstacles.all_standing(session)
    else:
        rows = list(session.scalars(select(Obstacle).where(Obstacle.road.in_(roads))))
    return [*closed(session), *map(_of, rows)]


def closed(session: Session) -> list[Reason]:
    """Why the gate is closed; nothing if it is open."""
    row = gate.find(session)
    if row is None or row.closed_at is None:
        return []
    why = Closed(row.closed_why)
    return [Reason(GATE, why, gate.WHY[why], None, "", row.closed_at, None)]


GATE = -2
"""Stands for the gate, through which every road leads."""


def contradictions(settings: Settings, facts: Mapping[str, Any] | None) -> list[Message]:
    """What the settings say that cannot be, or that leaves us without knowledge."""
    found = []
    if settings.mail == "ses" and not settings.ses_events_queue and not settings.ses_events_topics:
        found.append(
            N_(
                "Nobody tells us what becomes of mails: bounces and complaints stay unknown, and "
                "AWS may stop the account. Whoever runs this site sets it up as docs/ses.md says."
            )
        )
    allowed = (facts or {}).get("rate")
    if settings.ses_rate is not None and allowed is not None and settings.ses_rate > allowed:
        found.append(
            N_(
                "STAFFROOM_SES_RATE says %(wanted)s a second, but the account allows %(allowed)s: "
                "leave the setting out.",
                wanted=f"{settings.ses_rate:g}",
                allowed=f"{allowed:g}",
            )
        )
    return found

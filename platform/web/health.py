"""Health: `/healthz` says that this process serves, `/readyz` that what it needs is there.

Both answer also when everything else hangs: each part is asked in a thread of its own, and one
that has not answered in time is said not to.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

import anyio
import anyio.from_thread
import anyio.to_thread
from redis.exceptions import RedisError
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import PlainTextResponse, Response

from core.heartbeats import PARTS, missing_parts, worker_of
from core.i18n import N_, Message
from core.installation import Installation
from core.jobs import BULK, SERVICE, UPKEEP
from core.schedule import Recurring
from web.visit import Visit

ANSWER_SECONDS = 3.0


async def healthz(visit: Visit) -> Response:
    """This process serves."""
    return PlainTextResponse("ok\n")


async def readyz(visit: Visit) -> Response:
    """Every part, each asked just now: true where it is there."""
    found = await standing(visit.installation)
    return visit.json(found, 200 if all(found.values()) else 503)


PART_NAMES: dict[str, Message] = {
    "database": N_("the database"),
    "valkey": N_("Valkey, which wakes the workers"),
    "tick": N_("the tick, which looks for what is due"),
    worker_of(SERVICE): N_("the worker for confirmations and other single mails"),
    worker_of(BULK): N_("the worker for letters and invitations"),
    worker_of(UPKEEP): N_("the worker for feeds, reminders and clearing up"),
}


def missing(installation: Installation) -> list[Message]:
    """The parts that are not there, for a page; called from a view's thread."""
    return _missing_of(anyio.from_thread.run(standing, installation))


def missing_for_command(installation: Installation) -> list[Message]:
    """The same for a command, which has no loop of events."""
    return _missing_of(anyio.run(standing, installation))


def _missing_of(found: Mapping[str, bool]) -> list[Message]:
    return [PART_NAMES[part] for part, is_there in found.items() if not is_there]


async def standing(installation: Installation) -> dict[str, bool]:
    """Each part by name, and whether it is there."""
    checks: dict[str, Callable[[Installation], object]] = {
        "database": _database_answers,
        "valkey": _valkey_answers,
        "tick": _tick_is_alive,
        "workers": _workers_that_live,
    }
    answers: dict[str, object] = dict.fromkeys(checks, False)

    async def ask(name: str, check: Callable[[Installation], object]) -> None:
        with anyio.move_on_after(ANSWER_SECONDS):
            answers[name] = await anyio.to_thread.run_sync(
                partial(check, installation), abandon_on_cancel=True, limiter=_CHECKS
            )

    async with anyio.create_task_group() as group:
        for name, check in checks.items():
            group.start_soon(ask, name, check)
    alive = answers.pop("workers") or set()
    assert isinstance(alive, set)  # noqa: S101 - its check returns one
    return {name: bool(is_there) for name, is_there in answers.items()} | {
        part: part in alive for part in PARTS
    }


_CHECKS = anyio.CapacityLimiter(16)
"""Of their own: checks that hang must take no thread from pages, nor pages one from checks."""


def _database_answers(installation: Installation) -> bool:
    try:
        with installation.reading() as work:
            work.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _valkey_answers(installation: Installation) -> bool:
    try:
        return bool(installation.redis.ping())
    except RedisError:
        return False


def _workers_that_live(installation: Installation) -> set[str]:
    try:
        return set(PARTS) - set(missing_parts(installation.redis))
    except RedisError:
        return set()


def _tick_is_alive(installation: Installation) -> bool:
    """Whether the tick was there a moment ago; a sign from the future is none."""
    late = timedelta(seconds=4 * installation.settings.tick_seconds + 5)
    try:
        with installation.reading() as work:
            seen = work.session.scalar(select(Recurring.started_at).where(Recurring.name == "tick"))
    except SQLAlchemyError:
        return False
    return seen is not None and abs(seen - installation.clock.now()) < late

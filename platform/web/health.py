"""Health: `/healthz` says that this process serves, `/readyz` that what it needs is there."""

from collections.abc import Callable
from datetime import timedelta

from redis.exceptions import RedisError
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import PlainTextResponse, Response

from core.schedule import Recurring
from web.visit import Visit


def healthz(visit: Visit) -> Response:
    """This process serves."""
    return PlainTextResponse("ok\n")


def readyz(visit: Visit) -> Response:
    """Database, Valkey and tick, each checked just now."""
    checks: dict[str, Callable[[Visit], bool]] = {
        "database": _database_answers,
        "valkey": _valkey_answers,
        "tick": _tick_is_alive,
    }
    found = {name: check(visit) for name, check in checks.items()}
    return visit.json(found, 200 if all(found.values()) else 503)


def _database_answers(visit: Visit) -> bool:
    try:
        with visit.reading() as work:
            work.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _valkey_answers(visit: Visit) -> bool:
    try:
        return bool(visit.installation.redis.ping())
    except RedisError:
        return False


def _tick_is_alive(visit: Visit) -> bool:
    late = timedelta(seconds=4 * visit.installation.settings.tick_seconds + 5)
    try:
        with visit.reading() as work:
            seen = work.session.scalar(select(Recurring.started_at).where(Recurring.name == "tick"))
    except SQLAlchemyError:
        return False
    return seen is not None and seen > visit.now - late

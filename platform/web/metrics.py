"""`/metrics` for Prometheus: how mail stands, in numbers without anybody's name."""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry
from redis.exceptions import RedisError
from sqlalchemy import func, select
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core import meter
from core.installation import Installation
from core.jobs import QUEUES
from core.schedule import Recurring
from mail.delivering import CALLS, SECONDS, THROTTLED
from mail.models import Delivery, Gate, MailEvent, Obstacle
from mail.states import OPEN, TROUBLED
from mail.trouble import Trouble
from web.visit import Visit


def show(visit: Visit) -> Response:
    """The numbers of this moment, for the networks that may see them."""
    if not _may_watch(visit):
        raise HTTPException(404)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(visit.installation))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _may_watch(visit: Visit) -> bool:
    client = visit.request.client
    try:
        address = ip_address(client.host if client else "")
    except ValueError:
        return False
    allowed = visit.installation.settings.metrics_networks
    return any(address in ip_network(network) for network in allowed)


class _Numbers(Collector):
    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def collect(self) -> Iterable[Metric]:
        yield from self._of_database()
        try:
            yield from self._of_valkey()
        except RedisError:
            return

    def _of_database(self) -> Iterator[Metric]:
        with self._installation.reading() as work:
            states = select(Delivery.state, func.count()).where(
                Delivery.state.in_([str(state) for state in (*OPEN, *TROUBLED)])
            )
            by_state = dict(work.session.execute(states.group_by(Delivery.state)).all())
            standing = select(Obstacle.kind, func.count()).group_by(Obstacle.kind)
            by_kind = dict(work.session.execute(standing).all())
            unread = select(func.count()).where(MailEvent.read_at.is_(None))
            waiting = work.session.scalar(unread) or 0
            is_closed = work.session.scalar(select(Gate.id).where(Gate.closed_at.is_not(None)))
            ticked = select(Recurring.started_at).where(Recurring.name == "tick")
            seen = work.session.scalar(ticked)
        all_states = (*OPEN, *TROUBLED)
        yield _by("staffroom_deliveries", "Deliveries by state.", "state", all_states, by_state)
        yield _by("staffroom_obstacles", "What stands in the way.", "kind", Trouble, by_kind)
        yield _one("staffroom_events_unread", "Events of SES that wait to be read.", waiting)
        yield _one("staffroom_gate_closed", "1 while all mail is held.", is_closed is not None)
        if seen is not None:
            age = (work.now - seen).total_seconds()
            yield _one("staffroom_tick_age_seconds", "Since the last look for due work.", age)

    def _of_valkey(self) -> Iterator[Metric]:
        redis = self._installation.redis
        jobs = {name: redis.llen(f"rq:queue:{name}") for name in QUEUES}
        yield _by("staffroom_queue_jobs", "Wake-ups that wait.", "queue", QUEUES, jobs)
        counted = meter.read(redis, list(_COUNTERS))
        for name, help_text in _COUNTERS.items():
            family = CounterMetricFamily(f"staffroom_ses_{name}", help_text)
            family.add_metric([], counted[name])
            yield family


_COUNTERS = {
    CALLS: "Calls to send.",
    SECONDS: "Seconds that they took.",
    THROTTLED: "Answers that wanted it slower.",
}


def _by(
    name: str, help_text: str, label: str, of: Iterable[object], counts: Mapping[Any, Any]
) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    found = {str(key): value for key, value in counts.items()}
    for one in of:
        family.add_metric([str(one)], float(found.get(str(one), 0)))
    return family


def _one(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value=float(value))

"""`/hooks/ses`: SNS tells by HTTPS what became of mails. Nothing is believed that is not signed."""

from dataclasses import dataclass

import structlog
from starlette.responses import PlainTextResponse, Response

from mail.events import aws, sns
from mail.events.inbox import Notice, keep
from web.forms import Text, Typed
from web.visit import Visit


@dataclass(frozen=True)
class Posted(Typed):
    """A request that is no form."""

    body: Text


LARGEST = sns.LARGEST + 1024
log = structlog.get_logger()


def ses(visit: Visit) -> Response:
    """Keep a notice, and only then say so; what is not from a topic of ours is refused."""
    topics = visit.installation.settings.ses_events_topics
    try:
        envelope = sns.open_envelope(
            Posted.of(visit.form).body, topics, visit.now, aws.fetch_certificate
        )
    except sns.Forged as forged:
        log.warning("a notice is refused", reason=str(forged), network=visit.network)
        return PlainTextResponse("refused\n", 403)
    if envelope.type == sns.CONFIRMATION:
        return _confirm(envelope)
    if envelope.type == sns.FAREWELL:
        log.error("nobody tells us any more what becomes of mails", topic=envelope.topic)
        return PlainTextResponse("ok\n")
    with visit.unit_of_work() as work:
        keep(work, "webhook", [Notice(envelope.id, envelope.message)])
    return PlainTextResponse("ok\n")


def _confirm(envelope: sns.Envelope) -> Response:
    try:
        aws.confirm(envelope.topic, envelope.token)
    except aws.NotNow as error:
        log.warning("a topic cannot be subscribed to", error=str(error))
        return PlainTextResponse("not now\n", 503)  # SNS asks again
    log.info("subscribed to a topic", topic=envelope.topic)
    return PlainTextResponse("ok\n")

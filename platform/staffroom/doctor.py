"""`staffroom doctor`: looks at every part that an installation needs and says what is wrong."""

import os
import time
from collections.abc import Callable, Iterator

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from core.community import Community
from core.file_store import missing
from core.installation import Installation
from core.unknown_proxies import noted_proxies
from core.unknown_settings import unknown_in
from mail import reasons, simulator, suppressing
from mail.ses import FAILURES, outcome_of
from mail.ses_doctor import SesDoctor, hints, txt_records
from mail.states import OPEN
from staffroom.migrating import configuration
from staffroom.private_files import open_to_others

SIMULATED_SECONDS = 120


def findings(installation: Installation) -> Iterator[tuple[str, str]]:
    """Each part's name with its problem in words, empty if it is well."""
    checks: tuple[tuple[str, Callable[[Installation], str]], ...] = (
        ("database", _database),
        ("Valkey", _valkey),
        ("proxies", _proxies),
        ("files", _files),
        ("the library's files", _kept_files),
        ("settings", _unknown_settings),
        ("privacy", _privacy),
        ("answers", _answers),
    )
    for name, check in checks:
        yield name, check(installation)
    yield from _mail_findings(installation)


def _database(installation: Installation) -> str:
    try:
        with installation.database.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        return f"cannot be used ({type(error).__name__})"
    newest = ScriptDirectory.from_config(configuration()).get_current_head()
    return "" if current == newest else "is not up to date: run `staffroom migrate`"


def _valkey(installation: Installation) -> str:
    try:
        installation.redis.ping()
    except RedisError as error:
        return f"does not answer ({type(error).__name__}); `staffroom run` starts its own"
    return ""


def facts(installation: Installation) -> Iterator[tuple[str, str]]:
    """What an operator should know, although nothing is wrong with it."""
    settings = installation.settings
    yield "answers to mails go to", _community(installation).mailbox.header
    if settings.mail == "outbox":
        yield "mail is not sent, it stays in", str(settings.outbox)
    else:
        yield from hints(settings, txt_records)
    yield "proxies that are believed", ", ".join(settings.trusted_proxies) or "none"


def _answers(installation: Installation) -> str:
    """In production somebody has said who reads what people answer."""
    if installation.settings.env != "production" or _community(installation).answers_to:
        return ""
    return (
        "nobody has said where they go: name a mailbox that somebody reads under Settings, "
        "Letters, or in STAFFROOM_REPLY_TO"
    )


def _community(installation: Installation) -> Community:
    try:
        with installation.reading() as work:
            return work.community
    except SQLAlchemyError:  # said under the database
        return Community(installation.settings)


def _proxies(installation: Installation) -> str:
    try:
        unknown = noted_proxies(installation.redis)
    except RedisError:
        return ""  # said under Valkey
    if not unknown:
        return ""
    return (
        f"visitors came through {', '.join(unknown)} and look like one; if that is your proxy, "
        "name it in STAFFROOM_TRUSTED_PROXIES"
    )


def _privacy(installation: Installation) -> str:
    community = _community(installation)
    missing = [f"STAFFROOM_{name.upper()}" for name in ("controller", "hosting")
               if not community.said(name).strip()]  # fmt: skip
    if installation.settings.env != "production" or not missing:
        return ""
    return f"the privacy notice does not say who is responsible or helps: {', '.join(missing)}"


def _unknown_settings(_installation: Installation) -> str:
    return "; ".join(unknown_in(os.environ))


def _files(installation: Installation) -> str:
    open_ones = [str(path) for path in open_to_others(installation.settings)]
    return f"others on this machine can read {', '.join(open_ones)}" if open_ones else ""


def _kept_files(installation: Installation) -> str:
    """Whether each file that the library names is where files lie, as after a restore."""
    try:
        with installation.reading() as work:
            lost = missing(installation.files, work)
    except SQLAlchemyError:
        return ""  # said under the database
    except Exception as error:  # noqa: BLE001 - whatever boto3 and a disk can say
        return f"cannot be listed ({type(error).__name__}): look at STAFFROOM_FILES"
    if not lost:
        return ""
    return f"{len(lost)} are missing, such as {lost[0]}: restore the folder `files` or the bucket"


def _mail_findings(installation: Installation) -> Iterator[tuple[str, str]]:
    """How mail stands here, and every part of the account at AWS."""
    yield "mail", _what_stands_in_the_way(installation)
    if installation.settings.mail == "ses":
        yield from SesDoctor(installation.settings).findings()
        yield "mail refused by SES", _import_refused(installation)


def _what_stands_in_the_way(installation: Installation) -> str:
    try:
        with installation.reading() as work:
            return "; ".join(one.in_one_line for one in reasons.standing(work.session))
    except SQLAlchemyError:
        return ""  # said under database


def _import_refused(installation: Installation) -> str:
    """Take over the account's own list: whom SES refuses, we need not write to."""
    try:
        refused = list(SesDoctor(installation.settings).suppressed())
    except FAILURES as error:
        return f"cannot be looked at: {outcome_of(error).words}"
    reason = {"COMPLAINT": suppressing.Why.COMPLAINT}
    with installation.unit_of_work() as work:
        for address, why in refused:
            suppressing.add(work, [address], reason.get(why, suppressing.Why.LISTED))
    return ""


def simulated(
    installation: Installation, wait: Callable[[float], None] = time.sleep
) -> Iterator[tuple[str, str]]:
    """Send to AWS's mailbox simulator, and wait until it is told what became of each."""
    if installation.settings.mail != "ses":
        yield "simulator", "needs STAFFROOM_MAIL=ses"
        return
    with installation.unit_of_work() as work:
        mailings = simulator.begin(work)
    missing = dict.fromkeys(mailings, "")
    for _ in range(SIMULATED_SECONDS):
        with installation.reading() as work:
            missing = simulator.missing(work, mailings)
        if not missing:
            break
        wait(1)
    for name in mailings:
        yield f"simulator {name}", _not_told(missing[name]) if name in missing else ""


def _not_told(state: str) -> str:
    if state in OPEN:
        return "has not gone out: are `staffroom worker --queue service` and `tick` running?"
    return (
        f"is still “{state}” after {SIMULATED_SECONDS} s: nothing was told of it. Look at the "
        "lines about events, queue and topic, and at docs/ses.md"
    )

"""`staffroom doctor`: looks at every part that an installation needs and says what is wrong."""

import os
from collections.abc import Callable, Iterator

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from core.installation import Installation
from core.unknown_proxies import noted_proxies
from core.unknown_settings import unknown_in
from staffroom.composition import make_transport
from staffroom.migrating import configuration
from staffroom.private_files import open_to_others


def findings(installation: Installation) -> Iterator[tuple[str, str]]:
    """Each part's name with its problem in words, empty if it is well."""
    checks: tuple[tuple[str, Callable[[Installation], str]], ...] = (
        ("database", _database),
        ("Valkey", _valkey),
        ("mail", _mail),
        ("proxies", _proxies),
        ("files", _files),
        ("settings", _unknown_settings),
        ("privacy", _privacy),
    )
    for name, check in checks:
        yield name, check(installation)


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
    yield "answers to mails go to", settings.answers_to or settings.sender.header
    if settings.mail == "outbox":
        yield "mail is not sent, it stays in", str(settings.outbox)
    yield "proxies that are believed", ", ".join(settings.trusted_proxies) or "none"


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
    settings = installation.settings
    said = {"STAFFROOM_CONTROLLER": settings.controller, "STAFFROOM_HOSTING": settings.hosting}
    missing = [name for name, value in said.items() if not value.strip()]
    if settings.env != "production" or not missing:
        return ""
    return f"the privacy notice does not say who is responsible or helps: {', '.join(missing)}"


def _unknown_settings(_installation: Installation) -> str:
    return "; ".join(unknown_in(os.environ))


def _files(installation: Installation) -> str:
    open_ones = [str(path) for path in open_to_others(installation.settings)]
    return f"others on this machine can read {', '.join(open_ones)}" if open_ones else ""


def _mail(installation: Installation) -> str:
    if installation.settings.mail == "outbox":
        return ""
    allowance = make_transport(installation.settings).allowance()
    if allowance.left_today == 0:
        return "the day's quota of the SES account is used up"
    if allowance.rate <= 1:
        return "SES allows one mail a second: the account is in the sandbox, or does not answer"
    return ""

"""What every command shares: plain refusals instead of tracebacks, settings, an installation."""

import functools
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from core.installation import Installation
    from core.settings import Settings


def plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what can go wrong for an operator into one clear line and exit status 1."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from sqlalchemy.exc import ArgumentError, DatabaseError

        from core.errors import Refusal, SettingsError, Unavailable

        try:
            return command(*args, **kwargs)
        except SettingsError as error:
            lines = "\n".join(f"  {problem}" for problem in error.problems)
            raise click.ClickException(f"the settings are not right:\n{lines}") from None
        except Refusal as refusal:
            raise click.ClickException(refusal.message.text()) from None
        except Unavailable as error:
            raise click.ClickException(str(error)) from None
        except ArgumentError:
            raise click.ClickException(
                "STAFFROOM_DATABASE_URL: is no address of a database"
            ) from None
        except DatabaseError as error:
            reason = str(error.orig).strip().splitlines()[0]
            if "no such table" in reason:
                reason = f"{reason}; run `staffroom migrate`, or set STAFFROOM_DATA_DIR"
            raise click.ClickException(f"the database cannot be used: {reason}") from None

    return run


def read_settings(**overrides: Any) -> "Settings":
    """The settings, with arguments that were given winning over the environment; starts logs."""
    from core.logs import start_logs
    from core.settings import load_settings

    settings = load_settings(**{k: v for k, v in overrides.items() if v is not None})
    _check_files()
    start_logs(settings.log_format)
    return settings


def _check_files() -> None:
    """Raises SettingsError for a name in a file of settings that is none."""
    from dotenv import dotenv_values

    from core.errors import SettingsError
    from core.settings import Settings
    from core.unknown_settings import unknown_in

    files = Settings.model_config["env_file"]
    names = [name for file in files for name in dotenv_values(file)]  # type: ignore[union-attr]
    if lines := unknown_in(names):
        raise SettingsError(lines)


def open_installation(*, is_new: bool = False) -> "Installation":
    """The installation for a short command: what it wakes is a bonus, so it warns of nothing.

    Only what `is_new` may find nothing there yet.
    """
    from core.logs import start_logs
    from staffroom.composition import install

    settings = read_settings(is_begun=not is_new)
    start_logs(settings.log_format, logging.ERROR)
    return install(settings)

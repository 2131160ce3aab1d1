"""Structured logs on standard error, without personal data."""

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

# Bounded on both sides, so that a long line without an address costs no more than its length.
_ADDRESS = re.compile(r"[^\s@<>\"']{1,64}@[^\s@<>\"']{1,255}")


def hide_addresses(_logger: object, _name: str, event: MutableMapping[str, Any]) -> Any:
    """Blot out anything that looks like an e-mail address: logs live longer than consent."""
    return {
        key: _ADDRESS.sub("[address]", value) if isinstance(value, str) else value
        for key, value in event.items()
    }


class _Unfailing:
    """Standard error that may be a file on a full disk: what cannot be written is lost, no more."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def start_logs(log_format: str, level: int = logging.INFO) -> None:
    """Send our events and the libraries' warnings to standard error in one form."""
    console = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    renderer = structlog.processors.JSONRenderer() if log_format == "json" else console
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            hide_addresses,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Unfailing())),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )

"""Small things that people type: numbers and days, read without ever failing."""

from datetime import date

from core.addresses import Address, parse_address
from core.errors import Refusal
from core.i18n import N_
from web.visit import Form
from workshops.planning.planning import EARLIEST_YEAR, LATEST_YEAR


def number(typed: str) -> int:
    """A small number as it was typed; 0 if it is none."""
    text = typed.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def their_address(form: Form) -> Address:
    """The address of somebody else. Raises Refusal naming the field."""
    if not form["email"].strip():
        raise Refusal(N_("Please write their e-mail address."), "email")
    return parse_address(form["email"])


def day(typed: str) -> date | None:
    """A day as it was typed; None if it is none."""
    try:
        found = date.fromisoformat(typed.strip())
    except ValueError:
        return None
    return found if EARLIEST_YEAR <= found.year <= LATEST_YEAR else None

"""How a letter begins: with the reader's first name, without any, or with no greeting at all.

Lists from elsewhere say `Virtanen, Aino`, and some say an address where a name should be: the one
is turned, the other left out.
"""

import re
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, literal

from core.database import place_in
from core.i18n import N_, Message
from members.models import Member
from members.names import first_name


class Greeting(StrEnum):
    """How a letter begins."""

    NAME = "name"
    PLAIN = "plain"
    NONE = "none"


GREETING_NAMES: dict[Greeting, Message] = {
    Greeting.NAME: N_("“Hello Aino,”: with the first name where we know it"),
    Greeting.PLAIN: N_("“Hello,”: without a name"),
    Greeting.NONE: N_("none: the text begins with its own"),
}
_FIRST_WORDS = re.compile(
    r"\W*(?:hello|hi|hey|dear|good (?:morning|day|evening)|hei|moi|moikka|terve|hyvä|rakas|"
    r"tervehdys|huomenta)\b[^.?\n,!]{0,40}[,!]\s*(?:\n|$)",
    re.IGNORECASE,
)


def words_of(greeting: str, name: str, language: str) -> str:
    """The greeting for somebody of that name; empty for none."""
    if greeting == Greeting.NONE:
        return ""
    first = first_name(name) if greeting == Greeting.NAME else ""
    hello = N_("Hello").text(language)
    return f"{hello} {first}," if first else N_("Hello,").text(language)


def in_sql(greeting: str, language: str) -> ColumnElement[str]:
    """The same of the members of a statement."""
    if greeting == Greeting.NONE:
        return literal("")
    alone = literal(N_("Hello,").text(language))
    if greeting == Greeting.PLAIN:
        return alone
    comma = place_in(Member.name, literal(","))
    given = case((comma > 0, func.trim(func.substr(Member.name, comma + 1))), else_=Member.name)
    first = func.substr(given, 1, place_in(given + literal(" "), literal(" ")) - 1)
    is_one = and_(first != "", Member.name.not_like("%@%"), first.not_like("%."))
    hello = literal(N_("Hello").text(language) + " ")
    return case((is_one, hello + first + literal(",")), else_=alone)


def greets_itself(body: str) -> bool:
    """Whether a text begins with a greeting of its own."""
    return _FIRST_WORDS.match(body.lstrip()) is not None

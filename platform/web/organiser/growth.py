"""How the community grows, as a picture with its table; and why people left."""

from dataclasses import dataclass

from starlette.responses import Response

from core.i18n import Message, language_name, say_day
from members import growth, sources
from members.consent import TOPIC_TEXTS
from members.growth import Week
from web.visit import Visit

WIDTH, HEIGHT = 20, 60
"""Of a week in the picture, and of its largest bar, in its own units."""


@dataclass(frozen=True)
class Bar:
    """A week as it is drawn: where it stands, and how high it is up and down."""

    at: int
    up: int
    down: int
    words: str


def bars(visit: Visit, weeks: list[Week]) -> list[Bar]:
    """The bars of some weeks, as high as the largest of them allows."""
    most = max(1, *(max(week.came, week.left) for week in weeks))
    return [
        Bar(
            n * WIDTH,
            round(HEIGHT * week.came / most),
            round(HEIGHT * week.left / most),
            f"{say_day(week.begins, visit.language)}: +{week.came} −{week.left}",
        )
        for n, week in enumerate(weeks)
    ]


def _said(visit: Visit, source: str) -> str:
    words = sources.in_words(source)
    return visit.text(words) if isinstance(words, Message) else words


def show(visit: Visit) -> Response:
    """Who came and left, week by week, from where, in which language, and why they left."""
    with visit.reading() as work:
        today, session = work.now.date(), work.session
        weeks = growth.weeks(session, today)
        return visit.page(
            "organiser/growth.html",
            weeks=[(say_day(one.begins, visit.language), one.came, one.left) for one in weeks],
            bars=bars(visit, weeks),
            came=sum(one.came for one in weeks),
            left=sum(one.left for one in weeks),
            sources=[
                (_said(visit, source), count) for source, count in growth.sources(session, today)
            ],
            spoken=[(language_name(code, visit.language), number)
                    for code, number in growth.languages(session, today)],
            reasons=[(say_day(one.day, visit.language), visit.text(TOPIC_TEXTS[one.topic].name),
                      one.words) for one in growth.reasons(session)],
            unusual=growth.unusual(session, work.now),
        )  # fmt: skip

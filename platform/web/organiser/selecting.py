"""Some people, as a form or an address says it: the same fields wherever people are chosen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from contributions.facts import CONTRIBUTED
from contributions.kinds import FORMS
from core.database import distinct
from core.i18n import LANGUAGES, N_, Message, language_name
from members import finding
from members.consent import TOPIC_TEXTS
from members.facts import TROUBLE
from members.models import Member
from members.profile import LEVELS, ROLES, countries
from members.segments import STANDING_NAMES, Segment, Standing, Wish
from web.forms import Day, Ticked, Typed, Words
from web.visit import Visit
from workshops.invitation.facts import INVITED, TOOK_PART
from workshops.planning import planning

YES, NO = "yes", "no"


@dataclass(frozen=True)
class Selected(Typed):
    """A filter of people: each field names one thing or more, or nothing."""

    language: Words
    role: Words
    level: Words
    country: Words
    label: Words
    topic: Words
    standing: Words
    since: Day
    before: Day
    took_part: Words
    """Whether they came to a workshop: yes, no, or to which."""
    invited: Words
    contributed: Words
    """Whether they sent something in: yes, no, or which kind."""
    trouble: Ticked


def segment_of(typed: Selected) -> Segment:
    """Everybody whom a filter selects."""
    return Segment(
        languages=typed.language,
        roles=typed.role,
        levels=typed.level,
        countries=typed.country,
        labels=typed.label,
        topics=typed.topic & TOPIC_TEXTS.keys(),
        standings=typed.standing & set(map(str, Standing)),
        joined_since=typed.since,
        joined_before=typed.before,
        wishes=frozenset(_wishes(typed)),
    )


def _wishes(typed: Selected) -> Iterator[Wish]:
    for fact, said in (
        (TOOK_PART, typed.took_part), (INVITED, typed.invited), (CONTRIBUTED, typed.contributed)
    ):  # fmt: skip
        if named := said - {YES, NO}:
            yield Wish(fact, named)
        elif YES in said:
            yield Wish(fact)
        if NO in said:
            yield Wish(fact, is_so=False)
    if typed.trouble:
        yield Wish(TROUBLE)


def fields_of(segment: Segment) -> list[tuple[str, str]]:
    """The fields of a form that select just this, in a fixed order."""
    words = {
        "language": segment.languages,
        "role": segment.roles,
        "level": segment.levels,
        "country": segment.countries,
        "label": segment.labels,
        "topic": segment.topics,
        "standing": segment.standings,
    }
    pairs = [(name, word) for name, said in words.items() for word in sorted(said)]
    days = (("since", segment.joined_since), ("before", segment.joined_before))
    pairs += [(name, day.isoformat()) for name, day in days if day]
    return [*pairs, *sorted(pair for wish in segment.wishes for pair in _fields_of(wish))]


def _fields_of(wish: Wish) -> list[tuple[str, str]]:
    names = {TOOK_PART: "took_part", INVITED: "invited", CONTRIBUTED: "contributed"}
    if wish.fact == TROUBLE:
        return [("trouble", "1")]
    if not wish.is_so:
        return [(names[wish.fact], NO)]
    return [(names[wish.fact], value) for value in sorted(wish.values) or [YES]]


def query_of(segment: Segment) -> str:
    """The same as the end of an address."""
    return urlencode(fields_of(segment))


@dataclass(frozen=True)
class Group:
    """Boxes of one field that a filter offers: each its value, its words, and whether it is on."""

    name: str
    title: Message
    options: tuple[tuple[str, str, bool], ...]

    @property
    def chosen(self) -> int:
        """How many are on."""
        return sum(is_on for _, _, is_on in self.options)


def offered(visit: Visit, session: Session, segment: Segment) -> list[Group]:
    """What a filter offers: our own words, those that somebody has, and what is chosen anyway."""
    chosen = fields_of(segment)
    found = _offered(visit, session)
    return [
        Group(
            name,
            title,
            tuple(
                (value, words, (name, value) in chosen)
                for value, words in _with_chosen(name, options, chosen).items()
            ),
        )
        for name, title, options in found
        if options
    ]


def _offered(visit: Visit, session: Session) -> list[tuple[str, Message, dict[str, str]]]:
    say = visit.text
    either = {YES: say(N_("yes")), NO: say(N_("no"))}
    return [
        ("language", N_("Language"), {c: language_name(c, visit.language) for c in LANGUAGES}),
        ("role", N_("Role"), _words(visit, ROLES, distinct(session, Member.role))),
        ("level", N_("Level of education"), _words(visit, LEVELS, distinct(session, Member.level))),
        ("country", N_("Country"), _countries(visit, session)),
        ("label", N_("Label"), {label: label for label in finding.labels(session)}),
        ("topic", N_("Gets"), {key: say(one.name) for key, one in TOPIC_TEXTS.items()}),
        ("standing", N_("State"), {str(key): say(name) for key, name in STANDING_NAMES.items()}),
        ("took_part", N_("Took part in a workshop"), either | _held(visit, session)),
        ("invited", N_("Was invited to a workshop"), either),
        ("contributed", N_("Has sent something in"), either | _kinds(visit)),
        ("trouble", N_("Mail"), {"1": say(N_("does not reach them"))}),
    ]


def _words(visit: Visit, ours: Mapping[str, Message], seen: list[str]) -> dict[str, str]:
    named = {key: visit.text(name) for key, name in ours.items()}
    return named | {word: word for word in seen if word and word not in named}


def _countries(visit: Visit, session: Session) -> dict[str, str]:
    names = countries(visit.language)
    return {code: names.get(code, code) for code in distinct(session, Member.country) if code}


def _held(visit: Visit, session: Session) -> dict[str, str]:
    held = [one for one in planning.planned(session) if one.ends_at and one.ends_at < visit.now]
    return {one.public_id: one.title for one in reversed(held)}


def _kinds(visit: Visit) -> dict[str, str]:
    return {str(kind): visit.text(form.name) for kind, form in FORMS.items()}


def _with_chosen(
    name: str, options: dict[str, str], chosen: list[tuple[str, str]]
) -> dict[str, str]:
    """What is chosen is offered also where nobody has it any more."""
    return options | {
        value: value for field, value in chosen if field == name and value not in options
    }

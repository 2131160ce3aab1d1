"""Whom a search finds, in one plain sentence: *Finnish-speaking school leaders labelled Oulu*."""

from collections.abc import Iterator, Mapping, Sequence

from babel.lists import format_list
from sqlalchemy.orm import Session

from core.i18n import LANGUAGES, N_, Message, language_name, row_of
from members.consent import TOPIC_TEXTS
from members.finding import Search
from members.profile import LEVELS, countries
from members.segments import STANDING_NAMES, Facts, Segment, Standing, Wish

EVERYBODY = N_("Everybody")
_PEOPLE = N_("people")
_ROLES = {
    "teacher": N_("teachers"),
    "school-leader": N_("school leaders"),
    "student-teacher": N_("student teachers"),
    "teacher-educator": N_("teacher educators or researchers"),
    "decision-maker": N_("decision makers or politicians"),
    "other-role": N_("people in other roles"),
}
_WHO = {
    Standing.READING: N_("who get something"),
    Standing.PAUSED: N_("who want no mail for a while"),
    Standing.LEFT: N_("who have left everything"),
    Standing.PENDING: N_("who have not confirmed"),
}
assert _WHO.keys() == STANDING_NAMES.keys()  # noqa: S101


def sentence(session: Session, search: Search, facts: Facts, language: str) -> str:
    """What a search asks for, as a sentence without its full stop."""
    if search.is_for_everybody:
        return EVERYBODY.text(language)
    said = _head(search.segment, language)
    for clause in _marks(search, language):
        said = N_("%(people)s %(who)s", people=said, who=clause).text(language)
    for n, clause in enumerate(_clauses(session, search.segment, facts, language)):
        both = N_("%(people)s and %(who)s") if n else N_("%(people)s %(who)s")
        said = Message(both.source, {"people": said, "who": clause}).text(language)
    return said[:1].upper() + said[1:]


def _head(segment: Segment, language: str) -> str:
    """Which people, and in brackets where they work."""
    people = _any_of([_named(_ROLES, role, language) for role in sorted(segment.roles)], language)
    said = people or _PEOPLE.text(language)
    if spoken := _spoken(segment, language):
        said = f"{_any_of(spoken, language)} {said}"
    where = [
        *(_named(LEVELS, level, language) for level in sorted(segment.levels)),
        *(countries(language).get(code, code) for code in sorted(segment.countries)),
    ]
    return f"{said} ({_any_of(where, language)})" if where else said


def _spoken(segment: Segment, language: str) -> list[str]:
    """How the readers of its languages are called; nothing if one of them has no such word."""
    words = [row_of(code).speaking for code in sorted(segment.languages)]
    known = all(words) and segment.languages <= set(LANGUAGES)
    return [Message(word).text(language) for word in words] if known else []


def _marks(search: Search, language: str) -> Iterator[str]:
    """What stands beside them: a label, a part of a name."""
    if search.segment.labels:
        labels = _any_of(sorted(search.segment.labels), language)
        yield N_("labelled %(labels)s", labels=labels).text(language)
    if search.words.strip():
        yield N_("with “%(words)s” in name, address or label", words=search.words).text(language)


def _clauses(session: Session, segment: Segment, facts: Facts, language: str) -> Iterator[str]:
    """What they are and have done."""
    for clause in _own_clauses(segment, language):
        yield clause.text(language)
    for wish in sorted(segment.wishes, key=lambda one: (one.fact, not one.is_so)):
        yield _of_wish(session, wish, facts, language)


def _own_clauses(segment: Segment, language: str) -> Iterator[Message]:
    if segment.languages and not _spoken(segment, language):
        names = [language_name(code, language) for code in sorted(segment.languages)]
        yield N_("who read %(languages)s", languages=_any_of(names, language))
    if segment.topics:
        topics = [
            TOPIC_TEXTS[topic].name.text(language)
            for topic in sorted(segment.topics & TOPIC_TEXTS.keys())
        ]
        yield N_("who get: %(topics)s", topics=_any_of(topics, language))
    if segment.standings:
        ways = [_WHO[Standing(one)].text(language) for one in sorted(segment.standings)]
        yield Message("%(ways)s", {"ways": _any_of(ways, language)})
    if segment.joined_since:
        yield N_("who joined since %(day)s", day=segment.joined_since)
    if segment.joined_before:
        yield N_("who joined before %(day)s", day=segment.joined_before)


def _of_wish(session: Session, wish: Wish, facts: Facts, language: str) -> str:
    fact = facts[wish.fact]
    plain, with_values = (fact.is_so, fact.of_some) if wish.is_so else (fact.is_not, fact.of_none)
    if not wish.values or with_values is None:
        return plain.text(language)
    names = fact.names(session, wish.values)
    what = [_text(names.get(value, value), language) for value in sorted(wish.values)]
    return Message(with_values.source, {"what": _any_of(what, language)}).text(language)


def _text(name: str | Message, language: str) -> str:
    return name.text(language) if isinstance(name, Message) else name


def _named(table: Mapping[str, Message], word: str, language: str) -> str:
    """Our word for it, or the one that an import brought."""
    return table[word].text(language) if word in table else f"“{word}”"


def _any_of(words: Sequence[str], language: str) -> str:
    return format_list(list(words), style="or", locale=row_of(language).locale) if words else ""

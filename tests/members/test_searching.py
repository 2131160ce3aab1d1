"""Whatever is asked for, both databases find whom plain Python finds."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from contributions.facts import CONTRIBUTED
from core.addresses import parse_address
from core.installation import Installation
from core.word_index import plain_words_of
from members import describing, finding
from members.consent import TOPICS
from members.facts import TROUBLE
from members.finding import Order, Search
from members.models import Member, MemberLabel, Subscription
from members.records import new_record
from members.segments import Segment, Standing, Wish
from tests.conftest import both_databases
from workshops.invitation.facts import FACTS, INVITED, TOOK_PART

NAMES = ("Aino Mäkinen", "Bo Ångström", "Łucja Østergård", "", "O’Hara")
LANGUAGES, ROLES = ("fi", "en", "xx"), ("teacher", "school-leader", "rehtori", "")
LEVELS, COUNTRIES, LABELS = ("primary", "adult", ""), ("FI", "GB", ""), ("Oulu", "pilot group")
WORDS = ("", "aino", "MAK", "ångs", "oster", "oulu", "school grou", "example", "zzz", "*", "3")


def _crowd(installation: Installation) -> None:
    with installation.unit_of_work() as work:
        for n in range(60):
            address = parse_address(f"p{n}@school{n % 3}.example")
            record = new_record(
                address, NAMES[n % 5], LANGUAGES[n % 2], "test",
                work.now - timedelta(days=n), is_confirmed=n % 7 != 0,
            )  # fmt: skip
            said = {"role": ROLES[n % 4], "level": LEVELS[n % 3], "country": COUNTRIES[n // 20]}
            member = Member(**{**record, **said})
            member.paused_until = work.now.date() + timedelta(days=1) if n % 11 == 0 else None
            work.session.add(member)
            work.session.flush()
            for at, label in enumerate(LABELS):
                if n % (3 + at) == 0:
                    work.session.add(MemberLabel(member_id=member.id, label=label))
            for at, topic in enumerate(TOPICS):
                if n % (2 + at) == 0:
                    state = "subscribed" if n % 4 else "unsubscribed"
                    work.session.add(Subscription(member_id=member.id, topic=topic, state=state,
                                                  changed_at=work.now))  # fmt: skip


def _some(words: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(words), max_size=2)


DAYS = st.none() | st.dates(date(2026, 9, 20), date(2026, 11, 30))
SEARCHES = st.builds(
    Search,
    words=st.sampled_from(WORDS),
    segment=st.builds(
        Segment,
        languages=_some(LANGUAGES),
        roles=_some(ROLES),
        levels=_some(LEVELS),
        countries=_some(COUNTRIES),
        labels=_some((*LABELS, "nobody has it")),
        topics=_some(TOPICS),
        standings=_some(tuple(map(str, Standing))),
        joined_since=DAYS,
        joined_before=DAYS,
        wishes=st.frozensets(
            st.builds(
                Wish,
                fact=st.sampled_from((TOOK_PART, INVITED, CONTRIBUTED, TROUBLE)),
                is_so=st.booleans(),
            ),
            max_size=1,
        ),
    ),
)


class _Oracle:
    """The same, said in plain Python over rows that are held in memory."""

    def __init__(self, installation: Installation) -> None:
        with installation.reading() as work:
            session = work.session
            self.today = work.now.date()
            self.members = session.scalars(select(Member)).all()
            self.labels = finding.labels_of(session, [one.id for one in self.members])
            rows = select(Subscription.member_id, Subscription.topic, Subscription.state)
            self.said = {(n, topic): state for n, topic, state in session.execute(rows)}

    def find(self, search: Search) -> Iterator[int]:
        for one in self.members:
            if self._fits(one, search.segment) and self._is_called(one, search.words):
                yield one.id

    def _is_called(self, one: Member, typed: str) -> bool:
        own = plain_words_of(f"{one.name} {one.email}")
        for label in self.labels.get(one.id, ()):
            own += plain_words_of(label)
        words = plain_words_of(typed)
        if typed and not words:
            return False
        return all(any(mine.startswith(word) for mine in own) for word in words)

    def _fits(self, one: Member, asked: Segment) -> bool:
        plain = (
            (asked.languages, {one.language}), (asked.roles, {one.role}),
            (asked.levels, {one.level}), (asked.countries, {one.country}),
            (asked.labels, set(self.labels.get(one.id, ()))), (asked.topics, self._gets(one)),
            (asked.standings, self._stands(one)),
        )  # fmt: skip
        joined = one.created_at.date()
        return (
            all(not wanted or wanted & has for wanted, has in plain)
            and (asked.joined_since is None or joined >= asked.joined_since)
            and (asked.joined_before is None or joined < asked.joined_before)
            and all(not wish.is_so for wish in asked.wishes)  # of nobody here is any of it true
        )

    def _gets(self, one: Member) -> set[str]:
        return {topic for topic in TOPICS if self.said.get((one.id, topic)) == "subscribed"}

    def _stands(self, one: Member) -> set[str]:
        if one.state == "pending":
            return {"pending"}
        found = set() if self._gets(one) else {"left"}
        if one.paused_until is not None and one.paused_until > self.today:
            return found | {"paused"}
        return found | ({"reading"} if self._gets(one) else set())


@both_databases
def test_every_search_finds_whom_plain_python_finds(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MANY", 5)  # both ways of putting them in order
    _crowd(installation)
    oracle = _Oracle(installation)

    @settings(
        max_examples=150, suppress_health_check=[HealthCheck.too_slow],
        derandomize=True,
    )  # fmt: skip
    @given(SEARCHES, st.sampled_from(Order))
    def check(search: Search, order: Order) -> None:
        with installation.reading() as work:
            fits = finding.find(work.session, search, FACTS, work.now.date())
            expected, total = sorted(oracle.find(search)), finding.count(work.session, fits)
            assert total == len(expected)
            found, has_more = finding.page_of(work.session, fits, order, 1, total)
            assert {one.id for one in found} <= set(expected)
            assert len(found) == min(len(expected), finding.PAGE)
            assert has_more == (len(expected) > finding.PAGE)
            assert Segment.from_json(search.segment.to_json()) == search.segment
            for language in ("en", "fi"):
                assert describing.sentence(work.session, search, FACTS, language)

    check()


@pytest.mark.parametrize(
    ("search", "english", "finnish"),
    [
        (Search(), "Everybody", "Kaikki"),
        (
            Search("", Segment(languages=frozenset({"fi", "en"}))),
            "English-speaking or Finnish-speaking people",
            "Englanninkieliset tai suomenkieliset ihmiset",
        ),
        (
            Search("", Segment(roles=frozenset({"teacher"}), levels=frozenset({"primary"}),
                               countries=frozenset({"FI"}))),
            "Teachers (Primary school or Finland)",
            "Opettajat (Alakoulu tai Suomi)",
        ),
        (
            Search(
                "",
                Segment(wishes=frozenset({Wish(TOOK_PART), Wish(CONTRIBUTED, is_so=False)})),
            ),
            "People who have sent nothing in and who came to a workshop",
            "Ihmiset, jotka eivät ole lähettäneet mitään ja jotka ovat olleet työpajassa",
        ),
        (
            Search("oulu", Segment(standings=frozenset({"pending"}))),
            "People with “oulu” in name, address or label who have not confirmed",
            (
                "Ihmiset, joiden nimessä, osoitteessa tai tunnisteessa on ”oulu”, jotka eivät ole "
                "vahvistaneet osoitettaan"
            ),
        ),
    ],
)  # fmt: skip
def test_what_is_asked_is_said_in_plain_words(
    installation: Installation, search: Search, english: str, finnish: str
) -> None:
    with installation.reading() as work:
        said = [describing.sentence(work.session, search, FACTS, one) for one in ("en", "fi")]
    assert said == [english, finnish]

"""The method's own rules: frames, agendas, open questions; and what a wall time means."""

from datetime import UTC, datetime

import pytest

from core.i18n import LANGUAGES
from workshops.model.method import (
    CARDS,
    DIALOGUES,
    DUTIES,
    STARTERS,
    Dialogue,
    Frame,
    Hint,
    Part,
    default_agenda,
    hints_for,
    is_talking_shop,
)
from workshops.model.wall_time import WallTime, meaning_of, moment_of


@pytest.mark.parametrize("frame", list(Frame))
def test_each_frame_brings_its_questions_an_agenda_and_a_number_of_places(frame: Frame) -> None:
    card = CARDS[frame]
    assert len(card.asked) >= 2
    assert card.capacity == {"workshop": 24, "forum": 16, "consultation": 10, "hotseat": 40}[frame]
    for language in LANGUAGES:
        agenda = default_agenda(frame, language)
        assert 60 <= sum(part.minutes for part in agenda) <= 120
        assert not is_talking_shop(agenda)
    assert default_agenda(frame, "en")[0].what != default_agenda(frame, "fi")[0].what


def test_an_agenda_without_action_or_completion_is_a_talking_shop() -> None:
    talk = Part(30, "Talk", str(Dialogue.CO_CREATION))
    action, end = Part(10, "Do", str(Dialogue.ACTION)), Part(5, "End", str(Dialogue.COMPLETION))
    assert is_talking_shop([talk])
    assert is_talking_shop([talk, action])
    assert is_talking_shop([talk, end])
    assert not is_talking_shop([talk, action, end])


def test_the_guide_is_complete() -> None:
    assert (len(STARTERS), len(DIALOGUES), len(DUTIES)) == (6, 5, 8)


@pytest.mark.parametrize(
    ("question", "language", "hints"),
    [
        ("How do we begin?", "en", []),
        ("Do you like it?", "en", [Hint.CLOSED]),
        ("Can't we begin?", "en", [Hint.CLOSED, Hint.NEGATIVE]),
        ("Why does nobody speak?", "en", [Hint.NEGATIVE]),
        ("What is it? And why?", "en", [Hint.DOUBLE]),
        ("Is it not so? Why?", "en", [Hint.CLOSED, Hint.NEGATIVE, Hint.DOUBLE]),
        ("Domes: what are they for?", "en", []),
        ("Miten aloitamme?", "fi", []),
        ("Onko se hyvä?", "fi", [Hint.CLOSED]),
        ("Voimmeko aloittaa?", "fi", [Hint.CLOSED]),
        ("Miksi kukaan ei puhu?", "fi", [Hint.NEGATIVE]),
        ("Mitä opimme? Ja miksi?", "fi", [Hint.DOUBLE]),
    ],
)
def test_a_question_that_closes_gets_a_hint(
    question: str, language: str, hints: list[Hint]
) -> None:
    assert hints_for(question, language) == hints


@pytest.mark.parametrize(
    ("local", "zone", "meaning"),
    [
        ("2026-03-29T03:30", "Europe/Helsinki", WallTime.NONE),
        ("2026-10-25T03:30", "Europe/Helsinki", WallTime.TWO),
        ("2026-03-29T01:30", "Europe/London", WallTime.NONE),
        ("2026-10-25T01:30", "Europe/London", WallTime.TWO),
        ("2026-03-08T02:30", "America/New_York", WallTime.NONE),
        ("2026-11-01T01:30", "America/New_York", WallTime.TWO),
        ("2026-03-29T03:30", "Asia/Kolkata", WallTime.ONE),
        ("2011-12-30T12:00", "Pacific/Apia", WallTime.NONE),
        ("2026-11-22T18:00", "Europe/Helsinki", WallTime.ONE),
    ],
)
def test_a_wall_time_may_come_once_twice_or_never(local: str, zone: str, meaning: WallTime) -> None:
    assert meaning_of(datetime.fromisoformat(local), zone) is meaning


def test_of_two_moments_one_is_chosen() -> None:
    local = datetime.fromisoformat("2026-10-25T03:30")
    first, second = (moment_of(local, "Europe/Helsinki", is_second) for is_second in (False, True))
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert second == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_in_the_weeks_when_continents_differ_the_wall_time_stays() -> None:
    local = datetime.fromisoformat("2026-03-20T18:00")
    assert moment_of(local, "Europe/Helsinki").hour == 16
    assert moment_of(local, "America/New_York").hour == 22

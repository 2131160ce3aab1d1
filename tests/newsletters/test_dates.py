"""Days in letters: those that are over, and those whose weekday is another."""

from datetime import date

import pytest

from newsletters.dates import named_days, past, wrong_weekdays

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "on Thursday 3 December 2026", "2026-12-03"),
        ("en", "3rd of December", "2026-12-03"),
        ("en", "12 May", "2027-05-12"),
        ("en", "1 November", "2026-11-01"),
        ("fi", "torstaina 3.12.2026", "2026-12-03"),
        ("fi", "3. joulukuuta", "2026-12-03"),
        ("fi", "ti 1.12.", "2026-12-01"),
    ],
)
def test_days_are_read_as_people_write_them(language: str, text: str, day: str) -> None:
    assert [one.day.isoformat() for one in named_days(text, language, TODAY)] == [day]


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "30 February"), ("en", "32 December 2026"), ("fi", "klo 18.00"), ("fi", "kohta 3.13."),
     ("en", "version 3.12"), ("fi", "29. helmikuuta 2027")],
)  # fmt: skip
def test_what_is_no_day_is_none(language: str, text: str) -> None:
    assert list(named_days(text, language, TODAY)) == []


def test_what_is_over_and_what_has_another_weekday_is_found_in_its_line() -> None:
    text = "We met on 1 November 2026.\nCome on Friday 3 December 2026,\nor Thursday 3 December."
    assert list(past(text, "en", TODAY)) == [(1, "1 November 2026")]
    assert list(wrong_weekdays(text, "en", TODAY)) == [(2, "Friday 3 December 2026", "Thursday")]
    assert list(wrong_weekdays("perjantaina 3.12.2026", "fi", TODAY)) == [
        (1, "perjantaina 3.12.2026", "torstai")
    ]

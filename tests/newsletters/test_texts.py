"""Issue files: what is wrong with one is said in a sentence that names the key."""

import pytest

from core.errors import Refusal
from newsletters.texts import parse_file, parse_files
from tests.support.people import letter


def test_a_file_becomes_a_text() -> None:
    text = parse_file("---\nlanguage: fi\nsubject: Hei\npreheader: Lyhyesti\n---\nMoi\n")
    assert (text.language, text.subject, text.preheader, text.title) == (
        "fi",
        "Hei",
        "Lyhyesti",
        "",
    )
    assert text.body == "Moi\n"


def test_a_windows_file_with_a_mark_at_its_beginning_is_read_too() -> None:
    content = "\ufeff---\r\nlanguage: en\r\nsubject: no\r\npreheader: 007\r\n---\r\nHi\r\n"
    text = parse_file(content)
    assert (text.subject, text.preheader, text.body) == ("no", "007", "Hi\n")


FRONT = "language: en\nsubject: S\npreheader: P"


@pytest.mark.parametrize(
    ("content", "sentence", "field"),
    [
        ("Just words", "The file needs front matter", None),
        ("", "The file needs front matter", None),
        ("---\n---\nHi", "The front matter lacks “language”.", "language"),
        (
            "---\nlanguage: en\nsubject: S\n---\nHi",
            "The front matter lacks “preheader”.",
            "preheader",
        ),
        (f"---\n{FRONT}\ncolour: red\n---\nHi", "an unknown key: “colour”", "colour"),
        (f"---\n{FRONT}\nsubject: T\n---\nHi", "The front matter has “subject” twice.", "subject"),
        (f"---\n{FRONT}\n  bad: : :\n---\nHi", "Line 5 of the front matter", None),
        ("---\n- a\n- b\n---\nHi", "Line 2 of the front matter", None),
        (
            "---\nlanguage: en\nsubject: >\n  folded\n---\nHi",
            "“subject” in the front matter has to stand on one line",
            "subject",
        ),
        (
            "---\nlanguage: sv\nsubject: S\npreheader: P\n---\nHi",
            "“sv” is not one of ours",
            "language",
        ),
        (f"---\n{FRONT}\n---\n   \n", "The text of the issue is empty.", "body"),
        (f"---\n{FRONT}\n---\n" + "x" * 70_000, "The text is too long", "body"),
        (
            f"---\nlanguage: en\nsubject: {'x' * 300}\npreheader: P\n---\nHi",
            "is too long",
            "subject",
        ),
    ],
)
def test_bad_front_matter_is_said_in_one_sentence(
    content: str, sentence: str, field: str | None
) -> None:
    with pytest.raises(Refusal) as refused:
        parse_file(content)
    assert sentence in refused.value.message.text()
    assert "%(" not in refused.value.message.text("fi")
    assert refused.value.field == field


def test_one_language_twice_is_refused() -> None:
    with pytest.raises(Refusal, match="the same language: en"):
        parse_files([letter("en"), letter("en")])


def test_a_subject_is_one_line_without_control_or_direction_characters() -> None:
    content = '---\nlanguage: en\nsubject: "a\tBcc: x\u202e\x00 b 🙂"\npreheader: P\n---\nHi'
    assert parse_file(content).subject == "a Bcc: x b 🙂"


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("Workshop #3 is open", "Workshop #3 is open"),
        ("[News]", "[News]"),
        ("Autumn: what we learnt", "Autumn: what we learnt"),
        ('"Learning" together', '"Learning" together'),
        ('"Learning" and "teaching"', '"Learning" and "teaching"'),
        ("'tis the season", "'tis the season"),
        (r'"C:\new\table"', r"C:\new\table"),
        (r'"A \"quoted\" word"', 'A "quoted" word'),
        ("'It''s time'", "It's time"),
        ('"Quoted: all"', "Quoted: all"),
        ("{curly}", "{curly}"),
        ("*star and &anchor", "*star and &anchor"),
        ("!important", "!important"),
        ("@home", "@home"),
        ("100 %", "100 %"),
        ("- dash", "- dash"),
        ("~", "~"),
        ("no", "no"),
    ],
)
def test_what_follows_the_colon_is_the_subject_as_it_was_written(
    written: str, subject: str
) -> None:
    content = f"---\nlanguage: en\nsubject: {written}\npreheader: P\n---\nHi"
    assert parse_file(content).subject == subject


def test_a_link_that_leads_nowhere_is_refused_with_its_line() -> None:
    content = f"---\n{FRONT}\n---\nFine.\n\nSee\n[the plan](plan.html) soon."
    with pytest.raises(Refusal, match="Line 9: the link “the plan” leads nowhere") as refused:
        parse_file(content)
    assert refused.value.field == "body"


@pytest.mark.parametrize("target", ["", "#part", "plan.html", "example.org",
                                    "tel:", "mailto:nobody", "https://", "{{x}}"])  # fmt: skip
def test_no_letter_goes_out_with_a_link_that_nobody_can_follow(target: str) -> None:
    with pytest.raises(Refusal, match="leads nowhere"):
        parse_file(f"---\n{FRONT}\n---\n[x]({target})")

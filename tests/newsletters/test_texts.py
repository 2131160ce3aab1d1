"""Issue files: what is wrong with one is said in a sentence that names the key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refusal
from mail.markdown import to_html, to_mail_html, to_text
from newsletters.texts import parse_file, parse_files
from tests.people import letter


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
        (f"---\n{FRONT}\n  bad: : :\n---\nHi", "look at line", None),
        ("---\n- a\n- b\n---\nHi", "The front matter lacks “language”.", "language"),
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
    content = '---\nlanguage: en\nsubject: "a\\r\\nBcc: x\\u202e\\0 b 🙂"\npreheader: P\n---\nHi'
    assert parse_file(content).subject == "a Bcc: x b 🙂"


@pytest.mark.parametrize("render", [to_html, to_mail_html])
@given(st.text(alphabet="<>&\"'`[]()!*_#{}%:/\\\n javascriptonlx=", max_size=80))
def test_no_markdown_becomes_active_markup(render: object, markdown: str) -> None:
    html = render(markdown).lower()  # type: ignore[operator]
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


def test_plain_text_keeps_words_structure_and_links() -> None:
    text = to_text(
        "# Big\n\nSee [us](https://a.example/x) or <https://b.example>.\n\n"
        "> quoted\n> more\n\n1. one\n2. two\n\n- a\n  - b\n\n    code\n\n***\n"
    )
    assert "See us (https://a.example/x) or https://b.example." in text
    assert "> quoted\n> more" in text
    assert "1. one\n2. two" in text
    assert "- a\n  - b" in text
    assert "Big" in text

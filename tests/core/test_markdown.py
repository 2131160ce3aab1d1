"""Markdown as pages, mails and their text parts show it: safe, whole, and in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refusal
from core.markdown import check_markdown, is_intricate, parse, to_html, to_mail_html
from core.plain_text import to_text


@pytest.mark.parametrize("render", [to_html, to_mail_html])
@given(st.text(alphabet="<>&\"'`[]()!*_#{}%:/\\\n javascriptonlx=", max_size=80))
def test_no_markdown_becomes_active_markup(render: object, markdown: str) -> None:
    html = render(markdown, "en", "https://base.example").lower()  # type: ignore[operator]
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


def test_plain_text_keeps_words_structure_and_links() -> None:
    text = to_text(
        "# Big\n\nSee [us](https://a.example/x) or <https://b.example>.\n\n"
        "> quoted\\\n> more\n\n1. one\n2. two\n\n- a\n  - b\n\n    code\n\n***\n",
        "en",
        "https://base.example",
    )
    assert "See us (https://a.example/x) or https://b.example." in text
    assert "> quoted\n> more" in text
    assert "1. one\n2. two" in text
    assert "- a\n  - b" in text
    assert "Big\n===" in text
    assert "Big" in text


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ("https://example.org/autumn_fair/a_b?x=1&y=2", None),
        ("https://en.wikipedia.org/wiki/Conversation_(disambiguation)", None),
        ("www.example.org/a_b_c", "https://www.example.org/a_b_c"),
        ("anna@example.org", "mailto:anna@example.org"),
        ("[x](www.example.org/sign-up)", "https://www.example.org/sign-up"),
        ("[x](/workshops)", "https://base.example/workshops"),
        ("[x](//cdn.example.org/a)", "https://cdn.example.org/a"),
        ("[call](tel:+358401234567)", "tel:+358401234567"),
    ],
)
def test_what_is_typed_as_an_address_is_a_whole_link_in_both_parts(
    typed: str, href: str | None
) -> None:
    wanted = href or typed
    html = to_mail_html(f"See {typed}.", "en", "https://base.example")
    assert f'href="{wanted.replace("&", "&amp;")}"' in html
    assert wanted.removeprefix("mailto:") in to_text(f"See {typed}.", "en", "https://base.example")


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("”https://x.fi/d”.", "https://x.fi/d"), ("“https://x.fi/d”", "https://x.fi/d"),
        ("‘https://x.fi/d’", "https://x.fi/d"), ("»https://x.fi/d«", "https://x.fi/d"),
        ("https://x.fi/d…", "https://x.fi/d"), ("https://x.fi/d: so", "https://x.fi/d"),
        ("https://x.fi/d\u200b", "https://x.fi/d"), ("email:a@x.fi", "mailto:a@x.fi"),
        ("Sähköposti:a@x.fi", "mailto:a@x.fi"), ("”a@x.fi”", "mailto:a@x.fi"),
        ("’a@x.fi’", "mailto:a@x.fi"), ("https://x.fi/A_(B)", "https://x.fi/A_(B)"),
    ],
)  # fmt: skip
def test_quotation_marks_and_words_beside_an_address_are_no_part_of_it(
    typed: str, address: str
) -> None:
    assert f'href="{address}"' in to_html(typed, "fi")
    assert "%E2" not in to_html(typed, "fi")
    assert "%E2" not in to_text(typed, "fi", "https://we.example")


def test_two_addresses_with_only_a_comma_between_them_are_two_links() -> None:
    html = to_html("a.b@x.fi,c@x.fi")
    assert (html.count("<a "), "mailto:c@x.fi" in html) == (2, True)


@pytest.mark.parametrize("written", ["[x](https://x.fi/a b)", "Hi\n[t](tel:040 123)"])
def test_a_link_with_a_space_in_it_is_refused_with_its_line(written: str) -> None:
    with pytest.raises(Refusal, match=f"Line {written.count(chr(10)) + 1}: the link"):
        check_markdown(written)
    check_markdown(f"`{written.splitlines()[-1]}` and [x](https://x.fi/a 'title')")


def test_a_picture_is_described_in_words_and_an_apostrophe_is_one() -> None:
    html = to_html("![10 \\* 20 &amp; *em*](https://x.fi/p.png)")
    assert ">10 * 20 &amp; em</a>" in html
    assert "’90s" in to_html("the '90s")
    assert "rock ’n’ roll" in to_html("rock 'n' roll")


def test_words_with_a_stop_and_no_space_are_no_link() -> None:
    assert "<a" not in to_html("It ended.To begin again, see koulu.fi or node.js and e.g.this")


def test_signs_stay_what_was_typed_and_quotes_follow_the_language() -> None:
    assert to_text("(a) (b) (c) (r) (tm) +-2 !!!!! ????", "en", "") == (
        "(a) (b) (c) (r) (tm) +-2 !!!!! ????\n"
    )
    said = "Hän sanoi \"nähdään\" ja 'joo' -- niin..."
    assert to_text(said, "fi", "") == "Hän sanoi ”nähdään” ja ’joo’ – niin…\n"
    assert "“nähdään” ja ‘joo’" in to_html(said, "en")


def test_the_highest_heading_is_of_the_second_level_and_a_hash_in_code_is_code() -> None:
    html = to_html("# A\n\nB\n===\n\nC\n---\n\n##### E\n\n###### F\n\n```\n# code\n```")
    assert [f"<{tag}>" in html for tag in ("h1", "h2", "h3", "h6")] == [False, True, True, True]
    assert "<code># code" in html
    assert to_html("## A\n\n### B") == "<h2>A</h2>\n<h3>B</h3>\n"
    assert "    # code" in to_text("```\n# code\n```", "en", "")


def test_tables_pictures_breaks_lists_and_footnotes_come_out_in_both_parts() -> None:
    written = (
        "| When | Where |\n|---|--:|\n| 9:00 | Room 1 |\n\n![The yard](https://a.example/y.jpg)\n\n"
        "one  \ntwo\n\n- a\n  1. b\n     - c\n\nNote[^n].\n\n[^n]: The note.\n"
    )
    html = to_mail_html(written, "en", "")
    assert '<td style="' in html
    assert 'align="right"' in html
    assert '<a href="https://a.example/y.jpg"' in html
    assert ">The yard</a>" in html
    assert "one<br>" in html
    assert "<sup>1</sup>" in html
    assert "The note." in html
    text = to_text(written, "en", "")
    assert "When  Where\n----  ------\n9:00  Room 1\n" in text
    assert "The yard (https://a.example/y.jpg)" in text
    assert "one\ntwo" in text
    assert "- a\n  1. b\n     - c" in text
    assert "Note[1]." in text
    assert "[1] The note." in text


def test_a_wide_table_is_read_row_by_row_in_text() -> None:
    cell = "a long cell that has many words"
    text = to_text(f"| One | Two | Three |\n|--|--|--|\n| {cell} | {cell} | {cell} |", "en", "")
    assert text == f"One: {cell}\nTwo: {cell}\nThree: {cell}\n"
    long = to_text(f"| One | Two |\n|--|--|\n| {cell * 3} | {cell} |", "en", "")
    assert max(map(len, long.splitlines())) <= 72


@given(st.text(alphabet="ab cdä\n-*_>#1.()[]|`!h", max_size=400))
def test_no_line_of_the_text_part_is_longer_than_72_unless_it_is_one_word(written: str) -> None:
    for line in to_text(written, "en", "https://base.example").splitlines():
        is_code = "    " in line
        assert len(line) <= 72 or is_code or " " not in line.lstrip("> -.:0123456789[]")


def test_a_long_link_is_never_broken() -> None:
    link = "https://example.org/" + "a-b/" * 40
    assert link in to_text(f"Some words before it {link} and after.", "en", "").split()


@pytest.mark.parametrize("unit", ["![", "[", "[a](", "*a ", "**a _b ", '"', "'a \"b ", "`", "<a",
                                  "&#", "\\", "> ", "- a\n", "# a\n", "~~a", "http://a", "www.",
                                  "a@a.fi ", "[^1]", "| a", "[[]"])  # fmt: skip
@pytest.mark.parametrize("length", [7500, 60_000, 390_000])
def test_text_that_is_made_to_be_slow_is_shown_as_it_was_typed(unit: str, length: int) -> None:
    """Every one of these took the parser a minute or more at full length."""
    written = unit * (length // len(unit))
    if is_intricate(written):
        assert len(parse(written, "en", "")) <= 3 * written.count("\n\n") + 3
    else:
        assert len(written) <= 80_000
    to_html(written)
    to_text(written, "en", "")

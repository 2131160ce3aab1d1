"""Lists of people as they are really pasted: nobody is lost, no name holds an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.address_lists import has_address, read_list
from core.addresses import parse_address
from core.errors import Refusal
from members.subscribing import check_name

ANNA, BO = ("Anna", "a@x.fi"), ("Bo", "b@x.fi")


def _read(pasted: str) -> list[tuple[str, str]]:
    return [(one.name, one.email) for one in read_list(pasted)]


@pytest.mark.parametrize(
    ("pasted", "people"),
    [
        ("Anna <a@x.fi>, Bo <b@x.fi>", [ANNA, BO]),
        ('"Virtanen, Anna" <a@x.fi>, "Korhonen, Bo" <b@x.fi>',
         [("Virtanen, Anna", "a@x.fi"), ("Korhonen, Bo", "b@x.fi")]),
        ("Virtanen, Anna <a@x.fi>; Korhonen, Bo <b@x.fi>",
         [("Virtanen, Anna", "a@x.fi"), ("Korhonen, Bo", "b@x.fi")]),
        ("Virtanen, Anna <a@x.fi>", [("Virtanen, Anna", "a@x.fi")]),
        ("Anna\ta@x.fi\nBo\tb@x.fi", [ANNA, BO]),
        ("a@x.fi\tAnna\tVirtanen", [("Anna Virtanen", "a@x.fi")]),
        ("1\tAnna\ta@x.fi\t040 1234", [ANNA]),
        ("a@x.fi, b@x.fi", [("", "a@x.fi"), ("", "b@x.fi")]),
        ("a@x.fi b@x.fi", [("", "a@x.fi"), ("", "b@x.fi")]),
        ("a@x.fi;b@x.fi;", [("", "a@x.fi"), ("", "b@x.fi")]),
        ("Anna <a@x.fi> Bo <b@x.fi>", [ANNA, BO]),
        ("a@x.fi (Anna), b@x.fi (Bo)", [ANNA, BO]),
        ("mailto:a@x.fi", [("", "a@x.fi")]),
        ("Anna <mailto:a@x.fi>", [ANNA]),
        ("[Anna](mailto:a@x.fi)", [ANNA]),
        ("- Anna <a@x.fi>\n* b@x.fi\n• a@x.fi", [ANNA, ("", "b@x.fi"), ("", "a@x.fi")]),
        ("1. Anna <a@x.fi>\n2) Bo <b@x.fi>", [ANNA, BO]),
        ("a@x.fi.", [("", "a@x.fi")]),
        ("Anna: a@x.fi\nBo – b@x.fi", [ANNA, BO]),
        ("\ufeffAnna\u00a0<a@x.fi>\u200b", [ANNA]),
        ("An\u00adna <a@\u200dx.fi>", [ANNA]),
        ("Cc: Anna <a@x.fi>, Bo <b@x.fi>", [ANNA, BO]),
        ("\"a@x.fi\" <a@x.fi>\n'b@x.fi' <b@x.fi>", [("", "a@x.fi"), ("", "b@x.fi")]),
        ("O'Neill <a@x.fi>, Anna (head) <b@x.fi>",
         [("O'Neill", "a@x.fi"), ("Anna (head)", "b@x.fi")]),
        ("Carla, Bo <b@x.fi>, Anna <a@x.fi>", [("", ""), BO, ANNA]),
        ("A. Virtanen <a@x.fi>\nJ. R. Smith <b@x.fi>\nM. <m@x.fi>",
         [("A. Virtanen", "a@x.fi"), ("J. R. Smith", "b@x.fi"), ("M.", "m@x.fi")]),
        ("K. Mäki\tk@x.fi", [("K. Mäki", "k@x.fi")]),
        ("a) Anna <a@x.fi>\nb. Bo <b@x.fi>", [ANNA, BO]),
        ("Bo\tb@x.fi; Turku", [BO, ("", "")]),
        ("Anna\topettaja, a@x.fi", [("", ""), ANNA]),
        ("a@x.fi\tAnna Virtanen\tOpettaja", [("Anna Virtanen", "a@x.fi")]),
        ("Virtanen\tAnna\tOpettaja\ta@x.fi", [("Virtanen Anna", "a@x.fi")]),
        ("Anna\ta@x.fi\tBo\tb@x.fi", [ANNA, BO]),
        ("a@x.fi\tAnna\tb@x.fi\tBo", [ANNA, BO]),
        ("MAILTO:a@x.fi", [("", "a@x.fi")]),
        ("mailto:a@x.fi?subject=Hello", [("", "a@x.fi")]),
        ("Email: a@x.fi\nSähköposti: b@x.fi", [("", "a@x.fi"), ("", "b@x.fi")]),
        ("a@x.fi ja b@x.fi", [("", "a@x.fi"), ("", "b@x.fi")]),
        ("«a@x.fi»\nBo ‹b@x.fi›", [("", "a@x.fi"), BO]),
        ("“Virtanen, Anna” <a@x.fi>", [("Virtanen, Anna", "a@x.fi")]),
        ("Anna,a@x.fi\nBo;b@x.fi", [ANNA, BO]),
        ("a@x.fi - Anna\nb@x.fi Bo", [ANNA, BO]),
        ('"b@x.fi" <a@x.fi>', [("", "a@x.fi")]),
        ("'b@x.fi' via list <list@x.fi>", [("", "list@x.fi")]),
        ('"Annu" Virtanen <a@x.fi>', [('"Annu" Virtanen', "a@x.fi")]),
        ("ශ්\u200dරී <a@x.fi>", [("ශ්\u200dරී", "a@x.fi")]),
        ("just words", [("", "")]),
        ("\n \n,;\n", []),
    ],
)  # fmt: skip
def test_a_pasted_list_is_read_as_it_was_meant(pasted: str, people: list[tuple[str, str]]) -> None:
    assert _read(pasted) == people


def test_what_is_not_understood_is_shown_with_its_text() -> None:
    assert [(one.line, one.text) for one in read_list("Anna\nsee below")] == [
        (1, "Anna"),
        (2, "see below"),
    ]


@given(st.text(alphabet="abä@.,;:<>()[]\"' \t\n-1\u00a0\u200b", max_size=120))
def test_no_name_ever_holds_an_address_and_no_word_is_lost(pasted: str) -> None:
    for one in read_list(pasted):
        assert not has_address(one.name)
        assert one.email or one.text or not pasted.strip(' ,;"')


@given(
    st.lists(
        st.tuples(st.sampled_from(["Anna", "Bo K", "Virtanen, Åsa", 'J "JJ" R', "O'Neill"]),
                  st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.fi", fullmatch=True)),
        min_size=1, max_size=6,
    ),
    st.sampled_from([", ", ";", "\n", ";\n"]),
)  # fmt: skip
def test_what_a_mail_program_writes_comes_back(people: list[tuple[str, str]], between: str) -> None:
    from email.utils import formataddr

    assert _read(between.join(map(formataddr, people))) == people


@pytest.mark.parametrize("unit", ["<", "(", "a@", '"', ";", "a <", "Anna a@x.fi ", "\t", "> ",
                                  "[a](", "x" * 65 + "@", "mailto:"])  # fmt: skip
def test_a_long_list_that_was_made_to_be_slow_is_read(unit: str) -> None:
    assert len(list(read_list((unit * 60_000)[:120_000]))) >= 0


@pytest.mark.parametrize(
    "typed",
    ["mailto:anna@example.org", "<anna@example.org>", "anna@example.org.", "\u200banna@example.org",
     "anna@example.org\u00a0", "MAILTO:anna@example.org?subject=x", "an\u00adna@example.org"],
)  # fmt: skip
def test_one_address_is_read_through_what_copying_leaves(typed: str) -> None:
    assert parse_address(typed).shown == "anna@example.org"


def test_an_address_in_the_field_for_a_name_is_refused_in_one_sentence() -> None:
    with pytest.raises(Refusal, match="a name here, not an e-mail address"):
        check_name("Anna anna@example.org")


def test_lines_are_counted_as_browsers_send_them() -> None:
    assert [one.line for one in read_list("a@x.fi\r\nb@x.fi\r\n\r\nno address")] == [1, 2, 4]

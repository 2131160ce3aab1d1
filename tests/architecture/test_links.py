"""Every kind of link stands in the documentation, with what whoever has it can do."""

from pathlib import Path

import pytest

from core.tokens import Purpose, powers

PAGE = Path(__file__).resolve().parents[2] / "docs" / "links.md"


def test_the_table_of_links_in_the_documentation_is_that_of_the_code() -> None:
    assert powers() in PAGE.read_text("utf-8")


@pytest.mark.parametrize("purpose", Purpose)
def test_a_kind_of_link_says_what_it_opens_and_how_it_ends(purpose: Purpose) -> None:
    """What is in no link (cookies, stamps of forms) says neither."""
    assert bool(purpose.value.opens) == bool(purpose.value.ends)

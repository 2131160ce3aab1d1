"""Personal values: whatever people type, a stored message has only our own tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import strip_marks
from mail.personal import Marks, complete, fill, seal_html, seal_text, tags_in
from tests.support.loopback_ses import render as as_ses_does

braces = st.text(alphabet="{}a_ \n\\<&", max_size=30)


@given(braces, braces)
def test_text_survives_sealing_and_filling_unchanged(before: str, after: str) -> None:
    stored = seal_text(f"{before}{Marks().greeting}{after}")
    values = complete({"greeting": "Hei {{address}},", "address": "a@b"})
    assert fill(stored, values) == f"{before}Hei {{{{address}}}},{after}"
    assert as_ses_does(stored, values) == fill(stored, values)


@given(braces, braces)
def test_html_asks_for_nothing_but_our_own_tags(before: str, after: str) -> None:
    stored = seal_html(f"<p>{before}{Marks().greeting}{after}</p>")
    assert tags_in(stored) == {"greeting_html"}
    filled = as_ses_does(stored, complete({"greeting": "<b>"}))
    assert filled.replace("&#123;", "{") == f"<p>{before}&lt;b&gt;{after}</p>"


@given(st.text())
def test_nobody_can_type_a_mark(text: str) -> None:
    sneaky = strip_marks(f"{text}\ue000address\ue001")
    assert tags_in(seal_text(sneaky)) <= {"brace"}


def test_a_value_is_never_read_as_a_template() -> None:
    values = complete({"greeting": "{{unsubscribe_url}}", "unsubscribe_url": "secret"})
    assert fill("{{greeting}}", values) == "{{unsubscribe_url}}"


def test_a_mail_asks_only_for_what_everybody_has_or_its_recipients_bring_along() -> None:
    assert Marks(["place_url"]).place_url
    with pytest.raises(AttributeError):
        _ = Marks().place_url

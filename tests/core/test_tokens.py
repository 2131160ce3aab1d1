"""Tokens: one purpose each, keys that rotate, and lifetimes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from core.tokens import BrokenToken, Purpose, Tokens

OLD, NEW = "o" * 40, "n" * 40


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_says_what_was_signed_and_only_for_its_purpose(purpose: Purpose) -> None:
    tokens = Tokens([NEW])
    token = tokens.sign(purpose, 17, "newsletter")
    assert tokens.read(purpose, token) == ["17", "newsletter"]
    for other in set(Purpose) - {purpose}:
        with pytest.raises(BrokenToken):
            tokens.read(other, token)


@pytest.mark.parametrize("purpose", [Purpose.CONFIRM, Purpose.LEAVE])
def test_old_keys_still_open_and_the_newest_signs(purpose: Purpose) -> None:
    old = Tokens([OLD]).sign(purpose, 1)
    assert Tokens([NEW, OLD]).read(purpose, old) == ["1"]
    with pytest.raises(BrokenToken):
        Tokens([NEW]).read(purpose, old)
    assert Tokens([NEW]).read(purpose, Tokens([NEW, OLD]).sign(purpose, 1)) == ["1"]


def test_the_quick_way_of_signing_is_the_librarys() -> None:
    tokens = Tokens([NEW])
    signer = tokens._signers[Purpose.LEAVE]
    assert isinstance(signer, Signer)
    assert tokens.sign(Purpose.LEAVE, 17, "newsletter") == signer.sign(b"17-newsletter").decode()


@given(st.text())
def test_nothing_typed_is_a_token(text: str) -> None:
    for purpose in Purpose:
        with pytest.raises(BrokenToken):
            Tokens([NEW]).read(purpose, text)

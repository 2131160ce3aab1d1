"""Addresses: one person, one key; and what cannot be delivered is said."""

import pytest

from core.addresses import limit_key, network_of, parse_address, typo_hint
from core.errors import Refusal
from mail.suppressing import suppression_key


def test_two_writings_of_one_address_share_a_key() -> None:
    one, two = parse_address(" Anna.K@Example.ORG "), parse_address("anna.k@example.org")
    assert one.key == two.key
    assert one.shown == "Anna.K@example.org"


def test_a_domain_in_another_alphabet_is_sent_as_punycode() -> None:
    address = parse_address("opettaja@ääni.fi")
    assert (address.ascii, address.shown) == ("opettaja@xn--ni-uiaa.fi", "opettaja@ääni.fi")


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@b", "a b@c.example", "a@b.example\n", "a@b.example,c@d.example", "@x.example"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    if text.strip() == "a@b.example":
        assert parse_address(text).ascii == "a@b.example"
        return
    with pytest.raises(Refusal) as refused:
        parse_address(text)
    assert refused.value.field == "email"


def test_writings_that_reach_one_mailbox_are_counted_together() -> None:
    keys = {
        limit_key(parse_address(a))
        for a in ("a.b+x@gmail.com", "ab@googlemail.com", "AB@gmail.com")
    }
    assert len({key.partition("@")[0] for key in keys}) == 1


def test_a_hint_is_only_given_where_it_is_likely() -> None:
    assert typo_hint(parse_address("a@gmial.com")) == "a@gmail.com"
    assert typo_hint(parse_address("a@gmail.com")) is None
    assert typo_hint(parse_address("a@school.example")) is None


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("testclient", "unknown"),
        (None, "unknown"),
    ],
)
def test_only_the_network_of_a_visitor_is_kept(host: str | None, network: str) -> None:
    assert network_of(host) == network


def test_the_suppression_list_holds_no_addresses() -> None:
    key = suppression_key("Anna@example.org", "secret")
    assert "anna" not in key
    assert key == suppression_key("anna@EXAMPLE.org", "secret")
    assert key != suppression_key("anna@example.org", "other")

"""Who a mail is from, and what its head looks like on the wire."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SettingsError
from core.installation import Installation
from core.mailboxes import Mailbox, parse_mailbox
from core.settings import load_settings
from mail.composing import compose
from mail.transport import Message, Parcel
from mail.wire import WIRE, WIRE_ASCII
from tests.conftest import KEY, both_databases
from tests.support.people import Browser

HARD = [
    "Learning Conversations, Oulu", "Opettajat: keskustelu", "a@b talks", 'The "open" room',
    "Äänekosken koulu, “Yhdessä”", "Ä" * 90, "x" * 190, "Mäkinen (rehtori)", "Back\\slash",
    "=?utf-8?q?x?=", "Työ; ja tauko", "名前, 学校", "a" * 70 + ", ä", "👩‍🏫 Staffroom",
]  # fmt: skip


def _message(sender: str, **headers: str) -> Message:
    return Message(1, "Subject", "<p>Hi</p>", "Hi", headers, sender, sender)


PARCEL = Parcel(7, "to@example.org", {}, {})


def _read(mail: EmailMessage, policy: object = WIRE) -> EmailMessage:
    read = message_from_bytes(mail.as_bytes(policy=policy), policy=default)  # type: ignore[arg-type]
    assert isinstance(read, EmailMessage)
    return read


@pytest.mark.parametrize("policy", [WIRE, WIRE_ASCII], ids=["outbox", "ses"])
@pytest.mark.parametrize("name", HARD)
def test_a_sender_is_one_mailbox_with_its_whole_name(name: str, policy: object) -> None:
    mailbox = parse_mailbox(f"{name} <letters@example.org>")
    mail = _read(compose(_message(mailbox.header), PARCEL, "a1"), policy)
    for field in ("From", "Reply-To"):
        [address] = mail[field].addresses
        assert address.addr_spec == "letters@example.org"
        # Python's reader leaves spaces between encoded words, where RFC 2047 has none.
        assert address.display_name.split() == name.split() or len(name) > 40
        assert "".join(address.display_name.split()) == "".join(name.split())


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=150))
def test_any_name_that_is_taken_comes_back(name: str) -> None:
    try:
        mailbox = parse_mailbox(f"{name} <letters@example.org>")
    except ValueError:
        return
    assert max(map(len, mailbox.header.split(" "))) <= 205
    mail = _read(compose(_message(mailbox.header), PARCEL, "a1"))
    [address] = mail["From"].addresses
    assert address.addr_spec == "letters@example.org"
    assert "".join(address.display_name.split()) == "".join(mailbox.name.split())


def test_a_domain_with_an_umlaut_becomes_what_can_be_sent() -> None:
    assert parse_mailbox("Kirje <kirje@ääni.fi>") == Mailbox("Kirje", "kirje@xn--ni-uiaa.fi")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Kirje <äiti@example.org>", "before the @"),
        ("no address", "such as Name <letters@example.org>"),
        ("A <a@b.example> B", "such as Name <letters@example.org>"),
        ("a@b.example, c@d.example", "such as Name <letters@example.org>"),
        ("A\u202eb <a@example.org>", "cannot be seen"),
        ("x" * 201 + " <a@example.org>", "shorter"),
        ("A <a@example.org\nBcc: x@example.org>", "such as Name <letters@example.org>"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_the_start_with_what_to_write(
    value: str, words: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(mail_from=value, secret_keys=KEY)
    [problem] = refused.value.problems
    assert problem.startswith("STAFFROOM_MAIL_FROM: ")
    assert words in problem


@both_databases
def test_a_sender_with_an_umlaut_domain_and_a_comma_sends_confirmations(
    installation: Installation, visitor: Browser
) -> None:
    """Every sign-up answered 500."""
    from dataclasses import replace

    from staffroom.composition import make_sender
    from tests.support.people import WorkNow

    settings = installation.settings.model_copy(
        update={"mail_from": "Koulu, “Yhdessä” <kirje@ääni.fi>", "community_name": 'A, "B": ä'}
    )
    changed = replace(installation, settings=settings)
    with Browser.of(changed) as browser:
        assert browser.subscribe("aino@example.org").status == 200
        assert isinstance(changed.queue, WorkNow)
        changed.queue.run(changed, make_sender(changed, lambda: False))
        [mail] = browser.outbox()
    assert mail.sender == '"Koulu, “Yhdessä”" <kirje@xn--ni-uiaa.fi>'


URL = "https://letters.example.org/unsubscribe/" + "Abc-123_x" * 15


def test_a_stored_mail_is_what_goes_over_the_wire() -> None:
    unsubscribe = {"List-Unsubscribe": f"<{URL}>", "List-Id": "News <n.example.org>"}
    raw = compose(_message("News <n@example.org>", **unsubscribe), PARCEL, "a1").as_bytes(
        policy=WIRE
    )
    head = raw.partition(b"\r\n\r\n")[0].decode()
    assert f"List-Unsubscribe: <{URL}>\r\n" in head
    assert "=?" not in head
    assert "\r\nDate: " in f"\r\n{head}"
    assert "\r\nMessage-ID: <7.a1@example.org>\r\n" in f"\r\n{head}"
    assert all(len(line) <= 998 for line in head.split("\r\n"))


def test_a_subject_in_any_alphabet_comes_back() -> None:
    subject = "Työpaja: " + "pitkä ä " * 20
    message = Message(1, subject, "<p>Hi</p>", "Hi", {}, "News <n@example.org>", "")
    assert str(_read(compose(message, PARCEL, "a1"))["Subject"]).split() == subject.split()


@given(st.lists(st.sampled_from("kevät Jyväskylä ilmoittaudu “näin” ja Öljyä – a koulu".split()),
                min_size=1, max_size=14))  # fmt: skip
def test_no_subject_loses_a_space_on_the_wire(words: list[str]) -> None:
    """Python folds an encoded word beside a plain one, and readers drop the space between them."""
    message = EmailMessage(policy=WIRE)
    message["Subject"] = " ".join(words)
    message.set_content("Hi")
    written = message.as_bytes()
    assert str(message_from_bytes(written, policy=default)["Subject"]) == " ".join(words)
    assert max(map(len, written.split(b"\r\n"))) <= 78

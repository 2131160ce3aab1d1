"""A name and an address as they stand in the head of a mail: read once, written so that it holds.

Python's own writer makes two addresses of one whose name has a comma and an ä; so names that need
it are always written as encoded words (RFC 2047), and what was written is read back and compared.
"""

import base64
import re
import unicodedata
from dataclasses import dataclass
from email import message_from_string
from email.policy import default

from email_validator import EmailNotValidError, validate_email

LONGEST_NAME = 200
_DIRECTION = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_WORD_BYTES = 42
"""So many bytes make an encoded word of 68 characters: 75 are the most there may be."""
_QUOTABLE = 60


@dataclass(frozen=True)
class Mailbox:
    """A name, which may be empty, and an address in ASCII."""

    name: str
    address: str

    @property
    def header(self) -> str:
        """As a header field and SES want it: in ASCII, on one line."""
        return f"{phrase(self.name)} <{self.address}>" if self.name else self.address


def parse_mailbox(text: str) -> Mailbox:
    """`Name <letters@example.org>`, or the address alone.

    Raises ValueError with a sentence that says what to write instead.
    """
    name, bracket, rest = text.strip().rpartition("<")
    if bracket and not rest.endswith(">"):
        raise ValueError("must be an address such as Name <letters@example.org>")
    typed = rest[:-1] if bracket else text
    mailbox = Mailbox(_name(name), _ascii_address(typed.strip()))
    _check(mailbox)
    return mailbox


def takes_no_answers(mailbox: str) -> bool:
    """Whether it is called `noreply@` or alike."""
    local = mailbox.lower().rpartition("@")[0].rpartition("<")[2]
    plain = "".join(char for char in local if char.isalnum())
    return plain in ("noreply", "donotreply", "dontreply", "eivastausta", "alavastaa", "älävastaa")


def phrase(name: str) -> str:
    """A name as a word of a header: plain, between quotation marks, or as encoded words."""
    if _ATOMS.fullmatch(name) and len(name) <= _QUOTABLE and "=?" not in name:
        return name
    if name.isascii() and len(name) <= _QUOTABLE and "=?" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return encoded(name)


def encoded(text: str) -> str:
    """Text of a header as encoded words (RFC 2047), between which readers see no space."""
    return " ".join(_encoded_words(text))


def _encoded_words(name: str) -> list[str]:
    parts, part = [], b""
    for char in name:
        if len(part) + len(char.encode()) > _WORD_BYTES:
            parts.append(part)
            part = b""
        part += char.encode()
    return [f"=?utf-8?b?{base64.b64encode(p).decode()}?=" for p in (*parts, part)]


def _name(typed: str) -> str:
    name = " ".join(typed.split()).strip()
    if len(name) >= 2 and name[0] == name[-1] == '"':
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    if any(unicodedata.category(c) in ("Cc", "Cs", "Cn") or c in _DIRECTION for c in name):
        raise ValueError("has a name with characters that cannot be seen; write it anew")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"has a name of more than {LONGEST_NAME} characters; write a shorter one")
    return name


def _ascii_address(typed: str) -> str:
    if not typed.rpartition("@")[0].isascii():
        raise ValueError(
            "has letters such as ä before the @, which cannot be sent from: write an address "
            "such as Name <letters@example.org>"
        )
    try:
        valid = validate_email(typed, allow_smtputf8=False, check_deliverability=False,
                               test_environment=True)  # fmt: skip
    except EmailNotValidError:
        raise ValueError("must be an address such as Name <letters@example.org>") from None
    return valid.ascii_email or ""


def _check(mailbox: Mailbox) -> None:
    """Read back what will be written: one mailbox, this one. Raises ValueError."""
    read = message_from_string(f"From: {mailbox.header}\n\n", policy=default)["From"].addresses
    # Python's reader leaves a space between two encoded words, where RFC 2047 (6.2) has none.
    names = ["".join(name.split()) for name in (*(one.display_name for one in read), mailbox.name)]
    if len(read) != 1 or read[0].addr_spec != mailbox.address or names[0] != names[1]:
        raise ValueError("has a name that mail programs would misread; write a plainer one")

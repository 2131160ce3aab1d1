"""What may stand in each of the short parts: from what was typed to what is kept. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from core.addresses import parse_address
from core.errors import Refusal
from core.i18n import LANGUAGES, N_
from core.mailboxes import parse_mailbox, takes_no_answers
from core.palettes import PALETTES
from core.text import one_line

LONGEST_NAME = 80
LONGEST_SENTENCE = 160
LONGEST_WORDS = 40
LONGEST_URL = 500
LONGEST_FACT = 400
MOST_LINKS = 12
EXAMPLE = "a@example.org"
_HOST = re.compile(r"(?:[\w-]+\.)+[\w-]{2,}")

Value = dict[str, Any]


def names(name: str, sentences: Mapping[str, str]) -> Value:
    """The community's name, and what it is in one sentence of each language."""
    called = check_name(name, "community_name", LONGEST_NAME)
    said = {code: one_line(sentences.get(code, "")) for code in LANGUAGES}
    for code, sentence in said.items():
        if len(sentence) > LONGEST_SENTENCE:
            raise Refusal(
                N_("This sentence is too long: 160 characters at the most."), f"sentence_{code}"
            )
    return _full({"community_name": called, "sentence": _full(said)})


def check_name(typed: str, field: str, longest: int) -> str:
    """A name that may also stand before an address in the head of a mail. Raises Refusal."""
    name = one_line(typed)
    if len(name) > longest:
        raise Refusal(N_("This is too long: %(most)s characters at the most.", most=longest), field)
    try:
        if name:
            parse_mailbox(f"{name} <{EXAMPLE}>")
    except ValueError:
        raise Refusal(
            N_("Mail programs would misread this name. Please write it without special marks."),
            field,
        ) from None
    return name


def letters(sender: str, reply_to: str) -> Value:
    """Under which name mail comes, and where answers to it go."""
    called = check_name(sender, "sender", LONGEST_NAME)
    return _full({"sender": called, "reply_to": _mailbox(reply_to, "reply_to")})


def _mailbox(typed: str, field: str) -> str:
    if not typed.strip():
        return ""
    try:
        address = parse_address(typed)
    except Refusal as refusal:
        raise Refusal(refusal.message, field) from None
    if takes_no_answers(address.ascii):
        raise Refusal(
            N_("This address says that it takes no answers. Write one that somebody reads."), field
        )
    return address.ascii


def privacy(controller: str, privacy_contact: str, hosting: str, supervisor: str) -> Value:
    """What the privacy notice says of who is responsible."""
    facts = {"controller": controller, "hosting": hosting, "supervisor": supervisor}
    said = {name: one_line(typed) for name, typed in facts.items()}
    for name, fact in said.items():
        if len(fact) > LONGEST_FACT:
            raise Refusal(
                N_("This is too long: %(most)s characters at the most.", most=LONGEST_FACT), name
            )
    return _full(said | {"privacy_contact": _mailbox(privacy_contact, "privacy_contact")})


def languages(offered: Sequence[str]) -> Value:
    """The languages that visitors may choose, in this order. Raises Refusal if there is none."""
    known = [code for code in dict.fromkeys(offered) if code in LANGUAGES]
    if not known:
        raise Refusal(N_("Please offer one language at least."), "offered")
    return {} if tuple(known) == LANGUAGES else {"offered": known}


def links(rows: Sequence[tuple[str, str]]) -> Value:
    """The places where the community is too. Raises Refusal that names the row."""
    kept = []
    for number, (typed_words, typed_url) in enumerate(rows, 1):
        words, url = one_line(typed_words), one_line(typed_url)
        if words or url:
            kept.append(_link(words, url, number))
    if len(kept) > MOST_LINKS:
        raise Refusal(N_("Twelve links at the most."), "url")
    return _full({"links": kept})


def _link(words: str, url: str, number: int) -> dict[str, str]:
    whole = url if "://" in url else f"https://{url}"
    if len(url) > LONGEST_URL or not _leads_somewhere(whole):
        raise Refusal(
            N_(
                "Link %(number)s leads nowhere. Write its whole address, such as "
                "https://example.org/page.",
                number=number,
            ),
            f"url_{number}",
        )
    host = (urlsplit(whole).hostname or "").removeprefix("www.")
    if len(words) > LONGEST_WORDS:
        raise Refusal(
            N_("The words of link %(number)s are too long: 40 characters at the most.",
               number=number), f"words_{number}"
        )  # fmt: skip
    return {"words": words or host, "url": whole}


def _leads_somewhere(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - it raises for what is no number
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(_HOST.fullmatch(parts.hostname or ""))


def palette(name: str) -> str:
    """The name of a palette of ours. Raises Refusal."""
    if name not in {one.name for one in PALETTES}:
        raise Refusal(N_("Please choose one of these colours."), "palette")
    return name


def _full(value: Mapping[str, Any]) -> Value:
    """Without what says nothing: there the default counts."""
    return {name: said for name, said in value.items() if said}

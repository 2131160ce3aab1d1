"""The longer texts of a community: a heading and Markdown, in each language, or our own instead."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from community.parts import Part, Value, find_all
from core.errors import Refusal
from core.i18n import LANGUAGES, N_, Message
from core.markdown import check_markdown, is_empty, to_html, to_mail_html
from core.plain_text import to_text
from core.text import one_line, plain_lines
from core.unit_of_work import Reading

LONGEST_HEADING = 120
LONGEST = 20_000
_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")
"""What CommonMark lets a backslash stand before (2.4)."""


@dataclass(frozen=True)
class OwnText:
    """A place where a community speaks for itself, and what stands there until it does."""

    name: str
    title: Message
    where: Message
    heading: Message
    paragraphs: tuple[tuple[str, Message], ...]
    """Each with the mark of Markdown before it: nothing, `## `, `> ` or `- `."""
    is_mail: bool = False

    def part(self, language: str) -> str:
        """The name of the part that holds it in a language."""
        return f"{self.name}:{language}"


HOME = OwnText(
    "home",
    N_("Home"),
    N_("Above the sign-up on the first page"),
    N_("Always eager to learn more, always ready to listen"),
    (
        (
            "",
            N_(
                "There are endless podcasts that tell teachers what to do. There are few places to "
                "gather, reflect and think aloud together. This is one."
            ),
        ),
        (
            "",
            N_(
                "A learning conversation is a planned way of talking about our work: about what "
                "lies beneath the surface, with people who may see it differently. You need not "
                "agree. You need to be curious."
            ),
        ),
    ),
)
ABOUT = OwnText(
    "about",
    N_("About us"),
    N_("The page about us"),
    N_("What is a learning conversation?"),
    (
        (
            "",
            N_(
                "Every teacher can think of a conversation that changed the way they teach. Was it "
                "a happy accident, or can one plan for it?"
            ),
        ),
        (
            "",
            N_(
                "A learning conversation is planned. It has a focus, a facilitator, and ground "
                "rules that everybody has agreed to. It is led by open questions, it begins by "
                "hearing how everybody is, and it ends with what we have learned and what we will "
                "do next."
            ),
        ),
        ("## ", N_("Questions that open")),
        ("- ", N_("What have we learned that will be useful to others?")),
        ("- ", N_("What could we improve, or take further?")),
        ("- ", N_("What are we not talking about that we should be?")),
        ("## ", N_("Trust comes first")),
        (
            "",
            N_(
                "Before we talk we agree how far what is said may travel. Nobody is pressed to "
                "take part. We look out for differences in power, and we speak from our own "
                "experience."
            ),
        ),
    ),
)
WHO = OwnText(
    "who",
    N_("Who we are"),
    N_("Above the people on the page about us"),
    N_("Who we are"),
    (
        (
            "",
            N_(
                "%(community)s is run by a few teachers in their free time. We made this place not "
                "to teach others, but because we are willing to share our thoughts and to hear "
                "yours."
            ),
        ),
    ),
)
CONFIRMATION = OwnText(
    "confirmation",
    N_("Confirmation"),
    N_("The mail that asks whether an address is right, above its button"),
    N_("One step is left"),
    (
        (
            "",
            N_(
                "Somebody, most likely you, wants to hear from %(community)s at this address. "
                "Please confirm that it is yours:"
            ),
        ),
    ),
    is_mail=True,
)
WELCOME = OwnText(
    "welcome",
    N_("Welcome"),
    N_("The first mail after confirming"),
    N_("Welcome, it is good to have you here"),
    (
        (
            "",
            N_(
                "%(community)s is an open space for teachers to reflect, ask and disagree well. We "
                "do not have all the answers; we bring questions worth talking about."
            ),
        ),
        (
            "> ",
            N_(
                "A question to begin with: which conversation has changed the way you teach? If "
                "you like, answer this mail and tell us."
            ),
        ),
    ),
    is_mail=True,
)
TEXTS: dict[str, OwnText] = {one.name: one for one in (HOME, ABOUT, WHO, CONFIRMATION, WELCOME)}


@dataclass(frozen=True)
class Spoken:
    """A text in one language, as it is said now."""

    language: str
    heading: str
    body: str
    is_own: bool

    def html(self, work: Reading) -> str:
        """For a page: clean."""
        return to_html(self.body, self.language, work.settings.base_url)

    def mail_html(self, work: Reading) -> str:
        """For a mail: clean, in the community's colours."""
        base_url = work.settings.base_url
        return to_mail_html(self.body, self.language, base_url, work.community.palette)

    def text(self, work: Reading) -> str:
        """For the text part of a mail."""
        return to_text(self.body, self.language, work.settings.base_url).rstrip()


def default_of(which: OwnText, language: str, community: str) -> Spoken:
    """What stands there until somebody writes something else."""
    said = {"community": as_it_is(community)}
    written = [(mark, Message(words.source, said if "%(" in words.source else {}).text(language))
               for mark, words in which.paragraphs]  # fmt: skip
    return Spoken(language, which.heading.text(language), _joined(written), is_own=False)


def as_it_is(words: str) -> str:
    """Words of which Markdown makes nothing else: `1. luokan opet` is no list."""
    return _MARKDOWN.sub(r"\\\1", words)


def _joined(written: Sequence[tuple[str, str]]) -> str:
    """Markdown: an empty line between paragraphs, none between the points of a list."""
    text, before = "", ""
    for mark, words in written:
        between = "\n" if mark == before == "- " else "\n\n"
        text = f"{text}{between if text else ''}{mark}{words}"
        before = mark
    return text


def spoken(work: Reading, which: OwnText, language: str) -> Spoken:
    """What a text says in a language."""
    return spoken_all(work, (which,), language)[which.name]


def spoken_all(work: Reading, texts: Sequence[OwnText], language: str) -> dict[str, Spoken]:
    """What some texts say in a language, by their names."""
    return spoken_from(work, texts, language, find_all(work, parts_of(texts, language)))


def parts_of(texts: Sequence[OwnText], language: str) -> list[str]:
    """The names of the parts that hold some texts in a language."""
    return [one.part(language) for one in texts]


def spoken_from(
    work: Reading, texts: Sequence[OwnText], language: str, parts: Mapping[str, Part]
) -> dict[str, Spoken]:
    """What some texts say, of parts that were found already."""
    return {one.name: _spoken(work, one, language, parts[one.part(language)]) for one in texts}


def _spoken(work: Reading, which: OwnText, language: str, part: Part) -> Spoken:
    if not part.value:
        return default_of(which, language, work.community.name)
    return Spoken(language, str(part.value["heading"]), str(part.value["body"]), is_own=True)


def mark_of(heading: str, body: str) -> str:
    """What a text is known by, however a browser ends its lines."""
    said = f"{one_line(heading)}\n{plain_lines(body)}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def languages_with(work: Reading, which: OwnText) -> dict[str, bool]:
    """In which languages somebody has written it."""
    parts = find_all(work, [which.part(code) for code in LANGUAGES])
    return {code: bool(parts[which.part(code)].value) for code in LANGUAGES}


def written(heading: str, body: str, default: Spoken) -> Value:
    """What is kept of what was typed: nothing, where it is our own text. Raises Refusal."""
    title, text = one_line(heading), plain_lines(body)
    if not title:
        raise Refusal(N_("Please write a heading."), "heading")
    if len(title) > LONGEST_HEADING:
        raise Refusal(N_("This heading is too long: 120 characters at the most."), "heading")
    if is_empty(text):
        raise Refusal(N_("Please write the text."), "body")
    if len(text) > LONGEST:
        raise Refusal(N_("This text is too long: 20,000 characters at the most."), "body")
    check_markdown(text)
    is_default = (title, text) == (default.heading, plain_lines(default.body))
    return {} if is_default else {"heading": title, "body": text}

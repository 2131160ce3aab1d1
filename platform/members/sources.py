"""From where people came to us, and where they said something, in words. Pure.

What is kept is a word of ours, or what an organiser wrote down; both are evidence and never change.
"""

import re

from core.i18n import N_, Message

TAKEN_BACK = "import %s was taken back"
_TAKEN_BACK = re.compile(r"import (\d+) was taken back")
WORDS: dict[str, Message] = {
    "home": N_("our first page"),
    "subscribe": N_("our sign-up"),
    "embed": N_("a sign-up on another site"),
    "api": N_("a sign-up on another site"),
    "confirm": N_("the mail that asks"),
    "preferences": N_("their preferences"),
    "change": N_("their preferences"),
    "me": N_("their own page"),
    "unsubscribe": N_("the link in a letter"),
    "resubscribe": N_("the link in a letter"),
    "never": N_("the link in a mail"),
    "i": N_("an invitation"),
    "w": N_("their page of a workshop"),
    "workshops": N_("the page of a workshop"),
    "contribute": N_("something they sent in"),
    "organiser": N_("an organiser"),
    "co-author": N_("somebody they wrote with"),
    "workshop-invitation": N_("an invitation to a workshop"),
    "write-to-us": N_("a message to us"),
}


def in_words(source: str) -> Message | str:
    """A word of ours as a sentence has it; what somebody wrote down as they wrote it."""
    found = _TAKEN_BACK.fullmatch(source)
    if found:
        return N_("import %(number)s was taken back", number=found[1])
    return WORDS.get(source, source)

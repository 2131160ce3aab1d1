"""The languages of the community: a row here and a catalogue in `locales/` are all that one needs.

Pure. The first row is the default; its catalogue is the source text itself.
"""

from dataclasses import dataclass


def N_(text: str) -> str:  # noqa: N802 - as in `core.i18n`, which stands on this
    """Mark a text for the catalogue."""
    return text


@dataclass(frozen=True)
class Language:
    """What is to be known of a language besides its words."""

    code: str
    """As in addresses and forms."""
    locale: str
    """Whose dates, times, names of languages and of countries it uses (Unicode CLDR)."""
    in_lists: tuple[str, ...] = ()
    """By what else lists from elsewhere call it, beside its names."""
    quotes: str = "“”‘’"
    """Opening and closing, double and single."""
    between_cells: str = ","
    """What its spreadsheets expect between the cells of a CSV file."""
    speaking: str = ""
    """Its readers in a sentence: *Finnish-speaking* school leaders."""
    after_z: str = ""
    """Letters that its readers look for after z, in their order."""
    closed: str = ""
    """A pattern of questions that can be answered with yes or no; empty if none is known."""
    negative: str = ""
    """A pattern of words that deny."""
    name_word: str = ""
    """What writers put in brackets where a name is to stand: [name]."""


ROWS: tuple[Language, ...] = (
    Language(
        code="en",
        locale="en_GB",  # British order and spelling: the community writes European English
        in_lists=("eng",),
        speaking=N_("English-speaking"),
        closed=r"^(do|does|did|is|are|was|were|can|could|will|would|shall|should|have|has|had|may"
        r"|might)\b",
        negative=r"\b(not|never|no one|nobody|nothing|\w+n['’]t)\b",
        name_word="name",
    ),
    Language(
        code="fi",
        locale="fi",
        in_lists=("fin",),
        speaking=N_("Finnish-speaking"),
        between_cells=";",
        quotes="””’’",
        after_z="åäö",
        closed=r"^\w+k[oö]\b",  # it carries -ko or -kö on its first word
        negative=r"\b(ei|en|et|emme|ette|eivät|eikö|koskaan|kukaan)\b",
        name_word="nimi",
    ),
)

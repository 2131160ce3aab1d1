"""Refusals: what a person asked for and cannot have, in a sentence they can act on."""

from core.i18n import LANGUAGES, N_, Message


class Refusal(Exception):
    """Something was asked for that cannot be done; `message` says what and what to do.

    `field` names the form field (or front matter key) that has to change, if one has.
    """

    def __init__(self, message: Message, field: str | None = None) -> None:
        super().__init__(message.text())
        self.message = message
        self.field = field


def changed_meanwhile() -> Refusal:
    """What somebody is told who was second."""
    return Refusal(N_("Somebody else changed this a moment ago. Please look again."))


def unknown_language(said: str, field: str | None = None) -> Refusal:
    """What somebody is told who wants a language that is none of ours."""
    ours = ", ".join(LANGUAGES)
    return Refusal(
        N_("The language “%(language)s” is not one of ours: %(ours)s.", language=said, ours=ours),
        field,
    )


class SettingsError(Exception):
    """The settings are wrong; `problems` has one line for each that is."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Unavailable(Exception):
    """A part that is needed for this act (Valkey, the database) does not answer just now."""

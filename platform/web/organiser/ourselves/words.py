"""The short parts, such as names and languages. One form each."""

from dataclasses import asdict, dataclass
from typing import Annotated

from starlette.responses import Response

from community import checks
from community.parts import Part, Value
from core.community import DEFAULT_SENTENCE
from core.i18n import LANGUAGES, language_name
from newsletters import routine
from web.forms import Form, Text, Texts, Ticked, Typed, choice
from web.organiser.ourselves.saying import SETTINGS, Page, known, typed_or_kept
from web.pages import capital
from web.visit import Visit

EMPTY_ROWS = 3


def show(visit: Visit) -> Response:
    """One part."""
    return known(PAGES, visit.param("part")).show(visit)


def keep(visit: Visit) -> Response:
    """Keep what was typed."""
    name = visit.param("part")
    return known(PAGES, name).keep(visit, lambda _, part: VALUES[name](visit, part))


def take_back(visit: Visit) -> Response:
    """Say again what was said before."""
    return known(PAGES, visit.param("part")).take_back(visit)


@dataclass(frozen=True)
class Names(Typed):
    """What the community is called; its sentences have a field for each language."""

    community_name: Text


@dataclass(frozen=True)
class Letters(Typed):
    """Under which name mail comes, and where answers go."""

    sender: Text
    reply_to: Text


@dataclass(frozen=True)
class Routine(Typed):
    """What happens by itself."""

    welcome: Ticked
    every: Annotated[str, choice(tuple(routine.INTERVALS))]


@dataclass(frozen=True)
class Facts(Typed):
    """What the privacy notice cannot know by itself."""

    controller: Text
    privacy_contact: Text
    hosting: Text
    supervisor: Text


@dataclass(frozen=True)
class Links(Typed):
    """Rows of words and addresses."""

    words: Texts
    url: Texts

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Each row, as it was typed."""
        return list(zip(self.words, self.url, strict=False))


@dataclass(frozen=True)
class Offered(Typed):
    """The languages that are ticked, and the one for whoever wants none of them."""

    offered: Texts
    first: Text


def _sentences(part: Part, form: Form | None) -> dict[str, str]:
    """What was typed; in a language that the form does not have, what is kept."""
    kept = part.value.get("sentence", {})
    typed = form or Form()
    return {code: str(typed.get(f"sentence_{code}", kept.get(code, ""))) for code in LANGUAGES}


def _names(visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    said = _sentences(part, form)
    typed = Names.of(form).community_name if form else part.value.get("community_name", "")
    tongues = {code: capital(language_name(code, visit.language)) for code in visit.languages}
    return {
        "typed": typed,
        "sentences": [
            (code, tongue, said[code], DEFAULT_SENTENCE.text(code))
            for code, tongue in tongues.items()
        ],
    }


def _names_value(visit: Visit, part: Part) -> Value:
    typed = Names.of(visit.form).community_name
    name = typed_or_kept(visit, part, "community_name", typed)
    return checks.names(name, _sentences(part, visit.form))


def _letters(visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    typed = Letters.of(form) if form else None
    return {
        "sender": typed.sender if typed else part.value.get("sender", ""),
        "reply_to": typed.reply_to if typed else part.value.get("reply_to", ""),
        "address": visit.installation.settings.sender.address,
        "goes_to": visit.community.mailbox.header,
    }


def _letters_value(visit: Visit, part: Part) -> Value:
    typed = Letters.of(visit.form)
    is_outside = visit.community.sender_is_named_outside
    sender = str(part.value.get("sender", "")) if is_outside else typed.sender
    return checks.letters(sender, typed_or_kept(visit, part, "reply_to", typed.reply_to))


def _routine(visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    kept = Routine(bool(part.value.get(routine.WELCOME)), str(part.value.get(routine.EVERY, "")))
    names = [(key, visit.text(words)) for key, words in routine.INTERVAL_NAMES.items()]
    return {"typed": Routine.of(form) if form else kept, "intervals": names}


def _routine_value(visit: Visit, _part: Part) -> Value:
    typed = Routine.of(visit.form)
    said = {routine.WELCOME: typed.welcome, routine.EVERY: typed.every}
    return {name: one for name, one in said.items() if one}


def _privacy(_visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    kept = {name: str(part.value.get(name, "")) for name in Facts.__annotations__}
    return {"typed": asdict(Facts.of(form)) if form else kept}


def _privacy_value(visit: Visit, part: Part) -> Value:
    typed = asdict(Facts.of(visit.form))
    return checks.privacy(
        **{name: typed_or_kept(visit, part, name, said) for name, said in typed.items()}
    )


def _links(_visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    kept = [(one["words"], one["url"]) for one in part.value.get("links", ())]
    return {"rows": Links.of(form).rows if form else [*kept, *[("", "")] * EMPTY_ROWS]}


def _links_value(visit: Visit, _part: Part) -> Value:
    return checks.links(Links.of(visit.form).rows)


def _languages(visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    kept = list(part.value.get("offered", LANGUAGES))
    typed = Offered.of(form) if form else Offered(kept, kept[0])
    tongues = [(code, capital(language_name(code, visit.language))) for code in LANGUAGES]
    return {"all_languages": tongues, "offered": typed.offered, "first": typed.first}


def _languages_value(visit: Visit, _part: Part) -> Value:
    typed = Offered.of(visit.form)
    offered = [code for code in LANGUAGES if code in typed.offered]
    first = [code for code in offered if code == typed.first]
    return checks.languages([*first, *offered])


PAGES: dict[str, Page] = {
    name: Page(name, f"{SETTINGS}/{name}", name, fill)
    for name, fill in {
        "names": _names,
        "letters": _letters,
        "routine": _routine,
        "privacy": _privacy,
        "links": _links,
        "languages": _languages,
    }.items()
}
VALUES = {
    "names": _names_value,
    "letters": _letters_value,
    "routine": _routine_value,
    "privacy": _privacy_value,
    "links": _links_value,
    "languages": _languages_value,
}

"""The short parts: name, letters, privacy, links, languages. One form each."""

from typing import Any

from starlette.responses import Response

from community import checks
from community.parts import Part
from core.community import DEFAULT_SENTENCE
from core.i18n import LANGUAGES, language_name
from core.unit_of_work import UnitOfWork
from web.forms import Form
from web.organiser.ourselves.saying import SETTINGS, Page, known, typed_or_kept
from web.pages import capital
from web.visit import Visit

EMPTY_ROWS = 3
FACTS = ("controller", "privacy_contact", "hosting", "supervisor")


def show(visit: Visit) -> Response:
    """One part."""
    return known(PAGES, visit.param("part")).show(visit)


def keep(visit: Visit) -> Response:
    """Keep what was typed."""
    name = visit.param("part")
    return known(PAGES, name).keep(visit, lambda work, part: VALUES[name](visit, work, part))


def take_back(visit: Visit) -> Response:
    """Say again what was said before."""
    return known(PAGES, visit.param("part")).take_back(visit)


def _said(part: Part, form: Form | None, name: str) -> str:
    return form[name] if form is not None and name in form else str(part.value.get(name, ""))


def _names(visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    kept = part.value.get("sentence", {})
    sentences = [
        (
            code,
            capital(language_name(code, visit.language)),
            form[f"sentence_{code}"] if form else kept.get(code, ""),
            DEFAULT_SENTENCE.text(code),
        )
        for code in visit.languages
    ]
    return {"typed": _said(part, form, "community_name"), "sentences": sentences}


def _names_value(visit: Visit, _work: UnitOfWork, part: Part) -> dict[str, Any]:
    kept = part.value.get("sentence", {})
    typed = {
        code: str(visit.form.get(f"sentence_{code}", kept.get(code, ""))) for code in LANGUAGES
    }
    return checks.names(typed_or_kept(visit, part, "community_name"), typed)


def _letters(visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    return {
        "sender": _said(part, form, "sender"),
        "reply_to": _said(part, form, "reply_to"),
        "address": visit.installation.settings.sender.address,
        "goes_to": visit.community.mailbox.header,
    }


def _letters_value(visit: Visit, _work: UnitOfWork, part: Part) -> dict[str, Any]:
    is_outside = visit.community.sender_is_named_outside
    sender = str(part.value.get("sender", "")) if is_outside else visit.form["sender"]
    return checks.letters(sender, typed_or_kept(visit, part, "reply_to"))


def _privacy(_visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    return {"typed": {name: _said(part, form, name) for name in FACTS}}


def _privacy_value(visit: Visit, _work: UnitOfWork, part: Part) -> dict[str, Any]:
    controller, contact, hosting, supervisor = (typed_or_kept(visit, part, name) for name in FACTS)
    return checks.privacy(controller, contact, hosting, supervisor)


def _links(_visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    if form is not None:
        return {"rows": _rows(form)}
    kept = [(one["words"], one["url"]) for one in part.value.get("links", ())]
    return {"rows": [*kept, *[("", "")] * EMPTY_ROWS]}


def _rows(form: Form) -> list[tuple[str, str]]:
    return list(zip(form.all("words"), form.all("url"), strict=False))


def _links_value(visit: Visit, _work: UnitOfWork, _part: Part) -> dict[str, Any]:
    return checks.links(_rows(visit.form))


def _languages(visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    kept = list(part.value.get("offered", LANGUAGES))
    return {
        "all_languages": [
            (code, capital(language_name(code, visit.language))) for code in LANGUAGES
        ],
        "offered": form.all("offered") if form else kept,
        "first": form["first"] if form else kept[0],
    }


def _languages_value(visit: Visit, _work: UnitOfWork, _part: Part) -> dict[str, Any]:
    offered = [code for code in LANGUAGES if code in visit.form.words("offered")]
    first = [code for code in offered if code == visit.form["first"]]
    return checks.languages([*first, *offered])


PAGES: dict[str, Page] = {
    name: Page(name, f"{SETTINGS}/{name}", name, fill)
    for name, fill in {
        "names": _names,
        "letters": _letters,
        "privacy": _privacy,
        "links": _links,
        "languages": _languages,
    }.items()
}
VALUES = {
    "names": _names_value,
    "letters": _letters_value,
    "privacy": _privacy_value,
    "links": _links_value,
    "languages": _languages_value,
}

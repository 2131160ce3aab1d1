"""The longer texts, each in each language: written in Markdown, looked at as they will be read."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from community import texts
from community.parts import Part
from community.texts import TEXTS, OwnText, Spoken
from core.i18n import LANGUAGES, language_name
from core.text import one_line, plain_lines
from core.unit_of_work import Reading
from mail.posting import render_email
from members import emails
from web.forms import Form, Text, Typed
from web.middleware import LETTER_POLICY
from web.organiser.ourselves.saying import SETTINGS, Page
from web.pages import capital
from web.site import home
from web.visit import Visit


@dataclass(frozen=True)
class Written(Typed):
    """A text as it is being written."""

    heading: Text
    body: Text
    usual: Text
    """What our own text was known by when the form was shown."""


PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
"""For a page of ours within a frame of ours: it is looked at, and does nothing."""


def show(visit: Visit) -> Response:
    """The form, and how it is read now."""
    return _page(visit).show(visit)


def keep(visit: Visit) -> Response:
    """Keep what was typed; what is word for word our own text is kept as that."""
    which, language = _named(visit)
    typed = Written.of(visit.form)
    if typed.usual == texts.mark_of(typed.heading, typed.body):
        return use_default(visit)  # as it stood there, though a name in it may have changed since
    default = texts.default_of(which, language, visit.community.name)
    return _page(visit).keep(visit, lambda *_: texts.written(typed.heading, typed.body, default))


def use_default(visit: Visit) -> Response:
    """Our own text again; what stood there can be taken back."""
    return _page(visit).keep(visit, lambda *_: {})


def take_back(visit: Visit) -> Response:
    """As it was before."""
    return _page(visit).take_back(visit)


def preview(visit: Visit) -> Response:
    """The page or the mail as it is read now."""
    which, language = _named(visit)
    with visit.reading() as work:
        return _read(visit, work, which, texts.spoken(work, which, language))


def preview_typed(visit: Visit) -> Response:
    """The page or the mail as it would be read, with what is being typed."""
    which, language = _named(visit)
    typed = Written.of(visit.form)
    heading = one_line(typed.heading)[: texts.LONGEST_HEADING]
    body = plain_lines(typed.body)[: texts.LONGEST]
    with visit.reading() as work:
        return _read(visit, work, which, Spoken(language, heading, body, is_own=True))


def _read(visit: Visit, work: Reading, which: OwnText, said: Spoken) -> Response:
    return _mail(work, which, said) if which.is_mail else _site(visit, which, said)


def _mail(work: Reading, which: OwnText, said: Spoken) -> Response:
    html = render_email(work, emails.as_it_would_be(work, which, said)).html
    return Response(
        html.replace("<head>", '<head><base target="_blank">', 1),
        media_type="text/html",
        headers={"Content-Security-Policy": LETTER_POLICY},
    )


def _site(visit: Visit, which: OwnText, said: Spoken) -> Response:
    viewer, visit.viewer = visit.viewer, None  # as a visitor sees it
    visit.switch(said.language)
    page = home.show if which is texts.HOME else home.about
    shown = bytes(page(visit, {which.name: said}).body).decode()
    visit.viewer = viewer
    return Response(
        shown.replace("<head>", '<head><base target="_blank">', 1),
        media_type="text/html",
        headers={"Content-Security-Policy": PAGE_POLICY},
    )


def _named(visit: Visit) -> tuple[OwnText, str]:
    name, language = visit.param("name"), visit.param("language")
    if name not in TEXTS or language not in LANGUAGES:
        raise HTTPException(404)
    return TEXTS[name], language


def _page(visit: Visit) -> Page:
    which, language = _named(visit)
    path = f"{SETTINGS}/texts/{which.name}/{language}"

    def fill(visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
        with visit.reading() as work:
            said = texts.spoken(work, which, language)
            written = texts.languages_with(work, which)
            usual = texts.default_of(which, language, visit.community.name)
        typed = Written.of(form) if form and "body" in form else None
        return {
            "text": which,
            "text_language": language,
            "tongues": [(code, capital(language_name(code, visit.language)), written[code])
                        for code in LANGUAGES],
            "heading": typed.heading if typed else said.heading,
            "body": typed.body if typed else said.body,
            "is_own": bool(part.value),
            "usual": typed.usual if typed else texts.mark_of(usual.heading, usual.body),
        }  # fmt: skip

    return Page(which.part(language), path, "text", fill)

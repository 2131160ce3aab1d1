"""The longer texts, each in each language: written in Markdown, looked at as they will be read."""

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
from web.forms import Form
from web.middleware import LETTER_POLICY
from web.organiser.ourselves.saying import SETTINGS, Page
from web.pages import capital
from web.site import home
from web.visit import Visit

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
    default = texts.default_of(which, language, visit.community.name)
    heading, body = visit.form["heading"], visit.form["body"]
    return _page(visit).keep(visit, lambda *_: texts.written(heading, body, default))


def use_default(visit: Visit) -> Response:
    """Our own text again; what stood there can be taken back."""
    return _page(visit).keep(visit, lambda *_: {})


def take_back(visit: Visit) -> Response:
    """As it was before."""
    return _page(visit).take_back(visit)


def preview(visit: Visit) -> Response:
    """The page or the mail as it would be read: as it is kept, or as it is being typed."""
    which, language = _named(visit)
    with visit.reading() as work:
        said = _said(visit, work, which, language)
        return _mail(work, which, said) if which.is_mail else _site(visit, which, said)


def _said(visit: Visit, work: Reading, which: OwnText, language: str) -> Spoken:
    if visit.request.method != "POST":
        return texts.spoken(work, which, language)
    heading = one_line(visit.form["heading"])[: texts.LONGEST_HEADING]
    body = plain_lines(visit.form["body"])[: texts.LONGEST]
    return Spoken(language, heading, body, is_own=True)


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
    response = page(visit, {which.name: said})
    visit.viewer = viewer
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


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
        return {
            "text": which,
            "text_language": language,
            "tongues": [(code, capital(language_name(code, visit.language)), written[code])
                        for code in LANGUAGES],
            "heading": form["heading"] if form and "heading" in form else said.heading,
            "body": form["body"] if form and "body" in form else said.body,
            "is_own": bool(part.value),
        }  # fmt: skip

    return Page(which.part(language), path, "text", fill)

"""Sending something in: choosing a kind, writing, saving, sending; for members and for visitors."""

from dataclasses import dataclass
from typing import Annotated

from starlette.exceptions import HTTPException
from starlette.responses import Response

from contributions import drafts, guests
from contributions.drafts import Unfinished
from contributions.kinds import (
    BYLINE_NAMES,
    FORMS,
    SUMMARY,
    TITLE,
    Byline,
    Content,
    Kind,
    Problem,
    problems_of,
)
from contributions.models import Contribution
from contributions.states import EDITABLE
from core.addresses import inbox_of, limit_key, parse_address
from core.errors import Refusal
from core.i18n import LANGUAGES, N_, Message
from core.text import one_line, plain_lines
from core.tokens import Purpose
from library.kinds import BOUNDARY_NAMES, LICENCE_NAMES, Boundary, Licence
from members.profile import LEVELS
from members.states import MemberState
from members.subscribing import check_name
from web.forms import Form, Text, Ticked, Typed, choice, line
from web.limits import check_limits, may_mail
from web.site.subscribing import HONEYPOT
from web.visit import Visit

LONGEST_CHOICE = 20


@dataclass(frozen=True)
class Written(Typed):
    """What every kind of contribution asks; its own questions are its fields."""

    title: Text
    summary: Text
    language: Annotated[str, choice(LANGUAGES, LANGUAGES[0])]
    links: Text
    byline: Text
    name: Annotated[str, line(80)]
    licence: Text
    boundary: Text
    may_share: Ticked


@dataclass(frozen=True)
class Sending(Typed):
    """Which form it was, what is done with it, who sends it, and the trap for robots."""

    form_key: Text
    act: Text
    email: Text
    website: Ticked


LONGEST_ABOUT = 150
"""Of a question in a letter that somebody answers: it is the title of their topic."""


def choose(visit: Visit) -> Response:
    """The page on which a kind of contribution is chosen."""
    return visit.page("contribute/choose.html", forms=FORMS)


def show(visit: Visit) -> Response:
    """An empty form of one kind."""
    kind = _kind(visit)
    about = visit.query("about")[:LONGEST_ABOUT]
    content = Content(title=about, language=visit.language, name=_own_name(visit))
    return form_page(visit, kind, content)


def save(visit: Visit) -> Response:
    """Keep what is typed, and send it in if that is wanted."""
    kind = _kind(visit)
    content = content_of(visit.form, kind)
    if visit.viewer_id is None:
        return _send_as_guest(visit, kind, content)
    return _save_own(visit, kind, content, visit.viewer_id)


def autosave(visit: Visit) -> Response:
    """The same for the script that saves while somebody types."""
    kind, member_id = _kind(visit), visit.viewer_id
    if member_id is None:
        raise HTTPException(403)
    try:
        with visit.unit_of_work() as work:
            key, version = Sending.of(visit.form).form_key, visit.version
            content = content_of(visit.form, kind)
            kept = drafts.save(work, kind, key, member_id, content, version)
            return visit.json({"version": kept.version, "public_id": kept.public_id})
    except Unfinished as unfinished:
        return visit.json({"error": visit.text(unfinished.problems[0].message)}, 409)
    except Refusal as refusal:
        return visit.json({"error": visit.say(refusal)}, 409)


def form_page(
    visit: Visit,
    kind: Kind,
    content: Content,
    *,
    contribution: Contribution | None = None,
    problems: list[Problem] | None = None,
    refusal: Refusal | None = None,
    said: str = "",
) -> Response:
    """The form of a kind with what was written, and everything that is wrong with it."""
    typed = Sending.of(visit.form)
    stamp = visit.installation.tokens.sign(Purpose.FORM, "contribute")
    key = contribution.form_key if contribution else typed.form_key or drafts.new_form_key()
    return visit.page(
        "contribute/form.html",
        status=422 if problems or refusal else 200,
        kind=kind,
        is_about_a_person=kind is Kind.INTERVIEWEE,
        asked=FORMS[kind],
        common=(TITLE, SUMMARY),
        content=content,
        has_more=_has_more(content, kind),
        form_key=key,
        version=contribution.version if contribution else 0,
        contribution=contribution,
        problems={problem.field: visit.text(problem.message) for problem in problems or []},
        summary=_summary(visit, kind, problems or []),
        error=visit.wrong(refusal),
        said=said,
        email=typed.email,
        stamp=stamp,
        honeypot=HONEYPOT,
        levels=LEVELS,
        bylines=BYLINE_NAMES,
        licences={k: LICENCE_NAMES[k] for k in (Licence.CC_BY, Licence.HERE_ONLY)},
        boundaries=BOUNDARY_NAMES,
    )


def _has_more(content: Content, kind: Kind) -> bool:
    """Whether anything is written that the form folds away."""
    folded = (
        content.answer(field.name) for field in FORMS[kind].fields if not field.is_asked_first
    )
    return bool(content.links) or any(folded)


ASKED_OF_ALL = ("email", "name", "boundary", "may_share")
"""Who sends it and who may see it, in the order of the page."""
LABELS: dict[str, Message] = {
    "email": N_("E-mail address"),
    "links": N_("Links"),
    "language": N_("Language of the text"),
    "name": N_("Your name"),
    "boundary": N_("Who may see it?"),
    "licence": N_("What may others do with it?"),
    "may_share": N_("About others"),
}


def _summary(visit: Visit, kind: Kind, problems: list[Problem]) -> list[tuple[str, str, str]]:
    """Each problem with the name of its field, in the order of the page."""
    fields = FORMS[kind].fields
    asked = (TITLE, *(field for field in fields if field.is_asked_first), SUMMARY)
    folded = (field for field in fields if not field.is_asked_first)
    labels = {
        **{field.name: field.label for field in asked},
        **{name: LABELS[name] for name in ASKED_OF_ALL},
        **{field.name: field.label for field in folded},
        **LABELS,
    }
    order = {name: number for number, name in enumerate(labels)}
    found = sorted(problems, key=lambda problem: order.get(problem.field, -1))
    return [
        (one.field, visit.text(labels[one.field]) if one.field in labels else "",
         visit.text(one.message))
        for one in found
    ]  # fmt: skip


def content_of(form: Form, kind: Kind) -> Content:
    """What a form says, whether it is finished or not; line ends and marks made plain."""
    typed = Written.of(form)
    answers = {field.name: plain_lines(form[field.name]) for field in FORMS[kind].fields}
    return Content(
        title=one_line(typed.title),
        summary=plain_lines(typed.summary),
        language=typed.language,
        answers={name: words for name, words in answers.items() if words},
        links=plain_lines(typed.links),
        # What is not said is the most private there is; what is not one of ours is refused later.
        byline=typed.byline[:LONGEST_CHOICE] or Byline.NONE,
        name=typed.name,
        licence=typed.licence[:LONGEST_CHOICE] or Licence.HERE_ONLY,
        boundary=typed.boundary[:LONGEST_CHOICE] or Boundary.EDITORS,
        may_share=typed.may_share,
    )


def _save_own(visit: Visit, kind: Kind, content: Content, member_id: int) -> Response:
    key, version = Sending.of(visit.form).form_key, visit.version
    try:
        with visit.unit_of_work() as work:
            kept = drafts.save(work, kind, key, member_id, content, version)
        if Sending.of(visit.form).act != "submit":
            return visit.redirect(f"/me/contributions/{kept.public_id}/edit?said=saved")
        with visit.unit_of_work() as work:
            contribution = drafts.find_own(work.session, kept.public_id, member_id)
            assert contribution is not None  # noqa: S101 - it was kept a moment ago
            drafts.submit(work, contribution, member_id)
        return visit.redirect(f"/me/contributions/{kept.public_id}")
    except Unfinished as unfinished:
        with visit.reading() as work:
            contribution = drafts.find_by_form(work.session, key, member_id)
        return form_page(
            visit, kind, content, contribution=contribution, problems=unfinished.problems
        )
    except Refusal as refusal:
        return _refused(visit, kind, content, member_id, refusal)


def _refused(
    visit: Visit, kind: Kind, content: Content, member_id: int, refusal: Refusal
) -> Response:
    """What was typed stays on the page, and sending once more wins over the other window."""
    key = Sending.of(visit.form).form_key
    with visit.reading() as work:
        contribution = drafts.find_by_form(work.session, key, member_id)
    is_open = contribution is not None and contribution.state in EDITABLE
    return form_page(
        visit, kind, content, contribution=contribution if is_open else None, refusal=refusal
    )


def _send_as_guest(visit: Visit, kind: Kind, content: Content) -> Response:
    typed = Sending.of(visit.form)
    problems = problems_of(kind, content)
    try:
        address = parse_address(typed.email)
        check_name(content.name)
        check_limits(visit, "contributions", ("15/day", limit_key(address)), field="email")
    except Refusal as refusal:
        problems.append(Problem(refusal.field or "", refusal.message))
    if problems:
        return form_page(visit, kind, content, problems=problems)
    if not typed.website:
        is_mailed = may_mail(visit, address)
        with visit.unit_of_work() as work:
            key, origin = typed.form_key, visit.origin
            guests.keep_for_guest(work, kind, key, address, content, origin, is_mailed=is_mailed)
    return visit.page("contribute/check-inbox.html", address=address.shown, inbox=inbox_of(address))


def _kind(visit: Visit) -> Kind:
    try:
        return Kind(visit.param("kind"))
    except ValueError:
        raise HTTPException(404) from None


def _own_name(visit: Visit) -> str:
    viewer = visit.viewer
    return viewer.member.name if viewer and viewer.member.state == MemberState.CONFIRMED else ""

"""Sending something in: choosing a kind, writing, saving, sending; for members and for visitors."""

from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contributions import co_authors, drafts, guests
from contributions.drafts import Unfinished
from contributions.kinds import (
    BYLINE_NAMES,
    FORMS,
    SUMMARY,
    TITLE,
    Content,
    Kind,
    Problem,
    problems_of,
)
from contributions.models import CoAuthor, Contribution, ContributionMessage
from contributions.states import EDITABLE, State
from core.errors import Refusal, Unavailable
from core.i18n import LANGUAGES, N_
from core.stored_files import find_file
from core.tokens import BrokenToken, ExpiredToken, Purpose
from library.kinds import BOUNDARY_NAMES, LICENCE_NAMES, Licence
from mail.addresses import Address, inbox_of, limit_key, parse_address
from mail.personal import strip_marks
from members.models import CONFIRMED
from members.profile import LEVELS
from members.subscribing import check_name
from web.site.subscribing import HONEYPOT
from web.visit import Form, Visit

PER_ADDRESS = ("5/hour", "15/day")
PER_NETWORK = "30/hour"
IN_ALL = "300/hour"
ALONE = "default-src 'none'; frame-ancestors 'none'; sandbox"


def choose(visit: Visit) -> Response:
    """The four kinds."""
    return visit.page("contribute/choose.html", forms=FORMS)


def show(visit: Visit) -> Response:
    """An empty form of one kind."""
    kind = _kind(visit)
    return form_page(visit, kind, Content(language=visit.language, name=_own_name(visit)))


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
            key, version = visit.form["form_key"], visit.version
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
    form = visit.form
    stamp = visit.installation.tokens.sign(Purpose.FORM, "contribute")
    key = contribution.form_key if contribution else form["form_key"] or drafts.new_form_key()
    return visit.page(
        "contribute/form.html",
        status=422 if problems or refusal else 200,
        kind=kind,
        asked=FORMS[kind],
        common=(TITLE, SUMMARY),
        content=content,
        form_key=key,
        version=contribution.version if contribution else 0,
        contribution=contribution,
        problems={problem.field: visit.text(problem.message) for problem in problems or []},
        refusal=visit.say(refusal) if refusal else "",
        said=said,
        email=form["email"],
        stamp=stamp,
        honeypot=HONEYPOT,
        levels=LEVELS,
        bylines=BYLINE_NAMES,
        licences={k: LICENCE_NAMES[k] for k in (Licence.CC_BY, Licence.HERE_ONLY)},
        boundaries=BOUNDARY_NAMES,
    )


def content_of(form: Form, kind: Kind) -> Content:
    """What a form says, whether it is finished or not; line ends and marks made plain."""
    answers = {field.name: _words(form[field.name]) for field in FORMS[kind].fields}
    return Content(
        title=" ".join(strip_marks(form["title"]).split()),
        summary=_words(form["summary"]),
        language=form["language"] if form["language"] in LANGUAGES else LANGUAGES[0],
        answers={name: words for name, words in answers.items() if words},
        links=_words(form["links"]),
        byline=form["byline"] or "name",
        name=" ".join(strip_marks(form["name"]).split())[:80],
        licence=form["licence"] or Licence.CC_BY,
        boundary=form["boundary"] or "anyone",
        may_share=bool(form["may_share"]),
    )


def show_deliver(visit: Visit) -> Response:
    """One big button: the mail's link changes nothing by itself."""
    token = visit.param("token")
    try:
        with visit.reading() as work:
            contribution = guests.waiting_contribution(work, token)
    except ExpiredToken:
        contribution = None
    if contribution is None:
        return visit.page("contribute/delivered.html", status=410, outcome="gone")
    visit.speak(contribution.language)
    if contribution.state != State.DRAFT:
        return visit.page("contribute/delivered.html", outcome="already")
    return visit.page("contribute/deliver.html", token=token, title=contribution.title)


def deliver(visit: Visit) -> Response:
    """Confirm the address and hand it to the editors; a second time changes nothing."""
    try:
        with visit.unit_of_work() as work:
            contribution = guests.deliver(work, visit.param("token"))
    except ExpiredToken:
        contribution = None
    if contribution is None:
        return visit.page("contribute/delivered.html", status=410, outcome="gone")
    visit.speak(contribution.language)
    return visit.page("contribute/delivered.html", outcome="delivered")


def show_answer(visit: Visit) -> Response:
    """The editors' question and room for an answer."""
    with visit.reading() as work:
        return _answer_page(visit, work.session, _asked(visit, work.session))


def answer(visit: Visit) -> Response:
    """Answer by the mail's link, without signing in; what cannot be sent stays on the page."""
    text = visit.form["text"]
    try:
        with visit.unit_of_work() as work:
            asked = _asked(visit, work.session)
            if _is_open(work.session, asked):
                key = f"answer-{asked.question.id}"
                drafts.answer(work, asked.contribution, asked.member_id, text, key)
            elif not _is_answered_by(work.session, asked, text):
                raise Refusal(N_("This question is closed by now, so your answer was not sent."))
            return _answer_page(visit, work.session, asked)
    except Refusal as refusal:
        with visit.reading() as work:
            return _answer_page(visit, work.session, _asked(visit, work.session), refusal)


def show_co_author(visit: Visit) -> Response:
    """Did you write this together? Two buttons."""
    with visit.reading() as work:
        found = co_authors.invitation(work, visit.param("token"))
        return _co_author_page(visit, found)


def respond_co_author(visit: Visit) -> Response:
    """Yes or no, once."""
    with visit.unit_of_work() as work:
        accepts = visit.form["answer"] == "yes"
        found = co_authors.respond(work, visit.param("token"), accepts)
        return _co_author_page(visit, found)


def download(visit: Visit) -> Response:
    """A file, always as a download: nothing in it runs on our site. No cookie is looked at."""
    with visit.reading() as work:
        file = find_file(work.session, visit.param("name"))
        if file is None:
            raise HTTPException(404)
        headers = {
            "Content-Disposition": _attachment(file.shown_name),
            "Content-Security-Policy": ALONE,
            "Cache-Control": "private, max-age=3600",
        }
        return Response(file.content, media_type=file.media_type, headers=headers)


def _save_own(visit: Visit, kind: Kind, content: Content, member_id: int) -> Response:
    key, version = visit.form["form_key"], visit.version
    try:
        with visit.unit_of_work() as work:
            kept = drafts.save(work, kind, key, member_id, content, version)
        if visit.form["act"] != "submit":
            return form_page(visit, kind, content, contribution=kept, said="saved")
        with visit.unit_of_work() as work:
            own = drafts.find_own(work.session, kept.public_id, member_id)
            assert own is not None  # noqa: S101 - it was kept a moment ago
            drafts.submit(work, own, member_id)
        return visit.redirect(f"/me/contributions/{kept.public_id}")
    except Unfinished as unfinished:
        with visit.reading() as work:
            own = drafts.find_by_form(work.session, key, member_id)
        return form_page(visit, kind, content, contribution=own, problems=unfinished.problems)
    except Refusal as refusal:
        return _refused(visit, kind, content, member_id, refusal)


def _refused(
    visit: Visit, kind: Kind, content: Content, member_id: int, refusal: Refusal
) -> Response:
    """What was typed stays on the page, and sending once more wins over the other window."""
    with visit.reading() as work:
        own = drafts.find_by_form(work.session, visit.form["form_key"], member_id)
    is_open = own is not None and own.state in EDITABLE
    return form_page(visit, kind, content, contribution=own if is_open else None, refusal=refusal)


def _send_as_guest(visit: Visit, kind: Kind, content: Content) -> Response:
    form = visit.form
    problems = problems_of(kind, content)
    try:
        address = parse_address(form["email"])
        check_name(content.name)
        _check_limits(visit, address)
    except Refusal as refusal:
        problems.append(Problem(refusal.field or "", refusal.message))
    if problems:
        return form_page(visit, kind, content, problems=problems)
    if not form[HONEYPOT]:
        with visit.unit_of_work() as work:
            key = form["form_key"]
            guests.keep_for_guest(work, kind, key, address, content, visit.origin)
    return visit.page("contribute/check-inbox.html", address=address.shown, inbox=inbox_of(address))


def _check_limits(visit: Visit, address: Address) -> None:
    limits = visit.installation.limits
    try:
        is_fine = (
            all(limits.allow(limit, "contributions", limit_key(address)) for limit in PER_ADDRESS)
            and limits.allow(PER_NETWORK, "contributions", visit.network)
            and limits.allow(IN_ALL, "contributions")
        )
    except Unavailable:
        raise Refusal(
            N_("A part of the site does not answer just now. Please try again in a minute."),
            "email",
        ) from None
    if not is_fine:
        raise Refusal(N_("That is a lot in a short time. Please try again in an hour."), "email")


@dataclass(frozen=True)
class _Asked:
    """What an answering link belongs to."""

    contribution: Contribution
    question: ContributionMessage
    member_id: int


def _asked(visit: Visit, session: Session) -> _Asked:
    """What an answering link belongs to. Raises BrokenToken, also if it is gone."""
    parts = visit.installation.tokens.read(Purpose.ANSWER, visit.param("token"))
    try:
        contribution_id, member_id, message_id = (int(part) for part in parts)
    except ValueError:
        raise BrokenToken from None
    question = session.get(ContributionMessage, message_id)
    contribution = session.get(Contribution, contribution_id)
    if question is None or contribution is None:
        raise BrokenToken
    visit.speak(contribution.language)
    return _Asked(contribution, question, member_id)


def _is_open(session: Session, asked: _Asked) -> bool:
    latest = drafts.latest_question(session, asked.contribution.id)
    is_latest = latest is not None and latest.id == asked.question.id
    return is_latest and asked.contribution.state == State.QUESTION_ASKED


def _is_answered_by(session: Session, asked: _Asked, text: str) -> bool:
    """Whether this is the second click of the same answer."""
    key = f"answer-{asked.question.id}"
    kept = drafts.answered_with(session, asked.contribution.id, asked.member_id, key)
    return kept is not None and kept == drafts.tidy(text)


def _answer_page(
    visit: Visit, session: Session, asked: _Asked, refusal: Refusal | None = None
) -> Response:
    return visit.page(
        "contribute/answer.html",
        status=422 if refusal else 200,
        contribution=asked.contribution,
        question=asked.question,
        is_open=_is_open(session, asked),
        token=visit.param("token"),
        typed=visit.form["text"] if refusal else "",
        refusal=visit.say(refusal) if refusal else "",
    )


def _co_author_page(visit: Visit, found: tuple[CoAuthor, Contribution] | None) -> Response:
    if found is None:
        return visit.page("contribute/co-author.html", status=410, state="gone", title="", token="")
    invited, contribution = found
    visit.speak(contribution.language)
    return visit.page(
        "contribute/co-author.html",
        state=invited.state,
        title=contribution.title,
        token=visit.param("token"),
    )


def _kind(visit: Visit) -> Kind:
    try:
        return Kind(visit.param("kind"))
    except ValueError:
        raise HTTPException(404) from None


def _own_name(visit: Visit) -> str:
    viewer = visit.viewer
    return viewer.member.name if viewer and viewer.member.state == CONFIRMED else ""


def _words(typed: str) -> str:
    return strip_marks(typed).replace("\r\n", "\n").strip()


def _attachment(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"

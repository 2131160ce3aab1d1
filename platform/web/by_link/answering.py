"""What the links in our mails about contributions lead to; nobody has to sign in for them."""

from dataclasses import dataclass

from sqlalchemy.orm import Session
from starlette.responses import Response

from contributions import co_authors, drafts, guests
from contributions.models import CoAuthor, Contribution, ContributionMessage
from contributions.states import State
from core.errors import Refusal
from core.i18n import N_
from core.text import plain_lines
from core.tokens import BrokenToken, ExpiredToken, Purpose
from core.unit_of_work import UnitOfWork
from members.own_links import as_number
from web.forms import Ids, Text, Typed
from web.visit import Visit


@dataclass(frozen=True)
class Theirs(Typed):
    """What else that waits for their address they have written."""

    also: Ids


@dataclass(frozen=True)
class Answer(Typed):
    """What an author answers."""

    text: Text


@dataclass(frozen=True)
class Together(Typed):
    """Whether it was written together: yes or no."""

    answer: Text


def show_deliver(visit: Visit) -> Response:
    """One big button: the mail's link changes nothing by itself."""
    token = visit.param("token")
    try:
        with visit.reading() as work:
            contribution = guests.waiting_contribution(work, token)
            also = guests.also_waiting(work, contribution) if contribution is not None else []
    except ExpiredToken:
        contribution = None
    if contribution is None:
        return visit.page("contribute/delivered.html", status=410, outcome="gone", is_gone=True)
    visit.speak(contribution.language)
    if contribution.state != State.DRAFT:
        outcome = "delivered" if visit.query("said") == "delivered" else "already"
        return visit.page("contribute/delivered.html", outcome=outcome, is_gone=False)
    title = contribution.title
    return visit.page("contribute/deliver.html", token=token, title=title, also=also)


def deliver(visit: Visit) -> Response:
    """Confirm the address and hand it to the editors; a second time changes nothing."""
    token = visit.param("token")
    try:
        with visit.unit_of_work() as work:
            contribution = guests.deliver(work, token, Theirs.of(visit.form).also)
    except ExpiredToken:
        contribution = None
    if contribution is None:
        return visit.page("contribute/delivered.html", status=410, outcome="gone", is_gone=True)
    visit.speak(contribution.language)
    return visit.redirect(f"/contribute/deliver/{token}?said=delivered")


def show_answer(visit: Visit) -> Response:
    """The editors' question and room for an answer."""
    with visit.reading() as work:
        return _answer_page(visit, work.session, _asked(visit, work.session))


def answer(visit: Visit) -> Response:
    """Answer by the mail's link, without signing in; what cannot be sent stays on the page."""

    def act(work: UnitOfWork, asked: _Asked) -> None:
        text = Answer.of(visit.form).text
        if _is_open(work.session, asked):
            key = f"answer-{asked.question.id}"
            drafts.answer(work, asked.contribution, asked.member_id, text, key)
        elif not _is_answered_by(work.session, asked, text):
            raise Refusal(N_("This question is closed by now, so your answer was not sent."))

    return visit.act(
        lambda work: _asked(visit, work.session),
        act,
        then=lambda *_: f"/contribute/answer/{visit.param('token')}",
        refused=lambda work, asked, refusal: _answer_page(visit, work.session, asked, refusal),
    )


def show_co_author(visit: Visit) -> Response:
    """Did you write this together? Two buttons."""
    with visit.reading() as work:
        found = co_authors.invitation(work, visit.param("token"))
        by = co_authors.named_by(work.session, found[1]) if found else ""
        return _co_author_page(visit, found, by)


def respond_co_author(visit: Visit) -> Response:
    """Yes or no, once."""
    with visit.unit_of_work() as work:
        accepts = Together.of(visit.form).answer == "yes"
        co_authors.respond(work, visit.param("token"), accepts, visit.browsers_language)
    return visit.redirect(f"/contribute/co-author/{visit.param('token')}")


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
        contribution_id, member_id, message_id = map(as_number, parts)
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
    return kept is not None and kept == plain_lines(text)


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
        typed=Answer.of(visit.form).text if refusal else "",
        error=visit.wrong(refusal),
    )


def _co_author_page(visit: Visit, found: tuple[CoAuthor, Contribution] | None, by: str) -> Response:
    if found is None:
        return visit.page(
            "contribute/co-author.html", status=410, co_author=None, title="", token="", by=""
        )
    invited, contribution = found
    visit.speak(contribution.language)
    return visit.page(
        "contribute/co-author.html",
        co_author=invited,
        title=contribution.title,
        by=by,
        token=visit.param("token"),
    )

"""The page of a letter that was sent: corrected, taken out of the list, put back."""

from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from core.errors import Refusal
from core.i18n import LANGUAGES
from core.unit_of_work import Reading, UnitOfWork
from newsletters import correcting
from newsletters.models import Issue
from newsletters.states import IssueState
from newsletters.texts import keep_text
from web.forms import Text, Typed
from web.organiser.issues import find
from web.visit import Visit


@dataclass(frozen=True)
class Listing(Typed):
    """Whether the archive tells of it."""

    listed: Text


def show(visit: Visit) -> Response:
    """The texts as the archive has them."""
    with visit.reading() as work:
        issue = find(visit, work)
        if issue.state != IssueState.SENT:
            return visit.redirect(f"/organise/issues/{issue.id}")
        return _page(visit, work, issue)


def save(visit: Visit) -> Response:
    """Change what the archive says."""

    def act(work: UnitOfWork, issue: Issue) -> None:
        typed = [
            keep_text(
                text.language, text.subject, text.preheader,
                visit.form[f"title_{text.language}"], visit.form[f"body_{text.language}"],
            )
            for text in issue.texts
            if f"body_{text.language}" in visit.form
        ]  # fmt: skip
        correcting.correct(work, issue, typed, visit.version, visit.viewer_id)

    return visit.act(
        partial(find, visit),
        act,
        then=lambda issue, _: f"/newsletter/{issue.number}",
        refused=partial(_page, visit),
    )


def set_listed(visit: Visit) -> Response:
    """Take it out of the list, or put it back."""
    is_listed = Listing.of(visit.form).listed == "1"
    return visit.act(
        partial(find, visit),
        lambda work, issue: correcting.set_listed(
            work, issue, visit.viewer_id, is_listed=is_listed
        ),
        then=lambda issue, _: f"/organise/issues/{issue.id}/progress",
        refused=partial(_page, visit),
    )


def _page(visit: Visit, _work: Reading, issue: Issue, refusal: Refusal | None = None) -> Response:
    texts = [
        (
            text.language,
            str(visit.form.get(f"title_{text.language}", text.title)),
            str(visit.form.get(f"body_{text.language}", text.body)),
        )
        for code in LANGUAGES
        if (text := issue.text_in(code)) is not None
    ]
    return visit.page(
        "organiser/correct.html",
        status=422 if refusal else 200,
        issue=issue,
        version=visit.version if refusal else issue.version,
        texts=texts,
        error=visit.wrong(refusal),
    )

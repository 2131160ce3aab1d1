"""Earlier versions of a letter, what changed since, and the way back; and a copy of it."""

from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.i18n import N_, Message
from core.unit_of_work import UnitOfWork
from newsletters import issues, revisions
from newsletters.models import Issue
from web.organiser.issues import find, refused
from web.visit import Visit

FIELD_NAMES: dict[str, Message] = {
    "subject": N_("Subject"),
    "preheader": N_("Preheader"),
    "title": N_("Title above the text"),
    "body": N_("Text"),
}


def listing(visit: Visit) -> Response:
    """Each version with what was changed since."""
    with visit.reading() as work:
        issue = find(visit, work)
        found = [
            (one, [(each, visit.text(FIELD_NAMES[each.field])) for each in changed])
            for one in revisions.of(work.session, issue.id)
            if (changed := revisions.changes(issue, one))
        ]
        return visit.page("organiser/versions.html", issue=issue, versions=found)


def bring_back(visit: Visit) -> Response:
    """Let a draft say again what a version said; what it says now becomes a version."""

    def act(work: UnitOfWork, issue: Issue) -> None:
        kept = revisions.find(work.session, issue.id, visit.number("revision"))
        if kept is None:
            raise HTTPException(404)
        revisions.keep(work, issue, visit.viewer_id, always=True)
        texts = revisions.texts_in(kept)
        by, greeting = visit.viewer_id, kept.greeting
        issues.save_draft(work, issue.id, texts, issue.version, by, greeting)

    return visit.act(
        partial(find, visit),
        act,
        then=lambda issue, _: f"/organise/issues/{issue.id}?said=saved",
        refused=lambda _work, _issue, refusal: refused(visit, refusal),
    )


def copy(visit: Visit) -> Response:
    """A new draft with the same words."""
    with visit.unit_of_work() as work:
        made = issues.copy(work, find(visit, work))
    return visit.redirect(f"/organise/issues/{made.id}")

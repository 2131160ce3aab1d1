"""A letter after it was sent: its page is corrected, and taken out of the list or put back."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import update

from core.audit import audit
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_
from core.markdown import to_html
from core.unit_of_work import UnitOfWork
from newsletters import revisions
from newsletters.issues import THING
from newsletters.models import Issue
from newsletters.searching import put_words
from newsletters.states import IssueState
from newsletters.texts import Text, check_text


def correct(
    work: UnitOfWork, issue: Issue, typed: Sequence[Text], version: int, by: int | None
) -> None:
    """Change what the archive says; what was mailed stays as it is. The page says that it was.

    Raises Refusal if a text is not fit, it was not sent, or somebody else changed it meanwhile.
    """
    if issue.state != IssueState.SENT:
        raise Refusal(N_("This letter has not been sent yet: change it as it is."))
    checked = [check_text(*_fields(text)) for text in typed if issue.text_in(text.language)]
    if not _differs(issue, checked):
        return
    revisions.keep(work, issue, by, always=True)
    this = Issue.id == issue.id, Issue.version == version
    words = {"version": version + 1, "corrected_at": work.now, "changed_by": by}
    if not work.change(update(Issue).where(*this).values(**words, changed_at=work.now)):
        raise changed_meanwhile()
    for text in checked:
        row = issue.text_in(text.language)
        assert row is not None  # noqa: S101 - it is one of those
        row.title, row.body = text.title, text.body
        row.html = to_html(text.body, text.language, work.settings.base_url)
    work.session.flush()
    work.session.refresh(issue)
    put_words(work.session, issue)
    audit(work, by, "correct", THING, issue.id)


def _fields(text: Text) -> tuple[str, str, str, str, str]:
    return text.language, text.subject, text.preheader, text.title, text.body


def _differs(issue: Issue, typed: Sequence[Text]) -> bool:
    now = {one.language: one for one in revisions.texts_of(issue)}
    return any(
        replace(now[text.language], title=text.title, body=text.body) != now[text.language]
        for text in typed
    )


def set_listed(work: UnitOfWork, issue: Issue, by: int | None, *, is_listed: bool) -> None:
    """Let the archive and the feed tell of it, or not. Harmless to repeat."""
    other = Issue.id == issue.id, Issue.is_listed.is_not(is_listed)
    if work.change(update(Issue).where(*other).values(is_listed=is_listed)):
        audit(work, by, "list" if is_listed else "unlist", THING, issue.id)

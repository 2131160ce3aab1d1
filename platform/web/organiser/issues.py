"""Writing an issue: both languages side by side, saved as you type, with the mail beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.i18n import LANGUAGES, say_day
from core.unit_of_work import Reading, UnitOfWork
from mail.personal import SINCE, complete, fill
from mail.posting import render_email
from newsletters import arranging, checking, emails, issues
from newsletters.blocks import BLOCK_NAMES, BlockKind, blocks_of, items_in
from newsletters.greeting import GREETING_NAMES, Greeting
from newsletters.greeting import words_of as greeting_of
from newsletters.models import Issue, IssueText
from newsletters.showing import Known, look_up
from newsletters.states import IssueState
from newsletters.suggesting import shelf, suggestions, workshops_to_tell
from newsletters.texts import Text as Written
from newsletters.texts import keep_text
from web.forms import Form, Text, Typed, choice
from web.organiser.letter_frame import framed, nothing
from web.site.archive import a_page_of
from web.visit import Visit, Wrong

FIELDS = ("subject", "preheader", "title", "body")
"""What an issue says in each language."""


@dataclass(frozen=True)
class Tested(Typed):
    """To whom a test goes, and the version of what is written."""

    addresses: Text
    version: Text


@dataclass(frozen=True)
class Begun(Typed):
    """How the letter begins, and who writes it."""

    greeting: Annotated[str, choice(tuple(Greeting))]
    byline: Text


def _words_of(form: Form, code: str) -> list[str]:
    return [form[f"{name}_{code}"] for name in FIELDS]


def listing(visit: Visit) -> Response:
    """Drafts and sent issues."""
    with visit.reading() as work:
        sent, more = a_page_of(visit, work, for_organisers=True)
        return visit.page(
            "organiser/issues.html",
            now=visit.now,
            drafts=issues.drafts(work.session),
            sent=sent,
            more=more,
            discarded=issues.discarded(work.session),
        )


def create(visit: Visit) -> Response:
    """A new draft, or the one that was begun and left empty."""
    with visit.unit_of_work() as work:
        issue = issues.empty_draft(work.session) or issues.new_issue(work)
    return visit.redirect(f"/organise/issues/{issue.id}")


def discard(visit: Visit) -> Response:
    """Put a draft away, where it can be found again for 30 days."""
    with visit.unit_of_work() as work:
        issues.discard(work, find(visit, work).id, visit.viewer_id)
    return visit.redirect("/organise/issues")


def restore(visit: Visit) -> Response:
    """Take a draft out again."""
    number = visit.number("id")
    with visit.unit_of_work() as work:
        issues.restore(work, find(visit, work).id, visit.viewer_id)
    return visit.redirect(f"/organise/issues/{number}")


def edit(visit: Visit) -> Response:
    """The editor of a draft; what was sent is shown with its progress instead."""
    with visit.reading() as work:
        issue = find(visit, work)
        if issue.state != IssueState.DRAFT:
            return visit.redirect(f"/organise/issues/{issue.id}/progress")
        if issue.discarded_at is not None:
            return visit.redirect("/organise/issues")
        return editor(visit, work, issue, said=visit.query("said"))


def save(visit: Visit) -> Response:
    """Keep what is written."""
    return _act(visit, lambda work, _: keep(visit, work), "saved")


def autosave(visit: Visit) -> Response:
    """The same for the script that saves while somebody types."""
    try:
        with visit.unit_of_work() as work:
            issue = keep(visit, work)
            counts = issues.audience_of(work, issue)
            lags = _that_lag(visit, work, issue, counts)
    except Refusal as refusal:
        return visit.json({"error": visit.say(refusal)}, 409)
    said = {"version": issue.version, "by_language": counts.by_language, "lags": lags}
    return visit.json(said)


def preview(visit: Visit) -> Response:
    """The mail as it would be sent now, for the frame beside the editor."""
    with visit.reading() as work:
        issue = find(visit, work)
        text = issue.text_in(visit.param("language"))
        if text is None:
            return nothing()
        letter = render_email(work, emails.issue_letter(work, issue, text, with_all=True))
    values = _values(visit, issue, text)
    return framed(visit, fill(letter.html, values), fill(letter.text, values))


def send_test(visit: Visit) -> Response:
    """Send the draft to a few addresses, marked as a test."""

    def act(work: UnitOfWork, issue: Issue) -> None:
        kept = keep(visit, work) if "version" in visit.form else issue
        issues.send_test(work, kept.id, Tested.of(visit.form).addresses)

    return _act(visit, act, "tested")


def _act(visit: Visit, act: Callable[[UnitOfWork, Issue], object], said: str) -> Response:
    return visit.act(
        partial(find, visit),
        act,
        then=lambda issue, _: f"/organise/issues/{issue.id}?said={said}",
        refused=lambda _work, _issue, refusal: refused(visit, refusal),
    )


def find(visit: Visit, work: Reading) -> Issue:
    """The issue of the path."""
    issue = work.session.get(Issue, visit.number("id"))
    if issue is None:
        raise HTTPException(404)
    return issue


def editor(
    visit: Visit,
    work: Reading,
    issue: Issue,
    said: str = "",
    error: Wrong | None = None,
    texts: dict[str, Written | IssueText] | None = None,
    version: str = "",
    status: int = 200,
) -> Response:
    """The page of the editor, with what is kept or what was typed."""
    kept = {code: issue.text_in(code) for code in LANGUAGES}
    shown = kept | (texts or {})
    typed, audience = Tested.of(visit.form), issues.audience_of(work, issue)
    return visit.page(
        "organiser/issue.html",
        status=status,
        issue=issue,
        version=version or issue.version,
        texts=shown,
        languages=[
            code
            for code in LANGUAGES
            if code in visit.community.languages or kept[code] is not None
        ],
        audience=audience,
        lags=_that_lag(visit, work, issue, audience),
        addresses=typed.addresses or (visit.viewer.member.email if visit.viewer else ""),
        said=said,
        error=error,
        greetings=[(str(one), visit.text(words)) for one, words in GREETING_NAMES.items()],
        greeting=Begun.of(visit.form).greeting or issue.greeting,
        byline=Begun.of(visit.form).byline or issue.byline,
        parts={code: _parts(visit, work, text) for code, text in shown.items()},
        suggestions=[
            (visit.text(kind), slug, title) for kind, slug, title in suggestions(work, _told(issue))
        ],
        shelf=shelf(work, visit.language),
        workshops=workshops_to_tell(work),
    )


def _that_lag(
    visit: Visit, work: Reading, issue: Issue, audience: issues.Audience
) -> dict[str, str]:
    """What is to be said of a language that lags behind the other."""
    found = checking.that_lag(work, issue, audience.by_own_language)
    return {one.language: visit.text(one.words) for one in found}


def _told(issue: Issue) -> list[str]:
    return [slug for text in issue.texts for slug in items_in(text.body)]


def _parts(visit: Visit, work: Reading, text: Written | IssueText | None) -> list[tuple[str, str]]:
    """The parts of a text, as they are moved: what each is known by, and what it is."""
    parts = arranging.parts_of(text.body) if text else []
    known = look_up(work, blocks_of(text.body)) if text else Known()
    return [(arranging.mark_of(part), _called(visit, part, known)) for part in parts]


def _called(visit: Visit, part: str, known: Known) -> str:
    """A block by its kind and title, a text by how it begins."""
    block = next(iter(blocks_of(part)), None)
    if block is None or block.kind is BlockKind.TEXT:
        return " ".join(part.lstrip("#>- ").split())[:70]
    named = known.items.get(block.target) or known.workshops.get(block.target)
    title = named.title if named is not None else block.target
    words = block.words or ", ".join(one.alt for one in block.pictures) or title
    return f"{visit.text(BLOCK_NAMES[block.kind])}: {words}"[:90].rstrip(": ")


def refused(visit: Visit, refusal: Refusal) -> Response:
    """The editor again, with what was typed and why it could not be done."""
    with visit.reading() as work:
        issue = find(visit, work)
        if issue.state != IssueState.DRAFT:
            raise refusal
        typed: dict[str, Written | IssueText] = {
            code: Written(code, *_words_of(visit.form, code)) for code in _written_in(visit)
        }
        has_typed = bool(typed)
        # The version that was typed on, not today's: saving again must not overwrite a colleague.
        return editor(
            visit,
            work,
            issue,
            error=visit.wrong(refusal),
            texts=typed if has_typed else None,
            version=Tested.of(visit.form).version if has_typed else "",
            status=422,
        )


def _written_in(visit: Visit) -> list[str]:
    """The languages that the form has: one that is not offered any more stays as it was."""
    return [code for code in LANGUAGES if f"subject_{code}" in visit.form]


def keep(visit: Visit, work: UnitOfWork) -> Issue:
    """Keep what was typed, in the version that was seen. Raises Refusal."""
    if not visit.version:
        raise HTTPException(400)
    find(visit, work)
    typed = [keep_text(code, *_words_of(visit.form, code)) for code in _written_in(visit)]
    begun = Begun.of(visit.form)
    byline = begun.byline if "byline" in visit.form else None
    return issues.save_draft(
        work, visit.number("id"), typed, visit.version, visit.viewer_id, begun.greeting, byline
    )


def _values(visit: Visit, issue: Issue, text: IssueText) -> dict[str, str]:
    """What somebody would find in their own letter; of whoever looks at it."""
    name = (visit.viewer.member.name if visit.viewer else "") or "Anna"
    return complete(
        {
            "address": visit.viewer.member.email if visit.viewer else "",
            "greeting": greeting_of(issue.greeting, name, text.language),
            SINCE: say_day(visit.now.date(), text.language),
            "unsubscribe_url": "#",
            "preferences_url": "#",
        }
    )

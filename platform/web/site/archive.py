"""The public archive of the newsletter: a page for each issue and language, and a feed."""

from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.covers import Frame, address_of
from core.unit_of_work import Reading
from newsletters.archive import A_PAGE, beside, find_sent, page_blocks, sent_issues
from newsletters.emails import drawn_for, minutes_of
from newsletters.models import Issue, IssueText
from newsletters.showing import ShownBlock
from web import pages
from web.site.feed_answer import feed_answer
from web.visit import Visit

FEED_LENGTH = 20


def listing(visit: Visit) -> Response:
    """The issues, the newest first, page by page."""
    with visit.reading() as work:
        issues, more = a_page_of(visit, work)
    return visit.page("site/archive.html", issues=issues, more=more)


def a_page_of(
    visit: Visit, work: Reading, *, for_organisers: bool = False
) -> tuple[list[Issue], int]:
    """One page of issues, and the number before which the next one begins (or 0)."""
    before = visit.asked.number("before")
    found = sent_issues(work, A_PAGE + 1, before, for_organisers=for_organisers)
    more = (found[A_PAGE - 1].number or 0) if len(found) > A_PAGE else 0
    return found[:A_PAGE], more


def show(visit: Visit) -> Response:
    """One issue, in the language of the visit if it is written in it."""
    with visit.reading() as work:
        issue = find_sent(work, visit.number("number"))
        if issue is None:
            raise HTTPException(404)
        text = issue.text_in(visit.language) or issue.texts[0]
        blocks = page_blocks(work, text)
        around = beside(work, issue)
        palette, about = work.community.palette, drawn_for(issue, text)
        card = address_of(about, palette, Frame.CARD, "png")
    whole = f"{visit.installation.settings.base_url}{card}"
    picture = next((one.url for block in blocks for one in block.pictures), whole)
    drawn = address_of(about, palette, Frame.WIDE, "svg") if about else ""
    return visit.page(
        "site/issue.html", issue=issue, text=text, blocks=blocks, beside=around, picture=picture,
        drawn=drawn, minutes=minutes_of(text.body),
    )  # fmt: skip


def feed(visit: Visit) -> Response:
    """The Atom feed of one language (RFC 4287)."""
    with visit.reading() as work:
        issues = sent_issues(work, FEED_LENGTH)
        entries = [
            _entry(visit, issue, text, page_blocks(work, text))
            for issue in issues
            if (text := issue.text_in(visit.language))
        ]
    updated = issues[0].sent_at if issues else datetime.fromisoformat("2026-01-01T00:00:00Z")
    base = visit.installation.settings.base_url
    xml = pages.render(
        "site/feed.atom",
        visit.language,
        {
            "community": visit.community.name,
            "language": visit.language,
            "entries": entries,
            "updated": updated,
            "self_url": f"{base}{visit.url('/newsletter/feed.atom')}",
            "page_url": f"{base}{visit.url('/newsletter')}",
            "id": f"{base}/newsletter/{visit.language}",
        },
    )
    return feed_answer(visit, xml, "application/atom+xml")


def _entry(
    visit: Visit, issue: Issue, text: IssueText, blocks: list[ShownBlock]
) -> dict[str, object]:
    base = visit.installation.settings.base_url
    return {
        "title": text.heading,
        "url": f"{base}{visit.url(f'/newsletter/{issue.number}')}",
        "id": f"{base}/newsletter/{issue.number}/{text.language}",
        "at": issue.sent_at,
        "summary": text.preheader,
        "html": pages.render(
            "site/letter.html", visit.language, {"blocks": blocks, "language": visit.language}
        ),
        "updated": issue.corrected_at,
        "byline": "",
        "language": "",
    }

"""The outbox in the browser: only where mail stays on this machine, and only from it."""

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from mail.outbox import OutboxMail, find, mails
from web.middleware import LETTER_POLICY
from web.visit import Visit

ON_A_PAGE = 100
IN_JSON = 2000


def listing(visit: Visit) -> Response:
    """The newest mails."""
    address = visit.query("to")
    found = list(mails(visit.installation.settings.outbox, ON_A_PAGE, address))
    return visit.page("outbox/list.html", mails=found, address=address, most=ON_A_PAGE)


def listing_json(visit: Visit) -> Response:
    """The same for scripts: `?to=` chooses an address, `?limit=` how many (2,000 at the most)."""
    limit = min(visit.asked.number("limit") or IN_JSON, IN_JSON)
    found = mails(visit.installation.settings.outbox, limit, visit.query("to"))
    return visit.json([_as_json(mail) for mail in found])


def show(visit: Visit) -> Response:
    """One mail: as HTML on desktop, phone and in the dark, as text, with headers and links."""
    view = visit.query("view") if visit.query("view") in ("phone", "dark", "text") else "desktop"
    return visit.page("outbox/mail.html", mail=_find(visit), view=view)


def html(visit: Visit) -> Response:
    """The HTML part alone, for the frame; `?dark=1` as a dark mail program would show it."""
    content = _find(visit).html.replace("<head>", '<head><base target="_blank">', 1)
    if visit.query("dark"):
        content = content.replace("@media (prefers-color-scheme: dark)", "@media all")
    return Response(
        content, media_type="text/html", headers={"Content-Security-Policy": LETTER_POLICY}
    )


def source(visit: Visit) -> Response:
    """The mail as it would go over the wire."""
    return PlainTextResponse(_find(visit).source)


def _find(visit: Visit) -> OutboxMail:
    found = find(visit.installation.settings.outbox, visit.param("name"))
    if found is None:
        raise HTTPException(404)
    return found


def _as_json(mail: OutboxMail) -> dict[str, object]:
    return {
        "name": mail.name,
        "to": mail.to,
        "from": mail.sender,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "headers": mail.headers,
        "links": mail.links,
    }

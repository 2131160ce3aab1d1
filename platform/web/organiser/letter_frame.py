"""A letter in a frame: the bytes of the mail, in the light or in the dark, or its text."""

from starlette.responses import Response

from web.middleware import LETTER_POLICY
from web.visit import Visit

_FRAMED = {"Content-Security-Policy": LETTER_POLICY}


def nothing() -> Response:
    """The frame of a letter that is not written."""
    return Response("", media_type="text/html", headers=_FRAMED)


def framed(visit: Visit, html: str, text: str) -> Response:
    """What the visit asks for: `dark`, `text`, or the mail as it is."""
    if visit.query("text"):
        return Response(text, media_type="text/plain; charset=utf-8", headers=_FRAMED)
    if visit.query("dark"):
        html = html.replace("@media (prefers-color-scheme: dark)", "@media all")
    whole = html.replace("<head>", '<head><base target="_blank">', 1)
    return Response(whole, media_type="text/html", headers=_FRAMED)

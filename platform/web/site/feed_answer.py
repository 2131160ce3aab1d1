"""A feed as an answer: kept for ten minutes, and not sent again to a reader who has it."""

import hashlib

from starlette.responses import Response

from web.visit import Visit

KEPT = "public, max-age=600"


def feed_answer(visit: Visit, content: str, media_type: str) -> Response:
    """The feed, or 304 for a reader whose copy is the same."""
    body = content.encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": KEPT, "Vary": "Accept-Language, Cookie"}
    seen = visit.request.headers.get("if-none-match", "")
    if tag in (part.strip().removeprefix("W/") for part in seen[:2000].split(",")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)

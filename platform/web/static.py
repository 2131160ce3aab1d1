"""Static files, from memory, cached for ever under names that change with their content."""

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from web.pages import static_index
from web.visit import Visit


async def serve(visit: Visit) -> Response:
    """One static file."""
    file = static_index()[1].get(visit.param("name"))
    if file is None:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    content = file.content
    if "gzip" in visit.request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = file.packed, "gzip"
    return Response(content, media_type=file.media_type, headers=headers)


async def robots(visit: Visit) -> Response:
    """What search engines may read: the public pages, not the links of single people."""
    private = ("confirm", "not-me", "unsubscribe", "preferences", "sign-in", "me", "organise")
    lines = ["User-agent: *", *(f"Disallow: /{part}/" for part in private)]
    return PlainTextResponse("\n".join(lines) + "\n")

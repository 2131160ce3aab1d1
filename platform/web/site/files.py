"""Files and pictures, to anybody who knows their name. No cookie is looked at."""

from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.stored_files import find_file
from web.visit import Visit

ALONE = "default-src 'none'; frame-ancestors 'none'; sandbox"


def download(visit: Visit) -> Response:
    """A file, always as a download: nothing in it runs on our site. No cookie is looked at."""
    with visit.reading() as work:
        file = find_file(work.session, visit.param("name"))
        if file is None:
            raise HTTPException(404)
        headers = {
            "Content-Disposition": _attachment(file.shown_name),
            "Content-Security-Policy": ALONE,
            "Cache-Control": "private, max-age=3600",
        }
        return Response(file.content, media_type=file.media_type, headers=headers)


def picture(visit: Visit) -> Response:
    """A picture that we made, under a name that never changes its content."""
    with visit.reading() as work:
        file = find_file(work.session, visit.param("name"))
        if file is None or not file.media_type.startswith("image/"):
            raise HTTPException(404)
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": ALONE,
        }
        return Response(file.content, media_type=file.media_type, headers=headers)


def _attachment(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"

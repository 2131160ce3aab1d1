"""Files and pictures, to whoever may see what they belong to."""

from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.stored_files import Reader, Served, StoredFile, find_file
from web.visit import Visit

ALONE = "default-src 'none'; frame-ancestors 'none'; sandbox"
FOR_ALL = "public, max-age=31536000, immutable"
FOR_ONE = "private, no-cache"
SHOWN_TO_ALL = {"Cache-Control": FOR_ALL, "Cross-Origin-Resource-Policy": "cross-origin"}
"""Mails show them too: in a browser those are pages of another site."""


def download(visit: Visit) -> Response:
    """A file, always as a download: nothing in it runs on our site."""
    file, _ = _found(visit)
    headers = {"Content-Disposition": attachment(file.shown_name), "Cache-Control": FOR_ONE}
    return _answer(file, headers)


def picture(visit: Visit) -> Response:
    """A picture that we made, under a name that never changes its content."""
    file, served = _found(visit)
    if not file.media_type.startswith("image/"):
        raise HTTPException(404)
    return _answer(file, SHOWN_TO_ALL if served is Served.TO_ALL else {"Cache-Control": FOR_ONE})


def _found(visit: Visit) -> tuple[StoredFile, Served]:
    """The file of the path, if the viewer may have it. Raises HTTPException."""
    role = visit.viewer.role if visit.viewer else None
    reader = Reader(visit.viewer_id, role)
    with visit.reading() as work:
        file = find_file(work.session, visit.param("name"))
        if file is not None:
            for may_have in visit.installation.file_readers:
                served = may_have(work.session, file, reader)
                if served is not None:
                    return file, served
    raise HTTPException(404)


def _answer(file: StoredFile, headers: dict[str, str]) -> Response:
    alone = {"Content-Security-Policy": ALONE, **headers}
    return Response(file.content, media_type=file.media_type, headers=alone)


def attachment(name: str) -> str:
    """The header that lets a browser save a file under its name, and never open it as a page."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"

"""The files of the library, to whoever may see what they belong to: whole, or the part they ask."""

from collections.abc import Mapping
from pathlib import Path

import structlog
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response, StreamingResponse

from core.file_store import Part
from core.stored_files import StoredFile
from library.items import find_item, find_unshown
from library.materials import file_of
from library.models import Item
from members.roles import Permission
from web.site.files import ALONE, attachment
from web.visit import Visit

FOR_ALL = {
    # A file may be replaced under its address: what is kept is asked about again soon.
    "Cache-Control": "public, max-age=300",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
FOR_ONE = {"Cache-Control": "private, no-cache"}

log = structlog.get_logger()


def show(visit: Visit) -> Response:
    """The file of an item; whatever ending is asked for, it is the one that is there now."""
    name = visit.param("name")
    if name.partition(".")[0] != "file":
        raise HTTPException(404)
    with visit.reading() as work:
        item = _item(visit, work.session)
        file = file_of(work.session, item)
    if file is None:
        raise HTTPException(404)
    is_open = item.is_published and item.is_for_anyone
    return _answer(visit, file, FOR_ALL if is_open else FOR_ONE)


def _item(visit: Visit, session: Session) -> Item:
    slug = visit.param("slug")
    item = find_item(session, slug, visit.viewer is not None)
    if item is None and visit.may(Permission.EDIT_LIBRARY):
        item = find_unshown(session, slug)
    if item is None or not item.file:
        raise HTTPException(404)
    return item


def _answer(visit: Visit, file: StoredFile, cached: Mapping[str, str]) -> Response:
    headers = {
        "Content-Disposition": attachment(file.shown_name),
        "Content-Security-Policy": ALONE,
        **cached,
    }
    asked = visit.request.headers
    # Whoever goes on with what they have of another file is given the whole of this one.
    wanted = "" if "if-range" in asked else asked.get("range", "")
    found = visit.installation.files.find(file.name, wanted)
    if found is None:
        log.error("a file of the library is missing", file=file.name)
        raise HTTPException(404)
    if isinstance(found, Path):
        return FileResponse(found, headers=headers, media_type=file.media_type)
    return _passed_on(visit, found, file.media_type, headers)


def _passed_on(visit: Visit, part: Part, media_type: str, headers: dict[str, str]) -> Response:
    """From a bucket, chunk by chunk: none of it stays with us."""
    said = {"Accept-Ranges": "bytes", **part.headers, **headers}
    if visit.request.method == "HEAD":
        return Response(status_code=part.status, headers=said, media_type=media_type)
    return StreamingResponse(part.chunks, part.status, said, media_type)

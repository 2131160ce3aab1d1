"""Transcripts and chapters as files, as podcast programs fetch them (https://podcasting2.org)."""

import json

from starlette.exceptions import HTTPException
from starlette.responses import Response

from library import transcribing
from library.items import find_item
from library.models import Item, Transcript
from library.transcripts import chapters_json, chapters_kept, lines_kept, lines_written, webvtt
from web.site.library_files import FOR_ALL, FOR_ONE
from web.visit import Visit


def timed(visit: Visit) -> Response:
    """What is said, with times."""
    item, said = _said(visit)
    lines = lines_kept(said.lines)
    if not lines or lines[0].at is None:
        raise HTTPException(404)
    return _answer(item, webvtt(lines, item.seconds), "text/vtt")


def plain(visit: Visit) -> Response:
    """What is said, in words alone."""
    item, said = _said(visit)
    if not said.lines:
        raise HTTPException(404)
    untimed = [{**one, "at": None} for one in said.lines]
    return _answer(item, lines_written(untimed) + "\n", "text/plain")


def chapters(visit: Visit) -> Response:
    """Where its parts begin."""
    item, said = _said(visit)
    parts = chapters_kept(said.chapters)
    if not parts:
        raise HTTPException(404)
    told = json.dumps(chapters_json(parts), ensure_ascii=False)
    return _answer(item, told, "application/json+chapters")


def _said(visit: Visit) -> tuple[Item, Transcript]:
    with visit.reading() as work:
        item = find_item(work.session, visit.param("slug"), visit.viewer is not None)
        said = transcribing.find(work.session, item.id) if item else None
    # What came with a feed is its makers' to give.
    if item is None or said is None or item.is_from_feed or not item.is_published:
        raise HTTPException(404)
    return item, said


def _answer(item: Item, content: str, media_type: str) -> Response:
    if not item.is_for_anyone:
        return Response(content, headers=FOR_ONE, media_type=media_type)
    # Players that are pages themselves read it too.
    open_to_all = {**FOR_ALL, "Access-Control-Allow-Origin": "*"}
    return Response(content, headers=open_to_all, media_type=media_type)

"""Lists of people as files: safe for spreadsheets, and marked so that Excel reads their letters."""

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

from core.audit import audit
from core.formulas import safe_cell
from web.organiser.one_workshop import found
from web.visit import Visit
from workshops.invitation import participants

MARK = b"\xef\xbb\xbf"


def csv_line(cells: Sequence[str]) -> bytes:
    """One line; a cell that a spreadsheet would run stays text."""
    written = io.StringIO()
    csv.writer(written).writerow([safe_cell(cell) for cell in cells])
    return written.getvalue().encode()


def as_file(rows: Iterable[Sequence[str]], name: str) -> Response:
    """A short list to take along."""
    content = MARK + b"".join(csv_line(row) for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def of_workshop(visit: Visit) -> Response:
    """Those who have, had or asked for a place, and what they answered for all to read."""
    with visit.unit_of_work() as work:
        workshop = found(visit, work)
        audit(work, visit.my_id, "export", "workshop", workshop.id)
        rows = list(participants.rows(work.session, workshop, visit.language))
    return as_file(rows, f"workshop-{workshop.public_id}.csv")

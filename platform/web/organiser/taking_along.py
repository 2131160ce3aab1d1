"""Lists of people as files: safe for spreadsheets, and marked so that Excel reads their letters."""

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

from core.audit import audit
from core.formulas import safe_cell
from core.i18n import DEFAULT_LANGUAGE, row_of
from web.organiser.one_workshop import found
from web.visit import Visit
from workshops.invitation import participants

MARK = b"\xef\xbb\xbf"


def csv_line(cells: Sequence[str], language: str = DEFAULT_LANGUAGE) -> bytes:
    """One line; a cell that a spreadsheet would run stays text.

    Its cells are apart as a spreadsheet of that language expects: where numbers have a comma, by
    semicolons.
    """
    written = io.StringIO()
    separator = row_of(language).between_cells
    csv.writer(written, delimiter=separator).writerow([safe_cell(cell) for cell in cells])
    return written.getvalue().encode()


def as_file(rows: Iterable[Sequence[str]], name: str, language: str) -> Response:
    """A short list to take along."""
    content = MARK + b"".join(csv_line(row, language) for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def of_workshop(visit: Visit) -> Response:
    """Those who have, had or asked for a place, and what they answered for all to read."""
    with visit.unit_of_work() as work:
        workshop = found(visit, work)
        audit(work, visit.my_id, "export", "workshop", workshop.id)
        rows = list(participants.rows(work.session, workshop, visit.language))
    return as_file(rows, f"workshop-{workshop.public_id}.csv", visit.language)

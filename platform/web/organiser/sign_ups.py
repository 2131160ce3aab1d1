"""Blocked sign-ups: who wanted in, what stopped them, and letting a person in."""

from starlette.responses import Response

from core.audit import audit
from members import blocking
from members.blocking import REASONS
from web.visit import Visit


def listing(visit: Visit) -> Response:
    """What was blocked in the last seven days."""
    with visit.reading() as work:
        kept = blocking.blocked_sign_ups(work.session)
        count = blocking.count_blocked(work.session)
        unkept = blocking.unkept(work.session)
    reasons = {str(block): words.text(visit.language) for block, words in REASONS.items()}
    return visit.page(
        "organiser/sign-ups.html", kept=kept, count=count, unkept=unkept, reasons=reasons
    )


def let_in(visit: Visit) -> Response:
    """Send the mail that was held back; a second click finds nothing to do."""
    with visit.unit_of_work() as work:
        if blocking.let_in(work, visit.number("id")):
            audit(work, visit.viewer_id, "let in", "sign-up", visit.number("id"))
    return visit.redirect("/organise/people/sign-ups")


def drop(visit: Visit) -> Response:
    """Forget a sign-up before its week is over."""
    with visit.unit_of_work() as work:
        if blocking.drop(work, visit.number("id")):
            audit(work, visit.viewer_id, "drop", "sign-up", visit.number("id"))
    return visit.redirect("/organise/people/sign-ups")

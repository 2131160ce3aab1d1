"""Today: what waits for the organisers, and how the community is."""

from sqlalchemy import func, select
from starlette.responses import Response

from contributions.desk import waiting_counts
from members.audience import count_by_language, left_out
from members.blocking import count_blocked
from members.consent import NEWSLETTER
from members.models import PENDING, Member
from newsletters import issues
from newsletters.archive import sent_issues
from web import health
from web.visit import Visit
from workshops import notices
from workshops.overview import undecided


def show(visit: Visit) -> Response:
    """Readers by language, who has not confirmed yet, drafts, and the last letters."""
    missing = [visit.text(part) for part in health.missing(visit.installation)]
    with visit.reading() as work:
        today = work.now.date()
        latest = sent_issues(work.session, limit=3)
        return visit.page(
            "organiser/today.html",
            missing=missing,
            readers=count_by_language(work.session, NEWSLETTER, today),
            left_out=left_out(work.session, NEWSLETTER, today),
            pending=work.session.scalar(select(func.count()).where(Member.state == PENDING)),
            blocked=count_blocked(work.session),
            desk=waiting_counts(work.session),
            told=notices.all_held(work),
            undecided=[(it.public_id, it.title, count) for it, count in undecided(work.session)],
            drafts=issues.drafts(work.session),
            sent=[(issue, issues.status(work.session, issue)) for issue in latest],
        )

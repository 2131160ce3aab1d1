"""Today: what waits for the organisers, and how the community is."""

from sqlalchemy import func, select
from starlette.responses import Response

from contributions import inquiries, questions
from contributions.desk import waiting_counts
from mail import reasons
from members import growth, signing_in
from members.audience import count_by_language, left_out
from members.blocking import count_blocked
from members.consent import NEWSLETTER
from members.models import Member
from members.roles import Permission, may
from members.states import MemberState
from newsletters import issues, sending
from newsletters.archive import sent_issues
from web import health
from web.organiser import growth as growth_page
from web.visit import Visit
from workshops.conduct import notices
from workshops.invitation.overview import undecided


def show(visit: Visit) -> Response:
    """Readers by language, who has not confirmed yet, drafts, and the last letters."""
    missing = [visit.text(part) for part in health.missing(visit.installation)]
    with visit.reading() as work:
        today = work.now.date()
        latest = sent_issues(work, limit=3, for_organisers=True)
        return visit.page(
            "organiser/today.html",
            missing=missing,
            mail_waits=reasons.standing(work.session),
            readers=count_by_language(work.session, NEWSLETTER, today),
            left_out=left_out(work.session, NEWSLETTER, today),
            pending=work.session.scalar(
                select(func.count()).where(Member.state == MemberState.PENDING)
            ),
            blocked=count_blocked(work.session),
            unusual=growth.unusual(work.session, work.now),
            bars=growth_page.bars(visit, growth.weeks(work.session, today)),
            held_back=signing_in.held_back(work),
            answers_to=visit.community.mailbox.header,
            desk=waiting_counts(work.session),
            messages=inquiries.waiting(work.session),
            answers=questions.waiting(work.session),
            told=notices.all_held(work),
            undecided=[
                (workshop.public_id, workshop.title, count)
                for workshop, count in undecided(work.session)
            ],
            now=work.now,
            drafts=issues.drafts(work.session) if _may(visit, Permission.WRITE_ISSUES) else [],
            sent=[(issue, sending.status(work.session, issue)) for issue in latest],
        )


def _may(visit: Visit, permission: Permission) -> bool:
    return visit.viewer is not None and may(visit.viewer.role, permission)

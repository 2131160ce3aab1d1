"""One reader's own copy of a letter, as it would come to them now."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.i18n import N_, Message
from core.unit_of_work import Reading
from mail.personal import HAS_SECTION, SINCE, as_said, complete, fill, sections_of
from mail.posting import render_email
from members.consent import NEWSLETTER
from members.models import Member
from members.receiving import receives
from members.segments import Segment
from newsletters import emails, sending
from newsletters.greeting import words_of
from newsletters.models import Issue

NOWHERE = {"unsubscribe_url": "#", "preferences_url": "#"}
"""Whoever looks at somebody's copy is given none of their links."""


@dataclass(frozen=True)
class Copy:
    """What a reader finds in their mailbox; for one who gets nothing, what it would be, and why."""

    language: str
    subject: str
    html: str
    text: str
    kept_from: Message | None


def copy_for(work: Reading, issue: Issue, segment: Segment, member: Member) -> Copy | None:
    """The copy of a member; None while nothing is written."""
    found = sending.values_of(work, issue, segment, member.id)
    text = issue.shown_in(found[0] if found else member.language)
    if text is None:
        return None
    email = emails.issue_letter(work, issue, text)
    letter = render_email(work, email)
    greeting = words_of(issue.greeting, member.name, text.language)
    kept = found[1] if found else {"greeting": greeting, SINCE: f"{work.now:%Y-%m-%d}"}
    own = {name: as_said(name, value, text.language) for name, value in kept.items()}
    values = complete({"address": member.email, **own, **NOWHERE}) | _sections(own, email.sections)
    return Copy(
        text.language,
        text.subject,
        fill(letter.html, values),
        fill(letter.text, values),
        None if found else _why_not(work, member),
    )


def _sections(own: Mapping[str, str], sections: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return sections_of(sections, [name for name in sections if own.get(name) == HAS_SECTION])


def _why_not(work: Reading, member: Member) -> Message:
    letters = next(one for one in receives(work, member) if one.topic == NEWSLETTER)
    if letters.is_so:
        return N_("they are not among the readers that were chosen")
    return letters.why

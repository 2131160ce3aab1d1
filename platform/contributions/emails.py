"""The mails about contributions: one function each. Subjects differ, so that none is overlooked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from contributions.models import CoAuthor, Contribution, ContributionMessage
from contributions.states import Letter
from core.i18n import N_, Message, say_date
from core.tokens import Purpose
from core.unit_of_work import UnitOfWork
from library.models import Item
from library.states import ItemState
from mail.links import Links
from mail.posting import Email
from members.models import Member

OWN = N_("You get this because you sent this in.")
ASKED = N_("You get this because you are an editor of this community.")

PERSON_ACCEPTED = N_(
    "Thank you for this suggestion. We would like to hold a learning conversation with this person."
)
DEFAULT_WORDS = {
    Letter.ACCEPTED: N_(
        "Thank you for this. We have read it with pleasure and would like to publish it."
    ),
    Letter.DECLINED: N_(
        "Thank you for sending us this. We have read it, and will not publish it this time: it "
        "does not fit what we are working on now. Please do write to us again."
    ),
}


def default_words(letter: Letter, is_person: bool) -> Message:
    """What a decision says until an editor changes it."""
    return PERSON_ACCEPTED if is_person and letter is Letter.ACCEPTED else DEFAULT_WORDS[letter]


def deliver(work: UnitOfWork, contribution: Contribution, member: Member) -> Email:
    """Asks a visitor whether the address is theirs. Holds nothing that they typed."""
    links = Links.of(work.settings, work.tokens)
    token = work.tokens.sign(Purpose.DELIVER, contribution.id, member.id)
    email = _email(
        "deliver",
        member,
        N_("You get this because this address was written into a form on our site."),
        {"deliver_url": links.to(f"/contribute/deliver/{token}")},
        priority=10,
    )
    return replace(email, is_unasked=True)


def receipt(work: UnitOfWork, contribution: Contribution, member: Member) -> Email:
    """The mail that says that it has arrived, and what happens next."""
    return _about("receipt", work, contribution, member, OWN)


def question(
    work: UnitOfWork, contribution: Contribution, member: Member, asked: ContributionMessage
) -> Email:
    """An editor's question, to be answered by the mail's own link."""
    links = Links.of(work.settings, work.tokens)
    token = work.tokens.sign(Purpose.ANSWER, contribution.id, member.id, asked.id)
    more = {"question": asked.text, "answer_url": links.to(f"/contribute/answer/{token}")}
    return _about("question", work, contribution, member, OWN, more)


def reply(
    work: UnitOfWork, contribution: Contribution, editor: Member, answer: ContributionMessage
) -> Email:
    """The author's answer, to the editor."""
    more = {"answer": answer.text, "desk_url": _desk(work, contribution, editor)}
    return _about("reply", work, contribution, editor, ASKED, more)


def decision(
    work: UnitOfWork, contribution: Contribution, member: Member, letter: Letter, words: str
) -> Email:
    """What the editors decided, in their words."""
    reason = N_("You get this because you sent this in, and we have decided about it.")
    paragraphs = [part.strip() for part in words.split("\n\n") if part.strip()]
    more = {"paragraphs": paragraphs, "is_person": contribution.kind == "interviewee"}
    return _about(str(letter), work, contribution, member, reason, more)


def agree_to_text(work: UnitOfWork, contribution: Contribution, member: Member) -> Email:
    """An editor changed the text: the author reads what, and agrees or not."""
    return _about("agree-to-text", work, contribution, member, OWN)


def published(work: UnitOfWork, contribution: Contribution, member: Member, item: Item) -> Email:
    """The mail that says that it is published, with its address in the library."""
    links = Links.of(work.settings, work.tokens)
    more = {"item_url": links.to(f"/library/{item.slug}", member.language)}
    assert item.state == ItemState.PUBLISHED  # noqa: S101 - it was published a moment ago
    return _about("published", work, contribution, member, OWN, more)


def co_author(work: UnitOfWork, invited: CoAuthor, member: Member) -> Email:
    """Somebody says that this person wrote something too; who, and what, stands behind the link.

    It goes to whoever anybody names, so it says nothing that anybody typed.
    """
    links = Links.of(work.settings, work.tokens)
    token = work.tokens.sign(Purpose.CO_AUTHOR, invited.id, member.id)
    url: object = links.to(f"/contribute/co-author/{token}")
    reason = N_(
        "You get this because somebody named you as a co-author: your address is from them."
    )
    return replace(_email("co-author", member, reason, {"co_author_url": url}), is_unasked=True)


def draft_reminder(work: UnitOfWork, contribution: Contribution, member: Member) -> Email:
    """A draft has been lying for a while. Sent once."""
    reason = N_("You get this once, because a draft of yours is waiting.")
    return _about("draft-reminder", work, contribution, member, reason)


def follow_up(work: UnitOfWork, contribution: Contribution, editor: Member) -> Email:
    """Nothing has been heard of a person whom somebody suggested."""
    more = {"desk_url": _desk(work, contribution, editor)}
    return _about("follow-up", work, contribution, editor, ASKED, more)


def desk_digest(
    work: UnitOfWork, editor: Member, new: int, agreed: int, title: str = "", asked: int = 0
) -> Email:
    """What came to the desk, and what its authors have agreed to, since yesterday.

    With a title, of this one alone.
    """
    links = Links.of(work.settings, work.tokens)
    more = {"new": new, "agreed": agreed, "title": title, "asked": asked,
            "desk_url": links.to("/organise/contributions", editor.language)}  # fmt: skip
    reason = N_("You get this because you are an editor of this community.")
    return _email("desk-digest", editor, reason, more)


def inquiry(work: UnitOfWork, editor: Member) -> Email:
    """To an editor: somebody wrote to us. What it says is read on the desk."""
    links = Links.of(work.settings, work.tokens)
    url = links.to("/organise/messages", editor.language)
    return _email("inquiry", editor, ASKED, {"desk_url": url})


def inquiry_answer(
    work: UnitOfWork, language: str, asked_at: datetime, text: str, written_by: str
) -> Email:
    """To whoever wrote to us: what an editor answers. Holds nothing that they typed."""
    day = say_date(asked_at, language, work.settings.time_zone)
    return Email(
        template="contributions/inquiry-answer",
        language=language,
        reason=N_("You get this because somebody wrote to us with this address."),
        context={"day": day, "paragraphs": text.split("\n\n")},
        priority=30,
        written_by=written_by,
    )


def _about(
    name: str,
    work: UnitOfWork,
    contribution: Contribution,
    member: Member,
    reason: Message,
    more: Mapping[str, object] | None = None,
) -> Email:
    links = Links.of(work.settings, work.tokens)
    page_url = links.to(f"/me/contributions/{contribution.public_id}", member.language)
    title = " ".join(contribution.title.split())[:200]
    context: dict[str, object] = {"title": title, "own_url": page_url, **(more or {})}
    return _email(name, member, reason, context)


def _email(
    name: str, member: Member, reason: Message, context: dict[str, object], priority: int = 40
) -> Email:
    return Email(
        template=f"contributions/{name}",
        language=member.language,
        reason=reason,
        context=context,
        priority=priority,
    )


def _desk(work: UnitOfWork, contribution: Contribution, editor: Member) -> str:
    links = Links.of(work.settings, work.tokens)
    return links.to(f"/organise/contributions/{contribution.public_id}", editor.language)

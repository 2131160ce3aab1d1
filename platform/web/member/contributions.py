"""My contributions: where each is, what comes next, the thread, and everything an author may do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contributions import attachments, co_authors, drafts
from contributions.difference import changes
from contributions.kinds import FORMS, SUMMARY, TITLE, Kind
from contributions.models import Contribution
from contributions.moving import was_done
from contributions.people import co_authors_of
from contributions.publishing import public_html
from contributions.states import (
    ACTION_WORDS,
    EDITABLE,
    Action,
    State,
    actions_for,
    authors_words,
    next_step,
)
from core.actors import Actor, Who
from core.addresses import Address
from core.errors import Refusal
from core.i18n import N_
from core.stored_files import Checked
from core.unit_of_work import Reading, UnitOfWork
from core.uploads import ACCEPT, check_upload
from library.items import of_source
from library.kinds import BOUNDARY_NAMES, LICENCE_NAMES
from web.forms import OwnAddress, Text, Typed, Upload
from web.limits import check_unasked
from web.site.contribute import form_page
from web.visit import Visit


@dataclass(frozen=True)
class Reply(Typed):
    """An answer to the editors."""

    text: Text
    form_key: Text


@dataclass(frozen=True)
class CoAuthor(Typed):
    """Somebody who wrote it too."""

    email: OwnAddress
    name: Text


TYPED = ("text", "email", "name")
"""What stays on the page when it was refused."""


def listing(visit: Visit) -> Response:
    """The member’s contributions, each with where it stands and what comes next."""
    with visit.reading() as work:
        contributions = drafts.own_contributions(work.session, visit.my_id)
    return visit.page(
        "member/contributions.html",
        contributions=contributions,
        words=authors_words,
        forms=FORMS,
        steps=next_step,
    )


def show(visit: Visit) -> Response:
    """One of the member’s contributions: its text, what was said about it, and what can be done."""
    with visit.reading() as work:
        return _page(visit, work, _own(visit, work))


def edit(visit: Visit) -> Response:
    """The form with what I wrote, while it may still be changed."""
    with visit.reading() as work:
        contribution = _own(visit, work)
        if contribution.state not in EDITABLE:
            return visit.redirect(f"/me/contributions/{contribution.public_id}")
        content = contribution.content
        said = visit.query("said")
        return form_page(
            visit, Kind(contribution.kind), content, contribution=contribution, said=said
        )


def reply(visit: Visit) -> Response:
    """Answer the editors' question."""
    typed = Reply.of(visit.form)
    return _act(
        visit,
        lambda work, contribution: drafts.answer(
            work, contribution, visit.my_id, typed.text, typed.form_key
        ),
    )


def agree(visit: Visit) -> Response:
    """Agree to the text and its licence."""
    act = partial(drafts.agree, author_id=visit.my_id, version=visit.version)
    return _act(visit, act, Action.AGREE)


def withdraw(visit: Visit) -> Response:
    """Take it back before it is published."""
    act = partial(drafts.withdraw, author_id=visit.my_id, version=visit.version)
    return _act(visit, act, Action.WITHDRAW)


def retract(visit: Visit) -> Response:
    """Take back what is published."""
    actor = _author(visit)
    act = partial(drafts.take_back, actor=actor, version=visit.version)
    return _act(visit, act, Action.RETRACT)


def discard(visit: Visit) -> Response:
    """Delete a draft; what is gone already is as good as deleted."""
    me = visit.my_id
    with visit.reading() as work:
        if drafts.find_own(work.session, visit.param("public_id"), me) is None:
            return visit.redirect("/me/contributions")
    return visit.act(
        partial(_own, visit),
        lambda work, contribution: drafts.discard(work, contribution, me, visit.version),
        then=lambda *_: "/me/contributions",
        refused=partial(_refused_page, visit),
    )


def resubmit(visit: Visit) -> Response:
    """A new draft with the words of a withdrawn one."""
    return visit.act(
        partial(_own, visit),
        lambda work, contribution: drafts.resubmit(work, contribution, visit.my_id),
        then=lambda _, copy: f"/me/contributions/{copy.public_id}/edit",
        refused=partial(_refused_page, visit),
    )


def attach(visit: Visit) -> Response:
    """Add files: those that can be kept are, and each of the others is told why not."""
    if not visit.form.uploads:
        return _refused(visit, Refusal(N_("Please choose a file first."), "files"))
    # Before the transaction: making a picture anew takes a while.
    checked, refusals = _checked(visit.form.uploads)
    try:
        with visit.unit_of_work() as work:
            contribution = _own(visit, work)
            refusals += _kept_or_refused(work, contribution, checked)
            public_id = contribution.public_id
    except Refusal as refusal:
        refusals.append(refusal)
    if refusals:
        return _refused(visit, *refusals)
    return visit.redirect(f"/me/contributions/{public_id}")


def _checked(uploads: Sequence[Upload]) -> tuple[list[Checked], list[Refusal]]:
    checked, refusals = [], []
    for upload in uploads:
        try:
            checked.append(check_upload(upload.name, upload.content))
        except Refusal as refusal:
            refusals.append(refusal)
    return checked, refusals


def _kept_or_refused(
    work: UnitOfWork, contribution: Contribution, files: Sequence[Checked]
) -> list[Refusal]:
    """Keep what there is room for; of one reason that holds for many, tell it once."""
    refusals: dict[str, Refusal] = {}
    for file in files:
        try:
            attachments.attach(work, contribution, file)
        except Refusal as refusal:
            refusals.setdefault(refusal.message.source, refusal)
    return list(refusals.values())


def detach(visit: Visit) -> Response:
    """Take a file off."""
    return _act(
        visit, lambda work, contribution: attachments.detach(work, contribution, visit.number("id"))
    )


def invite(visit: Visit) -> Response:
    """Ask somebody whether they wrote it too."""
    try:
        typed = CoAuthor.of(visit.form)
        _check_limits(visit, typed.email)
    except Refusal as refusal:
        return _refused(visit, refusal)

    def act(work: UnitOfWork, contribution: Contribution) -> None:
        co_authors.invite(work, contribution, visit.me.member, typed.email, typed.name)

    return _act(visit, act)


def uninvite(visit: Visit) -> Response:
    """Take a co-author off again."""
    return _act(
        visit,
        lambda work, contribution: co_authors.remove(
            work, contribution, visit.number("id"), _author(visit)
        ),
    )


def _act(
    visit: Visit,
    act: Callable[[UnitOfWork, Contribution], object],
    action: Action | None = None,
) -> Response:
    return visit.act(
        partial(_own, visit),
        act,
        then=_path,
        refused=lambda work, contribution, refusal: (
            _again(visit, work, contribution, action)
            or _page(visit, work, contribution, (refusal,))
        ),
    )


def _path(contribution: Contribution, _done: object = None) -> str:
    return f"/me/contributions/{contribution.public_id}"


def _again(
    visit: Visit, work: Reading, contribution: Contribution, action: Action | None
) -> Response | None:
    """Where a second click of the same button ends: there is nothing left to do."""
    if action is None or not was_done(
        work.session, contribution, action, visit.my_id, visit.version
    ):
        return None
    return visit.redirect(_path(contribution))


def _refused_page(
    visit: Visit, work: Reading, contribution: Contribution, refusal: Refusal
) -> Response:
    return _page(visit, work, contribution, (refusal,))


def _refused(visit: Visit, *refusals: Refusal) -> Response:
    with visit.reading() as work:
        return _page(visit, work, _own(visit, work), refusals)


def _page(
    visit: Visit, work: Reading, contribution: Contribution, refusals: Sequence[Refusal] = ()
) -> Response:
    state, kind = State(contribution.state), Kind(contribution.kind)
    content = contribution.content
    before = drafts.authors_last_text(work.session, contribution.id)
    return visit.page(
        "member/contribution.html",
        status=422 if refusals else 200,
        contribution=contribution,
        content=content,
        form=FORMS[kind],
        common=(TITLE, SUMMARY),
        words=authors_words(state, kind is Kind.INTERVIEWEE),
        next_step=next_step(state, kind is Kind.INTERVIEWEE),
        actions=actions_for(state, Who.AUTHOR, kind is Kind.INTERVIEWEE),
        action=Action,
        action_words=ACTION_WORDS,
        can_edit=state in EDITABLE,
        changes=changes(kind, before.content, content) if before else [],
        as_published=Markup(  # noqa: S704 - cleaned by nh3
            contribution.html or public_html(kind, content, visit.installation.settings.base_url)
        ),
        messages=drafts.messages(work.session, contribution.id, with_notes=False),
        co_authors=co_authors_of(work.session, contribution.id),
        files=attachments.files_of(work.session, contribution.id),
        item=of_source(work.session, f"contribution:{contribution.id}"),
        form_key=Reply.of(visit.form).form_key or drafts.new_form_key(),
        licences=LICENCE_NAMES,
        boundaries=BOUNDARY_NAMES,
        refusals=[visit.say(refusal) for refusal in refusals],
        accept=ACCEPT,
        typed={name: visit.form[name] if refusals else "" for name in TYPED},
        me=visit.my_id,
    )


def _check_limits(visit: Visit, address: Address) -> None:
    """A mail to somebody who did not ask for it is a scarce thing. Raises Refusal."""
    check_unasked(visit, "co-authors", address, ("10/day", str(visit.my_id)), field="email")


def _own(visit: Visit, work: Reading) -> Contribution:
    contribution = drafts.find_own(work.session, visit.param("public_id"), visit.my_id)
    if contribution is None:
        raise HTTPException(404)
    return contribution


def _author(visit: Visit) -> Actor:
    return Actor(visit.my_id, Who.AUTHOR)

"""The editors' desk: the inbox, one contribution, and every act of an editor."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contributions import attachments, desk, drafts, people
from contributions.desk import WAY_NAMES, Filter
from contributions.difference import changes
from contributions.kinds import FORMS, SUMMARY, TITLE, Content, Kind
from contributions.models import Contribution
from contributions.moving import was_done
from contributions.people import authors_of, co_authors_of, editors
from contributions.publishing import Interview, public_html, publish_contribution
from contributions.states import (
    ACTION_WORDS,
    DONE_WORDS,
    EDITORS_WORDS,
    ON_THE_DESK,
    REVISABLE,
    Action,
    State,
    actions_for,
)
from core.actors import Actor, Who
from core.audit import history
from core.errors import Refusal
from core.text import one_line, plain_lines
from core.unit_of_work import Reading, UnitOfWork
from library.items import of_source
from library.kinds import BOUNDARY_NAMES, LICENCE_NAMES
from members.roles import Permission
from web.organiser.desk_forms import Hearing, Leaning, Letter, Published, Said, Taker
from web.site.contribute import content_of
from web.visit import Visit

PLAIN = (Action.OPEN, Action.ACCEPT, Action.DECLINE, Action.REOPEN, Action.APPROACH,
         Action.AGREES_TO_TALK, Action.RECORD, Action.PERSON_DECLINES)  # fmt: skip
"""Steps that need no words of the editor's."""


BECOMES_A_WORKSHOP = (State.IN_REVIEW, State.ACCEPTED, State.AGREED, State.PUBLISHED)
"""A topic in these states may be the focus of a workshop."""

TYPED = ("text", "topics", "words", "interview_title", "interview_text", "interview_recording")
"""What stays on the page when it was refused."""


def inbox(visit: Visit) -> Response:
    """What waits, by state and age; the filters stay in the address."""
    wanted = _filter(visit)
    with visit.reading() as work:
        rows, has_more = desk.inbox(work.session, wanted, visit.my_id)
        counts = desk.waiting_counts(work.session)
        at_once = people.hears_at_once(work.session, visit.my_id)
    return visit.page(
        "organiser/contributions.html",
        rows=rows,
        has_more=has_more,
        wanted=wanted,
        wants_all=wanted.state == desk.ALL,
        counts=counts,
        words=EDITORS_WORDS,
        desk=ON_THE_DESK,
        forms=FORMS,
        today=visit.now,
        at_once=at_once,
    )


def choose_to_hear(visit: Visit) -> Response:
    """Hear of what comes at once, or once a day."""
    with visit.unit_of_work() as work:
        people.choose_to_hear(work, visit.my_id, Hearing.of(visit.form).at_once == "1")
    return visit.redirect("/organise/contributions")


def show(visit: Visit) -> Response:
    """One contribution with everything that editors know of it."""
    with visit.reading() as work:
        return _page(visit, work, _found(visit, work))


def step(visit: Visit) -> Response:
    """Take one of the steps of the table."""
    try:
        action = Action(visit.param("action"))
    except ValueError:
        raise HTTPException(404) from None
    said, published = Said.of(visit.form), Published.of(visit.form)
    acts: dict[Action, Act] = {
        **{plain: _plain(visit, plain) for plain in PLAIN},
        Action.ASK: lambda work, contribution: desk.ask(
            work,
            contribution,
            _actor(visit),
            visit.version,
            said.text,
            said.form_key,
        ),
        Action.PUBLISH: lambda work, contribution: publish_contribution(
            work,
            contribution,
            _actor(visit),
            visit.version,
            tuple(published.topics.split(",")),
            _interview(published),
        ),
        Action.RETRACT: lambda work, contribution: drafts.take_back(
            work, contribution, _actor(visit), visit.version
        ),
    }
    if action not in acts:
        raise HTTPException(404)
    return visit.act(
        partial(_found, visit),
        acts[action],
        then=_path,
        refused=lambda work, contribution, refusal: (
            _again(visit, work, contribution, action) or _page(visit, work, contribution, refusal)
        ),
    )


def _interview(typed: Published) -> Interview:
    text, recording = plain_lines(typed.interview_text), typed.interview_recording.strip()
    return Interview(one_line(typed.interview_title), text, recording)


def note(visit: Visit) -> Response:
    """A note among editors."""
    typed = Said.of(visit.form)
    return _act(
        visit,
        lambda work, contribution: desk.note(
            work, contribution, _actor(visit), typed.text, typed.form_key
        ),
    )


def assign(visit: Visit) -> Response:
    """Say who takes care of it."""

    def act(work: UnitOfWork, contribution: Contribution) -> None:
        wanted = Taker.of(visit.form).editor
        known = {str(member.id): member.id for member in editors(work.session)}
        desk.assign(work, contribution, known.get(wanted), _actor(visit))

    return _act(visit, act)


def lean(visit: Visit) -> Response:
    """Say which way I lean."""
    typed = Leaning.of(visit.form)
    return _act(
        visit,
        lambda work, contribution: desk.lean(
            work, contribution, _actor(visit), typed.leaning, typed.text
        ),
    )


def edit(visit: Visit) -> Response:
    """The text, for an editor to change."""
    with visit.reading() as work:
        found = _found(visit, work)
        if found.state not in REVISABLE:
            return visit.redirect(f"/organise/contributions/{found.public_id}")
        return _edit_page(visit, found, found.content)


def revise(visit: Visit) -> Response:
    """Keep an editor's text; the author's own choices stay as they are."""
    return visit.act(
        partial(_found, visit),
        lambda work, contribution: desk.revise(
            work, contribution, _actor(visit), visit.version, _edited(visit, contribution)
        ),
        then=_path,
        refused=lambda _, contribution, refusal: _edit_page(
            visit, contribution, _edited(visit, contribution), refusal
        ),
    )


def rewrite(visit: Visit) -> Response:
    """Change the words of a letter that waits."""
    words = Letter.of(visit.form).words
    return _act(
        visit,
        lambda work, contribution: desk.rewrite(
            work, contribution, visit.number("id"), words[-1] if words else ""
        ),
    )


def release(visit: Visit) -> Response:
    """Keep the words as they stand in the form, and let the letter go."""

    def act(work: UnitOfWork, contribution: Contribution) -> None:
        words = Letter.of(visit.form).words
        desk.release(
            work, contribution, visit.number("id"), _actor(visit), words[-1] if words else None
        )

    return _act(visit, act)


def drop(visit: Visit) -> Response:
    """Never send a letter that waits."""
    return _act(
        visit,
        lambda work, contribution: desk.drop(work, contribution, visit.number("id"), _actor(visit)),
    )


Act = Callable[[UnitOfWork, Contribution], object]


def _plain(visit: Visit, action: Action) -> Act:
    return lambda work, contribution: desk.act(
        work, contribution, action, _actor(visit), visit.version
    )


def _act(visit: Visit, act: Act) -> Response:
    find, refused = partial(_found, visit), partial(_page, visit)
    return visit.act(find, act, then=_path, refused=refused)


def _path(contribution: Contribution, _done: object) -> str:
    return f"/organise/contributions/{contribution.public_id}"


def _again(
    visit: Visit, work: Reading, contribution: Contribution, action: Action
) -> Response | None:
    """Where a second click of the same button ends: there is nothing left to do."""
    is_second = was_done(work.session, contribution, action, visit.my_id, visit.version)
    return visit.redirect(_path(contribution, None)) if is_second else None


def _page(
    visit: Visit, work: Reading, found: Contribution, refusal: Refusal | None = None
) -> Response:
    session, me = work.session, visit.my_id
    state, kind = State(found.state), Kind(found.kind)
    content = found.content
    before = drafts.authors_last_text(session, found.id)
    leanings = desk.leanings(session, found.id, me)
    return visit.page(
        "organiser/contribution.html",
        status=422 if refusal else 200,
        contribution=found,
        content=content,
        form=FORMS[kind],
        common=(TITLE, SUMMARY),
        words=EDITORS_WORDS[state],
        can_plan=_can_plan(visit, kind, state),
        actions=actions_for(state, Who.EDITOR, kind is Kind.INTERVIEWEE),
        action=Action,
        plain=PLAIN,
        action_words=ACTION_WORDS,
        can_revise=state in REVISABLE,
        changes=changes(kind, before.content, content) if before else [],
        as_published=Markup(  # noqa: S704 - cleaned by nh3
            found.html or public_html(kind, content, visit.installation.settings.base_url)
        ),
        authors=authors_of(session, found),
        co_authors=co_authors_of(session, found.id),
        editors=editors(session),
        messages=drafts.messages(session, found.id, with_notes=True),
        leanings=leanings,
        ways=WAY_NAMES,
        held=desk.held_letters(session, found.id),
        files=attachments.files_of(session, found.id),
        past=history(session, "contribution", found.id),
        done_words=DONE_WORDS,
        item=of_source(session, f"contribution:{found.id}"),
        form_key=Said.of(visit.form).form_key or drafts.new_form_key(),
        licences=LICENCE_NAMES,
        boundaries=BOUNDARY_NAMES,
        error=visit.wrong(refusal),
        typed={name: visit.form[name] if refusal else "" for name in TYPED},
    )


def _can_plan(visit: Visit, kind: Kind, state: State) -> bool:
    """Whether the viewer may make a workshop of it."""
    is_topic = kind is Kind.TOPIC and state in BECOMES_A_WORKSHOP
    return is_topic and visit.may(Permission.PLAN_WORKSHOPS)


def _edit_page(
    visit: Visit, found: Contribution, content: Content, refusal: Refusal | None = None
) -> Response:
    return visit.page(
        "organiser/contribution-edit.html",
        status=422 if refusal else 200,
        contribution=found,
        content=content,
        form=FORMS[Kind(found.kind)],
        common=(TITLE, SUMMARY),
        error=visit.wrong(refusal),
    )


def _edited(visit: Visit, found: Contribution) -> Content:
    """Title, summary and answers from the form; name, licence and boundary are the author's."""
    kept = found.content
    typed = content_of(visit.form, Kind(found.kind))
    return replace(
        kept, title=typed.title, summary=typed.summary, answers=typed.answers, links=typed.links
    )


def _filter(visit: Visit) -> Filter:
    asked = visit.asked
    states = {desk.ALL, *(str(s) for s in State if s is not State.DRAFT)}
    return Filter(
        state=asked.choice("state", states),
        kind=asked.choice("kind", list(Kind)),
        language=asked.language("language", ""),
        editor=asked.choice("editor", ("mine", "nobody")),
        page=asked.count("page", 1),
    )


def _found(visit: Visit, work: Reading) -> Contribution:
    found = desk.find(work.session, visit.param("public_id"))
    if found is None:
        raise HTTPException(404)
    return found


def _actor(visit: Visit) -> Actor:
    return Actor(visit.my_id, Who.EDITOR)

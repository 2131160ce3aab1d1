"""Bringing a list of people in: a file or a pasted table, its columns, a look, and the way back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.i18n import LANGUAGES, N_, Message, known_language, language_name
from core.unit_of_work import Reading, UnitOfWork
from members import imports, undoing
from members.consent import NEWSLETTER, TOPIC_TEXTS
from members.import_states import IMPORT_NAMES, WORKING, ImportState
from members.imports import GROUNDS, PeopleImport, Terms
from members.profile import ROLES
from web.forms import Text, Texts, Ticked, Typed, line
from web.organiser.taking_along import as_file
from web.visit import Visit

IMPORTS = "/organise/people/imports"
FIELD_NAMES: dict[str, Message] = {
    "email": N_("E-mail address"),
    "name": N_("Name"),
    "first name": N_("First name"),
    "last name": N_("Last name"),
    "language": N_("Language"),
    "role": N_("Role"),
    "level": N_("Level of education"),
    "country": N_("Country"),
    "timezone": N_("Time zone"),
    "labels": N_("Labels"),
    "state": N_("Whether they left"),
    "wants mail": N_("Wants mail"),
    "refuses mail": N_("Wants no mail"),
    "left at": N_("When they left"),
    "topics": N_("Topics"),
    "left topics": N_("Topics that they left"),
    "joined": N_("When they joined"),
    "consented": N_("When they agreed"),
}
ENDS: dict[str, tuple[Message, Message, Message]] = {
    "new": (
        N_("New people"),
        N_("They come in and are subscribed."),
        N_("They came in and are subscribed."),
    ),
    "updated": (
        N_("Known, and more is known now"),
        N_("Only what was empty is filled in."),
        N_("Only what was empty was filled in."),
    ),
    "unchanged": (N_("Known already"), N_("Nothing changes."), N_("Nothing changed.")),
    "still unsubscribed": (
        N_("Have left here"),
        N_("They stay away: nobody is brought back."),
        N_("They stay away: nobody was brought back."),
    ),
    "left elsewhere": (
        N_("Have left where the list comes from"),
        N_("They do not come in."),
        N_("They did not come in."),
    ),
    "unconfirmed": (
        N_("Not confirmed"),
        N_("They come in, and get nothing until they confirm."),
        N_("They came in, and get nothing until they confirm."),
    ),
    "suppressed": (
        N_("No mail goes there"),
        N_("The address came back, or complained, or had itself erased. They do not come in."),
        N_("The address came back, or complained, or had itself erased. They did not come in."),
    ),
    "duplicates": (
        N_("In the list again"),
        N_("The first row counts."),
        N_("The first row counted."),
    ),
    "invalid": (
        N_("Cannot be read"),
        N_("They do not come in. Each is named below."),
        N_("They did not come in. Each is named below."),
    ),
}


COMING = ("new", "updated", "unconfirmed")
"""What becomes of those who come in, or of whom more is known then."""


@dataclass(frozen=True)
class Brought(Typed):
    """A table that was pasted, and what its people agreed to get."""

    table: Text
    topic: Text
    list_language: Text
    list_label: Text


@dataclass(frozen=True)
class Columns(Typed):
    """What each column is, and what its people agreed to get."""

    column: Texts
    topic: Text


@dataclass(frozen=True)
class Said(Typed):
    """What is said before a list comes in, and which look at it that was."""

    seen: Text
    source: Annotated[str, line(300)]
    ground: Text
    mends: Ticked


def listing(visit: Visit) -> Response:
    """The form, and what came in lately."""
    with visit.reading() as work:
        return _form(visit, work)


def bring(visit: Visit) -> Response:
    """Keep a file, or what was pasted, to be looked through."""
    upload = next(iter(visit.form.uploads), None)
    content = upload.read(imports.LARGEST + 1) if upload else b""
    content = content or Brought.of(visit.form).table.encode()
    name = upload.name if upload else visit.text(N_("a pasted table"))
    typed = Brought.of(visit.form)
    topic, language = typed.topic or NEWSLETTER, known_language(typed.list_language)
    return visit.act(
        lambda _: None,
        lambda work, _: imports.bring(
            work, name, content, topic, visit.my_id, language, typed.list_label
        ),
        then=lambda _, number: f"{IMPORTS}/{number}",
        refused=lambda work, _, refusal: _form(visit, work, refusal),
    )


def _form(visit: Visit, work: Reading, refusal: Refusal | None = None) -> Response:
    return visit.page(
        "organiser/imports.html",
        status=422 if refusal else 200,
        imports=[(one, visit.text(IMPORT_NAMES[ImportState(one.state)]))
                 for one in imports.latest(work.session)],
        typed=Brought.of(visit.form).table if refusal else "",
        topics=_topics(visit),
        list_label=Brought.of(visit.form).list_label,
        list_language=Brought.of(visit.form).list_language or visit.language,
        topic=Brought.of(visit.form).topic or NEWSLETTER,
        error=visit.wrong(refusal),
    )  # fmt: skip


def show(visit: Visit) -> Response:
    """What it would come to, or came to."""
    with visit.reading() as work:
        return _page(visit, work, _find(visit, work))


def set_columns(visit: Visit) -> Response:
    """Say what the columns are."""
    said = Columns.of(visit.form)
    return _act(
        visit,
        lambda work, kept: imports.set_columns(work, kept, said.column, said.topic or kept.topic),
    )


def start(visit: Visit) -> Response:
    """Let it come in."""
    said = Said.of(visit.form)
    terms = Terms(said.source, said.ground, said.mends)
    return _act(visit, lambda work, kept: imports.start(work, kept, terms, said.seen, visit.my_id))


def drop(visit: Visit) -> Response:
    """Give it up."""
    return _act(visit, imports.drop)


def undo(visit: Visit) -> Response:
    """Take it back."""
    return _act(visit, lambda work, kept: imports.undo(work, kept, visit.my_id))


def report(visit: Visit) -> Response:
    """Every row of which there is something to say, as a file."""
    with visit.reading() as work:
        kept = _find(visit, work)
        said = _with_names(kept, _said_of_rows(visit, kept.told))
    head = tuple(visit.text(one) for one in (N_("Row"), N_("Who"), N_("What is to be said")))
    rows = ((str(number), who, words) for number, who, words in said)
    return as_file([head, *rows], f"import-{kept.id}.csv", visit.language)


def _with_names(kept: PeopleImport, said: list[tuple[int, str]]) -> list[tuple[int, str, str]]:
    """With the address or the name that a row has: numbers alone nobody finds."""
    wanted = {number for number, _ in said}
    who = imports.who_in(kept, wanted) if wanted else {}
    return [(number, who.get(number, ""), words) for number, words in said]


def _said_of_rows(visit: Visit, told: dict[str, list[list[object]]]) -> list[tuple[int, str]]:
    """The rows that something is to be said of: first what does not come in, last what is small."""
    found = [
        (int(str(n)), _message(visit, source, values))
        for n, source, values in told.get("invalid", ())
    ]
    found += [(int(str(n)), visit.text(N_("This address is in the list twice.")))
              for n in told.get("doubled", ())]  # fmt: skip
    found += [
        (
            int(str(n)),
            visit.text(N_("Perhaps %(address)s was meant.", address=hint)),
        )
        for n, hint in told.get("typos", ())
    ]
    found += [
        (int(str(n)), _message(visit, source, values))
        for n, source, values in told.get("notes", ())
    ]
    return found


def _message(visit: Visit, source: object, values: object) -> str:
    """A sentence as it was kept; what is a word of ours in it is said in the viewer's language."""
    kept = values if isinstance(values, dict) else {}
    said = {name: visit.text(ROLES[one]) if one in ROLES else one for name, one in kept.items()}
    if said.get("language") in LANGUAGES:
        said["language"] = language_name(said["language"], visit.language)
    return Message(str(source), said).text(visit.language)


def _understood(visit: Visit, told: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, int]]]]:
    """How the rows were understood: languages and roles, with how many."""
    languages = [(language_name(code, visit.language) if code in LANGUAGES else code, count)
                 for code, count in told.get("languages", {}).items()]  # fmt: skip
    roles = [(visit.text(ROLES[one]) if one in ROLES else one or visit.text(N_("not said")), count)
             for one, count in told.get("roles", {}).items()]  # fmt: skip
    named = ((visit.text(N_("Languages")), languages), (visit.text(N_("What they do")), roles))
    return [
        (name, sorted(found, key=lambda one: (-one[1], one[0]))) for name, found in named if found
    ]


def _act(visit: Visit, act: Callable[[UnitOfWork, PeopleImport], None]) -> Response:
    return visit.act(
        lambda work: _find(visit, work),
        act,
        then=lambda kept, _: f"{IMPORTS}/{kept.id}",
        refused=lambda work, kept, refusal: _page(visit, work, kept, refusal),
    )


def _find(visit: Visit, work: Reading) -> PeopleImport:
    kept = imports.find(work.session, visit.number("id"))
    if kept is None:
        raise HTTPException(404)
    return kept


def _page(
    visit: Visit, work: Reading, kept: PeopleImport, refusal: Refusal | None = None
) -> Response:
    told, said = kept.told, Said.of(visit.form)
    problem, columns = told.get("problem"), Columns.of(visit.form).column or kept.columns
    is_undone, is_looked = kept.state == ImportState.UNDONE, kept.state == ImportState.LOOKED
    return visit.page(
        "organiser/import.html",
        status=422 if refusal else 200,
        kept=kept,
        state_name=IMPORT_NAMES[ImportState(kept.state)],
        is_working=kept.state in WORKING,
        is_looked=is_looked,
        is_done=kept.state == ImportState.DONE,
        is_undone=is_undone,
        stays=undoing.who_stays(work.session, kept.id) if is_undone else [],
        is_dropped=kept.state == ImportState.DROPPED,
        is_named=bool(kept.seen.get("has_header")),
        columns=list(zip(kept.seen["header"], columns, strict=False)),
        samples=kept.seen["rows"],
        fields=[(key, visit.text(name)) for key, name in FIELD_NAMES.items()],
        ends=[(name, (now if is_looked else after), told["counts"][end])
              for end, (name, now, after) in ENDS.items() if told.get("counts", {}).get(end)],
        understood=_understood(visit, told) if is_looked else [],
        news=[(visit.text(FIELD_NAMES.get(_field(name), N_("more"))), count)
              for name, count in told.get("news", {}).items()],
        rows_said=_with_names(kept, _said_of_rows(visit, told)[: imports.MOST_TOLD]),
        undone=told.get("undone", {}),
        typos=len(told.get("typos", ())),
        comes=sum(told.get("counts", {}).get(end, 0) for end in COMING),
        unused=told.get("unused", ()),
        problem_words=_message(visit, *problem) if problem else "",
        may_be_undone=kept.may_be_undone(work.now),
        topics=_topics(visit),
        grounds=[(key, visit.text(words)) for key, words in GROUNDS.items()],
        topic=Columns.of(visit.form).topic or kept.topic,
        topic_name=dict(_topics(visit)).get(kept.topic, kept.topic),
        version=imports.version_of(kept),
        typed=said,
        error=visit.wrong(refusal),
    )  # fmt: skip


def _topics(visit: Visit) -> list[tuple[str, str]]:
    """Each topic, and all of them together."""
    one_by_one = [(key, visit.text(one.name)) for key, one in TOPIC_TEXTS.items()]
    both = " + ".join(name for _, name in one_by_one)
    return [*one_by_one, (" ".join(TOPIC_TEXTS), both)]


def _field(name: str) -> str:
    return {"time_zone": "timezone"}.get(name, name)

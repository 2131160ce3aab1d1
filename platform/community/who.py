"""Who we are: the people whom a community shows, with what they do and a picture.

Somebody of the team is shown no longer than they are a member.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from community import parts
from community.checks import LONGEST_NAME, check_name
from community.parts import Part
from core.community import CommunityPart
from core.errors import Refusal, changed_meanwhile
from core.i18n import LANGUAGES, N_
from core.public_ids import new_public_id
from core.text import one_line
from core.unit_of_work import Reading, UnitOfWork

Row = dict[str, Any]
PART = "people"
_FRESH = {"populate_existing": True}
LONGEST_ROLE = 120
MOST = 24


@dataclass(frozen=True)
class Shown:
    """One of them."""

    id: str
    name: str
    roles: Mapping[str, str]
    """What they do, by language."""
    picture: Mapping[str, Any]
    member_id: int | None

    def role(self, language: str) -> str:
        """What they do, in a language; in another where that says nothing."""
        return self.roles.get(language) or next(filter(None, self.roles.values()), "")

    @property
    def initials(self) -> str:
        """For whoever has no picture."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def shown(part: Part) -> list[Shown]:
    """All of them, in their order."""
    return [
        Shown(one["id"], one["name"], one["roles"], one.get("picture", {}), one.get("member"))
        for one in part.value.get("people", ())
    ]


def find(work: Reading) -> Part:
    """The part that holds them."""
    return parts.find(work, PART)


@dataclass(frozen=True)
class Introduction:
    """What is said of somebody."""

    name: str
    roles: Mapping[str, str]
    member_id: int | None


def check(typed: Introduction) -> Introduction:
    """What is kept of it. Raises Refusal."""
    name = check_name(typed.name, "name", LONGEST_NAME)
    if not name:
        raise Refusal(N_("Please write their name."), "name")
    roles = {code: one_line(typed.roles.get(code, "")) for code in LANGUAGES}
    for code, role in roles.items():
        if len(role) > LONGEST_ROLE:
            raise Refusal(
                N_("This is too long: %(most)s characters at the most.", most=LONGEST_ROLE),
                f"role_{code}",
            )
    return Introduction(name, {code: role for code, role in roles.items() if role}, typed.member_id)


def put(
    part: Part, number: str, said: Introduction, picture: Mapping[str, Any] | None
) -> Mapping[str, Any]:
    """The people with one said anew, or one more at the end. Raises Refusal if they are many.

    A picture that is None stays as it was; an empty one goes.
    """
    people = list(part.value.get("people", ()))
    at = _place_of(people, number)
    if number and at is None:
        raise changed_meanwhile()  # a colleague has taken them off
    before = people[at] if at is not None else {}
    kept = before.get("picture", {}) if picture is None else picture
    one = {"id": before.get("id") or new_public_id(), "name": said.name, "roles": dict(said.roles),
           "picture": dict(kept), "member": said.member_id}  # fmt: skip
    if at is None and len(people) >= MOST:
        raise Refusal(N_("Twenty-four people at the most."), "name")
    after = [] if at is None else people[at + 1 :]
    return {"people": [*people[:at], one, *after]}


def without(part: Part, number: str) -> Mapping[str, Any]:
    """The people without one."""
    left = [one for one in part.value.get("people", ()) if one["id"] != number]
    return {"people": left} if left else {}


def moved(part: Part, number: str, by: int) -> Mapping[str, Any]:
    """The people with one so many places further down; up where it is below zero."""
    people = list(part.value.get("people", ()))
    at = _place_of(people, number)
    if at is None:
        return part.value
    people.insert(min(max(at + by, 0), len(people) - 1), people.pop(at))
    return {"people": people}


def _place_of(people: Sequence[Mapping[str, Any]], number: str) -> int | None:
    return next((at for at, one in enumerate(people) if one["id"] == number), None)


def those_of(work: Reading, member_id: int) -> list[Shown]:
    """How a member is shown, or was before the last change."""
    row = work.session.get(CommunityPart, PART)
    said = _everybody(row) if row is not None else []
    theirs = [one for one in said if one.get("member") == member_id]
    return shown(
        Part(PART, {"people": [one for at, one in enumerate(theirs) if one not in theirs[:at]]})
    )


def forget(work: UnitOfWork, member_id: int) -> None:
    """Show a member no more, and keep nothing of it. Harmless to repeat.

    Also what was said before it was known that it is them.
    """
    row = _locked(work)
    if row is None:
        return
    theirs = {one["id"] for one in _everybody(row) if one.get("member") == member_id}
    _rewrite(work, row, lambda one: None if one["id"] in theirs else one)


def hand_over(work: UnitOfWork, kept: int, other: int) -> None:
    """Two records of one member became one."""
    row = _locked(work)
    if row is not None:
        _rewrite(
            work, row, lambda one: one | {"member": kept} if one.get("member") == other else one
        )


def _locked(work: UnitOfWork) -> CommunityPart | None:
    this = select(CommunityPart).where(CommunityPart.name == PART)
    return work.session.scalar(this.with_for_update(), execution_options=_FRESH)


def _everybody(row: CommunityPart) -> list[Row]:
    return [*row.value.get("people", ()), *(row.before or {}).get("people", ())]


def _rewrite(work: UnitOfWork, row: CommunityPart, rule: Callable[[Row], Row | None]) -> None:
    """Nothing happens where nothing changes: an owner who is writing meets no stranger's act."""
    value = _each(row.value, rule)
    before = _each(row.before, rule) if row.before is not None else None
    if (value, before) == (row.value, row.before):
        return
    row.value, row.before, row.version = value, before, row.version + 1
    work.session.flush()
    parts.hold_files(work, PART)


def _each(value: Row, rule: Callable[[Row], Row | None]) -> Row:
    people = [one for said in value.get("people", ()) if (one := rule(said)) is not None]
    return {"people": people} if people else {}

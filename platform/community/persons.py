"""What a community shows of the people who run it, as a part of what we keep of them."""

from collections.abc import Iterable, Sequence

from community import who
from core.i18n import N_
from core.persons import Erasure, Happening, Person, PersonalRecords, Row
from core.unit_of_work import Reading, UnitOfWork


def tell(work: Reading, person: Person) -> Sequence[Row]:
    """How they are shown."""
    return [
        {"shown as": one.name, "roles": dict(one.roles), "picture": one.picture.get("file", "")}
        for one in who.those_of(work, person.id)
    ]


def erase(work: UnitOfWork, person: Person, _how: Erasure) -> None:
    """Show them no more."""
    who.forget(work, person.id)


def join(work: UnitOfWork, kept: Person, other: Person) -> None:
    """What is shown of the one is of the other."""
    who.hand_over(work, kept.id, other.id)


def past(_work: Reading, _person: Person) -> Iterable[Happening]:
    """Nothing: what is shown says itself."""
    return ()


RECORDS = PersonalRecords("community", N_("Who we are"), tell, erase, join, past)

"""How letters begin: the same in Python as in either database."""

import pytest
from sqlalchemy import select

from core.installation import Installation
from members.models import Member
from members.names import first_name
from newsletters.greeting import Greeting, greets_itself, in_sql, words_of
from tests.conftest import both_databases
from tests.support.people import add_members

NAMES = {
    "Aino": "Aino", "Aino Virtanen": "Aino", "Virtanen, Aino": "Aino",
    "Virtanen,Aino Maria": "Aino",
    "Anna-Liisa Ek": "Anna-Liisa", "": "", "A. Virtanen": "", "aino@school.example": "",
    "Virtanen,": "", "李 明": "李",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_first_name_is_found_or_left_out(name: str) -> None:
    assert first_name(name) == NAMES[name]


@both_databases
@pytest.mark.parametrize("kind", Greeting)
@pytest.mark.parametrize("language", ["en", "fi"])
def test_the_database_greets_as_the_preview_does(
    installation: Installation, kind: Greeting, language: str
) -> None:
    add_members(installation, len(NAMES))
    with installation.unit_of_work() as work:
        members = work.session.scalars(select(Member).order_by(Member.id)).all()
        for member, name in zip(members, NAMES, strict=True):
            member.name = name
    with installation.reading() as work:
        greeted = select(Member.name, in_sql(kind, language))
        found = dict(work.session.execute(greeted).all())
    assert found == {name: words_of(kind, name, language) for name in NAMES}


@pytest.mark.parametrize("body", ["Hello Anna,\n\nWords", "Hei kaikki!\nSanoja", "Dear all,\n"])
def test_a_text_that_greets_is_known(body: str) -> None:
    assert greets_itself(body)


@pytest.mark.parametrize("body", ["Hello is a word.", "Heidi came", "## Hei\n", "We say hello,\n"])
def test_a_text_that_does_not_greet_is_left_alone(body: str) -> None:
    assert not greets_itself(body)

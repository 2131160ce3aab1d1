"""How many statements the commonest acts cost: the bounds stand in `docs/benchmarks.md`."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.installation import Installation
from members.roles import Role
from members.sign_up_requests import settle
from tests.support import hosts
from tests.support.people import Browser, add_members, link_of
from tests.support.statements import statements_of

Run = Callable[[], None]
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
ANN, BEA = "ann@example.org", "bea@example.org"


def _bounds() -> dict[str, int]:
    told = PAGE.read_text("utf-8").partition("## Statements")[2].partition("\n## ")[0]
    return {
        act: int(most) for act, most in re.findall(r"^\| ([^|]+) \| (\d+) \|", told, re.MULTILINE)
    }


@contextmanager
def _counted(installation: Installation, counts: dict[str, int], act: str) -> Iterator[None]:
    with statements_of(installation) as said:
        yield
    counts[act] = len(said)


def test_the_commonest_acts_cost_no_more_statements_than_the_table_says(
    visitor: Browser, run_jobs: Run
) -> None:
    installation, counts = visitor.installation, dict[str, int]()
    add_members(installation, 3, "en")
    workshop = hosts.ready(installation)
    hosts.invite(installation, workshop, f"{ANN}\n{BEA}")
    run_jobs()
    ann, bea = (hosts.invitation_link(visitor, who) for who in (ANN, BEA))

    def once(act: str, do: Callable[[], object]) -> None:
        with _counted(installation, counts, act):
            do()

    def send(path: str, **typed: str) -> Callable[[], object]:
        return lambda: visitor.client.post(path, data=typed, follow_redirects=False)

    once("the first page, with all that is new (home)", lambda: visitor.get("/"))
    stamp = visitor.get("/subscribe").hidden("stamp")
    once("signing up", send("/subscribe", email="new@example.org", language="en", stamp=stamp))
    once("looking at a sign-up, in the worker", lambda: settle(installation))
    run_jobs()
    confirm = link_of(visitor.outbox("new@example.org")[0], "/confirm/")
    once("confirming", send(confirm))
    run_jobs()
    leave = link_of(visitor.outbox("new@example.org")[0], "/preferences/")
    once("looking at one's preferences", lambda: visitor.get(leave))
    once("looking at an invitation", lambda: visitor.get(ann))
    once("saying yes to an invitation", send(ann, answer="yes", rules="1"))
    once("saying no to an invitation", send(bea, answer="no"))
    run_jobs()
    page_link = hosts.place_link(visitor, ANN)
    once("looking at one's own page", lambda: visitor.get(page_link))
    once("looking at the library", lambda: visitor.get("/library"))
    with Browser.of(installation) as owner:
        owner.sign_in("owner@example.org", Role.OWNER)
        once("an organiser's Today", lambda: owner.get("/organise"))
        people = f"/organise/workshops/{workshop.public_id}/people"
        once("the people of a workshop", lambda: owner.get(people))
        once(
            "everybody, found and filtered", lambda: owner.get("/organise/people?q=a&role=teacher")
        )
    bounds = _bounds()
    assert counts.keys() == bounds.keys()
    assert {act: many for act, many in counts.items() if many > bounds[act]} == {}

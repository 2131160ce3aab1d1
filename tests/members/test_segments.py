"""A segment says once who is meant; what upper floors know of people they hand in."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from contributions.facts import CONTRIBUTED
from contributions.kinds import Kind
from core.addresses import parse_address
from core.installation import Installation
from core.unit_of_work import Reading, UnitOfWork
from mail.outbox import mails
from members.models import Member, MemberLabel, Subscription
from members.records import new_record
from members.roles import Role
from members.segments import EVERYBODY, Segment, Wish, matching
from members.states import SubscriptionState
from newsletters import issues, sending
from newsletters.texts import parse_files
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.authors import submitted
from tests.support.people import BEGIN, Browser, add_members, letter
from workshops.invitation import facts
from workshops.invitation.facts import FACTS
from workshops.model.registration_states import RegistrationState
from workshops.model.tables import Registration

PEOPLE = {
    "ann": {"language": "en", "role": "teacher", "level": "primary", "country": "GB"},
    "bea": {"language": "fi", "role": "teacher", "level": "vocational", "country": "FI"},
    "col": {"language": "fi", "role": "parent", "level": "", "country": "FI"},
    "dee": {"language": "en", "role": "", "level": "", "country": ""},
}


def _people(work: UnitOfWork) -> dict[str, Member]:
    known = {}
    for name, told in PEOPLE.items():
        record = new_record(parse_address(f"{name}@x.example"), name, "en", "test", work.now,
                            is_confirmed=True)  # fmt: skip
        known[name] = Member(**{**record, **told})
        work.session.add(known[name])
    work.session.flush()
    ann = known["ann"].id
    work.session.add(MemberLabel(member_id=ann, label="pilot"))
    work.session.add(Subscription(member_id=ann, topic="newsletter", changed_at=work.now,
                                  state=SubscriptionState.SUBSCRIBED))  # fmt: skip
    known["dee"].created_at = work.now.replace(year=2020)
    work.session.flush()
    return known


def _named(work: Reading, segment: Segment) -> str:
    found = select(Member.name).where(
        matching(segment, FACTS, work.now.date()), Member.email_key.like("%@x.example")
    )
    return " ".join(work.session.scalars(found.order_by(Member.name)))


def _words(*words: str) -> frozenset[str]:
    return frozenset(words)


@both_databases
@pytest.mark.parametrize(
    ("segment", "who"),
    [
        (EVERYBODY, "ann bea col dee"),
        (Segment(languages=_words("fi")), "bea col"),
        (Segment(languages=_words("fi", "en")), "ann bea col dee"),
        (Segment(roles=_words("teacher"), countries=_words("FI")), "bea"),
        (Segment(levels=_words("primary", "vocational")), "ann bea"),
        (Segment(labels=_words("pilot")), "ann"),
        (Segment(topics=_words("newsletter")), "ann"),
        (Segment(topics=_words("workshops")), ""),
        (Segment(joined_since=BEGIN.date()), "ann bea col"),
        (Segment(joined_before=date(2021, 1, 1)), "dee"),
        (Segment(wishes=frozenset({Wish(CONTRIBUTED)})), ""),
        (Segment(wishes=frozenset({Wish(facts.INVITED, is_so=False)})), "ann bea col dee"),
    ],
)
def test_a_member_is_meant_if_all_of_it_applies(
    installation: Installation, segment: Segment, who: str
) -> None:
    with installation.unit_of_work() as work:
        _people(work)
        assert _named(work, segment) == who


@both_databases
def test_what_upper_floors_know_chooses_too(installation: Installation) -> None:
    workshop = hosts.ready(installation)
    with installation.unit_of_work() as work:
        people = {name: member.id for name, member in _people(work).items()}
        submitted(work, Kind.TOPIC, people["ann"])
        for name in ("ann", "bea"):
            work.session.add(
                Registration(workshop_id=workshop.id, member_id=people[name], joined_at=work.now,
                             changed_at=work.now, state=RegistrationState.ATTENDED)
            )  # fmt: skip
    hosts.invite(installation, workshop, "col@x.example")
    there = Wish(facts.TOOK_PART, _words(workshop.public_id))
    elsewhere = Wish(facts.TOOK_PART, _words("nowhere"))
    of_kind = {kind: Wish(CONTRIBUTED, _words(kind)) for kind in ("topic", "article")}
    expected = {
        frozenset({there}): "ann bea",
        frozenset({elsewhere}): "",
        frozenset({there, Wish(CONTRIBUTED, is_so=False)}): "bea",
        frozenset({of_kind["topic"]}): "ann",
        frozenset({of_kind["article"]}): "",
        frozenset({Wish(facts.INVITED)}): "col",
        frozenset({Wish(facts.INVITED, is_so=False)}): "ann bea dee",
    }
    with installation.reading() as work:
        for wishes, who in expected.items():
            assert _named(work, Segment(wishes=wishes)) == who


def test_a_fact_that_nobody_knows_is_an_error_and_never_everybody() -> None:
    with pytest.raises(KeyError):
        matching(Segment(wishes=frozenset({Wish("rumour")})), FACTS, BEGIN.date())


def test_a_segment_can_be_kept_and_compared() -> None:
    assert Segment(roles=_words("a", "b")) == Segment(roles=_words("b", "a"))
    assert len({EVERYBODY, Segment()}) == 1


def test_a_letter_goes_to_those_of_a_segment_who_read_it(
    installation: Installation, run_jobs: Callable[[], None]
) -> None:
    add_members(installation, 4)
    with installation.unit_of_work() as work:
        labelled = work.session.scalars(select(Member.id).order_by(Member.id)).first()
        work.session.add(MemberLabel(member_id=labelled, label="pilot"))
        issue = issues.new_issue(work, parse_files([letter("en")]))
        pilots = Segment(labels=_words("pilot"))
        assert issues.audience_of(work, issue, pilots).total == 1
        assert sending.send(work, issue.id, segment=pilots) == {"en": 1}
    run_jobs()
    assert len(list(mails(installation.settings.outbox, 9))) == 1


def test_an_organiser_invites_who_has_sent_something_in_and_was_never_invited(
    visitor: Browser,
) -> None:
    installation = visitor.installation
    workshop = hosts.ready(installation)
    with installation.unit_of_work() as work:
        people = _people(work)
        for name in ("ann", "bea", "col"):
            member_id = people[name].id
            submitted(work, Kind.TOPIC, member_id)
            work.session.merge(Subscription(member_id=member_id, topic="workshops", reason="",
                                            state=SubscriptionState.SUBSCRIBED,
                                            changed_at=work.now))  # fmt: skip
    hosts.invite(installation, workshop, "col@x.example")
    visitor.sign_in("owner@example.org", Role.OWNER)
    cohorts = f"/organise/workshops/{workshop.public_id}/cohorts"
    page = visitor.post(cohorts, {"way": "filter", "contributed": "yes", "invited": "no"})
    listed = page.each('td[data-label="Name"] .meta')
    assert listed == ["ann@x.example", "bea@x.example"]

"""A person on the telephone: an organiser finds, exports, corrects, joins and erases them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from contributions.models import CoAuthor, Contribution
from core.addresses import parse_address
from core.audit import AuditEntry
from core.installation import Installation
from core.persons import join_all
from members import joining
from members.models import ConsentEvent, Member, Subscription
from members.organisers import add_organiser
from members.own_links import renew_links
from members.persons import find_person
from members.roles import Role
from newsletters import issues, sending
from newsletters.texts import parse_files
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.authors import member, send_in, sign_in_as
from tests.support.people import BEGIN, Browser, ShiftedClock, add_members, letter, link_of
from workshops.model.reflection_tables import CheckIn, CheckOut
from workshops.model.tables import Invitation, Registration

Run = Callable[[], None]
PEOPLE = "/organise/people"
AINO, OLD = "aino@school.example", "aino@old.example"


@pytest.fixture
def editor(visitor: Browser) -> Browser:
    """An editor, signed in a moment ago."""
    return visitor.sign_in("editor@example.org", Role.EDITOR)


def _id(installation: Installation, email: str) -> int:
    with installation.reading() as work:
        return work.session.scalars(select(Member.id).where(Member.email == email)).one()


def _confirmed(browser: Browser, email: str, run_jobs: Run, name: str = "") -> int:
    """Somebody who subscribed and confirmed."""
    browser.subscribe(email, name=name)
    run_jobs()
    said = {"asked": "1", "read_in": "en", "language": "en", "topics": "newsletter"}
    browser.post(link_of(browser.outbox(email)[0], "/confirm/"), said)
    run_jobs()
    browser.installation.redis.flushdb()
    return _id(browser.installation, email)


def _acts(installation: Installation) -> list[str]:
    with installation.reading() as work:
        return list(work.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


@both_databases
def test_somebody_is_found_by_a_part_of_name_or_address(editor: Browser) -> None:
    add_members(editor.installation, 60, "en")
    with editor.installation.unit_of_work() as work:
        named = select(Member).where(Member.email == "m7@school.example")
        work.session.scalars(named).one().name = "Aino Mäkelä"
    for words in ("Aino", "mäk", "MAKEL", "M7@", "school aino", "m7@school.example"):
        found = editor.get(f"{PEOPLE}?q={words}")
        assert "Aino Mäkelä" in found.text, words
        assert len(found.each("tr")) == 2, words
    assert "Nobody fits" in editor.get(f"{PEOPLE}?q=%25_").text
    whole = editor.get(PEOPLE)
    assert len(whole.each("tr")) == 51
    assert len(editor.get(f"{PEOPLE}?page=2").each("tr")) == 12
    assert editor.get(f"{PEOPLE}?page=-3&q={'x' * 500}").status == 200


def test_their_page_tells_what_is_needed_and_that_it_was_read_is_written_down(
    editor: Browser, run_jobs: Run
) -> None:
    number = _confirmed(editor, AINO, run_jobs, "Aino")
    page = editor.get(f"{PEOPLE}/{number}").text
    for said in (AINO, "Newsletter", "Confirmed", "Please confirm your subscription"):
        assert said in page
    assert "read" in _acts(editor.installation)
    assert editor.get(f"{PEOPLE}/999").status == 404
    assert editor.post(f"{PEOPLE}/{number}/export").status == 403, "all of it is an owner's"
    sent = editor.post(f"{PEOPLE}/{number}/mail-link")
    assert "the link is on its way to them" in sent.text
    run_jobs()
    assert link_of(editor.outbox(AINO)[0], "/data/")
    editor.sign_in("owner@example.org", Role.OWNER)
    told = editor.client.post(f"{PEOPLE}/{number}/export")
    assert told.json()["membership"][0]["email"] == AINO
    assert _acts(editor.installation)[-1] == "export"


def test_an_address_is_corrected_and_the_old_one_is_told(editor: Browser, run_jobs: Run) -> None:
    number = _confirmed(editor, OLD, run_jobs)
    wrong = editor.post(f"{PEOPLE}/{number}/correct", {"email": "nonsense"})
    assert (wrong.status, wrong.field("email")) == (422, "nonsense")
    done = editor.post(f"{PEOPLE}/{number}/correct", {"email": AINO})
    assert "we write to the new address" in done.text
    assert AINO in done.text
    run_jobs()
    assert link_of(editor.outbox(OLD)[0], "/move/back/")
    assert "change address" in _acts(editor.installation)


@both_databases
def test_somebody_is_erased_once_it_is_ticked(editor: Browser, run_jobs: Run) -> None:
    number = _confirmed(editor, AINO, run_jobs)
    unsure = editor.post(f"{PEOPLE}/{number}/erase")
    assert (unsure.status, "cannot be undone" in unsure.problem) == (422, True)
    done = editor.post(f"{PEOPLE}/{number}/erase", {"is_sure": "1"})
    assert "Erased." in done.text
    assert editor.get(f"{PEOPLE}/{number}").status == 404
    assert "erase" in _acts(editor.installation)


@pytest.mark.parametrize("act", ["correct", "erase", "join", "mail-link"])
def test_an_organiser_is_changed_by_an_owner_only(editor: Browser, act: str) -> None:
    """Whoever could write another address for an owner would be the owner."""
    add_members(editor.installation, 1, "en")
    with editor.installation.unit_of_work() as work:
        for number in (1, 2):
            add_organiser(work, parse_address(f"owner{number}@example.org"), Role.OWNER)
    path = f"{PEOPLE}/{_id(editor.installation, 'owner1@example.org')}/{act}"
    typed = {"email": "m0@school.example" if act == "join" else "mine@evil.example", "is_sure": "1"}
    refused = editor.post(path, typed)
    assert (refused.status, "only an owner" in refused.problem) == (422, True)
    with Browser.of(editor.installation) as owner:
        owner.sign_in("owner2@example.org", Role.OWNER)
        assert owner.post(path, typed).status == 200


@pytest.mark.parametrize("act", ["mail-link", "correct", "erase", "join"])
def test_nothing_is_done_in_a_browser_that_has_not_shown_lately_who_it_is(
    editor: Browser, clock: ShiftedClock, act: str
) -> None:
    add_members(editor.installation, 1, "en")
    number = _id(editor.installation, "m0@school.example")
    clock.forward(minutes=46)
    refused = editor.post(f"{PEOPLE}/{number}/{act}", {"is_sure": "1", "email": AINO})
    assert (refused.status, refused.heading) == (403, "Please show that it is you")
    assert editor.get(f"{PEOPLE}/{number}").status == 200


def test_a_facilitator_a_member_and_a_stranger_may_not(visitor: Browser) -> None:
    add_members(visitor.installation, 1, "en")
    number = _id(visitor.installation, "m0@school.example")
    visitor.sign_in("fa@example.org", Role.FACILITATOR)
    with Browser.of(visitor.installation) as somebody, Browser.of(visitor.installation) as stranger:
        sign_in_as(somebody, member(visitor.installation))
        for browser in (visitor, somebody, stranger):
            assert browser.get(f"{PEOPLE}/{number}").status in (200, 403)
            assert "m0@school.example" not in browser.get(PEOPLE).text
            for act in ("export", "mail-link", "correct", "erase", "join"):
                assert browser.post(f"{PEOPLE}/{number}/{act}", {"is_sure": "1"}).status == 403
    assert _id(visitor.installation, "m0@school.example") == number


# Two addresses of one person


def _join(browser: Browser, kept: int, other: str, **typed: str) -> tuple[int, str]:
    page = browser.post(f"{PEOPLE}/{kept}/join", {"email": other, "is_sure": "1", **typed})
    return page.status, page.problem or page.text


@both_databases
def test_what_was_of_two_is_of_one(editor: Browser, run_jobs: Run) -> None:
    installation = editor.installation
    kept, other = (_confirmed(editor, email, run_jobs) for email in (AINO, OLD))
    with Browser.of(installation) as she:
        with installation.reading() as work:
            her = work.session.get_one(Member, other)
        sign_in_as(she, her)
        send_in(she, "article")
    workshop = hosts.ready(installation, capacity=2)
    hosts.invite(installation, workshop, f"{OLD}\nben@example.org")
    run_jobs()
    hosts.say(editor, OLD, "yes", answer_1="A song")
    run_jobs()
    status, said = _join(editor, kept, OLD)
    assert (status, "both records are one" in said) == (200, True)
    with installation.reading() as work:
        assert work.session.get(Member, other) is None
        assert work.session.scalars(select(Contribution.author_id)).all() == [kept]
        places = select(Registration.state).where(Registration.member_id == kept)
        assert work.session.scalars(places).one() == "confirmed"
        events = select(ConsentEvent.member_id).distinct()
        assert set(work.session.scalars(events)) == {kept}
    run_jobs()
    told = editor.outbox(OLD)[0]
    assert "your other address" in told.subject
    assert AINO not in told.text, "whoever reads the old mailbox learns no other address"
    with installation.reading() as work:
        answers = select(Registration.answers).where(Registration.member_id == kept)
        assert "A song" in str(work.session.scalars(answers).one())
    assert _acts(installation).count("join") == 1
    again = _join(editor, kept, OLD)
    assert (again[0], "Nobody has this address" in again[1]) == (422, True)


@both_databases
def test_of_two_places_in_one_workshop_the_better_stays_and_the_next_is_offered_the_other(
    editor: Browser, run_jobs: Run
) -> None:
    installation = editor.installation
    kept = _confirmed(editor, AINO, run_jobs)
    _confirmed(editor, OLD, run_jobs)
    workshop = hosts.ready(installation, capacity=2)
    hosts.invite(installation, workshop, f"{OLD}\n{AINO}\nben@example.org\ncleo@example.org")
    run_jobs()
    for email in (OLD, "ben@example.org", AINO, "cleo@example.org"):
        hosts.say(editor, email, "yes")
    run_jobs()
    before = hosts.places(installation, workshop)
    assert (before[OLD], before[AINO]) == ("confirmed", "waitlisted")
    assert _join(editor, kept, OLD)[0] == 200
    after = hosts.places(installation, workshop)
    assert after == {AINO: "confirmed", "ben@example.org": "confirmed",
                     "cleo@example.org": "waitlisted"}  # fmt: skip
    with installation.reading() as work:
        invited = select(Invitation.state).where(Invitation.member_id == kept)
        assert work.session.scalars(invited).all() == ["accepted"]


def test_two_confirmed_places_become_one_and_who_waits_is_offered_the_second(
    editor: Browser, run_jobs: Run
) -> None:
    installation = editor.installation
    kept = _confirmed(editor, AINO, run_jobs)
    _confirmed(editor, OLD, run_jobs)
    workshop = hosts.ready(installation, capacity=2)
    hosts.invite(installation, workshop, f"{OLD}\n{AINO}\nben@example.org")
    run_jobs()
    for email in (OLD, AINO, "ben@example.org"):
        hosts.say(editor, email, "yes")
    run_jobs()
    _join(editor, kept, OLD)
    assert hosts.places(installation, workshop) == {AINO: "confirmed", "ben@example.org": "offered"}


@pytest.mark.parametrize("last", [AINO, OLD])
def test_of_each_topic_the_latest_wish_counts(
    editor: Browser, run_jobs: Run, clock: ShiftedClock, last: str
) -> None:
    installation = editor.installation
    kept = _confirmed(editor, AINO, run_jobs)
    _confirmed(editor, OLD, run_jobs)
    clock.forward(days=1)
    with installation.unit_of_work() as work:
        left = {"state": "unsubscribed", "changed_at": work.now}
        of_last = Subscription.member_id == _id(installation, last)
        work.session.execute(update(Subscription).where(of_last).values(**left))
    editor.sign_in("editor@example.org", Role.EDITOR)
    assert _join(editor, kept, OLD)[0] == 200
    with installation.reading() as work:
        states = select(Subscription.state).where(Subscription.member_id == kept)
        assert work.session.scalars(states).all() == ["unsubscribed"]


def test_what_was_never_confirmed_gives_no_consent_and_gets_no_mail(
    editor: Browser, run_jobs: Run
) -> None:
    kept = _confirmed(editor, AINO, run_jobs)
    with editor.installation.unit_of_work() as work:
        work.session.execute(update(Subscription).values(state="unsubscribed"))
    editor.subscribe(OLD)
    run_jobs()
    mails = len(editor.outbox(OLD))
    assert _join(editor, kept, OLD)[0] == 200
    run_jobs()
    assert len(editor.outbox(OLD)) == mails
    with editor.installation.reading() as work:
        states = select(Subscription.state).where(Subscription.member_id == kept)
        assert work.session.scalars(states).all() == ["unsubscribed"]


def test_a_letter_on_its_way_comes_once(editor: Browser, run_jobs: Run) -> None:
    kept = _confirmed(editor, AINO, run_jobs)
    _confirmed(editor, OLD, run_jobs)
    with editor.installation.unit_of_work() as work:
        number = issues.new_issue(work, parse_files([letter("en")])).id
        sending.send(work, number)
    _join(editor, kept, OLD)
    run_jobs()
    letters = [mail.to for mail in editor.outbox() if mail.subject == "A letter"]
    assert letters == [AINO]


def test_what_makes_no_sense_is_refused_and_kept(editor: Browser, run_jobs: Run) -> None:
    kept = _confirmed(editor, AINO, run_jobs)
    add_members(editor.installation, 1, "en")
    for typed, said in (
        ({"email": ""}, "e-mail"),
        ({"email": "nobody@example.org"}, "Nobody has this address"),
        ({"email": AINO}, "same record already"),
        ({"email": "editor@example.org"}, "take the role away first"),
        ({"email": "m0@school.example", "is_sure": ""}, "tick that both"),
    ):
        page = editor.post(f"{PEOPLE}/{kept}/join", {"is_sure": "1", **typed})
        assert (page.status, said in page.problem) == (422, True), typed
    assert _id(editor.installation, "m0@school.example")


JOINED = {
    ("joined_member", "kept_id"), ("consent_event", "member_id"), ("contribution", "author_id"),
    ("contribution", "editor_id"), ("contribution_co_author", "member_id"),
    ("contribution_leaning", "member_id"), ("interest", "member_id"), ("invitation", "member_id"),
    ("joint_action", "by_id"), ("learning_point", "by_id"), ("member_label", "member_id"),
    ("inquiry", "member_id"), ("question_answer", "member_id"),
    ("member_note", "member_id"), ("member_note", "by_id"),
    ("nomination", "by_id"), ("private_note", "member_id"), ("registration", "member_id"),
    ("subscription", "member_id"), ("workshop", "facilitator_id"), ("workshop", "seat_id"),
}  # fmt: skip
ENDS_WITH_THE_RECORD = {
    "address_change", "authenticator", "import_change", "not_twins", "organiser", "passkey",
    "people_import",
    "recovery_codes", "sign_in_request", "sign_in_session",
}  # fmt: skip


def test_nothing_that_knows_a_member_is_forgotten_when_two_are_joined() -> None:
    from core.database import Base

    known = {
        (table.name, key.parent.name)
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "member"
    }
    assert {one for one in known if one[0] not in ENDS_WITH_THE_RECORD} == JOINED


def test_both_forget_who_was_named_under_the_former_address(editor: Browser, run_jobs: Run) -> None:
    from core.persons import Erasure, erase_all

    installation = editor.installation
    _confirmed(editor, AINO, run_jobs)
    _confirmed(editor, OLD, run_jobs)
    workshop = hosts.ready(installation)
    hosts.invite(installation, workshop, "cleo@example.org")
    run_jobs()
    with installation.unit_of_work() as work:
        kept, other = (find_person(work.session, email) for email in (AINO, OLD))
        assert kept is not None
        assert other is not None
        joining.check_joinable(work, kept, other)
        join_all(work, kept, other, installation.persons)
    cleo = hosts.invitation_link(editor, "cleo@example.org")
    editor.post(f"{cleo}/nominate", {"email": OLD, "name": "Aino"})
    run_jobs()
    with installation.unit_of_work() as work:
        person = find_person(work.session, AINO)
        assert person is not None
        assert person.keys == {AINO, OLD}
        erase_all(work, person, Erasure(keeps_byline=False, by=None), installation.persons)
    from tests.staffroom.test_erasing import _everything

    run_jobs()
    found = [line[:200] for line in _everything(installation).splitlines() if "aino@" in line]
    assert found == []


def test_the_links_of_letters_to_the_other_address_still_take_away(
    editor: Browser, run_jobs: Run
) -> None:
    """They said "nothing more comes", and it came."""
    kept = _confirmed(editor, AINO, run_jobs)
    _confirmed(editor, OLD, run_jobs)
    with editor.installation.unit_of_work() as work:
        number = issues.new_issue(work, parse_files([letter("en")])).id
        sending.send(work, number)
    run_jobs()
    leave = link_of(editor.outbox(OLD)[0], "/unsubscribe/")
    preferences = link_of(editor.outbox(OLD)[0], "/preferences/")
    _join(editor, kept, OLD)
    assert editor.get(preferences).status == 200
    assert editor.post(leave).status == 200
    with editor.installation.reading() as work:
        states = select(Subscription.state).where(Subscription.member_id == kept)
        assert work.session.scalars(states).all() == ["unsubscribed"]


def test_no_link_of_the_other_record_moves_the_one_that_stays(
    editor: Browser, run_jobs: Run
) -> None:
    kept = _confirmed(editor, AINO, run_jobs)
    other = _confirmed(editor, OLD, run_jobs)
    with Browser.of(editor.installation) as she:
        with editor.installation.reading() as work:
            her = work.session.get_one(Member, other)
        sign_in_as(she, her)
        she.post("/me/address", {"email": "second@example.org"})
        run_jobs()
        she.post(link_of(she.outbox("second@example.org")[0], "/move/"))
        run_jobs()
        she.post("/me/address", {"email": "third@example.org"})
        run_jobs()
    back = link_of(editor.outbox(OLD)[0], "/move/back/")
    forth = link_of(editor.outbox("third@example.org")[0], "/move/")
    _join(editor, kept, "second@example.org")
    for link in (back, forth):
        assert editor.post(link).status == 404
    with editor.installation.reading() as work:
        assert work.session.get_one(Member, kept).email == AINO
        person = find_person(work.session, AINO)
        assert person is not None
        assert person.keys == {AINO, OLD, "second@example.org"}


@pytest.mark.parametrize("accepted", [AINO, OLD])
def test_who_was_named_twice_as_co_author_is_one(
    editor: Browser, run_jobs: Run, accepted: str
) -> None:
    kept = _confirmed(editor, AINO, run_jobs)
    _confirmed(editor, OLD, run_jobs)
    with Browser.of(editor.installation) as author:
        sign_in_as(author, member(editor.installation))
        path = send_in(author, "article")
        for email in (AINO, OLD):
            author.post(f"{path}/co-authors", {"email": email, "name": "Aino Zelda"})
    with editor.installation.unit_of_work() as work:
        said = CoAuthor.member_id == _id(editor.installation, accepted)
        work.session.execute(update(CoAuthor).where(said).values(state="accepted"))
    _join(editor, kept, OLD)
    with editor.installation.reading() as work:
        rows = work.session.execute(select(CoAuthor.member_id, CoAuthor.state)).all()
    assert rows == [(kept, "accepted")]


def test_an_invitation_in_both_mailboxes_is_answered_in_the_one_that_stays(
    editor: Browser, run_jobs: Run
) -> None:
    kept = _confirmed(editor, AINO, run_jobs)
    _confirmed(editor, OLD, run_jobs)
    workshop = hosts.ready(editor.installation)
    hosts.invite(editor.installation, workshop, f"{OLD}\n{AINO}")
    run_jobs()
    _join(editor, kept, OLD)
    assert editor.get(hosts.invitation_link(editor, AINO)).status == 200
    hosts.say(editor, AINO, "yes")
    assert hosts.places(editor.installation, workshop) == {AINO: "confirmed"}


def test_what_was_answered_at_the_place_that_goes_is_kept(editor: Browser, run_jobs: Run) -> None:
    kept = _confirmed(editor, AINO, run_jobs)
    _confirmed(editor, OLD, run_jobs)
    workshop = hosts.ready(editor.installation)
    hosts.invite(editor.installation, workshop, f"{OLD}\n{AINO}")
    run_jobs()
    hosts.say(editor, AINO, "yes")
    hosts.say(editor, OLD, "yes", answer_1="With my song")
    _join(editor, kept, OLD)
    with editor.installation.reading() as work:
        places = select(Registration.answers).where(Registration.member_id == kept)
        assert "With my song" in str(work.session.scalars(places).one())


def test_who_subscribed_under_the_other_address_gets_the_letter_that_waits(
    editor: Browser, run_jobs: Run
) -> None:
    kept = _confirmed(editor, AINO, run_jobs)
    _confirmed(editor, OLD, run_jobs)
    with editor.installation.unit_of_work() as work:
        mine = Subscription.member_id == kept
        work.session.execute(update(Subscription).where(mine).values(
            state="unsubscribed", changed_at=BEGIN - timedelta(days=1)))  # fmt: skip
        number = issues.new_issue(work, parse_files([letter("en")])).id
        sending.send(work, number)
    sending.freeze_audience(editor.installation, number)
    _join(editor, kept, OLD)
    run_jobs()
    assert [mail.to for mail in editor.outbox() if mail.subject == "A letter"] == [OLD]


@both_databases
def test_a_name_is_found_in_any_of_our_letters(editor: Browser) -> None:
    add_members(editor.installation, 1, "en")
    with editor.installation.unit_of_work() as work:
        work.session.scalars(
            select(Member).where(Member.email_key == "m0@school.example")
        ).one().name = "Åsa ÖHMAN"
    for words in ("öhman", "Öhman", "åsa", "ÅSA ö"):
        assert "Åsa ÖHMAN" in editor.get(f"{PEOPLE}?q={words}").text, words


def test_links_of_the_other_address_end_when_all_are_made_new(
    editor: Browser, run_jobs: Run
) -> None:
    kept = _confirmed(editor, AINO, run_jobs)
    _confirmed(editor, OLD, run_jobs)
    with editor.installation.unit_of_work() as work:
        sending.send(work, issues.new_issue(work, parse_files([letter("en")])).id)
    run_jobs()
    preferences = link_of(editor.outbox(OLD)[0], "/preferences/")
    _join(editor, kept, OLD)
    with editor.installation.unit_of_work() as work:
        renew_links(work, work.session.get_one(Member, kept), kept)
    assert editor.get(preferences).status == 410


@both_databases
def test_check_ins_check_outs_and_certificates_of_both_places_are_kept(
    editor: Browser, run_jobs: Run
) -> None:
    kept = _confirmed(editor, AINO, run_jobs)
    other = _confirmed(editor, OLD, run_jobs)
    workshop = hosts.ready(editor.installation)
    hosts.invite(editor.installation, workshop, f"{OLD}\n{AINO}")
    run_jobs()
    for email in (AINO, OLD):
        hosts.say(editor, email, "yes", **({"answer_1": "For one only"} if email == OLD else {}))
    with editor.installation.unit_of_work() as work:
        rows = work.session.scalars(select(Registration)).all()
        seats = {one.member_id: one for one in rows}
        for number in (kept, other):
            taken_at, at = seats[number].id, work.now
            work.session.add(CheckIn(registration_id=taken_at, words=f"tea {number}", at=at))
            learned = {"learned": f"learned {number}", "involves": "", "at": at}
            work.session.add(CheckOut(registration_id=taken_at, **learned))
        seats[other].certificate_code, seats[other].certificate_name = "abcdefgh", "Aino"
        seats[other].arrived_at, seats[other].answers_to = work.now, kept
        seats[kept].answers = []
    assert _join(editor, kept, OLD)[0] == 200
    with editor.installation.reading() as work:
        [place] = work.session.scalars(
            select(Registration).where(Registration.member_id == kept)
        ).all()
        [taken] = work.session.scalars(select(CheckOut)).all()
        assert len(work.session.scalars(select(CheckIn)).all()) == 1
    assert taken.learned == f"learned {kept}\n\nlearned {other}"
    assert (place.certificate_code, place.answers_to) == ("abcdefgh", kept)
    assert place.arrived_at is not None
    assert "For one only" in str(place.answers)


def test_who_gets_a_role_is_erased_with_the_addresses_of_before(
    editor: Browser, run_jobs: Run
) -> None:
    number = _confirmed(editor, OLD, run_jobs)
    editor.post(f"{PEOPLE}/{number}/correct", {"email": AINO})
    with editor.installation.unit_of_work() as work:
        add_organiser(work, parse_address(AINO), Role.EDITOR)
    with editor.installation.reading() as work:
        person = find_person(work.session, AINO)
    assert person is not None
    assert person.keys == {AINO, OLD}


def test_a_mail_about_somebody_that_waits_does_not_go_out_once_they_are_erased(
    editor: Browser, run_jobs: Run
) -> None:
    with Browser.of(editor.installation) as owner:
        owner.sign_in("owner@example.org", Role.OWNER)
        owner.post("/organise/team", {"email": AINO, "name": "", "role": "editor",
                                      "language": "en"})  # fmt: skip
        number = _id(editor.installation, AINO)
        assert owner.post(f"{PEOPLE}/{number}/erase", {"is_sure": "1"}).status == 200
    run_jobs()
    assert not [mail for mail in editor.outbox() if AINO in mail.text]


def test_our_own_words_are_said_in_the_language_of_the_reader(
    editor: Browser, run_jobs: Run
) -> None:
    number = _confirmed(editor, AINO, run_jobs)
    workshop = hosts.ready(editor.installation)
    hosts.invite(editor.installation, workshop, AINO)
    run_jobs()
    page = " ".join(editor.get(f"/fi{PEOPLE}/{number}").text.split())
    for words in ("Vahvisti: Uutiskirje", "englanti", "ei vielä vastausta", "Saa: alkaen"):
        assert words in page, words
    for code in ("awaiting", ">subscribed", ">sent<"):
        assert code not in page, code

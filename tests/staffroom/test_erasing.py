"""Somebody vanishes without a trace: from every table, file, mail and counter."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import false, select

from community import parts, who
from community.who import Introduction
from contributions.models import Contribution
from core.addresses import parse_address
from core.database import Base
from core.errors import Refusal
from core.installation import Installation
from core.persons import Erasure, Person, erase_all, tell_all
from core.stored_files import StoredFile
from core.tokens import Purpose
from library.models import Item
from mail.models import Delivery, Suppression
from members import address_change, erased
from members.importing import import_table
from members.list_rows import Import
from members.models import Member
from members.persons import find_person, person_of
from members.roles import Role
from members.tables import table_of
from newsletters import issues, sending
from newsletters.texts import parse_files
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.authors import do, member, send_in, sign_in_as
from tests.support.people import Browser, ShiftedClock, letter, link_of
from workshops.model.tables import Registration

Run = Callable[[], None]
ADDRESS, NAME = "Zelda.Quill@Vanish.example", "Zelda Quill"
KEY = ADDRESS.lower()


def _everything(installation: Installation) -> str:
    """A dump of all tables, of all files in the data folder, and of Valkey."""
    said = []
    with installation.reading() as work:
        for table in Base.metadata.sorted_tables:
            rows = work.session.execute(table.select())
            said += [f"{table.name}: {[_text(value) for value in row]}" for row in rows]
    outbox = Path(installation.settings.outbox)
    said += [path.read_bytes().decode("utf-8", "replace") for path in outbox.rglob("*.eml")]
    said.append(_valkey(installation.redis))
    return "\n".join(said).casefold()


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _valkey(redis: Redis) -> str:
    return "\n".join(f"{key!r} {redis.dump(key)!r}" for key in redis.scan_iter("*"))


def _life(visitor: Browser, run_jobs: Run) -> Member:
    """Somebody who has been everywhere and left something at each place."""
    installation = visitor.installation
    visitor.subscribe(ADDRESS, name=NAME)
    run_jobs()
    said = {"asked": "1", "read_in": "en", "language": "en", "name": NAME, "topics": "newsletter"}
    visitor.post(link_of(visitor.outbox(KEY)[0], "/confirm/"), said)
    run_jobs()
    with installation.unit_of_work() as work:
        her = work.session.scalars(select(Member).where(Member.email_key == KEY)).one()
        issue = issues.new_issue(work, parse_files([letter("en")]))
        sending.send(work, issue.id)
        shown = Introduction(NAME, {"en": "Sings"}, her.id)
        for _ in range(2):  # so that she stands in what was said before, too
            now = who.find(work)
            parts.change(work, who.PART, now.version, who.put(now, "", shown, None), None)
    workshop = hosts.ready(installation, capacity=1)
    hosts.invite(installation, workshop, f"{NAME} <{ADDRESS}>\nben@example.org")
    run_jobs()
    hosts.say(visitor, KEY, "yes", answer_1="With Zelda Quill's song", shows_name="1")
    hosts.say(visitor, "ben@example.org", "yes")
    run_jobs()
    other = hosts.ready(installation, title="Another")
    hosts.invite(installation, other, "cleo@example.org")
    run_jobs()
    cleo = hosts.invitation_link(visitor, "cleo@example.org")
    visitor.post(f"{cleo}/nominate", {"email": ADDRESS, "name": NAME})
    with Browser.of(installation) as she, Browser.of(installation) as editor:
        sign_in_as(she, her)
        editor.sign_in("editor@example.org", Role.EDITOR)
        for title in ("Published", "Unfinished"):
            path = send_in(she, "article", title=title, name=NAME)
            desk = path.replace("/me/", "/organise/")
            she.post(f"{path}/files", files={"files": ("z.txt", f"by {NAME}".encode())})
            do(editor, desk, "open")
            do(editor, desk, "ask", text="More?", form_key="1")
            she.post(f"{path}/reply", {"text": f"{NAME} answers", "form_key": "r"})
            if title == "Published":
                do(editor, desk, "accept")
                she.post(f"{path}/agree", {"version": she.get(path).hidden("version")})
                do(editor, desk, "publish")
        she.post("/me/data")
    visitor.post("/sign-in", {"email": ADDRESS})
    run_jobs()
    return her


def _erase(installation: Installation, *, keeps_byline: bool = False) -> None:
    with installation.unit_of_work() as work:
        person = find_person(work.session, KEY)
        assert person is not None
        erase_all(work, person, Erasure(keeps_byline, None), installation.persons)


@both_databases
def test_nothing_anywhere_says_who_it_was(visitor: Browser, run_jobs: Run) -> None:
    _life(visitor, run_jobs)
    before = _everything(visitor.installation)
    for trace in (KEY, "zelda", "quill"):
        assert trace in before, "there was something to find"
    _erase(visitor.installation)
    run_jobs()
    after = _everything(visitor.installation)
    for trace in (KEY, "zelda", "quill"):
        found = [line[:300] for line in after.splitlines() if trace in line]
        assert found == []


def test_the_place_is_given_to_who_waits(visitor: Browser, run_jobs: Run) -> None:
    _life(visitor, run_jobs)
    _erase(visitor.installation)
    run_jobs()
    with visitor.installation.reading() as work:
        states = select(Registration.state).join(Member).where(Member.email == "ben@example.org")
        assert work.session.scalars(states).one() == "offered"
    assert "A place is free" in visitor.outbox("ben@example.org")[0].subject or (
        "place" in visitor.outbox("ben@example.org")[0].subject
    )


@pytest.mark.parametrize(("keeps", "byline"), [(True, NAME), (False, "a former member")])
def test_what_is_published_stays_under_the_name_or_of_a_former_member(
    visitor: Browser, run_jobs: Run, keeps: bool, byline: str
) -> None:
    _life(visitor, run_jobs)
    _erase(visitor.installation, keeps_byline=keeps)
    with visitor.installation.reading() as work:
        [item] = work.session.scalars(select(Item)).all()
        assert (item.title, item.byline) == ("Published", byline)
        assert work.session.scalars(select(Contribution.title)).all() == ["Published"]
        assert len(work.session.scalars(select(StoredFile.id)).all()) == keeps
        slug = item.slug
    assert byline in visitor.get(f"/library/{slug}").text
    found = visitor.get("/library?words=zelda").text
    assert ("Published" in found.partition("<main")[2]) == keeps


def test_mail_on_its_way_when_somebody_is_erased_is_stopped_or_forgotten(
    visitor: Browser, run_jobs: Run
) -> None:
    _life(visitor, run_jobs)
    with visitor.installation.unit_of_work() as work:
        issue = issues.new_issue(work, parse_files([letter("en", "Second")]))
        sending.send(work, issue.id)
    _erase(visitor.installation)
    run_jobs()
    assert visitor.outbox(KEY) == []
    with visitor.installation.reading() as work:
        hers = work.session.scalars(select(Delivery.state).where(Delivery.address.like("hmac:%")))
        assert "cancelled" in set(hers)


def test_who_wanted_no_mail_stays_a_fingerprint(visitor: Browser, run_jobs: Run) -> None:
    _life(visitor, run_jobs)
    never = next(m for m in visitor.outbox(KEY) if any("/never/" in link for link in m.links))
    visitor.post(link_of(never, "/never/"))
    _erase(visitor.installation)
    visitor.installation.redis.flushdb()
    visitor.subscribe(ADDRESS)
    run_jobs()
    assert visitor.outbox(KEY) == []
    with visitor.installation.reading() as work:
        assert len(work.session.scalars(select(Suppression.key)).all()) == 1


def test_she_reads_it_takes_it_along_and_goes_by_a_fresh_link(
    visitor: Browser, run_jobs: Run
) -> None:
    _life(visitor, run_jobs)
    mail = next(m for m in visitor.outbox(KEY) if any("/data/" in link for link in m.links))
    link = link_of(mail, "/data/")
    page = visitor.get(link)
    for known in (KEY, "With Zelda Quill", "Unfinished", "Zelda Quill answers", "z.txt"):
        assert known.casefold() in page.text.casefold().replace("&#39;", "'")
    taken = json.loads(visitor.get(f"{link}/my-data.json").text)
    assert set(taken) == {"workshops", "contributions", "membership", "community", "mails"}
    assert taken["membership"][0]["email"].casefold() == KEY
    assert visitor.client.head(link).status_code == 200
    refused = visitor.post(f"{link}/erase", {"keep_byline": "1"})
    assert (refused.status, "cannot be undone" in refused.problem) == (422, True)
    assert visitor.post(f"{link}/erase", {"is_sure": "1"}).heading == "You are erased"
    assert visitor.get(link).status == 404
    with visitor.installation.reading() as work:
        assert find_person(work.session, KEY) is None


def test_a_stranger_may_not_read_or_erase(visitor: Browser, run_jobs: Run) -> None:
    her = _life(visitor, run_jobs)
    tokens = visitor.installation.tokens
    from core.tokens import Purpose

    for purpose in (Purpose.PREFERENCES, Purpose.CHANGE, Purpose.LEAVE):
        token = tokens.sign(purpose, her.id, her.links_version)
        assert visitor.get(f"/data/{token}").status == 404
        assert visitor.post(f"/data/{token}/erase", {"is_sure": "1"}).status == 404
    assert visitor.post("/me/data").status == 403
    with visitor.installation.reading() as work:
        assert find_person(work.session, KEY) is not None


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("Dear Ann, welcome", True), ("12: ann@x.example, teacher", True), ("ANN", True),
        ("planning in Anna's room", False), ("hann@x.example", False), ("ann@y.example", False),
        ("ann@x.example.org", True), ("ann-marie", False),
    ],
)  # fmt: skip
def test_somebody_is_named_by_whole_words(text: str, is_named: bool) -> None:
    ann = Person(1, "ann@x.example", "ann@x.example", "ann@x.example", "Ann")
    assert ann.is_named_in(text) is is_named


@both_databases
def test_of_two_owners_who_erase_themselves_at_once_one_stays(installation: Installation) -> None:
    with installation.unit_of_work() as work:
        ids = [hosts.organiser_id(work, email) for email in ("a@x.example", "b@x.example")]
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(lambda number: _goes(installation, number), ids))
    assert sorted(ends) == [False, True]


def _goes(installation: Installation, member_id: int) -> bool:
    try:
        with installation.unit_of_work() as work:
            person = person_of(work.session, work.session.get_one(Member, member_id))
            erase_all(work, person, Erasure(False, None), installation.persons)
    except Refusal:
        return False
    return True


def test_the_only_owner_cannot_go(installation: Installation) -> None:
    with installation.unit_of_work() as work:
        hosts.organiser_id(work)
    with installation.unit_of_work() as work:
        person = find_person(work.session, parse_address("owner@example.org").key)
        assert person is not None
        with pytest.raises(Refusal, match="only owner"):
            erase_all(work, person, Erasure(False, None), installation.persons)


def test_what_is_told_names_every_part(visitor: Browser, run_jobs: Run) -> None:
    _life(visitor, run_jobs)
    with visitor.installation.reading() as work:
        person = find_person(work.session, KEY)
        assert person is not None
        told = tell_all(work, person, visitor.installation.persons)
    assert json.loads(json.dumps(told)) == told
    assert all(told.values())


def test_whoever_has_the_address_now_is_told_nothing_of_who_had_it_before(
    visitor: Browser, run_jobs: Run
) -> None:
    installation = visitor.installation
    before = member(installation)
    with Browser.of(installation) as she:
        sign_in_as(she, before).post("/me/data")
        run_jobs()
    with installation.unit_of_work() as work:
        moved = work.session.get_one(Member, before.id)
        address_change.correct(work, moved, parse_address("new@x.example"), None, false())
    after = member(installation)
    assert (after.id, after.email) != (before.id, "new@x.example")
    with installation.reading() as work:
        told = tell_all(work, person_of(work.session, after), installation.persons)
    assert told["mails"] == []


@both_databases
def test_an_old_list_brings_nobody_back_and_they_themselves_may_come(
    visitor: Browser, run_jobs: Run
) -> None:
    _life(visitor, run_jobs)
    _erase(visitor.installation)
    assert _imported(visitor.installation)["suppressed"] == 1
    with visitor.installation.reading() as work:
        assert find_person(work.session, KEY) is None
    visitor.installation.redis.flushdb()
    visitor.subscribe(ADDRESS)
    run_jobs()
    said = {"asked": "1", "read_in": "en", "language": "en", "topics": "newsletter"}
    visitor.post(link_of(visitor.outbox(KEY)[0], "/confirm/"), said)
    assert _imported(visitor.installation)["updated"] == 1


def _imported(installation: Installation) -> Counter[str]:
    table = table_of([(1, {"email": ADDRESS, "name": NAME})])
    return import_table(
        installation.unit_of_work, table, Import("old list", ("newsletter",))
    ).counts


def test_a_second_click_says_the_same(visitor: Browser, run_jobs: Run) -> None:
    her = _life(visitor, run_jobs)
    link = visitor.installation.tokens.sign(Purpose.DATA, her.id, her.links_version)
    for _ in range(2):
        gone = visitor.post(f"/data/{link}/erase", {"is_sure": "1"})
        assert (gone.status, gone.heading) == (200, "You are erased")
    assert visitor.get(f"/data/{link}").status == 404


def test_a_pasted_list_invites_nobody_who_was_erased(visitor: Browser, run_jobs: Run) -> None:
    _life(visitor, run_jobs)
    _erase(visitor.installation)
    workshop = hosts.ready(visitor.installation, title="Later")
    hosts.invite(visitor.installation, workshop, f"{ADDRESS}\nnew@example.org")
    run_jobs()
    with visitor.installation.reading() as work:
        assert find_person(work.session, KEY) is None
    assert visitor.outbox("new@example.org")


def test_who_is_erased_again_is_remembered_from_then(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    with visitor.installation.unit_of_work() as work:
        erased.remember(work, ["a@b.example"])
    clock.forward(days=1000)
    with visitor.installation.unit_of_work() as work:
        erased.remember(work, ["a@b.example"])
    clock.forward(days=200)
    with visitor.installation.unit_of_work() as work:
        assert erased.purge(work) == 0
        assert erased.among(work, [parse_address("a@b.example")]) == {"a@b.example"}

"""Somebody passes all her mail on: the other can take away what she gets, and nothing else."""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import select

from core.database import Base
from core.tokens import Purpose
from mail.models import Delivery
from members.models import Member, Subscription
from members.roles import Role
from members.signing_in import print_link
from newsletters import issues, sending
from newsletters.texts import parse_files
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.authors import do, member, send_in, sign_in_as
from tests.support.people import Browser, ShiftedClock, letter, link_of
from tests.support.stranger import press_everything

Run = Callable[[], None]
AINO = "aino.virtanen@example.org"


class Owner(NamedTuple):
    """What is hers: only she may change it, or add to it."""

    email: str
    name: str
    language: str
    role: str
    country: str
    time_zone: str
    topics: frozenset[str]


def _owner(visitor: Browser) -> Owner:
    with visitor.installation.reading() as work:
        her = work.session.scalars(select(Member).where(Member.email == AINO)).one()
        topics = select(Subscription.topic).where(
            Subscription.member_id == her.id, Subscription.state == "subscribed"
        )
        return Owner(her.email, her.name, her.language, her.role, her.country, her.time_zone,
                     frozenset(work.session.scalars(topics)))  # fmt: skip


def _full_mailbox(visitor: Browser, run_jobs: Run) -> None:
    """Every kind of mail with a link in it that a member gets without asking for it."""
    installation = visitor.installation
    visitor.subscribe(AINO)
    run_jobs()
    confirm = link_of(visitor.outbox(AINO)[0], "/confirm/")
    said = {"asked": "1", "read_in": "en", "language": "en", "name": "Aino", "topics": "newsletter"}
    visitor.post(confirm, said)
    run_jobs()
    with installation.unit_of_work() as work:
        her = work.session.scalars(select(Member).where(Member.email == AINO)).one()
        her.role, her.country, her.time_zone = "teacher", "FI", "Europe/Helsinki"
        issue = issues.new_issue(work, parse_files([letter("en")]))
        sending.send(work, issue.id)
    for title in ("The first minute", "The last minute"):
        hosts.invite(installation, hosts.ready(installation, title=title), AINO)
        run_jobs()
    hosts.say(visitor, AINO, "yes")
    installation.redis.flushdb()
    visitor.subscribe(AINO, workshops="1")
    with Browser.of(installation) as aino, Browser.of(installation) as editor:
        sign_in_as(aino, her)
        path = send_in(aino, "article")
        editor.sign_in("editor@example.org", Role.EDITOR)
        desk = path.replace("/me/", "/organise/")
        do(editor, desk, "open")
        do(editor, desk, "ask", text="Could you say more?", form_key="1")
    run_jobs()


@both_databases
def test_whoever_gets_all_her_mail_can_take_away_and_nothing_else(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    _full_mailbox(visitor, run_jobs)
    before = _owner(visitor)
    links = {
        link.removeprefix(visitor.installation.settings.base_url)
        for mail in visitor.outbox(AINO)
        for link in (*mail.links, mail.headers.get("List-Unsubscribe", "").strip("<>"))
        if link.startswith(visitor.installation.settings.base_url)
        # These two she asked for just now, to add or to come in: they are her own keys.
        and "/confirm/" not in link
    }
    kinds = {link.removeprefix("/fi").split("/")[1] for link in links}
    assert {"unsubscribe", "preferences", "i", "w", "not-me", "contribute"} <= kinds
    seen = set[frozenset[str]]()
    with Browser.of(visitor.installation) as stranger:
        for link in sorted(links):
            for page in press_everything(stranger, link):
                after = _owner(visitor)
                assert after._replace(topics=before.topics) == before, page.response.url
                assert after.topics <= before.topics, page.response.url
                seen.add(after.topics)
                assert AINO not in page.text, page.response.url
                assert "/change/" not in page.text
                _is_told_nothing(page.text)
    assert frozenset() in seen, "taking away works"


def _is_told_nothing(page: str) -> None:
    for known in ('value="teacher" selected', 'value="FI" selected', "Europe/Helsinki&#34;"):
        assert known not in page


def test_a_stranger_who_asks_for_a_fresh_link_gets_none(visitor: Browser, run_jobs: Run) -> None:
    """The button mails her; what the stranger sees is that it does."""
    _full_mailbox(visitor, run_jobs)
    preferences = next(
        link_of(mail, "/preferences/")
        for mail in visitor.outbox(AINO)
        if any("/preferences/" in link for link in mail.links)
    )
    visitor.installation.redis.flushdb()  # the day after
    with Browser.of(visitor.installation) as stranger:
        answer = stranger.post(f"{preferences}/fresh", {"email": "mallory@evil.example"})
        assert "/change/" not in answer.text
    run_jobs()
    with visitor.installation.reading() as work:
        to = work.session.scalars(select(Delivery.address).distinct()).all()
    assert "mallory@evil.example" not in to
    assert link_of(visitor.outbox(AINO)[0], "/change/")


def test_her_links_made_new_end_those_of_all_her_mails(visitor: Browser, run_jobs: Run) -> None:
    _full_mailbox(visitor, run_jobs)
    with visitor.installation.reading() as work:
        her = work.session.scalars(select(Member).where(Member.email == AINO)).one()
        calendar = f"/calendar/{work.tokens.sign(Purpose.CALENDAR, her.id, her.links_version)}"
    links = [calendar, *(
        link_of(mail, part)
        for part in ("/preferences/", "/i/", "/w/")
        for mail in visitor.outbox(AINO)
        if any(part in link for link in mail.links)
    )]  # fmt: skip
    assert len(links) > 4
    assert {visitor.get(link).status for link in links} == {200}
    with Browser.of(visitor.installation) as aino:
        sign_in_as(aino, her)
        aino.post(aino.get("/me").action("/me/links"))
        assert {visitor.get(link).status for link in links} == {410}
        feed = aino.get("/workshops").attribute('a[href*="/calendar/"]', "href")
        assert aino.get(f"/calendar/{feed.rpartition('/')[2]}").status == 200


def test_who_comes_by_a_link_asks_for_the_newsletter_and_is_mailed(
    visitor: Browser, run_jobs: Run
) -> None:
    """Ticking it on an invitation is a wish; the owner of the mailbox confirms it."""
    workshop = hosts.ready(visitor.installation)
    hosts.invite(visitor.installation, workshop, AINO)
    run_jobs()
    hosts.say(visitor, AINO, "yes", newsletter="1")
    run_jobs()
    assert _owner(visitor).topics == frozenset()
    mail = next(m for m in visitor.outbox(AINO) if any("/confirm/" in x for x in m.links))
    visitor.post(link_of(mail, "/confirm/"))
    assert _owner(visitor).topics == {"newsletter"}


def test_who_is_signed_in_subscribes_by_a_tick(visitor: Browser, run_jobs: Run) -> None:
    workshop = hosts.ready(visitor.installation)
    hosts.invite(visitor.installation, workshop, AINO)
    run_jobs()
    with visitor.installation.unit_of_work() as work:
        her = work.session.scalars(select(Member).where(Member.email == AINO)).one()
        link = print_link(work, her)
    with Browser.of(visitor.installation) as aino:
        aino.post(link)
        hosts.say(aino, AINO, "yes", newsletter="1", name="Aino V")
    assert _owner(visitor).topics == {"newsletter"}
    assert _owner(visitor).name == "Aino V"


def test_a_name_that_somebody_typed_is_in_no_mail_until_its_owner_says_so(
    visitor: Browser, run_jobs: Run
) -> None:
    workshop = hosts.ready(visitor.installation)
    visitor.subscribe(AINO, name="Buy pills")
    hosts.invite(visitor.installation, workshop, AINO)
    run_jobs()
    assert [mail.subject for mail in visitor.outbox(AINO) if "pills" in mail.source] == []
    with visitor.installation.reading() as work:
        her = work.session.scalars(select(Member).where(Member.email == AINO)).one()
        assert (her.name, her.typed_name) == ("", "Buy pills")


def test_an_organisers_word_for_a_name_holds_before_a_visitors(
    visitor: Browser, run_jobs: Run
) -> None:
    visitor.subscribe(AINO, language="fi", name="Buy pills")
    workshop = hosts.ready(visitor.installation)
    hosts.invite(visitor.installation, workshop, f"Aino Virtanen <{AINO}>")
    run_jobs()
    mail = next(m for m in visitor.outbox(AINO) if any("/i/" in x for x in m.links))
    assert "Hello Aino," in mail.text


def _dump(visitor: Browser) -> list[str]:
    with visitor.installation.reading() as work:
        return [
            f"{table.name}: {tuple(row)}"
            for table in Base.metadata.sorted_tables
            for row in work.session.execute(table.select())
        ]


@both_databases
def test_looking_at_every_link_of_every_mail_changes_nothing(
    visitor: Browser, run_jobs: Run
) -> None:
    """Mail scanners follow all of them, by GET and by HEAD, before their owner has seen one."""
    _full_mailbox(visitor, run_jobs)
    with Browser.of(visitor.installation) as aino:
        with visitor.installation.reading() as work:
            her = work.session.scalars(select(Member).where(Member.email == AINO)).one()
        sign_in_as(aino, her)
        aino.post("/me/data")
        aino.post("/me/address", {"email": "aino@newschool.example"})
    visitor.post("/sign-in", {"email": AINO})
    run_jobs()
    base = visitor.installation.settings.base_url
    links = {link for mail in visitor.outbox() for link in mail.links if link.startswith(base)}
    assert len(links) > 20
    before = _dump(visitor)
    with Browser.of(visitor.installation) as scanner:
        for link in sorted(links):
            for method in ("GET", "HEAD"):
                answer = scanner.client.request(method, link.removeprefix(base))
                assert answer.status_code < 500, link
    assert _dump(visitor) == before


def test_who_confirms_another_topic_by_a_link_sees_nothing_of_whose_it_is(
    visitor: Browser, run_jobs: Run
) -> None:
    her = member(visitor.installation)
    for email, is_asked in ((her.email, False), ("new@school.example", True)):
        visitor.subscribe(email, workshops="1")
        run_jobs()
        with Browser.of(visitor.installation) as friend:
            page = friend.post(link_of(visitor.outbox(email)[0], "/confirm/"))
            assert ("/change/" in page.text) is is_asked

"""Workshops: nobody is left in the dark, and nothing is turned against its owner."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.audit import AuditEntry
from core.errors import Refusal
from core.installation import Installation
from members.models import Member
from members.roles import Role
from members.segments import Segment
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.people import Browser, ShiftedClock, link_of
from workshops.conduct import conducting, notices
from workshops.invitation import choosing, cohorts
from workshops.model.method import Frame
from workshops.model.registration_states import RegistrationState
from workshops.model.tables import Invitation, Registration, Workshop
from workshops.model.told import HeldNotice
from workshops.planning import planning
from workshops.reflection import alphabets, attendance, certificates

Run = Callable[[], None]
SEVEN = [f"p{n}@example.org" for n in range(7)]


def _invited(browser: Browser, run_jobs: Run, people: list[str], **more: object) -> Workshop:
    workshop = hosts.ready(browser.installation, **more)  # type: ignore[arg-type]
    hosts.invite(browser.installation, workshop, "\n".join(people))
    run_jobs()
    return workshop


def _owner(browser: Browser) -> Browser:
    return browser.sign_in("owner@example.org", Role.OWNER)


def _cancel(installation: Installation, workshop: Workshop) -> None:
    with installation.unit_of_work() as work:
        conducting.cancel(
            work, work.session.get_one(Workshop, workshop.id), hosts.organiser_id(work)
        )


def _stage(installation: Installation, workshop: Workshop) -> str:
    with installation.reading() as work:
        return work.session.get_one(Workshop, workshop.id).stage


def _tick(installation: Installation, run_jobs: Run) -> None:
    from workshops.conduct.upkeep import look_after

    look_after(installation.unit_of_work)
    run_jobs()


def _subjects(browser: Browser, to: str) -> list[str]:
    return [mail.subject for mail in browser.outbox(to)]


@both_databases
def test_what_people_were_not_told_stands_everywhere_until_it_is_decided(
    visitor: Browser, editor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = _invited(visitor, run_jobs, SEVEN)
    installation = visitor.installation
    _cancel(installation, workshop)
    base = f"/organise/workshops/{workshop.public_id}"
    owner = _owner(editor)
    for path in ("/organise", "/organise/workshops", f"{base}/people", f"{base}/change",
                 f"{base}/room", f"{base}/run-sheet"):  # fmt: skip
        page = owner.get(path)
        assert 'class="alarm"' in page.text, path
        assert "8 people have not been told" in page.text, path
    _tick(installation, run_jobs)
    assert "Not told yet" not in " ".join(_subjects(owner, "owner@example.org"))
    for _ in range(2):
        clock.forward(minutes=31)
        _tick(installation, run_jobs)
    told = [s for s in _subjects(owner, "owner@example.org") if s.startswith("Not told yet")]
    assert len(told) == 1
    for _ in range(3):
        clock.forward(days=1)
        _tick(installation, run_jobs)
    told = [s for s in _subjects(owner, "owner@example.org") if s.startswith("Not told yet")]
    assert len(told) == 4
    assert not any("cancelled" in s.lower() for s in _subjects(visitor, SEVEN[0]))


def test_a_cancellation_that_nobody_knows_of_can_be_undone(
    visitor: Browser, editor: Browser, run_jobs: Run
) -> None:
    workshop = _invited(visitor, run_jobs, SEVEN)
    before = _stage(visitor.installation, workshop)
    _cancel(visitor.installation, workshop)
    owner, base = _owner(editor), f"/organise/workshops/{workshop.public_id}"
    assert "would come for nothing" in owner.post(f"{base}/notices/drop").text
    assert owner.post(f"{base}/notices/undo").status == 200
    assert _stage(visitor.installation, workshop) == before
    assert 'class="alarm"' not in owner.get("/organise").text
    assert "cannot be undone" in owner.post(f"{base}/notices/undo").text


@both_databases
def test_a_cancellation_shortly_before_the_start_goes_by_itself_after_half_an_hour(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = _invited(visitor, run_jobs, SEVEN)
    for who in SEVEN[:6]:
        hosts.say(visitor, who, "yes")
    run_jobs()
    clock.forward(hours=24 * hosts.days_until(workshop) - 47)
    with visitor.installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, workshop.id)
        assert conducting.cancel(work, kept, hosts.organiser_id(work)) >= 6
    _tick(visitor.installation, run_jobs)
    assert not any("cancel" in s.lower() for s in _subjects(visitor, SEVEN[0]))
    clock.forward(minutes=31)
    for _ in range(2):
        _tick(visitor.installation, run_jobs)
    assert sum("cancel" in s.lower() for s in _subjects(visitor, SEVEN[0])) == 1
    with visitor.installation.reading() as work:
        assert work.session.scalars(select(HeldNotice)).all() == []


def _private(visitor: Browser, run_jobs: Run) -> str:
    _invited(visitor, run_jobs, ["ann@example.org"])
    link = hosts.invitation_link(visitor, "ann@example.org")
    answers = {"answer_1": "My secret", "shared_1": "facilitator", "name": "Ann A"}
    assert visitor.post(link, {"answer": "yes", "rules": "1", **answers}).status == 200
    run_jobs()
    return link


@both_databases
def test_a_forwarded_invitation_shows_a_stranger_nothing_after_the_yes(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    link = _private(visitor, run_jobs)
    assert "My secret" in visitor.get(link).text, "the browser that answered"
    with Browser.of(visitor.installation) as stranger:
        for page in (stranger.get(link), stranger.post(link, {"answer": "no"}),
                     stranger.post(f"{link}/nominate", {"email": "x@example.org"})):  # fmt: skip
            assert "This invitation was answered" in page.text
            for personal in ("My secret", "Ann A", "ann@", "an…@", "/w/"):
                assert personal not in page.text
        with visitor.installation.reading() as work:
            assert work.session.scalars(select(Invitation.state)).all() == ["accepted"]
        asked = stranger.post(f"{link}/ask", {"email": "eve@example.org", "name": "Eve"})
        assert "organisers see that you would like to come" in asked.text
        assert "on its way" in stranger.post(f"{link}/own-link").text
        run_jobs()
        assert stranger.outbox("eve@example.org") == []
    mail = visitor.outbox("ann@example.org")[0]
    assert mail.subject.startswith("Your link")
    with Browser.of(visitor.installation) as other_device:
        assert "My secret" in other_device.get(link_of(mail, "/w/")).text


def test_who_said_no_changes_their_mind_by_a_link_of_their_own(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    _invited(visitor, run_jobs, ["ann@example.org"])
    link = hosts.invitation_link(visitor, "ann@example.org")
    visitor.post(link, {"answer": "no"})
    clock.forward(minutes=5)
    assert "Will you come" in visitor.get(link).text, "the browser that answered"
    with Browser.of(visitor.installation) as other:
        assert "This invitation was answered" in other.get(link).text
        other.post(f"{link}/own-link")
        run_jobs()
        fresh = link_of(other.outbox("ann@example.org")[0], "/i/")
        assert other.get(link).status == 410
        assert other.post(fresh, {"answer": "yes", "rules": "1"}).status == 200
    assert hosts.answers(visitor.installation, _only(visitor.installation)) == {
        "ann@example.org": "accepted"
    }


def _only(installation: Installation) -> Workshop:
    with installation.reading() as work:
        return work.session.scalars(select(Workshop)).one()


def test_a_link_to_a_place_ends_and_can_be_renewed_by_its_owner(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    _private(visitor, run_jobs)
    link = hosts.place_link(visitor, "ann@example.org")
    page = visitor.get(link)
    assert "The page of an…@example.org" in page.text
    assert "Ann A" not in page.text, "a link may be forwarded"
    assert "Not you?" in page.text
    clock.forward(days=400)
    ended = visitor.get(link)
    assert (ended.status, "My secret" in ended.text) == (410, False)
    assert visitor.post(f"{link}/give-up").status == 410
    assert "on its way" in visitor.post(f"{link}/renew").text
    run_jobs()
    fresh = hosts.place_link(visitor, "ann@example.org")
    assert fresh != link
    assert visitor.get(fresh).status == 200


def test_giving_a_place_up_can_be_undone_until_somebody_has_it(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    _private(visitor, run_jobs)
    link = hosts.place_link(visitor, "ann@example.org")
    assert "Undo: I will come" in visitor.post(f"{link}/give-up").text
    assert "You have a place" in visitor.post(f"{link}/take").text
    visitor.post(f"{link}/give-up")
    clock.forward(hours=2)
    assert "Undo: I will come" not in visitor.get(link).text


def test_the_name_that_somebody_types_replaces_the_organisers_guess(
    visitor: Browser, run_jobs: Run
) -> None:
    _invited(visitor, run_jobs, ["Guess <ann@example.org>"])
    hosts.say(visitor, "ann@example.org", "yes", name="Ánn Áskew")
    with visitor.installation.reading() as work:
        assert (
            work.session.scalars(select(Member.name).where(Member.email == "ann@example.org")).one()
            == "Ánn Áskew"
        )


def _attended(visitor: Browser, run_jobs: Run, clock: ShiftedClock, name: str) -> Registration:
    workshop = _invited(visitor, run_jobs, ["ann@example.org"])
    hosts.say(visitor, "ann@example.org", "yes", name=name)
    clock.forward(hours=24 * hosts.days_until(workshop) + 0.1)
    installation = visitor.installation
    with installation.unit_of_work() as work:
        registration = work.session.scalars(hosts.place_of("ann@example.org")).one()
        kept = work.session.get_one(Workshop, workshop.id)
        attendance.note(work, kept, {registration.id: True}, hosts.organiser_id(work))
    run_jobs()
    assert not any("certificate" in s.lower() for s in _subjects(visitor, "ann@example.org"))
    clock.forward(hours=3)
    for _ in range(2):
        _tick(installation, run_jobs)
    with installation.reading() as work:
        return work.session.scalars(hosts.place_of("ann@example.org")).one()


def test_a_certificate_keeps_its_name_goes_out_after_the_end_and_is_corrected_in_the_audit(
    visitor: Browser, editor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    page_link = _attended(visitor, run_jobs, clock, "Ann A")
    mails = [s for s in _subjects(visitor, "ann@example.org") if "certificate" in s.lower()]
    assert len(mails) == 1
    with visitor.installation.unit_of_work() as work:
        work.session.scalars(
            select(Member).where(Member.id == page_link.member_id)
        ).one().name = "Else"
    page = f"/certificates/{page_link.certificate_code}"
    assert "Ann A" in visitor.get(page).text
    base = f"/organise/workshops/{_only(visitor.installation).public_id}"
    correct = f"{base}/places/{page_link.id}/certificate"
    assert visitor.post(correct, {"name": "Mine"}).status == 403, "a stranger may not"
    editor.sign_in("ed@example.org", Role.EDITOR)
    assert editor.post(correct, {"name": "Ann B. Ask"}).status == 200
    assert "Ann B. Ask" in visitor.get(page).text
    with visitor.installation.reading() as work:
        acts = work.session.scalars(select(AuditEntry.act)).all()
        assert acts.count("correct certificate") == 1


NAMES = ["王小明", "山田花子", "김철수", "محمد علي", "דוד לוי", "राजेश कुमार", "สมชาย ใจดี",
         "გიორგი ბერიძე", "A\u0308ija\u0308", "Nguyễn Thị Ánh", "Γιώργος", "Иван"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_certificate_has_the_letters_of_its_owners_name(
    installation: Installation, name: str
) -> None:
    from mail.links import Links

    assert alphabets.missing_letters(name) == ""
    workshop = hosts.ready(installation)
    assert workshop.starts_at
    assert workshop.ends_at
    certified = attendance.Certified(
        name, "T", workshop.starts_at, workshop.ends_at, workshop.zone, "en", "a" * 16
    )
    links = Links.of(installation.settings, installation.tokens)
    pdf = certificates.pdf_of(certified, "Community", links, "en")
    assert pdf.count(b"/FontFile") >= 2
    # A letter that no font has is drawn as glyph 0, which none of these may use.
    assert b".notdef" not in pdf.split(b"/Differences")[-1]


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose system has no fonts of its own, and the folder where it would have them."""
    monkeypatch.setattr(alphabets, "SYSTEM_FONTS", (tmp_path,))
    return tmp_path


def test_a_name_that_no_font_can_write_is_said_and_nothing_is_mailed(
    visitor: Browser, editor: Browser, run_jobs: Run, clock: ShiftedClock, bare_machine: Path
) -> None:
    page_link = _attended(visitor, run_jobs, clock, "አበበ በቀለ")
    assert not any("certificate" in s.lower() for s in _subjects(visitor, "ann@example.org"))
    people = f"/organise/workshops/{_only(visitor.installation).public_id}/people"
    editor.sign_in("ed@example.org", Role.EDITOR)
    assert "No font here has these letters" in editor.get(people).text
    assert "fonts-noto-core" in editor.get(people).text
    _install(bare_machine, "አበበ በቀለ")
    assert alphabets.missing_letters("አበበ በቀለ") == ""
    _tick(visitor.installation, run_jobs)
    editor.post(
        f"{people.removesuffix('people')}places/{page_link.id}/certificate", {"name": "Abebe"}
    )
    run_jobs()
    assert any("certificate" in s.lower() for s in _subjects(visitor, "ann@example.org"))


def _install(folder: Path, letters: str) -> None:
    """A font with these letters, as the system's package would bring one."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    names = {ord(c): f"u{ord(c):X}" for c in set(letters)}
    order = [".notdef", *names.values()]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    builder.setupGlyf({name: TTGlyphPen(None).glyph() for name in order})
    builder.setupHorizontalMetrics(dict.fromkeys(order, (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Noto Sans Ethiopic", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(folder / "NotoSansEthiopic-Regular.ttf")


def test_a_full_workshop_says_so_before_the_yes(visitor: Browser, run_jobs: Run) -> None:
    _invited(visitor, run_jobs, ["ann@example.org", "bea@example.org"], capacity=1)
    bea = hosts.invitation_link(visitor, "bea@example.org")
    assert "waiting list" not in visitor.get(bea).text
    hosts.say(visitor, "ann@example.org", "yes")
    assert "If you say yes you are on the waiting list" in visitor.get(bea).text


def test_everybody_who_comes_is_reminded_the_day_before(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = _invited(visitor, run_jobs, ["ann@example.org"])
    hosts.say(visitor, "ann@example.org", "yes")
    clock.forward(hours=24 * hosts.days_until(workshop) - 20)
    for _ in range(2):
        _tick(visitor.installation, run_jobs)
    assert _subjects(visitor, "ann@example.org").count(f"Tomorrow: {workshop.title}") == 1


def test_an_organiser_gives_a_free_place_by_hand_until_the_end(
    visitor: Browser, editor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = _invited(visitor, run_jobs, ["ann@example.org", "bea@example.org"], capacity=1)
    for who in ("ann@example.org", "bea@example.org"):
        hosts.say(visitor, who, "yes")
    run_jobs()
    with visitor.installation.reading() as work:
        bea = work.session.scalars(
            select(Registration).where(Registration.state == RegistrationState.WAITLISTED)
        ).one()
    base = f"/organise/workshops/{workshop.public_id}"
    give = f"{base}/places/{bea.id}/give"
    assert visitor.post(give).status == 403, "a stranger may not"
    assert "No place is free" in editor.post(give).text
    clock.forward(hours=24 * hosts.days_until(workshop) - 1)
    visitor.post(f"{hosts.place_link(visitor, 'ann@example.org')}/give-up")
    page = visitor.get(hosts.place_link(visitor, "bea@example.org"))
    assert "1 place is free now" in page.text
    editor.sign_in("ed@example.org", Role.EDITOR)
    assert editor.post(give).status == 200
    run_jobs()
    assert _subjects(visitor, "bea@example.org")[0].startswith("You have a place")


def test_own_words_go_out_without_being_saved_and_a_late_day_is_refused(
    visitor: Browser, editor: Browser, run_jobs: Run
) -> None:
    workshop = hosts.ready(visitor.installation)
    base = f"/organise/workshops/{workshop.public_id}"
    editor.post(f"{base}/cohorts", {"way": "list", "people": "ann@example.org",
                                    "their_language": "en"})  # fmt: skip
    cohort = f"{base}/cohorts/1"
    assert workshop.starts_at
    late = f"{workshop.starts_at + timedelta(days=2):%Y-%m-%d}"
    typed = {"typed": "1", "note": "Do come, Ann.", "answer_by": late}
    assert "before it begins" in editor.post(f"{cohort}/release", typed).text
    soon = f"{workshop.starts_at - timedelta(days=3):%Y-%m-%d}"
    in_time = {**typed, "answer_by": soon}
    assert editor.post(f"{cohort}/test", in_time).status == 200
    run_jobs()
    [test] = editor.outbox("ed@example.org")
    assert test.subject.startswith("[TEST] ")
    assert not any("/i/" in link for link in test.links)
    assert "invite" in editor.get(f"{cohort}/preview/en").text.lower()
    assert editor.post(f"{cohort}/release", in_time).status == 200
    run_jobs()
    assert "Do come, Ann." in visitor.outbox("ann@example.org")[0].text


def test_a_filter_invites_only_those_who_said_that_we_may(installation: Installation) -> None:
    from members.importing import import_table
    from members.list_rows import Import
    from members.tables import table_of

    people = [(1, {"email": "yes@example.org", "role": "teacher"}),
              (2, {"email": "no@example.org", "role": "teacher"})]  # fmt: skip
    import_table(installation.unit_of_work, table_of(people[:1]), Import("x", ("workshops",)))
    import_table(installation.unit_of_work, table_of(people[1:]), Import("x", ("newsletter",)))
    with installation.reading() as work:
        chosen = choosing.by_segment(
            work.session, Segment(roles=frozenset({"teacher"})), work.now.date()
        )
    assert list(chosen.people.values()) == ["yes@example.org"]
    assert [(one.who, one.reason) for one in chosen.left_out] == [
        ("no@example.org", choosing.NEVER_AGREED)
    ]


def test_a_default_day_to_answer_by_never_lies_after_the_start(installation: Installation) -> None:
    workshop = hosts.ready(installation)
    assert workshop.starts_at
    for hours in (1, 6, 13, 49, 24 * 20):
        now = workshop.starts_at - timedelta(hours=hours)
        assert now < cohorts.default_terms(workshop, now).answer_by <= workshop.starts_at


def test_a_private_answer_belongs_to_the_facilitator_it_was_written_to(
    visitor: Browser, editor: Browser, run_jobs: Run
) -> None:
    _private(visitor, run_jobs)
    installation = visitor.installation
    with installation.unit_of_work() as work:
        workshop = work.session.scalars(select(Workshop)).one()
        editors = select(Member.id).where(Member.email == "ed@example.org")
        workshop.facilitator_id = work.session.scalars(editors).one()
        workshop.facilitator_accepted_at = work.now
    room = f"/organise/workshops/{_only(installation).public_id}/room"
    assert "My secret" not in editor.get(room).text
    page_link = hosts.place_link(visitor, "ann@example.org")
    assert "is not shown" in visitor.get(page_link).text
    visitor.post(f"{page_link}/let-read")
    assert "My secret" in editor.get(room).text


def test_a_new_facilitator_is_told_to_everybody_and_a_typo_to_nobody(
    visitor: Browser, editor: Browser, run_jobs: Run
) -> None:
    workshop = _invited(visitor, run_jobs, ["ann@example.org"])
    hosts.say(visitor, "ann@example.org", "yes")
    run_jobs()
    before = len(visitor.outbox("ann@example.org"))
    page = editor.get(f"/organise/workshops/{workshop.public_id}/change")
    fields = {name: page.field(name) for name in ("title", "local_start", "zone", "minutes",
                                                  "meeting_url", "rules", "follow_up_on",
                                                  "facilitator", "version")}  # fmt: skip
    change = f"/organise/workshops/{workshop.public_id}/change"
    quiet = {**fields, "title": "The first minute, corrected", "quietly": "1"}
    assert editor.post(change, quiet).status == 200
    run_jobs()
    assert len(visitor.outbox("ann@example.org")) == before
    with visitor.installation.reading() as work:
        member_id = work.session.scalars(
            select(Member.id).where(Member.email == "ed@example.org")
        ).one()
    with visitor.installation.unit_of_work() as work:
        work.session.get_one(Member, member_id).name = "Edda"
    version = editor.get(change).hidden("version")
    editor.post(change, {**quiet, "facilitator": str(member_id), "version": version})
    run_jobs()
    assert "Led by Edda" in visitor.outbox("ann@example.org")[0].text


def test_undoing_what_was_told_is_refused(installation: Installation) -> None:
    workshop = hosts.ready(installation)
    with installation.unit_of_work() as work, pytest.raises(Refusal):
        notices.undo(work, work.session.get_one(Workshop, workshop.id), 1)


def test_a_facilitator_opens_the_plan_and_the_people_of_her_workshop_alone(
    visitor: Browser, editor: Browser, run_jobs: Run
) -> None:
    workshop = _invited(visitor, run_jobs, SEVEN)
    hosts.say(visitor, "p0@example.org", "yes", name="Pia")
    with Browser.of(visitor.installation) as browser:
        facilitator = browser.sign_in("fa@example.org", Role.FACILITATOR)
        base = f"/organise/workshops/{workshop.public_id}"
        assert base in facilitator.get("/organise/workshops").text
        page = facilitator.get(base)
        assert page.status == 200
        for words in ("The first minute", "We ask before we advise", "Pia", hosts.QUESTION):
            assert words in page.text
        assert "p0@example.org" not in page.text
        assert facilitator.get(f"{base}/people").status == 200
        for action in re.findall(r'action="([^"]+)"', page.text):
            assert "/sign-out" in action or "/accept" in action, "no button without the right"
        assert facilitator.post(base, {"title": "Mine"}).status == 403
        stranger = browser.sign_in("other@example.org", Role.FACILITATOR)
        assert stranger.get(base).status == stranger.get(f"{base}/people").status == 404


def test_the_duties_are_accepted_where_the_plan_asks_for_it(editor: Browser) -> None:
    owner = _owner(editor)
    with editor.installation.unit_of_work() as work:
        workshop = planning.begin(work, Frame.FORUM, "en", hosts.organiser_id(work))
        workshop.facilitator_id = hosts.organiser_id(work)
    base = f"/organise/workshops/{workshop.public_id}"
    page = owner.get(base)
    assert 'form="accept"' in page.text
    after = owner.post(page.action("/accept"), {"back": "plan"})
    assert str(after.response.url).endswith(base)
    assert 'form="accept"' not in after.text


def test_the_second_click_of_a_yes_is_the_same_browsers_and_nobody_elses(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    _invited(visitor, run_jobs, ["ann@example.org"])
    link = hosts.invitation_link(visitor, "ann@example.org")
    yes = {"answer": "yes", "rules": "1", "answer_1": "My secret"}
    yes["form"] = visitor.get(link).hidden("form")
    visitor.post(link, yes)
    visitor.client.cookies.clear()  # the first answer, with its cookie, never arrived
    assert "My secret" in visitor.post(link, yes).text
    with Browser.of(visitor.installation) as stranger:
        for form in ("", "another"):
            assert "My secret" not in stranger.post(link, {**yes, "form": form}).text
        assert "My secret" not in stranger.get(link).text
        clock.forward(minutes=2)
        assert "My secret" not in stranger.post(link, yes).text

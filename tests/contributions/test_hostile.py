"""What a hostile or unlucky person could do with contributions, and does not get anywhere."""

import io
import re
import zipfile
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import delete, func, select, update

from contributions import co_authors, desk, drafts
from contributions.difference import Mark, difference
from contributions.kinds import Content, Kind
from contributions.models import CoAuthor, Contribution
from contributions.people import all_have_accepted
from contributions.publishing import publish_contribution
from contributions.states import Action
from core.actors import Actor, Who
from core.errors import Refusal
from core.installation import Installation
from core.stored_files import StoredFile
from core.uploads import check_upload
from members.models import Member, Organiser
from tests.conftest import both_databases
from tests.support.authors import do, editor_id, form, member, send_in, sign_in_as, submitted
from tests.support.people import Browser, ShiftedClock, link_of
from worker import jobs

Run = Callable[[], None]
AtOnce = Callable[..., list[object]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a " * 20_000, "a b " * 10_000),
        ("a x1 " * 9_000, "a y1 " * 9_000),
        ("same\n" * 12_000, "same\nother\n" * 6_000),
        ("".join(f"a {n} " for n in range(500)), "".join(f"a {-n} " for n in range(500))),
        ("x" * 60_000, "y" * 60_000),
        ("", "new"),
    ],
)
def test_comparing_ends_soon_whatever_is_compared(before: str, after: str) -> None:
    """Seen before it was bounded: 28 seconds for two texts of 2,000 characters."""
    parts = difference(before, after)
    assert "".join(p.text for p in parts if p.mark is not Mark.ADDED) == before
    assert "".join(p.text for p in parts if p.mark is not Mark.REMOVED) == after


def test_nobody_is_mailed_twice_by_being_added_and_taken_off(
    author: Browser, run_jobs: Run
) -> None:
    path = send_in(author, "article")
    for _ in range(3):
        author.post(f"{path}/co-authors", {"name": "O", "email": "oona@example.org"})
        if "/remove" in author.get(path).text.partition("Co-authors")[2]:
            author.post(author.get(path).action("/co-authors/1/remove"))
    run_jobs()
    assert len(author.outbox("oona@example.org")) == 1
    page = author.post(f"{path}/co-authors", {"name": "O", "email": "oona@example.org"})
    assert page.status == 422
    assert "has to wait" in page.problem


@both_databases
def test_a_co_author_who_never_answers_still_holds_publication(
    installation: Installation, clock: ShiftedClock
) -> None:
    from core.addresses import parse_address

    author = member(installation)
    with installation.unit_of_work() as work:
        contribution = submitted(work, Kind.ARTICLE, author.id)
        co_authors.invite(work, contribution, author, parse_address("co@example.org"), "Co")
        number = contribution.id
    clock.forward(days=15)
    with installation.unit_of_work() as work:
        from members.confirming import purge_pending

        assert len(purge_pending(work)) == 1
    with installation.unit_of_work() as work:
        assert not all_have_accepted(work.session, number)
        [invited] = work.session.scalars(select(CoAuthor)).all()
        contribution = work.session.get_one(Contribution, number)
        co_authors.remove(work, contribution, invited.id, Actor(author.id, Who.AUTHOR))
        assert all_have_accepted(work.session, number)


def test_files_of_a_forgotten_person_are_forgotten_too(
    author: Browser, clock: ShiftedClock, run_jobs: Run
) -> None:
    path = send_in(author, "interviewee")
    page = author.post(f"{path}/files", files={"files": ("cv.txt", b"private cv of Pat")})
    link = re.findall(r"/files/[\w.-]+", page.text)[0]
    author.post("/contribute/interviewee", {**form("interviewee"), "form_key": "k", "act": "save"})
    run_jobs()
    clock.forward(days=181)
    jobs.purge()
    assert author.client.get(link).status_code == 404
    with author.installation.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(Contribution)) == 0


def test_files_without_an_owner_are_swept_away(
    author: Browser, clock: ShiftedClock, run_jobs: Run
) -> None:
    path = send_in(author, "article")
    author.post(f"{path}/files", files={"files": ("a.txt", b"a")})
    with author.installation.unit_of_work() as work:
        work.session.execute(delete(Contribution))
    run_jobs()
    jobs.purge()
    clock.forward(days=2)
    jobs.purge()
    with author.installation.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_a_corrected_address_gets_its_own_mail(visitor: Browser, run_jobs: Run) -> None:
    sent = {**form("topic"), "form_key": "k", "act": "submit"}
    for email in ("tpyo@example.org", "right@example.org", "right@example.org"):
        visitor.post("/contribute/topic", {**sent, "email": email})
    run_jobs()
    to = sorted(mail.to for mail in visitor.outbox())
    assert to == ["right@example.org", "tpyo@example.org"]


def test_an_older_sign_up_does_not_take_a_contribution_with_it(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    visitor.subscribe("mia@example.org")
    clock.forward(days=13)
    visitor.installation.redis.flushdb()
    visitor.post("/contribute/topic", {**form("topic"), "email": "mia@example.org",
                                       "form_key": "k", "act": "submit"})  # fmt: skip
    run_jobs()
    link = link_of(visitor.outbox()[0], "/contribute/deliver/")
    clock.forward(days=5)
    jobs.purge()
    assert "with the editors" in visitor.post(link).heading


def test_an_answer_that_comes_too_late_is_given_back(
    author: Browser, editor: Browser, visitor: Browser, run_jobs: Run
) -> None:
    path = send_in(author, "topic")
    desk_path = path.replace("/me/", "/organise/")
    do(editor, desk_path, "open")
    do(editor, desk_path, "ask", text="One?", form_key="q1")
    run_jobs()
    first = link_of(author.outbox("m0@school.example")[0], "/contribute/answer/")
    for _ in range(2):
        assert visitor.post(first, {"text": "Answer one"}).status == 200
    do(editor, desk_path, "ask", text="Two?", form_key="q2")
    late = visitor.post(first, {"text": "A long answer"})
    assert late.status == 422
    assert "A long answer" in late.text
    assert "closed by now" in late.problem
    run_jobs()
    second = link_of(author.outbox("m0@school.example")[0], "/contribute/answer/")
    assert visitor.post(second, {"text": "Answer two"}).status == 200
    assert "Answer two" in author.get(path).text


def test_a_key_that_somebody_else_used_first_is_still_mine(author: Browser) -> None:
    with Browser.of(author.installation) as other:
        sign_in_as(other, member(author.installation, 1))
        other.post("/contribute/topic", {"title": "Theirs", "form_key": "k", "act": "save"})
    mine = author.post("/contribute/topic", {"title": "Mine", "form_key": "k", "act": "save"})
    assert mine.status == 200
    assert "Mine" in author.get("/me/contributions").text
    assert "Theirs" not in author.get("/me/contributions").text


def _zip(name: str, **how: object) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    content = bytearray(out.getvalue())
    central = content.index(b"PK\x01\x02")
    changes = {"encrypted": (8, 1), "packing": (10, 99), "version": (6, 99)}
    if name == "crc":
        content[30 + len("mimetype") + 3] ^= 0xFF
    else:
        offset, value = changes[name]
        content[central + offset] = value
        content[offset - 2] = value
    return bytes(content)


@pytest.mark.parametrize("name", ["encrypted", "packing", "version", "crc"])
def test_an_archive_that_makes_readers_stumble_is_refused(name: str) -> None:
    with pytest.raises(Refusal, match="does not hold"):
        check_upload("text.odt", _zip(name))


@both_databases
@pytest.mark.parametrize(
    "path",
    ["/library/a%00", "/files/%00", "/pictures/%00", "/library?topic=%00", "/library?words=%00",
     "/library/feed.atom?topic=%00", "/library?page=99999999999999999999", "/library?kind=%ff",
     "/contribute/%00", "/library?words=%ED%A0%80"],
)  # fmt: skip
def test_no_address_makes_a_page_stumble(visitor: Browser, path: str) -> None:
    assert visitor.get(path).status in (200, 404)


def _publish(installation: Installation, number: int, editor: int, seen: int) -> None:
    with installation.unit_of_work() as work:
        contribution = work.session.get_one(Contribution, number)
        publish_contribution(work, contribution, Actor(editor, Who.EDITOR), seen)


def _lean(installation: Installation, number: int, editor: int, way: str) -> None:
    with installation.unit_of_work() as work:
        desk.lean(
            work, work.session.get_one(Contribution, number), Actor(editor, Who.EDITOR), way, ""
        )


@both_databases
def test_two_editors_at_once_publish_once_and_may_lean_at_once(
    installation: Installation, at_once: AtOnce
) -> None:
    author = member(installation).id
    for _ in range(4):
        with installation.unit_of_work() as work:
            editor = editor_id(work)
            contribution = submitted(work, Kind.TOPIC, author)
            for action in (Action.OPEN, Action.ACCEPT):
                desk.act(
                    work, contribution, action, Actor(editor, Who.EDITOR), contribution.version
                )
            drafts.agree(work, contribution, author, contribution.version)
            number, seen = contribution.id, contribution.version
        publish = partial(_publish, installation, number, editor, seen)
        assert sorted(isinstance(end, Refusal) for end in at_once(publish, publish)) == [
            False,
            True,
        ]
        lean = partial(_lean, installation, number, editor)
        assert at_once(partial(lean, "publish"), partial(lean, "work-on")) == [None, None]


def test_a_decision_that_was_overturned_never_goes_out(
    author: Browser, editor: Browser, run_jobs: Run
) -> None:
    path = send_in(author, "topic")
    desk_path = path.replace("/me/", "/organise/")
    for action in ("open", "decline", "reopen", "accept"):
        do(editor, desk_path, action)
    assert editor.get(desk_path).text.count("/release") == 1
    letter = editor.get(desk_path).action("/release")
    author.post(f"{path}/withdraw", {"version": author.get(path).hidden("version")})
    editor.post(letter, {})
    editor.post(letter.replace("/3/", "/2/"), {})
    run_jobs()
    assert [m.subject for m in author.outbox("m0@school.example")] == [
        "It has arrived: On listening"
    ]


def test_an_answer_goes_to_an_editor_who_still_is_one(
    author: Browser, editor: Browser, run_jobs: Run
) -> None:
    path = send_in(author, "topic")
    desk_path = path.replace("/me/", "/organise/")
    do(editor, desk_path, "open")
    do(editor, desk_path, "ask", text="One?", form_key="q1")
    with author.installation.unit_of_work() as work:
        former = work.session.scalars(select(Organiser.member_id)).one()
        work.session.execute(update(Contribution).values(editor_id=former))
        work.session.execute(delete(Organiser))
        editor_id(work, "new@example.org")
    author.post(f"{path}/reply", {"text": "So.", "form_key": "r"})
    run_jobs()
    assert author.outbox("ed@example.org") == []
    assert len(author.outbox("new@example.org")) == 1


def test_a_strangers_drafts_under_my_address_do_not_lock_me_out(
    author: Browser, installation: Installation
) -> None:
    with installation.unit_of_work() as work:
        me = work.session.scalars(select(Member.id)).first() or 0
        for n in range(50):
            text = Content(title=f"{n}")
            drafts.start(work, Kind.TOPIC, f"g{n}", me, text, is_guest=True)
    send_in(author, "topic")


def test_a_second_click_of_a_step_or_a_release_is_harmless(
    author: Browser, editor: Browser, run_jobs: Run
) -> None:
    desk_path = send_in(author, "topic").replace("/me/", "/organise/")
    seen = editor.get(desk_path).hidden("version")
    for _ in range(2):
        assert editor.post(f"{desk_path}/do/open", {"version": seen}).status == 200
    stale = editor.post(f"{desk_path}/do/accept", {"version": seen})
    assert stale.status == 422, "another step from the same old page is refused"
    do(editor, desk_path, "decline")
    letter = editor.get(desk_path).action("/release")
    for _ in range(2):
        assert editor.post(letter, {"words": "Not this time."}).status == 200


def test_deleting_a_draft_twice_is_harmless(author: Browser) -> None:
    key = author.get("/contribute/topic").hidden("form_key")
    author.post("/contribute/topic", {**form("topic"), "form_key": key, "act": "save"})
    [draft] = set(
        re.findall(r"/me/contributions/([a-z2-9]{8})", author.get("/me/contributions").text)
    )
    path = f"/me/contributions/{draft}"
    version = author.get(path).hidden("version")
    for _ in range(2):
        assert author.post(f"{path}/discard", {"version": version}).status == 200
    assert author.get(path).status == 404

"""One person's page: what they get and why, what happened, and what an organiser does for them."""

from collections.abc import Callable
from datetime import timedelta
from email.header import decode_header, make_header

import pytest
from sqlalchemy import select

from core.addresses import parse_address
from core.installation import Installation
from members.consent import Act
from members.evidence import Origin
from members.models import ConsentEvent, Member, Subscription
from members.organisers import add_organiser
from members.roles import Role
from members.states import SubscriptionState
from members.subscriptions import change_topic
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.people import Browser, ShiftedClock, link_of

Run = Callable[[], None]
PEOPLE = "/organise/people"
AINO = "aino@school.example"


@pytest.fixture
def editor(visitor: Browser) -> Browser:
    """An editor, signed in a moment ago."""
    return visitor.sign_in("zoe@desk.example", Role.EDITOR)


def number(installation: Installation, email: str = AINO) -> int:
    with installation.reading() as work:
        return work.session.scalars(select(Member.id).where(Member.email == email)).one()


@pytest.fixture
def page(editor: Browser, run_jobs: Run) -> str:
    """The page of somebody who has subscribed and confirmed."""
    editor.subscribe(AINO, name="Aino")
    run_jobs()
    said = {"asked": "1", "read_in": "en", "language": "en", "topics": "newsletter", "name": "Aino"}
    editor.post(link_of(editor.outbox(AINO)[0], "/confirm/"), said)
    run_jobs()
    editor.installation.redis.flushdb()
    return f"{PEOPLE}/{number(editor.installation)}"


def state(installation: Installation, topic: str = "newsletter") -> str | None:
    with installation.reading() as work:
        own = Subscription.member_id == number(installation), Subscription.topic == topic
        return work.session.scalar(select(Subscription.state).where(*own))


@both_databases
def test_the_page_says_what_they_get_and_why_and_what_happened(
    editor: Browser, page: str, installation: Installation
) -> None:
    shown = editor.get(page).text
    assert "Gets it: since 25 November 2026" in shown
    assert "Confirmed: Newsletter (the mail that asks)" in shown
    assert shown.index("Confirmed: Newsletter") < shown.index("Asked for: Newsletter")
    assert "Came to us (our sign-up)" in shown
    assert "in Finnish" not in shown
    finnish = editor.get(f"/fi{page}").text
    assert "Vahvisti: Uutiskirje (vahvistusviesti)" in finnish
    assert "25. marraskuuta 2026" in finnish


@both_databases
def test_why_they_do_not_get_it_is_said_in_one_line(
    editor: Browser, page: str, installation: Installation, run_jobs: Run
) -> None:
    until = "2027-01-15"
    assert "Done." in editor.post(f"{page}/pause", {"until": until}).text
    assert "Does not get it: wants no mail until 15 January 2027" in editor.get(page).text
    editor.post(f"{page}/pause", {"until": ""})
    assert "Gets it: since" in editor.get(page).text
    assert "taken off" in editor.post(f"{page}/take-off", {"topic": "newsletter"}).text
    editor.post(f"{page}/take-off", {"topic": "newsletter"})
    assert state(installation) == SubscriptionState.UNSUBSCRIBED
    assert "Does not get it: left on 25 November 2026" in editor.get(page).text
    with installation.reading() as work:
        acts = work.session.scalars(select(ConsentEvent.act).order_by(ConsentEvent.id))
        assert list(acts) == ["requested", "confirmed", "withdrawn"]
    editor.post(f"{page}/take-off", {"topic": "workshops"})  # never asked for, and not wanted
    assert state(installation, "workshops") == SubscriptionState.UNSUBSCRIBED


@both_databases
def test_who_says_no_before_they_confirm_is_not_invited_either(
    editor: Browser, page: str, installation: Installation, run_jobs: Run
) -> None:
    editor.subscribe(AINO, workshops="1")
    run_jobs()
    assert state(installation, "workshops") == SubscriptionState.PENDING
    editor.post(f"{page}/take-off", {"topic": "workshops"})
    assert state(installation, "workshops") == SubscriptionState.UNSUBSCRIBED


@both_databases
def test_name_language_and_work_are_corrected(
    editor: Browser, page: str, installation: Installation
) -> None:
    known = {"name": "Aino Mäkinen", "language": "fi", "role": "school-leader", "level": "primary",
             "country": "FI"}  # fmt: skip
    assert "it is corrected" in editor.post(f"{page}/known", known).text
    shown = editor.get(page).text
    assert "Aino Mäkinen" in shown
    assert "School leader, Primary school, Finland" in shown
    assert editor.get(f"{PEOPLE}?q=makinen").text.count("Aino Mäkinen") > 0
    wrong = editor.post(f"{page}/known", {**known, "name": "a@b.example", "role": "king"})
    assert wrong.status == 422
    assert "Please write a name here" in wrong.text
    assert 'value="a@b.example"' in wrong.text


@both_databases
def test_of_two_who_correct_one_person_the_second_is_told_and_keeps_what_was_typed(
    editor: Browser, page: str, installation: Installation
) -> None:
    seen = editor.get(page).hidden("seen")
    known = {"name": "Aino Mäkinen", "language": "en", "seen": seen}
    assert editor.post(f"{page}/known", known).status == 200
    second = editor.post(f"{page}/known", {**known, "name": "Aino Mäki"})
    assert second.status == 422
    assert "now it is “Aino Mäkinen”" in second.text
    assert 'value="Aino Mäki"' in second.text
    again = {**known, "name": "Aino Mäki", "seen": second.hidden("seen")}
    assert editor.post(f"{page}/known", again).status == 200
    assert "Aino Mäki" in editor.get(page).text


@both_databases
def test_who_has_not_confirmed_is_asked_once_more_but_not_all_the_time(
    editor: Browser, run_jobs: Run, installation: Installation
) -> None:
    editor.subscribe(AINO)
    run_jobs()
    installation.redis.flushdb()
    page = f"{PEOPLE}/{number(installation)}"
    assert "Does not get it: has been asked to confirm it" in editor.get(page).text
    assert "on its way" in editor.post(f"{page}/ask-again").text
    run_jobs()
    assert len(editor.outbox(AINO)) == 2
    again = editor.post(f"{page}/ask-again")
    assert again.status == 422
    assert "A mail went to this mailbox a short while ago" in again.text


def test_nobody_is_asked_who_was_never_asked(editor: Browser, page: str) -> None:
    refused = editor.post(f"{page}/ask-again")
    assert refused.status == 422
    assert "Nothing waits for their confirmation" in refused.text


@both_databases
def test_an_organiser_writes_to_one_person_and_the_same_words_go_once(
    editor: Browser, page: str, run_jobs: Run
) -> None:
    words = {
        "subject": "About {{Thursday}} 100 %",
        "text": "Dear Aino,\nwe meet at {{four}}.\n\n<b>",
    }
    with editor.installation.unit_of_work() as work:
        me = select(Member).where(Member.email == "zoe@desk.example")
        work.session.scalars(me).one().name = "Ed Ström"
    for _ in range(2):
        assert "on their way" in editor.post(f"{page}/write", words).text
    run_jobs()
    sent = [mail for mail in editor.outbox(AINO) if "Thursday" in mail.subject]
    assert len(sent) == 1
    assert sent[0].subject == "About {{Thursday}} 100 %"
    assert "Ed Ström, Learning Conversations" in str(make_header(decode_header(sent[0].sender)))
    assert "we meet at {{four}}." in sent[0].text
    assert "<b>" in sent[0].text.splitlines()
    assert "&lt;b&gt;" in sent[0].html
    empty = editor.post(f"{page}/write", {"subject": " ", "text": "Kept words"})
    assert empty.status == 422
    assert "Please write a subject" in empty.text
    assert "Kept words" in empty.text


def test_no_words_go_where_nobody_confirmed_or_no_mail_goes(
    editor: Browser, run_jobs: Run, installation: Installation
) -> None:
    editor.subscribe(AINO)
    run_jobs()
    refused = editor.post(
        f"{PEOPLE}/{number(installation)}/write", {"subject": "Hi", "text": "Buy this"}
    )
    assert refused.status == 422
    assert "not confirmed" in refused.text


def test_one_who_phoned_is_taken_off_everything_at_once(
    editor: Browser, page: str, installation: Installation
) -> None:
    with installation.unit_of_work() as work:
        member = work.session.scalars(select(Member).where(Member.email == AINO)).one()
        change_topic(work, member, "workshops", True, Act.CHANGED, Origin("test"))
    assert "Take them off everything" in editor.get(page).text
    for _ in range(2):
        editor.post(f"{page}/take-off", {"topic": "everything"})
    assert "Take them off everything" not in editor.get(page).text
    with installation.reading() as work:
        states = select(Subscription.topic, Subscription.state).where(
            Subscription.member_id == member.id
        )
        assert dict(work.session.execute(states).all()) == {
            "newsletter": "unsubscribed", "workshops": "unsubscribed",
        }  # fmt: skip


@both_databases
def test_somebody_is_invited_to_a_workshop_after_a_look(
    editor: Browser, page: str, installation: Installation, run_jobs: Run
) -> None:
    workshop = hosts.ready(installation)
    assert workshop.title in editor.get(page).text
    prepared = editor.post(f"{page}/invite", {"workshop": workshop.public_id})
    assert "/cohorts/" in str(prepared.response.url)
    assert "Aino" in prepared.text
    twice = editor.post(f"{page}/invite", {"workshop": workshop.public_id})
    assert str(twice.response.url) == str(prepared.response.url)  # and no second, empty cohort
    run_jobs()
    assert not any("invitation" in mail.subject.lower() for mail in editor.outbox(AINO))
    refused = editor.post(f"{page}/invite", {"workshop": "nonsense"})
    assert refused.status == 422
    assert "choose a workshop" in refused.text


@both_databases
def test_participants_leave_as_a_file_with_what_they_share_and_nothing_else(
    visitor: Browser, installation: Installation, run_jobs: Run
) -> None:
    workshop = hosts.ready(installation)
    hosts.invite(installation, workshop, "Ann <ann@x.example>\nBea <bea@x.example>")
    run_jobs()
    hosts.say(visitor, "ann@x.example", "yes", answer_1="=A shared song", shared_1="group")
    hosts.say(visitor, "bea@x.example", "yes", answer_1="A private song", shared_1="facilitator")
    file = f"/organise/workshops/{workshop.public_id}/participants.csv"
    with Browser.of(installation) as other:
        other.sign_in("zoe@desk.example", Role.EDITOR)
        assert other.post(file).status == 403
    owner = visitor.sign_in("owner@desk.example", Role.OWNER)
    content = owner.client.post(file).content
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert "ann@x.example" in text
    assert "'=A shared song" in text
    assert "A private song" not in text


@both_databases
def test_notes_are_written_taken_away_and_brought_back(
    editor: Browser, page: str, clock: ShiftedClock, installation: Installation
) -> None:
    for _ in range(2):  # a double click
        editor.post(f"{page}/note", {"note": "Phoned: prefers <b>mornings</b>"})
    shown = editor.get(page).text
    assert "Phoned: prefers &lt;b&gt;mornings&lt;/b&gt;" in shown
    assert "zoe@desk.example" in shown
    with installation.reading() as work:
        from members.notes import MemberNote

        note = work.session.scalars(select(MemberNote.id)).one()
    away = editor.post(f"{page}/forget-note", {"number": str(note)}).text
    assert "A note was taken away" in away
    assert "mornings" not in away
    assert "mornings" in editor.post(f"{page}/bring-note-back", {"number": str(note)}).text
    editor.post(f"{page}/forget-note", {"number": str(note)})
    clock.forward(hours=2)
    assert "A note was taken away" not in editor.get(page).text
    assert editor.post(f"{page}/note", {"note": " "}).status == 422
    assert editor.post(f"{page}/note", {"note": "x" * 2001}).status == 422


@both_databases
def test_labels_are_put_on_and_taken_off_one_person(editor: Browser, page: str) -> None:
    editor.post(f"{page}/label", {"new_label": "Oulu"})
    assert 'value="Oulu"' in editor.get(page).text
    editor.post(f"{page}/unlabel", {"label": "Oulu"})
    assert 'value="Oulu"' not in editor.get(page).text
    assert editor.post(f"{page}/label", {"new_label": "a;b"}).status == 422


def test_a_colleague_is_changed_by_owners_only_but_may_be_noted_about(
    editor: Browser, installation: Installation
) -> None:
    with installation.unit_of_work() as work:
        other = add_organiser(work, parse_address("owner@desk.example"), Role.OWNER).id
    page = f"{PEOPLE}/{other}"
    for path, typed in (
        ("known", {"name": "X", "language": "en"}),
        ("pause", {"until": "2027-01-15"}),
        ("take-off", {"topic": "newsletter"}),
        ("write", {"subject": "a", "text": "b"}),
    ):
        refused = editor.post(f"{page}/{path}", typed)
        assert refused.status == 422, path
        assert "only an owner" in refused.text
    assert editor.post(f"{page}/note", {"note": "Knows everything"}).status == 200


@both_databases
def test_somebody_is_written_down_and_asked_before_anything_else_goes(
    editor: Browser, run_jobs: Run, installation: Installation
) -> None:
    typed = {"email": "bo@school.example", "name": "Bo Ek", "language": "fi",
             "topics": ["newsletter", "workshops"], "source": "the list at the fair"}  # fmt: skip
    for _ in range(2):  # a double click
        done = editor.post(f"{PEOPLE}/add", typed)
        assert "they are asked by mail" in done.text
    assert "Bo Ek" in done.text
    run_jobs()
    [mail] = editor.outbox("bo@school.example")
    assert "Bo Ek" not in mail.text  # nothing that anybody typed
    with installation.reading() as work:
        events = work.session.scalars(select(ConsentEvent)).all()
        assert {(one.act, one.source) for one in events} == {
            ("requested", "organiser: the list at the fair")
        }
    said = {
        "asked": "1",
        "read_in": "fi",
        "language": "fi",
        "topics": "newsletter",
        "name": "Bo Ek",
    }
    editor.post(link_of(mail, "/confirm/"), said)
    assert editor.get(f"{PEOPLE}/{number(installation, 'bo@school.example')}").text.count("Bo Ek")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": "bo@"}, "e-mail address"),
        ({"source": " "}, "Please write where they said so"),
        ({"topics": []}, "Please tick what they would like to get"),
        ({"topics": ["spam"]}, "Please tick what they would like to get"),
        ({"language": "xx"}, "language"),
        ({"is_written": "1"}, "Here everybody is asked by mail first"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    editor: Browser, change: dict[str, object], said: str
) -> None:
    typed: dict[str, object] = {"email": "bo@school.example", "name": "Bo Ek", "language": "fi",
                                "topics": ["newsletter"], "source": "at the fair"}  # fmt: skip
    refused = editor.post(f"{PEOPLE}/add", {**typed, **change})
    assert refused.status == 422
    assert said in refused.text
    assert 'value="Bo Ek"' in refused.text


def test_who_is_here_is_shown_and_who_left_or_was_erased_is_not_brought_back(
    editor: Browser, page: str, installation: Installation, run_jobs: Run
) -> None:
    typed = {"email": AINO, "language": "en", "topics": ["newsletter"], "source": "the fair"}
    assert "here already" in editor.post(f"{PEOPLE}/add", typed).text
    editor.post(f"{page}/erase", {"is_sure": "1"})
    installation.redis.flushdb()
    gone = editor.post(f"{PEOPLE}/add", typed)
    assert gone.status == 422
    assert "had themselves erased" in gone.text


def test_on_paper_is_enough_where_the_settings_say_so_but_not_for_who_left(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    object.__setattr__(installation.settings, "written_consent", True)
    typed = {"email": "bo@school.example", "name": "Bo", "language": "en",
             "topics": ["newsletter"], "source": "sheet 3", "is_written": "1"}  # fmt: skip
    assert "they are in" in editor.post(f"{PEOPLE}/add", typed).text
    run_jobs()
    assert editor.outbox("bo@school.example") == []
    with installation.reading() as work:
        event = work.session.scalars(select(ConsentEvent)).one()
        assert (event.act, event.source) == ("imported", "organiser: sheet 3")


@both_databases
def test_a_note_goes_with_the_person_and_to_the_record_that_stays(
    editor: Browser, page: str, installation: Installation, run_jobs: Run, clock: ShiftedClock
) -> None:
    from members.notes import MemberNote

    editor.post(f"{page}/note", {"note": "Likes Thursdays"})
    editor.subscribe("aino@old.example")
    run_jobs()
    old = f"{PEOPLE}/{number(installation, 'aino@old.example')}"
    editor.post(f"{old}/note", {"note": "Moved to Oulu"})
    joined = editor.post(f"{page}/join", {"email": "aino@old.example", "is_sure": "1"})
    assert "both records are one" in joined.text
    assert "Moved to Oulu" in joined.text
    editor.post(f"{page}/erase", {"is_sure": "1"})
    with installation.reading() as work:
        assert work.session.scalars(select(MemberNote)).all() == []
    clock.forward(days=1)
    assert clock.now() - timedelta(days=1)

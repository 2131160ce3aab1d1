"""What is confirmed is what the owner of the address reads, whoever typed it into the form."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from members.models import ConsentEvent, Member, Subscription
from tests.conftest import both_databases
from tests.support.people import Browser, ShiftedClock, add_members, link_of

Run = Callable[[], None]
BEN = "ben@example.org"


def _again(visitor: Browser) -> None:
    visitor.installation.redis.flushdb()  # ten minutes later


def _asked(visitor: Browser, run_jobs: Run, **typed: str) -> str:
    """The link of the mail that asks, after somebody has filled in the form."""
    visitor.subscribe(BEN, **typed)
    run_jobs()
    return link_of(visitor.outbox(BEN)[0], "/confirm/")


def _member(visitor: Browser) -> Member:
    with visitor.installation.reading() as work:
        return work.session.scalars(select(Member).where(Member.email == BEN)).one()


def _states(visitor: Browser) -> dict[str, str]:
    with visitor.installation.reading() as work:
        of_ben = select(Subscription.topic, Subscription.state).join(Member)
        return dict(work.session.execute(of_ben.where(Member.email == BEN)).all())


def _form(**said: object) -> dict[str, object]:
    return {"asked": "1", "read_in": "en", "language": "en", "name": "", **said}


def test_the_mail_and_the_page_say_each_topic_in_its_own_sentence(
    visitor: Browser, run_jobs: Run
) -> None:
    link = _asked(visitor, run_jobs, workshops="1", name="Pills <b>")
    [mail] = visitor.outbox()
    for sentence in ("I would like to get the newsletter", "You may invite me to workshops"):
        assert sentence in mail.text
        assert sentence in mail.html
        assert sentence in visitor.get(link).text
    assert "Pills" not in mail.source
    assert visitor.get(link).field("name") == "Pills <b>", "behind the link only"


@both_databases
def test_the_owner_unticks_what_a_stranger_asked_for(visitor: Browser, run_jobs: Run) -> None:
    link = _asked(visitor, run_jobs, workshops="1", name="Mallory", language="fi")
    said = _form(topics="newsletter", name="Ben")
    assert visitor.post(link, said).heading == "Thank you, you are on the list"
    assert _states(visitor) == {"newsletter": "subscribed", "workshops": "unsubscribed"}
    assert (_member(visitor).name, _member(visitor).language) == ("Ben", "en")


def test_the_owner_ticks_what_nobody_asked_for(visitor: Browser, run_jobs: Run) -> None:
    link = _asked(visitor, run_jobs)
    page = visitor.get(link)
    assert page.attributes("[name=topics][checked]", "value") == ["newsletter"]
    visitor.post(link, _form(topics=["newsletter", "workshops"]))
    assert _states(visitor) == {"newsletter": "subscribed", "workshops": "subscribed"}


def test_who_ticks_nothing_is_asked_once_more_and_keeps_what_they_typed(
    visitor: Browser, run_jobs: Run
) -> None:
    link = _asked(visitor, run_jobs)
    page = visitor.post(link, _form(name="Benjamin"))
    assert (page.status, page.field("name")) == (422, "Benjamin")
    assert "tick" in page.problem
    assert _member(visitor).state == "pending"
    too_long = visitor.post(link, _form(topics="newsletter", name="x" * 90))
    assert (too_long.status, too_long.field("name")) == (422, "x" * 90)
    assert too_long.attributes("[name=topics][checked]", "value") == ["newsletter"]


def test_the_latest_wish_counts(visitor: Browser, run_jobs: Run) -> None:
    first = _asked(visitor, run_jobs, workshops="1", name="Mallory")
    _again(visitor)
    second = _asked(visitor, run_jobs, name="Ben")
    for link in (first, second):
        page = visitor.get(link)
        assert page.attributes("[name=topics][checked]", "value") == ["newsletter"]
        assert page.field("name") == "Ben"
    visitor.post(first)
    assert _states(visitor) == {"newsletter": "subscribed"}


@both_databases
def test_each_confirmation_names_the_request_and_the_mail_it_answers(
    visitor: Browser, run_jobs: Run
) -> None:
    first = _asked(visitor, run_jobs)
    _again(visitor)
    _asked(visitor, run_jobs, workshops="1")
    visitor.post(first, _form(topics=["newsletter", "workshops"], read_in="fi"))
    with visitor.installation.reading() as work:
        events = list(work.session.scalars(select(ConsentEvent).order_by(ConsentEvent.id)))
    asked = [e for e in events if e.act == "requested"]
    confirmed = {e.topic: e for e in events if e.act == "confirmed"}
    assert confirmed["newsletter"].request_id == asked[0].id, "of the mail whose link it was"
    assert confirmed["workshops"].request_id is None, "its owner ticked it on the page"
    assert confirmed["newsletter"].mailing_id == 1
    assert {e.language for e in confirmed.values()} == {"fi"}, "the page that was read"
    assert {e.source for e in events} == {"subscribe", "confirm"}


def test_evidence_is_in_our_words_only(visitor: Browser, run_jobs: Run) -> None:
    _asked(visitor, run_jobs, source="Nigerian prince")
    with visitor.installation.reading() as work:
        assert work.session.scalars(select(ConsentEvent.source)).all() == ["subscribe"]
    assert _member(visitor).source == "subscribe"


def test_the_reminder_asks_for_what_still_waits(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    from worker import jobs

    _asked(visitor, run_jobs, workshops="1")
    clock.forward(hours=25)
    jobs.remind_pending()
    run_jobs()
    reminder = visitor.outbox()[0]
    assert "reminder" in reminder.subject
    assert "You may invite me to workshops" in reminder.text
    visitor.post(link_of(reminder, "/confirm/"))
    with visitor.installation.reading() as work:
        rows = select(ConsentEvent.topic, ConsentEvent.request_id)
        confirmed = dict(work.session.execute(rows.where(ConsentEvent.act == "confirmed")).all())
    assert set(confirmed) == {"newsletter", "workshops"}
    assert None not in confirmed.values()


def test_there_is_a_way_to_the_same_question_in_the_other_language(
    visitor: Browser, run_jobs: Run
) -> None:
    visitor.subscribe(BEN, language="fi")
    run_jobs()
    [mail] = visitor.outbox()
    page = visitor.get(link_of(mail, "/en/confirm/"))
    assert page.heading == "Is this address yours?"
    assert page.field("language") == "en"


@both_databases
@pytest.mark.parametrize("how", ["forgotten", "not me", "asked for less"])
def test_what_a_stranger_asked_for_leaves_no_trace_in_what_somebody_gets(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock, how: str
) -> None:
    """Who had said nothing about invitations is still invited; who had left them has left."""
    from worker import jobs

    add_members(visitor.installation, 1, "en")
    visitor.subscribe("m0@school.example", workshops="1")
    run_jobs()
    if how == "forgotten":
        clock.forward(days=15)
        jobs.purge()
    elif how == "not me":
        visitor.post(link_of(visitor.outbox()[0], "/not-me/"))
    else:
        _again(visitor)
        visitor.subscribe("m0@school.example")
    with visitor.installation.reading() as work:
        assert dict(work.session.execute(select(Subscription.topic, Subscription.state)).all()) == {
            "newsletter": "subscribed"
        }


def test_what_was_left_and_asked_for_is_left_if_nobody_confirms(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    from worker import jobs

    visitor.post(_asked(visitor, run_jobs))
    run_jobs()
    visitor.post(link_of(visitor.outbox()[0], "/preferences/"), {"paused_until": ""})
    _again(visitor)
    _asked(visitor, run_jobs)
    assert _states(visitor) == {"newsletter": "pending"}
    clock.forward(days=15)
    jobs.purge()
    assert _states(visitor) == {"newsletter": "unsubscribed"}

"""One's own page: the next step, one's texts on their way, one's workshops."""

from contributions import desk
from contributions.models import Contribution
from contributions.states import Action
from contributions.track import STATIONS, track
from core.actors import Actor, Who
from core.installation import Installation
from tests.support.authors import send_in
from tests.support.people import Browser


def _move(installation: Installation, *actions: Action) -> None:
    with installation.unit_of_work() as work:
        one = work.session.query(Contribution).one()
        for action in actions:
            desk.act(work, one, action, Actor(None, Who.EDITOR), one.version)


def _stations(author: Browser) -> list[str]:
    page = author.get("/me")
    here = page.words("[aria-current=step]")
    return [*page.each(".track .is-done"), f"[{here}]"]


def test_the_next_step_is_what_waits_for_its_author(
    author: Browser, installation: Installation
) -> None:
    assert "Tell us what you would come to" in author.get("/me").words(".next")
    send_in(author, "article")
    assert _stations(author) == ["Draft", "[With the editors]"]
    _move(installation, Action.OPEN, Action.ACCEPT)
    page = author.get("/me")
    assert "We would like to publish" in page.words(".next")
    assert "/me/contributions/" in page.attribute(".next a", "href")
    assert _stations(author)[-1] == "[We would like to publish this]"


def test_what_left_the_way_has_no_stations(author: Browser, installation: Installation) -> None:
    send_in(author, "article")
    _move(installation, Action.OPEN, Action.DECLINE)
    page = author.get("/me")
    assert page.each(".track") == []
    assert "Not this time" in page.words("main")


def test_a_published_text_has_passed_all_stations() -> None:
    found = track("published")
    assert [one.is_done for one in found] == [True, True, True, False]
    assert [one.name for one in found] == list(STATIONS)
    assert track("withdrawn") == []

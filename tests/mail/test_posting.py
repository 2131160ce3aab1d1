"""A mail of an upper floor: with a link that mail has never heard of, and a key of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.i18n import N_
from core.installation import Installation
from core.places import email_templates
from core.tokens import Purpose
from mail import rendering
from mail.keys import delivery_key
from mail.links import OpeningLink
from mail.models import Delivery
from mail.outbox import mails
from mail.posting import Email, Recipient, post

FRAME = ("_base/frame.txt", "_base/frame.mjml")
DIARY = {
    "subject.txt": "Your diary",
    "body.txt": "Read it here:\n{{ personal.diary_url }}",
    "body.mjml": """<mj-section><mj-column><mj-text>Read it here:
        <a href="{{ personal.diary_url }}">Your diary</a></mj-text></mj-column></mj-section>""",
}
LINK = OpeningLink("/diary/", Purpose.CALENDAR, (7, 2))


@pytest.fixture
def a_new_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The template of a mail that no package has."""
    root = tmp_path / "email"
    for part in FRAME:
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        (root / part).write_text((email_templates() / part).read_text("utf-8"), "utf-8")
    (root / "diaries/diary").mkdir(parents=True)
    for part, words in DIARY.items():
        (root / "diaries/diary" / part).write_text(words, "utf-8")
    monkeypatch.setattr(rendering, "email_templates", lambda: root)
    return "diaries/diary"


def test_a_new_kind_of_link_needs_no_change_of_mail(
    installation: Installation, run_jobs: Callable[[], None], a_new_mail: str
) -> None:
    with installation.unit_of_work() as work:
        email = Email(a_new_mail, "fi", N_("A test."), values={"diary_url": LINK})
        post(work, email, Recipient("a@b.example"), delivery_key("diary", 7, 2))
    with installation.reading() as work:
        [delivery] = work.session.query(Delivery).all()
        token = work.tokens.sign(Purpose.CALENDAR, 7, 2)
        assert token not in str(delivery.values), "no link that opens something is ever stored"
    run_jobs()
    [mail] = mails(installation.settings.outbox, 9)
    link = f"{installation.settings.base_url}/fi/diary/{token}"
    assert link in mail.text
    assert f'href="{link}"' in mail.html


def test_a_mail_that_asks_for_what_nobody_brings_is_not_written(
    installation: Installation, a_new_mail: str
) -> None:
    with pytest.raises(Exception, match="diary_url"), installation.unit_of_work() as work:
        email = Email(a_new_mail, "en", N_("A test."))
        post(work, email, Recipient("a@b.example"), delivery_key("diary", 7, 2))


def test_a_key_is_made_of_plain_parts_that_nobody_can_confuse() -> None:
    assert delivery_key("place", 17, 2) == "place:17:2"
    for parts in [("place", "1:2"), ("", 1), ("place", ""), ("place", "ä"), ("place", "1" * 80)]:
        with pytest.raises(ValueError, match="key"):
            delivery_key(*parts)  # type: ignore[arg-type]

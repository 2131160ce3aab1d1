"""Whatever is sent to whichever page: an answer in words, never a fault of ours."""

import random

import pytest

from core.installation import Installation
from members.roles import Role
from tests.support.people import Browser
from tests.support.somewhere import ENTRIES, path_of
from tests.support.somewhere import somewhere as values_of

NONSENSE = (
    "", " ", "0", "-1", "1", "2", "99999999", "x" * 5000, "ä\u202eö😀", "<script>x</script>",
    "{{7*7}}", "a\x00b", "\x07\x1b", "\ud800", "'; DROP TABLE member; --", "%s %(x)s {0}",
    "../../etc/passwd",
    "http://[", "javascript:x", "a@b.example", "2026-13-45", "2027-03-28T03:30", "true", "null",
    "[]", "\r\nBcc: x@y.example", "=cmd()", "\ufffe",
)  # fmt: skip

FIELDS = """
email name language workshops website stamp proof topics role level country time_zone paused_until
version subject_en preheader_en title_en body_en subject_fi body_fi addresses code csrf next
title summary body link audience phase pupils pitch guests minutes sample question why frame person
person_link contact relation knows links byline licence boundary may_share form_key act text answer
url publishes leaning editor words reason source focus why_now rules capacity zone local_start
is_second meeting_url facilitator follow_up_on minutes_1 what_1 dialogue_1 lead_1 question_1
answer_resource
answer answer_1 shared_1 shows_name newsletter way people their_language label took_part_in earlier
typed answer_by holds_places note invitation audience needs_approval words learned involves doubt
thanks_to thanks is_point point action due_on take_on course rule back_to there notes areas name_en
name_fi boundary area role level country time_zone
""".split()


@pytest.fixture
def somewhere(installation: Installation) -> dict[str, list[str]]:
    """Values for the parts of paths."""
    return values_of(installation)


def _form(chance: random.Random) -> dict[str, list[str]]:
    names = chance.sample(FIELDS, chance.randint(0, 30))
    sendable = [word for word in NONSENSE if "\ud800" not in word]
    return {name: chance.choices(sendable, k=chance.randint(1, 2)) for name in names}


@pytest.mark.parametrize(
    ("settings", "seed"), [("sqlite", 0), ("postgresql", 1)], indirect=["settings"]
)
def test_nonsense_never_makes_a_page_fail(
    visitor: Browser, somewhere: dict[str, list[str]], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - nonsense that can be repeated
    visitor.sign_in("who@example.org", Role.OWNER)
    for entry in ENTRIES:
        if entry.path in ("/sign-out", "/readyz"):
            continue
        for _ in range(4):
            path = path_of(entry, somewhere, chance)
            query = f"?{chance.choice(FIELDS)}=%00{chance.choice(['', '%ff', '9' * 30])}"
            if entry.get:
                answer = visitor.client.get(path + query, follow_redirects=False)
                assert answer.status_code < 500, (path, query)
            if entry.post:
                form = _form(chance)
                answer = visitor.client.post(path, data=form, follow_redirects=False)
                assert answer.status_code < 500, (path, form)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"a=%ff&b=%", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"--x\r\n", "multipart/form-data"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--',
         "multipart/form-data; boundary=x"),
        (b"{" * 5000, "application/json"),
        (b"", "text/plain"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_form_is_answered_in_words(
    visitor: Browser, body: bytes, kind: str
) -> None:
    for path in ("/subscribe", "/contribute/topic", "/api/subscriptions", "/sign-in"):
        answer = visitor.client.post(path, content=body, headers={"Content-Type": kind})
        assert answer.status_code < 500, path

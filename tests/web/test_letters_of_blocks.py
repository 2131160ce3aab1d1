"""A letter out of what the community did: put together, looked over, sent, and read on a page."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from core.installation import Installation
from library.items import NewItem, publish
from library.kinds import Boundary, ItemKind, Licence
from library.models import Item
from mail.models import Delivery, Mailing
from members import labelling
from members.models import Member
from members.roles import Role
from newsletters import issues, sending
from newsletters.afterwards import IssueOpinion
from newsletters.models import Issue
from newsletters.pictures import IssuePicture
from newsletters.texts import keep_text
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.people import Browser, Page, ShiftedClock, add_members

Run = Callable[[], None]


@pytest.fixture
def editor(visitor: Browser) -> Browser:
    """A signed-in editor."""
    return visitor.sign_in("ed@example.org", Role.EDITOR)


def words(body: str = "Some words.", **more: str) -> dict[str, str]:
    """What is typed in both languages."""
    typed = {f"{name}_{code}": said for code in ("en", "fi")
             for name, said in (("subject", f"A letter ({code})"), ("preheader", "In short"),
                                ("title", ""), ("body", body))}  # fmt: skip
    return {**typed, **more}


@pytest.fixture
def draft(editor: Browser) -> str:
    """The path of a written draft."""
    path = str(editor.post("/organise/issues").response.url)
    path = path.removeprefix(editor.installation.settings.base_url)
    editor.post(path, {"version": "1", **words()})
    return path


def typed_now(editor: Browser, draft: str) -> dict[str, str]:
    """The form of a draft as it stands there."""
    page = editor.get(draft)
    return {name: page.field(name) for name in ("version", *words())}


def put(editor: Browser, draft: str, kind: str, **more: object) -> Page:
    """Press one of the buttons that put something in."""
    files = more.pop("files", None)
    said = {**typed_now(editor, draft), "put": kind, **more}
    where = f"{draft}/insert{more.pop('query', '')}"
    return editor.post(where, said, **({"files": files} if files else {}))


def an_item(installation: Installation, title: str) -> str:
    """A recording in the library; its slug."""
    body = "<p>All of <a href='https://x.example/all'>it</a>.</p>"
    with installation.unit_of_work() as work:
        item = publish(
            work,
            NewItem(
                kind=ItemKind.RECORDING, title=title, summary="Ten seconds.", body_html=body,
                byline="Rosa", boundary=Boundary.ANYONE, language="en",
                licence=Licence.HERE_ONLY,
            ),
        )  # fmt: skip
        item.seconds = 2280
        return item.slug


def picture() -> bytes:
    """A photo as a telephone has it."""
    out = io.BytesIO()
    Image.new("RGB", (3000, 2000), "#345678").save(out, "JPEG")
    return out.getvalue()


@both_databases
def test_what_the_community_did_is_put_in_sent_and_read_on_a_page(
    editor: Browser, draft: str, installation: Installation, run_jobs: Run
) -> None:
    slug = an_item(installation, "The silence after a question")
    add_members(installation, 2)
    assert "The silence after a question" in editor.get(draft).text  # it is suggested
    put(editor, draft, "fresh", query=f"?fresh={slug}")
    put(editor, draft, "picture", alt_en="A class in the dark", alt_fi="Luokka pimeässä",
        files={"files": ("class.jpg", picture())})  # fmt: skip
    put(editor, draft, "question", question_en="What now?", question_fi="Mitä nyt?")
    put(
        editor,
        draft,
        "button",
        button_en="Come",
        button_fi="Tule",
        button_url="https://x.example/c",
    )
    put(editor, draft, "contents")
    assert "Nothing was found" in editor.get(f"{draft}/send").text
    editor.post(f"{draft}/send", {"version": editor.get(f"{draft}/send").hidden("version")})
    run_jobs()
    letters = {"en" if "(en)" in mail.subject else "fi": mail for mail in editor.outbox()}
    english, finnish = letters["en"], letters["fi"]
    for mail in (english, finnish):
        for link in (f"/library/{slug}", "https://x.example/c", "/contribute/topic", "/pictures/"):
            assert link in mail.html
            assert link in mail.text
    assert "Listen · 38 min" in english.text
    assert 'alt="A class in the dark"' in english.html
    assert 'alt="Luokka pimeässä"' in finnish.html
    assert 'width="520" height="347"' in english.html
    assert "Kuukauden kysymys" in finnish.text
    asked = next(link for link in finnish.links if "/contribute/topic" in link)
    answer = editor.get(asked.removeprefix(installation.settings.base_url))
    assert answer.field("title") == "Mitä nyt?"
    page = editor.get("/newsletter/1")
    assert page.each(".block h2") == ["The silence after a question"]
    assert page.attributes(".pictures img", "alt") == ["A class in the dark"]
    with Browser.of(installation) as somebody:
        assert somebody.get(page.attribute(".pictures img", "src")).status == 200
    assert "The silence" in editor.get("/newsletter/feed.atom").text
    with installation.reading() as work:
        assert work.session.scalars(select(Item.used_in)).one() == 1


@both_databases
def test_a_workshop_for_the_invited_stands_only_in_their_letters(
    editor: Browser, draft: str, installation: Installation, run_jobs: Run
) -> None:
    add_members(installation, 3, "en")
    workshop = hosts.ready(installation, title="Only for some")
    hosts.invite(installation, workshop, "m1@school.example")
    run_jobs()
    before = len(editor.outbox())
    put(editor, draft, "workshop", workshop=workshop.public_id)
    editor.post(f"{draft}/send", {"version": editor.get(f"{draft}/send").hidden("version"),
                                  "anyway": "1"})  # fmt: skip
    run_jobs()
    letters = {mail.to: mail for mail in editor.outbox() if "A letter" in mail.subject}
    assert len(letters) == 3
    assert len(editor.outbox()) == before + 3
    knowing = {to for to, mail in letters.items() if "Only for some" in f"{mail.html}{mail.text}"}
    assert knowing == {"m1@school.example"}
    assert all("only_" not in f"{mail.html}{mail.text}" for mail in letters.values())
    assert "Only for some" not in editor.get("/newsletter/1").text


@both_databases
def test_a_letter_is_seen_as_one_reader_gets_it(
    editor: Browser, draft: str, installation: Installation, run_jobs: Run
) -> None:
    add_members(installation, 3, "en")
    workshop = hosts.ready(installation, title="Only for some")
    hosts.invite(installation, workshop, "m1@school.example")
    run_jobs()
    put(editor, draft, "workshop", workshop=workshop.public_id)
    with installation.unit_of_work() as work:
        for member in work.session.scalars(select(Member).where(Member.email.like("m%"))):
            member.name = f"Virtanen, {member.email[:2].upper()}"
            if member.email.startswith("m2"):
                member.paused_until = work.now.date() + timedelta(days=5)

    def seen(email: str) -> tuple[Page, str, str]:
        found = editor.get(f"{draft}/as?q={email}")
        [link] = [one for one in found.attributes("a", "href") if "/as?member=" in one]
        page = editor.get(link)
        mail = page.attribute("iframe.tall", "src")
        return page, editor.get(mail).text, editor.get(f"{mail}&text=1").text

    page, html, plain = seen("m1@school.example")
    assert "Virtanen, M1 gets it in English." in page.text
    assert "Hello M1," in html
    assert "Only for some" in html
    assert "Only for some" in plain
    page, html, plain = seen("m0@school.example")
    assert "Hello M0," in html
    assert "Only for some" not in html + plain
    page, html, plain = seen("m2@school.example")
    assert "would not get it: wants no mail until" in page.text
    assert "Hello M2," in html
    assert "/leave/" not in html + plain, "nobody acts for somebody else by looking"
    assert "Nobody is called that" in editor.get(f"{draft}/as?q=xyzzy").text
    assert editor.get(f"{draft}/as?member=999999").status == 404


@both_databases
def test_a_letter_goes_to_who_has_a_label_or_was_invited(
    editor: Browser, draft: str, installation: Installation, run_jobs: Run
) -> None:
    add_members(installation, 4, "en")
    workshop = hosts.ready(installation, title="The first minute")
    hosts.invite(installation, workshop, "m1@school.example\nm2@school.example")
    run_jobs()
    with installation.unit_of_work() as work:
        someone = select(Member.id).where(Member.email == "m3@school.example")
        [number] = work.session.scalars(someone)
        labelling.put_on(work, Member.id == number, "Choir", None)
    page = editor.post(f"{draft}/readers", {"segment": "label Choir"})
    assert "labelled Choir" in page.text
    assert "Send to 1 person (Label: Choir)" in " ".join(page.words("form .big").split())
    chosen = f"invited {workshop.public_id}"
    page = editor.post(f"{draft}/readers", {"segment": chosen})
    assert "who were invited to “The first minute”" in page.text
    for wrong in ("label Nothing", "invited x", "x", "9" * 30, "took_part"):
        assert editor.post(f"{draft}/readers", {"segment": wrong}).status == 422
    going = {"version": page.hidden("version"), "asks": page.hidden("asks"), "anyway": "1"}
    editor.post(f"{draft}/send", {**going, "segment": chosen})
    run_jobs()
    got = {mail.to for mail in editor.outbox() if "A letter" in mail.subject}
    assert got == {"m1@school.example", "m2@school.example"}


@pytest.mark.parametrize(
    ("body", "sentence", "stops"),
    [
        ("::library[](gone)", "not in the library any more", True),
        ("::workshop[](abcdefgh)", "not announced yet", True),
        ("Words\n\n![](nowhere.jpg)", "lacks the words", True),
        ("![A class](nowhere.jpg)", "is not here", True),
        ("Words ![inline](https://x.example/x.jpg) here", "stands within a line", False),
        ("Bring {{name}} and TK", "to be written", False),
        ("See https://bit.ly/x1", "hides where it leads", False),
        ("See [this](/library)", "leads nowhere (/library)", True),
        ("See [this]()", "leads nowhere", True),
        ("See [this](javascript:x)", "leads nowhere", True),
        ("See [this](www.example.org)", "leads nowhere", True),
        ("See [this](http://localhost/x)", "leads nowhere", True),
        ("We meet on 1 November 2026.", "in the past", False),
        ("Hello everybody,\n\nwords", "The text greets too", False),
        ("x " * 20 + "\n\n" + "word " * 24_000, "cut it off", True),
    ],
)
def test_a_letter_is_looked_over_before_it_goes(
    editor: Browser, draft: str, installation: Installation, body: str, sentence: str, stops: bool
) -> None:
    add_members(installation, 2)
    with installation.unit_of_work() as work:
        [issue] = work.session.scalars(select(Issue)).all()
        texts = [keep_text(code, "A letter", "In short", "", "Words") for code in ("en", "fi")]
        issues.save_draft(work, issue.id, texts, issue.version)
        for text in issue.texts:
            text.body = body
    page = editor.get(f"{draft}/send")
    assert sentence in page.text.replace("&#39;", "'")
    version = page.hidden("version")
    refused = editor.post(f"{draft}/send", {"version": version})
    assert refused.status == 422
    again = editor.post(f"{draft}/send", {"version": version, "anyway": "1"})
    assert (again.status == 422) is stops
    assert stops or str(again.response.url).endswith("/progress")


def test_a_picture_without_words_for_it_is_refused_and_what_was_typed_stays(
    editor: Browser, draft: str, installation: Installation
) -> None:
    files = {"files": ("class.jpg", picture())}
    said = {**typed_now(editor, draft), "body_en": "Precious", "put": "picture"}
    page = editor.post(f"{draft}/insert", said, files=files)
    assert page.status == 422
    assert "Please write what the picture shows" in page.text
    assert "Precious" in page.text
    for name, content, sentence in (
        ("x.heic", b"\0\0\0\x18ftypheic", "HEIC"), ("x.jpg", b"no", "cannot be read as a picture"),
        ("x.svg", b"<svg/>", "choose a picture"), ("x.pdf", b"%PDF-1.4", "choose a picture"),
    ):  # fmt: skip
        page = editor.post(
            f"{draft}/insert", {**said, "alt_en": "x"}, files={"files": (name, content)}
        )
        assert page.status == 422
        assert sentence in page.text
    with installation.reading() as work:
        assert work.session.scalars(select(IssuePicture)).all() == []


def test_parts_are_moved_and_taken_out_and_nothing_typed_is_lost(
    editor: Browser, draft: str
) -> None:
    typed = {**typed_now(editor, draft), "body_en": "One.\n\n## Two\n\nThree.\n\n---\n\nFour."}
    editor.post(draft, typed)
    page = editor.get(draft)
    up = [
        value for value in page.attributes("[name=arrange]", "value") if value.startswith("up en")
    ]
    moved = {**typed_now(editor, draft), "arrange": up[0], "subject_en": "Typed meanwhile"}
    editor.post(f"{draft}/arrange", moved)
    now = typed_now(editor, draft)
    assert now["body_en"].startswith("## Two")
    assert now["subject_en"] == "Typed meanwhile"
    stale = editor.post(f"{draft}/arrange", {**now, "arrange": "up en 0123456789"})
    assert stale.status == 422
    assert "Please press once more" in stale.text


@both_databases
def test_a_letter_waits_for_its_hour_and_whoever_joins_until_then_gets_it(
    editor: Browser, draft: str, installation: Installation, run_jobs: Run, clock: ShiftedClock
) -> None:
    add_members(installation, 1, "en")
    page = editor.get(f"{draft}/send")
    said = {"version": page.hidden("version"), "anyway": "1", "when": "later",
            "day": "2026-11-29", "hour": "18:00", "zone": "Europe/Helsinki"}  # fmt: skip
    waiting = editor.post(f"{draft}/send", said)
    assert "Until then you can take it back" in waiting.text
    assert "Europe/Helsinki" in waiting.text
    assert "Waits for its moment" in waiting.heading
    assert "It is for: all readers." in waiting.text
    for where in ("/organise/issues", "/organise"):
        assert "waits: it goes out on 29 Nov 2026" in editor.get(where).text
    assert "/newsletter/1" not in editor.get("/organise/issues").text
    run_jobs()
    with installation.reading() as work:
        assert work.session.scalars(select(Delivery)).all() == []
        [begins] = set(work.session.scalars(select(Mailing.begins_at)))
        assert begins is not None
        assert f"{begins:%H:%M}" == "16:00"
        assert sending.unfrozen(work) == []
    assert editor.get("/newsletter/1").status == 404
    add_members(installation, 2, "en")
    clock.come_to(begins + timedelta(seconds=1))
    with installation.reading() as work:
        assert sending.unfrozen(work) == [1]
    sending.freeze_audience(installation, 1)
    run_jobs()
    assert sorted(mail.to for mail in editor.outbox()) == ["m0@school.example", "m1@school.example"]


@pytest.mark.parametrize(
    ("day", "hour", "zone", "sentence"),
    [
        ("2027-03-28", "03:30", "Europe/Helsinki", "no such hour"),
        ("2026-10-25", "03:30", "Europe/Helsinki", "comes twice"),
        ("2026-11-24", "18:00", "Europe/Helsinki", "is over"),
        ("2027-11-24", "18:00", "Europe/Helsinki", "four months"),
        ("29.11.", "18:00", "Europe/Helsinki", "2026-12-31"),
        ("2026-11-29", "six", "Europe/Helsinki", "2026-12-31"),
        ("2026-11-29", "18:00", "Mars/Olympus", "time zone"),
    ],
)
def test_a_moment_that_is_none_is_said_and_what_was_typed_stays(
    editor: Browser, draft: str, installation: Installation, day: str, hour: str, zone: str,
    sentence: str
) -> None:  # fmt: skip
    add_members(installation, 2)
    version = editor.get(f"{draft}/send").hidden("version")
    said = {"version": version, "anyway": "1", "when": "later", "day": day, "hour": hour,
            "zone": zone}  # fmt: skip
    page = editor.post(f"{draft}/send", said)
    assert page.status == 422
    assert sentence in page.text
    assert page.field("zone") == zone


def test_an_hour_that_comes_twice_is_asked_about() -> None:
    from datetime import UTC, datetime

    from core.errors import Refusal
    from newsletters.moments import moment_typed

    now = datetime(2027, 10, 1, tzinfo=UTC)
    with pytest.raises(Refusal, match="comes twice"):
        moment_typed("2027-10-31", "03:30", "Europe/Helsinki", now)


def test_a_draft_in_a_language_that_is_not_offered_any_more_can_be_edited(
    editor: Browser, draft: str, installation: Installation
) -> None:
    from community import parts

    with installation.unit_of_work() as work:
        parts.change(work, "languages", 0, {"offered": ["fi"]}, None)
    page = editor.get(draft)
    assert page.status == 200
    assert page.field("body_en") == "Some words.\n"
    assert editor.get(f"{draft}/send").status == 200


def test_the_readers_that_were_chosen_stay_with_the_draft_and_a_lost_segment_is_not_everybody(
    editor: Browser, draft: str, installation: Installation
) -> None:
    from members import saved_segments
    from members.segments import Segment

    add_members(installation, 5)
    with installation.unit_of_work() as work:
        asks = Segment(languages=frozenset({"fi"}))
        saved_segments.save(work, "Finns", asks, None)
        number = saved_segments.all_of(work.session)[0].id
    editor.post(f"{draft}/readers", {"segment": str(number)})
    page = editor.get(f"{draft}/send")
    assert "Send to 3 people (Finns)" in " ".join(page.words("form .big").split())
    with installation.unit_of_work() as work:
        saved_segments.forget(work, number, None)
    lost = editor.get(f"{draft}/send")
    assert lost.status == 422
    assert "cannot be found any more" in lost.text
    sent = editor.post(f"{draft}/send", {"version": page.hidden("version"), "anyway": "1"})
    assert sent.status == 422
    with installation.reading() as work:
        assert work.session.scalars(select(Mailing)).all() == []


@pytest.mark.parametrize("role", [None, Role.FACILITATOR])
def test_nobody_else_may_put_anything_in(
    editor: Browser, draft: str, installation: Installation, role: Role | None
) -> None:
    with Browser.of(installation) as other:
        if role is not None:
            other.sign_in("zoe@desk.example", role)
        for path in ("insert", "arrange", "readers"):
            assert other.post(f"{draft}/{path}", {"put": "contents"}).status == 403


def test_a_picture_of_a_forgotten_draft_is_swept_with_it(
    editor: Browser, draft: str, installation: Installation, clock: ShiftedClock
) -> None:
    put(editor, draft, "picture", alt_en="x", files={"files": ("class.jpg", picture())})
    editor.post(f"{draft}/discard")
    clock.forward(days=31)
    with installation.unit_of_work() as work:
        issues.purge_discarded(work)
    with installation.reading() as work:
        assert work.session.scalars(select(IssuePicture)).all() == []


def test_an_earlier_version_is_seen_with_what_changed_and_brought_back(
    editor: Browser, draft: str, installation: Installation, clock: ShiftedClock
) -> None:
    clock.forward(minutes=20)
    editor.sign_in("ed@example.org", Role.EDITOR)
    editor.post(draft, {**typed_now(editor, draft), "body_en": "Other words entirely."})
    editor.post(draft, {**typed_now(editor, draft), "body_en": "Other words, at last."})
    page = editor.get(f"{draft}/versions")
    assert page.each(".difference") == ["SomeOther words, at last."]
    assert len(page.each("h2")) == 1  # what one person writes in one go is one version
    editor.post(page.action("/versions/"))
    assert typed_now(editor, draft)["body_en"] == "Some words.\n"
    back = editor.get(f"{draft}/versions")
    assert "OtherSome words, at last." in back.each(".difference")


def test_a_letter_is_copied_with_its_words_and_its_greeting(
    editor: Browser, draft: str, installation: Installation, run_jobs: Run
) -> None:
    add_members(installation, 1, "en")
    editor.post(draft, {**typed_now(editor, draft), "greeting": "none"})
    editor.post(f"{draft}/send", {"anyway": "1"})
    run_jobs()
    copied = str(editor.post(f"{draft}/copy").response.url)
    assert not copied.endswith(draft)
    assert str(editor.post(f"{draft}/copy").response.url) == copied, "a second click, a second one"
    page = editor.get(copied)
    assert page.field("body_en") == "Some words.\n"
    assert page.field("greeting") == "none"
    [mail] = editor.outbox()
    assert "Hello" not in mail.text


def test_the_page_of_a_letter_is_corrected_says_so_and_what_was_mailed_stays(
    editor: Browser, draft: str, installation: Installation, run_jobs: Run
) -> None:
    add_members(installation, 1, "en")
    editor.post(f"{draft}/send", {"anyway": "1"})
    run_jobs()
    page = editor.get(f"{draft}/correct")
    said = {"version": page.hidden("version"), "title_en": "", "body_en": "Better words.",
            "title_fi": "", "body_fi": page.field("body_fi")}  # fmt: skip
    wrong = editor.post(f"{draft}/correct", {**said, "body_en": "See [it](nowhere)"})
    assert wrong.status == 422
    assert "leads nowhere" in wrong.text
    assert "See [it](nowhere)" in wrong.text
    shown = editor.post(f"{draft}/correct", said)
    assert "Better words." in shown.text
    assert "Corrected on 25 November 2026" in shown.text
    with installation.reading() as work:
        bodies = work.session.scalars(select(Mailing.text)).all()
        assert all("Better words" not in body for body in bodies)
    late = editor.post(f"{draft}/correct", {**said, "body_en": "Still better."})
    assert late.status == 422
    assert "Somebody else changed this" in late.text
    assert "Still better." in late.text


def test_an_unlisted_letter_is_read_only_by_its_address(
    editor: Browser, draft: str, installation: Installation, run_jobs: Run
) -> None:
    add_members(installation, 1, "en")
    editor.post(f"{draft}/send", {"anyway": "1"})
    copied = str(editor.post(f"{draft}/copy").response.url)
    editor.post(f"{copied}/send", {"anyway": "1"})
    run_jobs()
    assert "Before: A letter" in editor.get("/newsletter/2").text
    for listed, is_there in (("", False), ("", False), ("1", True)):
        editor.post(f"{draft}/listed", {"listed": listed})
        page = editor.get("/newsletter/1")
        assert page.status == 200
        assert ("noindex" in page.text) is not is_there
        assert ("/newsletter/1" in editor.get("/newsletter").text) is is_there
        assert ("/newsletter/1" in editor.get("/newsletter/feed.atom").text) is is_there
        assert ("Before: A letter" in editor.get("/newsletter/2").text) is is_there


@both_databases
def test_what_became_of_a_letter_stands_beside_earlier_ones_and_nobody_is_followed(
    editor: Browser, draft: str, installation: Installation, run_jobs: Run
) -> None:
    add_members(installation, 3, "en")
    editor.post(f"{draft}/send", {"anyway": "1"})
    run_jobs()
    [first, *_] = editor.outbox()
    assert "/newsletter/1/useful" in first.html
    assert "/newsletter/1/useful" in first.text
    leave = next(link for link in first.links if "/unsubscribe/" in link)
    with Browser.of(installation) as somebody:
        somebody.post(leave.removeprefix(installation.settings.base_url))
        page = somebody.get("/newsletter/1/useful")
        assert page.status == 200
        for said in ("yes", "yes", "no"):
            thanks = somebody.post("/newsletter/1/useful", {"useful": said})
            assert "nobody knows that it was you" in thanks.text
        assert somebody.post("/newsletter/1/useful", {"useful": "?"}).status == 400
        assert somebody.get("/newsletter/7/useful").status == 404
    page = editor.get(f"{draft}/afterwards")
    assert page.each(".figures dd") == ["3/3", "0", "0", "1", "2/3"]
    assert "accepted" in page.text.casefold()
    with installation.reading() as work:
        kept = work.session.execute(select(IssueOpinion.is_useful, IssueOpinion.count)).all()
    assert sorted(map(tuple, kept)) == [(False, 1), (True, 2)]
    assert draft.rsplit("/", 1)[0] in str(editor.get("/organise/issues").response.url)


def test_many_opinions_from_one_place_have_a_limit(
    editor: Browser, draft: str, installation: Installation, run_jobs: Run
) -> None:
    add_members(installation, 1, "en")
    editor.post(f"{draft}/send", {"anyway": "1"})
    run_jobs()
    with Browser.of(installation) as somebody:
        ends = [somebody.post("/newsletter/1/useful", {"useful": "no"}).status for _ in range(21)]
    assert ends == [200] * 20 + [422]


def test_a_block_comes_after_the_same_paragraph_in_each_language(
    editor: Browser, draft: str
) -> None:
    english, finnish = "One.\n\nTwo goes on.\n\nThree.", "Yksi.\n\nKaksi.\n\nKolme."
    typed = {**typed_now(editor, draft), "body_en": english, "body_fi": finnish}
    editor.post(f"{draft}/insert", {**typed, "put": "contents", "at_fi": str(len("Yksi.\n\nKa"))})
    now = typed_now(editor, draft)
    assert now["body_fi"] == "Yksi.\n\nKaksi.\n\n::contents\n\nKolme.\n"
    assert now["body_en"] == "One.\n\nTwo goes on.\n\n::contents\n\nThree.\n"


@both_databases
def test_a_language_that_lags_is_marked_beside_its_name(editor: Browser, draft: str) -> None:
    assert editor.get(draft).each("[data-lags]") == ["", ""]
    version = editor.get(draft).field("version")
    more = words(body_en="Words.\n\n::question[What?]")
    saved = editor.client.post(f"{draft}/autosave", data={"version": version, **more}).json()
    assert saved["lags"] == {
        "fi": "This language tells of other things, or in another order, than the other."
    }
    assert "tells of other things" in editor.get(draft).each("[data-lags]")[1]


@both_databases
def test_nothing_that_a_block_says_can_run(
    editor: Browser, draft: str, installation: Installation, run_jobs: Run
) -> None:
    evil = "<script>x</script> \"'><img src=x onerror=y> {{name}} {% raw %}"
    add_members(installation, 1, "en")
    slug = an_item(installation, evil)
    workshop = hosts.ready(installation, title=evil)
    hosts.invite(installation, workshop, "m0@school.example")
    run_jobs()
    put(editor, draft, "library", library=slug)
    put(editor, draft, "article", library=slug)
    put(editor, draft, "workshop", workshop=workshop.public_id)
    put(editor, draft, "question", question_en=evil, question_fi=evil)
    put(
        editor,
        draft,
        "button",
        button_en=evil,
        button_fi=evil,
        button_url="https://x.example/?a='>",
    )
    for wrong in ("javascript:alert(1)", "/library", "data:text/html,x", "", "https://a b.example"):
        refused = put(editor, draft, "button", button_en="z", button_fi="z", button_url=wrong)
        assert (refused.status, "where the button leads" in refused.problem) == (422, True)
    editor.post(draft, {**typed_now(editor, draft), "byline": evil})
    review = editor.get(f"{draft}/send")
    editor.post(f"{draft}/send", {"version": review.hidden("version"), "anyway": "1"})
    run_jobs()
    [mail] = [one for one in editor.outbox() if one.subject.startswith("A letter")]
    for text in (mail.html, editor.get("/newsletter/1").text, editor.get(f"{draft}/progress").text):
        assert "<script>x" not in text
        assert "<img src=x" not in text
        assert 'href="javascript:' not in text
    assert "{{name}}" in mail.html.replace("&#123;", "{")

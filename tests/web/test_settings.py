"""What a community says of itself: written by its owners, on every page and in every mail."""

import io
from collections.abc import Callable, Mapping

import pytest
from PIL import Image
from sqlalchemy import select

from community import parts, who
from community.texts import TEXTS
from core.addresses import parse_address
from core.community import CommunityPart
from core.installation import Installation
from core.stored_files import StoredFile, sweep_files
from members.models import Member, Organiser
from members.organisers import add_organiser
from members.persons import person_of
from members.roles import Role
from tests.conftest import both_databases
from tests.support.authors import sign_in_as
from tests.support.people import Browser, ShiftedClock, add_members

Run = Callable[[], None]
SETTINGS = "/organise/settings"
PARTS = ("names", "letters", "privacy", "links", "languages", "look", "front", "who")


@pytest.fixture
def owner(visitor: Browser) -> Browser:
    """An owner, in a browser of their own."""
    return visitor.sign_in("aino@desk.example", Role.OWNER)


def keep(owner: Browser, part: str, said: Mapping[str, object], **more: object) -> str:
    """Change a part as its page offers it; what the page says then."""
    page = owner.get(f"{SETTINGS}/{part}")
    return owner.post(
        f"{SETTINGS}/{part}", {"version": page.hidden("version"), **said}, **more
    ).text


def press(owner: Browser, one: str, does: str) -> None:
    """Press a button beside somebody who is shown."""
    version = owner.get(f"{SETTINGS}/who").hidden("version")
    owner.post(f"{SETTINGS}/who/press", {"version": version, "one": one, "does": does})


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300)) -> bytes:
    """A picture as somebody has it."""
    out = io.BytesIO()
    Image.new("RGB", size, "#345678").save(out, kind)
    return out.getvalue()


@both_databases
def test_a_name_and_a_sentence_are_on_every_page_and_in_every_mail(
    owner: Browser, installation: Installation, run_jobs: Run
) -> None:
    text = keep(owner, "names", {"community_name": "Oulun <b>opet</b>", "sentence_en": "We talk.",
                                 "sentence_fi": "Me juttelemme."})  # fmt: skip
    assert "Kept." in text, text
    with Browser.of(installation) as somebody:
        for path, sentence in (("/", "We talk."), ("/fi", "Me juttelemme."), ("/fi/nowhere", "")):
            page = somebody.get(path).text
            assert "Oulun &lt;b&gt;opet&lt;/b&gt;" in page
            assert sentence in page
        assert "Oulun" in somebody.get("/newsletter/feed.atom").text
        somebody.subscribe("mia@school.example")
    run_jobs()
    [mail] = owner.outbox("mia@school.example")
    assert "Oulun <b>opet</b>" in mail.text
    assert mail.sender.startswith('"Oulun <b>opet</b>"')


def test_what_stands_in_the_environment_wins_and_is_shown_as_such(
    owner: Browser, installation: Installation
) -> None:
    keep(owner, "names", {"community_name": "From the browser"})
    keep(owner, "letters", {"reply_to": "browser@school.example"})
    settings = installation.settings.model_copy(
        update={"community_name": "From outside", "reply_to": "outside@school.example",
                "mail_from": "Outside <letters@school.example>"}
    )  # fmt: skip
    object.__setattr__(installation, "settings", settings)
    page = owner.get(f"{SETTINGS}/names")
    assert "STAFFROOM_COMMUNITY_NAME" in page.text
    assert page.each("[name=community_name]") == []
    assert "From outside" in owner.get("/about").text
    letters = owner.get(f"{SETTINGS}/letters").text
    assert "outside@school.example" in letters
    assert "STAFFROOM_REPLY_TO" in letters
    assert "browser@school.example" not in letters
    keep(owner, "letters", {"reply_to": "x@evil.example"})
    with installation.reading() as work:
        assert parts.find(work, "letters").value == {"reply_to": "browser@school.example"}


def test_where_replies_go_is_said_and_counts(
    owner: Browser, installation: Installation, run_jobs: Run
) -> None:
    wrong = keep(owner, "letters", {"reply_to": "no-reply@school.example", "sender": "Aino"})
    assert "takes no answers" in wrong
    assert 'value="Aino"' in wrong
    assert "Kept." in keep(owner, "letters", {"reply_to": "desk@school.example", "sender": "Aino"})
    assert "desk@school.example" in owner.get("/organise").text
    assert "desk@school.example" in owner.get("/privacy").text
    with Browser.of(installation) as somebody:
        somebody.subscribe("mia@school.example")
    run_jobs()
    [mail] = owner.outbox("mia@school.example")
    assert mail.sender.startswith("Aino <")
    assert mail.headers["Reply-To"] == "desk@school.example"


@pytest.mark.parametrize(
    ("part", "said", "sentence"),
    [
        ("names", {"community_name": "x" * 81}, "80 characters at the most"),
        ("names", {"community_name": "Back\u202eward"}, "Mail programs would misread"),
        ("names", {"sentence_fi": "x" * 161}, "160 characters at the most"),
        ("letters", {"sender": "A\u2066B"}, "Mail programs would misread"),
        ("letters", {"reply_to": "no address"}, "does not look like an e-mail address"),
        ("privacy", {"controller": "x" * 401}, "400 characters at the most"),
        ("privacy", {"privacy_contact": "nobody"}, "does not look like an e-mail address"),
        ("links", {"words": ["Ours", "Theirs"], "url": ["x.example", "javascript:alert(1)"]},
         "Link 2 leads nowhere"),
        ("links", {"words": ["A group"], "url": [""]}, "Link 1 leads nowhere"),
        ("links", {"words": ["x" * 41], "url": ["https://x.example"]}, "words of link 1"),
        ("languages", {"offered": ["sv"]}, "offer one language"),
        ("look", {"palette": "neon"}, "choose one of these colours"),
        ("who", {"name": " "}, "write their name"),
        ("who", {"name": "Mia", "role_en": "x" * 121}, "120 characters at the most"),
        ("texts/about/en", {"heading": "", "body": "Words"}, "write a heading"),
        ("texts/about/en", {"heading": "A", "body": "  "}, "write the text"),
        ("texts/about/en", {"heading": "A", "body": "See [it](nowhere)"}, "leads nowhere"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_a_sentence_and_nothing_typed_is_lost(
    owner: Browser,
    installation: Installation,
    part: str,
    said: dict[str, str | list[str]],
    sentence: str,
) -> None:
    text = keep(owner, part, said)
    assert sentence in text
    rows = [value if isinstance(value, list) else [value] for value in said.values()]
    typed = {one for row in rows for one in row if one.strip()} - {"sv", "neon"}
    assert {one for one in typed if one not in text} == set()
    with installation.reading() as work:
        assert work.session.scalars(select(CommunityPart)).all() == []


def test_links_lead_out_of_the_foot_of_every_page(owner: Browser) -> None:
    keep(
        owner,
        "links",
        {"words": ["Our group", "", ""], "url": ["https://a.example/x", "b.example", ""]},
    )
    page = owner.get("/privacy")
    assert page.attributes("footer a[rel~=me]", "href") == [
        "https://a.example/x",
        "https://b.example",
    ]
    assert page.each("footer a[rel~=me]") == ["Our group", "b.example"]


def test_only_languages_that_are_offered_can_be_chosen(
    owner: Browser, installation: Installation
) -> None:
    keep(owner, "languages", {"offered": ["fi"], "first": "fi"})
    with Browser.of(installation) as somebody:
        page = somebody.get("/", headers={"accept-language": "en"})
        assert page.language == "fi"
        assert page.each("nav [hreflang]") == []
        assert somebody.get("/en/about").language == "en"  # an old link goes on leading there
        assert somebody.get("/subscribe").each("[name=language] option, [name=language]") != []
        assert "English" not in somebody.get("/subscribe").text
    assert owner.get("/organise").language == "en"  # whoever reads it already keeps it
    assert 'value="en"' in owner.get("/me/preferences").text


def test_colours_and_a_logo_are_on_pages_and_in_mails(
    owner: Browser, installation: Installation, run_jobs: Run
) -> None:
    text = keep(owner, "look", {"palette": "lake"}, files={"files": ("logo.png", picture())})
    assert "Kept." in text, text
    with Browser.of(installation) as somebody:
        page = somebody.get("/")
        _, sheet = page.attributes("link[rel=stylesheet]", "href")
        assert "--accent: #1c5a80" in somebody.get(sheet).text
        shown = page.attribute(".name img", "src")
        assert page.attribute(".name img", "alt") == installation.settings.community_name
        assert page.attribute(".name img", "width") == "120"
        logo = somebody.get(shown).response
        assert logo.status_code == 200
        # Mail programs in a browser are other sites, and may show it too.
        assert logo.headers["cross-origin-resource-policy"] == "cross-origin"
        somebody.subscribe("mia@school.example")
    run_jobs()
    [mail] = owner.outbox("mia@school.example")
    assert "#1c5a80" in mail.html
    assert "#9a3b1f" not in mail.html
    assert f'src="{installation.settings.base_url}{shown}"' in mail.html
    keep(owner, "look", {"palette": "clay", "no_logo": "1"})
    assert owner.get("/").each(".name img") == []


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "choose a picture"),
        ("logo.png", b"", "is empty"),
        ("logo.png", b"<svg/>", "cannot be read as a picture"),
        ("logo.heic", b"\0\0\0\x18ftypheic", "HEIC"),
        ("logo.txt", b"Hello", "choose a picture"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(
    owner: Browser, name: str, content: bytes, sentence: str
) -> None:
    said = {"palette": "lake", "name": "Mia"}
    text = keep(owner, "look", said, files={"files": (name, content)})
    assert sentence in text or content == b""


@both_databases
def test_people_are_shown_moved_and_shown_no_more(
    owner: Browser, installation: Installation
) -> None:
    for name in ("Mia Virta", "Zoe Ek"):
        said = {"name": name, "role_en": f"{name} leads", "role_fi": ""}
        keep(owner, "who", said, files={"files": ("me.jpg", picture("JPEG", (600, 800)))})
    about = owner.get("/about")
    assert about.each(".faces h3") == ["Mia Virta", "Zoe Ek"]
    assert "Mia Virta leads" in owner.get("/fi/about").text  # in the other language, not nothing
    assert len(about.attributes(".faces img", "src")) == 2
    with installation.reading() as work:
        mia, zoe = who.shown(who.find(work))
    press(owner, zoe.id, "up")
    assert owner.get("/").each(".faces h3") == ["Zoe Ek", "Mia Virta"]
    keep(owner, f"who/{mia.id}", {"name": "Mia V.", "role_fi": "Vetää", "no_picture": "1"})
    assert owner.get("/fi/about").each(".faces li div") == ["Zoe EkZoe Ek leads", "Mia V.Vetää"]
    page = owner.get(f"{SETTINGS}/who")
    owner.post(
        f"{SETTINGS}/who/press",
        {"version": page.hidden("version"), "one": mia.id, "does": "take-off"},
    )
    assert owner.get("/about").each(".faces h3") == ["Zoe Ek"]
    assert owner.get(f"{SETTINGS}/who/{mia.id}").status == 404


@both_databases
def test_whoever_is_erased_is_shown_no_more_and_nothing_of_it_stays(
    owner: Browser, installation: Installation, run_jobs: Run
) -> None:
    with Browser.of(installation) as other:
        other.sign_in("mia@desk.example", Role.EDITOR)
    with installation.reading() as work:
        mia = work.session.scalars(select(Member).where(Member.email == "mia@desk.example")).one()
    said = {"name": "Mia Virta", "member": str(mia.id)}
    keep(owner, "who", said, files={"files": ("me.png", picture())})
    keep(owner, "who", {"name": "Zoe Ek"})
    with installation.reading() as work:
        [told] = [one for one in installation.persons if one.name == "community"]
        person = person_of(work.session, work.session.get_one(Member, mia.id))
        assert [row["shown as"] for row in told.tell(work, person)] == ["Mia Virta"]
    with installation.unit_of_work() as work:
        who.forget(work, mia.id)
    with installation.reading() as work:
        row = work.session.get_one(CommunityPart, who.PART)
        assert "Mia" not in f"{row.value}{row.before}"
        held = work.session.scalars(parts.held_files()).all()
    assert held == []
    assert owner.get("/about").each(".faces h3") == ["Zoe Ek"]


@pytest.mark.parametrize(("name", "language"), list(zip(TEXTS, ("fi", "en") * 3, strict=False)))
def test_each_text_is_seen_before_it_is_kept_and_ours_is_one_click_away(
    owner: Browser, installation: Installation, run_jobs: Run, name: str, language: str
) -> None:
    path = f"{SETTINGS}/texts/{name}/{language}"
    usual = owner.get(path).field("heading")
    said = {
        "heading": "A new heading",
        "body": "Words with *weight* and <script>alert(1)</script>.",
    }
    seen = owner.post(f"{path}/preview", {"version": "0", **said})
    assert seen.status == 200
    assert "A new heading" in seen.text
    assert "<em>weight</em>" in seen.text
    assert "<script>alert" not in seen.text
    assert "A new heading" not in owner.get(f"{path}/preview").text
    keep(owner, f"texts/{name}/{language}", said)
    assert "A new heading" in owner.get(f"{path}/preview").text
    assert "A new heading" in where_it_stands(owner, installation, run_jobs, name, language)
    page = owner.get(path)
    owner.post(f"{path}/default", {"version": page.hidden("version")})
    assert owner.get(path).field("heading") == usual
    owner.post(f"{path}/take-back", {"version": owner.get(path).hidden("version")})
    assert owner.get(path).field("heading") == "A new heading"


def where_it_stands(
    owner: Browser, installation: Installation, run_jobs: Run, name: str, language: str
) -> str:
    """What a reader sees, in the language."""
    if not TEXTS[name].is_mail:
        return owner.get(f"/{language}" if name == "home" else f"/{language}/about").text
    with Browser.of(installation) as somebody:
        somebody.subscribe("mia@school.example", language)
        run_jobs()
        [asks] = somebody.outbox("mia@school.example")
        if name == "confirmation":
            return asks.text
        link = next(line for line in asks.text.splitlines() if "/confirm/" in line)
        path = link.removeprefix(installation.settings.base_url)
        somebody.post(path, {"asked": "1", "read_in": language, "language": language,
                             "topics": "newsletter"})  # fmt: skip
        run_jobs()
        [welcome] = [one for one in somebody.outbox("mia@school.example") if one.name != asks.name]
        return welcome.text


def test_the_usual_text_kept_word_for_word_goes_on_being_ours(
    owner: Browser, installation: Installation
) -> None:
    page = owner.get(f"{SETTINGS}/texts/about/en")
    said = {"heading": page.field("heading"), "body": page.field("body")}
    keep(owner, "texts/about/en", said)
    with installation.reading() as work:
        assert parts.find(work, "about:en").value == {}


def test_the_first_page_is_in_the_order_of_the_community(owner: Browser) -> None:
    keep(owner, "who", {"name": "Mia Virta"})
    before = owner.get("/").attributes("main section", "aria-labelledby")
    assert before == ["frames", "who"], "what has nothing to show is not there"
    for does, block in (("up", "who"), ("hide", "frames")):
        keep(owner, "front", {"block": block, "does": does})
    now = owner.get("/").attributes("main section", "aria-labelledby")
    assert now == ["who"]
    keep(owner, "front", {"block": "frames", "does": "show"})
    assert owner.get("/").attributes("main section", "aria-labelledby") == ["who", "frames"]


@both_databases
def test_of_two_owners_who_change_one_thing_the_second_is_told_and_loses_nothing(
    owner: Browser, installation: Installation
) -> None:
    version = owner.get(f"{SETTINGS}/names").hidden("version")
    first = owner.post(f"{SETTINGS}/names", {"version": version, "community_name": "First"})
    second = owner.post(f"{SETTINGS}/names", {"version": version, "community_name": "Second"})
    assert "Kept." in first.text
    assert second.status == 422
    assert "Somebody else changed this" in second.text
    assert 'value="Second"' in second.text
    again = owner.post(
        f"{SETTINGS}/names",
        {"version": second.attribute(".sheet [name=version]", "value"), "community_name": "Second"},
    )
    assert again.status == 422  # pressing once more does not write over it either
    same = owner.post(f"{SETTINGS}/names", {"version": version, "community_name": "First"})
    assert same.status == 200  # a double click is no quarrel


def test_the_last_change_can_be_taken_back_for_a_day(
    owner: Browser, installation: Installation, clock: ShiftedClock
) -> None:
    keep(owner, "names", {"community_name": "First"})
    keep(owner, "names", {"community_name": "Second"})
    back = {"version": owner.get(f"{SETTINGS}/names").hidden("version")}
    assert "as it was before" in owner.post(f"{SETTINGS}/names/take-back", back).text
    assert owner.get(f"{SETTINGS}/names").field("community_name") == "First"
    clock.forward(hours=25)
    with installation.unit_of_work() as work:
        assert parts.purge(work) == 1
    with Browser.of(installation) as later:
        later.sign_in("aino@desk.example", Role.OWNER)
        assert "Take the last change back" not in later.get(f"{SETTINGS}/names").text
    with installation.reading() as work:
        assert work.session.get_one(CommunityPart, "names").before is None


def test_a_face_that_is_shown_is_never_swept_and_one_that_is_not_is(
    owner: Browser, installation: Installation, clock: ShiftedClock
) -> None:
    keep(owner, "who", {"name": "Mia"}, files={"files": ("me.png", picture())})
    with installation.reading() as work:
        [shown] = who.shown(who.find(work))
    for _ in range(2):
        keep(owner, f"who/{shown.id}", {"name": "Mia"}, files={"files": ("me.png", picture())})
    clock.forward(hours=25)
    with installation.unit_of_work() as work:
        parts.purge(work)
        sweep_files(work, installation.file_holders, work.now)
    with installation.reading() as work:
        [left] = work.session.scalars(select(StoredFile.name)).all()
        [shown] = who.shown(who.find(work))
        assert shown.picture["file"] == left


@pytest.mark.parametrize("role", [None, Role.FACILITATOR, Role.EDITOR])
def test_nobody_but_an_owner_may_see_or_change_them(
    visitor: Browser, installation: Installation, role: Role | None
) -> None:
    if role is not None:
        visitor.sign_in("zoe@desk.example", role)
    for part in ("", *(f"/{one}" for one in PARTS), "/texts/home/en", "/texts/home/en/preview"):
        page = visitor.get(f"{SETTINGS}{part}")
        assert page.status == 403 or page.field("email") == ""
        assert "Name and sentence" not in page.text
    visitor.post(f"{SETTINGS}/names", {"version": "0", "community_name": "Mine"})
    visitor.post(f"{SETTINGS}/texts/home/en", {"version": "0", "heading": "x", "body": "y"})
    with installation.reading() as work:
        assert work.session.scalars(select(CommunityPart)).all() == []


def test_every_change_stands_in_the_audit(owner: Browser) -> None:
    keep(owner, "names", {"community_name": "First"})
    assert "Changed what the community says of itself: names" in owner.get("/organise/audit").text


def test_whoever_was_shown_before_it_was_said_who_they_are_goes_too(
    owner: Browser, installation: Installation
) -> None:
    with Browser.of(installation) as other:
        other.sign_in("mia@desk.example", Role.EDITOR)
    keep(owner, "who", {"name": "Mia Virta"}, files={"files": ("me.png", picture())})
    with installation.reading() as work:
        mia = work.session.scalars(select(Member).where(Member.email == "mia@desk.example")).one()
        [shown] = who.shown(who.find(work))
    keep(owner, f"who/{shown.id}", {"name": "Mia Virta", "member": str(mia.id)})
    with installation.unit_of_work() as work:
        who.forget(work, mia.id)
    with installation.reading() as work:
        row = work.session.get_one(CommunityPart, who.PART)
        assert (row.value, row.before) == ({}, {})
        assert work.session.scalars(parts.held_files()).all() == []


def test_whoever_left_the_team_is_still_known_when_they_are_described_anew(
    owner: Browser, installation: Installation
) -> None:
    with installation.unit_of_work() as work:
        gone = add_organiser(work, parse_address("mia@desk.example"), Role.EDITOR)
    keep(owner, "who", {"name": "Mia Virta", "member": str(gone.id)})
    with installation.unit_of_work() as work:
        work.session.delete(work.session.get_one(Organiser, gone.id))
    with installation.reading() as work:
        [shown] = who.shown(who.find(work))
    page = owner.get(f"{SETTINGS}/who/{shown.id}")
    keep(owner, f"who/{shown.id}", {"name": "Mia V.", "member": page.field("member")})
    with installation.reading() as work:
        assert [one.member_id for one in who.shown(who.find(work))] == [gone.id]


def test_an_erasure_that_concerns_nobody_shown_is_no_quarrel(
    owner: Browser, installation: Installation
) -> None:
    keep(owner, "who", {"name": "Mia Virta"})
    version = owner.get(f"{SETTINGS}/who").hidden("version")
    with installation.unit_of_work() as work:
        who.forget(work, 4711)
        who.hand_over(work, 1, 4711)
    said = {"version": version, "name": "Zoe Ek"}
    assert owner.post(f"{SETTINGS}/who", said).status == 200


def test_whoever_was_taken_off_meanwhile_is_not_added_again_and_what_was_typed_stays(
    owner: Browser, installation: Installation
) -> None:
    keep(owner, "who", {"name": "Mia Virta"})
    with installation.reading() as work:
        [shown] = who.shown(who.find(work))
    version = owner.get(f"{SETTINGS}/who/{shown.id}").hidden("version")
    press(owner, shown.id, "take-off")
    late = owner.post(f"{SETTINGS}/who/{shown.id}", {"version": version, "name": "Mia Typed"})
    assert late.status == 422
    assert "Mia Typed" in late.text
    assert owner.get("/about").each(".faces h3") == []


def test_the_last_change_is_taken_back_from_a_persons_page_too(
    owner: Browser, installation: Installation
) -> None:
    keep(owner, "who", {"name": "Mia Virta"})
    with installation.reading() as work:
        [shown] = who.shown(who.find(work))
    keep(owner, f"who/{shown.id}", {"name": "Other"})
    page = owner.get(f"{SETTINGS}/who/{shown.id}")
    owner.post(page.action("take-back"), {"version": page.hidden("version")})
    assert owner.get("/about").each(".faces h3") == ["Mia Virta"]


@pytest.mark.parametrize(
    "name", ["1. luokan opet", "# Opet", "> us", "*Opet*", "www.opet.fi", "[x](nowhere)", "a_b_c"]
)
def test_a_name_is_a_name_whatever_markdown_would_make_of_it(owner: Browser, name: str) -> None:
    keep(owner, "names", {"community_name": name})
    shown = owner.get("/about").each("article p")[-1]
    assert shown.startswith(f"{name} is run by a few teachers")
    assert "Kept." in keep(owner, "texts/who/en", {"heading": "Us", "body": "Words"})


def test_a_language_that_is_no_longer_offered_takes_nothing_from_who_reads_it(
    owner: Browser, installation: Installation
) -> None:
    add_members(installation, 1, "fi")
    keep(owner, "languages", {"offered": ["en"], "first": "en"})
    with installation.reading() as work:
        member = work.session.scalars(select(Member).where(Member.language == "fi")).one()
    person = owner.get(f"/organise/people/{member.id}")
    assert person.field("language") == "fi"
    with Browser.of(installation) as theirs:
        page = sign_in_as(theirs, member).get("/en/me/preferences")
        assert page.field("language") == "fi"
    assert "Readers in Finnish" in owner.get("/organise").text
    with Browser.of(installation) as somebody:
        asked = somebody.post("/api/subscriptions", json={"email": "mia@school.example"})
        assert asked.status == 202


def test_a_former_logo_is_still_seen_in_old_mails_and_a_former_face_only_by_owners(
    owner: Browser, installation: Installation
) -> None:
    keep(owner, "look", {"palette": "clay"}, files={"files": ("a.png", picture())})
    old = owner.get("/").attribute(".name img", "src")
    keep(owner, "look", {"palette": "clay"}, files={"files": ("b.png", picture("PNG", (90, 90)))})
    keep(owner, "look", {"palette": "lake"})
    keep(owner, "who", {"name": "Mia"}, files={"files": ("me.png", picture())})
    face = owner.get("/about").attribute(".faces img", "src")
    with installation.reading() as work:
        [shown] = who.shown(who.find(work))
    keep(owner, f"who/{shown.id}", {"name": "Mia", "no_picture": "1"})
    with Browser.of(installation) as somebody:
        assert somebody.get(old).status == 200
        assert somebody.get(face).status == 404
    assert owner.get(face).status == 200


def test_renaming_does_not_make_our_text_theirs(owner: Browser, installation: Installation) -> None:
    page = owner.get(f"{SETTINGS}/texts/welcome/en")
    keep(owner, "names", {"community_name": "Renamed"})
    said = {name: page.field(name) for name in ("heading", "body")}
    keep(owner, "texts/welcome/en", {**said, "usual": page.hidden("usual")})
    with installation.reading() as work:
        assert parts.find(work, "welcome:en").value == {}

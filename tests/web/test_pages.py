"""Pages and mails as people meet them: on a phone, in the dark, by ear, and for the 51st time."""

import html
import io
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from PIL import Image
from sqlalchemy import select

from contributions.models import Contribution
from core.i18n import LANGUAGES, negotiate
from core.places import web_templates
from core.tokens import Purpose, Tokens
from library import items
from library.items import NewItem
from library.kinds import Boundary, ItemKind, Licence
from mail.rendering import render, template_names
from members.models import Member
from members.roles import Role
from members.signing_in import print_link
from newsletters.models import Issue, IssueText
from newsletters.states import IssueState
from tests.check_translations import KEYWORDS, ROOT
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.authors import send_in
from tests.support.mail_samples import COMMON, PERSONAL, SAMPLES
from tests.support.people import Browser, ShiftedClock, add_members
from web.pages import static_index, tidy

Run = Callable[[], None]
SHARED_WORDS = frozenset(
    "Add|Address|All|Answer|Browser|By|Cancelled|Certificate|Chapters|Collection|Collections|"
    "Consultation|Contributions|Hide|Link|Order|Remove|Type|Undo|hidden|"
    "Country|Facilitator|Files|Forum|From|Heading|Hello,|Hotseat|Joined|Kind|Label|Labels|"
    "Language|Languages|"
    "Library|Links|Listen|Mail|Material|Maybe|Name|Newer|Newsletter|No|Older|Outbox|"
    "Pause|Paused|People|Picture|Place|Places|Preheader|Privacy|"
    "Publish|Reason|Role|Row|Save|Saved.|Search|Settings|Show|Since|Source|Standing|State|Subject|"
    "Subscribe|Text|Title|Topic|Topics|"
    "Waiting|What|When|Who|Workshop|Workshops|Yes|accepted|all|bounced|cancelled|complained|"
    "delivered|everything|failed|invited|no|paused|somebody|unknown|waiting|yes".split("|")
)
"""Single words that stand in several places and mean the same in each: looked at one by one."""


def test_every_cell_of_a_table_that_becomes_cards_says_what_it_is() -> None:
    """On a phone the headings of the columns are gone; only `data-label` is left."""
    tables = 0
    for path in web_templates().rglob("*.html"):
        for columns, rows in re.findall(
            r"call table\(\[(.*?)\]\)\s*%\}(.*?)\{% endcall %\}", path.read_text("utf-8"), re.DOTALL
        ):
            tables += 1
            headings = set(re.findall(r"p?gettext\(.*?\)|_\(.*?\)", columns))
            labels = set(re.findall(r'data-label="\{\{ (.*?) \}\}"', rows))
            assert headings <= labels, (path.name, headings - labels)
    assert tables > 12


def test_a_word_of_the_catalogue_has_one_meaning() -> None:
    """A single word in several places is a homonym until somebody has looked; else: pgettext."""
    methods, options = parse_mapping_cfg(io.StringIO((ROOT / "babel.cfg").read_text("utf-8")))  # type: ignore[no-untyped-call]
    places: dict[str, set[Path]] = defaultdict(set)
    for part in ("platform", "templates"):
        within = [(pattern.removeprefix(f"{part}/"), how) for pattern, how in methods]
        found = extract_from_dir(str(ROOT / part), within, options, KEYWORDS)
        for name, _, message, _, context in found:
            if isinstance(message, str) and " " not in message and not context:
                places[message].add(Path(part, name).parent)
    assert len(places) > 100
    assert {word for word, where in places.items() if len(where) > 1} <= SHARED_WORDS


@pytest.mark.parametrize("name", template_names())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_has_a_preheader_of_its_own(name: str, language: str) -> None:
    mail = render(name, language, {**COMMON, **SAMPLES[name]}, PERSONAL)
    found = re.search(r"mso-hide:\s*all[^>]*>([^<]*?)(?:\u2007|&#8199;)", mail.html)
    assert found
    told = html.unescape(found[1]).strip()
    assert len(told.split()) > 1
    assert told[0].isalnum() or told[0] in "“”"
    assert told not in ("Because.", mail.subject)


@pytest.mark.parametrize("name", template_names())
def test_every_coloured_word_of_a_mail_has_a_colour_for_the_dark(name: str) -> None:
    mail = render(name, "en", {**COMMON, **SAMPLES[name]}, PERSONAL)
    dark = mail.html.partition("prefers-color-scheme: dark")[2].partition("</style>")[0]
    coloured = set(re.findall(r"<(span|b|i|h1|h2|h3|p|div|td|a)\b[^>]*[\"; ]color:", mail.html))
    assert coloured
    for tag in coloured - {"td"}:
        assert re.search(rf"\.sheet {tag}\b|[ ,]{tag}\b[^{{]*{{[^}}]*color", dark), tag


def _sent(browser: Browser, count: int) -> None:
    with browser.installation.unit_of_work() as work:
        for number in range(1, count + 1):
            issue = Issue(state=IssueState.SENT, number=number, sent_at=work.now)
            issue.created_at = issue.changed_at = work.now
            issue.texts = [
                IssueText(
                    language="en", subject=f"Letter {number}", body="Words", title="", preheader=""
                )
            ]
            work.session.add(issue)


def test_an_archive_of_more_than_fifty_letters_is_read_to_its_first(
    visitor: Browser, editor: Browser
) -> None:
    _sent(visitor, 61)
    for browser, path in ((visitor, "/newsletter"), (editor, "/organise/issues")):
        first = browser.get(path)
        assert "Letter 61<" in first.text
        assert "Letter 1<" not in first.text
        earlier = first.attribute('a[href*="before="]', "href")
        assert "Letter 1<" in browser.get(earlier).text
        assert browser.get(f"{path}?before=x'--").status == 200


def test_a_feed_that_has_not_changed_is_not_sent_again(visitor: Browser) -> None:
    _sent(visitor, 2)
    for path in ("/newsletter/feed.atom", "/library/feed.atom", "/library/feed.json"):
        first = visitor.get(path).response
        assert "Accept-Language" in first.headers["vary"]
        tag = {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
        again = visitor.get(path, headers=tag).response
        assert (again.status_code, again.content) == (304, b"")
        other = visitor.get(path, headers={**tag, "Accept-Language": "fi"}).response
        assert (path == "/library/feed.json") or other.headers["etag"]
    assert "Accept-Language" in visitor.get("/").response.headers["vary"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fi;q=0.1, en;q=0.9", "en"),
        ("en;q=0.2,fi;q=0.8", "fi"),
        ("en;q=0, fi;q=0.1", "fi"),
        ("sv, fi-FI;q=0.7, en;q=0.3", "fi"),
        ("de", "en"),
        ("FI", "fi"),
        ("fi;q=banana", "en"),
        ("", "en"),
    ],
)
def test_the_language_that_is_wanted_more_is_spoken(header: str, language: str) -> None:
    assert negotiate(header) == language


@both_databases
def test_whoever_asks_twice_may_type_the_code_of_either_mail(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    add_members(visitor.installation, 1, "en")
    for _ in range(2):
        visitor.post("/sign-in", {"email": "m0@school.example"})
        run_jobs()
        clock.forward(minutes=1)
    second, first = [mail.subject[:7].replace(" ", "") for mail in visitor.outbox()]
    assert first != second
    assert visitor.post("/sign-in/code", {"code": first}).status == 200
    assert visitor.get("/me").status == 200


def test_a_link_opened_too_late_or_twice_offers_the_field_for_the_code(
    visitor: Browser, run_jobs: Run
) -> None:
    add_members(visitor.installation, 1, "en")
    visitor.post("/sign-in", {"email": "m0@school.example"})
    run_jobs()
    mail = visitor.outbox()[0]
    stale = visitor.get(f"/sign-in/{visitor.installation.tokens.sign(Purpose.SIGN_IN, 999)}")
    assert (stale.status, 'name="code"' in stale.text) == (410, True)
    assert visitor.post(stale.action("/sign-in/code"), {"code": mail.subject[:7]}).status == 200
    assert visitor.get("/me").status == 200


def test_no_token_ends_in_a_sign_that_mail_programs_leave_out(visitor: Browser) -> None:
    tokens = Tokens(["a-key-for-tests-that-is-long-enough-to-be-one"])
    made = [tokens.sign(purpose, n) for purpose in Purpose for n in range(40)]
    add_members(visitor.installation, 1)
    with visitor.installation.unit_of_work() as work:
        member = work.session.get_one(Member, 1)
        made += [print_link(work, member) for _ in range(100)]
    assert [token for token in made if token[-1] in "-_"] == []


def test_what_is_wrong_is_in_the_title_and_in_the_order_of_the_page(visitor: Browser) -> None:
    stamp = visitor.get("/contribute/article").hidden("stamp")
    page = visitor.post("/contribute/article", {"stamp": stamp, "act": "submit"})
    assert page.status == 422
    assert page.words("title").startswith("Error: ")
    named = [link.removeprefix("#") for link in page.attributes(".problem a", "href")]
    places = [page.text.index(f'id="{name}"') for name in named]
    assert len(named) > 2
    assert places == sorted(places)


def test_the_pictures_of_an_article_are_shown_with_it(author: Browser) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(drawn, "PNG")
    path = send_in(author, "article")
    for name, content in (("board.png", drawn.getvalue()), ("notes.txt", b"Notes")):
        author.post(f"{path}/files", files={"files": (name, content)})
    mine = author.get(path)
    with author.installation.unit_of_work() as work:
        written = work.session.scalars(select(Contribution)).one()
        items.publish(work, NewItem(
            kind=ItemKind.ARTICLE, title="On listening", summary="", body_html="<p>Words</p>",
            language="en", byline="Mia", licence=Licence.CC_BY, boundary=Boundary.ANYONE,
            source=f"contribution:{written.id}",
        ))  # fmt: skip
    published = author.get("/library/on-listening")
    picture = 'img.picture[src^="/files/"]'
    assert published.attributes(picture, "alt") == ["board.jpg"]
    assert len(mine.attributes(picture, "alt")) == 1
    assert "notes.txt" in published.each("a")


def test_a_guest_reads_what_was_answered_and_is_not_asked_it(
    visitor: Browser, editor: Browser
) -> None:
    workshop = hosts.ready(visitor.installation)
    owner = editor.sign_in("owner@example.org", Role.OWNER)
    owner.post(f"/organise/workshops/{workshop.public_id}/open", {"audience": "anyone"})
    text = visitor.get(f"/workshops/{workshop.public_id}").text
    assert "What has been tried</dt>" in text
    assert "What has been tried?" not in text


def test_adding_a_material_marks_the_field_of_the_material(editor: Browser) -> None:
    owner = editor.sign_in("owner@example.org", Role.OWNER)
    page = owner.post("/organise/library/add", {"title": "Good", "url": "javascript:alert(1)"})
    assert page.status == 422
    assert page.attributes("[aria-invalid]", "id") == ["url"]


def test_a_past_workshop_invites_nobody_and_is_called_the_same_everywhere(
    editor: Browser, clock: ShiftedClock
) -> None:
    owner = editor.sign_in("owner@example.org", Role.OWNER)
    workshop = hosts.ready(editor.installation)
    base = f"/organise/workshops/{workshop.public_id}"
    assert "Prepare a cohort" in owner.get(f"{base}/people").text
    clock.shift += timedelta(days=31)
    owner = owner.sign_in("owner@example.org", Role.OWNER)
    assert "Prepare a cohort" not in owner.get(f"{base}/people").text


def test_the_layout_of_a_template_is_not_sent_but_drawings_and_examples_stay_whole() -> None:
    source = (
        '<p\n  class="a{% if x %} b{% endif %}"\n>\n  One\n  two {{ y }}\n  three\n</p>\n'
        '<pre>\n  <b>\n</pre>\n<svg>\n  <circle r="1"\n  />\n</svg>\n<br />\n'
    )
    assert tidy(source) == (
        '<p class="a{% if x %} b{% endif %}"> One two {{ y }} three\n</p>\n'
        '<pre>\n  <b>\n</pre>\n<svg>\n<circle r="1" />\n</svg>\n<br>\n'
    )


def test_every_form_that_takes_an_address_leads_to_what_becomes_of_it() -> None:
    """Organisers' own forms, and that of the very first owner, are no visitors' forms."""
    asking = {
        path.relative_to(web_templates()).as_posix(): path.read_text("utf-8")
        for path in web_templates().rglob("*.*")
        if 'type="email"' in path.read_text("utf-8")
    }
    asking = {name: text for name, text in asking.items()
              if not name.startswith("organiser/") and name != "member/first.html"}  # fmt: skip
    assert len(asking) > 8
    told = ("/privacy", "site/kept-link.html")
    assert [name for name, text in asking.items() if not any(one in text for one in told)] == []


def test_a_stylesheet_without_its_layout_shows_the_same() -> None:
    """A space between quotes is shown; it was taken away once, on every card of a phone."""
    names, files = static_index()
    css = files[names["style.css"]].content.decode()
    assert 'content:attr(data-label) ": "' in css
    written = (ROOT / "static" / "style.css").read_text("utf-8")
    assert re.findall('"[^"]*"', css) == re.findall('"[^"]*"', re.sub(r"/\*.*?\*/", "", written))

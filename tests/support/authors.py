"""What authors and editors do in the tests, as verbs; and one finished form of each kind."""

from contributions import drafts
from contributions.kinds import Content, Kind
from contributions.models import Contribution
from core.addresses import parse_address
from core.installation import Installation
from core.unit_of_work import UnitOfWork
from members.models import Member
from members.organisers import add_organiser
from members.roles import Role
from members.signing_in import print_link
from tests.support.people import Browser, Page, add_members

FORMS: dict[str, dict[str, str]] = {
    "article": {"body": "We tried *silence*.", "audience": "Heads", "pupils": "They speak more"},
    "podcast": {"pitch": "Why we listen", "guests": "Ada", "sample": "https://a.example/s"},
    "topic": {"question": "How do we listen?", "why": "Because we do not", "frame": "hotseat"},
    "interviewee": {
        "person": "Pat Smith, head of a school",
        "person_link": "https://pat.example/",
        "why": "She listens",
        "contact": "pat@private.example",
        "relation": "my cousin",
        "knows": "no",
    },
}
COMMON = {
    "title": "On listening",
    "summary": "A short summary",
    "language": "en",
    "name": "Mia",
    "byline": "name",
    "licence": "cc-by-4.0",
    "boundary": "anyone",
    "may_share": "1",
    "links": "https://links.example/1",
}


def form(kind: str, **changes: str) -> dict[str, str]:
    """A finished form."""
    return {**COMMON, **FORMS[kind], **changes}


def content(kind: Kind, **changes: object) -> Content:
    """The same, as our own type."""
    common = {"title": COMMON["title"], "summary": COMMON["summary"], "name": "Mia"}
    return Content(**{**common, "answers": FORMS[kind], "may_share": True, **changes})  # type: ignore[arg-type]


def member(installation: Installation, number: int = 0) -> Member:
    """A confirmed member, `m0@school.example` and so on."""
    from sqlalchemy import select

    email = f"m{number}@school.example"
    with installation.reading() as work:
        found = work.session.scalar(select(Member).where(Member.email_key == email))
    if found is not None:
        return found
    add_members(installation, number + 1, "en")
    return member(installation, number)


def sign_in_as(browser: Browser, who: Member) -> Browser:
    """Be a member who is no organiser."""
    with browser.installation.unit_of_work() as work:
        link = print_link(work, work.session.get_one(Member, who.id))
    assert browser.post(link).status == 200
    return browser


def send_in(browser: Browser, kind: str, **changes: str) -> str:
    """Write and send in a contribution as a member; returns its path on their own pages."""
    key = browser.get(f"/contribute/{kind}").hidden("form_key")
    sent = browser.post(
        f"/contribute/{kind}", {**form(kind, **changes), "form_key": key, "act": "submit"}
    )
    assert sent.status == 200, sent.problem
    return str(sent.response.url).removeprefix("http://testserver.localhost")


def do(browser: Browser, path: str, action: str, **more: str) -> Page:
    """Take a step as an editor, from the desk."""
    page = browser.get(path)
    assert f"/do/{action}" in page.text, f"no button to {action}"
    version = page.text.partition(f"/do/{action}")[2].partition('name="version" value="')[2]
    return browser.post(f"{path}/do/{action}", {"version": version.partition('"')[0], **more})


def state_of(installation: Installation, path: str) -> str:
    """Where a contribution stands."""
    from sqlalchemy import select

    public_id = path.rstrip("/").rpartition("/")[2]
    with installation.reading() as work:
        found = select(Contribution.state).where(Contribution.public_id == public_id)
        return work.session.scalar(found) or ""


def submitted(work: UnitOfWork, kind: Kind, author_id: int, **changes: object) -> Contribution:
    """A contribution that has been sent in."""
    made = drafts.start(work, kind, drafts.new_form_key(), author_id, content(kind, **changes))
    return drafts.submit(work, made, author_id)


def editor_id(work: UnitOfWork, email: str = "ed@example.org") -> int:
    """An editor's id."""
    return add_organiser(work, parse_address(email), Role.EDITOR).id

"""The people of the tests: what visitors, members and organisers do, as verbs."""

import re
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient

from core.addresses import parse_address
from core.i18n import LANGUAGES
from core.installation import Installation
from core.jobs import Job
from mail.delivering import Sender
from mail.outbox import OutboxMail, mails
from members.importing import import_table
from members.list_rows import Import
from members.organisers import add_organiser
from members.roles import Role
from members.sign_up_requests import settle
from members.signing_in import print_link
from members.tables import table_of
from web.app import create_app

BEGIN = datetime(2026, 11, 25, 10, tzinfo=UTC)
"""The moment at which every test begins, whatever the machine says: a Wednesday morning."""


@dataclass
class ShiftedClock:
    """Goes on from `BEGIN` as the machine's clock does, moved by as much as a test likes."""

    shift: timedelta = timedelta(0)
    began: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """The present moment, moved."""
        return BEGIN + timedelta(seconds=time.monotonic() - self.began) + self.shift

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.shift += timedelta(**by)

    def come_to(self, moment: datetime) -> None:
        """Let time pass until a moment."""
        self.shift += moment - self.now()


@dataclass
class WorkNow:
    """A queue whose wake-ups a test runs when it likes, in its own process."""

    jobs: list[Job] = field(default_factory=list)

    def wake(self, job: Job) -> None:
        """Keep a wake-up, once."""
        if job not in self.jobs:
            self.jobs.append(job)

    def run(self, installation: Installation, sender: Sender) -> None:
        """Run everything that waits."""
        from worker import jobs
        from worker.jobs import Equipment, equip

        equip(Equipment(installation, sender))
        while self.jobs:
            job = self.jobs.pop(0)
            getattr(jobs, job.function.rpartition(".")[2])(*job.args)


ANSWERS_ITSELF = re.compile(
    "/subscribe$|/sign-in$|/contribute/[a-z]+$|/workshops/[a-z0-9]+$"  # says an address
    "|/confirm/"  # opens once what only the click may open
    "|/unsubscribe/"  # RFC 8058 wants no redirect
    "|/organise/library/feeds/preview$"  # a look before anything is done
    "|/organise/settings/texts/.*/preview$"  # the same, in a frame
)
"""Where a form is answered by a page of its own, and why."""


class Browser:
    """A browser without a window: follows redirects, keeps cookies, says where it comes from."""

    def __init__(self, client: TestClient, installation: Installation) -> None:
        self.client = client
        self.installation = installation

    @classmethod
    @contextmanager
    def of(cls, installation: Installation) -> Generator["Browser"]:
        """A browser with an empty cookie jar."""
        app = create_app(installation)
        own_site = {"Sec-Fetch-Site": "same-origin"}
        base_url, here = installation.settings.base_url, ("127.0.0.1", 50000)
        with TestClient(
            app, base_url, raise_server_exceptions=True, headers=own_site, client=here
        ) as client:
            yield cls(client, installation)

    def get(self, path: str, **options: object) -> "Page":
        """Open a page."""
        return Page(self.client.get(path, **options))  # type: ignore[arg-type]

    def post(
        self, path: str, data: Mapping[str, object] | None = None, **options: object
    ) -> "Page":
        """Send a form. What was done leads on to another page: reloading repeats nothing."""
        page = Page(self.client.post(path, data=data, **options))  # type: ignore[arg-type]
        is_page = page.response.headers.get("content-type", "").startswith("text/html")
        if page.status == 200 and is_page and page.response.request.method == "POST":
            assert ANSWERS_ITSELF.match(self._plain(page)), f"{path} is not answered by a redirect"
        return page

    def _plain(self, page: "Page") -> str:
        path = str(page.response.url).removeprefix(self.installation.settings.base_url)
        return re.sub(rf"^/({'|'.join(LANGUAGES)})/", "/", path)

    def subscribe(self, email: str, language: str = "en", **more: object) -> "Page":
        """Fill in the sign-up form and send it; the worker looks at it at once."""
        stamp = self.get("/subscribe").hidden("stamp")
        typed = {"email": email, "language": language, "stamp": stamp, **more}
        page = self.post("/subscribe", typed)
        settle(self.installation)
        return page

    def sign_in(self, email: str, role: Role) -> "Browser":
        """Be an organiser, by a printed link."""
        with self.installation.unit_of_work() as work:
            link = print_link(work, add_organiser(work, parse_address(email), role))
        assert self.post(link).status == 200
        return self

    def outbox(self, to: str = "") -> list[OutboxMail]:
        """The mails that went out, the newest first."""
        return list(mails(self.installation.settings.outbox, 1000, to))


def fresh_link(visitor: Browser, preferences: str, run_jobs: Callable[[], None]) -> str:
    """The link that is mailed to whoever has the mailbox, when more than less is wanted."""
    assert visitor.post(f"{preferences}/fresh").status == 200
    run_jobs()
    return link_of(visitor.outbox()[0], "/change/")


class Page:
    """An answer, looked at as a person would."""

    def __init__(self, response) -> None:  # type: ignore[no-untyped-def]
        self.response = response
        self.status: int = response.status_code
        self.text: str = response.text

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The elements of the page."""
        return LexborHTMLParser(self.text)

    @property
    def heading(self) -> str:
        """The first heading."""
        return self.words("h1")

    @property
    def problem(self) -> str:
        """The sentence that says what is wrong."""
        return self.words("p.problem")

    @property
    def language(self) -> str:
        """The language of the page."""
        return self.attribute("html", "lang")

    def words(self, selector: str) -> str:
        """What can be read in the first such element; nothing if there is none."""
        found = self.tree.css_first(selector)
        return " ".join(found.text().split()) if found else ""

    def each(self, selector: str) -> list[str]:
        """What can be read in each such element."""
        return [" ".join(found.text().split()) for found in self.tree.css(selector)]

    def hidden(self, name: str) -> str:
        """The value of a hidden field."""
        assert self.tree.css_first(f'input[name="{name}"]'), f"no field {name}"
        return self.attribute(f'input[name="{name}"]', "value")

    def field(self, name: str) -> str:
        """What a field of a form holds: typed, written, or chosen."""
        for found in self.tree.css(f'[name="{name}"]'):
            if found.tag == "textarea":
                return found.text().removeprefix("\n")
            if found.tag == "select":
                chosen = found.css_first("option[selected]")
                return (chosen.attributes["value"] or "") if chosen else ""
            return found.attributes.get("value") or ""
        raise AssertionError(f"no field {name}")

    def action(self, part: str) -> str:
        """The target of the form whose address contains `part`."""
        found = self.attribute(f'[action*="{part}"]', "action")
        assert found, f"no form for {part}"
        return found

    def attributes(self, selector: str, name: str) -> list[str]:
        """What an attribute of each such element says, where it has it."""
        said = [found.attributes.get(name) for found in self.tree.css(selector)]
        return [one for one in said if one is not None]

    def attribute(self, selector: str, name: str) -> str:
        """What an attribute of the first such element says; nothing if there is none."""
        found = self.tree.css_first(selector)
        return (found.attributes.get(name) or "") if found else ""


def link_of(mail: OutboxMail, part: str) -> str:
    """The path of the link in a mail that contains `part`."""
    link = next(link for link in mail.links if part in link)
    return link.removeprefix("http://testserver.localhost")


def add_members(installation: Installation, count: int, language: str = "") -> None:
    """Confirmed members m0, m1, …, in Finnish and English in turn, subscribed to the newsletter."""
    table = (
        (n, {"email": f"m{n}@school.example", "language": language or ("fi", "en")[n % 2]})
        for n in range(count)
    )
    import_table(installation.unit_of_work, table_of(table), Import("tests", ("newsletter",)))


def letter(language: str, subject: str = "A letter", body: str = "Some words.") -> str:
    """An issue as a Markdown file."""
    return f"---\nlanguage: {language}\nsubject: {subject}\npreheader: In short\n---\n{body}\n"

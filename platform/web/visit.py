"""One visit: who asks for what, in which language, with which form; and how to answer."""

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Match

from core.actors import Actor, Who
from core.addresses import network_of
from core.characters import scrub
from core.community import Community
from core.covers import Frame, address_of
from core.errors import Refusal
from core.i18n import LANGUAGES, Message, language_name, negotiate, prefix_of
from core.installation import Installation
from core.tokens import Purpose
from core.unit_of_work import Reading, UnitOfWork
from members.evidence import Origin
from members.roles import PERMISSIONS, Permission, may
from members.sessions import Viewer
from web import pages
from web.forms import Form, Id, Text, Typed
from web.pages import capital

_OWN_PATH = re.compile(r"/(?:organise|me|library|contribute|workshops)(?:/[A-Za-z0-9_/-]*)?")


Found = TypeVar("Found")
Done = TypeVar("Done")


@dataclass(frozen=True)
class Wrong:
    """What a page says of a refusal: the field that is marked, if one is, and the sentence."""

    field: str | None
    sentence: str


@dataclass(frozen=True)
class Seen(Typed):
    """The version of a thing that a form was made of."""

    version: Id


@dataclass(frozen=True)
class Next(Typed):
    """Where somebody goes after signing in."""

    next: Text


@dataclass
class Visit:
    """One request on its way to an answer."""

    request: Request
    installation: Installation
    form: Form
    viewer: Viewer | None = None
    everywhere: dict[str, object] = field(default_factory=dict)
    """What every page of this visit shows, whichever it becomes."""
    is_writing: bool = False
    """Whether a unit of work is open."""

    def __post_init__(self) -> None:
        self.community = self._community_known_last()
        self.language = self._language()

    def arrive(self, viewer: Viewer | None, community: Community) -> None:
        """It is known who this is, and what the community says of itself now."""
        self.viewer, self.community = viewer, community
        self.language = self._language()

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.installation.clock.now()

    @property
    def path(self) -> str:
        """The path without its language prefix."""
        return str(self.request.scope["path"])

    @property
    def origin(self) -> Origin:
        """Where an act in this visit comes from, as consent evidence keeps it."""
        return Origin(self.path.split("/")[1] or "home", self.network)

    @property
    def network(self) -> str:
        """The visitor's network."""
        return network_of(self.request.client.host if self.request.client else None)

    @property
    def viewer_id(self) -> int | None:
        """The member who is signed in."""
        return self.viewer.member.id if self.viewer else None

    @property
    def me(self) -> Viewer:
        """Whoever is signed in, on a page that the table of URLs opens to nobody else."""
        assert self.viewer is not None  # noqa: S101 - see above
        return self.viewer

    @property
    def my_id(self) -> int:
        """Their number as a member."""
        return self.me.member.id

    @property
    def organiser(self) -> Actor:
        """Who acts as an organiser; the table of URLs lets nobody else in."""
        return Actor(self.viewer_id, Who.ORGANISER)

    @property
    def version(self) -> int:
        """The version of a thing that somebody saw when they filled in a form; 0 if none."""
        return Seen.of(self.form).version

    def param(self, name: str) -> str:
        """A part of the path."""
        return scrub(str(self.request.path_params[name]))

    def number(self, name: str) -> int:
        """A part of the path that is an id."""
        return int(self.param(name))

    @cached_property
    def asked(self) -> Form:
        """The query of the address, to be read as a form."""
        params = self.request.query_params
        return Form({name: [scrub(one) for one in params.getlist(name)] for name in params})

    def query(self, name: str) -> str:
        """A part of the query, empty if missing."""
        return scrub(self.request.query_params.get(name, ""))

    def pages_beside(self, page: int, *, has_more: bool) -> dict[str, Any]:
        """The addresses of the pages before and after this one of a list; empty where none is."""

        def there(number: int) -> str:
            fields = self.asked.fields.items()
            said = [(name, one) for name, all_ in fields if name != "page" for one in all_ if one]
            return f"{self.url(self.path)}?{urlencode([*said, ('page', number)])}"

        return {
            "fewer": there(page - 1) if page > 1 else "",
            "more": there(page + 1) if has_more else "",
        }

    @contextmanager
    def unit_of_work(self) -> Generator[UnitOfWork]:
        """A unit of work: leaving it commits. No page is made in it: others wait for its locks."""
        with self.installation.unit_of_work() as work:
            self.is_writing = True
            work.__dict__["community"] = self.community
            try:
                yield work
            finally:
                self.is_writing = False

    def act(
        self,
        find: Callable[[Reading], Found],
        do: Callable[[UnitOfWork, Found], Done],
        *,
        then: Callable[[Found, Done], str],
        refused: Callable[[Reading, Found, Refusal], Response],
        before: Callable[[Reading, Found], None] | None = None,
    ) -> Response:
        """Find a thing, do something with it, commit; then go on to the page `then` names (303).

        What is refused is answered with a page of the thing as it is: nothing has happened.
        `before` asks what is slow, such as how often somebody may: nobody waits for its locks.
        """
        try:
            if before is not None:
                with self.reading() as reading:
                    before(reading, find(reading))
            with self.unit_of_work() as work:
                found = find(work)
                done = do(work, found)
        except Refusal as refusal:
            with self.reading() as reading:
                return refused(reading, find(reading), refusal)
        return self.redirect(then(found, done))

    @contextmanager
    def reading(self) -> Generator[Reading]:
        """A read of the database: whatever would write in it is an error."""
        with self.installation.reading() as work:
            work.__dict__["community"] = self.community
            yield work

    def may(self, permission: Permission) -> bool:
        """Whether the viewer may do this."""
        return may(self.viewer.role if self.viewer else None, permission)

    def speak(self, language: str) -> None:
        """Answer in this language: that of the person a link belongs to."""
        if not self._chosen:
            self.language = language

    def switch(self, language: str) -> None:
        """Go on in this language, whatever the address says: it was chosen just now."""
        self.request.scope.get("staffroom", {}).pop("language", None)
        self.language = language

    def url(self, path: str) -> str:
        """A page of ours in the language of this visit."""
        # A language chosen in the address stays, also English for who otherwise reads Finnish.
        if self._chosen:
            return f"/{self._chosen}{path}"
        return f"{prefix_of(self.language)}{path}"

    def page(self, template: str, status: int = 200, **context: object) -> HTMLResponse:
        """A rendered page."""
        common = {**self._common(), "is_wrong": status == 422}
        html = pages.render(template, self.language, {**common, **context})
        # What language it is in follows from who reads it, and with what.
        headers = {"Content-Language": self.language, "Vary": "Accept-Language, Cookie"}
        return HTMLResponse(html, status, headers=headers)

    def redirect(self, path: str) -> RedirectResponse:
        """Go on to another page of ours, with GET."""
        return RedirectResponse(self.url(path), 303)

    def json(self, content: object, status: int = 200) -> JSONResponse:
        """An answer for a script."""
        return JSONResponse(content, status)

    def text(self, message: Message) -> str:
        """A sentence in the language of this visit."""
        return message.text(self.language)

    def say(self, refusal: Refusal) -> str:
        """A refusal in the language of this visit."""
        return refusal.message.text(self.language)

    def wrong(self, refusal: Refusal | None) -> Wrong | None:
        """What a form marks and says of a refusal."""
        return Wrong(refusal.field, self.say(refusal)) if refusal else None

    def next_path(self) -> str:
        """Where to go after signing in: one of our own pages, never anything else."""
        return self.own_path(Next.of(self.form).next or self.query("next"))

    def own_path(self, wanted: str) -> str:
        """A path that one may be sent to after signing in, without its language; else nothing."""
        first, _, rest = wanted.removeprefix("/").partition("/")
        path = f"/{rest}" if first in LANGUAGES and rest else wanted
        return path if _OWN_PATH.fullmatch(path) else ""

    def sign_in_redirect(self) -> Response:
        """Ask who this is, and come back."""
        return self.redirect(f"/sign-in?next={quote(self.path)}")

    def _community_known_last(self) -> Community:
        """As it was known last: the endpoint asks anew, pages about errors ask nobody."""
        known = getattr(self.request.app.state, "community", None)
        return known or Community(self.installation.settings)

    def _language(self) -> str:
        if self._chosen:
            return self._chosen
        if self.viewer is not None:
            return self.viewer.member.language
        return negotiate(self.request.headers.get("accept-language", ""), self.community.languages)

    @property
    def _chosen(self) -> str:
        """The language that the address names: mails lead there, whatever is offered today."""
        return str(self.request.scope.get("staffroom", {}).get("language", ""))

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that are offered, this one, and their own; organisers choose from all."""
        if self.path.startswith("/organise"):
            return LANGUAGES
        own = self.viewer.member.language if self.viewer else self.language
        return tuple(dict.fromkeys((*self.community.languages, self.language, own)))

    def _language_choices(self) -> list[tuple[str, str]]:
        return [(code, capital(language_name(code, self.language))) for code in self.languages]

    def _page_path(self) -> str:
        """Where this page can be looked at: of a page that a POST shows, the nearest one above."""
        path = self.path
        while self.request.method == "POST" and path.count("/") > 1 and not self._is_shown(path):
            path = path.rpartition("/")[0]
        return path

    def _is_shown(self, path: str) -> bool:
        scope = {"type": "http", "method": "GET", "path": path, "root_path": ""}
        routes = self.request.app.routes
        return any(route.matches(scope)[0] is Match.FULL for route in routes)

    @property
    def browsers_language(self) -> str:
        """Our language that the browser wants most; that of the page if it says nothing."""
        wanted = self.request.headers.get("accept-language", "")
        return negotiate(wanted, self.community.languages) if wanted else self.language

    def _drawn(self, what: str, frame: str = "card", kind: str = "svg") -> str:
        """Where the drawing of a thing is, in the community's colours."""
        return address_of(what, self.community.palette, Frame(frame), kind)

    def _common(self) -> dict[str, object]:
        settings = self.installation.settings
        query = f"?{self.request.url.query}" if self.request.url.query else ""
        page = self._page_path()
        twins = {code: f"/{code}{page}".rstrip("/") + query for code in self.languages}
        session = self.viewer.session_id if self.viewer else 0
        return {
            "language": self.language,
            "settings": settings,
            "community": self.community.name,
            "us": self.community,
            "languages": self.languages,
            "language_choices": self._language_choices(),
            "url": self.url,
            "path": self.path,
            "twins": twins,
            "viewer": self.viewer,
            "may": self.may,
            "permissions": {p.name: p for p in PERMISSIONS},
            "csrf": self.installation.tokens.sign(Purpose.CSRF, session),
            "zone": settings.time_zone,
            "drawn": self._drawn,
            "not_told": None,
            "is_look": False,
            **self.everywhere,
        }

"""Letters of ten blocks: rendered, looked over, looked at, and read in the archive."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.ground import ground
from core.installation import Installation
from library.items import NewItem, publish
from library.kinds import Boundary, ItemKind, Licence
from mail.posting import render_email
from members.roles import Role
from newsletters import checking, emails, issues
from newsletters.blocks import BlockKind, line_of
from newsletters.models import Issue
from newsletters.texts import Text
from tests.support.people import Browser, add_members

ROUNDS = 60
READERS = 1000
PARAGRAPH = (
    "One person tells of their own learning journey, for ten minutes and without slides. Then the "
    "others ask. Not to help, not to advise: to understand. "
)


@dataclass(frozen=True)
class Figures:
    """What one database came to; milliseconds are the slowest of a hundred."""

    database: str
    size: int
    render: float
    looked_over: float
    preview: float
    page: float

    def __str__(self) -> str:
        return (
            f"| {self.database} | {self.size / 1024:.1f} kB | {self.render:.0f} ms "
            f"| {self.looked_over:.0f} ms | {self.preview:.0f} ms | {self.page:.0f} ms |"
        )


HEADER = (
    "| database | letter of ten blocks | rendered in two languages | looked over | preview "
    "| page in the archive |\n|---|---|---|---|---|---|"
)


def measure(database: str) -> Figures:
    """One letter in two languages, on an installation of its own."""
    with ground(database) as here, Browser.of(here.installation) as editor:
        installation = here.installation
        add_members(installation, READERS)
        editor.sign_in("ed@example.org", Role.EDITOR)
        number = _written(installation)
        preview = f"/organise/issues/{number}/preview/en"
        size = len(editor.client.get(preview).content)
        rendered = _slowest(lambda: _render(installation, number))
        looked = _slowest(lambda: _look_over(installation, number))
        seen = _slowest(lambda: editor.client.get(preview))
        editor.post(f"/organise/issues/{number}/send", {"anyway": "1"})
        read = _slowest(lambda: editor.client.get("/newsletter/1"))
        return Figures(database, size, rendered, looked, seen, read)


def _slowest(act: Callable[[], object]) -> float:
    act()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(times, n=100)[98]


def _written(installation: Installation) -> int:
    with installation.unit_of_work() as work:
        slugs = [
            publish(
                work,
                NewItem(
                    kind=ItemKind.ARTICLE, title=f"Ten seconds of silence {n}", summary=PARAGRAPH,
                    body_html=f"<p>{PARAGRAPH * 3}</p>" * 3, byline="Carmen", language="en",
                    boundary=Boundary.ANYONE, licence=Licence.HERE_ONLY,
                ),
            ).slug
            for n in range(4)
        ]  # fmt: skip
        told = [line_of(BlockKind.LIBRARY, slug) for slug in slugs[:3]]
        told += [line_of(BlockKind.ARTICLE, slugs[3]), line_of(BlockKind.CONTENTS)]
        told += [line_of(BlockKind.QUESTION, words="What are we not talking about?")]
        told += [line_of(BlockKind.BUTTON, "https://example.org/x", "Come on Thursday")]
        text = [f"## A heading {n}\n\n{PARAGRAPH * 3}" for n in range(3)]
        body = "\n\n".join([*text, *told])
        texts = [Text(code, "A letter", "In short", "", body) for code in ("en", "fi")]
        return issues.new_issue(work, texts).id


def _render(installation: Installation, number: int) -> None:
    with installation.reading() as work:
        issue = work.session.get_one(Issue, number)
        for text in issue.texts:
            render_email(work, emails.issue_letter(work, issue, text))


def _look_over(installation: Installation, number: int) -> None:
    with installation.reading() as work:
        issue = work.session.get_one(Issue, number)
        checking.findings(work, issue, {"en": 1, "fi": 1})

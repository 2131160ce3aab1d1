"""What the pages of an owner have in common: one part each, seen in a version, kept, taken back."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from community import parts
from community.parts import Part, Value
from core.errors import Refusal
from core.unit_of_work import UnitOfWork
from web.forms import Form
from web.visit import Visit

SETTINGS = "/organise/settings"


@dataclass(frozen=True)
class Page:
    """A page about one part: its template, and what it shows of the part and of what was typed."""

    part: str
    path: str
    template: str
    fill: Callable[[Visit, Part, Form | None], dict[str, object]]
    undo: str = ""
    """Where the last change is taken back, if the part has another page for it."""

    def show(self, visit: Visit, refusal: Refusal | None = None) -> Response:
        """As it is kept; after a refusal as it was typed."""
        with visit.reading() as work:
            part = parts.find(work, self.part)
        # After a refusal the version stays that of the page: what a colleague wrote since is safe.
        return visit.page(
            f"organiser/ourselves/{self.template}.html",
            status=422 if refusal else 200,
            here=self.path,
            undo=self.undo or self.path,
            version=visit.version if refusal else part.version,
            now_at=part.version,
            can_be_taken_back=part.can_be_taken_back,
            said=visit.query("said"),
            error=visit.wrong(refusal),
            **self.fill(visit, part, visit.form if refusal else None),
        )

    def keep(self, visit: Visit, value: Callable[[UnitOfWork, Part], Value]) -> Response:
        """Keep what was typed, or show it again with what is wrong."""
        return visit.act(
            lambda work: parts.find(work, self.part),
            lambda work, part: self._change(visit, work, value(work, part)),
            then=lambda *_: f"{self.path}?said=kept",
            refused=lambda _work, _part, refusal: self.show(visit, refusal),
        )

    def _change(self, visit: Visit, work: UnitOfWork, value: Value) -> None:
        parts.change(work, self.part, visit.version, value, visit.my_id)

    def take_back(self, visit: Visit) -> Response:
        """Say again what was said before."""
        return visit.act(
            lambda _: None,
            lambda work, _: parts.take_back(work, self.part, visit.version, visit.my_id),
            then=lambda *_: f"{self.path}?said=taken-back",
            refused=lambda _work, _none, refusal: self.show(visit, refusal),
        )


def typed_or_kept(visit: Visit, part: Part, setting: str, typed: str) -> str:
    """What a field says; what is kept where the environment says it, for then it has no field."""
    if visit.community.stands_outside(setting):
        return str(part.value.get(setting, ""))
    return typed


def known(pages: dict[str, Page], name: str) -> Page:
    """The page of a part. Raises HTTPException if there is none."""
    if name not in pages:
        raise HTTPException(404)
    return pages[name]

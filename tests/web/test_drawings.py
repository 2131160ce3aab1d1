"""The drawings that stand where nobody brought a picture."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from core.covers import SIZES, Frame, cover, seed_of, to_png, to_svg
from core.palettes import CLAY, PALETTES
from members.roles import Role
from tests.support.people import Browser, add_members

Run = Callable[[], None]


@pytest.mark.parametrize("frame", Frame)
@pytest.mark.parametrize("palette", PALETTES, ids=lambda one: one.name)
def test_a_drawing_is_small_and_the_same_for_ever(
    visitor: Browser, frame: Frame, palette: object
) -> None:
    path = f"/drawn/{palette.name}/{frame}/{seed_of('issue 3')}"  # type: ignore[attr-defined]
    svg, png = visitor.get(f"{path}.svg"), visitor.get(f"{path}.png")
    assert (svg.status, png.status) == (200, 200)
    assert len(svg.response.content) < 2048
    assert len(png.response.content) < 40_000
    assert Image.open(io.BytesIO(png.response.content)).size == SIZES[frame]
    assert svg.response.headers["cache-control"].endswith("immutable")
    assert visitor.get(f"{path}.svg").text == svg.text
    assert "<script" not in svg.text


def test_others_look_otherwise_and_nobody_hangs_over_the_edge() -> None:
    drawn = [cover(seed, Frame.WIDE) for seed in range(300)]
    assert len({to_svg(one, CLAY) for one in drawn}) == 300
    for one in drawn:
        for dot in one.people:
            assert dot.radius <= dot.x <= one.width - dot.radius
            assert dot.radius <= dot.y <= one.height - dot.radius
    assert to_png(drawn[0], CLAY) == to_png(cover(0, Frame.WIDE), CLAY)


@pytest.mark.parametrize(
    "path",
    ["clay/wide/1.gif", "clay/wide/99999.png", "clay/huge/1.png", "none/wide/1.png",
     "clay/wide/x.svg", "clay/wide/-1.png", "clay/wide/١.png"],
)  # fmt: skip
def test_nothing_else_is_drawn(visitor: Browser, path: str) -> None:
    assert visitor.get(f"/drawn/{path}").status == 404


def test_a_letter_without_a_picture_has_a_drawing_and_says_who_writes(
    visitor: Browser, run_jobs: Run
) -> None:
    editor = visitor.sign_in("ed@example.org", Role.EDITOR)
    add_members(visitor.installation, 1, "en")
    path = str(editor.post("/organise/issues").response.url)
    path = path.removeprefix(editor.installation.settings.base_url)
    typed = {"version": "1", "subject_en": "Hello", "body_en": "Words.", "byline": "Anna and Ben"}
    editor.post(path, typed)
    seen = editor.get(f"{path}/preview/en").text
    where = f"/drawn/clay/wide/{seed_of('issue 1')}.png"
    assert where in seen
    assert "By Anna and Ben" in seen
    editor.post(f"{path}/send", {"anyway": "1"})
    run_jobs()
    [mail] = [one for one in editor.outbox() if one.subject == "Hello"]
    assert where in mail.html
    assert "By Anna and Ben" in mail.text
    page = editor.get("/newsletter/1")
    assert "By Anna and Ben" in page.text
    assert editor.get(page.attribute("img.drawn", "src")).status == 200
    assert "/drawn/clay/card/" in page.attribute('meta[property="og:image"]', "content")

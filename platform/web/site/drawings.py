"""The drawings that stand where nobody brought a picture."""

from functools import lru_cache

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.covers import SEEDS, Frame, cover, to_png, to_svg
from core.palettes import PALETTES, palette_named
from web.site.files import ALONE, SHOWN_TO_ALL
from web.visit import Visit

STYLED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For an SVG, which says its colours itself."""


async def show(visit: Visit) -> Response:
    """A drawing, which is the same for ever: it asks no database."""
    palette = next((one for one in PALETTES if one.name == visit.param("palette")), None)
    frame = next((one for one in Frame if one == visit.param("frame")), None)
    number, _, kind = visit.param("name").partition(".")
    if palette is None or frame is None or not _is_seed(number) or kind not in ("svg", "png"):
        raise HTTPException(404)
    seed = int(number)
    if kind == "png":
        headers = {"Content-Security-Policy": ALONE, **SHOWN_TO_ALL}
        png = await anyio.to_thread.run_sync(_png, seed, frame, palette.name)
        return Response(png, media_type="image/png", headers=headers)
    headers = {"Content-Security-Policy": STYLED, **SHOWN_TO_ALL}
    svg = to_svg(cover(seed, frame), palette)
    return Response(svg, media_type="image/svg+xml", headers=headers)


def _is_seed(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) < 5 and int(number) < SEEDS


@lru_cache(maxsize=64)
def _png(seed: int, frame: Frame, palette: str) -> bytes:
    return to_png(cover(seed, frame), palette_named(palette))

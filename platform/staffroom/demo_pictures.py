"""The pictures of the demo's two podcasts: as a stranger would have drawn them, not as we do."""

import math

from PIL import Image, ImageDraw

SIDE = 800
FINER = 2
"""Drawn larger and made smaller, so that edges are smooth."""
NIGHTS = (("#14313b", "#f2c078"), ("#3a2333", "#f0a58f"), ("#26361f", "#e8d27a"),
          ("#1d2547", "#f3d9a4"))  # fmt: skip
CLOTHS = (("#d9c7a7", "#8a4b2f"), ("#a9c3b6", "#7a3b2e"), ("#d7a999", "#5b3a29"),
          ("#b9b6d3", "#6b4028"))  # fmt: skip
WHITE, SAUCER, COFFEE = "#fbf7ef", "#e6dccb", "#4b2c1a"


def corridor(number: int) -> Image.Image:
    """A corridor with light at its end, and somebody in it: the more, the later the episode."""
    dark, light = NIGHTS[number % len(NIGHTS)]
    made, pen, side = _sheet(dark)
    for step in range(9):
        share = (step / 8) ** 0.8
        edge = side * (0.04 + 0.36 * share)
        box = (edge, edge * 0.86, side - edge, side - edge * 1.02)
        pen.rectangle(box, fill=_between(dark, light, share * 0.72))
    door = (side * 0.43, side * 0.41, side * 0.57, side * 0.585)
    pen.rectangle(door, fill=light)
    for one in range(1 + number % 3):
        x, foot = side * (0.37 + 0.15 * one), side * (0.70 + 0.05 * (one % 2))
        _person(pen, x, foot, side * 0.05, dark)
    return made.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _person(pen: ImageDraw.ImageDraw, x: float, foot: float, head: float, colour: str) -> None:
    pen.rounded_rectangle((x - head, foot - head * 2.2, x + head, foot), head, fill=colour)
    _disc(pen, x, foot - head * 3.18, head * 0.72, colour)


def table(number: int) -> Image.Image:
    """A round table from above, with a cup for everybody who sits at it."""
    cloth, wood = CLOTHS[number % len(CLOTHS)]
    made, pen, side = _sheet(cloth)
    middle = side / 2
    _disc(pen, middle, middle, side * 0.42, wood)
    _disc(pen, middle, middle, side * 0.395, _between(wood, WHITE, 0.16))
    cups = 2 + number % 3
    for one in range(cups):
        turn = 2 * math.pi * one / cups + 0.5 + number
        x, y = middle + math.cos(turn) * side * 0.23, middle + math.sin(turn) * side * 0.23
        _cup(pen, x, y, turn + 0.9, side)
    return made.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _cup(pen: ImageDraw.ImageDraw, x: float, y: float, turn: float, side: float) -> None:
    """On its saucer, with a handle that points somewhere."""
    _disc(pen, x, y, side * 0.115, WHITE)
    _disc(pen, x, y, side * 0.098, SAUCER)
    reach = side * 0.088
    pen.line((x, y, x + math.cos(turn) * reach, y + math.sin(turn) * reach), WHITE, int(side / 34))
    _disc(pen, x, y, side * 0.068, WHITE)
    _disc(pen, x, y, side * 0.056, COFFEE)


def _sheet(colour: str) -> tuple[Image.Image, ImageDraw.ImageDraw, int]:
    side = SIDE * FINER
    made = Image.new("RGB", (side, side), colour)
    return made, ImageDraw.Draw(made), side


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: str) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _between(one: str, other: str, share: float) -> str:
    """A colour on the way from one to another."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + bytes(round(a + (b - a) * share) for a, b in pairs).hex()

"""A drawing for everything that has no picture: dots are people, arcs are talk. Pure.

`cover(seed, frame)` is the same for the same seed for ever, so that what it stands for is known by
it. It is drawn as SVG for pages and as PNG for mails, whose programs show no SVG.
"""

import hashlib
import io
import math
import random
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageDraw

from core.palettes import Palette

SEEDS = 10_000
FINER = 2
"""A PNG is drawn so many times as large, and made smaller: its edges are smooth then."""


class Frame(StrEnum):
    """What it is for."""

    WIDE = "wide"
    """Above a letter or a page."""
    CARD = "card"
    """Beside a title, or where a link is shown."""
    SQUARE = "square"
    """For the first page, and as podcast programs want it."""


SIZES: dict[Frame, tuple[int, int]] = {Frame.WIDE: (1200, 360), Frame.CARD: (1200, 630),
                                     Frame.SQUARE: (1400, 1400)}  # fmt: skip


@dataclass(frozen=True)
class Dot:
    """A circle; its colour is the name of a tone."""

    x: float
    y: float
    radius: float
    tone: str


@dataclass(frozen=True)
class Arc:
    """Between two who talk: from one to the other, through a point above them."""

    begins: tuple[float, float]
    over: tuple[float, float]
    ends: tuple[float, float]


@dataclass(frozen=True)
class Cover:
    """Rooms behind, people before them, and talk between."""

    width: int
    height: int
    rooms: tuple[Dot, ...]
    people: tuple[Dot, ...]
    talk: tuple[Arc, ...]
    mood: int
    """Which colours it is drawn in."""


def address_of(what: str, palette: Palette, frame: Frame, kind: str) -> str:
    """Where the drawing of a thing is found, as `svg` or `png`; it never changes."""
    return f"/drawn/{palette.name}/{frame}/{seed_of(what)}.{kind}"


def seed_of(what: str) -> int:
    """The number of a drawing, from what it stands for."""
    return int.from_bytes(hashlib.sha256(what.encode()).digest()[:4]) % SEEDS


def cover(seed: int, frame: Frame) -> Cover:
    """What is drawn for a seed."""
    luck, (width, height) = random.Random(seed), SIZES[frame]  # noqa: S311 - not a secret
    table = Dot(width * luck.uniform(0.35, 0.65), height * luck.uniform(0.9, 1.15),
                height * luck.uniform(0.5, 0.62), "room")  # fmt: skip
    aside = luck.choice((luck.uniform(0.05, 0.22), luck.uniform(0.78, 0.95)))
    sky = Dot(width * aside, height * luck.uniform(-0.05, 0.15),
              height * luck.uniform(0.38, 0.55), "air")  # fmt: skip
    people = _around(luck, table, width, height)
    return Cover(width, height, (sky, table), people, _between(luck, people), seed)


def _around(luck: random.Random, table: Dot, width: int, height: int) -> tuple[Dot, ...]:
    """Up to eight who sit around a table, none upon another."""
    count, unit = luck.randint(5, 8), height / 16
    spread = min(1.25, 0.7 * width / height)
    found: list[Dot] = []
    for n in range(count):
        angle = math.pi * (n + 0.5 + luck.uniform(-0.18, 0.18)) / count
        away = table.radius * luck.choice((0.72, 1.12, 1.3))
        x, y = table.x - math.cos(angle) * away * spread, table.y - math.sin(angle) * away
        radius = unit * luck.uniform(0.75, 1.25)
        tone = luck.choice(("ink", "accent"))
        # Where it is shown in another shape its sides are cut off.
        x = min(max(x, width * 0.08), width * 0.92)
        one = Dot(x, min(max(y, radius * 1.6), height - radius * 1.6), radius, tone)
        if all(_apart(one, other) for other in found):
            found.append(one)
    return tuple(found)


def _apart(one: Dot, other: Dot) -> bool:
    return math.hypot(one.x - other.x, one.y - other.y) > (one.radius + other.radius) * 1.25


def _between(luck: random.Random, people: tuple[Dot, ...]) -> tuple[Arc, ...]:
    """Two or three who talk with each other just now."""
    pairs = [(n, n + luck.choice((1, 2))) for n in range(len(people) - 2)]
    some = luck.sample(pairs, min(len(pairs), luck.choice((2, 3))))
    return tuple(_arc(people[one], people[other]) for one, other in sorted(some))


def _arc(one: Dot, other: Dot) -> Arc:
    far = math.hypot(one.x - other.x, one.y - other.y)
    over = ((one.x + other.x) / 2, (one.y + other.y) / 2 - far * 0.35)
    return Arc((one.x, one.y), over, (other.x, other.y))


def to_svg(drawn: Cover, palette: Palette) -> str:
    """As SVG, in the light and in the dark; two kilobytes at the most."""
    rooms = "".join(_circle(one) for one in drawn.rooms)
    people = "".join(_circle(one) for one in drawn.people)
    talk = "".join(
        f'<path d="M{a.begins[0]:.0f} {a.begins[1]:.0f}Q{a.over[0]:.0f} {a.over[1]:.0f} '
        f'{a.ends[0]:.0f} {a.ends[1]:.0f}"/>'
        for a in drawn.talk
    )
    light = _rules(_colours(drawn, palette, is_dark=False))
    dark = f"@media(prefers-color-scheme:dark){{{_rules(_colours(drawn, palette, is_dark=True))}}}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawn.width} {drawn.height}" '
        f'width="{drawn.width}" height="{drawn.height}"><style>{light}'
        f'{dark}</style><rect class="ground" width="100%" height="100%"/>{rooms}'
        f'<g class="talk">{talk}</g>{people}</svg>'
    )


def _circle(one: Dot) -> str:
    return f'<circle class="{one.tone}" cx="{one.x:.0f}" cy="{one.y:.0f}" r="{one.radius:.0f}"/>'


def _rules(colours: dict[str, str]) -> str:
    fills = "".join(f".{name}{{fill:{colour}}}" for name, colour in colours.items())
    return f"{fills}.talk{{fill:none;stroke:{colours['accent']};stroke-width:7;opacity:.55}}"


def to_png(drawn: Cover, palette: Palette) -> bytes:
    """The same as PNG, in the light."""
    colours, finer = _colours(drawn, palette, is_dark=False), FINER
    size = (drawn.width * finer, drawn.height * finer)
    image = Image.new("RGB", size, colours["ground"])
    pen = ImageDraw.Draw(image)
    for one in drawn.rooms:
        pen.ellipse(_box(one, finer), fill=colours[one.tone])
    line = _mixed(colours["accent"], colours["ground"], 0.55)
    for arc in drawn.talk:
        pen.line(_points(arc, finer), fill=line, width=7 * finer, joint="curve")
    for one in drawn.people:
        pen.ellipse(_box(one, finer), fill=colours[one.tone])
    out = io.BytesIO()
    small = image.resize((drawn.width, drawn.height), Image.Resampling.LANCZOS)
    small.quantize(64, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _box(one: Dot, finer: int) -> tuple[float, float, float, float]:
    x, y, r = one.x * finer, one.y * finer, one.radius * finer
    return x - r, y - r, x + r, y + r


def _points(arc: Arc, finer: int, steps: int = 24) -> list[tuple[float, float]]:
    """A quadratic curve as short lines."""
    found = []
    for n in range(steps + 1):
        t = n / steps
        shares = ((1 - t) ** 2, 2 * t * (1 - t), t**2)
        three = (arc.begins, arc.over, arc.ends)
        x, y = (sum(s * point[k] for s, point in zip(shares, three, strict=True)) for k in (0, 1))
        found.append((x * finer, y * finer))
    return found


@dataclass(frozen=True)
class _Mood:
    """A ground and the colour of who sits on it, in the light and in the dark."""

    ground: str
    accent: str
    dark_ground: str
    dark_accent: str

    def of(self, *, is_dark: bool) -> tuple[str, str]:
        """Ground and colour."""
        if is_dark:
            return self.dark_ground, self.dark_accent
        return self.ground, self.accent


_SEA = _Mood("#dbe4e8", "#2f5b6e", "#1f2d33", "#8fbccd")
_MOSS = _Mood("#dee5da", "#356045", "#232e26", "#9ecbaa")
_SAND = _Mood("#f3e2c8", "#9a5a14", "#33291b", "#e0b878")


def _colours(drawn: Cover, palette: Palette, *, is_dark: bool) -> dict[str, str]:
    """The community's own colours, or the sea, moss or sand: what stands side by side differs."""
    tones = palette.dark if is_dark else palette.light
    own = _Mood(tones.wash, tones.accent, tones.wash, tones.accent)
    moods = (own, _SEA, _MOSS, _SAND)
    ground, accent = moods[drawn.mood % len(moods)].of(is_dark=is_dark)
    _, other = moods[(drawn.mood + 1) % len(moods)].of(is_dark=is_dark)
    return {
        "ground": ground,
        "air": _mixed(accent, ground, 0.2),
        "room": _mixed(other, ground, 0.26),
        "ink": tones.ink,
        "accent": accent,
    }


def _mixed(colour: str, ground: str, share: float) -> str:
    """A colour laid thinly upon another."""
    pairs = zip(_parts(colour), _parts(ground), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)

"""Every palette can be read: in the light, in the dark, on every ground that a text stands on."""

import re
from itertools import product

import pytest

from core.palettes import CLAY, PALETTES, Palette, Tones, stylesheet
from core.places import static_files

LEAST = 4.5
"""WCAG 2.2, 1.4.3."""
GOOD_AND_BAD = {"light": ("#2f6042", "#a3221c"), "dark": ("#93cba6", "#f3a39c")}


def _light_of(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """As WCAG has it."""
    high, low = sorted((_light_of(one), _light_of(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.name)
def test_every_text_can_be_read_on_every_ground(palette: Palette, light: str) -> None:
    tones: Tones = getattr(palette, light)
    texts = (tones.ink, tones.soft, tones.accent, *GOOD_AND_BAD[light])
    pairs = [*product(texts, (tones.paper, tones.sheet)), *product(texts[:3], (tones.wash,)),
             (tones.accent_ink, tones.accent)]  # fmt: skip
    assert {pair: contrast(*pair) for pair in pairs if contrast(*pair) < LEAST} == {}


def test_the_first_palette_is_that_of_the_stylesheet() -> None:
    css = (static_files() / "style.css").read_text("utf-8")
    rules = re.findall(r":root \{(.*?)\n *\}", css, re.DOTALL)
    for rule, tones in zip(rules, (CLAY.light, CLAY.dark), strict=True):
        said = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", rule))
        ours = {name: said[name.replace("_", "-")] for name in Tones.__dataclass_fields__}
        assert Tones(**ours) == tones


def test_a_palette_changes_nothing_but_colours() -> None:
    for palette in PALETTES:
        assert re.fullmatch(r"[a-z:(){};\s#0-9@-]+", stylesheet(palette))

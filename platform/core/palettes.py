"""The colours that a community may choose from. Pure.

Each is checked as a whole by `tests/core/test_palettes.py`: every text on every ground that it
stands on has a contrast of 4.5 at the least (WCAG 2.2, 1.4.3), in the light and in the dark.
"""

from dataclasses import asdict, dataclass

from core.i18n import N_, Message


@dataclass(frozen=True)
class Tones:
    """Colours for one light, named as in `static/style.css`."""

    paper: str
    sheet: str
    ink: str
    soft: str
    line: str
    accent: str
    accent_ink: str
    wash: str


@dataclass(frozen=True)
class Palette:
    """Colours that go with each other."""

    name: str
    words: Message
    light: Tones
    dark: Tones


CLAY = Palette(
    "clay",
    N_("Clay: warm paper, burnt red"),
    Tones("#f6f0e4", "#fffdf8", "#28231c", "#665a48", "#dccfb8", "#9a3b1f", "#ffffff", "#f1e3d2"),
    Tones("#1a1814", "#24211c", "#ece5d8", "#b8ac98", "#46403a", "#f0a98c", "#24140d", "#352b23"),
)
PALETTES: tuple[Palette, ...] = (
    CLAY,
    Palette(
        "lake",
        N_("Lake: cool paper, deep blue"),
        Tones("#eff3f4", "#fdfefe", "#1d252b", "#51606a", "#c9d5da", "#1c5a80", "#ffffff",
              "#dde9ef"),
        Tones("#14191d", "#1c2328", "#e3e9ed", "#a6b4bd", "#3a464e", "#8cc6ea", "#0b1d29",
              "#223039"),
    ),
    Palette(
        "spruce",
        N_("Spruce: pale paper, forest green"),
        Tones("#f1f3ea", "#fdfefa", "#20261f", "#566052", "#cfd7c3", "#2a6045", "#ffffff",
              "#e0eadb"),
        Tones("#151914", "#1e231d", "#e5eae0", "#abb6a6", "#3d463b", "#93d0ab", "#0c2016",
              "#26322a"),
    ),
    Palette(
        "plum",
        N_("Plum: soft paper, dark berry"),
        Tones("#f5f0f1", "#fffdfd", "#281f25", "#665862", "#dccfd6", "#7a2f5c", "#ffffff",
              "#f0e0e8"),
        Tones("#1a1619", "#241f23", "#ece4e9", "#b9abb4", "#463e43", "#e8a7cb", "#2b0f20",
              "#36282f"),
    ),
    Palette(
        "slate",
        N_("Slate: white paper, dark grey"),
        Tones("#f3f3f1", "#ffffff", "#202124", "#5b5d62", "#d3d3cf", "#3b4252", "#ffffff",
              "#e5e6ea"),
        Tones("#17181a", "#202225", "#e8e9eb", "#b0b3b8", "#42454a", "#c3cbdc", "#171b24",
              "#2c3037"),
    ),
)  # fmt: skip
_BY_NAME = {palette.name: palette for palette in PALETTES}


def palette_named(name: str) -> Palette:
    """The palette of a name; the first for any other."""
    return _BY_NAME.get(name, CLAY)


def stylesheet(palette: Palette) -> str:
    """The colours of a page in this palette, to follow those of `static/style.css`."""
    dark = f"@media (prefers-color-scheme: dark) {{ {_rule(palette.dark)} }}"
    return f"{_rule(palette.light)}\n{dark}\n"


def _rule(tones: Tones) -> str:
    tokens = (f"--{name.replace('_', '-')}: {value};" for name, value in asdict(tones).items())
    return f":root {{ {' '.join(tokens)} }}"

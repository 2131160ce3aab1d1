"""Names that look like settings of ours and are none: a slip in one letter must not go unseen."""

from collections.abc import Iterable
from difflib import get_close_matches

from core.settings import PREFIX, Settings


def unknown_in(names: Iterable[str]) -> list[str]:
    """A line for each of these names that begins as ours do and is no setting."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    ours = {name.upper() for name in names if name.upper().startswith(PREFIX)}
    return [_line(name, known) for name in sorted(ours - known)]


def _line(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f"{name}: there is no such setting" + (f"; did you mean {near[0]}?" if near else "")

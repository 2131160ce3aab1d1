"""Jinja for pages, and the static files under names that change with their content."""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.i18n import (
    language_name,
    prefix_of,
    say_date,
    say_day,
    say_moment,
    say_size,
    say_time,
    translations,
    zones_to_choose,
)
from core.palettes import PALETTES, stylesheet
from core.places import static_files, web_templates


@dataclass(frozen=True)
class StaticFile:
    """One static file in memory: there are a handful, and they are small."""

    content: bytes
    media_type: str
    packed: bytes
    """The same in gzip: packed once, when the process starts."""

    @classmethod
    def of(cls, content: bytes, media_type: str) -> "StaticFile":
        """A file, packed."""
        return cls(content, media_type, gzip.compress(content, 9, mtime=0))


@cache
def static_index() -> tuple[dict[str, str], dict[str, StaticFile]]:
    """The hashed name of each file, and the file of each hashed name."""
    names, contents = {}, {}
    for path in sorted(static_files().iterdir()):
        content = _without_layout(path)
        hashed = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
        names[path.name] = hashed
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        contents[hashed] = StaticFile.of(content, media_type)
    for palette in PALETTES:
        css = stylesheet(palette).encode()
        hashed = f"palette-{palette.name}.{hashlib.sha256(css).hexdigest()[:12]}.css"
        names[f"palette-{palette.name}.css"] = hashed
        contents[hashed] = StaticFile.of(css, "text/css")
    return names, contents


def _without_layout(path: Path) -> bytes:
    """A stylesheet without its comments and spaces: they are for those who write it."""
    if path.suffix != ".css":
        return path.read_bytes()
    css = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    # What stands between quotes is shown as it is, with its spaces.
    tight = re.sub(r'("[^"]*")|\s*([{};,]|:(?=\s))\s*', lambda one: one[1] or one[2], css)
    return tight.strip().encode()


def static_url(name: str) -> str:
    """The address of a static file; it may be cached for ever."""
    return f"/static/{static_index()[0][name]}"


_TAG = re.compile(
    r"</?[a-z][a-z0-9]*"
    r'(?:\{\{.*?\}\}|\{%.*?%\}|"(?:\{\{.*?\}\}|\{%.*?%\}|[^"])*"|[^<>"])*>',
    re.DOTALL,
)
"""A tag, with what Jinja does within it."""
_VOID = re.compile("<(area|base|br|col|hr|img|input|link|meta|source|track|wbr)[^a-z]")


class TidyLoader(FileSystemLoader):
    """Reads templates without their layout: it is for those who write them, and weighs a lot."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, path, is_fresh = super().get_source(environment, template)
        return (tidy(source) if template.endswith(".html") else source), path, is_fresh


def tidy(source: str) -> str:
    """A template whose tags and sentences stand in one line each, and nothing is indented.

    What stands in `pre` stays as it is.
    """
    parts = re.split(r"(<pre\b.*?</pre>)", source, flags=re.DOTALL)
    return "".join(part if part.startswith("<pre") else _tidied(part) for part in parts)


def _tidied(source: str) -> str:
    tags = _TAG.sub(_in_one_line, source)
    return re.sub(r"(..)\n\s+(?=(..))", _between, tags, flags=re.DOTALL)


def _between(end: re.Match[str]) -> str:
    """Jinja takes away the line ends of its own blocks; between words one is a space."""
    before, after = end[1], end[2]
    is_block = before == "%}" or after == "{%"
    is_between_tags = before[1] == ">" and after[0] == "<"
    return before + ("\n" if is_block or is_between_tags else " ")


def _in_one_line(tag: re.Match[str]) -> str:
    line = re.sub(r"\s*\n\s*", " ", tag[0])
    # Within a drawing a slash closes an element; after an element of HTML it says nothing.
    return re.sub(r"\s*/?>$", ">", line) if _VOID.match(line) else re.sub(r"\s+>$", ">", line)


@cache
def environment(language: str) -> Environment:
    """The templates in one language."""
    pages = Environment(
        loader=TidyLoader(web_templates()),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.install_gettext_translations(  # type: ignore[attr-defined]
        translations(language), newstyle=True
    )
    pages.globals.update(
        static=static_url,
        dot=" · ",
        language_name=language_name,
        prefix_of=prefix_of,
        say_date=lambda moment, zone: say_date(moment, language, zone),
        say_day=lambda day: say_day(day, language),
        say_moment=lambda moment, zone: say_moment(moment, language, zone),
        say_length=say_length,
        say_size=lambda size: say_size(size, language),
        say_time=lambda moment, zone: say_time(moment, language, zone),
        say=lambda message: message.text(language),
        in_words=lambda table: [(key, words.text(language)) for key, words in table.items()],
        translate=translations(language).gettext,
        zones=zones_to_choose(),
    )
    return pages


def say_length(seconds: int) -> str:
    """How long something lasts, as players say it: `38:05`, `1:02:03`."""
    hours, rest = divmod(seconds, 3600)
    minutes = f"{rest // 60:02}" if hours else f"{rest // 60}"
    return f"{f'{hours}:' if hours else ''}{minutes}:{rest % 60:02}"


def capital(name: str) -> str:
    """As a word that stands alone: with a capital letter, as the `capitalize` of templates."""
    return name[:1].upper() + name[1:].lower()


def render(template: str, language: str, context: dict[str, object]) -> str:
    """One page as text."""
    return environment(language).get_template(template).render(context)

"""Jinja for pages, and the static files under names that change with their content."""

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.i18n import (
    LANGUAGES,
    language_name,
    prefix_of,
    say_date,
    say_day,
    say_moment,
    say_time,
    translations,
)
from core.places import static_files, web_templates


@dataclass(frozen=True)
class StaticFile:
    """One static file in memory: there are a handful, and they are small."""

    content: bytes
    media_type: str


@cache
def static_index() -> tuple[dict[str, str], dict[str, StaticFile]]:
    """The hashed name of each file, and the file of each hashed name."""
    names, contents = {}, {}
    for path in sorted(static_files().iterdir()):
        content = path.read_bytes()
        hashed = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
        names[path.name] = hashed
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        contents[hashed] = StaticFile(content, media_type)
    return names, contents


def static_url(name: str) -> str:
    """The address of a static file; it may be cached for ever."""
    return f"/static/{static_index()[0][name]}"


@cache
def environment(language: str) -> Environment:
    """The templates in one language."""
    pages = Environment(
        loader=FileSystemLoader(web_templates()),
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
        languages=LANGUAGES,
        language_name=language_name,
        prefix_of=prefix_of,
        say_date=lambda moment, zone: say_date(moment, language, zone),
        say_day=lambda day: say_day(day, language),
        say_moment=lambda moment, zone: say_moment(moment, language, zone),
        say_time=lambda moment, zone: say_time(moment, language, zone),
        say=lambda message: message.text(language),
        translate=translations(language).gettext,
    )
    return pages


def render(template: str, language: str, context: dict[str, object]) -> str:
    """One page as text."""
    return environment(language).get_template(template).render(context)

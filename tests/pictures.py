"""Every mail as a picture: in both languages, in the light and in the dark, on a desk and a phone.

`make pictures` puts them into `build/pictures`, with a page that shows them beside each other; to
be looked at whenever a mail was touched. `make mails` takes the same mails as files.
"""

import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

from core.covers import Frame, cover, to_png
from core.i18n import LANGUAGES
from core.palettes import CLAY
from mail.personal import complete, fill
from mail.rendering import Rendered, render, template_names
from tests.support.chromium import find
from tests.support.mail_samples import COMMON, PERSONAL, SAMPLES, all_blocks

SIZES = {"desk": 640, "phone": 390}
SCHEMES = ("light", "dark")


def every_mail() -> Iterator[tuple[str, str, Rendered]]:
    """Each mail in each language; a letter with every block."""
    for name, language in product(template_names(), LANGUAGES):
        more = all_blocks(language) if name == "newsletters/issue" else {}
        yield name, language, render(name, language, {**COMMON, **SAMPLES[name], **more}, PERSONAL)


def mails() -> dict[str, str]:
    """The HTML of every mail, by a name for a file."""
    return {
        f"{name.replace('/', '-')}-{language}": fill(mail.html, complete(values_of(mail.html)))
        for name, language, mail in every_mail()
    }


def values_of(part: str) -> dict[str, str]:
    """Something for whatever is a person's own."""
    tags = set(re.findall(r"\{\{([a-z_]+)\}\}", part))
    return {tag.removesuffix("_html"): _value(tag) for tag in tags}


def _value(tag: str) -> str:
    if tag.endswith("_url"):
        return "https://staffroom.example/x"
    name = tag.removesuffix("_html")
    return {"greeting": "Hei Aino,", "address": "aino@school.example"}.get(name, "…")


def write_files(folder: Path) -> None:
    """Each mail as a file of HTML."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, html in mails().items():
        (folder / f"{name}.html").write_text(html, "utf-8")


def draw(folder: Path) -> None:
    """Each mail as four pictures, and a page of all."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=find(), chromium_sandbox=False)
        page = browser.new_page()
        page.route("**/*", _answer)
        for name, html in mails().items():
            rows.append(_row(name, [_one(page, folder, name, html, *how)
                                    for how in product(SIZES, SCHEMES)]))  # fmt: skip
        browser.close()
    (folder / "index.html").write_text(_PAGE.format(rows="\n".join(rows)), "utf-8")


def _answer(route: Route) -> None:
    """A drawing for what is ours; nothing else is fetched."""
    frame = {"/drawn/": Frame.WIDE, "/pictures/": Frame.CARD}
    found = next((one for part, one in frame.items() if part in route.request.url), None)
    if found is not None:
        route.fulfill(body=to_png(cover(7, found), CLAY), content_type="image/png")
    else:
        route.abort()


def _one(page: Page, folder: Path, name: str, html: str, size: str, scheme: str) -> str:
    page.set_viewport_size({"width": SIZES[size], "height": 700})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_content(html)
    file = f"{name}-{size}-{scheme}.png"
    page.screenshot(path=folder / file, full_page=True)
    return file


def _row(name: str, files: list[str]) -> str:
    shown = "".join(f'<img src="{file}" alt="{file}" loading="lazy">' for file in files)
    return f"<h2>{name}</h2><div>{shown}</div>"


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Every mail</title>
<style>body{{font-family:sans-serif;background:#888}}div{{display:flex;gap:1rem;align-items:start}}
img{{max-height:48rem}}</style>{rows}</html>
"""

if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    {"pictures": draw, "files": write_files}[what](where)

"""Every page against HTML itself (html-validate), and nine of them as Lighthouse sees them.

`make pages` installs both with node and gives their folder. Pages are those of the demo, in both
languages, as a visitor and as an owner see them.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.chromium import find
from tests.support.running import Running, running
from tests.support.windows import sign_in

LEAST, TRIES = 99, 3
NINE = (
    "/en/",
    "/en/subscribe",
    "/en/library",
    "/en/library/the-silence-after-a-question",
    "/en/library/collections/for-new-teachers",
    "/en/newsletter/2",
    "/en/workshops",
    "/en/question",
    "/fi/",
)
PUBLIC = (
    "/", "/subscribe", "/library", "/library?topic=Trust", "/library/collections",
    "/library/collections/for-new-teachers", "/library/the-silence-after-a-question",
    "/library/the-lesson-i-would-take-back", "/library/the-lesson-i-would-take-back?play=1",
    "/library/asking-so-that-they-answer", "/search?q=silence", "/search?q=xyzzy", "/question",
    "/newsletter", "/newsletter/2", "/workshops", "/contribute", "/contribute/topic", "/about",
    "/privacy", "/write-to-us", "/sign-in", "/embed", "/nothing-here",
)  # fmt: skip
OWNER = (
    "/organise", "/organise/issues", "/organise/mail", "/organise/contributions",
    "/organise/question", "/organise/library", "/organise/library/add",
    "/organise/library/items/1", "/organise/library/collections",
    "/organise/library/collections/1", "/organise/library/topics", "/organise/library/feeds",
    "/organise/library/feeds/1",
    "/organise/workshops", "/organise/people", "/organise/settings", "/me",
)  # fmt: skip
RULES = {"extends": ["html-validate:standard"], "elements": ["html5"]}


def main(folder: Path) -> int:
    """Look at all of them; 1 if anything is wrong."""
    with tempfile.TemporaryDirectory() as data, running(Path(data), "demo") as site:
        wrong = [*_invalid(folder, site), *_slow(folder, site)]
    for line in wrong:
        print(line, file=sys.stderr)  # noqa: T201
    print(f"{2 * (len(PUBLIC) + len(OWNER))} pages, {len(wrong)} problems.")  # noqa: T201
    return 1 if wrong else 0


def _invalid(folder: Path, site: Running) -> list[str]:
    with tempfile.TemporaryDirectory() as written:
        for name, html in _pages(site):
            (Path(written) / f"{name}.html").write_text(html, "utf-8")
        rules = Path(written) / ".htmlvalidate.json"
        rules.write_text(json.dumps({**RULES, "root": True}), "utf-8")
        validate = folder / "node_modules" / ".bin" / "html-validate"
        said = subprocess.run(
            [validate, "-c", rules, "-f", "json", f"{written}/*.html"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    found = json.loads(said.stdout)
    return [
        f"{Path(page['filePath']).name}:{one['line']}: {one['message']} ({one['ruleId']})"
        for page in found
        for one in page["messages"]
    ]


def _pages(site: Running) -> Iterator[tuple[str, str]]:
    """Each page as it is sent, by a name for a file."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=find(), chromium_sandbox=False)
        for who, paths in (("", PUBLIC), ("Anna", OWNER)):
            context = browser.new_context(base_url=site.base, locale="en-GB")
            if who:
                sign_in(context.new_page(), site, who)
            for path in paths:
                for language in ("en", "fi"):
                    answer = context.request.get(f"/{language}{path}")
                    name = f"{language}{path}".translate(str.maketrans("/?=", "---"))
                    yield name, answer.text()
        browser.close()


def _slow(folder: Path, site: Running) -> Iterator[str]:
    """What of the nine pages is not as good as it could be."""
    for path in NINE:
        scores = _best(folder, f"{site.base}{path}")
        print(path, scores, flush=True)  # noqa: T201
        yield from (f"{path}: {name} is {score}" for name, score in scores.items() if score < LEAST)


def _best(folder: Path, url: str) -> dict[str, int]:
    """The best of three looks: a machine that is busy elsewhere says nothing about a page."""
    best: dict[str, int] = {}
    for _ in range(TRIES):
        for name, score in _scores(folder, url).items():
            best[name] = max(score, best.get(name, 0))
        if min(best.values()) >= LEAST:
            break
    return best


def _scores(folder: Path, url: str) -> dict[str, int]:
    lighthouse = folder / "node_modules" / ".bin" / "lighthouse"
    with tempfile.TemporaryDirectory() as into:
        told = Path(into) / "told.json"
        subprocess.run(
            [
                lighthouse, url, "--quiet", "--output=json", f"--output-path={told}",
                "--chrome-flags=--headless=new --no-sandbox",
            ],
            env={**os.environ, "CHROME_PATH": find() or ""},
            check=True, capture_output=True,
        )  # fmt: skip
        categories = json.loads(told.read_text("utf-8"))["categories"]
    return {name: round(100 * one["score"]) for name, one in categories.items()}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""How large things are: functions, files, lines of templates."""

import ast
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MIDDLE, MOST, LONGEST_FILE, WIDEST = 6, 25, 380, 120
"""Lines of a function in the middle, of 98 in 100, and of a file; characters of a template."""
SOURCES = sorted([*(ROOT / "platform").rglob("*.py"), *(ROOT / "worker").rglob("*.py")])


def functions() -> list[int]:
    """The lines of every function, without its docstring."""
    trees = [ast.parse(path.read_text("utf-8")) for path in SOURCES]
    return [
        _lines(node)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = node.body[0] if ast.get_docstring(node) else None
    told = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
    return (node.end_lineno or 0) - node.lineno - told


def files() -> list[tuple[int, Path]]:
    """The lines of every file, the longest first."""
    found = [(len(path.read_text("utf-8").splitlines()), path) for path in SOURCES]
    return sorted(found, reverse=True)


def template_lines() -> list[int]:
    """The characters of every line of a page or a mail."""
    pages = (ROOT / "templates").rglob("*.*")
    return [len(line) for page in pages for line in page.read_text("utf-8").splitlines()]


def say(words: str) -> None:
    """Print a line."""
    print(words)  # noqa: T201


def main() -> int:
    """Say it in three lines; 1 if something has outgrown its limit."""
    sizes = sorted(functions())
    longest, path = files()[0]
    wide = template_lines()
    middle, most = statistics.median(sizes), sizes[int(len(sizes) * 0.98)]
    say(f"Functions: median {middle:.0f} lines, 98 of 100 at most {most}, longest {sizes[-1]}.")
    say(f"Files: the longest has {longest} lines ({path.relative_to(ROOT)}).")
    over = sum(one > WIDEST for one in wide)
    say(f"Templates: {over} of {len(wide)} lines have more than {WIDEST} characters.")
    is_small = middle <= MIDDLE and most <= MOST and longest <= LONGEST_FILE
    return 0 if is_small and not over else 1


if __name__ == "__main__":
    sys.exit(main())

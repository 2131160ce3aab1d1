"""`make bench`, or a part of it: `make bench ARGS="--sizes 10000 --databases sqlite"`."""

import argparse
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench import delivery, letters, library, newsletter, people, sign_up, workshops

PARTS = {
    "delivery": delivery,
    "sign-up": sign_up,
    "library": library,
    "workshops": workshops,
    "people": people,
    "letters": letters,
}


def main() -> None:
    """Measure and print tables that can be pasted into docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3, help="of ours and both loops in turn")
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--only", choices=["newsletter", *PARTS])
    chosen = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}\n", flush=True)
    if chosen.only in (None, "newsletter"):
        print(newsletter.HEADER, flush=True)
        for database in chosen.databases:
            for size in chosen.sizes:
                print(newsletter.measure(database, size, chosen.rounds), flush=True)
        print()
    for name, part in PARTS.items():
        if chosen.only in (None, name):
            print(part.HEADER, flush=True)
            for database in chosen.databases:
                print(part.measure(database), flush=True)
            print()


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    name = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")
    return f"{os.cpu_count()} cores ({name}), Python {platform.python_version()}"


if __name__ == "__main__":
    main()

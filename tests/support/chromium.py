"""Finds a Chromium for the browser tests, and gets one where there is none."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of an installed Chromium, or None."""
    chosen = os.environ.get("STAFFROOM_TEST_CHROMIUM")
    return chosen or next(filter(None, map(shutil.which, NAMES)), None)


def get() -> None:
    """Install one: from the system's packages as root on Debian, else Playwright's own."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (
            ["update", "-qq"],
            ["install", "-y", "-qq", "--no-install-recommends", "chromium"],
        ):
            subprocess.run(["apt-get", *words], check=False, stdout=subprocess.DEVNULL)  # noqa: S607
    if find() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    if find() is None:
        get()

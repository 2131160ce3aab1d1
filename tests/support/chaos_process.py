"""A process of the project whose clock a test can move: by as many seconds as a file says."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from core import clock

_FILE = Path(os.environ["CHAOS_CLOCK"])
_now = clock.SystemClock.now


def _moved(self: clock.SystemClock) -> datetime:
    offset = _FILE.read_text() if _FILE.exists() else ""
    return _now(self) + timedelta(seconds=float(offset or 0))


clock.SystemClock.now = _moved  # type: ignore[method-assign]

if __name__ == "__main__":
    from staffroom.command import main

    main()

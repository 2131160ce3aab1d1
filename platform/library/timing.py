"""When a feed is looked at again. Pure: the jitter is an argument."""

from datetime import timedelta

EVERY = timedelta(hours=1)
SOONEST = timedelta(minutes=5)
LATEST = timedelta(hours=24)
LONGEST_WISH = timedelta(days=7)
JITTER = 0.1
LONGEST_WAIT = LONGEST_WISH * (1 + JITTER)


def next_look(failures: int, wish: float | None, chance: float) -> timedelta:
    """How long to wait after `failures` failures in a row.

    `wish` is what the server asked for, in seconds; `chance` (0 to 1) spreads feeds over time.
    """
    doubled: int = 2 ** min(failures, 10)
    wait = min(EVERY * doubled, LATEST)
    if wish is not None:
        wait = max(wait if failures else EVERY, min(timedelta(seconds=wish), LONGEST_WISH))
    return max(wait * (1 - JITTER + 2 * JITTER * chance), SOONEST)

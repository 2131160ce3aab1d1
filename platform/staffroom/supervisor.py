"""Keeps a set of child processes alive, and ends all of them together.

A part that dies is started again, sooner or later, for as long as we run: a full disk is emptied
one day, a database comes back. Parts do not share their fate. Only a part that cannot even be
started the first time ends the start, because then somebody is there who reads why.
"""

import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

from staffroom.processes import run_child, stop_event

# Forked children share the memory of what is imported already, and start at once.
_CONTEXT: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
GRACE_SECONDS = 30
NEEDED = ("valkey", "feeds")
"""Whoever asks these while they are ended would wait for an answer."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
UP_SECONDS = 5.0
"""A part that has run so long is up; one that has run for a minute has no past."""


@dataclass
class Child:
    """One process: its name, what it does, and how it has been lately."""

    name: str
    target: Callable[..., None]
    args: tuple[object, ...]
    process: BaseProcess | None = None
    started_at: float = 0.0
    was_up: bool = False
    """Whether it has ever come up."""
    is_down: bool = False
    """Whether it was said to be down, and not yet to be up again."""
    next_wait: float = FIRST_WAIT
    due_at: float | None = None
    """When it is to be started again."""

    def start(self, log_format: str) -> None:
        """Start it. Raises OSError if the machine has no room for a process."""
        self.process = _CONTEXT.Process(
            target=run_child, args=(self.target, log_format, self.name, *self.args), name=self.name
        )
        self.started_at, self.due_at = time.monotonic(), None
        self.process.start()

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        return self.process is not None and self.process.is_alive()

    def plan_again(self, now: float) -> float:
        """When to start it again: each time twice as late, soon again after a good minute.

        Returns how long it waits, in seconds.
        """
        if now - self.started_at >= LONGEST_WAIT:
            self.next_wait = FIRST_WAIT
        waits, self.next_wait = self.next_wait, min(2 * self.next_wait, LONGEST_WAIT)
        self.due_at = now + waits
        return waits


@dataclass
class Supervisor:
    """Starts, watches and ends children."""

    log_format: str
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=lambda: stop_event(even_if_ignored=True))

    def start(self, name: str, target: Callable[..., None], *args: object) -> None:
        """Start a child and watch it from now on."""
        child = Child(name, target, args)
        child.start(self.log_format)
        self.children.append(child)

    def all_came_up(self) -> None:
        """From now on nothing but the user ends us: the start has gone well."""
        for child in self.children:
            child.was_up = True

    def watch(self) -> bool:
        """Keep all alive until told to stop; False if one of them never came up."""
        while not self.stopping.is_set():
            wait([process.sentinel for process in self._running()], timeout=0.5)
            if self.stopping.is_set():
                break
            now = time.monotonic()
            if any(not self._look_after(child, now) for child in self.children):
                return False
        return True

    def is_alive(self, name: str) -> bool:
        """Whether the child of that name runs."""
        return any(process.name == name for process in self._running())

    def end(self) -> None:
        """End all children, those started last first: politely, then after 30 s for good."""
        for group in self._shutdown_groups():
            for child in group:
                if child.process is not None and child.process.is_alive():
                    child.process.terminate()
            deadline = time.monotonic() + GRACE_SECONDS
            for child in group:
                self._await(child, deadline)

    def _look_after(self, child: Child, now: float) -> bool:
        """Whether we can go on, with this child running or to be started again."""
        if child.is_running:
            self._note_up(child, now)
        elif child.due_at is None:
            return self._note_down(child, now)
        elif now >= child.due_at:
            self._start_again(child, now)
        return True

    def _note_up(self, child: Child, now: float) -> None:
        if now - child.started_at < UP_SECONDS:
            return
        child.was_up = True
        if child.is_down:
            child.is_down = False
            self._say(f"{child.name} is up again")

    def _note_down(self, child: Child, now: float) -> bool:
        how = _how_it_ended(child.process.exitcode if child.process else None)
        if not child.was_up:
            self._say(f"{child.name} ended ({how}) and never came up")
            return False
        waits = child.plan_again(now)
        if not child.is_down:
            child.is_down = True
            self._say(f"{child.name} ended ({how}); it is started again in {waits:.0f} s")
        return True

    def _start_again(self, child: Child, now: float) -> None:
        try:
            child.start(self.log_format)
        except OSError:  # no memory or no room for a process just now
            child.plan_again(now)

    def _say(self, line: str) -> None:
        """A disk that is full, or a reader who left, must not end what we keep alive."""
        with suppress(OSError):
            self.say(line)

    def _shutdown_groups(self) -> list[list[Child]]:
        """Everybody first; then what others wait for."""
        needed = [child for child in self.children if child.name in NEEDED]
        return [[child for child in self.children if child.name not in NEEDED], needed]

    def _await(self, child: Child, deadline: float) -> None:
        if child.process is None:
            return
        child.process.join(max(0.1, deadline - time.monotonic()))
        if child.process.is_alive():
            self._say(f"{child.name} did not end within {GRACE_SECONDS} s and was killed")
            child.process.kill()
            child.process.join()

    def _running(self) -> list[BaseProcess]:
        return [child.process for child in self.children if child.process and child.is_running]


def _how_it_ended(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit status {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:  # signals of real time have no names
        return f"killed by signal {-code}"

"""Keeps a set of child processes alive, and ends all of them together.

A child that dies is started again and named in one line; one that keeps dying ends the whole,
because something is wrong that starting again does not mend.
"""

import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

from staffroom.processes import run_child, stop_event

# Forked children share the memory of what is imported already, and start at once.
_CONTEXT: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
GRACE_SECONDS = 30
MOST_DEATHS = 5
DEATH_WINDOW = 60.0


@dataclass
class Child:
    """One process: its name, what it does, and how often it died lately."""

    name: str
    target: Callable[..., None]
    args: tuple[object, ...]
    process: BaseProcess | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self, log_format: str) -> None:
        """Start it."""
        self.process = _CONTEXT.Process(
            target=run_child, args=(self.target, log_format, *self.args), name=self.name
        )
        self.process.start()

    def dies_too_often(self, now: float) -> bool:
        """Count a death; whether there were too many in the last minute."""
        self.deaths = [moment for moment in self.deaths if now - moment < DEATH_WINDOW] + [now]
        return len(self.deaths) >= MOST_DEATHS


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

    def watch(self) -> bool:
        """Keep all alive until told to stop; False if one of them cannot be kept alive."""
        while not self.stopping.is_set():
            wait([process.sentinel for process in self._running()], timeout=0.5)
            if not self.stopping.is_set() and not self._revive():
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

    def _shutdown_groups(self) -> list[list[Child]]:
        """Everybody first; then what everybody needs."""
        needed = [child for child in self.children if child.name == "valkey"]
        return [[child for child in self.children if child.name != "valkey"], needed]

    def _await(self, child: Child, deadline: float) -> None:
        if child.process is None:
            return
        child.process.join(max(0.1, deadline - time.monotonic()))
        if child.process.is_alive():
            self.say(f"{child.name} did not end within {GRACE_SECONDS} s and was killed")
            child.process.kill()
            child.process.join()

    def _running(self) -> list[BaseProcess]:
        processes = (child.process for child in self.children)
        return [process for process in processes if process is not None and process.is_alive()]

    def _revive(self) -> bool:
        for child in self.children:
            if child.process is None or child.process.is_alive():
                continue
            how = _how_it_ended(child.process.exitcode)
            if child.dies_too_often(time.monotonic()):
                self.say(f"{child.name} ended ({how}) {MOST_DEATHS} times in a minute; giving up")
                return False
            self.say(f"{child.name} ended ({how}) and was started again")
            child.start(self.log_format)
        return True


def _how_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit status {code}"

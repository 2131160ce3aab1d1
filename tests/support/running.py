"""A `staffroom run` of one's own: a real process, with everything that it starts."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

PATIENCE = 120


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Running:
    """A `staffroom run` and what it has said so far."""

    def __init__(
        self, data: Path, port: int, command: str, memory: int = 0, **settings: str
    ) -> None:
        # Passkeys are given to names only, not to addresses of the network.
        host = "localhost" if settings.pop("by_name", "") else "127.0.0.1"
        self.base = f"http://{host}:{port}"
        if host == "localhost":
            settings["STAFFROOM_BASE_URL"] = self.base
        self.log = data / "said.txt"
        self.cookies: dict[str, Any] = {}
        quick = {"STAFFROOM_TICK_SECONDS": "0.5", "STAFFROOM_UNDO_SECONDS": "1"}
        environment = {**os.environ, **quick, **settings}
        words = [command, "--data", str(data), "--port", str(port)]
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "staffroom", *words],
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=data,
                preexec_fn=partial(_limit_memory, memory) if memory else None,
            )

    @property
    def said(self) -> str:
        """Everything it printed."""
        return self.log.read_text("utf-8")

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to become true."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def children(self) -> set[int]:
        """The processes that it started, and theirs."""
        found: set[int] = set()
        parents = {self.process.pid}
        for _ in range(3):
            parents = {pid for pid, parent in processes().items() if parent in parents}
            found |= parents
        return found


def _limit_memory(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def processes() -> dict[int, int]:
    """Every process of this machine, and its parent."""
    out = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)  # noqa: S607
    return {
        int(pid): int(parent) for pid, parent in (row.split() for row in out.stdout.splitlines())
    }


@contextmanager
def running(
    data: Path, command: str = "run", memory: int = 0, **settings: str
) -> Generator[Running]:
    """Started and ready; ended afterwards if it still runs."""
    machine = Running(data, free_port(), command, memory, **settings)
    try:
        machine.until(
            lambda: "Ctrl-C ends everything." in machine.said or machine.process.poll() is not None
        )
        yield machine
    finally:
        if machine.process.poll() is None:
            machine.process.send_signal(signal.SIGINT)
            machine.process.wait(40)

"""Taking apart what strangers send: in a process of its own, with hard limits, one at a time.

Decoders of pictures, archives and feeds are large and written for honest files. A file of two
kilobytes may ask for a gigabyte, or for minutes. So they run in a child that has little memory and
little time, holds no secret and no connection, and whose end harms nobody. It answers with JSON and
bytes only: nothing that it says is ever executed here.
"""

import fcntl
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import Unavailable

TASKS = (
    "core.file_kinds:check_here",
    "core.pictures:remake_here",
    "library.entries:read_here",
    "library.file_looks:look_here",
    "library.file_looks:preview_here",
    "library.pages:read_here",
    "library.transcripts:read_here",
)
"""What may run in the child: functions of the content, or of an open file, and of named options."""


@dataclass(frozen=True)
class Limits:
    """How much a child may use before it is ended."""

    memory: int = 512 * 1024 * 1024
    """Bytes of address space; the interpreter and its libraries need about 120 MB of them."""
    processor: int = 10
    """Seconds of processor time."""
    seconds: float = 20.0
    """Seconds on the clock, from its start."""


@dataclass(frozen=True)
class Parts:
    """What a task found: facts that JSON can hold, and perhaps bytes."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    content: bytes = b""


class Unfit(ValueError):
    """The content is not what it should be; `reason` is a word that its task chose."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooMuch(ValueError):
    """Taking it apart needs more memory or time than we are willing to give."""


PATIENCE = 60.0
"""Seconds to wait for one's turn."""
STANDARD = Limits()
LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes that a child may print."""


def take_apart(
    task: str, content: bytes | BinaryIO, limits: Limits = STANDARD, **options: object
) -> Parts:
    """Run one of `TASKS` on `content` in a child process: on bytes, or on an open file.

    A file is not read here: the child gets the open file itself, however large it is.
    Raises Unfit if the task refuses the content, TooMuch if it went over its limits, and
    Unavailable if so many others wait that ours would not be done within a minute.
    """
    opened = None if isinstance(content, bytes) else content.fileno()
    asked = {"task": task, "options": options, "limits": vars(limits), "opened": opened}
    given = json.dumps(asked).encode() + b"\n" + (content if isinstance(content, bytes) else b"")
    with _own_turn():
        said, code = _child(given, limits.seconds, () if opened is None else (opened,))
    if code != 0:
        raise TooMuch(f"{task} ended with {code}")
    head, _, rest = said.partition(b"\n")
    answer = json.loads(head)
    if "too_much" in answer:
        raise TooMuch(answer["too_much"])
    if "unfit" in answer:
        raise Unfit(answer["unfit"])
    return Parts(answer["facts"], rest)


def _child(given: bytes, seconds: float, files: Sequence[int]) -> tuple[bytes, int]:
    """What the child printed, and how it ended; -9 if it had to be killed."""
    words = [sys.executable, "-I", "-c", "from core.confined import main; main()"]
    # No environment: a decoder that is taken over finds no key in it.
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        pass_fds=files,
    ) as child:
        try:
            said, _ = child.communicate(given, timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            return b"", -signal.SIGKILL
        return said, child.returncode


@contextmanager
def _own_turn() -> Generator[None]:
    """One child at a time on this machine, whichever process of ours asks.

    The lock is this very file: every process of an installation has it, and nobody must make it.
    """
    deadline = time.monotonic() + PATIENCE
    with Path(__file__).open("rb") as turn:
        while True:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Unavailable("too many files are being opened just now") from None
                time.sleep(0.02)
            else:
                break
        yield


def main() -> None:
    """Be the child: limit ourselves, then run the task and print what it found."""
    asked = json.loads(sys.stdin.buffer.readline())
    _limit(Limits(**asked["limits"]))
    answer, content = _answer(asked)
    said = json.dumps(answer).encode()
    if len(said) + len(content) > LARGEST_ANSWER:  # the one who asks has less memory than we had
        said, content = json.dumps({"too_much": "more to tell than is listened to"}).encode(), b""
    sys.stdout.buffer.write(said + b"\n" + content)
    sys.stdout.buffer.flush()


def _limit(limits: Limits) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.processor),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _answer(asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        parts = _task(asked["task"])(_given(asked["opened"]), **asked["options"])
    except Unfit as unfit:
        return {"unfit": unfit.reason}, b""
    except (MemoryError, RecursionError) as error:
        return {"too_much": type(error).__name__}, b""
    return {"facts": dict(parts.facts)}, parts.content


def _given(opened: int | None) -> bytes | BinaryIO:
    """What was sent along, or the file that was left open for us."""
    if opened is None:
        return sys.stdin.buffer.read()
    file = os.fdopen(opened, "rb")
    file.seek(0)
    return file


def _task(name: str) -> Callable[..., Parts]:
    if name not in TASKS:
        raise PermissionError(f"{name} is not a task of ours")
    module, _, function = name.partition(":")
    task: Callable[..., Parts] = getattr(importlib.import_module(module), function)
    return task

"""The command line as a process of its own, that need not load everything anew: half a minute of
every run of the tests was spent on that. How it starts by itself is tried by `test_one_machine`."""

import os
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import IO

from staffroom.command import main

PATIENCE = 60.0


def staffroom(
    environment: Mapping[str, str], *words: str, cwd: Path | None = None
) -> CompletedProcess[str]:
    """`staffroom words…` in this environment: how it ended, and what it said."""
    with tempfile.TemporaryFile("w+b") as out, tempfile.TemporaryFile("w+b") as err:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # what other threads hold is theirs
            child = os.fork()
        if child == 0:
            _be_the_command(environment, words, cwd, out, err)
        code = _ended(child)
        return CompletedProcess(list(words), code, _said(out), _said(err))


def _be_the_command(
    environment: Mapping[str, str],
    words: tuple[str, ...],
    cwd: Path | None,
    out: IO[bytes],
    err: IO[bytes],
) -> None:
    code: object = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, file in ((1, out), (2, err)):
            os.dup2(file.fileno(), number)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
        os.environ.clear()
        os.environ.update(environment)
        if cwd is not None:
            os.chdir(cwd)
        sys.argv = ["staffroom", *words]
        main()
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - as the interpreter would
        traceback.print_exc()
    finally:
        if isinstance(code, str):
            sys.stderr.write(f"{code}\n")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def _ended(child: int) -> int:
    deadline = time.monotonic() + PATIENCE
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise TimeoutError("the command does not end")
        time.sleep(0.01)


def _said(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()

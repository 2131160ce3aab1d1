"""One machine stays up, whatever is sent to it and whatever dies on it."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import structlog
import uvicorn
from PIL import Image
from sqlalchemy import select, text

from core.heartbeats import PARTS, keep_beating
from core.installation import Installation
from core.schedule import Recurring
from staffroom import supervisor
from staffroom.supervisor import Child, Supervisor
from tests.conftest import both_databases
from tests.support.people import Browser, Page, ShiftedClock, WorkNow
from tests.support.running import Running, processes, running
from web import endpoint, middleware, protocol
from web.app import create_app
from worker.schedule import RECURRING, Tick

GIBIBYTE = 1024**3


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a path short enough for a socket."""
    return tmp_path_factory.mktemp("d")


def _picture(kind: str, width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, kind)
    return out.getvalue()


@contextmanager
def _owner(machine: Running) -> Iterator[httpx2.Client]:
    link = re.search(rf"{machine.base}/sign-in/\S+", machine.said)
    assert link
    with httpx2.Client(base_url=machine.base, follow_redirects=True, timeout=60) as client:
        client.post(link[0], data={"email": "anna@example.org"}, headers={"Origin": machine.base})
        yield client


def _article(owner: httpx2.Client, origin: str) -> str:
    key = Page(owner.get("/contribute/article")).hidden("form_key")
    fields = {"form_key": key, "title": "Pictures", "act": "save", "language": "en"}
    owner.post("/contribute/article", data=fields, headers={"Origin": origin})
    mine = Page(owner.get("/me/contributions"))
    return mine.attribute('a[href^="/me/contributions/"]', "href")


def _most_memory(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(peak[1]) * 1024 if peak else 0


def test_pictures_that_burst_cost_the_uploader_an_answer_and_nobody_else_anything(
    data: Path,
) -> None:
    """Under a limit of 1 GiB a process, with the real thing: five of these ended everything."""
    burst, phone = _picture("WEBP", 6320, 6320), _picture("JPEG", 8064, 6048)
    with running(data, memory=GIBIBYTE, MALLOC_ARENA_MAX="2") as machine, _owner(machine) as owner:
        children = machine.children()
        path = _article(owner, machine.base)
        for _ in range(6):
            sent = owner.post(
                f"{path}/files",
                files={"files": ("a.webp", burst)},
                headers={"Origin": machine.base},
            )
            assert sent.status_code == 422
            assert "too many pixels" in sent.text
        files = [("files", ("phone.jpg", phone)), ("files", ("b.webp", burst))]
        both = owner.post(f"{path}/files", files=files, headers={"Origin": machine.base})
        assert "phone.jpg" in both.text.partition("<h2>Files")[2]
        assert "too many pixels" in both.text
        assert children <= set(processes())
        assert max(map(_most_memory, children)) < GIBIBYTE // 4
        assert "ended" not in machine.said


def test_parts_die_again_and_again_and_come_back_while_the_others_go_on(data: Path) -> None:
    with running(data) as machine:
        worker = _pid_of(machine, "bulk worker")
        machine.until(lambda: httpx2.get(f"{machine.base}/readyz").status_code == 200)
        for _ in range(3):
            os.kill(_pid_of(machine, "web"), signal.SIGKILL)
            machine.until(lambda: _answers(machine))
        assert _pid_of(machine, "bulk worker") == worker
        assert machine.said.count("web ended (killed by SIGKILL)") >= 1
        os.kill(worker, signal.SIGSTOP)
        try:
            machine.until(
                lambda: httpx2.get(f"{machine.base}/readyz").json()["bulk worker"] is False
            )
            with _owner(machine) as owner:
                assert "the worker for letters and invitations" in owner.get("/organise").text
        finally:
            os.kill(worker, signal.SIGCONT)
        machine.until(lambda: httpx2.get(f"{machine.base}/readyz").status_code == 200)


def _answers(machine: Running) -> bool:
    try:
        return httpx2.get(f"{machine.base}/healthz").status_code == 200
    except httpx2.TransportError:
        return False


def _pid_of(machine: Running, part: str) -> int:
    """A part is found by the name that `ps` shows."""
    found: list[int] = []

    def look() -> bool:
        out = subprocess.run(
            ["ps", "-eo", "pid=,args="],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
        rows = (row.split(None, 1) for row in out.stdout.splitlines())
        named = {int(pid) for pid, name in rows if name == f"staffroom: {part}"}
        found[:] = named & machine.children()
        return bool(found)

    machine.until(look)
    return found[0]


def _die() -> None:
    raise SystemExit(3)


def test_nobody_gives_up_on_a_part_that_ran_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """It used to end everything after five deaths in a minute."""
    monkeypatch.setattr(supervisor, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(supervisor, "LONGEST_WAIT", 0.02)
    said: list[str] = []
    tries: list[float] = []
    watched = Supervisor("console", said.append, stopping=threading.Event())
    watched.start("web", _die)
    watched.children[0].next_wait = 0.01
    watched.all_came_up()
    real_start = Child.start

    def counted(child: Child, log_format: str) -> None:
        tries.append(time.monotonic())
        if len(tries) >= 8:
            watched.stopping.set()
        real_start(child, log_format)

    monkeypatch.setattr(Child, "start", counted)
    assert watched.watch() is True
    watched.end()
    assert said == ["web ended (exit status 3); it is started again in 0 s"]


def test_waits_double_up_to_a_minute_and_begin_anew_after_a_good_one() -> None:
    child = Child("web", _die, ())
    child.started_at = 0.0
    assert [child.plan_again(1.0) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert child.plan_again(100.0) == 1


def test_a_part_that_never_came_up_ends_the_start() -> None:
    said: list[str] = []
    watched = Supervisor("console", said.append, stopping=threading.Event())
    watched.start("bulk worker", _die)
    assert watched.watch() is False
    assert said == ["bulk worker ended (exit status 3) and never came up"]
    watched.end()


def test_a_line_that_cannot_be_said_ends_nothing() -> None:
    def say(_line: str) -> None:
        raise OSError(28, "No space left on device")

    watched = Supervisor("console", say, stopping=threading.Event())
    watched._say("web is up again")


FULL = """
set -e
mount -t tmpfs -o size=48m tmpfs "$1"
exec "$2" -m staffroom run --data "$1/data" --port "$3"
"""


def test_a_full_disk_is_waited_for_and_everything_comes_back(tmp_path: Path) -> None:
    """A disk of its own, in a mount namespace, filled to the last byte and emptied again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    disk = Path(f"/tmp/sr{os.getpid()}")
    disk.mkdir()
    log = (tmp_path / "said.txt").open("w+")
    process = subprocess.Popen(
        ["unshare", "-Urm", "sh", "-c", FULL, "sh", str(disk), sys.executable, str(port)],  # noqa: S607
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, "STAFFROOM_TICK_SECONDS": "0.5"},
        cwd=tmp_path,
    )
    machine = Running.__new__(Running)
    machine.base, machine.log, machine.process = (
        f"http://127.0.0.1:{port}",
        tmp_path / "said.txt",
        process,
    )
    try:
        machine.until(lambda: "Ctrl-C ends everything." in machine.said)
        inside = Path(f"/proc/{process.pid}/root{disk}")
        filler = inside / "filler"
        with filler.open("wb") as file:
            _fill(file.fileno())
        with httpx2.Client(base_url=machine.base, timeout=30) as visitor:
            assert _sign_up(visitor, "full@example.org") in (200, 503)
            assert visitor.get("/about").status_code == 200
            time.sleep(3)  # ticks, heartbeats and log lines all meet it
            filler.unlink()
            machine.until(lambda: _sign_up(visitor, "again@example.org") == 200)
            machine.until(lambda: visitor.get("/outbox.json?to=again@example.org").json())
            machine.until(lambda: visitor.get("/readyz").status_code == 200)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(40)
        log.close()
        disk.rmdir()


def _fill(descriptor: int) -> None:
    for size in (1 << 20, 1 << 12, 1):
        try:
            while True:
                os.write(descriptor, b"x" * size)
        except OSError:
            continue


def _sign_up(visitor: httpx2.Client, email: str) -> int:
    stamp = Page(visitor.get("/subscribe")).hidden("stamp")
    fields = {"email": email, "language": "en", "stamp": stamp}
    return visitor.post("/subscribe", data=fields).status_code


@both_databases
def test_one_tick_with_a_clock_far_ahead_stops_nothing_for_long(
    installation: Installation, clock: ShiftedClock
) -> None:
    assert isinstance(installation.queue, WorkNow)
    tick = Tick(installation)
    clock.forward(days=400)
    tick.once()
    installation.queue.jobs.clear()
    clock.forward(days=-400)
    tick.once()
    assert set(RECURRING) <= set(installation.queue.jobs)
    with installation.reading() as work:
        rows = work.session.scalars(select(Recurring.next_at)).all()
        assert max(rows) < work.now.replace(year=work.now.year + 1)


def test_a_part_without_a_sign_of_life_is_named(
    visitor: Browser, installation: Installation
) -> None:
    found = visitor.get("/readyz").response.json()
    assert {part: found[part] for part in PARTS} == dict.fromkeys(PARTS, False)
    stop = threading.Event()
    for part in PARTS:
        keep_beating(installation.redis, part, stop)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not all(
        visitor.get("/readyz").response.json()[part] for part in PARTS
    ):
        time.sleep(0.05)
    stop.set()
    found = visitor.get("/readyz").response.json()
    assert {part: found[part] for part in PARTS} == dict.fromkeys(PARTS, True)


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_database_that_hangs_takes_neither_health_nor_static_files_along(
    installation: Installation, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "QUEUE_SECONDS", 0.5)
    style = visitor.get("/").attribute('link[rel="stylesheet"]', "href")
    answers: list[int] = []
    with installation.database.engine.connect() as other:
        other.execute(text("LOCK TABLE issue IN ACCESS EXCLUSIVE MODE"))
        waiting = [
            threading.Thread(target=lambda: answers.append(visitor.get("/newsletter").status))
            for _ in range(endpoint.THREADS + 4)
        ]
        for thread in waiting:
            thread.start()
        deadline = time.monotonic() + 20
        while len(answers) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert answers == [503] * 4
        assert visitor.get("/healthz").status == 200
        assert visitor.get(style).status == 200
        assert visitor.get("/readyz").status == 503
        other.rollback()
    for thread in waiting:
        thread.join(20)
    assert sorted(answers) == [200] * endpoint.THREADS + [503] * 4


def test_pages_go_on_without_valkey(data: Path) -> None:
    with running(data) as machine, _owner(machine) as owner:
        os.kill(_pid_of(machine, "valkey"), signal.SIGSTOP)
        servers = subprocess.run(
            ["pgrep", "-f", f"valkey-server unixsocket:{data}/"],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
        server = int(servers.stdout.split()[0])
        os.kill(server, signal.SIGSTOP)
        try:
            for path in ("/", "/about", "/subscribe", "/library", "/me", "/organise", "/workshops"):
                assert owner.get(path).status_code == 200, path
            ready = owner.get("/readyz").json()
            assert (ready["valkey"], ready["database"]) == (False, True)
        finally:
            os.kill(server, signal.SIGCONT)
            os.kill(_pid_of(machine, "valkey"), signal.SIGCONT)


@contextmanager
def _served(installation: Installation) -> Iterator[tuple[str, int]]:
    config = uvicorn.Config(
        create_app(installation), http=protocol.HurriedHttp, port=0, log_level="warning"
    )
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: server.run(sockets=[opened]))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield opened.getsockname()
        server.should_exit = True
        thread.join()


POST = b"POST /subscribe HTTP/1.1\r\nHost: testserver.localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n"  # noqa: E501


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What is logged, as events."""
    found: list[dict[str, object]] = []

    def keep(_logger: object, _name: str, event: MutableMapping[str, object]) -> str:
        found.append(dict(event))
        raise structlog.DropEvent

    structlog.configure(processors=[keep])
    return found


def test_a_body_that_never_comes_is_one_line(
    installation: Installation, logged: list[dict[str, object]], capfd: pytest.CaptureFixture[str]
) -> None:
    with _served(installation) as place:
        with socket.create_connection(place) as half:
            half.sendall(POST + b"email=a")
        deadline = time.monotonic() + 5
        while not logged and time.monotonic() < deadline:
            time.sleep(0.02)
    assert [event["event"] for event in logged] == ["request not finished by the other side"]
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: tests", POST, POST + b"email="])
def test_nobody_holds_a_connection_by_saying_nothing(
    installation: Installation,
    logged: list[dict[str, object]],
    monkeypatch: pytest.MonkeyPatch,
    sent: bytes,
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(middleware, "BODY_SECONDS", 0.2)
    with _served(installation) as place, socket.create_connection(place) as half:
        half.settimeout(10)
        half.sendall(sent)
        answer = half.recv(4096)
        while answer and half.recv(4096):
            pass
    assert answer[:12] in (b"", b"HTTP/1.1 408")
    assert len(logged) <= 1


def test_a_body_that_comes_byte_by_byte_is_not_waited_for(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "BODY_GRACE", 0.5)
    with _served(installation) as place, socket.create_connection(place) as slow:
        slow.settimeout(10)
        slow.sendall(POST)
        _drip(slow)
        assert slow.recv(12) == b"HTTP/1.1 408"


def _drip(slow: socket.socket) -> None:
    until: Callable[[], float] = time.monotonic
    deadline = until() + 2
    while until() < deadline:
        try:
            slow.sendall(b"a")
        except OSError:
            return
        time.sleep(0.1)


def test_a_part_that_a_signal_without_a_name_ends_is_one_line_too() -> None:
    assert supervisor._how_it_ended(-35) == "killed by signal 35"
    assert supervisor._how_it_ended(-9) == "killed by SIGKILL"


def test_a_panorama_is_made_smaller_like_every_photo() -> None:
    from core.pictures import WIDEST, remake_here

    out = io.BytesIO()
    Image.new("RGB", (16_000, 3000), "teal").save(out, "JPEG", quality=20)
    with Image.open(io.BytesIO(remake_here(out.getvalue(), WIDEST).content)) as small:
        assert small.width == WIDEST

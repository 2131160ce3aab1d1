"""`staffroom run`: starts everything, survives what dies, ends it all, and finds it again."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.conftest import KEY
from tests.support.loopback_ses import Account
from tests.support.people import Page
from tests.support.running import Running, free_port, processes, running


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a path short enough for a socket."""
    return tmp_path_factory.mktemp("d")


def test_it_starts_serves_ends_every_child_and_finds_everything_again(data: Path) -> None:
    with running(data) as first:
        link = re.search(rf"{first.base}/sign-in/\S+", first.said)
        assert link
        page = httpx2.post(link[0], data={"email": "anna@example.org"})
        assert page.status_code == 303
        first.until(lambda: httpx2.get(f"{first.base}/readyz").status_code == 200)
        children = first.children()
        assert len(children) >= 6
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(40) == 0
        assert not children & set(processes())
    with running(data) as second:
        assert re.search(rf"{second.base}/sign-in/\S+", second.said)
        again = re.search(rf"{second.base}/sign-in/\S+", second.said)
        assert again
        assert "first one here" not in httpx2.get(again[0]).text


def test_a_subscription_is_confirmed_through_the_workers_and_the_outbox(data: Path) -> None:
    with running(data) as machine, httpx2.Client(base_url=machine.base) as visitor:
        stamp = Page(visitor.get("/subscribe")).hidden("stamp")
        fields = {"email": "aino@example.org", "language": "fi", "stamp": stamp}
        assert visitor.post("/subscribe", data=fields).status_code == 200
        machine.until(lambda: visitor.get("/outbox.json").json())
        [mail] = visitor.get("/outbox.json?to=aino@example.org").json()
        assert mail["subject"] == "Vahvista tilauksesi"
        confirm = next(url for url in mail["links"] if "/confirm/" in url)
        assert "olet listalla" in visitor.post(confirm).text
        machine.until(lambda: len(visitor.get("/outbox.json").json()) == 2)


def test_a_child_that_dies_is_named_and_started_again(data: Path) -> None:
    with running(data) as machine:
        before = machine.children()
        victim = max(pid for pid, parent in processes().items() if parent == machine.process.pid)
        os.kill(victim, signal.SIGKILL)
        machine.until(
            lambda: "ended (killed by SIGKILL); it is started again in 1 s" in machine.said
        )
        machine.until(lambda: len(machine.children()) == len(before))
        assert httpx2.get(f"{machine.base}/healthz").status_code == 200


def test_a_valkey_that_dies_is_started_again_and_serves(data: Path) -> None:
    with running(data) as machine:
        servers = subprocess.run(
            ["pgrep", "-f", f"valkey-server unixsocket:{data}/"],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
        os.kill(int(servers.stdout.split()[0]), signal.SIGKILL)
        machine.until(lambda: "valkey ended" in machine.said)
        machine.until(lambda: httpx2.get(f"{machine.base}/readyz").status_code == 200)


def test_a_killed_parent_leaves_nobody_behind(data: Path) -> None:
    with running(data) as machine:
        children = machine.children()
        machine.process.kill()
        machine.process.wait()
        machine.until(lambda: not children & set(processes()))
    with running(data) as again:
        assert again.process.poll() is None


def test_the_demo_has_a_believable_community(data: Path) -> None:
    with running(data, "demo") as machine:
        archive = httpx2.get(f"{machine.base}/newsletter").text
        assert archive.count("<li ") == 2
        link = re.search(rf"{machine.base}/sign-in/\S+", machine.said)
        assert link
        with httpx2.Client(base_url=machine.base, follow_redirects=True) as organiser:
            page = organiser.post(link[0], headers={"Origin": machine.base})
            assert "Hei Anna" in page.text
            assert "Valmiina kuumaan tuoliin?" in page.text


def test_the_demo_follows_two_podcasts_of_this_machine_and_finds_them_again(data: Path) -> None:
    path = "/en/library/the-lesson-i-would-take-back"

    def page(machine: Running) -> Page:
        return Page(httpx2.get(f"{machine.base}{path}?play=1"))

    with running(data, "demo") as first:
        first.until(lambda: page(first).each(".transcript p"))
        first.until(lambda: page(first).attributes(".player .still img", "src"))
        shown = page(first)
        assert len(shown.each(".chapters li")) == 3
        sound = shown.attribute("audio", "src")
        part = httpx2.get(sound, headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"RIFF")
    with running(data, "demo") as again:
        assert page(again).attribute("audio", "src") == sound
        assert httpx2.head(sound).status_code == 200
        assert "Traceback" not in again.said


def test_a_demo_of_an_earlier_version_starts_without_podcasts(data: Path) -> None:
    with running(data, "run"):
        pass
    with running(data, "demo") as machine:
        machine.until(lambda: httpx2.get(f"{machine.base}/readyz").status_code == 200)
        assert "Traceback" not in machine.said
        assert "feeds" not in machine.said


def _fails(data: Path, port: int = 0) -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "staffroom",
            "run",
            "--data",
            str(data),
            "--port",
            str(port or free_port()),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "STAFFROOM_SECRET_KEYS": KEY},
    )
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_a_command_beside_it_knows_its_address(data: Path) -> None:
    with running(data) as machine:
        words = ["organiser", "add", "ed@example.org", "--role", "editor"]
        done = subprocess.run(
            [sys.executable, "-m", "staffroom", *words],
            env={**os.environ, "STAFFROOM_DATA_DIR": str(data)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.startswith(f"{machine.base}/sign-in/")
        assert httpx2.get(done.stdout.strip()).status_code == 200


def test_a_port_in_use_is_one_clear_line(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert _fails(data, port) == (
            f"Error: cannot listen on 127.0.0.1:{port}: Address already in use "
            "(choose another with --port)"
        )


def test_a_directory_that_cannot_be_written_is_one_clear_line(data: Path) -> None:
    (data / "file").write_text("")
    assert "file" in _fails(data / "file" / "below")


def test_a_second_start_on_the_same_data_is_one_clear_line(data: Path) -> None:
    with running(data):
        assert "in use by another `staffroom run`" in _fails(data)


def test_a_path_too_long_for_a_socket_is_one_clear_line(data: Path) -> None:
    long = data / ("x" * 60) / ("y" * 60)
    assert "too long for a socket" in _fails(long)


PRODUCTION = """
STAFFROOM_ENV=production
STAFFROOM_BASE_URL=https://letters.example.org
STAFFROOM_MAIL=ses
STAFFROOM_MAIL_FROM=letters@example.org
STAFFROOM_REPLY_TO=office@example.org
"""


def test_in_production_the_way_in_is_printed_once_and_later_by_command(
    data: Path, ses: tuple[Account, str]
) -> None:
    """From a settings file, as the README has it: the address in it is the one that counts."""
    (data / "staffroom.env").write_text(f"{PRODUCTION}STAFFROOM_SECRET_KEYS={KEY}\n")
    with running(data, AWS_ENDPOINT_URL_SESV2=ses[1]) as first:
        assert "is ready: https://letters.example.org/" in first.said
        assert "https://letters.example.org/sign-in/" in first.said
        assert "/outbox" not in first.said
        public = {"Host": "letters.example.org"}
        with httpx2.Client(base_url=first.base, headers=public) as visitor:
            assert visitor.get("/healthz").status_code == 200
            assert visitor.get("/outbox").status_code == 404
        added = _command(data, "organiser", "add", "owner@example.org", "--role", "owner")
        assert added.stdout.startswith("https://letters.example.org/sign-in/")
    with running(data, AWS_ENDPOINT_URL_SESV2=ses[1]) as second:
        assert "/sign-in/" not in second.said
        assert "staffroom organiser sign-in-link EMAIL" in second.said
    link = _command(data, "organiser", "sign-in-link", "owner@example.org")
    assert link.stdout.startswith("https://letters.example.org/sign-in/")
    nobody = _command(data, "organiser", "sign-in-link", "nobody@example.org")
    assert (nobody.returncode, "is no organiser" in nobody.stderr) == (1, True)


def test_what_is_kept_is_for_its_own_user_alone(data: Path) -> None:
    (data / "staffroom.db").touch(mode=0o644)
    (data / "staffroom.db").chmod(0o644)
    data.chmod(0o755)
    with running(data) as machine:
        assert f"{data} was open to others on this machine; not any more" in machine.said
        for path in (data, *data.rglob("*")):
            if path != machine.log and not path.is_socket():
                assert path.stat().st_mode & 0o077 == 0, path


def _command(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "staffroom", *words],
        env={**os.environ, "STAFFROOM_DATA_DIR": str(data)},
        cwd=data,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_commands_of_the_readme_send_a_letter_and_wait_for_it(data: Path) -> None:
    letter, people = data / "issue.en.md", data / "members.csv"
    letter.write_text("---\nlanguage: en\nsubject: Hello\npreheader: In short\n---\nWords.\n")
    people.write_text("email,name\nanna@example.org,Anna\n")
    environment = {**os.environ, "STAFFROOM_DATA_DIR": str(data), "STAFFROOM_UNDO_SECONDS": "1"}

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "staffroom", *words], env=environment, cwd=data,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    with running(data) as machine:
        machine.until(lambda: httpx2.get(f"{machine.base}/readyz").status_code == 200)
        assert command("members", "import", str(people), "--source", "fair").returncode == 0
        sent = command("newsletter", "send", str(letter), "--wait")
        assert (sent.returncode, "1 sent, 1 total" in sent.stdout) == (0, True), sent.stderr
        assert f"taken back: {machine.base}/organise/issues/1/progress" in sent.stderr
        assert "Traceback" not in sent.stderr

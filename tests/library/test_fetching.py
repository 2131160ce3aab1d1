"""The fetcher against what a stranger's server, or resolver, may try."""

import gzip
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from library.fetched import FetchProblem
from library.fetching import Fetcher, GuardedBackend
from library.open_internet import is_public
from tests.support.feed_server import FeedServer

NOT_PUBLIC = """
127.0.0.1 127.8.9.1 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 192.0.2.1
198.18.0.1 224.0.0.1 255.255.255.255 240.0.0.1 192.88.99.1 ::1 :: ::ffff:127.0.0.1
::ffff:10.0.0.1 ::127.0.0.1 fe80::1 fe80::1%eth0 fd00::1 fec0::1 ff02::1 64:ff9b::7f00:1
64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: 2001:0:1::1 2001:db8::1 192.0.0.192 168.63.129.16
3fff::1 5f00::1 100::1 fd00:ec2::254 2001:2::1 100.100.100.200 192.0.0.8 4000::1
::ffff:168.63.129.16
""".split()


def _why(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(FetchProblem) as refused:
        fetcher.fetch(url)
    return str(refused.value)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_address_of_a_private_network_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_resolves_to_a_private_address_is_never_connected_to(address: str) -> None:
    backend = GuardedBackend(resolve=lambda _host, _port: [address])
    assert "open internet" in _why(Fetcher("test", backend), "http://feeds.example/")


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    backend = GuardedBackend(resolve=lambda _host, _port: ["93.184.216.34", "127.0.0.1"])
    assert "open internet" in _why(Fetcher("test", backend), "http://feeds.example/")


def test_a_resolver_that_changes_its_answer_gains_nothing(server: FeedServer) -> None:
    """The address that was checked is the address that is connected to; nobody asks twice."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    connected: list[str] = []
    backend = GuardedBackend(resolve=lambda _host, _port: next(answers))

    class Inner:
        def connect_tcp(self, host: str, *_: object) -> object:
            connected.append(host)
            raise OSError("stop here")

    backend._inner = Inner()  # type: ignore[assignment]
    _why(Fetcher("test", backend), "http://feeds.example/")
    assert connected == ["93.184.216.34"]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "javascript:alert(1)",
        "http://user:secret@example.org/", "http:///nothing", "http://[::1", "", "//example.org/x",
    ],
)  # fmt: skip
def test_other_schemes_and_strange_addresses_are_not_fetched(url: str) -> None:
    assert _why(Fetcher("test", GuardedBackend()), url)


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_other_ports_are_not_fetched(port: int) -> None:
    assert str(port) in _why(Fetcher("test", GuardedBackend()), f"http://example.org:{port}/")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://localhost/", "http://2130706433/", "http://0x7f.1/"]
)
def test_this_machine_is_not_fetched_under_any_name(url: str) -> None:
    assert _why(Fetcher("test", GuardedBackend(), deadline=2), url)


def test_a_redirect_into_the_own_network_is_refused(fetcher: Fetcher, server: FeedServer) -> None:
    server.serve("/a", "", status=302, Location="http://169.254.169.254/latest/meta-data/")
    assert "open internet" in _why(fetcher, server.url("/a"))
    server.serve("/b", "", status=302, Location="file:///etc/passwd")
    assert "http://" in _why(fetcher, server.url("/b"))


def test_five_redirects_are_followed_and_not_six(fetcher: Fetcher, server: FeedServer) -> None:
    for n in range(7):
        server.serve(f"/{n}", "", status=301, Location=f"/{n + 1}")
    assert "more than five" in _why(fetcher, server.url("/0"))
    server.serve("/5", "there")
    found = fetcher.fetch(server.url("/0"))
    assert (found.body, found.moved_to) == (b"there", server.url("/5"))


def test_a_move_counts_as_permanent_only_if_all_of_it_is(
    fetcher: Fetcher, server: FeedServer
) -> None:
    server.serve("/0", "", status=301, Location="/1")
    server.serve("/1", "", status=302, Location="/2")
    server.serve("/2", "there")
    assert fetcher.fetch(server.url("/0")).moved_to == server.url("/1")


def test_a_body_over_the_limit_is_not_taken(server: FeedServer) -> None:
    fetcher = Fetcher("test", GuardedBackend([server.host]), largest=1 << 20)
    server.serve("/fits", b"x" * (1 << 20))
    assert len(fetcher.fetch(server.url("/fits")).body) == 1 << 20
    server.serve("/big", b"x" * ((1 << 20) + 1))
    assert "larger than 1 MB" in _why(fetcher, server.url("/big"))


def test_a_gzip_bomb_is_never_unpacked_whole(fetcher: Fetcher, server: FeedServer) -> None:
    bomb = gzip.compress(b"\0" * (200 << 20))
    server.serve("/bomb", bomb, Content_Encoding="gzip")
    assert "larger than 30 MB" in _why(fetcher, server.url("/bomb"))
    server.serve("/good", gzip.compress(b"hello"), Content_Encoding="gzip")
    assert fetcher.fetch(server.url("/good")).body == b"hello"
    server.serve("/broken", b"not gzip", Content_Encoding="gzip")
    assert "packed" in _why(fetcher, server.url("/broken"))


@contextmanager
def _dripping(beginning: bytes) -> Generator[str]:
    """The place of a server that says so much at once, and then a byte at a time."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        connection.sendall(beginning)
        while not over.wait(0.05):
            try:
                connection.sendall(b"x")
            except OSError:
                break
        connection.close()

    thread = threading.Thread(target=drip)
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    over.set()
    thread.join()
    listener.close()


@pytest.mark.parametrize(
    "beginning",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "],
    ids=["its body", "its headers"],
)
def test_a_server_that_drips_is_given_up(beginning: bytes) -> None:
    with _dripping(beginning) as place:
        fetcher = Fetcher("test", GuardedBackend([place]), deadline=0.5)
        assert "slow" in _why(fetcher, f"http://{place}/")


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "let us in"), (403, "let us in"), (404, "nothing"), (410, "gone"), (429, "less often"),
     (500, "error"), (503, "error"), (204, "error")],
)  # fmt: skip
def test_every_refusal_of_a_server_is_said_in_words(
    fetcher: Fetcher, server: FeedServer, status: int, words: str
) -> None:
    server.serve("/x", "", status=status, Retry_After="120")
    with pytest.raises(FetchProblem) as refused:
        fetcher.fetch(server.url("/x"))
    assert words in str(refused.value)
    assert refused.value.is_gone == (status == 410)
    assert refused.value.wait == (120 if status in (429, 500, 503, 204) else None)


def test_nobody_there_is_said_in_words(fetcher: Fetcher) -> None:
    backend = GuardedBackend(["127.0.0.1:1"])
    assert "cannot be reached" in _why(Fetcher("test", backend), "http://127.0.0.1:1/")


def test_it_says_who_asks_and_sends_no_cookie_nor_secret(
    fetcher: Fetcher, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.serve("/x", "hello", Set_Cookie="a=b")
    fetcher.fetch(server.url("/x"))
    fetcher.fetch(server.url("/x"), {"If-None-Match": '"1"'})
    headers = server.asked[-1][1]
    assert headers["user-agent"] == "test"
    assert headers["if-none-match"] == '"1"'
    assert not {"cookie", "authorization", "referer"} & set(headers)

"""A real HTTP server on loopback that serves feeds as the world does: well, badly, or never."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class FeedServer:
    """What is served at each path, and what was asked for."""

    port: int = 0
    pages: dict[str, Callable[[dict[str, str]], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    drip: dict[str, Iterator[bytes]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def host(self) -> str:
        """Its place, as an exception of the guard names it."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """The address of a page."""
        return f"http://{self.host}{path}"

    def serve(self, path: str, body: bytes | str, kind: str = "application/xml",
              status: int = 200, **headers: str) -> str:  # fmt: skip
        """Serve these bytes; returns the address."""
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = lambda _asked: (status, {"Content-Type": kind, **named}, content)
        return self.url(path)

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(asked == path for asked, _ in self.asked)


@contextmanager
def feed_server() -> Generator[FeedServer]:
    """A running server."""
    server = FeedServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = {name.lower(): value for name, value in self.headers.items()}
            with server.lock:
                server.asked.append((self.path, asked))
                server.at_once += 1
                server.most_at_once = max(server.most_at_once, server.at_once)
            try:
                self._answer(asked)
            finally:
                with server.lock:
                    server.at_once -= 1

        def _answer(self, asked: dict[str, str]) -> None:
            page = server.pages.get(self.path)
            status, headers, body = page(asked) if page else (404, {}, b"")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    server.port = httpd.server_address[1]
    threading.Thread(target=httpd.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    httpd.shutdown()
    httpd.server_close()


def rss(*items: str, title: str = "A podcast", language: str = "en") -> str:
    """An RSS 2.0 feed of these items."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{title}</title><link>https://pod.example/</link><language>{language}</language>"
        f"<description>About</description>{''.join(items)}</channel></rss>"
    )


def episode(number: int, title: str = "", **more: str) -> str:
    """One episode of a podcast."""
    extra = "".join(f"<itunes:{name}>{value}</itunes:{name}>" for name, value in more.items())
    return (
        f"<item><title>{title or f'Episode {number}'}</title>"
        f"<link>https://pod.example/{number}</link><guid>ep-{number}</guid>"
        f"<pubDate>Mon, {1 + number % 27:02} Jun 2026 10:00:00 GMT</pubDate>"
        f"<description>About &lt;b&gt;episode&lt;/b&gt; {number}</description>"
        f'<enclosure url="https://pod.example/{number}.mp3" type="audio/mpeg" length="1"/>'
        f"<itunes:duration>1:02:03</itunes:duration><itunes:episode>{number}</itunes:episode>"
        f"{extra}</item>"
    )

"""A bucket over loopback HTTP: as much of S3 as we use, and it checks what it is sent."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


@dataclass
class Objects:
    """What lies in the bucket, by its key, and what it was asked for."""

    bucket: str = "letters"
    kept: dict[str, bytes] = field(default_factory=dict)
    came_at: dict[str, datetime] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_down: bool = False


@contextmanager
def loopback_s3(objects: Objects) -> Generator[str]:
    """A server of these objects; its URL."""

    class Answers(_Answers):
        pass

    Answers.objects = objects
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: Objects

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _key(self) -> str:
        bucket, _, key = unquote(urlsplit(self.path).path).lstrip("/").partition("/")
        assert bucket == self.objects.bucket
        assert self.headers["Authorization"].startswith("AWS4-HMAC-SHA256 ")
        self.objects.asked.append(f"{self.command} {key}")
        return key

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _wrong(self, status: int, code: str) -> None:
        body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
        self._answer(status, body, Content_Type="application/xml")

    def do_PUT(self) -> None:
        """Keep an object whose digest is the one that was signed."""
        key = self._key()
        body = self._body()
        if self.objects.is_down:
            return self._wrong(503, "SlowDown")
        self.objects.kept[key] = body
        self.objects.came_at[key] = datetime.now(UTC)
        return self._answer(200, ETag='"x"')

    def _body(self) -> bytes:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = self.headers["x-amz-content-sha256"]
        if not signed.startswith(("UNSIGNED", "STREAMING")):
            assert signed == hashlib.sha256(body).hexdigest()
        assert "aws-chunked" not in self.headers.get("Content-Encoding", "")
        return body

    def do_GET(self) -> None:
        """An object, a part of it, or the list of all."""
        key = self._key()
        if self.objects.is_down:
            return self._wrong(503, "SlowDown")
        if not key:
            return self._list()
        if key not in self.objects.kept:
            return self._wrong(404, "NoSuchKey")
        return self._part(self.objects.kept[key])

    def _part(self, body: bytes) -> None:
        wanted = self.headers.get("Range", "")
        if not wanted:
            return self._answer(200, body, Accept_Ranges="bytes", ETag='"x"')
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        begin, end = int(first), min(int(last or len(body)), len(body) - 1)
        if begin >= len(body):
            return self._wrong(416, "InvalidRange")
        said = f"bytes {begin}-{end}/{len(body)}"
        return self._answer(206, body[begin : end + 1], Content_Range=said, Accept_Ranges="bytes")

    def _list(self) -> None:
        prefix = parse_qs(urlsplit(self.path).query).get("prefix", [""])[0]
        listed = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>"
            f"{self.objects.came_at[key]:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for key in sorted(self.objects.kept)
            if key.startswith(prefix)
        )
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>"
        self._answer(200, body.encode(), Content_Type="application/xml")

    def do_DELETE(self) -> None:
        """Take an object away."""
        self.objects.kept.pop(self._key(), None)
        self._answer(204)

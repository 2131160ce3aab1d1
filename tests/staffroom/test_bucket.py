"""Large files in a bucket: boto3 over loopback HTTP, and pages that give them out from there."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from core.file_store import Part, missing, sweep_store
from core.installation import Installation
from core.settings import Settings
from library.models import Item
from members.roles import Role
from staffroom.bucket import Bucket
from staffroom.composition import make_file_store
from tests.support import brought
from tests.support.loopback_s3 import Objects, loopback_s3
from tests.support.people import Browser

NAME = f"{'a' * 32}.pdf"


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Iterator[Objects]:
    """What lies in a bucket that boto3 finds."""
    objects = Objects()
    with loopback_s3(objects) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        yield objects


@pytest.fixture
def in_bucket(installation: Installation, objects: Objects) -> Installation:
    """An installation whose files lie there."""
    settings = installation.settings.model_copy(update={"files": "s3://letters/ours"})
    return replace(installation, settings=settings, files=make_file_store(settings))


def _whole(part: object) -> bytes:
    assert isinstance(part, Part)
    return b"".join(part.chunks)


def test_a_bucket_keeps_gives_lists_and_forgets(objects: Objects) -> None:
    bucket = Bucket("letters", "ours")
    bucket.put(NAME, io.BytesIO(b"0123456789"))
    assert objects.kept == {f"ours/{NAME}": b"0123456789"}
    assert _whole(bucket.find(NAME)) == b"0123456789"
    part = bucket.find(NAME, "bytes=2-4")
    assert isinstance(part, Part)
    assert (part.status, _whole(part)) == (206, b"234")
    assert part.headers["content-range"] == "bytes 2-4/10"
    assert bucket.find("b.pdf") is None
    assert [name for name, _ in bucket.listed()] == [NAME]
    for _ in range(2):
        bucket.remove(NAME)
    assert objects.kept == {}


def test_a_file_is_brought_and_given_out_from_a_bucket(
    in_bucket: Installation, objects: Objects
) -> None:
    content = brought.wav(1)
    with Browser.of(in_bucket) as browser:
        editor = browser.sign_in("ed@example.org", Role.EDITOR)
        upload = [("files", ("a.wav", content))]
        editor.post("/organise/library/files", {"publish": "1"}, files=upload)
        with in_bucket.reading() as work:
            item = work.session.query(Item).one()
            assert missing(in_bucket.files, work) == []
        assert objects.kept == {f"ours/{item.file}": content}
        whole = editor.client.get("/library/a/file.wav")
        assert (whole.status_code, whole.content) == (200, content)
        assert whole.headers["content-type"] == "audio/wav"
        part = editor.client.get("/library/a/file.wav", headers={"Range": "bytes=5-9"})
        assert (part.status_code, part.content) == (206, content[5:10])
        assert part.headers["content-range"] == f"bytes 5-9/{len(content)}"
        head = editor.client.head("/library/a/file.wav")
        assert (head.status_code, head.content) == (200, b"")
        objects.kept.clear()
        assert editor.client.get("/library/a/file.wav").status_code == 404
        with in_bucket.reading() as work:
            assert missing(in_bucket.files, work) == [item.file]


def test_a_bucket_that_does_not_answer_loses_nothing(
    in_bucket: Installation, objects: Objects
) -> None:
    objects.is_down = True
    with Browser.of(in_bucket) as browser:
        editor = browser.sign_in("ed@example.org", Role.EDITOR)
        sent = editor.client.post(
            "/organise/library/files", files=[("files", ("a.pdf", brought.pdf()))]
        )
        assert sent.status_code == 503
        with in_bucket.reading() as work:
            assert work.session.query(Item).count() == 0


def test_what_no_row_names_is_swept_from_a_bucket(
    in_bucket: Installation, objects: Objects
) -> None:
    in_bucket.files.put(NAME, io.BytesIO(b"x"))
    for theirs in ("backups/db.dump", "ours/sub/folder.pdf", "ours/notes.pdf"):
        objects.kept[theirs], objects.came_at[theirs] = b"x", objects.came_at[f"ours/{NAME}"]
    with in_bucket.reading() as work:
        came_at = objects.came_at[f"ours/{NAME}"]
        assert sweep_store(in_bucket.files, work, came_at - timedelta(days=1)) == 0
        assert sweep_store(in_bucket.files, work, came_at + timedelta(days=1)) == 1
    assert set(objects.kept) == {"backups/db.dump", "ours/sub/folder.pdf", "ours/notes.pdf"}


@pytest.mark.parametrize(
    "wrong", ["letters", "s3://", "s3://letters", "s3://letters/", "https://s3.example/letters"]
)
def test_a_setting_that_names_no_bucket_is_refused(settings: Settings, wrong: str) -> None:
    with pytest.raises(ValueError, match=r"bucket|s3://"):
        Settings(files=wrong)  # type: ignore[call-arg]

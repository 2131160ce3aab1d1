"""Large files in a bucket of Amazon S3, or of whoever speaks like it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError

from core.errors import Unavailable
from core.file_store import OWN_NAME, Part

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

CHUNK = 256 * 1024
_NOT_THERE = ("NoSuchKey", "404")
_NO_SUCH_PART = ("InvalidRange", "416")


@dataclass(frozen=True)
class Bucket:
    """Files under a prefix of a bucket; boto3 finds region, keys and endpoint as it always does."""

    bucket: str
    prefix: str = ""

    @cached_property
    def _client(self) -> "S3Client":
        import boto3
        from botocore.config import Config

        patient = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 3})
        return boto3.client("s3", config=patient)

    def put(self, name: str, file: BinaryIO) -> None:
        """Send a file, from the disk. Raises Unavailable if the bucket does not take it."""
        file.seek(0)
        try:
            self._client.put_object(Bucket=self.bucket, Key=self._key(name), Body=file)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"the bucket does not take a file: {error}") from error

    def find(self, name: str, wanted: str = "") -> Part | None:
        """A file, or the part that a browser wants. Raises Unavailable."""
        options = {"Range": wanted} if wanted else {}
        try:
            found = self._client.get_object(Bucket=self.bucket, Key=self._key(name), **options)  # type: ignore[arg-type]
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _NOT_THERE:
                return None
            if code in _NO_SUCH_PART:
                return Part(416, {}, iter(()))
            raise Unavailable(f"the bucket does not give a file: {code}") from error
        except BotoCoreError as error:
            raise Unavailable(f"the bucket does not answer: {error}") from error
        return _part(found)

    def listed(self) -> Iterator[tuple[str, datetime]]:
        """All files of ours in the bucket; others may keep something beside them."""
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=self._key("")):
            for one in page.get("Contents", []):
                name = one["Key"].removeprefix(self._key(""))
                if OWN_NAME.fullmatch(name):
                    yield name, one["LastModified"]

    def remove(self, name: str) -> None:
        """Delete one."""
        with suppress(BotoCoreError, ClientError):  # it is tried again in an hour
            self._client.delete_object(Bucket=self.bucket, Key=self._key(name))

    def _key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name


def _part(found: "GetObjectOutputTypeDef") -> Part:
    said = found["ResponseMetadata"]
    names = {"content-length", "content-range", "accept-ranges", "etag"}
    headers = {k: v for k, v in said["HTTPHeaders"].items() if k.lower() in names}
    return Part(said["HTTPStatusCode"], headers, found["Body"].iter_chunks(CHUNK))

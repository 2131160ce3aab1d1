"""The settings of the files that a community keeps."""

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

BUCKET = "s3://"
MEGABYTE = 1024 * 1024


class FileSettings(BaseSettings):
    """Where slides, documents and recordings lie, and how large they may be."""

    files: str = Field(
        "",
        description="Where the library's files lie: a bucket, as `s3://name/folder`, reached with "
        "boto3's own settings; empty: the folder `files` in the data directory.",
    )
    largest_file: int = Field(
        100,
        ge=1,
        le=1000,
        description="Megabytes that a file of the library may have, such as a recording.",
    )

    @field_validator("files")
    @classmethod
    def _bucket(cls, value: str) -> str:
        if value and not value.startswith(BUCKET):
            raise ValueError("must begin with s3://, or be empty for a folder of this machine")
        bucket, _, folder = value.removeprefix(BUCKET).strip("/").partition("/")
        if value and not (bucket and folder):
            raise ValueError("must name a bucket and a folder of our own in it: s3://name/folder")
        return value.rstrip("/")

    @property
    def largest_file_bytes(self) -> int:
        """The same in bytes."""
        return self.largest_file * MEGABYTE

"""The settings of how mail is sent, what is heard of it afterwards, and who may watch."""

from ipaddress import ip_network
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

Words = Annotated[tuple[str, ...], NoDecode]


class MailSettings(BaseSettings):
    """How mail is sent and followed."""

    ses_configuration_set: str = Field("", description="SES configuration set for all mail.")
    ses_rate: float | None = Field(
        None, gt=0, description="Recipients a second; empty: what the SES account allows."
    )
    ses_bulk: bool = Field(
        True, description="`false` sends newsletters with one SendEmail per person."
    )
    undo_seconds: int = Field(
        60, ge=0, le=600, description="How long an issue can be taken back before it goes out."
    )
    ses_events_queue: str = Field(
        "",
        description="URL of the SQS queue in which SES tells what became of mails; see "
        "docs/ses.md.",
    )
    ses_events_topics: Words = Field(
        (),
        description="SNS topics (ARN) that SES tells it to, comma-separated. Needed for "
        "`/hooks/ses`; with a queue, what comes from others is refused.",
    )
    metrics_networks: Words = Field(
        (),
        description="Addresses or networks that may read `/metrics`, comma-separated; empty: "
        "nobody.",
    )

    @field_validator("ses_events_topics", "metrics_networks", mode="before")
    @classmethod
    def _split_words(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("ses_events_topics")
    @classmethod
    def _arns(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            if len(value.split(":")) != 6 or not value.startswith("arn:aws"):
                raise ValueError(f"“{value[:60]}” is no topic: arn:aws:sns:region:account:name")
        return values

    @field_validator("ses_events_queue")
    @classmethod
    def _queue(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("must be the URL of a queue, as the SQS console shows it")
        return value

    @field_validator("metrics_networks")
    @classmethod
    def _watchers(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                ip_network(value)
            except ValueError:
                raise ValueError(f"“{value[:60]}” is no address or network") from None
        return values

"""Every setting, read once: from the environment, `staffroom.env` and `.env`, and `_FILE` variants.

All that is wrong is said at once, each in a line that names the variable.
"""

import os
from ipaddress import ip_address, ip_network
from pathlib import Path
from socket import inet_aton
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from core.errors import SettingsError
from core.file_settings import FileSettings
from core.mail_settings import MailSettings
from core.mailboxes import Mailbox, parse_mailbox, takes_no_answers
from core.own_key import IS_KEY, own_key
from core.privacy_settings import PrivacySettings
from core.team_settings import TeamSettings

PREFIX = "STAFFROOM_"

Words = Annotated[tuple[str, ...], NoDecode]
Keys = Annotated[tuple[SecretStr, ...], NoDecode]


def _is_of_this_machine(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name) if ":" in name else ip_address(inet_aton(name))
    except (OSError, ValueError):
        return False
    return address.is_loopback or address.is_unspecified


class Settings(PrivacySettings, TeamSettings, MailSettings, FileSettings):
    """The settings of one installation. Each field's description is its documentation."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=(".env", "staffroom.env"),
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    env: Literal["development", "production"] = Field(
        "development",
        description="`production` refuses to start without secrets, https, SES, and addresses of "
        "one's own.",
    )
    base_url: str = Field(
        "http://127.0.0.1:8000", description="Address of the site; every link in a mail begins so."
    )
    community_name: str = Field(
        "Learning Conversations", min_length=1, max_length=80, description="Name of the community."
    )
    secret_keys: Keys = Field(
        (),
        description="Keys that sign links, comma-separated, newest first, 32 characters or more "
        "each. In development one is made and kept in the data directory.",
    )
    data_dir: Path = Field(Path("data"), description="Folder for database, outbox and keys.")
    database_url: str = Field(
        "", description="SQLAlchemy URL; empty: SQLite in the data directory."
    )
    redis_url: str = Field(
        "", description="Valkey or Redis; empty: the embedded Valkey that `staffroom run` starts."
    )
    mail: Literal["outbox", "ses"] = Field(
        "outbox", description="`outbox` keeps mail on this machine, `ses` sends it."
    )
    outbox_dir: Path | None = Field(
        None, description="Folder of the outbox; empty: `outbox` in the data directory."
    )
    mail_from: str = Field(
        "Learning Conversations <letters@staffroom.example>", description="Sender of all mail."
    )
    reply_to: str = Field(
        "",
        description="Where answers to mails go: a mailbox that somebody reads. Empty: to the "
        "sender. An owner may write it in the browser instead.",
    )
    test_mode_to: str = Field(
        "", description="Reroutes every mail to this address, and says so on every page."
    )
    disposable_domains: Words = Field(
        (), description="Mail domains that may not subscribe, comma-separated."
    )
    allowed_origins: Words = Field(
        (), description="Other sites whose scripts may use the JSON sign-up, comma-separated."
    )
    sign_ups_per_network: str = Field(
        "2000/hour",
        description="Sign-up mail that one network (/24, /64) may cause: a whole school is behind "
        "one address.",
    )
    sign_ups_in_all: str = Field(
        "5000/hour", description="Sign-up mail that all visitors together may cause."
    )
    form_seconds: float = Field(
        2.0, ge=0, le=30, description="A sign-up form sent sooner than this waits until then."
    )
    proof_bits: int = Field(
        0,
        ge=0,
        le=24,
        description="Work that a browser does before it may subscribe: 16 is about a second, "
        "0 none. Who did not do it is kept for review.",
    )
    feed_hosts: Words = Field(
        (),
        description="Places in one's own network that feeds may come from and be heard from, as "
        "`host:port`, comma-separated; all others must be on the open internet.",
    )
    trusted_proxies: Words = Field(
        ("127.0.0.1", "::1"),
        description="Addresses or networks of proxies whose `X-Forwarded-For` is believed, "
        "comma-separated. One that is missing here makes all its visitors one network.",
    )
    time_zone: str = Field("Europe/Helsinki", description="Zone of dates on public pages.")
    lease_seconds: int = Field(
        30, ge=2, le=600, description="How long a worker keeps reserved deliveries to itself."
    )
    tick_seconds: float = Field(
        15.0, ge=0.2, le=60, description="How often due work is looked for."
    )
    log_format: Literal["console", "json"] = Field("console", description="How logs are written.")

    @field_validator(
        "secret_keys",
        "disposable_domains",
        "allowed_origins",
        "feed_hosts",
        "trusted_proxies",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("base_url")
    @classmethod
    def _plain_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must begin with http:// or https:// and name a host")
        if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
            raise ValueError("must be scheme and host only, such as https://letters.example.org")
        return value.rstrip("/")

    @field_validator("secret_keys")
    @classmethod
    def _long_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(not IS_KEY.fullmatch(key.get_secret_value()) for key in keys):
            raise ValueError("each key needs 32 characters or more, and no spaces or brackets")
        return keys

    @field_validator("mail_from", "reply_to", "test_mode_to")
    @classmethod
    def _address(cls, value: str) -> str:
        if value:
            parse_mailbox(value)
        return value

    @field_validator("sign_ups_per_network", "sign_ups_in_all")
    @classmethod
    def _rate(cls, value: str) -> str:
        from limits import parse

        parse(value)
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                network = ip_network(value)
            except ValueError:
                raise ValueError(
                    f"“{value[:60]}” is no address or network, such as 172.17.0.0/16"
                ) from None
            if network.prefixlen == 0:
                raise ValueError("names everybody as a proxy: name the one that stands before us")
        return values

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        from zoneinfo import available_timezones

        if value not in available_timezones():
            raise ValueError("must be a zone such as Europe/Helsinki")
        return value

    @model_validator(mode="after")
    def _fit_for_production(self) -> "Settings":
        problems = self._unfit() if self.env == "production" else []
        if self.mail == "ses" and "mail_from" not in self.model_fields_set:
            problems.append(f"{PREFIX}MAIL_FROM: must be set to a verified address for SES")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _unfit(self) -> list[str]:
        """What must not be so where people rely on it. The outbox shows sign-in links."""
        wrong = {
            "SECRET_KEYS: must be set in production": not self.secret_keys,
            "BASE_URL: must be set in production": "base_url" not in self.model_fields_set,
            "BASE_URL: must begin with https:// in production": not self.is_https,
            "BASE_URL: must name the host that people use, not this machine": _is_of_this_machine(
                self.host
            ),
            "MAIL_FROM: must be an address of yours, not the example": self.mail_from.endswith(
                ("staffroom.example", "staffroom.example>")
            ),
            "REPLY_TO: must be a mailbox that somebody reads, not one that takes no answers": (
                takes_no_answers(self.reply_to)
            ),
            "MAIL: must be `ses` in production; the outbox sends nothing": self.mail != "ses",
        }
        return [f"{PREFIX}{line}" for line, is_wrong in wrong.items() if is_wrong]

    @classmethod
    def settings_customise_sources(  # type: ignore[override]
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        **_: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, `_FILE` variants, and the files."""
        return init_settings, env_settings, _FileVariants(settings_cls), dotenv_settings

    @property
    def is_https(self) -> bool:
        """Whether the site is served over https, so that cookies can be strict."""
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        """The host of the site."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def sender(self) -> Mailbox:
        """Who all mail is from."""
        return parse_mailbox(self.mail_from)

    @property
    def answers_to(self) -> str:
        """Where answers go, as a header field; empty: to the sender."""
        return parse_mailbox(self.reply_to).header if self.reply_to else ""

    @property
    def outbox(self) -> Path:
        """The folder of the outbox."""
        return self.outbox_dir or self.data_dir / "outbox"

    @property
    def database(self) -> str:
        """The SQLAlchemy URL, with the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'staffroom.db'}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The secret keys as text, newest first."""
        return tuple(key.get_secret_value() for key in self.secret_keys)


class _FileVariants(PydanticBaseSettingsSource):
    """`STAFFROOM_X_FILE=/run/secrets/x` gives STAFFROOM_X the content of that file."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        return (Path(path).read_text("utf-8").strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {}
        for name, field in self.settings_cls.model_fields.items():
            value, _, _ = self.get_field_value(field, name)
            if value is not None:
                found[name] = value
        return found


def load_settings(runs_at: str = "", *, is_begun: bool = False, **overrides: object) -> Settings:
    """The settings of this process; `overrides` win over the environment.

    `runs_at` is the address of a site about to start, for whoever has not set another; where it
    `is_begun`, its folder is there already.
    Raises SettingsError with a line for everything that is wrong.
    """
    try:
        settings = _where_it_runs(Settings(**overrides), runs_at)  # type: ignore[arg-type]
        if is_begun:
            _check_begun(settings)
        return _with_own_key(settings)
    except ValidationError as error:
        raise SettingsError(_problems(error)) from None
    except OSError as error:
        raise SettingsError([f"{error.filename}: {error.strerror}"]) from None


def _check_begun(settings: Settings) -> None:
    """A command in the wrong folder says so, and leaves nothing behind. Raises SettingsError."""
    is_elsewhere = settings.secret_keys and settings.database_url
    if not is_elsewhere and not settings.data_dir.exists():
        folder = settings.data_dir.absolute()
        line = (
            f"{PREFIX}DATA_DIR: there is nothing in {folder} yet; go to the folder where "
            "`staffroom run` runs, or name its data here"
        )
        raise SettingsError([line])


def _problems(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for problem in error.errors():
        text = problem["msg"].removeprefix("Value error, ")
        name = ".".join(str(part) for part in problem["loc"][:1]).upper()
        lines.extend([f"{PREFIX}{name}: {text}"] if name else text.splitlines())
    return lines


def running_address(data_dir: Path) -> Path:
    """The file in which `staffroom run` notes its address, for commands beside it."""
    return data_dir / "base-url"


def _where_it_runs(settings: Settings, runs_at: str) -> Settings:
    """A link that a command prints leads to the site that runs on the same data."""
    noted = running_address(settings.data_dir)
    if settings.env == "production" or "base_url" in settings.model_fields_set:
        return settings
    if not runs_at and not noted.exists():
        return settings
    base_url = runs_at or noted.read_text("utf-8").strip()
    return settings.model_copy(update={"base_url": base_url})


def _with_own_key(settings: Settings) -> Settings:
    """Development needs no configuration: its key is made once and kept beside the data."""
    if settings.secret_keys:
        return settings
    key = SecretStr(own_key(settings.data_dir))
    return settings.model_copy(update={"secret_keys": (key,)})

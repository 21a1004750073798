"""Settings: `babeldesk.toml`, overridden by the environment; read once, frozen, and wrong ones named."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from bot.errors import ConfigurationError

FILE = "babeldesk.toml"

DATABASE = "babeldesk.db"
"""The file in the data folder, where no other database is set."""

BUILT_IN = "multilingual-e5-small"
"""The encoder that comes with Babeldesk; any other is a folder or a model of the Hugging Face hub."""


def _plain(name: str) -> AliasChoices:
    """The environment variable without our prefix, and the name in the file."""
    return AliasChoices(name.upper(), name)


class Settings(BaseSettings):
    """Every setting, with its default. `docs/settings.md` is the owner's list."""

    model_config = SettingsConfigDict(
        env_prefix="BABELDESK_", toml_file=FILE, extra="forbid", frozen=True, env_ignore_empty=True
    )

    # where and how to serve
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str | None = None
    data_dir: Path = Path("data")
    pack: str = "ecommerce"
    admin_password: SecretStr | None = None
    secret_key: SecretStr | None = Field(default=None, validation_alias=_plain("secret_key"))
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", validation_alias=_plain("log_level")
    )

    # services
    database_url: SecretStr | None = Field(default=None, validation_alias=_plain("database_url"))
    nats_url: str | None = Field(default=None, validation_alias=_plain("nats_url"))
    telegram_bot_token: SecretStr | None = Field(default=None, validation_alias=_plain("telegram_bot_token"))
    telegram_api_base_url: str | None = Field(default=None, validation_alias=_plain("telegram_api_base_url"))
    slack_bot_token: SecretStr | None = Field(default=None, validation_alias=_plain("slack_bot_token"))
    slack_signing_secret: SecretStr | None = Field(default=None, validation_alias=_plain("slack_signing_secret"))
    slack_app_token: SecretStr | None = Field(default=None, validation_alias=_plain("slack_app_token"))
    slack_api_base_url: str | None = Field(default=None, validation_alias=_plain("slack_api_base_url"))
    slack_desk_channel: str | None = None
    llm_base_url: str | None = Field(default=None, validation_alias=_plain("llm_base_url"))
    llm_api_key: SecretStr | None = Field(default=None, validation_alias=_plain("llm_api_key"))
    llm_model: str | None = Field(default=None, validation_alias=_plain("llm_model"))
    actions_url: str | None = None
    actions_token: SecretStr | None = None

    # web chat
    direct_line_secret: SecretStr | None = None
    rest_token: SecretStr | None = None
    allowed_origins: tuple[str, ...] = ("*",)

    # the model
    encoder_source: str = BUILT_IN
    encoder_variant: Literal["full", "fast"] = "full"
    encoder_threads: int = Field(default=0, ge=0, description="0: as many as there are cores, at most 4")
    encoder_cache_mb: int = Field(default=16, ge=0, description="0: every message is read anew")
    understand_timeout: float = Field(default=5.0, gt=0)

    # the people at the desk; times in seconds
    assignment: Literal["automatic", "pull"] = "automatic"
    offer_seconds: float = Field(default=60.0, gt=0)
    agent_capacity: int = Field(default=4, ge=0, le=100)
    language_wait: float = Field(default=120.0, ge=0)
    away_after: float = Field(default=300.0, gt=0)
    offline_after: float = Field(default=900.0, gt=0)
    place_every: float = Field(default=60.0, ge=0, description="0: customers are not told their place")
    sla_first_answer: int = Field(default=600, ge=0, description="0: no target")
    sla_resolution: int = Field(default=28_800, ge=0, description="0: no target")
    sla_warning: float = Field(default=0.75, gt=0, lt=1)

    # limits
    max_upload: int = Field(default=20_000_000, gt=0)
    max_waiting: int = Field(default=10_000, gt=0)
    drain_seconds: float = Field(default=10.0, ge=0)

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fast_is_built_in(self) -> Self:
        if self.encoder_variant == "fast" and self.encoder_source != BUILT_IN:
            raise ValueError(f"encoder_variant is fast, which {self.encoder_source} has no variant of; {BUILT_IN} has")
        return self

    @field_validator("slack_desk_channel")
    @classmethod
    def _an_id(cls, value: str | None) -> str | None:
        if value is not None and re.fullmatch("[CG][A-Z0-9]{3,}", value) is None:
            raise ValueError(f"{value!r} is no channel's id, which looks like C0123456789; its name does not do")
        return value

    @model_validator(mode="after")
    def _desk_needs_slack(self) -> Self:
        if self.slack_desk_channel is not None and self.slack_bot_token is None:
            raise ValueError("slack_desk_channel is set, and SLACK_BOT_TOKEN is not: there is no Slack to have it in")
        return self

    @model_validator(mode="after")
    def _away_before_offline(self) -> Self:
        if self.offline_after <= self.away_after:
            raise ValueError(f"offline_after is {self.offline_after}, which is not after away_after, {self.away_after}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given in code goes before the environment, and that before the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def database(self) -> str:
        """The database's URL: the one that is set, or SQLite in the data folder."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{(self.data_dir / DATABASE).absolute()}"

    @property
    def encoder(self) -> str:
        """The name of the encoder: its source, and the variant if that is not the full one."""
        return (
            self.encoder_source if self.encoder_variant == "full" else f"{self.encoder_source}-{self.encoder_variant}"
        )

    @property
    def threads(self) -> int:
        """Threads for the encoder."""
        return self.encoder_threads or min(4, os.cpu_count() or 1)

    def secret(self) -> str:
        """The key that signs tokens: the one that is set, or one made once and kept in the data folder."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        file = self.data_dir / "secret.key"
        try:
            return file.read_text().strip()
        except FileNotFoundError:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            key = secrets.token_urlsafe(48)
            try:
                handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:  # another process was quicker
                return file.read_text().strip()
            with os.fdopen(handle, "w") as out:
                out.write(key)
            return key


def read_settings() -> Settings:
    """Read the settings.

    Raises:
        ConfigurationError: names every setting that is wrong, and why; never shows a secret's value.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()]
        raise ConfigurationError("wrong settings (babeldesk.toml or environment):\n  " + "\n  ".join(lines)) from None
    except (ValueError, OSError) as error:  # a file that is no TOML
        raise ConfigurationError(f"{FILE}: {error}") from None

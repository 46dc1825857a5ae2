"""The settings of a deployment, read from the environment and refused in one sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.hosts import host_of, is_loopback, is_slack

SLACK_API_URL = "https://slack.com/api/"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
PREFIXES = {"slack_bot_token": "xoxb-", "slack_app_token": "xapp-"}


class BadSettings(Exception):
    """Some settings can't be used; *sentences* say which and what to do."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__("\n".join(sentences))


def _env(name: str, **more: Any) -> Any:
    return Field(validation_alias=AliasChoices(name), **more)


class Settings(BaseSettings):
    """What the environment says. Secrets are `SecretStr`: they show as stars wherever they are printed."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    slack_bot_token: SecretStr | None = _env("SLACK_BOT_TOKEN", default=None)
    slack_app_token: SecretStr | None = _env("SLACK_APP_TOKEN", default=None)
    slack_signing_secret: SecretStr | None = _env("SLACK_SIGNING_SECRET", default=None)
    slack_api_url: str = _env("SLACK_API_URL", default=SLACK_API_URL)
    database: SecretStr | None = _env("REDRESS_DATABASE_URL", default=None)
    data: Path = _env("REDRESS_DATA", default=Path("data"))
    desk: Path | None = _env("REDRESS_DESK", default=None)
    policies: Path | None = _env("REDRESS_POLICIES", default=None)
    clock_file: Path | None = _env("REDRESS_CLOCK_FILE", default=None)
    http_port: int | None = _env("REDRESS_HTTP_PORT", default=None, ge=1, le=65535)
    http_host: str = _env("REDRESS_HTTP_HOST", default="127.0.0.1")
    log_level: str = _env("REDRESS_LOG_LEVEL", default="INFO")

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def _is_such_a_token(cls, value: SecretStr | None, info: Any) -> SecretStr | None:
        prefix = PREFIXES[info.field_name]
        if value is not None and not value.get_secret_value().strip().startswith(prefix):
            raise ValueError(f"must begin with {prefix}; copy it from the app's page at api.slack.com")
        return None if value is None else SecretStr(value.get_secret_value().strip())

    @field_validator("slack_api_url")
    @classmethod
    def _is_a_web_api(cls, value: str) -> str:
        if host_of(value) is None or not value.startswith(("https://", "http://")):
            raise ValueError("must be a web address such as https://slack.com/api/")
        return value if value.endswith("/") else f"{value}/"

    @field_validator("policies")
    @classmethod
    def _is_a_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"{value} is no folder; name the one with your policy files, or remove the variable")
        return value

    @field_validator("log_level")
    @classmethod
    def _is_a_level(cls, value: str) -> str:
        if value.upper() not in LEVELS:
            raise ValueError(f"must be one of {', '.join(LEVELS)}")
        return value.upper()

    @model_validator(mode="after")
    def _tokens_stay_with_slack(self) -> Settings:
        has_token = self.slack_bot_token or self.slack_app_token
        if has_token and not (is_slack(self.slack_api_url) or is_loopback(self.slack_api_url)):
            raise ValueError(
                f"SLACK_API_URL names the host {host_of(self.slack_api_url)}, which is neither Slack's nor "
                "this machine; no token is sent there. Use https://slack.com/api/ or a loopback address"
            )
        return self

    @model_validator(mode="after")
    def _clock_file_only_at_home(self) -> Settings:
        if self.clock_file is not None and not is_loopback(self.slack_api_url):
            raise ValueError(
                "REDRESS_CLOCK_FILE works only while SLACK_API_URL is a loopback address; remove it, or the "
                "desk would keep made-up time against a real Slack"
            )
        return self

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL; a SQLite file in the data folder where none is given."""
        if self.database is not None:
            return self.database.get_secret_value()
        return f"sqlite:///{(self.data / 'redress.sqlite3').absolute()}"

    @property
    def is_socket_mode(self) -> bool:
        return self.slack_app_token is not None

    def refuse_unless_it_can_run(self) -> None:
        """
        Check what `redress run` needs beyond single settings.

        Raises:
            BadSettings: with a sentence for each thing that is missing.
        """
        missing = []
        if self.slack_bot_token is None:
            missing.append("SLACK_BOT_TOKEN is not set; install the app and copy its bot token (xoxb-…).")
        if not self.is_socket_mode and self.http_port is None:
            missing.append("Set SLACK_APP_TOKEN for Socket Mode, or REDRESS_HTTP_PORT for signed HTTP.")
        if not self.is_socket_mode and self.slack_signing_secret is None:
            missing.append("SLACK_SIGNING_SECRET is not set; without it no request over HTTP can be trusted.")
        if missing:
            raise BadSettings(missing)


_NAMES = {
    name: field.validation_alias.choices[0]
    for name, field in Settings.model_fields.items()
    if isinstance(field.validation_alias, AliasChoices)
}


def load_settings(given: Mapping[str, Any] | None = None) -> Settings:
    """
    Read the settings from the environment, or from *given* (variable name to text) instead.

    Raises:
        BadSettings: with one sentence for each setting that can't be used.
    """
    try:
        if given is None:
            return Settings()
        return Settings.model_validate({k: v for k, v in given.items() if v not in ("", None)})
    except ValidationError as error:
        raise BadSettings([_sentence(e) for e in error.errors()]) from None


def _sentence(error: Any) -> str:
    message = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return f"{message}."
    name = str(error["loc"][0])
    return f"{_NAMES.get(name, name)}: {message[0].lower()}{message[1:]}."

"""Which settings does the engine take from its environment?

All of them begin with `CITES_` and may stand in a `.env` file of the working directory.
"""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS = Path("/run/secrets")  # where Docker and its like put the secrets of a container


class SettingRefused(Exception):
    """A setting has a value that the engine does not understand; says which one, what is wanted, the cure."""


class Settings(BaseSettings):
    """The engine's settings. Addresses that may hold a password are secrets and never print."""

    model_config = SettingsConfigDict(
        env_prefix="CITES_",
        env_file=".env",
        extra="ignore",
        secrets_dir=SECRETS if SECRETS.is_dir() else None,  # cites_database_url, and so on: a file each
    )

    database_url: SecretStr = SecretStr("")
    gateway_url: SecretStr = SecretStr("")
    mail_from: str = "Cités éducatives <relances@cites-educatives.test>"
    mail_reply_to: str = ""
    redirect_all_to: str = ""
    mailbox_url: SecretStr = SecretStr("")
    portal_url: str = "https://demarche.numerique.gouv.fr/api/v2/graphql"
    portal_token: SecretStr = SecretStr("")
    server_login: SecretStr = SecretStr("")
    prefect_database_url: SecretStr = SecretStr("")
    redis_url: SecretStr = SecretStr("")
    log_format: Literal["text", "json"] = "text"
    partitions: Literal["here", "workers"] = "here"
    home: Path = Field(default=Path("var"), description="where the embedded database, mail and Prefect's files live")

    dashboard_url: str = Field(default="", description="where `cites up` serves the dashboards, for the reports' links")

    def database(self) -> str:
        """The SQLAlchemy URL of the engine's database."""
        return self.database_url.get_secret_value() or f"sqlite:///{(self.home / 'cites.db').absolute()}"

    def gateway(self) -> str:
        """The Apprise URL letters leave by; by default a folder of .eml files."""
        return self.gateway_url.get_secret_value() or f"mailfolder://{(self.home / 'mail').absolute()}"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once. Raises `SettingRefused`, which names no value: it may be a secret."""
    try:
        return Settings()
    except ValidationError as refused:
        said = ", ".join(f"CITES_{str(each['loc'][0]).upper()} ({each['msg']})" for each in refused.errors())
        raise SettingRefused(f"not understood: {said}: see the table of settings in README.md") from None

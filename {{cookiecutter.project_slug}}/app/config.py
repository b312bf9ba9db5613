"""Settings, read from the environment and from `.env`; the environment wins."""

from functools import lru_cache
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.exc import SQLAlchemyError

# % if cookiecutter.events == "kafka"
from app.kafka.settings import KafkaSettings
# % endif
from app.utils.database_url import DRIVERS, connect_arguments, with_driver

PLACEHOLDER = "change-me"
# RFC 7518 §3.2: a key of HS256 has at least the size of the hash.
MIN_SECRET_BYTES = 32


class Settings(
    # % if cookiecutter.events == "kafka"
    KafkaSettings,
    # % endif
    BaseSettings,
):
    """One field a variable, named alike in capitals. Those without a default must be given."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    app_name: str = "Post Service"
    environment: Literal["development", "production"] = "development"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    database_url: str = Field(repr=False)
    database_pool_size: int = Field(default=10, ge=1)
    # Seconds that a request waits for a connection before it is answered with 503.
    database_pool_timeout: float = Field(default=5, gt=0)
    # Seconds that a statement may take on PostgreSQL, a wait for a lock included.
    database_statement_timeout: float = Field(default=10, gt=0)

    jwt_secret: SecretStr
    jwt_issuer: str = "app"
    jwt_audience: str = "app"
    access_token_minutes: int = Field(default=15, ge=1, le=24 * 60)
    # Sign-ins that a client may try for an account in so many seconds; 0 sets no limit.
    sign_in_attempts: int = Field(default=20, ge=0)
    sign_in_window_seconds: float = Field(default=60, gt=0)

    cors_origins: tuple[str, ...] = ()
    max_body_bytes: int = Field(default=1_048_576, ge=1)

    @field_validator("database_url")
    @classmethod
    def name_the_driver(cls, value: str) -> str:
        """Add the driver where the URL names none. Refuses what cannot be used here."""
        try:
            url = with_driver(value)
            dialect = url.get_dialect()
            dialect.import_dbapi()
        except (SQLAlchemyError, ImportError, ValueError) as error:
            raise ValueError("not a URL of a database whose driver is installed") from error
        if not dialect.is_async:
            raise ValueError(f"needs an asynchronous driver: {', '.join(sorted(set(DRIVERS.values())))}")
        try:
            connect_arguments(url)
        except OSError as error:
            raise ValueError(f"names a file that cannot be read: {error}") from error
        return url.render_as_string(hide_password=False)

    @model_validator(mode="after")
    def refuse_unsafe(self) -> Self:
        """Refuse what must not be exposed: every site as a trusted origin, a secret others know."""
        if "*" in self.cors_origins:
            raise ValueError("CORS_ORIGINS must name the origins: `*` would let any site act for the user")
        secret = self.jwt_secret.get_secret_value()
        if self.environment == "production" and (
            secret.startswith(PLACEHOLDER) or len(secret.encode()) < MIN_SECRET_BYTES
        ):
            raise ValueError(f"JWT_SECRET must be a random value of at least {MIN_SECRET_BYTES} bytes")
        return self


@lru_cache
def get_settings() -> Settings:
    """The settings of this process. Ends it with one sentence, naming no value, where they are wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        variable = "_".join(str(part) for part in first["loc"]).upper()
        where = f"{variable}: " if variable else ""
        raise SystemExit(f"Wrong settings: {where}{first['msg']}. See .env.example.") from None

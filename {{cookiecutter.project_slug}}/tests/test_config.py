"""Settings refuse what is unsafe."""

import pytest
from pydantic import SecretStr, ValidationError

from app.config import Settings, get_settings

SECRET = SecretStr("x" * 32)


@pytest.mark.parametrize("secret", ["change-me", "change-me" * 10, "x" * 31])
def test_production_needs_a_secret_of_its_own(secret: str) -> None:
    with pytest.raises(ValidationError, match="JWT_SECRET"):
        Settings(environment="production", jwt_secret=SecretStr(secret))
    assert Settings(environment="production", jwt_secret=SECRET).environment == "production"


def test_any_origin_is_refused() -> None:
    with pytest.raises(ValidationError, match="CORS_ORIGINS"):
        Settings(jwt_secret=SECRET, cors_origins=("*",))


def test_secrets_are_not_shown() -> None:
    settings = Settings(database_url="sqlite+aiosqlite:///secret.db", jwt_secret=SecretStr("secret" * 8))
    assert "secret.db" not in repr(settings)
    assert "secretsecret" not in repr(settings)


def test_a_database_url_needs_no_driver() -> None:
    settings = Settings(database_url="sqlite:///./app.db", jwt_secret=SECRET)
    assert settings.database_url == "sqlite+aiosqlite:///./app.db"


@pytest.mark.parametrize(
    "url", ["", "app.db", "nodb://x", "sqlite+pysqlite://", "postgresql+no://x", "a://b:c"]
)
def test_a_database_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="driver"):
        Settings(database_url=url, jwt_secret=SECRET)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ACCESS_TOKEN_MINUTES", "soon"),
        ("CORS_ORIGINS", '["*"]'),
        ("ENVIRONMENT", "x"),
        ("DATABASE_URL", "x"),
    ],
)
def test_wrong_settings_end_the_start_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    get_settings.cache_clear()
    with pytest.raises(SystemExit, match=f"Wrong settings: .*{variable}"):
        get_settings()
    monkeypatch.undo()
    assert get_settings() is get_settings()

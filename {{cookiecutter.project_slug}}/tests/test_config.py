"""Settings refuse what is unsafe."""

import pytest
from pydantic import SecretStr, ValidationError

from app.config import Settings, get_settings, with_driver

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


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///./app.db", "sqlite+aiosqlite:///./app.db"),
        ("sqlite+aiosqlite:///app.db?timeout=9", "sqlite+aiosqlite:///app.db?timeout=9"),
        ("postgres://a:b%40@db:1/x", "postgresql+asyncpg://a:b%40@db:1/x"),
        ("postgresql://a:b%40@db:1/x?ssl=require", "postgresql+asyncpg://a:b%40@db:1/x?ssl=require"),
        ("mysql://a:b@db/x", "mysql+asyncmy://a:b@db/x"),
    ],
)
def test_a_database_url_needs_no_driver(given: str, used: str) -> None:
    assert with_driver(given).render_as_string(hide_password=False) == used
    if given.startswith("sqlite"):  # the others' drivers are not everywhere
        assert Settings(database_url=given, jwt_secret=SECRET).database_url == used


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

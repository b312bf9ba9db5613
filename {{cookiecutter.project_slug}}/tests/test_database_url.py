"""A database's URL is taken as its host gives it."""

import ssl

import pytest
from sqlalchemy.engine import make_url

from app.utils.database_url import connect_arguments, with_driver

POSTGRESQL = "postgresql+asyncpg://a:b%40@db:1/x"
MYSQL = "mysql+asyncmy://a:b@db/x"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///./app.db", "sqlite+aiosqlite:///./app.db"),
        ("sqlite+aiosqlite:///app.db?timeout=9", "sqlite+aiosqlite:///app.db?timeout=9"),
        ("postgres://a:b%40@db:1/x", POSTGRESQL),
        ("postgresql://a:b%40@db:1/x?ssl=require", f"{POSTGRESQL}?ssl=require"),
        ("mysql://a:b@db/x", MYSQL),
    ],
)
def test_it_needs_no_driver(given: str, used: str) -> None:
    assert with_driver(given).render_as_string(hide_password=False) == used


@pytest.mark.parametrize(
    ("query", "kept", "dsn"),
    [
        ("sslmode=require", "", "postgresql://?sslmode=require"),
        ("sslmode=disable&channel_binding=prefer", "", "postgresql://?sslmode=disable"),
        (
            "prepared_statement_cache_size=0&sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem",
            "?prepared_statement_cache_size=0",
            "postgresql://?sslmode=verify-full&sslrootcert=%2Fetc%2Fssl%2Fca.pem",
        ),
    ],
)
def test_what_libpq_reads_goes_to_asyncpg_as_a_url_of_its_own(query: str, kept: str, dsn: str) -> None:
    url, arguments = connect_arguments(make_url(f"{POSTGRESQL}?{query}"))
    assert url.render_as_string(hide_password=False) == f"{POSTGRESQL}{kept}"
    assert arguments == {"dsn": dsn}


@pytest.mark.parametrize("url", [POSTGRESQL, f"{POSTGRESQL}?ssl=require", MYSQL, f"{MYSQL}?charset=utf8mb4"])
def test_what_drivers_take_themselves_is_left_to_them(url: str) -> None:
    assert connect_arguments(make_url(url)) == (make_url(url), {})


@pytest.mark.parametrize(
    ("mode", "verified", "with_host"),
    [
        ("REQUIRED", ssl.CERT_NONE, False),
        ("VERIFY_CA", ssl.CERT_REQUIRED, False),
        ("VERIFY_IDENTITY", ssl.CERT_REQUIRED, True),
    ],
)
def test_mysqls_modes_become_a_context(mode: str, verified: ssl.VerifyMode, with_host: bool) -> None:
    url, arguments = connect_arguments(make_url(f"{MYSQL}?ssl-mode={mode}&charset=utf8mb4"))
    assert url.render_as_string(hide_password=False) == f"{MYSQL}?charset=utf8mb4"
    context = arguments["ssl"]
    assert (context.verify_mode, context.check_hostname) == (verified, with_host)


@pytest.mark.parametrize("mode", ["DISABLED", "PREFERRED"])
def test_mysql_without_encryption(mode: str) -> None:
    assert connect_arguments(make_url(f"{MYSQL}?ssl-mode={mode}")) == (make_url(MYSQL), {})


def test_an_authority_that_is_named_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, make = [], ssl.create_default_context

    def made(cafile: str | None) -> ssl.SSLContext:
        asked.append(cafile)
        return make()

    monkeypatch.setattr(ssl, "create_default_context", made)
    _, arguments = connect_arguments(make_url(f"{MYSQL}?ssl-mode=REQUIRED&ssl-ca=/etc/ca.pem"))
    # MySQL's own clients verify then as well.
    assert (asked, arguments["ssl"].verify_mode) == (["/etc/ca.pem"], ssl.CERT_REQUIRED)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (f"{POSTGRESQL}?sslmode=yes", "sslmode must be one of disable, allow"),
        (f"{POSTGRESQL}?channel_binding=require", "asyncpg knows no channel binding"),
        (f"{MYSQL}?ssl-mode=on", "ssl-mode must be one of DISABLED"),
    ],
)
def test_what_cannot_be_had_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        connect_arguments(make_url(url))


def test_an_authority_that_is_not_there_is_refused() -> None:
    with pytest.raises(OSError, match="No such file"):
        connect_arguments(make_url(f"{MYSQL}?ssl-mode=VERIFY_CA&ssl-ca=/nowhere.pem"))

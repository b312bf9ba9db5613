"""URLs of databases as their hosts give them, for the drivers that are used here."""

import ssl
from typing import Any

from sqlalchemy.engine import URL, make_url

# For a URL that names no driver; all else here is asynchronous.
DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "mysql": "mysql+asyncmy",
}
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
_POSTGRESQL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_LIBPQ = (
    *("application_name", "sslcert", "sslcrl", "sslkey", "sslmode", "sslnegotiation", "sslpassword"),
    *("sslrootcert", "ssl_max_protocol_version", "ssl_min_protocol_version"),
)
# https://dev.mysql.com/doc/refman/en/connection-options.html#option_general_ssl-mode
_MYSQL_MODES = ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")


def with_driver(value: str) -> URL:
    """The URL with a driver for asyncio where it names none. Raises `ArgumentError` for what is no URL."""
    url = make_url(value)
    return url.set(drivername=DRIVERS.get(url.drivername, url.drivername))


def connect_arguments(url: URL) -> tuple[URL, dict[str, Any]]:
    """The URL without what its driver does not take in one, and that as arguments of `connect`.

    Raises `ValueError` for an encryption that the driver cannot give, and `OSError` where a file that is
    named cannot be read: less than was asked for would go unnoticed.
    """
    match url.get_driver_name():
        case "asyncpg":
            return _postgresql(url)
        case "asyncmy":
            return _mysql(url)
    return url, {}


def _postgresql(url: URL) -> tuple[URL, dict[str, Any]]:
    """SQLAlchemy hands parameters on as keywords; libpq's asyncpg reads in a URL of its own alone."""
    _one_of("sslmode", url.query.get("sslmode", "prefer"), _POSTGRESQL_MODES)
    if url.query.get("channel_binding") == "require":
        raise ValueError("asyncpg knows no channel binding: leave channel_binding out of the URL")
    given = {name: value for name, value in url.query.items() if name in _LIBPQ}
    rest = url.difference_update_query([*given, "channel_binding"])
    return rest, {"dsn": URL.create("postgresql", query=given).render_as_string()} if given else {}


def _mysql(url: URL) -> tuple[URL, dict[str, Any]]:
    """`ssl-mode` is for MySQL's own clients; Python's take a context."""
    if "ssl-mode" not in url.query:
        return url, {}
    mode = _one_of("ssl-mode", url.query["ssl-mode"], _MYSQL_MODES)
    authorities = url.query.get("ssl-ca")
    rest = url.difference_update_query(["ssl-mode", "ssl-ca"])
    # asyncmy cannot ask whether the server would: preferred is then without.
    if mode in ("DISABLED", "PREFERRED"):
        return rest, {}
    context = ssl.create_default_context(cafile=str(authorities) if authorities else None)
    context.check_hostname = mode == "VERIFY_IDENTITY"
    if mode == "REQUIRED" and not authorities:
        context.verify_mode = ssl.CERT_NONE
    return rest, {"ssl": context}


def _one_of(name: str, value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}")
    return str(value)

"""Which of the database's errors pass by themselves."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# Classes and codes of SQLSTATE: the connection, a read-only standby after a failover, a rollback for another
# transaction's sake, a full disk or too many connections, a lock, an operator, the system.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PASSING = ("08", "25006", "40", "53", "55P03", "57", "58")


def passes(error: BaseException) -> bool:
    """Whether the same may succeed later: the database is away, busy or full, the input is not at fault."""
    if isinstance(error, PoolTimeoutError | TimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    # asyncpg has one class of errors for most of these, and the code tells them apart.
    code = str(getattr(error.orig, "sqlstate", None) or "")
    return (
        isinstance(error, OperationalError | InterfaceError)
        or error.connection_invalidated
        or code.startswith(_PASSING)
    )

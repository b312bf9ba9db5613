"""What services raise. They know nothing of HTTP but the status that tells their kind."""

from http import HTTPStatus
from typing import ClassVar


class DomainError(Exception):
    """The base: `detail` is shown to the client."""

    status: ClassVar[HTTPStatus]

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotFoundError(DomainError):
    """There is no such thing, or none that the user may know of."""

    status = HTTPStatus.NOT_FOUND


class ConflictError(DomainError):
    """The state of the data forbids it; a unique value that is taken, for one."""

    status = HTTPStatus.CONFLICT


class ForbiddenError(DomainError):
    """The user is known, and may not do this."""

    status = HTTPStatus.FORBIDDEN


class UnauthorizedError(DomainError):
    """Nobody is known: no token, a bad one, or wrong credentials."""

    status = HTTPStatus.UNAUTHORIZED


class ValidationError(DomainError):
    """The input is well-formed and still makes no sense here."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TooManyRequestsError(DomainError):
    """Too much in too short a time; it may work again in `retry_after` seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after

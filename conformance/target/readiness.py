"""Whether a service that is being started answers yet."""

from types import TracebackType

import httpx2

from conformance.config import Target


class Readiness:
    """Asks a service: `ready` has to answer below 400 where it is given, else any answer will do.

    `last` says what came of it, for the message when time is over.
    """

    def __init__(self, target: Target, url: str) -> None:
        self._path = target.ready
        self._url = f"{url}/{(self._path or '').lstrip('/')}"
        self._client = httpx2.Client(
            headers=target.headers,
            timeout=min(target.timeout, target.startup_timeout),
            trust_env=False,
            follow_redirects=False,
        )
        self.is_ready = False
        self.last = f"nothing listens at {self._url}"

    def __enter__(self) -> "Readiness":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def ask(self) -> bool:
        """Send one GET; its body is not waited for, which may be an endless stream of events."""
        try:
            with self._client.stream("GET", self._url) as answer:
                status = answer.status_code
        except httpx2.ConnectError:
            pass
        except httpx2.TimeoutException:
            self.last = f"{self._url} takes connections and does not answer"
        except httpx2.HTTPError as error:
            self.last = f"{self._url} does not answer with HTTP ({type(error).__name__})"
        else:
            self.last = f"{self._url} answers {status}"
            self.is_ready = self._path is None or status < httpx2.codes.BAD_REQUEST
        return self.is_ready

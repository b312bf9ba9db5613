"""Credentials that the kit signed in for itself, and may get anew when they run out."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

SignIn = Callable[[], Mapping[str, str] | None]


@dataclass
class _Holder:
    """One account: its credentials, the newest last; `proven` once these let a request in."""

    sign_in: SignIn
    versions: list[Mapping[str, str]]
    proven: bool = False
    gone: bool = False
    turn: threading.Lock = field(default_factory=threading.Lock)


class Renewals:
    """Knows credentials by their value: those that a scenario spoiled, or signed, stay as they are.

    They are renewed where they have let a request in before, at most once a refusal, and not for an
    operation that refuses fresh ones as well.
    """

    def __init__(self) -> None:
        self._holders: list[_Holder] = []
        self._futile: set[str] = set()

    def know(self, headers: Mapping[str, str], sign_in: SignIn) -> None:
        """Credentials that `sign_in` gets anew; it gives None where that is refused."""
        self._holders.append(_Holder(sign_in, [dict(headers)]))

    def current(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        """The headers of a request with the newest credentials in place of older ones of the same account."""
        holder = self._holder(headers)
        return {**headers, **holder.versions[-1]} if holder else headers

    def accepted(self, headers: Mapping[str, str]) -> None:
        """A request with these headers was let in."""
        holder = self._holder(headers)
        if holder:
            holder.proven = True

    def again(self, headers: Mapping[str, str], operation: str) -> Mapping[str, str] | None:
        """The headers with fresh credentials, after a 401; None where there is no use in asking once more."""
        holder = self._holder(headers)
        if holder is None or not holder.proven or holder.gone or operation in self._futile:
            return None
        with holder.turn:
            newest = holder.versions[-1]
            # Another thread may have been here first.
            if all(headers.get(name) == value for name, value in newest.items()):
                fresh = holder.sign_in()
                if fresh is None or fresh == newest:
                    holder.gone = True
                    return None
                holder.versions.append(dict(fresh))
        return {**headers, **holder.versions[-1]}

    def futile(self, operation: str) -> None:
        """The operation refused fresh credentials, so that it was not their age."""
        self._futile.add(operation)

    def _holder(self, headers: Mapping[str, str]) -> _Holder | None:
        for holder in self._holders:
            for version in holder.versions:
                if all(headers.get(name) == value for name, value in version.items()):
                    return holder
        return None

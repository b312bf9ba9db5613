"""One message as the broker has it."""

from dataclasses import dataclass

MessageHeaders = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """What was read from a topic.

    `timestamp` is the broker's, in seconds since 1970; `seen` counts seconds from the start of the audit,
    as an exchange's `started` does. `ours` tells that the kit wrote it.
    """

    number: int
    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: MessageHeaders
    value: bytes | None
    timestamp: float | None
    seen: float
    ours: bool = False

    def header(self, name: str) -> str | None:
        """The last header of that name, whatever its case, as text; None where it is absent or null."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[-1].decode(errors="replace") if found and found[-1] is not None else None

    @property
    def place(self) -> str:
        """Where it stands: `posts[2]@17`."""
        return f"{self.topic}[{self.partition}]@{self.offset}"

"""The one line that makes rules run which were not: an option, or a line of `conformance.toml`."""

from conformance.judge.needs import REQUIREMENTS

LINES = {
    "writes": "--write",
    "principals": 'principals.alice.headers = { Authorization = "Bearer …" }',
    "second principal": 'principals.bob.headers = { Authorization = "Bearer …" }',
    "broker": 'events.broker = "HOST:PORT"',
    "expired token": 'principals.alice.expired_headers = { Authorization = "Bearer …" }',
}


def line(requirement: str) -> str | None:
    """The line for a requirement as verdicts word it; None where the requirement says it itself."""
    for name, words in REQUIREMENTS.items():
        if requirement.startswith(words):
            return LINES.get(name)
    return None

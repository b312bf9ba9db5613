"""The event contract: what is declared, what is published for what, and what the messages say."""

from conformance.rules.event import (
    agreement,
    compatibility,
    documents,
    messages,
    order,
    privacy,
    publishing,
    replays,
    silence,
)

__all__ = [
    "agreement",
    "compatibility",
    "documents",
    "messages",
    "order",
    "privacy",
    "publishing",
    "replays",
    "silence",
]

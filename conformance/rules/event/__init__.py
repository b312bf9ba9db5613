"""The event contract: what is declared, what is published for what, and what the messages say."""

from conformance.rules.event import compatibility, documents, messages, order, privacy, publishing

__all__ = ["compatibility", "documents", "messages", "order", "privacy", "publishing"]

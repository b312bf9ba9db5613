"""Which consumers there are, what they read, and what they do with it. AsyncAPI is generated from here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.events import handlers
from app.schemas.events import Event, PostCreated, PostDeleted, UserRegistered

EventT = TypeVar("EventT", bound=Event)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One type of event and its handler, which runs within the consumer's transaction."""

    event: type[Event]
    handle: Callable[[AsyncSession, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Consumer:
    """A consumer group. It skips what it has no subscription for."""

    name: str
    summary: str
    subscriptions: tuple[Subscription, ...]

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that it reads."""
        return tuple(sorted({subscription.event.topic for subscription in self.subscriptions}))

    def find(self, topic: str, type_: str) -> Subscription | None:
        """The subscription for a type of event, by its CloudEvents name."""
        for subscription in self.subscriptions:
            if subscription.event.topic == topic and subscription.event.__name__ == type_:
                return subscription
        return None

    def group_id(self, client_id: str) -> str:
        """The Kafka consumer group: the service's own, since others read the same topics."""
        return f"{client_id}.{self.name}"


def on(event: type[EventT], handle: Callable[[AsyncSession, EventT], Awaitable[None]]) -> Subscription:
    """Have `handle` called for each such event."""
    return Subscription(event, handle)


def dead_letter_topic(topic: str) -> str:
    """Where the messages of a topic go that cannot be handled."""
    return f"{topic}.dlq"


CONSUMERS: tuple[Consumer, ...] = (
    Consumer(
        name="author-statistics",
        summary="Counts each author's posts for GET /api/v1/users/{user_id}/stats.",
        subscriptions=(
            on(UserRegistered, handlers.open_statistics),
            on(PostCreated, handlers.count_post),
            on(PostDeleted, handlers.discount_post),
        ),
    ),
)

"""What the broker holds: all messages, and how far the consumer's group is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition

from tests.chaos.observation import Published
from tests.chaos.witness import content_of

READ = ("posts", "users")
_TIMEOUT = 20.0
_SILENT = 0


@contextmanager
def _client(broker: str, group: str) -> Iterator[Consumer]:
    # It assigns partitions itself: it joins no group, and disturbs none.
    client = Consumer(
        {
            "bootstrap.servers": broker,
            "group.id": group,
            "enable.auto.commit": False,
            "log_level": _SILENT,
            "allow.auto.create.topics": False,
        }
    )
    try:
        yield client
    finally:
        client.close()


def _partitions(client: Consumer, names: tuple[str, ...]) -> list[TopicPartition]:
    topics = client.list_topics(timeout=_TIMEOUT).topics
    return [
        TopicPartition(name, number) for name in names if name in topics for number in topics[name].partitions
    ]


def lag(broker: str, group: str) -> int:
    """How many messages the group has not committed. Raises KafkaException while the broker is away."""
    with _client(broker, group) as client:
        partitions = _partitions(client, READ)
        behind = 0
        for place in client.committed(partitions, timeout=_TIMEOUT):
            low, high = client.get_watermark_offsets(place, timeout=_TIMEOUT)
            behind += high - max(place.offset, low)
        return behind


def messages(broker: str) -> list[Published]:
    """All messages of the topics that the consumer reads, each partition's in their order."""
    return [_published(message) for message in _all(broker, READ)]


def dead_letters(broker: str) -> int:
    """How many messages were put aside."""
    return len(_all(broker, tuple(f"{name}.dlq" for name in READ)))


def _all(broker: str, names: tuple[str, ...]) -> list[Message]:
    with _client(broker, "chaos.judge") as client:
        missing = 0
        partitions = _partitions(client, names)
        for place in partitions:
            low, high = client.get_watermark_offsets(place, timeout=_TIMEOUT)
            missing += high - low
            place.offset = OFFSET_BEGINNING
        client.assign(partitions)
        found: list[Message] = []
        while len(found) < missing:
            batch = client.consume(num_messages=min(1000, missing - len(found)), timeout=_TIMEOUT)
            if not batch:
                raise RuntimeError(f"the broker gives {len(found)} of {missing} messages")
            for message in batch:
                if (error := message.error()) is not None:
                    raise KafkaException(error)
                found.append(message)
        return found


def _headers(message: Message) -> dict[str, bytes]:
    pairs = cast("list[tuple[str, bytes]] | None", message.headers())
    return dict(pairs or ())


def _published(message: Message) -> Published:
    headers = _headers(message)
    type_ = headers["ce_type"].decode()
    fields = json.loads(message.value() or b"")
    moment = fields.get("updated_at") or fields.get("created_at")
    content = content_of(
        type_,
        fields.get("author_id"),
        fields.get("title"),
        fields.get("published"),
        datetime.fromisoformat(moment) if moment else None,
    )
    at = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
    return Published(headers["ce_id"].decode(), at, type_, (message.key() or b"").decode(), content)

"""The proxy before a broker: clients find no way around it, and it can be away."""

import socket
import struct
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from conformance.events.proxy import Proxy, before
from conformance.target.dependencies import provided


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    with provided({"bootstrap_servers"}, "embedded", print) as values:
        yield values["bootstrap_servers"]


@pytest.fixture
def proxy(broker: str) -> Iterator[Proxy]:
    with before(broker) as proxy:
        yield proxy


def producer(address: str, seconds: float = 60) -> Producer:
    return Producer({"bootstrap.servers": address, "message.timeout.ms": int(seconds * 1000), "log_level": 0})


def sent(through: Producer, topic: str, value: bytes) -> bool:
    """Whether the broker acknowledged it."""
    acknowledged = []
    through.produce(topic, value, partition=0, on_delivery=lambda e, _: acknowledged.append(e is None))
    through.flush(90)
    return acknowledged == [True]


def values(address: str, topic: str, number: int) -> list[bytes | None]:
    consumer = Consumer({"bootstrap.servers": address, "group.id": "none", "log_level": 0})
    consumer.assign([TopicPartition(topic, 0, 0)])
    found: list[bytes | None] = []
    while len(found) < number:
        message = consumer.poll(60)
        assert message is not None
        assert message.error() is None
        found.append(message.value())
    consumer.close()
    return found


def test_clients_learn_no_other_address_than_the_proxys(proxy: Proxy) -> None:
    assert proxy.address != proxy.broker
    metadata = producer(proxy.address).list_topics(timeout=60)
    assert [f"{b.host}:{b.port}" for b in metadata.brokers.values()] == [proxy.address]


def test_messages_go_both_ways(proxy: Proxy) -> None:
    assert sent(producer(proxy.address), "both-ways", b"one")
    assert values(proxy.address, "both-ways", 1) == [b"one"]


def test_large_messages_go_through_whole(proxy: Proxy) -> None:
    large = bytes(range(256)) * 3000
    assert sent(producer(proxy.address), "large", large)
    assert values(proxy.address, "large", 1) == [large]


def test_a_broker_that_is_away_takes_nothing_and_keeps_its_address(proxy: Proxy) -> None:
    through = producer(proxy.address, 3)
    assert sent(through, "away", b"before")
    proxy.cut()
    assert proxy.away
    assert not sent(through, "away", b"meanwhile")
    with pytest.raises(KafkaException):
        producer(proxy.address, 3).list_topics(timeout=2)
    proxy.mend()
    again = producer(proxy.address)
    assert sent(again, "away", b"after")
    # Nothing was taken while it was away, which the broker itself can tell.
    assert values(proxy.broker, "away", 2) == [b"before", b"after"]


def test_a_connection_that_is_open_is_reset(proxy: Proxy) -> None:
    host, _, port = proxy.address.rpartition(":")
    with socket.create_connection((host, int(port)), 30) as client:
        # ApiVersions, version 0, with a null client id: answered, so the way to the broker is open.
        client.sendall(struct.pack(">ihhih", 10, 18, 0, 7, -1))
        (size,) = struct.unpack(">i", client.recv(4, socket.MSG_WAITALL))
        assert len(client.recv(size, socket.MSG_WAITALL)) == size
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_nobody_joins_a_group_where_groups_are_off(broker: str) -> None:
    with before(broker, groups=False) as proxy:
        assert sent(producer(proxy.address), "grouped", b"one")
        consumer = Consumer(
            {
                "bootstrap.servers": proxy.address,
                "group.id": "kept-out",
                "auto.offset.reset": "earliest",
                "log_level": 0,
            }
        )
        consumer.subscribe(["grouped"])
        assert consumer.poll(2) is None
        assert consumer.assignment() == []
    member = Consumer(
        {"bootstrap.servers": broker, "group.id": "let-in", "auto.offset.reset": "earliest", "log_level": 0}
    )
    member.subscribe(["grouped"])
    message = member.poll(60)
    assert message is not None
    assert message.value() == b"one"
    member.close()


def test_where_no_broker_is_connections_are_reset() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nothing = f"127.0.0.1:{free.getsockname()[1]}"
        with before(nothing) as proxy, pytest.raises(KafkaException):
            producer(proxy.address).list_topics(timeout=2)


def test_nothing_listens_after_the_end(broker: str) -> None:
    with before(broker) as proxy:
        host, _, port = proxy.address.rpartition(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), 30)

"""The observer of topics, on the embedded broker."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException

from conformance.config import Config
from conformance.errors import TargetProblem, UsageProblem
from conformance.events import observer as module
from conformance.events.observer import Observer
from conformance.model.record import Record
from conformance.target.dependencies import provided
from conformance.target.secrets import MARK, Secrets

PATIENT = 60.0


@pytest.fixture
def broker() -> Iterator[str]:
    with provided({"bootstrap_servers"}, "embedded", lambda _text: None) as values:
        yield values["bootstrap_servers"]


def watching(broker: str, *topics: str, everything: bool = False) -> Observer:
    """An observer that has begun; its record is `.record`."""
    found = Observer(broker, {}, Record(), topics=topics, began=time.monotonic(), everything=everything)
    found.start()
    return found


def test_what_was_there_before_is_not_read_and_what_comes_later_is(broker: str) -> None:
    first = watching(broker, "posts")
    try:
        first.produce("posts", b"1", b"before")
        assert first.wait_for(lambda m: m.value == b"before", PATIENT) is not None
        second = watching(broker, "posts", "later")
        try:
            first.produce("posts", b"1", b"after", (("a", b"1"), ("b", None)))
            first.produce("later", None, None)
            found = second.wait_for(lambda m: m.topic == "posts", PATIENT)
            assert found is not None
            assert (found.value, found.key, found.headers) == (b"after", b"1", (("a", b"1"), ("b", None)))
            assert not found.ours
            # A topic that was not there at the start is read from its beginning.
            null = second.wait_for(lambda m: m.topic == "later", PATIENT)
            assert null is not None
            assert (null.key, null.value) == (None, None)
        finally:
            second.close()
    finally:
        first.close()


def test_what_is_written_at_once_stands_side_by_side_and_is_known_as_ours(broker: str) -> None:
    record = Record()
    watcher = Observer(broker, {}, record, topics=["posts"], began=time.monotonic())
    watcher.start()
    contents = [("posts", b"k", str(number).encode(), ()) for number in range(100)]
    try:
        partition, first = watcher.produce("posts", b"k", b"")
        places = watcher.produce_all(contents, partition=partition)
        assert places == [(partition, first + 1 + number) for number in range(100)]
        assert watcher.wait_for(lambda m: m.offset == places[-1][1], PATIENT) is not None
        assert [m.value for m in record.messages[1:]] == [value for _, _, value, _ in contents]
        assert all(m.ours for m in record.messages)
    finally:
        watcher.close()


@pytest.mark.parametrize("code", module.LEADERLESS)
def test_a_topic_without_a_leader_is_asked_again(
    broker: str, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    refusals = [code]

    class Leaderless(Consumer):
        """Does not know who leads, the first time."""

        def get_watermark_offsets(self, *given: Any, **named: Any) -> Any:
            if refusals:
                raise KafkaException(KafkaError(refusals.pop()))
            return super().get_watermark_offsets(*given, **named)

    first = watching(broker, "posts")
    first.produce("posts", b"1", b"before")
    first.close()
    monkeypatch.setattr(module, "Consumer", Leaderless)
    second = watching(broker, "posts")
    try:
        assert refusals == []
        assert second.caught_up("posts")
    finally:
        second.close()


def test_what_the_kit_wrote_is_marked(broker: str) -> None:
    watcher = watching(broker, "posts")
    try:
        partition, offset = watcher.produce("posts", b"k", b"v")
        found = watcher.wait_for(lambda m: (m.partition, m.offset) == (partition, offset), PATIENT)
        assert found is not None
        assert watcher.wait_for(lambda m: m.ours, PATIENT) is not None
    finally:
        watcher.close()


def test_caught_up_means_all_that_was_there(broker: str) -> None:
    watcher = watching(broker, everything=True)
    try:
        for number in range(50):
            watcher.produce("undeclared", str(number).encode(), b"{}")
        assert watcher.caught_up("undeclared", PATIENT)
        assert watcher.wait_for(lambda m: m.number == 50, 0) is not None
        assert watcher.caught_up("never made", PATIENT)
    finally:
        watcher.close()


def test_nothing_comes_of_a_wait_without_end(broker: str) -> None:
    watcher = watching(broker, "posts")
    try:
        assert watcher.wait_for(lambda _m: True, 0.1) is None
    finally:
        watcher.close()


def test_a_property_that_librdkafka_does_not_know_is_named() -> None:
    with pytest.raises(UsageProblem, match=r"events\.client.*no\.such\.property"):
        Observer("127.0.0.1:9", {"no.such.property": "x"}, Record(), topics=(), began=0.0)


def test_a_broker_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECT", 0.5)
    with pytest.raises(TargetProblem, match=r"127\.0\.0\.1:9 cannot be read"):
        Observer("127.0.0.1:9", {}, Record(), topics=("a",), began=0.0).start()


def test_the_client_s_password_is_a_secret() -> None:
    config = Config.model_validate(
        {"events": {"client": {"sasl.password": "hunter2-hunter2", "sasl.mechanism": "PLAIN"}}}
    )
    secrets = Secrets()
    secrets.learn_config(config)
    assert secrets.clean("with hunter2-hunter2 by PLAIN") == f"with {MARK} by PLAIN"
    assert "hunter2" not in repr(config)

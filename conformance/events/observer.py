"""Reads topics while the audit goes on, outside any consumer group: nothing of it shows in the service."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from confluent_kafka import (
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka import Message as Raw

from conformance.errors import TargetProblem, UsageProblem
from conformance.model.message import Message, MessageHeaders
from conformance.model.record import Record

POLL = 0.05
LOOK_EVERY = 0.25
"""Seconds between two looks for topics that are not there yet."""
CONNECT = 10.0
LOOK_AGAIN = 2.0
# Their public names begin so.
FINAL = (KafkaError._AUTHENTICATION, KafkaError._SSL)  # noqa: SLF001
"""What does not get better: a wrong password, a certificate that nobody knows."""
ALL_DOWN = KafkaError._ALL_BROKERS_DOWN  # noqa: SLF001
SILENT = (KafkaError._TRANSPORT, KafkaError._TIMED_OUT)  # noqa: SLF001
LINGER = 1.0
"""Seconds in which messages that are written together make a batch."""
MOST = 500
"""Messages that are taken at once."""
BEGINNING = -2
"""The offset that stands for a partition's first message (librdkafka's OFFSET_BEGINNING)."""
LEADERLESS = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
)
ABOUT = re.compile(r"^\w+://\S+: | \((install ca-certificates|after \d+ms).*$|error:\w+:SSL routines::")
"""What librdkafka adds: the address, how long it took, OpenSSL's number."""
Partition = tuple[str, int]
Content = tuple[str, bytes | None, bytes | None, MessageHeaders]
"""What is written: topic, key, value, headers."""


class Observer:
    """Appends each message of the topics to the record, from the moment of `start` on.

    A topic that is made later is read from its beginning. With `everything` all topics are read but those
    of the broker's own (`__…`): of a broker that nobody else uses. `client` holds librdkafka's properties.
    """

    def __init__(
        self,
        bootstrap: str,
        client: Mapping[str, str],
        record: Record,
        *,
        topics: Iterable[str],
        began: float,
        everything: bool = False,
    ) -> None:
        self.bootstrap = bootstrap
        self._settings: dict[str, Any] = {"log_level": 0, **client, "bootstrap.servers": bootstrap}
        self._record, self._began, self._everything = record, began, everything
        self._topics = set(topics)
        self._changed = threading.Condition()
        self._ended, self._look = threading.Event(), threading.Event()
        self._read: dict[Partition, int] = {}
        self._ours: set[tuple[str, int, int]] = set()
        self._producer: Producer | None = None
        self._thread = threading.Thread(target=self._run, name="observer", daemon=True)
        settings = {
            **self._settings,
            "group.id": "service-conformance-observer",  # asked for, and never joined
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 50,
            "reconnect.backoff.max.ms": 500,
        }
        self._errors: list[KafkaError] = []
        self._denied = ""
        try:
            self._consumer = Consumer(settings)
            # One of its own for questions: a client that is just reading may answer none of them.
            asking = {**settings, "error_cb": self._errors.append}
            self._asker, self._asking = Consumer(asking), threading.Lock()
        except KafkaException as error:
            raise UsageProblem(f"[events.client] is not usable: {_words(error)}.") from error

    def start(self) -> None:
        """Begin to read. Raises `TargetProblem` where the broker does not answer, or refuses."""
        try:
            self._reach()
            partitions = self._partitions(CONNECT)
            marks = {p: self._marks(p, CONNECT)[1] for p in partitions}
        except KafkaException as error:
            self._consumer.close()
            self._asker.close()
            raise TargetProblem(
                f"the broker {self.bootstrap} cannot be read ({self._why(error)}): is [events] right?"
            ) from error
        self._read.update(marks)
        self._consumer.assign([TopicPartition(topic, number, at) for (topic, number), at in marks.items()])
        self._thread.start()

    def close(self) -> None:
        """Stop to read."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(CONNECT)
        self._consumer.close()
        with self._asking:
            self._asker.close()

    def _reach(self) -> None:
        """Ask until the broker answers. Raises `KafkaException`: at once where it will never do."""
        until = time.monotonic() + CONNECT
        while True:
            try:
                self._partitions(min(CONNECT, LOOK_AGAIN))
            except KafkaException:
                self._asker.poll(0)  # else nobody is told why
                if time.monotonic() > until or any(error.code() in FINAL for error in self._errors):
                    raise
                time.sleep(POLL)
            else:
                return

    def _why(self, error: KafkaException) -> str:
        """Why the broker cannot be read, by what was said of connections to it: the most telling first."""
        told = [e for e in self._errors if e.code() in FINAL]
        told = told or [e for e in self._errors if e.code() != ALL_DOWN]
        if told:
            return _words(told[-1])
        if error.args[0].code() not in SILENT:
            return _words(error)
        # A listener of another kind takes the connection, and drops what it does not understand.
        return f"no answer to `security.protocol` {self._settings.get('security.protocol', 'plaintext')}"

    def wait_for(
        self, wanted: Callable[[Message], bool], timeout: float, *, since: int = 0
    ) -> Message | None:
        """The first message from the `since`-th on that is wanted, once it is there; None at the timeout.

        Raises `TargetProblem` where the broker lets nobody of this name read a topic.
        """
        until, at = time.monotonic() + timeout, since
        with self._changed:
            while True:
                messages = self._record.messages
                while at < len(messages):
                    if wanted(messages[at]):
                        return messages[at]
                    at += 1
                if self._denied:
                    raise TargetProblem(
                        f"the broker {self.bootstrap} does not let {self._denied} be read "
                        "(topic authorization failed): is the user of [events.client] right?"
                    )
                left = until - time.monotonic()
                if left <= 0 or self._ended.is_set():
                    return None
                self._changed.wait(left)

    def caught_up(self, topic: str, timeout: float = CONNECT) -> bool:
        """Whether all that the topic held at the call has been read by now; waits for it."""
        until = time.monotonic() + timeout
        try:
            there = [p for p in self._partitions(timeout, topic) if p[0] == topic]
            marks = {p: self._marks(p, timeout)[1] for p in there}
        except KafkaException:
            return False
        self._look.set()
        with self._changed:
            while any(self._read.get(p, 0) < mark for p, mark in marks.items()):
                left = until - time.monotonic()
                if left <= 0 or self._ended.is_set():
                    return False
                self._changed.wait(min(left, LOOK_EVERY))
        return True

    def produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: MessageHeaders = (),
        timeout: float = CONNECT,
        partition: int = -1,
    ) -> tuple[int, int]:
        """Write a message, by its key where no partition is given: where it stands, as partition and offset.

        Raises `TargetProblem` where the broker did not take it.
        """
        return self.produce_all([(topic, key, value, headers)], timeout, partition)[0]

    def produce_all(
        self, messages: Iterable[Content], timeout: float = CONNECT, partition: int = -1
    ) -> list[tuple[int, int]]:
        """Write messages, in one batch where the client makes one: where each stands.

        Raises `TargetProblem` where the broker did not take them all.
        """
        if self._producer is None:
            # What is queued is sent by `flush`, and no sooner.
            own = {"message.timeout.ms": int(timeout * 1000), "linger.ms": int(LINGER * 1000)}
            self._producer = Producer({**self._settings, **own})
        said: dict[int, tuple[KafkaError | None, Raw]] = {}

        def note(number: int, error: KafkaError | None, raw: Raw) -> None:
            said[number] = (error, raw)

        topics: list[str] = []
        for number, (topic, key, value, headers) in enumerate(messages):
            topics.append(topic)
            self._producer.produce(
                topic,
                value,
                key,
                partition,
                headers=list(headers),
                on_delivery=partial(note, number),
            )
        self._producer.flush(timeout + 1)
        places: list[tuple[str, int, int]] = []
        for number, topic in enumerate(topics):
            error, raw = said.get(number, (None, None))
            if error is not None or raw is None:
                raise TargetProblem(f"the broker {self.bootstrap} did not take a message for {topic}.")
            places.append((topic, raw.partition() or 0, raw.offset() or 0))
        with self._changed:
            self._ours.update(places)
            for at, message in enumerate(self._record.messages):
                if not message.ours and (message.topic, message.partition, message.offset) in self._ours:
                    self._record.messages[at] = replace(message, ours=True)
        return [(number, offset) for _, number, offset in places]

    def _run(self) -> None:
        look_at = time.monotonic() + LOOK_EVERY
        while not self._ended.is_set():
            if self._look.is_set() or time.monotonic() >= look_at:
                self._look.clear()
                self._discover()
                look_at = time.monotonic() + LOOK_EVERY
            try:
                found = self._consumer.consume(MOST, POLL)
            except KafkaException:
                continue
            if found:
                self._take(found)

    def _take(self, found: list[Raw]) -> None:
        now = time.monotonic() - self._began
        with self._changed:
            for raw in found:
                error, topic = raw.error(), raw.topic() or ""
                partition, offset = raw.partition() or 0, raw.offset() or 0
                if error is not None:
                    # The end of a partition, control records of transactions included.
                    if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
                        at = self._read.get((topic, partition), 0)
                        self._read[topic, partition] = max(at, offset)
                    elif error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                        self._denied = topic
                    continue
                self._read[topic, partition] = offset + 1
                self._record.messages.append(self._message(raw, topic, partition, offset, now))
            self._changed.notify_all()

    def _message(self, raw: Raw, topic: str, partition: int, offset: int, now: float) -> Message:
        kind, milliseconds = raw.timestamp()
        headers: Any = raw.headers() or ()
        return Message(
            number=len(self._record.messages) + 1,
            topic=topic,
            partition=partition,
            offset=offset,
            key=_bytes(raw.key()),
            headers=tuple((name, _bytes(value)) for name, value in headers),
            value=_bytes(raw.value()),
            timestamp=None if kind == TIMESTAMP_NOT_AVAILABLE else milliseconds / 1000,
            seen=now,
            ours=(topic, partition, offset) in self._ours,
        )

    def _discover(self) -> None:
        if not self._everything and self._topics <= {topic for topic, _ in self._read}:
            return
        try:
            new = [p for p in self._partitions(1.0) if p not in self._read]
            if new:
                self._read.update(dict.fromkeys(new, 0))
                self._consumer.incremental_assign([TopicPartition(t, n, BEGINNING) for t, n in new])
        except KafkaException:
            return  # the broker is away; the next look may find it

    def _partitions(self, timeout: float, topic: str | None = None) -> list[Partition]:
        """The partitions that are there now, of the observed topics."""
        with self._asking:
            found = self._asker.list_topics(timeout=timeout).topics
        return [
            (name, number)
            for name, about in found.items()
            if about.error is None
            and (name == topic or name in self._topics or (self._everything and not name.startswith("__")))
            for number in about.partitions
        ]

    def _marks(self, partition: Partition, timeout: float) -> tuple[int, int]:
        """The first offset and the one after the last. A topic made just now has no leader for a moment."""
        until = time.monotonic() + timeout
        while True:
            try:
                with self._asking:
                    marks = self._asker.get_watermark_offsets(TopicPartition(*partition), timeout=timeout)
            except KafkaException as error:
                if error.args[0].code() not in LEADERLESS or time.monotonic() > until:
                    raise
                time.sleep(POLL)
            else:
                return marks or (0, 0)


def _bytes(value: Any) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


def _words(error: KafkaException | KafkaError) -> str:
    """What librdkafka says, on one line."""
    about: Any = error.args[0] if isinstance(error, KafkaException) and error.args else error
    text = " ".join(str(about.str() if isinstance(about, KafkaError) else about).split())
    return ABOUT.sub("", text).rstrip(".")[:200]

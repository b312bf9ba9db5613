"""A TCP proxy before the broker: the broker can go away and come back, and keeps its address.

Kafka clients connect to where the broker's answers say that it is, not to where they asked. So the
proxy puts its own port into those answers (Metadata, FindCoordinator, the endpoints that Produce and
Fetch name), where the host is followed by the port in every version of the protocol:
https://kafka.apache.org/protocol. Both are of fixed length, so an answer keeps its length.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

PATIENCE = 30.0
_LENGTH = struct.Struct(">i")
_JOIN_GROUP = struct.pack(">h", 11)
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes a close a reset: who is cut off learns it at once."""


class Proxy:
    """Before one broker at `host:port`; `address` is what clients are given instead.

    Without `groups` nobody joins a consumer group through it: the request waits for ever, as it may.

    While it is away it takes connections and resets them: were the port closed, another process might
    get it, and a client that connects to itself would hear its own echo.
    """

    def __init__(self, broker: str, *, groups: bool = True) -> None:
        host, _, port = broker.rpartition(":")
        self.broker = broker
        self._upstream = (host, int(port))
        listener = socket.create_server(("127.0.0.1", 0))
        own = int(listener.getsockname()[1])
        self.address = f"{host}:{own}"
        name = host.encode()
        self._theirs = name + _LENGTH.pack(int(port))
        self._ours = name + _LENGTH.pack(own)
        self._groups = groups
        self._away = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._accepted, sock=listener))
        self._thread = threading.Thread(target=self._loop.run_forever, name="broker proxy", daemon=True)
        self._thread.start()

    @property
    def away(self) -> bool:
        """Whether the broker is away."""
        return self._away

    def cut(self) -> None:
        """The broker goes away: all connections are reset, and new ones as well."""
        self._run(self._cut())

    def mend(self) -> None:
        """It is back."""
        self._away = False

    def close(self) -> None:
        """End all of it."""
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _cut(self) -> None:
        self._away = True
        for writer in list(self._writers):
            _reset(writer)

    async def _stop(self) -> None:
        self._server.close()
        await self._cut()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=PATIENCE)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        try:
            if not self._away:
                await self._joined(reader, writer)
        except OSError:
            pass  # either side went away, which is what a proxy passes on
        finally:
            self._writers.discard(writer)
            _reset(writer)

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, requests = await asyncio.open_connection(*self._upstream)
        self._writers.add(requests)
        pumps = [
            asyncio.create_task(self._asked(reader, requests)),
            asyncio.create_task(self._answered(answers, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._writers.discard(requests)
            _reset(requests)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on the broker's answers, and in them the proxy's port for the broker's."""
        with suppress(asyncio.IncompleteReadError):
            while True:
                size, answer = await _frame(reader)
                writer.write(size + answer.replace(self._theirs, self._ours))
                await writer.drain()

    async def _asked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on the client's requests, which begin with what they ask for."""
        with suppress(asyncio.IncompleteReadError):
            while True:
                size, request = await _frame(reader)
                if self._groups or not request.startswith(_JOIN_GROUP):
                    writer.write(size + request)
                    await writer.drain()


async def _frame(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """One request or answer: a length, and as many bytes."""
    size = await reader.readexactly(_LENGTH.size)
    return size, await reader.readexactly(max(0, *_LENGTH.unpack(size)))


def _reset(writer: asyncio.StreamWriter) -> None:
    found = writer.get_extra_info("socket")
    with suppress(OSError):
        if found is not None:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


@contextmanager
def before(broker: str, *, groups: bool = True) -> Iterator[Proxy]:
    """A proxy before the broker at HOST:PORT of this machine, for as long as the block lasts."""
    proxy = Proxy(broker, groups=groups)
    try:
        yield proxy
    finally:
        proxy.close()

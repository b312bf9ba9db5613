"""The servers that the README names: they answer, and end what they have begun before they stop."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress

import pytest

BODY = b'{"title": "A title", "content": "Some content"}'
HEAD = (
    "POST /api/v1/posts HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(BODY)}\r\n\r\n"
).encode()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def until(port: int, *, open_: bool) -> None:
    """Wait until the port takes connections, or takes none any more."""
    for _ in range(600):
        taken = False
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
            taken = True
        if taken is open_:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"port {port} is {'closed' if open_ else 'open'} still")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no gunicorn, and no SIGTERM")
@pytest.mark.parametrize(
    "command",
    [
        ("uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", "{port}"),
        ("gunicorn", "app.main:app", "--bind", "127.0.0.1:{port}"),
    ],
    ids=["uvicorn", "gunicorn"],
)
async def test_a_request_under_way_is_answered_before_it_stops(command: tuple[str, ...]) -> None:
    port = free_port()
    module, *options = (part.format(port=port) for part in command)
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *options, env=os.environ, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(120):
            await until(port, open_=True)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            # A worker that answers this connection has it, and is asked for more on it.
            writer.write(b"GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            await reader.readuntil(b'{"status":"ok","checks":{}}')
            writer.write(HEAD + BODY[:10])
            await writer.drain()
            # Until the head has been read, to the server the connection is idle.
            await asyncio.sleep(0.5)
            server.send_signal(signal.SIGTERM)
            await until(port, open_=False)
            writer.write(BODY[10:])
            assert (await reader.readline()).startswith(b"HTTP/1.1 401")
            assert b"This needs an access token." in await reader.read()
            writer.close()
            await writer.wait_closed()
            _, errors = await server.communicate()
            assert server.returncode in (0, -signal.SIGTERM), errors.decode()
    finally:
        with suppress(ProcessLookupError):
            server.kill()
        await server.wait()

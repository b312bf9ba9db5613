"""What stands before the consumer: it lets others' messages pass by, and puts aside what nobody can handle.

FastStream has no dead letters: a message that raises is committed past, or read again without end.
"""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from faststream import BaseMiddleware
from faststream.message import StreamMessage
from pydantic import ValidationError

from .broker import DeadLetter, dead_letters
from .events import OrderCancelled, OrderPlaced

_AGAIN = 1.0
HANDLED = frozenset(event.model_fields["type"].default for event in (OrderPlaced, OrderCancelled))


class PoisonError(ValueError):
    """A message that no attempt will make sense of."""


async def read_json(message: StreamMessage[Any]) -> Any:
    """The payload: FastStream takes a type of content that ends in +json for bytes."""
    return _envelope(message)


class Sieve(BaseMiddleware):
    """Around the handler: unknown types go no further, poison goes to the dead letters."""

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]) -> Any:
        """See the class. What it raises makes the message be read again."""
        try:
            if _envelope(msg)["type"] not in HANDLED:
                return None
            return await call_next(msg)
        except (PoisonError, ValidationError) as error:
            await _put_aside(msg, _what_is_wrong(error))
        except Exception:
            # The message is not at fault, so it waits, but not hotly.
            await asyncio.sleep(_AGAIN)
            raise


def _envelope(message: StreamMessage[Any]) -> dict[str, Any]:
    try:
        envelope = json.loads(message.body)
    except (ValueError, RecursionError) as error:
        raise PoisonError("The payload is no JSON.") from error
    if not isinstance(envelope, dict) or not isinstance(envelope.get("type"), str):
        raise PoisonError("The payload is no CloudEvent: it has no type.")
    return envelope


def _what_is_wrong(error: PoisonError | ValidationError) -> str:
    """It never repeats the payload, which may be personal."""
    if isinstance(error, PoisonError):
        return str(error)
    wrong = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in wrong)


async def _put_aside(message: StreamMessage[Any], reason: str) -> None:
    raw = message.raw_message
    value = raw.value()
    await dead_letters.publish(
        DeadLetter(
            reason=reason,
            topic=raw.topic(),
            partition=raw.partition(),
            offset=raw.offset(),
            value_base64=None if value is None else base64.b64encode(value).decode(),
        ),
        key=raw.key(),
    )

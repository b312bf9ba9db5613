"""The application: HTTP beside the broker, neither of which waits for the other."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from . import articles, customers, db, errors, loyalty, orders
from .broker import broker, document
from .outbox import relay

_AGAIN = 1.0


async def _run_broker() -> None:
    """Connect, relay and consume; a broker that is away keeps no request waiting."""
    while True:
        try:
            await broker.start()
        except Exception as error:  # whatever the client raises while the broker is away
            logging.getLogger(__name__).warning("broker not reached: %r", error)
            await asyncio.sleep(_AGAIN)
        else:
            await relay()


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    db.prepare()
    task = asyncio.create_task(_run_broker())
    yield
    task.cancel()
    await asyncio.wait([task])
    await broker.stop()


app = FastAPI(title="Shop", version="1.0.0", lifespan=_lifespan)
errors.install(app)
for part in (customers, articles, orders, loyalty):
    app.include_router(part.router)


@app.get("/asyncapi.json", include_in_schema=False)
async def read_asyncapi() -> dict[str, Any]:
    """The events, as a document."""
    return document()

"""What the probe of liveness asks of the events' tasks."""

from http import HTTPStatus

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from app.kafka.status import EventsStatus


def check_tasks(request: Request) -> None:
    """Refuse with 503 where a task has stopped going round, and its restarts have not helped."""
    events: EventsStatus = request.app.state.events
    if not events.alive:
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, "A background task has stopped.")


TASKS_ALIVE = Depends(check_tasks)

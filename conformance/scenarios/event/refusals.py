"""What is refused while events are watched: nothing may be told of what did not happen."""

from typing import Any

from conformance.model.bodies import OTHER
from conformance.model.operation import Operation
from conformance.model.service import NOBODY
from conformance.scenarios import faulty, given
from conformance.scenarios.event.story import USUAL, Life
from conformance.scenarios.session import Made

TOGETHER = 4


def refused_changes(life: Life, made: Made) -> None:
    """Invalid, without credentials, as a stranger: nothing may be told of what did not happen."""
    stranger = life.session.service.stranger
    for update in life.resource.updates:
        path, body = update.fill(made.chain), life.body(update, made, OTHER)
        for keyword, broken in _broken(life, update, body):
            life.ask(update, f"refused {update.method} {keyword}", path, send=broken)
        if update.protected:
            life.ask(update, f"refused {update.method} anonymous", path, send=body, who=NOBODY)
        if stranger is not None and update.protected:
            life.ask(update, f"refused {update.method} stranger", path, send=body, who=stranger)
        taken = _taken(life, update, body)
        if taken is not None:
            life.ask(update, f"refused {update.method} taken", path, send=taken)
    delete = life.resource.delete
    if delete is not None and delete.protected and stranger is not None:
        life.ask(delete, "refused DELETE stranger", delete.fill(made.chain), who=stranger)


def _broken(life: Life, operation: Operation, body: Any) -> list[tuple[str, Any]]:
    """Bodies with one fault each, at most two kinds."""
    document = life.session.service.document
    if not isinstance(body, dict) or operation.body is None:
        return []
    shape = document.shape(operation.body.schema)
    found = {f[0]: f[2] for f in faulty.bodies(document, shape, body, life.session.sampler.word())}
    return list(found.items())[:2]


def _taken(life: Life, update: Operation, body: Any) -> Any:
    """The body with another object's values, which are refused where they have to be unique."""
    other = life.session.an(life.resource, life.owner)
    if "409" not in update.responses or other is None or not isinstance(other.sent, dict):
        return None
    return {k: other.sent.get(k, v) for k, v in body.items()} if isinstance(body, dict) else None


def refused_creates(life: Life, made: Made) -> None:
    """Invalid, without credentials, and what is there already, one after the other and at once."""
    create = life.resource.create
    if create is None or create.body is None:
        return
    path = create.fill(made.chain[:-1])
    fresh = given.fresh(life.session, life.resource, made.sent)
    for keyword, broken in _broken(life, create, fresh):
        life.adopt(life.ask(create, f"refused POST {keyword}", path, send=broken), made)
    if create.protected:
        sent = given.fresh(life.session, life.resource, made.sent)
        life.ask(create, "refused POST anonymous", path, send=sent, who=NOBODY)
    again = life.ask(create, "create again", path, send=made.sent)
    life.adopt(again, made)
    if again is not None and again.refused:
        # What is unique is checked when it is stored, so at once some are refused late.
        body = given.fresh(life.session, life.resource, made.sent)
        race = life.session.transport.together(
            TOGETHER, lambda: life.ask(create, "create together", path, send=body)
        )
        for exchange in race:
            life.adopt(exchange, made)
    # What is optional has another value than in the create before: no default passes for it.
    life.make("marker after refused creates", (OTHER, *USUAL))

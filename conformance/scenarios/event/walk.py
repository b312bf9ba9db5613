"""One object's life while events are watched."""

from typing import Any

from conformance.model.bodies import FULL, LOW, OTHER, REFERENCE, REQUIRED
from conformance.model.operation import Operation
from conformance.scenarios import given
from conformance.scenarios.event.refusals import refused_changes, refused_creates
from conformance.scenarios.event.story import USUAL, Life
from conformance.scenarios.session import Made

IDEMPOTENCY_KEY = "idempotency-key"
FIELDS = 4
"""So many fields are changed alone: an event of a change is waited for each time."""
BURST = (FULL, OTHER, FULL, OTHER, FULL)


class Walk(Life):
    """One resource: an object lives, is refused, is read, is replayed, is raced for, and is gone."""

    def whole(self) -> None:
        """All of it; nothing where no object can be had."""
        made = self.make("create")
        if made is None:
            return
        refused_creates(self, made)
        self._replayed_create(made)
        for update in self.resource.updates:
            self.update(update, f"update {update.method}", made, OTHER)
        self._alone(made)
        if self.mark(made, "marker"):
            self._safe(made)
            self.mark(made, "marker after safe")
            refused_changes(self, made)
            self.mark(made, "marker after refused")
            self._replayed(made)
            self.mark(made, "marker after replay")
            self._together(made)
            self.mark(made, "marker after together")
            self._in_a_row(made)
            self.mark(made, "marker after in a row")
        self._gone(made)

    def _alone(self, made: Made) -> None:
        """PATCH of one field after the other: the event tells of that, and of the rest as it is."""
        patch = self.resource.patch
        body = self.body(patch, made, FULL) if patch else None
        if patch is None or not isinstance(body, dict) or len(body) < 2:
            return
        names = [n for n in body if n != self.resource.key and not REFERENCE.search(n)]
        for name in names[:FIELDS]:
            exchange = self.ask(patch, f"PATCH {name}", patch.fill(made.chain), send={name: body[name]})
            self.waits.arrived(exchange)
            self.read(made, f"read after PATCH {name}")

    def _safe(self, made: Made) -> None:
        for operation in (self.resource.read, self.resource.list):
            if operation is not None:
                path = made.chain if operation is self.resource.read else made.chain[:-1]
                self.ask(operation, f"safe {operation.method}", operation.fill(path))

    def _replayed_create(self, made: Made) -> None:
        """The same create twice under one Idempotency-Key, where the document declares that field."""
        create = self.resource.create
        declared = create and next((p for p in create.parameters if p.name.lower() == IDEMPOTENCY_KEY), None)
        if create is None or not declared:
            return
        body = given.fresh(self.session, self.resource, made.sent)
        said: dict[str, Any] = {"send": body, "headers": {declared.name: self.session.sampler.word()}}
        for step in ("create under key", "replay under key"):
            exchange = self.ask(create, step, create.fill(made.chain[:-1]), **said)
            self.adopt(exchange, made)
        self.waits.arrived(exchange)

    def _replayed(self, made: Made) -> None:
        replace = self.resource.replace
        if replace is None:
            return
        body = self.body(replace, made, OTHER)
        for step in ("replace", "replay PUT"):
            self.ask(replace, step, replace.fill(made.chain), send=body)

    def _publishing_update(self) -> Operation | None:
        declared = self.session.service.events
        return next((u for u in reversed(self.resource.updates) if declared and declared.of(u.label)), None)

    def _in_a_row(self, made: Made) -> None:
        """Updates one after the other, their events not waited for: these are under way side by side."""
        update = self._publishing_update()
        if update is None:
            return
        asked = [
            self.ask(update, "in a row", update.fill(made.chain), send=self.body(update, made, style))
            for style in BURST
        ]
        self.waits.all_arrived([e for e in asked if e is not None and e.ok])

    def _together(self, made: Made) -> None:
        """Several updates at once, each of its own values; what is read then is what came last."""
        update = self._publishing_update()
        if update is None:
            return
        bodies = [self.body(update, made, style) for style in (OTHER, FULL, LOW, OTHER)]
        waiting = iter(bodies)
        race = self.session.transport.together(
            len(bodies),
            lambda: self.ask(update, "together", update.fill(made.chain), send=next(waiting)),
        )
        self.waits.all_arrived([e for e in race if e.ok])
        self.read(made, "read after together")

    def _gone(self, made: Made) -> None:
        delete = self.resource.delete
        if delete is None:
            return
        path = delete.fill(made.chain)
        self.waits.arrived(self.ask(delete, "delete", path))
        self.ask(delete, "refused DELETE gone", path)
        for update in self.resource.updates:
            self.ask(update, f"refused {update.method} gone", path, send=self.body(update, made, OTHER))
        if self.resource.create is not None:
            # With what is required alone, an event tells the defaults.
            self.make("marker after delete", (REQUIRED, *USUAL))

"""Walks an object through its life: create, read, list, update, delete, gone."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.model.bodies import EXAMPLES, FULL, LOW, OTHER, REQUIRED, Style
from conformance.model.compare import is_number
from conformance.model.operation import Operation
from conformance.model.paging import paging_of
from conformance.model.record import Exchange
from conformance.model.resources import Resource, representation
from conformance.model.service import Principal
from conformance.scenarios.session import Made, Session

NAME = "lifecycle"
SIGNS_IN = re.compile(r"mail|user|login|handle|nick|phone|pass|secret|token", re.IGNORECASE)
"""Fields by which accounts are told apart."""
IN_A_ROW = 3
LONGER = 4
"""The pause after some reads in a row is that many times as long as they took together."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
"""Seconds."""


def run(session: Session) -> None:
    """One life a resource, among others that must not be touched by it; an account lives as itself."""
    for resource in session.service.resources:
        if not any(op.label in session.service.selected for op in resource.operations):
            continue
        trace = f"{NAME} {resource.name}"
        if resource is session.service.account_resource:
            account = session.account("carol", scenario=NAME, trace=trace, step="create")
            if account is not None:
                actor, made = account
                _Life(session, resource, actor, session.service.owner, trace).alone(made)
        else:
            owner = session.service.owner
            _Life(session, resource, owner, owner, trace).among_others()


@dataclass
class _Life:
    """The life of one object: `actor` changes it, `witness` looks at it after it is gone."""

    session: Session
    resource: Resource
    actor: Principal
    witness: Principal
    trace: str

    def among_others(self) -> None:
        """An object among three: one made before, one with its flags turned, one with the lowest numbers."""
        self._list("list before", ())
        first = self._create(" first", FULL, REQUIRED, EXAMPLES)
        made = self._create("", FULL, REQUIRED, EXAMPLES) if first else None
        if made is None:
            return
        # Each is read at once: what is made later may move what was made before (a unique rank, say).
        other = self._create(" other", OTHER)
        low = self._create(" low", LOW) if self._has_numbers(made) else None
        for again, name in ((made, ""), (other, " other")):
            if again is not None:
                self._read_again(name, again)
        self._updates(made, other)
        self._list("list after updates", made.chain[:-1], made)
        if self.resource.delete is None:
            return
        self._item(self.resource.delete, "delete", made)
        self._item(self.resource.read, "read after DELETE", made)
        self._list("list after DELETE", made.chain[:-1], made)
        self._item(self.resource.delete, "delete again", made)
        for bystander, name in ((first, " first"), (other, " other"), (low, " low")):
            if bystander is not None:
                self._item(self.resource.read, f"read{name} after DELETE", bystander)

    def alone(self, made: Made) -> None:
        """An account reads, lists, changes and deletes itself; the witness, another one, is left as it is."""
        other = self.session.objects.get(self.resource.name)
        self._item(self.resource.read, "read", made)
        self._list("list", made.chain[:-1], made)
        if other is not None:
            self._item(self.resource.read, "read other", other, who=self.witness)
        self._updates(made, other, looks=self.witness)
        seen = self._item(self.resource.read, "witness before DELETE", made, who=self.witness)
        if self.resource.delete is None:
            return
        namesake = self._namesake(seen)
        if namesake is not None:
            self._item(self.resource.read, "read namesake", namesake, who=self.witness)
        self._item(self.resource.delete, "delete", made)
        self._item(self.resource.read, "read after DELETE", made, who=self.witness)
        self._list("list after DELETE", made.chain[:-1], made, who=self.witness)
        if namesake is not None:
            self._item(self.resource.read, "read namesake after DELETE", namesake, who=self.witness)
        if other is not None:
            self._item(self.resource.read, "read other after DELETE", other, who=self.witness)

    def _namesake(self, seen: Exchange | None) -> Made | None:
        """Another account that is called the same, but for what one signs in with; None where refused."""
        shown = representation(seen.response.json, self.resource.key) if seen and seen.response else None
        like = {k: v for k, v in (shown or {}).items() if isinstance(v, str) and not SIGNS_IN.search(k)}
        said: dict[str, Any] = {"scenario": NAME, "trace": self.trace, "step": "create namesake"}
        account = self.session.account("carols namesake", like=like, **said) if like else None
        return account[1] if account else None

    def _create(self, name: str, *styles: Style) -> Made | None:
        """Create, read and list; `name` is added to the names of the steps."""
        made = self.session.create(
            self.resource, self.actor, styles=styles, scenario=NAME, trace=self.trace, step=f"create{name}"
        )
        if made is not None:
            self._item(self.resource.read, f"read{name}", made)
            self._list(f"list{name}", made.chain[:-1], made)
        return made

    def _read_again(self, name: str, made: Made) -> None:
        """Once more; where a number moved meanwhile, in a row and after a pause: a clock may move it."""
        again = self._item(self.resource.read, f"read{name} again", made)
        if again is None or not numbers_that_moved(made.shown, again, self.resource.key):
            return
        began = time.monotonic()
        for _ in range(IN_A_ROW):
            self._item(self.resource.read, f"read{name} in a row", made)
        took = time.monotonic() - began
        time.sleep(min(max(LONGER * took, SHORTEST_PAUSE), LONGEST_PAUSE))
        self._item(self.resource.read, f"read{name} in a row", made)

    def _updates(self, made: Made, other: Made | None, looks: Principal | None = None) -> None:
        """Each way of updating, with several bodies; each followed by a read, the last by one of another."""
        # PATCH first: a PUT leaves less that a PATCH could lose.
        for update in reversed(self.resource.updates):
            for name, sent in self._changes(update, made):
                self._item(update, f"update {update.method}{name}", made, send=sent)
                self._item(self.resource.read, f"read after {update.method}{name}", made)
            if other is not None:
                after = self._item(self.resource.read, f"read other after {update.method}", other, who=looks)
                self._followed(update, made, other, after, looks)

    def _followed(
        self,
        update: Operation,
        made: Made,
        other: Made,
        after: Exchange | None,
        looks: Principal | None,
    ) -> None:
        """Where a number of another object moved, update up and down: what a clock moves does not follow."""
        if after is None or not numbers_that_moved(other.shown, after, self.resource.key):
            return
        for style in (LOW, OTHER, LOW):
            sent = self._renamed(self.session.body(update, style), made)
            self._item(update, f"follow {update.method}", made, send=sent)
            self._item(self.resource.read, f"read other following {update.method}", other, who=looks)

    def _item(
        self,
        operation: Operation | None,
        step: str,
        made: Made,
        *,
        who: Principal | None = None,
        send: Any = None,
    ) -> Exchange | None:
        if operation is None:
            return None
        return self.session.ask(
            operation,
            who or self.actor,
            path=operation.fill(made.chain),
            send=send,
            facts={**made.facts, "sent": send},
            scenario=NAME,
            trace=self.trace,
            step=step,
        )

    def _list(
        self,
        step: str,
        parents: tuple[str, ...],
        made: Made | None = None,
        *,
        who: Principal | None = None,
    ) -> Exchange | None:
        operation = self.resource.list
        if operation is None or len(parents) != len(self.resource.parents):
            return None
        paging = paging_of(operation)
        asked: dict[str, Any] = {"asked": paging.most} if paging.size else {}
        known = self.session.objects.get(self.resource.name)
        if self.actor is not self.witness and known is not None:
            asked |= {"witness": known.chain[-1]}
        return self.session.ask(
            operation,
            who or self.actor,
            path=operation.fill(parents),
            query=paging.whole,
            facts={**(made.facts if made else {"key": self.resource.key}), **asked},
            scenario=NAME,
            trace=self.trace,
            step=step,
        )

    def _changes(self, update: Operation, made: Made) -> Iterator[tuple[str, Any]]:
        """The bodies of one way of updating, each with a name for its step; none renames the object."""
        fresh = self._renamed(self.session.body(update, OTHER), made)
        yield "", fresh
        yield from self._one(update, made, " one")
        low = self._renamed(self.session.body(update, LOW), made)
        if isinstance(low, dict):
            # Zero, false and the like: what is lost where a value is tested for being there.
            yield " low", low
            yield from self._one(update, made, " one more")
        if update is self.resource.replace:
            yield " again", low
            bare = self._renamed(self.session.body(update, REQUIRED), made)
            if bare != low:
                # All is set once more, so that no field is at its default when it is left out.
                yield " once more", self._renamed(self.session.body(update, OTHER), made)
                yield " bare", bare

    def _renamed(self, body: Any, made: Made) -> Any:
        if isinstance(body, dict) and self.resource.key in body:
            return {**body, self.resource.key: made.shown[self.resource.key]}
        return body

    def _one(self, update: Operation, made: Made, name: str) -> Iterator[tuple[str, Any]]:
        """For PATCH one field alone, once all are set: flags up, then flags down, must stay as they are."""
        body = self._renamed(self.session.body(update, OTHER), made)
        if update is not self.resource.patch or not isinstance(body, dict):
            return
        before = made.sent if isinstance(made.sent, dict) else {}
        changed = [k for k in body if k in before and body[k] != before[k]]
        # Text first: flags and enumerations may have rules of their own about what follows what.
        changed.sort(key=lambda k: not isinstance(body[k], str))
        if changed:
            yield name, {changed[0]: body[changed[0]]}

    @staticmethod
    def _has_numbers(made: Made) -> bool:
        sent = made.sent if isinstance(made.sent, dict) else {}
        return any(map(is_number, sent.values()))


def numbers_that_moved(before: Mapping[str, Any], again: Exchange, key: str) -> list[str]:
    """The fields of an object that were a number and are another one in a later answer."""
    after = representation(again.response.json, key) if again.response else None
    return [
        k for k, v in (after or {}).items() if is_number(v) and is_number(before.get(k)) and before[k] != v
    ]

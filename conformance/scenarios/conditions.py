"""Asks with conditions: for what has not changed, and for changes of a state that has gone (RFC 9110 §13)."""

from typing import Any

from conformance.model.bodies import FULL, OTHER, Style
from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.model.resources import Resource
from conformance.model.versions import etag, is_weak, must_match, takes
from conformance.scenarios.session import Made, Session, encode

NAME = "conditions"
NO_SUCH_TAG = '"no-such-tag"'


def run(session: Session) -> None:
    """Each resource whose document speaks of conditions, or whose answers so far have had tags."""
    tagged = {e.operation for e in session.transport.record.answered() if etag(e.response)}
    for resource in session.service.resources:
        read = resource.read
        if read is None or not any(op.label in session.service.selected for op in resource.operations):
            continue
        if resource is session.service.account_resource:
            continue
        if read.label in tagged or any(conditional(op) for op in resource.operations):
            _Conditions(session, resource, read).whole()


def conditional(operation: Operation) -> bool:
    """Whether the document says that an operation looks at conditions, or answers with tags."""
    fields = {name for status, r in operation.responses.items() if status[0] == "2" for name in r.headers}
    declared = bool({"304", "412", "428"} & operation.responses.keys())
    return declared or "etag" in fields or takes(operation, "If-Match") or takes(operation, "If-None-Match")


def matches(operation: Operation) -> bool:
    """Whether the document says that a change looks at If-Match."""
    return takes(operation, "If-Match") or "412" in operation.responses or must_match(operation)


class _Conditions:
    """One object, read and changed under conditions."""

    def __init__(self, session: Session, resource: Resource, read: Operation) -> None:
        self._session, self._resource, self._read = session, resource, read
        self._trace = f"{NAME} {resource.name}"

    def whole(self) -> None:
        made = self._session.create(
            self._resource, self._session.service.owner, scenario=NAME, trace=self._trace, step="create"
        )
        first = self._look("read", made) if made else None
        tag = etag(first.response) if first and first.ok else None
        if made is None or tag is None:
            return
        self._look("read again", made)
        for step, value in (("none match", tag), ("none match list", f"{NO_SUCH_TAG}, {tag}")):
            self._look(step, made, {"if-none-match": value})
        for update in self._resource.updates:
            self._act(update, made, f"change {update.method}", style=OTHER)
            self._look(f"read changed {update.method}", made)
            self._look(f"none match old {update.method}", made, {"if-none-match": tag})
        for change in (*self._resource.updates, self._resource.delete):
            if change is not None and matches(change):
                self._conditioned(change, made, tag)

    def _conditioned(self, change: Operation, made: Made, stale: str) -> None:
        """What must be refused, each with a look before and after; then what must be accepted."""
        method = change.method
        before = self._look(f"before {method}", made)
        now = etag(before.response) if before and before.ok else None
        if now is None:
            return
        refusals = {"stale": stale if stale != now else NO_SUCH_TAG}
        if not is_weak(now):
            refusals["weak"] = f"W/{now}"
        if must_match(change):
            refusals["omitted"] = ""
        for name, value in refusals.items():
            self._act(change, made, f"{name} {method}", value)
            after = self._look(f"after {name} {method}", made)
            if after is None or etag(after.response) != now:
                return  # it was changed: what follows would name a tag that has gone
        if change is not self._resource.delete:
            self._act(change, made, f"listed {method}", f"{NO_SUCH_TAG}, {now}")
            again = self._look(f"before current {method}", made)
            now = etag(again.response) if again else None
        if now is not None:
            self._act(change, made, f"current {method}", now)

    def _look(self, step: str, made: Made, headers: dict[str, str] | None = None) -> Exchange | None:
        return self._session.ask(
            self._read,
            self._session.service.owner,
            path=self._read.fill(made.chain),
            headers=headers,
            facts=made.facts,
            scenario=NAME,
            trace=self._trace,
            step=step,
        )

    def _act(
        self, change: Operation, made: Made, step: str, tag: str | None = None, style: Style = FULL
    ) -> Exchange | None:
        """Change under a tag; "" sends none, and None what the change must name."""
        session = self._session
        sent = None if change.method == "DELETE" else self._body(change, made, style)
        said: dict[str, Any] = {"scenario": NAME, "trace": self._trace, "step": step}
        path, facts = change.fill(made.chain), {**made.facts, "sent": sent, "tag": tag}
        owner = session.service.owner
        if tag:
            return session.ask(
                change, owner, path=path, send=sent, headers={"if-match": tag}, facts=facts, **said
            )
        if tag is None:
            return session.ask(change, owner, path=path, send=sent, facts=facts, **said)
        media, body = encode(change, sent)
        required = session.required(change, "header")
        return session.transport.call(
            change,
            principal=owner.name,
            path=path,
            query=session.required(change, "query"),
            headers={**required, **owner.headers, **({"content-type": media} if media else {})},
            body=body,
            facts=facts,
            **said,
        )

    def _body(self, change: Operation, made: Made, style: Style) -> Any:
        body = self._session.body(change, style)
        if isinstance(body, dict) and self._resource.key in body:
            return {**body, self._resource.key: made.shown[self._resource.key]}
        return body

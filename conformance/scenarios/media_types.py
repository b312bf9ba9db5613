"""Sends the body that an operation takes, in media types that it does not."""

import json
from urllib.parse import urlencode

from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.model.resources import identifier
from conformance.scenarios.session import Made, Session

NAME = "media types"
TEXT = "text/plain"
FORM = "application/x-www-form-urlencoded"
"""What any page of the web may send without a preflight (Fetch §2.2.2)."""


def run(session: Session) -> None:
    """JSON that calls itself text, and the same fields as a form, to each operation that takes JSON."""
    for operation in session.service.operations:
        body = operation.body
        if body and body.required and "json" in body.media_type and operation.method != "DELETE":
            _others(session, operation)


def others(operation: Operation) -> list[str]:
    """The media types of these two that the operation does not declare, by name or by range."""
    declared = {body.media_type.split(";")[0].strip().lower() for body in operation.bodies}
    return [m for m in (TEXT, FORM) if not declared & {m, "*/*", f"{m.partition('/')[0]}/*"}]


def _others(session: Session, operation: Operation) -> None:
    owner, account = session.service.owner, session.service.account_resource
    if account is not None and operation in account.updates:
        return  # one that is changed all the same may not be able to speak any more
    for media in others(operation):
        path, body = session.path_of(operation), session.body(operation)
        if path is None or not isinstance(body, dict):
            return
        answer = session.transport.call(
            operation,
            path=path,
            query=session.required(operation, "query"),
            headers={**session.required(operation, "header"), **owner.headers, "content-type": media},
            body=json.dumps(body).encode() if media == TEXT else urlencode(body, doseq=True).encode(),
            facts={"fault": "media type", "field": media, "declared": [operation.method]},
            scenario=NAME,
            trace=f"{NAME} {operation.label}",
            step="other media type",
            principal=owner.name,
        )
        if answer is not None and answer.ok:
            _keep(session, operation, tuple(path.values()), answer)


def _keep(session: Session, create: Operation, parents: tuple[str, ...], answer: Exchange) -> None:
    """Remember what was made all the same, so that it is removed in the end."""
    resource = next((r for r in session.service.resources if r.create is create), None)
    made = identifier(answer.response, resource.key) if resource and answer.response else None
    if resource is not None and made is not None:
        session.transport.objects.own(resource.name, made)
        found = Made(resource, (*parents, made), {resource.key: made}, None)
        session.made.append((found, session.service.owner))

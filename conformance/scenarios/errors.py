"""Provokes an error of every layer: router, parser, validation, domain, authentication."""

import json

from conformance.model.operation import Operation
from conformance.model.record import ANONYMOUS
from conformance.scenarios.session import Session

NAME = "errors"
PROBES = ("PATCH", "DELETE", "PUT", "POST", "GET")


def run(session: Session) -> None:
    """The router's own errors once, the others on every operation that can make them."""
    send = session.transport.send
    send(
        "GET",
        "/" + session.sampler.word(),
        scenario=NAME,
        trace=NAME,
        step="no such path",
        principal=ANONYMOUS,
    )
    declared: dict[str, set[str]] = {}
    for operation in session.service.operations:
        declared.setdefault(operation.path, set()).add(operation.method)
    for path, methods in declared.items():
        method = next((m for m in PROBES if m not in methods), None)
        if method and "{" not in path:
            send(
                method,
                path,
                scenario=NAME,
                trace=f"{NAME}{path}",
                step="wrong method",
                principal=ANONYMOUS,
                operation=f"{min(methods)} {path}",
                facts={"declared": sorted(methods)},
            )
    for operation in session.service.operations:
        trace = f"{NAME} {operation.label}"
        if operation.path_parameters:
            _missing(session, operation, trace)
        if operation.body and "json" in operation.body.media_type:
            _bad_bodies(session, operation, trace)


def _missing(session: Session, operation: Operation, trace: str) -> None:
    sent = session.sampler.value(operation.body.schema) if operation.body else None
    session.ask(
        operation,
        session.service.owner,
        scenario=NAME,
        trace=trace,
        step="missing",
        path=session.missing(operation),
        send=sent,
    )


def _bad_bodies(session: Session, operation: Operation, trace: str) -> None:
    owner = session.service.owner
    names = session.missing(operation)
    headers = {**owner.headers, "content-type": "application/json"}

    def post(step: str, body: bytes, **facts: object) -> None:
        session.transport.call(
            operation,
            scenario=NAME,
            trace=trace,
            step=step,
            principal=owner.name,
            path=names,
            headers=headers,
            body=body,
            facts=facts,
        )

    post("malformed", b'{"broken": ')
    if operation.path_parameters or operation.body is None:
        # Bad data for an object that is not there may be answered for either fault.
        return
    shape = session.service.document.shape(operation.body.schema)
    valid = session.sampler.value(shape)
    if not isinstance(valid, dict):
        return
    for name in shape.get("required", ()):
        without = {key: value for key, value in valid.items() if key != name}
        post("invalid", json.dumps(without).encode(), fault="required", field=name)
    for name, schema in session.service.document.properties(shape).items():
        prop = session.service.document.shape(schema)
        if prop.get("type") == "string" and name in valid:
            post("invalid", json.dumps({**valid, name: {}}).encode(), fault="type", field=name)
            if isinstance(prop.get("maxLength"), int) and prop["maxLength"] < 10_000:
                long = "x" * (prop["maxLength"] + 1)
                post(
                    "invalid",
                    json.dumps({**valid, name: long}).encode(),
                    fault="maxLength",
                    field=name,
                )

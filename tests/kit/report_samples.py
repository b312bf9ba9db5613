"""A small service, a record of it, and rules of the tests' own: what reports are made of."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from conformance.judge.rule import Catalogue, Observation, Rule, broken, held
from conformance.judge.runner import Verdict, judge
from conformance.model.record import Exchange, Interruption, Record, Request, Response
from conformance.model.resources import find_resources
from conformance.model.service import Principal, Service
from conformance.report.build import Run, build
from conformance.report.result import (
    Baseline,
    Earlier,
    Finding,
    Operation,
    Result,
    RuleResult,
    StaleWaiver,
    Target,
    Unreached,
    Waiver,
)
from conformance.target.openapi import parse
from conformance.target.secrets import Secrets

BASE = "http://127.0.0.1:8000"
POSTS, POST = "/api/v1/posts", "/api/v1/posts/{post_id}"
OK = {
    "200": {
        "description": "ok",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Post"}}},
    }
}
BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Post"}}}}
ITEM = [{"name": "post_id", "in": "path", "required": True, "schema": {"type": "integer"}}]
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Blog", "version": "1.2.0"},
    "paths": {
        POSTS: {
            "get": {"responses": OK},
            "post": {"requestBody": BODY, "responses": {"201": OK["200"]}},
        },
        POST: {
            "parameters": ITEM,
            "get": {"responses": OK},
            "put": {"requestBody": BODY, "responses": OK, "security": [{"bearer": []}]},
            "delete": {"responses": {"204": {"description": "gone"}}, "security": [{"bearer": []}]},
        },
        "/api/v1/users/me": {"get": {"responses": OK, "security": [{"bearer": []}]}},
    },
    "components": {
        "schemas": {
            "Post": {"type": "object", "properties": {"id": {"type": "integer"}, "title": {"type": "string"}}}
        },
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
    },
}
SECTION = "Core Principles 6: Error Handling"
rules = Catalogue()


def exchange(
    number: int,
    operation: str | None,
    status: int,
    body: Any = None,
    *,
    path: str = "",
    send: Any = None,
    principal: str = "alice",
    headers: dict[str, str] | None = None,
    answered: dict[str, str] | None = None,
    step: str = "step",
    facts: dict[str, Any] | None = None,
    failure: str | None = None,
) -> Exchange:
    """An exchange as the transport records it; bodies are JSON unless they are bytes."""
    method, _, template = (operation or "GET /nowhere").partition(" ")
    sent = {"content-type": "application/json"} if send is not None else {}
    return Exchange(
        number=number,
        scenario="samples",
        trace=f"samples {operation}",
        step=step,
        operation=operation,
        principal=principal,
        request=Request(
            method, BASE + (path or template), tuple({**sent, **(headers or {})}.items()), _bytes(send)
        ),
        response=None
        if failure
        else Response(
            status,
            tuple({"content-type": "application/json", **(answered or {})}.items()),
            _bytes(body),
            0.01,
        ),
        failure=failure,
        facts=facts or {},
        started=number / 10,
    )


def _bytes(data: Any) -> bytes:
    if data is None or isinstance(data, bytes):
        return data or b""
    return json.dumps(data).encode()


def service(*principals: Principal) -> Service:
    """The service of `DOCUMENT`, with alice and bob unless others are given."""
    document = parse(json.dumps(DOCUMENT), f"{BASE}/openapi.json")
    known = principals or (
        Principal("alice", {"authorization": "Bearer alices-own-token-1"}),
        Principal("bob", {"authorization": "Bearer bobs-own-token-22"}),
    )
    selected = frozenset(operation.label for operation in document.operations)
    return Service(document, find_resources(document), list(known), selected=selected)


def labels(of: Service) -> list[str]:
    """All operations."""
    return [operation.label for operation in of.operations]


@rules.rule(
    "ACC004",
    contract="api",
    level="MUST",
    title="Another user's object is neither changed nor deleted",
    section="Core Principles 1: Layered Architecture",
    mend="Compare the author with the current user in the service, before the repository is asked.",
    applies=labels,
    needs=("second principal",),
)
def strangers_change_nothing(record: Record, _service: Service) -> Iterator[Observation]:
    """A second user tries to change and to delete what the first one made; both must be refused."""
    for e in record.answered():
        if e.operation and e.principal == "bob" and e.request.method in ("PUT", "DELETE"):
            if e.ok:
                yield broken(
                    e.operation,
                    e,
                    cause="accepted",
                    message="a stranger's request is accepted",
                    expected="403 or 404, and the object as it was",
                    actual=f"{e.status} {e.response.body.decode() if e.response else ''}",
                )
            else:
                yield held(e.operation, e)


@rules.rule(
    "ERR004",
    contract="error",
    level="MUST",
    title="No request ends in a server error",
    section=SECTION,
    mend="Map the exception to a problem in the handlers, or validate what leads to it.",
    applies=labels,
)
def no_server_error(record: Record, _service: Service) -> Iterator[Observation]:
    """No answer has a status of 500 or more (RFC 9110 §15.6)."""
    for e in record.answered():
        if e.operation and e.status >= 500:
            yield broken(
                e.operation,
                e,
                cause="5xx",
                message=f"{e.step} ends in a server error",
                expected="a 4xx with the declared body",
                actual=f"{e.status} {e.response.body.decode('utf-8', 'replace') if e.response else ''}",
            )
        elif e.operation:
            yield held(e.operation, e)


@rules.rule(
    "API009",
    contract="api",
    level="SHOULD",
    title="A [bold]list[/bold] is bounded :smile:",
    section="Quick Start",
    mend="Give `limit` a maximum.",
    applies=lambda of: [op.label for op in of.operations if op.label == f"GET {POSTS}"],
)
def lists_are_bounded(record: Record, _service: Service) -> Iterator[Observation]:
    """A list without `limit` has a bounded length."""
    for e in record.answered():
        rows = e.response.json if e.response else None
        if e.operation == f"GET {POSTS}" and isinstance(rows, list):
            if len(rows) < 100:
                yield held(e.operation, e)
            else:
                yield broken(
                    e.operation,
                    e,
                    cause="unbounded",
                    message="a list without limit gives all",
                    expected="at most 100 items",
                    actual=f"{len(rows)} items",
                )


@rules.rule(
    "ACC002",
    contract="api",
    level="MUST",
    title="An expired token is refused",
    section="Security",
    mend="Verify `exp`.",
    applies=labels,
    needs=("expired token",),
)
def expired_is_refused(record: Record, _service: Service) -> Iterator[Observation]:
    """An expired token gets 401."""
    yield from (held(e.operation or "", e) for e in record if e.principal == "expired" and e.status == 401)


@rules.rule(
    "ERR007",
    contract="error",
    level="MUST",
    title="Too much gets 413",
    section=SECTION,
    mend="Limit the size of requests.",
    applies=labels,
)
def too_much(record: Record, _service: Service) -> Iterator[Observation]:
    """A body that is too large is refused."""
    yield from (held(e.operation or "", e) for e in record if e.status == 413)


def faulty(interrupted: Interruption | None = None) -> Record:
    """A record that breaks three rules."""
    alice, bob = (
        {"authorization": f"Bearer {token}"} for token in ("alices-own-token-1", "bobs-own-token-22")
    )
    title = {"title": 'it\'s 100% "new"'}
    return Record(
        [
            exchange(1, f"POST {POSTS}", 201, {"id": 7}, send=title, headers=alice, step="create"),
            exchange(2, f"GET {POSTS}", 200, [{"id": n} for n in range(150)], headers=alice),
            exchange(
                3,
                f"PUT {POST}",
                200,
                {"id": 7, **title},
                path=f"{POSTS}/7",
                send=title,
                headers=bob,
                principal="bob",
            ),
            exchange(4, f"DELETE {POST}", 204, path=f"{POSTS}/7", headers=bob, principal="bob"),
            exchange(
                5,
                f"POST {POSTS}",
                500,
                b"Internal \x1b[31mServer\x1b[0m Error",
                send={"title": "x" * 400},
                headers=alice,
                step="a long title",
            ),
            exchange(6, f"GET {POST}", 404, {"detail": "no"}, path=f"{POSTS}/8"),
        ],
        interrupted,
    )


def run(**changes: Any) -> Run:
    """What an audit of the samples knows beside the record."""
    target = Target(
        url=BASE,
        document=f"{BASE}/openapi.json",
        title="Blog",
        version="1.2.0",
        read_only=False,
        started=False,
    )
    known: dict[str, Any] = {
        "target": target,
        "seed": 1,
        "started_at": datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
        "duration": 4.2,
        **changes,
    }
    return Run(**known)


def verdicts(record: Record, of: Service, asked: Iterable[Rule] = rules) -> list[Verdict]:
    """The rules of this module, or those given, asked of a record."""
    return judge(asked, record, of, read_only=False, selected=set(labels(of)))


def result(record: Record | None = None, of: Service | None = None, **changes: Any) -> Result:
    """The result of a faulty record, or of the one given."""
    record, of = record or faulty(), of or service()
    return build(verdicts(record, of), record, of, run(**changes), Secrets())


HOSTILE = "</script><script>window.owned=1</script><img src=x onerror=window.owned=1>"
HOSTILE += "\"'`{{7*7}}]]>&\x00\x0b\u202e\ufffe"
"""What a service may answer with to take over a report: markup, quotes, template syntax, controls."""


def hostile() -> Result:
    """The faulty sample, where everything that comes from the service or its document is hostile.

    ERR004 is new and ACC004 waived; there are a waiver that has expired and an earlier finding that is gone.
    """
    given = result()
    waiver = Waiver(reason=HOSTILE, owner=HOSTILE, expires="2030-12-31")
    label = f"GET /{HOSTILE}"

    def found(rule: RuleResult, finding: Finding) -> Finding:
        return finding.model_copy(
            update={
                **dict.fromkeys(("message", "expected", "actual"), f"{finding.message} {HOSTILE}"),
                "operations": [*finding.operations, label],
                "curl": f"curl -i 'http://127.0.0.1:8000/{HOSTILE}'",
                "source": f"app/{HOSTILE}.py:7" if rule.id == "ERR004" else None,
                "waivers": [waiver] if rule.id == "ACC004" else [],
                "new": rule.id == "ERR004",
                "new_operations": [label] if rule.id == "ERR004" else [],
            }
        )

    judged = [
        rule.model_copy(
            update={
                "findings": [found(rule, finding) for finding in rule.findings],
                "reason": rule.reason and HOSTILE,
                "outcome": "waived" if rule.id == "ACC004" else rule.outcome,
            }
        )
        for rule in given.rules
    ]
    target = given.target.model_copy(update={"title": HOSTILE, "version": HOSTILE, "document": HOSTILE})
    earlier = Earlier(rule="API001", fingerprint="1" * 16, operations=[label], message=HOSTILE)
    stale = StaleWaiver(
        rule="ERR001",
        operation=label,
        fingerprint=None,
        reason=HOSTILE,
        owner=HOSTILE,
        expires="2029-01-01",
        problem="expired on 2029-01-01",
    )
    unreached = [Unreached(operation=label, reason=HOSTILE)]
    return given.model_copy(
        update={
            "target": target,
            "rules": judged,
            "summary": given.summary.model_copy(update={"unreached": unreached, "waived": 1}),
            "operations": [*given.operations, Operation(operation=label, requests=1, accepted=0)],
            "waivers": [stale],
            "baseline": Baseline(
                started_at="2030-01-01T00:00:00+00:00", new=1, still=2, gone=[earlier], unjudged=[earlier]
            ),
        }
    )

"""The plan of an audit in the terminal."""

import math
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from conformance.report.console import pairs, safe
from conformance.report.plan import Plan, PlannedOperation, PlannedResource

METHODS = ("GET", "HEAD", "OPTIONS", "QUERY", "POST", "PUT", "PATCH", "DELETE")
CARE = {
    "QUERY": "as it is safe",
    "POST": "adds objects, or acts on those that it made",
    "PUT": "of objects that it made, or names that it made up",
    "PATCH": "of objects that it made, or names that it made up",
    "DELETE": "of objects that it made, or names that it made up",
}
"""What is true of each unsafe method by the rules of the transport, whatever a scenario wants."""
MINUTE = 60


def show(plan: Plan, console: Console) -> None:
    """What was understood, what will be called, what not and why, and about how long it takes."""
    target = plan.target
    rows = [
        ("target", safe(f"{target.url}  {target.title} {target.version}")),
        ("document", safe(target.document)),
        ("writes", Text("none: only GET, HEAD and OPTIONS leave" if target.read_only else "yes")),
        *_sign_in(plan),
        ("rules", Text(str(plan.rules))),
        ("about", Text(_estimate(plan))),
    ]
    console.print(pairs(*rows))
    console.print(Text(f"\n{_count(len(plan.resources), 'resource')}", style="bold"))
    for resource in plan.resources:
        console.print(Text(f"\n{resource.collection}", style="bold cyan"))
        console.print(pairs(*((name, safe(value)) for name, value in _resource(resource)), indent=2))
    _operations(plan, console)
    console.print(Text("\nnothing has been asked of the service but its document"))


def _sign_in(plan: Plan) -> Iterator[tuple[str, Text]]:
    signing = plan.sign_in
    if signing.schemes:
        yield "schemes", safe(", ".join(signing.schemes))
    ways = [
        f"{verb} by {label}" for verb, label in (("up", signing.sign_up), ("in", signing.sign_in)) if label
    ]
    if ways:
        yield "sign", safe(", ".join(ways))
    yield "principals", safe(", ".join(signing.principals) or f"nobody: {signing.why_not}")
    if signing.disabled:
        yield "disabled", safe(", ".join(signing.disabled))


def _estimate(plan: Plan) -> str:
    sent = _count(plan.requests, "request")
    if plan.seconds is None:
        return f"{sent}; the document is a file, so that nothing tells how long they take"
    whole = plan.seconds >= MINUTE
    time = (
        _count(round(plan.seconds / MINUTE), "minute") if whole else _count(math.ceil(plan.seconds), "second")
    )
    return f"{sent}, at most {time} if none takes longer than the document did"


def _resource(resource: PlannedResource) -> Iterator[tuple[str, str]]:
    """The rows of one resource; what it does not have has none."""
    for name in ("item", "parent", "identifier", "list", "create", "read", "replace", "update", "delete"):
        if value := getattr(resource, name):
            yield name, value
    if resource.paging:
        yield "pages", ", ".join(f"{kind} by {name}" for kind, name in resource.paging.items())
    for name in ("filters", "sorts", "unique", "server_made", "write_only", "lookups", "actions", "bulk"):
        if values := getattr(resource, name):
            yield name.replace("_", "-"), ", ".join(values)


def _operations(plan: Plan, console: Console) -> None:
    console.print(Text("\noperations that will be called", style="bold"))
    by_method: dict[str, list[PlannedOperation]] = {}
    for operation in plan.operations:
        by_method.setdefault(operation.operation.partition(" ")[0], []).append(operation)
    rows = []
    for method in sorted(by_method, key=lambda m: METHODS.index(m) if m in METHODS else len(METHODS)):
        called = [op for op in by_method[method] if op.called != "no"]
        care = f"  {CARE[method]}" if method in CARE and called else ""
        rows.append((method, Text(f"{len(called)} of {len(by_method[method])}{care}")))
    console.print(pairs(*rows, indent=2))
    for how, title in (
        ("nowhere", "called without an object or credentials only, to see them refused"),
        ("no", "not called"),
    ):
        left = [op for op in plan.operations if op.called == how]
        if left:
            console.print(Text(f"\n{title}", style="bold"))
            for operation in left:
                console.print(
                    Text("  ") + safe(operation.operation) + Text("  ") + safe(operation.why, "yellow")
                )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"

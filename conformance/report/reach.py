"""Which operations accepted a request, and why the others did not."""

from collections import Counter
from collections.abc import Iterator

from conformance.model.operation import Operation
from conformance.model.record import Exchange, Record
from conformance.model.service import Service
from conformance.report.result import Unreached
from conformance.target.ownership import sweeps


def unreached(record: Record, service: Service, *, read_only: bool, fresh: bool) -> list[Unreached]:
    """All operations without an accepted request, in the document's order, each with its reason."""
    reached = record.accepted()
    asked: dict[str, list[Exchange]] = {}
    for exchange in record:
        if label := _own(exchange):
            asked.setdefault(label, []).append(exchange)
    return [
        Unreached(
            operation=op.label,
            reason=_reason(op, asked.get(op.label, []), record, service, read_only, fresh),
        )
        for op in service.document.operations
        if op.label not in reached
    ]


def operations(record: Record, service: Service) -> Iterator[tuple[str, int, int]]:
    """Each operation of the document, how many requests called it, and how many of those it accepted."""
    calls: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    for exchange in record:
        if label := _own(exchange):
            calls[label] += 1
            accepted[label] += 200 <= exchange.status < 400
    for operation in service.document.operations:
        yield operation.label, calls[operation.label], accepted[operation.label]


def never(operation: Operation, service: Service, *, read_only: bool, fresh: bool) -> str | None:
    """Why an operation is not called whatever the audit makes; None where it may be."""
    if operation.label not in service.selected:
        return "left out by --include or --exclude"
    if read_only and not operation.safe:
        return "only GET, HEAD and OPTIONS leave without --write"
    if sweeps(operation.method, operation.path, fresh=fresh):
        return "it may touch what this audit did not make"
    return None


def _own(exchange: Exchange) -> str | None:
    """The operation that an exchange called; None where it tried another method on its path."""
    label = exchange.operation
    return label if label and label.startswith(f"{exchange.request.method} ") else None


def _reason(
    operation: Operation,
    asked: list[Exchange],
    record: Record,
    service: Service,
    read_only: bool,
    fresh: bool,
) -> str:
    statuses = sorted({e.status for e in asked if e.response})
    if statuses:
        return f"answered {', '.join(map(str, statuses))}"
    if asked:
        return f"no answer: {', '.join(sorted({e.failure or '' for e in asked}))}"
    if why := never(operation, service, read_only=read_only, fresh=fresh):
        return f"not sent: {why}"
    if not record.complete:
        return "not sent: the audit ended before"
    if operation.protected and not service.principals:
        why = f" ({service.why_no_principals})" if service.why_no_principals else ""
        return f"not sent: needs credentials{why}"
    if operation.path_names:
        return f"not sent: nothing of this audit to name as {{{operation.path_names[-1]}}}"
    return "not sent: no scenario calls it"

"""Finds which operations ask for credentials, where the document says nothing of any."""

from collections.abc import Iterable
from dataclasses import replace

from conformance.model.bodies import Sampler
from conformance.model.operation import Operation
from conformance.model.record import ANONYMOUS
from conformance.target.openapi import Document
from conformance.target.transport import Transport

REFUSED = (401, 403)
ASKED = frozenset({"credentials that no document declares"})


def declares_none(document: Document) -> bool:
    """Whether the document has no security scheme, and asks for none."""
    return not document.security_schemes and not any(op.security for op in document.operations)


def guarded(operations: Iterable[Operation], transport: Transport, sampler: Sampler) -> frozenset[str]:
    """The labels of the operations that refuse nobody's request with 401 or 403, but for a sign-in.

    Asked with names that lead nowhere, and without a body: the reads first, and no other where none of
    these asks for credentials. Raises `Stopped` as the transport does.
    """
    found: set[str] = set()
    for operation in sorted(operations, key=lambda op: not op.safe):
        signs_in = operation.body is not None and "password" in operation.body.fields
        if not signs_in and (operation.safe or found) and _refuses(operation, transport, sampler):
            found.add(operation.label)
    return frozenset(found)


def _refuses(operation: Operation, transport: Transport, sampler: Sampler) -> bool:
    names = {p.name: str(sampler.absent(p.schema)) for p in operation.path_parameters}
    for name in names.values():
        transport.objects.invent(name)
    said = {"scenario": "principals", "trace": "as nobody", "step": "as nobody", "principal": ANONYMOUS}
    answer = transport.call(operation, path=names, **said)
    return answer is not None and answer.status in REFUSED


def protected(document: Document, labels: frozenset[str]) -> Document:
    """The same with operations that ask for credentials, as if it had said so."""
    operations = (replace(op, security=(ASKED,)) if op.label in labels else op for op in document.operations)
    return replace(document, operations=tuple(operations))

"""Gets the OpenAPI document and proves that it belongs to the target, before anything is judged."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2

from conformance.errors import TargetProblem, Unreachable, UsageProblem
from conformance.model.operation import Operation
from conformance.model.record import Response
from conformance.target.openapi import Document, parse
from conformance.target.patterns import matches
from conformance.target.transport import Transport

DEFAULT = "/openapi.json"
USUAL = (
    DEFAULT,
    "/api/openapi.json",
    "/api/v1/openapi.json",
    "/v1/openapi.json",
    "/openapi.yaml",
    "/swagger.json",
    "/api/swagger.json",
    "/v3/api-docs",
    "/spec.json",
)
"""Where frameworks serve their document; asked only to name the right one in a message."""
PROBES = 12
"""So many operations are asked for the proof, of those with path parameters and of those without."""
Credentials = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proven:
    """A document, the base at which its operations answer, and the operation that showed it."""

    document: Document
    base: str
    by: str


def obtain(given: str | None, folder: Path, transport: Transport, credentials: Credentials) -> Proven:
    """The document that was asked for, proven.

    `given` is a path on the target, a URL, or a file below `folder`. Raises `TargetProblem`, which
    names the document and the base that would work where there are such.
    """
    try:
        document = _read(given or DEFAULT, folder, transport, credentials)
    except Unreachable:
        raise
    except TargetProblem as problem:
        raise TargetProblem(f"{problem}{_advice(transport, credentials)}") from problem
    proven = _prove(document, transport, credentials)
    if proven is None:
        raise TargetProblem(
            f"none of the operations of {document.source} answers as documented below {transport.base}"
            f"{_alike(transport, credentials)}.{_advice(transport, credentials)}"
        )
    return proven


def unproven(given: str | None, folder: Path, transport: Transport, credentials: Credentials) -> Proven:
    """The document that was asked for, at the base that it names; nothing but itself is asked for.

    Raises `TargetProblem` where it cannot be read.
    """
    document = _read(given or DEFAULT, folder, transport, credentials)
    return Proven(document, next(_bases(document, transport)), "")


def _read(given: str, folder: Path, transport: Transport, credentials: Credentials) -> Document:
    return parse(*fetch(given, folder, transport, credentials, "an OpenAPI document"))


def fetch(
    given: str, folder: Path, transport: Transport, credentials: Credentials, what: str
) -> tuple[bytes, str]:
    """A document and where it is: a file below `folder`, a path on the target or a URL, as `given` says.

    Raises `TargetProblem` where it is not to be had; `what` names it in the message.
    """
    file = folder / given
    if file.is_file():
        return file.read_bytes(), given
    if not given.startswith(("http://", "https://")):
        url, *others = dict.fromkeys(
            [f"{transport.base}/{given.lstrip('/')}", f"{transport.origin}/{given.lstrip('/')}"]
        )
        answer = _ask(url, transport, credentials)
        if others and answer.status == httpx2.codes.NOT_FOUND:
            url = others[0]
            answer = _ask(url, transport, credentials)
    elif given.startswith(transport.origin + "/"):
        url, answer = given, _ask(given, transport, credentials)
    else:
        url, answer = given, _elsewhere(given, transport.door.timeout)
    where = answer.header("location")
    if 300 <= answer.status < 400 and where:
        raise TargetProblem(f"{url} redirects to {where}, which is not followed; name that address instead.")
    if not answer.ok:
        raise TargetProblem(f"{url} answers {answer.status}, not {what}.")
    return answer.body, url


def _ask(url: str, transport: Transport, credentials: Credentials) -> Response:
    answer = transport.fetch(url)
    if answer.status in (401, 403) and credentials:
        answer = transport.fetch(url, credentials)
    return answer


def _elsewhere(url: str, timeout: float) -> Response:
    """A document that the user named on another host: asked without any credentials."""
    try:
        answer = httpx2.get(url, timeout=timeout, follow_redirects=False, trust_env=False)
        return Response(answer.status_code, tuple(answer.headers.multi_items()), answer.content)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise UsageProblem(f"the document at {url} cannot be read ({type(error).__name__}).") from error


def _bases(document: Document, transport: Transport) -> Iterator[str]:
    """Where the operations may live: the base given, then what `servers` says, on this origin only.

    A path in the given URL is the base of all operations, so then `servers` is not asked.
    """
    if transport.base == transport.origin:
        yield from _servers(document, transport)
    yield transport.base


def _servers(document: Document, transport: Transport) -> Iterator[str]:
    at = document.source if document.source.startswith(transport.origin) else transport.origin + "/"
    for server in document.servers:
        with suppress(ValueError):  # what is no URL is nowhere; API001 judges it
            yield transport.origin + urlsplit(urljoin(at, server)).path.rstrip("/")


def _prove(document: Document, transport: Transport, credentials: Credentials) -> Proven | None:
    for base in dict.fromkeys(_bases(document, transport)):
        by = _answering(document, base, transport, credentials)
        if by is not None:
            return Proven(document, base, by.label)
    return None


def _answering(
    document: Document, base: str, transport: Transport, credentials: Credentials
) -> Operation | None:
    """The first operation that answers as documented, and otherwise than a path that is not there."""
    nowhere = transport.fetch(f"{base}/{uuid.uuid4().hex}", credentials)
    askable = [op for op in document.operations if not matches("GET", op.path, transport.door.exclude)]
    plain = [op for op in askable if not op.path_parameters]
    reads = [op for op in plain if op.method == "GET"]
    reads.sort(key=lambda op: any(p.required for p in op.query_parameters))
    writes = [op for op in plain if op.method != "GET"]
    for operation in [*reads, *writes][:PROBES]:
        answer = transport.fetch(base + operation.path, credentials)
        if _signature(answer) == _signature(nowhere):
            continue
        if operation.method != "GET":
            if answer.status == httpx2.codes.METHOD_NOT_ALLOWED:
                return operation
        elif _as_documented(operation, answer):
            return operation
    for operation in [op for op in askable if op.path_parameters][:PROBES]:
        path = operation.path
        for parameter in operation.path_parameters:
            path = path.replace(f"{{{parameter.name}}}", "2147480000")
        answer = transport.fetch(base + path, credentials)
        if _signature(answer) != _signature(nowhere) and operation.method == "GET":
            if _as_documented(operation, answer) or answer.status in operation.statuses:
                return operation
        elif answer.status == httpx2.codes.METHOD_NOT_ALLOWED != nowhere.status:
            return operation
    return None


def _alike(transport: Transport, credentials: Credentials) -> str:
    """What is odd about a target that takes any path for its own, empty where it does not."""
    nowhere = transport.fetch(f"{transport.base}/{uuid.uuid4().hex}", credentials)
    if not nowhere.ok:
        return ""
    return f", where a path that was made up is answered with {nowhere.status} as well"


def _signature(answer: Response) -> tuple[int, str, bytes]:
    return answer.status, answer.header("content-type") or "", answer.body


def _as_documented(operation: Operation, answer: Response) -> bool:
    if answer.status in (401, 403) and operation.security:
        return True
    if answer.status in (404, 405) or answer.status not in operation.statuses:
        return False
    declared = operation.declared(answer.status)
    return (
        not declared
        or not declared.content
        or any(fnmatchcase(answer.media_type, wanted) for wanted in declared.media_types)
    )


def _advice(transport: Transport, credentials: Credentials) -> str:
    """A sentence that names the document and the base that would work, empty where none is found."""
    roots = dict.fromkeys([transport.origin, transport.base])
    for url in dict.fromkeys(root + path for root in roots for path in USUAL):
        try:
            answer = _ask(url, transport, credentials)
            document = parse(answer.body, url) if answer.ok else None
            if document is None:
                continue
            for base in dict.fromkeys([*_servers(document, transport), transport.base, _folder(url)]):
                if _answering(document, base, transport, credentials):
                    return f" This would work: --url {base} --openapi {url}"
        except Unreachable:
            return ""
        except TargetProblem:
            continue
    return ""


def _folder(url: str) -> str:
    """The mount point that serves a document, where an application is mounted below a path."""
    return url.rsplit("/", 1)[0]

"""A password goes one way: it is sent, and never comes back."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qsl

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import Operation
from conformance.model.record import Record, Request, Response
from conformance.model.service import Service
from conformance.rules.disclosure import strings
from conformance.target.principals import sign_in_operation

SECTION = "Creating a New API Endpoint: authentication and authorization"
PASSWORD = re.compile(r"(^|_)(password|passwd|passphrase|pwd)\d?($|_(confirm|confirmation|again|repeat)$)")
HASH_NAME = re.compile(r"(password|passwd|pwd)_?(hash|digest)|(hashed|hash)_?(password|passwd|pwd)")
HASH = re.compile(
    r"\$argon2(?:id|i|d)\$v=|\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$pbkdf2-|\bpbkdf2[:_]sha\d+[:$]"
    r"|\bscrypt:\d+:\d+:\d+\$|\$scrypt\$|\$[156]\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{22,}|\bbcrypt_sha256\$"
)
"""The usual forms: PHC strings, crypt(3), Django's, Werkzeug's."""
MARKED = re.compile(r"(?=.*\d)\S{8,}|(.)\1{5,}")
"""A password that is looked for: a plain word, as examples have it, may stand in an answer by chance."""


def _with_passwords(service: Service) -> list[str]:
    document = service.document
    return [
        op.label
        for op in service.operations
        if any(_is_password(name) for body in op.bodies for name in document.properties(body.schema))
    ]


@rule(
    "SEC012",
    contract="api",
    level="MUST",
    title="A password never comes back",
    section=SECTION,
    mend="Answer with a model that has no password, neither as it was given nor hashed.",
    applies=_with_passwords,
    needs=("writes",),
    scenarios=("access", "lifecycle", "operations"),
    silent="no password was accepted",
)
def password_stays(record: Record, service: Service) -> Iterator[Observation]:
    """No success shows the password of an account, or a hash of one (argon2, bcrypt, PBKDF2, scrypt).

    Other passwords that a body holds (of a database to connect to, say) may come back where the
    document declares such a field in the answer. Passwords that are plain words are not looked for.
    """
    accounts = _of_accounts(service)
    keys: dict[str, bool] = {}
    for exchange in record.answered():
        # What the fuzzer calls a password it may send as something else as well.
        for password in _sent(exchange.request) if exchange.scenario != "fuzz" else ():
            keys[password] = keys.get(password, False) or exchange.operation in accounts
    declares = cache(lambda label: _declares(service, service.operation(label)))
    for exchange in record.answered():
        if exchange.response is None or not exchange.ok or exchange.operation is None:
            continue
        declared = declares(exchange.operation)
        found = _found(keys, _text(exchange.response))
        shown = any(keys[password] or not declared for password in found)
        hashed = _hash_in(exchange.response)
        if shown or hashed:
            yield broken(
                exchange.operation,
                exchange,
                cause="the password" if shown else "a hash",
                message="an answer shows a password" if shown else "an answer shows the hash of a password",
                expected="neither a password nor its hash",
                actual="the password as it was sent" if shown else f"a hash: {hashed}",
            )
        elif exchange.operation in accounts or any(_sent(exchange.request)):
            yield held(exchange.operation, exchange)


@rule(
    "SEC014",
    contract="api",
    level="SHOULD",
    title="A refused password is not repeated",
    section=SECTION,
    mend="Leave the input out of errors: handle RequestValidationError and drop each error's `input`.",
    applies=_with_passwords,
    needs=("writes",),
    scenarios=("errors", "access"),
    silent="no request with a password was refused",
)
def refused_password_is_not_repeated(record: Record, service: Service) -> Iterator[Observation]:
    """A refusal does not repeat the password that it was sent, which ends in logs and on screens.

    Stock FastAPI does: where a field is missing, the `input` of its 422 is the whole body.
    """
    for exchange in record.answered():
        sent = set(_sent(exchange.request))
        if exchange.response is None or not sent or not exchange.refused or exchange.operation is None:
            continue
        if _found(sent, _text(exchange.response)):
            yield broken(
                exchange.operation,
                exchange,
                cause=f"repeated in a {exchange.status}",
                message="a refusal repeats the password that was sent",
                expected="an error without it",
                actual=f"a {exchange.status} with the password",
            )
        else:
            yield held(exchange.operation, exchange)


@lru_cache(maxsize=4096)
def _is_password(name: str) -> bool:
    return bool(PASSWORD.search(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_")))


def _sent(request: Request) -> Iterator[str]:
    """The passwords in a request's body, JSON or form; not one that is the value of another field too."""
    data = Response(0, (), request.body).json if request.body else None
    if data is None and b"=" in request.body:
        data = dict(parse_qsl(request.body.decode(errors="replace")))
    fields = list(_fields(data))
    plain = {value for name, value in fields if isinstance(value, str) and not _is_password(name)}
    for name, value in fields:
        if isinstance(value, str) and _is_password(name) and MARKED.fullmatch(value) and value not in plain:
            yield value


def _fields(data: Any) -> Iterator[tuple[str, Any]]:
    stack = [data]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield from ((str(name), value) for name, value in node.items())
            stack += node.values()
        elif isinstance(node, list):
            stack += node


def _of_accounts(service: Service) -> set[str]:
    """The operations whose passwords open accounts: sign-up, sign-in and the accounts' own."""
    sign_in = sign_in_operation(service.document)
    resource = service.account_resource
    operations = [service.accounts, sign_in, *(resource.operations if resource else ())]
    return {op.label for op in operations if op is not None}


def _declares(service: Service, operation: Operation | None) -> bool:
    """Whether a success of the operation has a field for a password, by its schema."""
    document = service.document
    contents = [r.content for s, r in (operation.responses.items() if operation else ()) if s[0] == "2"]
    schemas = [document.shape(schema) for content in contents for schema in content.values() if schema]
    return any(_is_password(name) for schema in schemas for name in json.dumps(schema).split('"'))


def _found(passwords: Iterable[str], text: str) -> set[str]:
    """Those that stand by themselves in a text: `xxxxxx` is not what `xxxxxxxxx` masks."""
    longest_first = sorted((p for p in passwords if p in text), key=len, reverse=True)
    if not longest_first:
        return set()
    return set(re.findall("|".join(rf"(?<!\w){re.escape(p)}(?!\w)" for p in longest_first), text))


def _text(response: Response) -> str:
    """An answer's header fields and body, as it came and with its JSON texts read."""
    texts = [response.body.decode(errors="replace"), *(value for _, value in response.headers)]
    return "\n".join([*texts, *strings(response.json)])


def _hash_in(response: Response) -> str | None:
    """How a hash is recognised: by its form, or by the name of the field that holds it."""
    form = HASH.search(response.body.decode(errors="replace"))
    if form:
        return form[0].partition("$v=")[0]
    for name, value in _fields(response.json):
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        if HASH_NAME.search(snake) and isinstance(value, str) and len(set(value)) > 3:
            return name
    return None

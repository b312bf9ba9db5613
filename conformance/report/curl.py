"""A request as the shortest `curl` line that sends it again when pasted into a shell."""

import re
import shlex
from collections.abc import Iterable, Mapping

import httpx2

from conformance.model.record import Exchange, Request
from conformance.target.credentials import is_credential_header
from conformance.target.secrets import Secrets

TARGET = "target"
"""Whose header fields the configured ones of the target are."""
RUN = re.compile(rb"(.)\1{255,}", re.DOTALL)
LONGEST_ARGUMENT = 100_000
"""Bytes in one argument; Linux takes 131,072."""
VARIABLE = re.compile(r"\$([A-Z_][A-Z0-9_]*)\"")
SIMPLE_NAME = re.compile(r"[A-Za-z0-9-]+")


def curl(
    exchange: Exchange,
    secrets: Secrets,
    *,
    configured: Mapping[str, str] | None = None,
    verify: bool | str = True,
    quiet: bool = False,
    made: str = "",
) -> str:
    """The command for the request of `exchange`, in POSIX shell wherever the request is printable.

    `configured` are the target's own header fields and `verify` is its setting, as every request
    leaves with them. Credentials stand as variables by principal and field: after
    `export ALICE_AUTHORIZATION='Bearer …'` the line works as it is.

    With `quiet` it writes the body of the answer alone. The part of the path that reads `made` is taken
    from the shell's variable of that name, and the tag that a change of it names is asked for anew.
    """
    request = exchange.request
    body = secrets.clean_bytes(request.body)
    fields = {name.lower(): (name, value, exchange.principal) for name, value in request.headers}
    for name, value in (configured or {}).items():
        fields.setdefault(name.lower(), (name, value, TARGET))
    if body and "content-type" not in fields:
        # Without this curl would name a form.
        fields["content-type"] = ("content-type", "", "")
    options = _options(request, bool(body), verify)
    words = ["curl", *(["-s", *options[1:]] if quiet else options)]
    address = _url(request.url, secrets, made)
    words += [address]
    for name, value, owner in fields.values():
        if made and name.lower() == "if-match":
            words += ["-H", _present_tag(address, fields.values(), verify, secrets)]
        else:
            words += ["-H", _field(name, value, owner, secrets, removed=not owner)]
    if not body:
        return " ".join(words)
    text = _printable(body)
    if text is None or RUN.search(body) or len(body) > LONGEST_ARGUMENT:
        return f"{_printf(body)} | {' '.join([*words, '--data-binary', '@-'])}"
    return " ".join([*words, "--data-raw", shlex.quote(text)])


def variables(line: str) -> list[str]:
    """The environment variables that a line of `curl` takes credentials from."""
    return VARIABLE.findall(line)


def variable(owner: str, field: str) -> str:
    """The environment variable for a credential: `ALICE_AUTHORIZATION`."""
    name = re.sub(r"[^A-Z0-9]+", "_", f"{owner}_{field}".upper())
    return f"_{name}" if name[0].isdigit() else name


def _options(request: Request, has_body: bool, verify: bool | str) -> list[str]:
    implied = "POST" if has_body else "GET"
    options = ["-I"] if request.method == "HEAD" and not has_body else ["-i"]
    if request.method != implied and options == ["-i"]:
        options += ["-X", shlex.quote(request.method)]
    if verify is False:
        options.append("-k")
    elif isinstance(verify, str):
        options += ["--cacert", shlex.quote(verify)]
    return options


def _present_tag(
    address: str, fields: Iterable[tuple[str, str, str]], verify: bool | str, secrets: Secrets
) -> str:
    """A header field with the tag that the thing at an address has now (RFC 9110 §13.1.1)."""
    words = ["curl", "-s", "-D", "-", "-o", "/dev/null"]
    words += _options(Request("GET", ""), False, verify)[1:]
    words += [address]
    for name, value, owner in fields:
        if is_credential_header(name):
            words += ["-H", _field(name, value, owner, secrets, removed=False)]
    return f"\"If-Match: $({' '.join(words)} | tr -d '\\r' | sed -n 's/^[Ee][Tt]ag: *//p')\""


def _url(address: str, secrets: Secrets, made: str = "") -> str:
    """The address as it leaves, with what curl would read as a range or a dot segment left alone."""
    try:
        url = httpx2.URL(address)
        user = bool(url.userinfo)
        text = str(url.copy_with(userinfo=b"", fragment=None) if user else url.copy_with(fragment=None))
    except httpx2.InvalidURL:
        text, user = address, False
    options = ["-g"] if re.search(r"[\[\]{}]", text) else []
    if re.search(r"/(\.|%2e)", text, re.IGNORECASE):
        options.append("--path-as-is")
    if user:
        options += ["-u", f'"${variable(TARGET, "userinfo")}"']
    clean = secrets.clean(text)
    path, mark, query = clean.partition("?")
    before, found, after = path.rpartition(f"/{made}") if made else (clean, "", "")
    if not found or after[:1] not in ("", "/"):
        return " ".join([*options, _quote(clean)])
    rest = _quote(f"{after}{mark}{query}") if after or mark else ""
    return " ".join([*options, f'{_quote(f"{before}/")}"${{made}}"{rest}'])


def _field(name: str, value: str, owner: str, secrets: Secrets, *, removed: bool) -> str:
    if removed:
        return f"{name}:"
    if is_credential_header(name) or secrets.clean(value) != value:
        reference = f"${variable(owner, name)}"
        if SIMPLE_NAME.fullmatch(name):
            return f'"{name}: {reference}"'
        return f'{shlex.quote(f"{name}: ")}"{reference}"'
    # curl takes `name:` for "do not send", and `name;` for an empty value.
    return _quote(f"{name}: {value}" if value.strip() else f"{name};")


def _quote(text: str) -> str:
    """`text` as one word of a shell; with escapes only where a character cannot be seen."""
    if text.isprintable():
        return shlex.quote(text)
    escaped = "".join(
        character
        if character.isprintable() and character not in "\\'"
        else "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogatepass"))
        for character in text
    )
    return f"$'{escaped}'"


def _printable(body: bytes) -> str | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _printf(body: bytes) -> str:
    """A command that writes `body` byte for byte, long runs of one byte in short."""
    parts, at = [], 0
    for run in RUN.finditer(body):
        parts += [_literal(body[at : run.start()])] if run.start() > at else []
        parts.append(f"printf '%{len(run[0])}s' '' | tr ' ' {_byte(run[1])}")
        at = run.end()
    parts += [_literal(body[at:])] if at < len(body) else []
    return parts[0] if len(parts) == 1 else "{ " + "; ".join(parts) + "; }"


def _literal(data: bytes) -> str:
    shown = "".join(
        chr(byte)
        if 32 <= byte < 127 and chr(byte) not in "\\'%"
        else "%%"
        if byte == ord("%")
        else _octal(byte)
        for byte in data
    )
    # A leading hyphen would be an option.
    return f"printf '{_octal(ord('-')) + shown[1:] if shown.startswith('-') else shown}'"


def _byte(byte: bytes) -> str:
    return byte.decode() if byte.isalnum() else f"'{_octal(byte[0])}'"


def _octal(byte: int) -> str:
    return f"\\{byte:03o}"

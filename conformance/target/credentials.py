"""Where secrets stand: which names of fields and headers announce one, and the values below them."""

import json
import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
HARMLESS_HEADERS = frozenset(
    {"accept", "accept-encoding", "accept-language", "content-type", "host", "user-agent"}
)
SCHEMES = frozenset({"apikey", "basic", "bearer", "digest", "dpop", "key", "negotiate", "token"})
SECRET_WORD = re.compile(
    "apikey|authorization|credentials?|jwt|passphrase|passwd|password|pwd|secrets?|tokens?"
)
SECRET_KEY = re.compile("(access|api|auth|client|encryption|private|secret|service|signing)_key")
DESCRIBING = re.compile(
    "at|count|expires|expiry|hint|id|in|length|max|min|name|policy|required|scheme|strength|type|uri|url"
)
"""As the last word of a name: what is told of a secret, and is none."""
PAGING = re.compile("continuation|continue|cursor|next|page|prev|previous|skip|sync")
SAID = re.compile("boolean|integer|invalid|missing|number|object|optional|required|string")
"""What schemas and refusals say of a field that is named like a secret."""
PLAIN = re.compile(r"[A-Za-z]{1,15}|[\d.:]+")


@lru_cache(maxsize=10_000)
def is_secret_name(name: str) -> bool:
    """Whether a field, variable or header called `name` holds a secret: `apiKey`, yes; `token_type`, no."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    words = [word for word in re.split(r"[^a-z0-9]+", spaced) if word]
    if not words or DESCRIBING.fullmatch(words[-1]) or any(map(PAGING.fullmatch, words)):
        return False
    return any(map(SECRET_WORD.fullmatch, words)) or bool(SECRET_KEY.search("_".join(words)))


def is_credential_header(name: str) -> bool:
    """Whether a header field carries credentials, by its name."""
    # `Access-Control-Allow-Credentials: true` speaks of credentials and holds none.
    about = name.lower().startswith("access-control-")
    return name.lower() in CREDENTIAL_HEADERS or (is_secret_name(name) and not about)


def is_plain(value: str) -> bool:
    """Whether a value is a word or a number that would stand in a report anyway."""
    return PLAIN.fullmatch(value) is not None


def in_header(value: str) -> Iterator[str]:
    """The credentials of a field value: what follows the scheme, the password of basic ones; else all."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() not in SCHEMES:
        yield value
    yield rest
    if scheme.lower() == "basic":
        try:
            yield b64decode(rest, validate=True).decode().partition(":")[2]
        except (Error, UnicodeDecodeError):
            return


def in_cookies(value: str, *, every: bool = True) -> Iterator[str]:
    """The values of a `Cookie` field; without `every` not those that are plain words, as a theme is."""
    for pair in value.split(";"):
        name, _, content = pair.strip().partition("=")
        content = content.strip('"')
        if every or is_secret_name(name) or not is_plain(content):
            yield content
            yield unquote(content)


def in_data(data: Any, *, loose: bool) -> Iterator[str]:
    """The scalars below secret-like names; without `loose` only those that look random.

    A nested object's fields go by their own names. Words that say what is wrong with a field, and
    values of fewer than four different characters, are no secrets.
    """
    stack = [(data, False)]
    while stack:
        node, secret = stack.pop()
        if isinstance(node, Mapping):
            stack += [(value, is_secret_name(str(key))) for key, value in node.items()]
        elif isinstance(node, list | tuple):
            stack += [(value, secret) for value in node]
        elif secret and isinstance(node, str | int) and not isinstance(node, bool):
            text = str(node)
            if len(set(text)) > 3 and not _is_said(text.lower()) and (loose or _looks_random(text)):
                yield text


def _is_said(text: str) -> bool:
    return bool(SAID.fullmatch(text) or SECRET_WORD.fullmatch(text))


def _looks_random(text: str) -> bool:
    return len(text) > 7 and not re.search(r"\s", text) and bool(re.search(r"\d", text))


def read_json(body: bytes) -> Any:
    """The body as JSON; None where it is something else."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None

"""What must never be shown: learned from the configuration and from what was said, then cleaned away."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from conformance.config import Config
from conformance.model.message import Message
from conformance.model.record import Exchange, Headers, Request, Response
from conformance.target import credentials
from conformance.target.placeholders import KNOWN
from conformance.target.spellings import spellings, tokens

MARK = "[redacted]"
SHORTEST = 6
"""Shorter values are not remembered: they would blank half of a report."""
LONGEST = 16_384
"""A longer header field is one of the kit's own that tries a limit: few servers take as much as that."""
PLACEHOLDERS = frozenset(f"{{{name}}}" for name in KNOWN)
URL_CREDENTIALS = re.compile(rb"(:\\?/\\?/)[^\s/?#\"'<>\\]{1,512}@")
ENDS = "…'\"` ."


class Secrets:
    """Remembers secrets and cleans texts of them, in every spelling that `spellings` knows."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._beginnings: dict[str, list[str]] = {}
        self._longest = 0
        self._owners: list[int] = []
        self._matcher: BytesAhoCorasick | None = None

    def learn(self, value: str) -> None:
        """Remember a secret of at least `SHORTEST` characters."""
        value = value.strip()
        if len(value) >= SHORTEST and value not in self._numbers:
            self._numbers[value] = len(self._numbers) + 1
            self._beginnings.setdefault(value[:SHORTEST], []).append(value)
            self._longest = max(self._longest, len(value))
            self._matcher = None

    def without(self, names: Iterable[str]) -> "Secrets":
        """The same but for plain words that stand in one of the names: whoever reads these has read them.

        A tenant called `orders` in a header field would else blank the paths of a service of orders.
        """
        text, kept = "\n".join(names), Secrets()
        for value in self._numbers:
            if not (credentials.is_plain(value) and value in text):
                kept.learn(value)
        return kept

    def learn_config(self, config: Config) -> None:
        """The secrets of a configuration: headers, environment, the signing key, credentials in URLs."""
        self.learn_headers(config.target.headers)
        self.learn_environment(config.target.env)
        for url in (config.target.url, config.target.proxy, config.target.openapi):
            self.learn_url(url or "")
        for principal in config.principals.values():
            self.learn_headers(principal.headers)
            self.learn_headers(principal.expired_headers or {})
        if config.tokens and config.tokens.key:
            self.learn(config.tokens.key)
        self.learn_environment({n.replace(".", "_"): v for n, v in config.events.client.items()})

    def learn_headers(self, headers: Mapping[str, str]) -> None:
        """Configured header fields, all but a few that are never secret; cookies one by one."""
        for name, value in headers.items():
            if name.lower() == "cookie":
                self._learn_all(credentials.in_cookies(value))
            elif name.lower() not in credentials.HARMLESS_HEADERS:
                self._learn_all(credentials.in_header(value))

    def learn_environment(self, variables: Mapping[str, str]) -> None:
        """Variables that are named like a secret, hold a URL with credentials, or look like no plain word.

        A placeholder alone is none: what the report says of `{bootstrap_servers}` must be readable.
        """
        for name, value in variables.items():
            if value in PLACEHOLDERS:
                continue
            self.learn_url(value)
            if credentials.is_secret_name(name) or not ("://" in value or credentials.is_plain(value)):
                self.learn(value)

    def learn_url(self, url: str) -> None:
        """The user information of a URL, and the values of its secret-like query parameters."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return
        user, separator, password = parts.netloc.rpartition("@")[0].partition(":")
        self.learn(unquote(password if separator else user))
        self.learn_body(dict(parse_qsl(parts.query)))

    def learn_body(self, data: Any, *, loose: bool = True) -> None:
        """Values of secret-like fields in JSON-like data; without `loose` only those that look random."""
        self._learn_all(credentials.in_data(data, loose=loose))

    def learn_request(self, request: Request) -> None:
        """Credentials in the header fields, the URL and the body of a request."""
        self._learn_fields(request.headers)
        self.learn_url(request.url)
        self._learn_tokens(request.body)
        media = next((v for k, v in request.headers if k.lower() == "content-type"), "")
        if "form-urlencoded" in media:
            self.learn_body(dict(parse_qsl(request.body.decode(errors="replace"))))
        elif request.body:
            self.learn_body(credentials.read_json(request.body))

    def learn_response(self, response: Response) -> None:
        """Cookies that are set, credentials in header fields, secret-like fields of a JSON body.

        A refusal names fields to say what is wrong with them, so there only what looks random counts.
        """
        self._learn_fields(response.headers)
        self._learn_tokens(response.body)
        self.learn_body(response.json, loose=response.ok)

    def learn_exchange(self, exchange: Exchange) -> None:
        """Both sides of an exchange."""
        self.learn_request(exchange.request)
        if exchange.response:
            self.learn_response(exchange.response)

    def learn_message(self, message: Message) -> None:
        """Tokens in a message, and secret-like fields of one that is JSON."""
        self._learn_tokens(message.value or b"")
        if message.value:
            self.learn_body(credentials.read_json(message.value))
        self.learn_body({name: (value or b"").decode(errors="replace") for name, value in message.headers})

    def clean(self, text: str, *, numbered: bool = False) -> str:
        """`text` with `[redacted]` for each secret, JWT and URL credential.

        A secret that the end of the text cuts short goes too. `numbered` tells secrets apart
        (`[redacted-3]`), so that what was equal stays equal and nothing else becomes so.
        """
        data = text.encode("utf-8", "surrogatepass")
        return self._without_tail(self.clean_bytes(data, numbered=numbered).decode("utf-8", "surrogatepass"))

    def clean_bytes(self, data: bytes, *, numbered: bool = False) -> bytes:
        """As `clean`, for bytes in any encoding that holds ASCII."""
        pieces, at = [], 0
        for index, start, end in self._find(data):
            if start >= at:
                mark = f"[redacted-{self._owners[index]}]" if numbered else MARK
                pieces += [data[at:start], mark.encode()]
                at = end
        data = b"".join([*pieces, data[at:]]) if pieces else data
        pieces, at = [], 0
        for start, end in tokens(data):
            pieces += [data[at:start], MARK.encode()]
            at = end
        data = b"".join([*pieces, data[at:]]) if pieces else data
        return URL_CREDENTIALS.sub(rb"\1" + MARK.encode() + b"@", data) if b"@" in data else data

    def clean_data(self, data: Any, *, numbered: bool = False) -> Any:
        """JSON-like data with every text in it cleaned, and numbers that are secrets."""
        if isinstance(data, str):
            return self.clean(data, numbered=numbered)
        if isinstance(data, Mapping):
            return {
                self.clean(str(key), numbered=numbered): self.clean_data(value, numbered=numbered)
                for key, value in data.items()
            }
        if isinstance(data, list | tuple):
            return [self.clean_data(value, numbered=numbered) for value in data]
        if isinstance(data, int | float) and not isinstance(data, bool):
            cleaned = self.clean(str(data), numbered=numbered)
            return data if cleaned == str(data) else cleaned
        return data

    def _find(self, data: bytes) -> list[tuple[int, int, int]]:
        if self._matcher is None and self._numbers:
            known = {text: n for value, n in self._numbers.items() for text in spellings(value)}
            self._owners = list(known.values())
            self._matcher = BytesAhoCorasick(list(known), matchkind=MatchKind.LeftmostLongest)
        return self._matcher.find_matches_as_indexes(data) if self._matcher else []

    def _without_tail(self, text: str) -> str:
        """Without the beginning of a secret at the end, as it remains where a text was cut."""
        body = text.rstrip(ENDS)
        # From the longest rest on; a text and not each secret is gone through, as there may be thousands.
        for at in range(max(len(body) - self._longest, 0), len(body) - SHORTEST + 1):
            begun = self._beginnings.get(body[at : at + SHORTEST], ())
            if any(secret.startswith(body[at:]) for secret in begun):
                return body[:at] + MARK + text[len(body) :]
        return text

    def _learn_all(self, values: Iterable[str]) -> None:
        for value in values:
            self.learn(value)

    def _learn_fields(self, headers: Headers) -> None:
        for name, value in headers:
            if len(value) > LONGEST:
                continue
            if name.lower() == "cookie":
                self._learn_all(credentials.in_cookies(value))
            elif name.lower() == "set-cookie":
                self._learn_all(credentials.in_cookies(value.partition(";")[0], every=False))
            elif credentials.is_credential_header(name):
                self._learn_all(credentials.in_header(value))

    def _learn_tokens(self, data: bytes) -> None:
        for start, end in tokens(data):
            self.learn(data[start:end].decode("ascii"))

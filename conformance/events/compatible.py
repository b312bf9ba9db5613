"""Whether one version of a payload's schema can read what another one writes."""

from collections.abc import Iterator
from typing import Any

from conformance.events.asyncapi import shape
from conformance.model.compare import is_number
from conformance.model.operation import Schema

DEEPEST = 16
LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
UNIONS = ("anyOf", "oneOf")


def unreadable(writer: Schema, reader: Schema) -> list[tuple[str, str]]:
    """What the schema `writer` allows and `reader` refuses: JSON pointers into the value, and why.

    Judged is what can be told for sure: types, required and forbidden properties, enumerations, bounds,
    formats, items and unions; a keyword of another kind is taken as met.
    """
    return list(_unread(_Schemas(writer, reader), writer, reader, "", 0))


class _Schemas:
    def __init__(self, writer: Schema, reader: Schema) -> None:
        self._writer, self._reader = writer.get("$defs") or {}, reader.get("$defs") or {}

    def written(self, schema: Any) -> Schema:
        """A part of the writer's schema, its reference followed."""
        return shape({**schema, "$defs": self._writer}) if isinstance(schema, dict) else {}

    def read(self, schema: Any) -> Schema:
        """A part of the reader's."""
        return shape({**schema, "$defs": self._reader}) if isinstance(schema, dict) else {}


def _unread(both: _Schemas, writer: Any, reader: Any, at: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > DEEPEST:
        return
    old, new = both.written(writer), both.read(reader)
    unions = [s.get(k) for s in (old, new) for k in UNIONS if isinstance(s.get(k), list)]
    if unions:
        yield from _unions(both, old, new, at, depth)
        return
    wrote, reads = _types(old), _types(new)
    if reads and not (wrote or frozenset({"anything"})) <= reads | _wider(reads):
        yield at or "/", f"is {_words(wrote)}, and was to be {_words(reads)}"
        return
    allowed = _values(new)
    if allowed is not None:
        written = _values(old)
        if written is None or any(value not in allowed for value in written):
            yield at or "/", "may have values that were not allowed"
    if new.get("format") and old.get("format") != new["format"]:
        yield at or "/", f"need not be a {new['format']}"
    for keywords, worse in ((LEAST, _below), (MOST, _above)):
        for keyword in keywords:
            if is_number(new.get(keyword)) and worse(old.get(keyword), new[keyword]):
                yield at or "/", f"may be beyond `{keyword}` {new[keyword]}"
    yield from _object(both, old, new, at, depth)
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        yield from _unread(both, old["items"], new["items"], f"{at}/*", depth + 1)


def _object(both: _Schemas, old: Schema, new: Schema, at: str, depth: int) -> Iterator[tuple[str, str]]:
    had, has = old.get("properties") or {}, new.get("properties") or {}
    for name in new.get("required") or ():
        if name not in (old.get("required") or ()):
            yield f"{at}/{name}", "is required, and need not be there"
    if new.get("additionalProperties") is False:
        for name in had.keys() - has.keys():
            yield f"{at}/{name}", "is not allowed"
    for name in sorted(had.keys() & has.keys()):
        yield from _unread(both, had[name], has[name], f"{at}/{name}", depth + 1)


def _unions(both: _Schemas, old: Schema, new: Schema, at: str, depth: int) -> Iterator[tuple[str, str]]:
    """Each branch that may be written is read by one that can."""
    wrote, reads = _branches(old), _branches(new)
    for branch in wrote:
        if not any(not list(_unread(both, branch, other, at, depth + 1)) for other in reads):
            yield at or "/", "may be of a kind that is not read"
            return


def _branches(schema: Schema) -> list[Any]:
    return next((schema[k] for k in UNIONS if isinstance(schema.get(k), list)), [schema])


def _types(schema: Schema) -> frozenset[str]:
    kind = schema.get("type")
    if isinstance(kind, list):
        return frozenset(map(str, kind))
    return frozenset({str(kind)} if kind else ())


def _wider(types: frozenset[str]) -> frozenset[str]:
    return frozenset({"integer"}) if "number" in types else frozenset()


def _values(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    found = schema.get("enum")
    return found if isinstance(found, list) else None


def _below(old: Any, new: Any) -> bool:
    return not is_number(old) or old < new


def _above(old: Any, new: Any) -> bool:
    return not is_number(old) or old > new


def _words(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or "anything"

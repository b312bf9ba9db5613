"""One operation of the OpenAPI document, in one form whatever the document's version."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Location = Literal["path", "query", "header", "cookie"]
"""Where a parameter travels (OpenAPI 3.1 §4.8.12)."""

Schema = dict[str, Any]
"""A JSON Schema, its local references left in place."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that ask for nothing but information (RFC 9110 §9.2.1); TRACE is never sent."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter."""

    name: str
    location: Location
    required: bool
    schema: Schema
    explode: bool = True


@dataclass(frozen=True, slots=True)
class Body:
    """A declared request body in one media type.

    `fields` are the properties of its schema, `needed` the names of those that it requires.
    """

    media_type: str
    schema: Schema
    required: bool
    fields: Mapping[str, Schema] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DeclaredResponse:
    """What the document says of one status: `content` maps media types to schemas (None: none given)."""

    status: str
    content: Mapping[str, Schema | None]
    headers: frozenset[str] = frozenset()

    @property
    def media_types(self) -> frozenset[str]:
        """The declared media types, without parameters, in lower case."""
        return frozenset(name.split(";")[0].strip().lower() for name in self.content)


@dataclass(frozen=True, slots=True)
class Listing:
    """How a list is asked for, where the configuration tells what the document does not.

    `body` goes with every request. The others name a parameter, or a place in the body with a dot between
    its levels (`page.size`); `filters` are such places by the fields that they choose by.
    """

    body: Mapping[str, Any] | None = None
    limit: str | None = None
    offset: str | None = None
    page: str | None = None
    cursor: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path template.

    `security` lists the alternatives, each the names of the schemes it asks for together; an empty
    tuple asks for none. `path` is as the document writes it.
    """

    method: str
    path: str
    operation_id: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    bodies: tuple[Body, ...] = ()
    responses: Mapping[str, DeclaredResponse] = field(default_factory=dict)
    security: tuple[frozenset[str], ...] = ()
    publishes: tuple[str, ...] | None = None
    listing: Listing | None = None

    @property
    def label(self) -> str:
        """The operation as reports write it: `GET /api/v1/posts/{post_id}`."""
        return f"{self.method} {self.path}"

    @property
    def safe(self) -> bool:
        """Whether the method promises to change nothing (RFC 9110 §9.2.1)."""
        return self.method in SAFE_METHODS

    @property
    def protected(self) -> bool:
        """Whether the document asks for credentials, with no anonymous alternative."""
        return bool(self.security) and frozenset() not in self.security

    @property
    def path_parameters(self) -> tuple[Parameter, ...]:
        """The parameters of the path, in the document's order."""
        return tuple(p for p in self.parameters if p.location == "path")

    @property
    def path_names(self) -> tuple[str, ...]:
        """The names in the path template, outermost first."""
        return tuple(re.findall(r"\{([^{}]+)\}", self.path))

    def fill(self, values: Sequence[str]) -> dict[str, str]:
        """Path values by name, from values in the order of the path."""
        return dict(zip(self.path_names, values, strict=True))

    @property
    def query_parameters(self) -> tuple[Parameter, ...]:
        """The parameters of the query, in the document's order."""
        return tuple(p for p in self.parameters if p.location == "query")

    @property
    def questions(self) -> Mapping[str, Schema]:
        """What a list can be asked with: its query parameters, and its body's fields where it is a POST."""
        fields = self.body.fields if self.body and not self.safe else {}
        return {**fields, **{p.name: p.schema for p in self.query_parameters}}

    @property
    def answers_needed(self) -> frozenset[str]:
        """Those of the questions that must be answered."""
        fields = self.body.needed if self.body and not self.safe else frozenset()
        return fields | {p.name for p in self.query_parameters if p.required}

    @property
    def body(self) -> Body | None:
        """The body to send: JSON where it is declared, else a form, else what there is."""
        for wanted in ("json", "form-urlencoded", "form-data", ""):
            for body in self.bodies:
                if wanted in body.media_type:
                    return body
        return None

    @property
    def statuses(self) -> frozenset[int]:
        """The statuses that the document names one by one."""
        return frozenset(int(key) for key in self.responses if key.isdigit())

    def declared(self, status: int) -> DeclaredResponse | None:
        """The response that stands for `status`: itself, its range (`4XX`) or `default`."""
        for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if key in self.responses:
                return self.responses[key]
        return None

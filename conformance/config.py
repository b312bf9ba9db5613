"""The configuration: `conformance.toml`, or `[tool.conformance]` in `pyproject.toml`.

Every key has a default that suits a service made by the template; an unknown key is an error.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationError,
    model_validator,
)

from conformance.errors import UsageProblem

DEFAULT_FILE = "conformance.toml"
PROJECT_FILE = "pyproject.toml"
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
FIELD_VALUE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?|")


def _sendable(headers: dict[str, str]) -> dict[str, str]:
    """Header fields as HTTP can carry them (RFC 9110 §5.1, §5.5); a value is never quoted."""
    for name, value in headers.items():
        if not TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a header field")
        if not FIELD_VALUE.fullmatch(value):
            raise ValueError(f"the value of {name} has a character that no header field may have")
    return headers


def _day(value: Any) -> Any:
    """A date of TOML, or one written as a text; a number would be read as seconds."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("write a date, as 2030-12-31")
    return value


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Fields = Annotated[dict[str, str], AfterValidator(_sendable)]
Day = Annotated[date, BeforeValidator(_day)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Table(BaseModel):
    """The base of all tables: known keys only."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(Table):
    """Where the service is, or how it is started. Times in seconds, `rate` in requests a second."""

    url: str | None = None
    command: str | None = None
    setup: tuple[str, ...] = ()
    cwd: str = "."
    env: dict[str, str] = Field(default={}, repr=False)
    ready: str | None = None
    startup_timeout: Seconds = 60
    openapi: str | None = None
    headers: Fields = Field(default={}, repr=False)
    timeout: Seconds = 10
    rate: Seconds | None = None
    proxy: str | None = Field(default=None, repr=False)
    verify: bool | str = True
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()


class PrincipalTable(Table):
    """Someone who speaks to the service."""

    headers: Fields = Field(repr=False)
    expired_headers: Fields | None = Field(default=None, repr=False)
    state: Literal["active", "disabled"] = "active"


class Tokens(Table):
    """The key that signs the service's tokens: with it the kit makes expired and foreign ones.

    `public_key` verifies them (PEM, or a JWK Set); none is needed where `key` is its private part, or where
    the service shows it.
    """

    key: str | None = Field(default=None, repr=False)
    algorithm: str = "HS256"
    public_key: str | None = None

    @model_validator(mode="after")
    def _holds_a_key(self) -> Self:
        if self.key is None and self.public_key is None:
            raise ValueError("give `key`, which signs the tokens, or `public_key`, which verifies them")
        return self


class Accounts(Table):
    """Sign-up and sign-in, where the document does not tell them apart: labels of operations."""

    sign_up: str | None = None
    sign_in: str | None = None


class PublishedTable(Table):
    """What no document says of a message: where its key comes from (`data.id`), and its topic."""

    key: str | None = None
    topic: str | None = None


class ConsumedTable(Table):
    """A message that the service handles: what it changes as a client sees it, and where poison goes."""

    topic: str
    effect: str | None = None
    dead_letter: str | None = None


def _label(value: Any) -> str | Literal[False] | None:
    if value is None or value is False or isinstance(value, str):
        return value
    raise ValueError('write an operation as "GET /things", or false where there is none')


Label = Annotated[str | Literal[False] | None, PlainValidator(_label)]
"""An operation as reports write it; False says that there is none, None leaves it to the document."""


class ListTable(Table):
    """How a list is asked for: the fields of `model.operation.Listing`, and by which operation."""

    operation: Label = None
    body: dict[str, Any] | None = None
    limit: str | None = None
    offset: str | None = None
    page: str | None = None
    cursor: str | None = None
    filters: dict[str, str] = {}


def _as_list(value: Any) -> Any:
    return value if isinstance(value, dict) or value is None else {"operation": value}


class ResourceTable(Table):
    """What the document does not tell of a resource, or tells wrongly; what is left out is as found."""

    collection: str | None = None
    item: str | None = None
    parent: str | None = None
    identifier: str | None = None
    unique: tuple[str, ...] | None = None
    create: Label = None
    list: Annotated[ListTable | None, BeforeValidator(_as_list)] = None
    read: Label = None
    replace: Label = None
    update: Label = None
    delete: Label = None
    actions: tuple[str, ...] | None = None
    bulk: tuple[str, ...] | None = None


class Events(Table):
    """The broker of `{bootstrap_servers}`, and what is published and consumed.

    `schemas` and `released` are folders of JSON Schemas, one MessageName.json each. `client` has
    librdkafka's properties (`security.protocol`, `sasl.password`). `timeout` is how many seconds an event
    may take from its request to its topic.
    """

    broker: str = "embedded"
    asyncapi: str | None = None
    schemas: str | None = None
    publishes: dict[str, tuple[str, ...]] = {}
    messages: dict[str, PublishedTable] = {}
    consumes: dict[str, ConsumedTable] = {}
    released: str | None = None
    compatibility: Literal["backward", "forward", "full"] = "backward"
    client: dict[str, str] = Field(default={}, repr=False)
    timeout: Seconds = 10


class Waiver(Table):
    """Findings that are borne with up to and including the day `expires` (UTC), why, and who mends them.

    `operation` is a pattern or a list of them, `fingerprint` that of a finding or of its cause.
    """

    rule: Words | None = None
    operation: Annotated[tuple[Words, ...], BeforeValidator(_one_or_more)] = ()
    fingerprint: Words | None = None
    reason: Words
    owner: Words
    expires: Day

    @model_validator(mode="after")
    def _speaks_of_something(self) -> Self:
        if self.rule is None and not self.operation and self.fingerprint is None:
            raise ValueError("name what is waived: `rule`, `operation` or `fingerprint`")
        return self


class WaiverFile(Table):
    """A file with nothing but waivers, as `waivers = "FILE"` names it."""

    waivers: tuple[Waiver, ...] = ()


class Config(Table):
    """All of it. `folder` is where relative paths start: the folder of the file."""

    target: Target = Target()
    principals: dict[str, PrincipalTable] = {}
    tokens: Tokens | None = None
    accounts: Accounts = Accounts()
    resources: dict[str, ResourceTable] = {}
    events: Events = Events()
    waivers: tuple[Waiver, ...] = ()
    folder: Path = Field(default=Path(), exclude=True)


def load(given: Path | None, working: Path) -> Config:
    """Read the file given, else what the working directory has, else the defaults.

    Raises `UsageProblem` where a file is missing, is no TOML, or says something unknown.
    """
    if given is not None:
        return _read(given, tool_table=given.name == PROJECT_FILE)
    if (working / DEFAULT_FILE).is_file():
        return _read(working / DEFAULT_FILE, tool_table=False)
    if (working / PROJECT_FILE).is_file():
        return _read(working / "pyproject.toml", tool_table=True)
    return Config(folder=working)


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML file says. Raises `UsageProblem` where it cannot be read as one."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageProblem(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageProblem(f"{path} is not TOML: {error}.") from error


def _read(path: Path, *, tool_table: bool) -> Config:
    data = read_toml(path)
    if tool_table:
        tool = data.get("tool")
        data = tool.get("conformance", {}) if isinstance(tool, dict) else {}
        if not isinstance(data, dict):
            raise UsageProblem(f"{path}: `tool.conformance` is no table.")
    if "folder" in data:
        raise UsageProblem(f"{path}: unknown key `folder`.")
    if isinstance(waivers := data.get("waivers"), str):
        data = {**data, "waivers": _waivers(path.parent / waivers)}
    try:
        return Config.model_validate({**data, "folder": path.parent.absolute()})
    except ValidationError as error:
        raise UsageProblem(f"{path}: {_sentence(error)}") from error


def _waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file of their own."""
    try:
        return WaiverFile.model_validate(read_toml(path)).waivers
    except ValidationError as error:
        raise UsageProblem(f"{path}: {_sentence(error)}") from error


def _sentence(error: ValidationError) -> str:
    """The first mistake in one sentence; it never repeats a value, which may be a secret."""
    errors = error.errors(include_input=False, include_url=False)
    # A misspelt key may be missing under its own name as well.
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return f"`{where}`: {first['msg'].removeprefix('Value error, ')}."
    *table, key = (str(part) for part in first["loc"])
    near = difflib.get_close_matches(key, list(_keys(table)), n=1, cutoff=0.0)
    return f"unknown key `{where}`" + (f"; did you mean `{near[0]}`?" if near else ".")


def _keys(table: list[str]) -> Iterator[str]:
    """The known keys of a table."""
    known: dict[str, type[BaseModel]] = {
        "target": Target,
        "principals": PrincipalTable,
        "tokens": Tokens,
        "accounts": Accounts,
        "resources": ListTable if table[2:] else ResourceTable,
        "events": Events,
        "waivers": Waiver,
    }
    below: dict[tuple[str, ...], type[BaseModel]] = {
        ("events", "messages"): PublishedTable,
        ("events", "consumes"): ConsumedTable,
    }
    model: Any = below.get(tuple(table[:2])) or (known.get(table[0], Config) if table else Config)
    yield from (name for name in model.model_fields if name != "folder")

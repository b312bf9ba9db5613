"""What a request carries: its JSON body and its query, checked against the document's schemas."""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from flask import request
from jsonschema import validators
from jsonschema.exceptions import ValidationError
from openapi_schema_validator import OAS30WriteValidator, oas30_format_checker
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from .errors import Invalid
from .schemas import SCHEMAS


def pattern(_: Any, expression: str, value: Any, __: Any) -> Iterator[ValidationError]:
    """Match as ECMA 262 does: `$` is the very end, not before a line feed."""
    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", expression), value):
        yield ValidationError("is not of the form asked for")


extend: Any = validators.extend  # its stub has no types
Validator = extend(OAS30WriteValidator, {"pattern": pattern})


def refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and RFC 8259 does not know."""
    raise ValueError(name)


def read_json() -> Any:
    """Return the body, or raise 415 where it is not JSON and 400 where it cannot be read."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The body must be application/json.")
    raw = request.get_data()
    try:
        data = json.loads(raw.decode("utf-8"), parse_constant=refuse_constant)
        json.dumps(data, ensure_ascii=False).encode("utf-8")  # refuses lone surrogates
    except (ValueError, RecursionError):
        raise BadRequest("The body is not valid JSON.") from None
    return data


def places(error: Any) -> list[str]:
    """Name the fields that an error is about."""
    if error.validator == "required":
        return [name for name in error.validator_value if name not in error.instance]
    if error.validator == "additionalProperties":
        return [name for name in error.instance if name not in error.schema["properties"]]
    return [".".join(str(part) for part in error.absolute_path) or "body"]


def words(error: Any) -> str:
    """Say what is wrong without repeating the value, which may be a password."""
    return {
        "required": "is required",
        "additionalProperties": "is not known",
        "type": f"must be of type {error.validator_value}",
        "enum": f"must be one of {error.validator_value}",
        "format": f"must be a {error.validator_value}",
    }.get(str(error.validator), f"breaks {error.validator} {error.validator_value}")


def read_form(name: str) -> dict[str, Any]:
    """Return the body checked against the schema of this name; what was left out has its default.

    Raises `Invalid` with each field that is wrong.
    """
    schema = SCHEMAS[name]
    data = read_json()
    validator = Validator(schema, format_checker=oas30_format_checker)
    problems = {field: words(error) for error in validator.iter_errors(data) for field in places(error)}
    if problems:
        raise Invalid(problems)
    defaults = {key: part["default"] for key, part in schema["properties"].items() if "default" in part}
    return {**defaults, **data}


def query_integer(name: str, default: int, minimum: int, maximum: int) -> int:
    """Return an integer of the query within its bounds, or raise `Invalid`."""
    text = request.args.get(name)
    if text is None:
        return default
    if not re.fullmatch("-?[0-9]{1,10}", text):
        raise Invalid({name: "must be an integer"})
    number = int(text)
    if not minimum <= number <= maximum:
        raise Invalid({name: f"must be from {minimum} to {maximum}"})
    return number


def query_choice(name: str, choices: tuple[str, ...]) -> str | None:
    """Return one of the choices, None where the query has none, or raise `Invalid`."""
    text = request.args.get(name)
    if text is not None and text not in choices:
        raise Invalid({name: f"must be one of {', '.join(choices)}"})
    return text


def query_text(name: str, maximum: int) -> str | None:
    """Return a text of the query of one to `maximum` characters, or raise `Invalid`."""
    text = request.args.get(name)
    if text is not None and not 1 <= len(text) <= maximum:
        raise Invalid({name: f"must have 1 to {maximum} characters"})
    return text

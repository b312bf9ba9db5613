"""Faults of the shape of errors, and of what they say."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    BODY_LIMIT,
    ERRORS,
)

HTTP = "    app.add_exception_handler(HTTPException, _http_exception)  # type: ignore[arg-type]\n"
INVALID = (
    "    app.add_exception_handler(RequestValidationError, _invalid_request)  # type: ignore[arg-type]\n"
)
DOMAIN_HANDLER = "async def _domain_error(request: Request, error: DomainError) -> ProblemResponse:\n"
INVALID_ERRORS = (
    '    errors = [FieldError(field=_field(item), message=item["msg"]) for item in error.errors()]\n'
)
INVALID_ANSWER = 'f"The request is not valid: {names}.", errors=errors'


def wrapped(name: str, law: str, title: str, code: str) -> Fault:
    """A fault of the answer to what services refuse: `code` changes the `response`."""
    refusal = DOMAIN_HANDLER.replace("_domain_error", "_refusal")
    call = "    response = await _refusal(request, error)\n"
    new = f"{DOMAIN_HANDLER}{call}{code}    return response\n\n\n{refusal}"
    return fault(name, law, title, ERRORS, DOMAIN_HANDLER, new)


FAULTS: tuple[Fault, ...] = (
    fault(
        "framework_errors_own_shape",
        "one_shape",
        "404 and 405 of the framework keep its shape.",
        ERRORS,
        HTTP,
        "",
    ),
    fault(
        "invalid_own_shape",
        "one_shape",
        "Invalid input is answered in the framework's shape.",
        ERRORS,
        INVALID,
        "",
    ),
    fault(
        "unauthorized_own_shape",
        "one_shape",
        "A 401 has a shape of its own.",
        ERRORS,
        DOMAIN_HANDLER,
        DOMAIN_HANDLER + "    if error.status == HTTPStatus.UNAUTHORIZED:\n"
        '        return JSONResponse({"error": "unauthorized"}, 401, {"WWW-Authenticate": "Bearer"})\n',
    ),
    fault(
        "malformed_own_shape",
        "one_shape",
        "A body that is no JSON is answered in a shape of its own.",
        ERRORS,
        INVALID_ERRORS,
        '    if error.errors()[0]["type"] == "json_invalid":\n'
        '        return JSONResponse({"error": "malformed"}, 422)\n' + INVALID_ERRORS,
    ),
    fault(
        "large_body_as_text",
        "one_shape",
        "A body that is too large is answered in plain text.",
        BODY_LIMIT,
        "            response = problem_response(\n"
        "                scope, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, DETAIL, "
        'headers={"Connection": "close"}\n'
        "            )\n",
        '            response = PlainTextResponse(DETAIL, 413, headers={"Connection": "close"})\n',
        Edit(
            BODY_LIMIT,
            "from starlette.exceptions",
            "from starlette.responses import PlainTextResponse\nfrom starlette.exceptions",
        ),
    ),
    fault(
        "problems_as_json",
        "error_media_type",
        "Problems go as application/json.",
        ERRORS,
        "    media_type = MEDIA_TYPE\n",
        '    media_type = "application/json"\n',
    ),
    wrapped(
        "refusals_as_json",
        "error_media_type",
        "What services refuse goes as application/json.",
        '    response.headers["Content-Type"] = "application/json"\n',
    ),
    fault(
        "fields_not_named",
        "field_named",
        "A refusal of invalid input does not say which field is wrong.",
        ERRORS,
        INVALID_ANSWER,
        '"The request is not valid."',
        Edit(ERRORS, '    names = ", ".join(item.field for item in errors)\n', ""),
    ),
    fault(
        "only_part_named",
        "field_named",
        "A refusal of invalid input names the body or the query, and no field in it.",
        ERRORS,
        'item["loc"][:1] if item["type"] == "json_invalid" else item["loc"]',
        'item["loc"][:1]',
    ),
    fault(
        "conflict_tells_statement",
        "nothing_internal_told",
        "A conflict is answered with the database's own words.",
        "app/repositories/base_repository.py",
        "        raise ConflictError(detail) from error\n",
        "        raise ConflictError(str(error)) from error\n",
    ),
    fault(
        "invalid_tells_code",
        "nothing_internal_told",
        "Invalid input is answered with file, line and function.",
        ERRORS,
        INVALID_ANSWER,
        "str(error), errors=errors",
        Edit(ERRORS, '    names = ", ".join(item.field for item in errors)\n', ""),
    ),
    fault(
        "token_tells_trace",
        "nothing_internal_told",
        "A token that is not valid is answered with the stack trace.",
        "app/utils/auth.py",
        '        raise UnauthorizedError("The access token is not valid.") from error\n',
        "        raise UnauthorizedError(traceback.format_exc()) from error\n",
        Edit(
            "app/utils/auth.py",
            "from datetime import timedelta\n",
            "import traceback\nfrom datetime import timedelta\n",
        ),
    ),
)

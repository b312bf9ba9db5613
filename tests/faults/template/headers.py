"""Faults of methods and headers: HEAD, OPTIONS, Allow, challenges, caches, origins."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import AUTH, ERRORS, HEAD, MAIN, SECURITY_HEADERS, USER_ROUTES

ALLOW = '        headers["Allow"] = ", ".join(_allowed_methods(request))\n'
CALL = '        """Pass HEAD on as GET, and keep its content back."""\n'
RESPONSE = Edit(
    HEAD,
    "from starlette.types",
    "from starlette.responses import Response\nfrom starlette.types",
)
ORIGINS = (
    "    if settings.cors_origins:\n"
    "        app.add_middleware(\n"
    "            ProblemCORSMiddleware,\n"
    "            allow_origins=settings.cors_origins,\n"
)
ALWAYS = ORIGINS.replace("settings.cors_origins:", "True:")
NO_STORE = '    "Cache-Control": "no-store",\n'

FAULTS: tuple[Fault, ...] = (
    fault(
        "challenge_dropped",
        "challenge",
        "No 401 of a service names its scheme.",
        ERRORS,
        '{"WWW-Authenticate": "Bearer"}',
        "{}",
    ),
    fault(
        "challenge_missing_for_bad_token",
        "challenge",
        "The 401 of a token that is not valid does not name its scheme.",
        AUTH,
        '        raise UnauthorizedError("The access token is not valid.") from error\n',
        '        raise HTTPException(401, "The access token is not valid.") from error\n',
        Edit(
            AUTH,
            "from app.config import Settings\n",
            "from app.config import Settings\nfrom starlette.exceptions import HTTPException\n",
        ),
    ),
    fault(
        "allow_dropped",
        "allow",
        "A 405 does not list what is allowed.",
        ERRORS,
        "    headers = dict(error.headers or {})\n",
        "    headers: dict[str, str] = {}\n",
        Edit(
            ERRORS,
            "    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:\n" + ALLOW,
            "",
        ),
    ),
    fault(
        "allow_empty",
        "allow",
        "A 405 lists no method: paths are compared without the prefix of the API.",
        ERRORS,
        'context.path_regex.match(request.scope["path"])',
        'context.path_regex.match(request.scope["path"].removeprefix("/api/v1"))',
    ),
    fault(
        "allow_of_one_route",
        "allow",
        "A 405 lists the methods of one route, not of the path.",
        ERRORS,
        "    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:\n" + ALLOW,
        "",
    ),
    fault(
        "options_same_everywhere",
        "options_true",
        "OPTIONS names the same methods on every path.",
        HEAD,
        CALL,
        CALL + '        if scope["type"] == "http" and scope["method"] == "OPTIONS":\n'
        '            known = {"Allow": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}\n'
        "            await Response(None, 204, known)(scope, receive, send)\n"
        "            return\n",
        RESPONSE,
    ),
    fault(
        "options_says_nothing",
        "options_true",
        "OPTIONS answers 200 to everything and says nothing.",
        HEAD,
        CALL,
        CALL + '        if scope["type"] == "http" and scope["method"] == "OPTIONS":\n'
        "            await Response(None, 200)(scope, receive, send)\n"
        "            return\n",
        RESPONSE,
    ),
    fault(
        "head_middleware_missing",
        "head_is_get",
        "HEAD answers 405 where GET answers 200.",
        MAIN,
        "    app.add_middleware(HeadMiddleware)\n",
        "",
    ),
    fault(
        "head_always_200",
        "head_is_get",
        "HEAD answers 200 without looking, where GET answers 401 or 404.",
        HEAD,
        CALL,
        CALL + '        if scope["type"] == "http" and scope["method"] == "HEAD":\n'
        "            await Response(None, 200)(scope, receive, send)\n"
        "            return\n",
        RESPONSE,
    ),
    fault(
        "cors_all_origins",
        "cors_closed",
        "Every origin is let in with credentials.",
        MAIN,
        ORIGINS,
        ALWAYS.replace("settings.cors_origins", '["*"]'),
    ),
    fault(
        "cors_by_pattern",
        "cors_closed",
        "Every origin that begins with http is let in with credentials.",
        MAIN,
        ORIGINS,
        ALWAYS + '            allow_origin_regex="https?://.*",\n',
    ),
    fault(
        "answers_cached_by_all",
        "private_not_cacheable",
        "What is private may be kept by shared caches.",
        SECURITY_HEADERS,
        NO_STORE,
        '    "Cache-Control": "public, max-age=60",\n',
    ),
    fault(
        "user_cached_by_proxies",
        "private_not_cacheable",
        "The current user may be kept by proxies for five minutes.",
        USER_ROUTES,
        "async def read_current_user(user: CurrentUser) -> AccountResponse:\n"
        '    """Read the user of the access token."""\n',
        "async def read_current_user(user: CurrentUser, response: Response) -> AccountResponse:\n"
        '    """Read the user of the access token."""\n'
        '    response.headers["Cache-Control"] = "max-age=60, s-maxage=300"\n',
    ),
)

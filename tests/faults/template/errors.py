"""Faults of what fails: another status than it should have, or a crash."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    ERRORS,
    EXCEPTIONS,
    MAIN,
    POST_ROUTES,
    POST_SERVICE,
    REPLACE,
    USER_ROUTES,
    USER_SERVICE,
)
from .shapes import wrapped

DOMAIN = "    app.add_exception_handler(DomainError, _domain_error)  # type: ignore[arg-type]\n"
READ_POST = (
    "async def read_post(post_id: PostId, viewer: Viewer, service: PostServiceDep) -> PostResponse:\n"
    '    """Read a published post, or a draft of the current user."""\n'
    "    return await service.get_post(viewer, post_id)\n"
)
READ_USER = (
    '@router.get("/{user_id}", summary="Read a user", response_model=UserResponse, '
    "responses=problems(401, 404))\n"
)
GET_USER = (
    "        return UserResponse.model_validate(self._found(await self.users.read(user_id), user_id))\n"
)

FAULTS: tuple[Fault, ...] = (
    fault(
        "user_missing_is_null",
        "missing_404",
        "GET of a user who is not there answers 200 with null.",
        USER_ROUTES,
        READ_USER,
        READ_USER.replace("response_model=UserResponse", "response_model=UserResponse | None"),
        Edit(
            USER_SERVICE,
            GET_USER,
            "        user = await self.users.read(user_id)\n"
            "        return UserResponse.model_validate(user) if user else None\n",
        ),
    ),
    fault(
        "missing_is_400",
        "missing_404",
        "What is not there is answered with 400.",
        EXCEPTIONS,
        "HTTPStatus.NOT_FOUND",
        "HTTPStatus.BAD_REQUEST",
    ),
    fault(
        "unknown_path_is_page",
        "missing_404",
        "A path that nobody knows answers 200 with a page for the browser.",
        MAIN,
        "    app.include_router(health.router)\n",
        "    app.include_router(health.router)\n\n"
        '    @app.get("/{path:path}", include_in_schema=False)\n'
        "    async def page(path: str) -> HTMLResponse:\n"
        '        return HTMLResponse("<html><body>Loading</body></html>")\n\n',
        Edit(MAIN, "\nPAGES = (", "\nfrom fastapi.responses import HTMLResponse\n\nPAGES = ("),
    ),
    fault(
        "post_put_upserts",
        "missing_404",
        "PUT of a post that is not there creates it and answers 200.",
        POST_SERVICE,
        "        return await " + REPLACE + "\n",
        "        if await self.posts.get(post_id) is None:\n"
        "            await self.posts.add(Post(id=post_id, author_id=user.id, **data.model_dump()))\n"
        "            await self.session.commit()\n"
        "        return await " + REPLACE + "\n",
    ),
    wrapped(
        "errors_with_200",
        "success_without_error",
        "What services refuse is answered with 200 and the problem.",
        "    response.status_code = 200\n",
    ),
    fault(
        "post_missing_is_success",
        "success_without_error",
        "GET of a post that is not there answers 200 and says so.",
        POST_ROUTES,
        READ_POST,
        READ_POST.replace("-> PostResponse:", "-> Any:").replace(
            "    return await service.get_post(viewer, post_id)\n",
            "    try:\n"
            "        return await service.get_post(viewer, post_id)\n"
            "    except NotFoundError as error:\n"
            '        return JSONResponse({"success": False, "error": error.detail})\n',
        ),
        Edit(
            POST_ROUTES,
            "from app.models.post import Post\n",
            "from app.exceptions import NotFoundError\n"
            "from app.models.post import Post\n"
            "from fastapi.responses import JSONResponse\n",
        ),
    ),
    fault(
        "service_errors_not_handled",
        "no_server_error",
        "What services refuse crashes: its handler is not installed.",
        ERRORS,
        DOMAIN,
        "",
    ),
    fault(
        "invalid_handler_crashes",
        "no_server_error",
        "The handler of invalid input crashes: it trusts that each error has a context.",
        ERRORS,
        'message=item["msg"]',
        'message=str(item["ctx"]["error"])',
    ),
)

"""Faults of the OpenAPI document: not valid, or not what the service does."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    ERRORS,
    MAIN,
    POST_ROUTES,
    POST_SCHEMAS,
    USER_ROUTES,
)

SCHEMAS = '        schemas.update(schema.pop("$defs", {}), Problem=schema)\n'
IMPORT = "from app.models.post import Post\n"
READ_POST = (
    '    summary="Read a post",\n    response_model=PostResponse,\n    responses=problems(401, 404),\n'
)
RETURN_POST = "    return await service.get_post(viewer, post_id)\n"
LIST_POSTS = (
    '    summary="List posts",\n    response_model=Page[PostResponse],\n    responses=problems(401),\n'
)
RETURN_POSTS = "    return await service.list_posts(viewer, query)\n"

FAULTS: tuple[Fault, ...] = (
    fault(
        "document_without_problem",
        "document_valid",
        "The schema of problems is not in the document, and responses refer to it.",
        ERRORS,
        SCHEMAS,
        '        schemas.update(schema.pop("$defs", {}))\n',
    ),
    fault(
        "document_operation_id_twice",
        "document_valid",
        "Reading a post and reading a user have one operationId.",
        POST_ROUTES,
        '    summary="Read a post",\n',
        '    summary="Read a post",\n    operation_id="read",\n',
        Edit(
            USER_ROUTES,
            '"/{user_id}", summary="Read a user", ',
            '"/{user_id}", summary="Read a user", operation_id="read", ',
        ),
    ),
    fault(
        "document_response_without_description",
        "document_valid",
        "The responses of errors have no description.",
        ERRORS,
        "        return document\n\n    app.openapi",
        '        for path in document["paths"].values():\n'
        "            for operation in path.values():\n"
        '                operation["responses"].get("401", {}).pop("description", None)\n'
        "        return document\n\n    app.openapi",
    ),
    fault(
        "document_unknown_scheme",
        "document_valid",
        "Reading a post asks for a security scheme that is not declared.",
        POST_ROUTES,
        '{"security": [{}]}',
        '{"security": [{"bearer": []}, {}]}',
    ),
    fault(
        "answer_published_as_integer",
        "responses_match",
        "GET of a post answers 0 and 1 for `published`.",
        POST_ROUTES,
        READ_POST,
        '    summary="Read a post",\n'
        "    response_model=None,\n"
        '    responses={**problems(401, 404), 200: {"model": PostResponse}},\n',
        Edit(
            POST_ROUTES,
            RETURN_POST,
            "    post = await service.get_post(viewer, post_id)\n"
            '    body = PostResponse.model_validate(post).model_dump(mode="json")\n'
            '    return JSONResponse({**body, "published": int(post.published)})\n',
        ),
        Edit(POST_ROUTES, IMPORT, IMPORT + "from fastapi.responses import JSONResponse\n"),
    ),
    fault(
        "post_lacks_updated_at",
        "responses_match",
        "GET of a post lacks updated_at, which the document requires.",
        POST_ROUTES,
        READ_POST,
        READ_POST + '    response_model_exclude={"updated_at"},\n',
    ),
    fault(
        "post_time_without_zone",
        "responses_match",
        "Times of posts are no RFC 3339 date-time: a space, and no zone.",
        POST_SCHEMAS,
        "    created_at: datetime\n",
        "    created_at: Annotated[\n"
        "        datetime,\n"
        '        PlainSerializer(lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}", return_type=str),\n'
        '        WithJsonSchema({"type": "string", "format": "date-time"}),\n'
        "    ]\n",
        Edit(
            POST_SCHEMAS,
            "from pydantic import Field",
            "from pydantic import Field, PlainSerializer, WithJsonSchema",
        ),
    ),
    fault(
        "posts_as_bare_list",
        "responses_match",
        "The list of posts is a bare array, where a page is declared.",
        POST_ROUTES,
        LIST_POSTS,
        '    summary="List posts",\n'
        "    response_model=None,\n"
        '    responses={**problems(401), 200: {"model": Page[PostResponse]}},\n',
        Edit(
            POST_ROUTES,
            RETURN_POSTS,
            "    page = await service.list_posts(viewer, query)\n"
            "    return [PostResponse.model_validate(post) for post in page.items]\n",
        ),
    ),
    fault(
        "post_created_200",
        "responses_match",
        "POST of a post answers 200, where 201 is declared.",
        POST_ROUTES,
        "    post = await service.create_post(user, data)\n",
        "    post = await service.create_post(user, data)\n    response.status_code = 200\n",
    ),
    fault(
        "post_deleted_200",
        "responses_match",
        "DELETE of a post answers 200 with a message, where 204 is declared.",
        POST_ROUTES,
        "    await service.delete_post(user, post_id)\n",
        '    await service.delete_post(user, post_id)\n    return JSONResponse({"message": "deleted"})\n',
        Edit(
            POST_ROUTES,
            "async def delete_post(post_id: PostId, user: CurrentUser, service: PostServiceDep) -> None:",
            "async def delete_post(post_id: PostId, user: CurrentUser, service: PostServiceDep):",
        ),
        Edit(POST_ROUTES, IMPORT, IMPORT + "from fastapi.responses import JSONResponse\n"),
    ),
    fault(
        "invalid_declared_as_framework",
        "refusal_declared",
        "The document has the framework's schema for invalid input, answers have another.",
        MAIN,
        "problems(422, 500, 503)",
        "problems(500, 503)",
    ),
    fault(
        "invalid_undeclared_for_posts",
        "refusal_declared",
        "No operation on posts declares its 422.",
        ERRORS,
        "        return document\n\n    app.openapi",
        '        for path, item in document["paths"].items():\n'
        "            for operation in item.values():\n"
        '                if "/posts" in path:\n'
        '                    operation["responses"].pop("422", None)\n'
        "        return document\n\n    app.openapi",
    ),
    fault(
        "post_missing_undeclared",
        "errors_declared",
        "No operation on a post declares its 404 but DELETE.",
        POST_ROUTES,
        READ_POST,
        READ_POST.replace("401, 404", "401"),
        Edit(
            POST_ROUTES,
            '    summary="Replace a post",\n'
            "    response_model=PostResponse,\n"
            "    responses=problems(400, 401, 403, 404, 409, 413),\n",
            '    summary="Replace a post",\n'
            "    response_model=PostResponse,\n"
            "    responses=problems(400, 401, 403, 409, 413),\n",
        ),
    ),
    fault(
        "email_taken_undeclared",
        "errors_declared",
        "Sign-up does not declare its 409.",
        USER_ROUTES,
        "responses=problems(400, 409, 413)",
        "responses=problems(400, 413)",
    ),
    fault(
        "nobody_undeclared_for_users",
        "errors_declared",
        "The list of users and the current user do not declare their 401.",
        USER_ROUTES,
        "response_model=Page[UserResponse], responses=problems(401)",
        "response_model=Page[UserResponse]",
        Edit(
            USER_ROUTES,
            'summary="Read the current user", response_model=AccountResponse, responses=problems(401)',
            'summary="Read the current user", response_model=AccountResponse',
        ),
    ),
)

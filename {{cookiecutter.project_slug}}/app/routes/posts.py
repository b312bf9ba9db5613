"""Posts over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response, status

from app.dependencies import CurrentUser, PostServiceDep, Viewer
from app.middleware.error_handler import problems
from app.models.post import Post
from app.schemas.common import Identifier
from app.schemas.post import PostCreate, PostQuery, PostResponse, PostUpdate
from app.utils.pagination import Page, Slice

router = APIRouter(prefix="/posts", tags=["posts"])
PostId = Annotated[Identifier, Path()]
# The scheme that the viewer's token adds becomes one of two ways: with it, or without any.
PUBLIC: dict[str, Any] = {"security": [{}]}


@router.post(
    "",
    summary="Create a post",
    response_model=PostResponse,
    status_code=status.HTTP_201_CREATED,
    responses=problems(400, 401, 409, 413),
    # % if cookiecutter.events == "kafka"
    openapi_extra={"x-publishes": ["PostCreated"]},
    # % endif
)
async def create_post(
    data: PostCreate, user: CurrentUser, service: PostServiceDep, request: Request, response: Response
) -> Post:
    """Create a post of the current user; unless `published`, only they see it."""
    post = await service.create_post(user, data)
    response.headers["Location"] = f"{request.url.path}/{post.id}"
    return post


@router.get(
    "",
    summary="List posts",
    response_model=Page[PostResponse],
    responses=problems(401),
    openapi_extra=PUBLIC,
)
async def list_posts(
    query: Annotated[PostQuery, Query()], viewer: Viewer, service: PostServiceDep
) -> Slice[PostResponse]:
    """List published posts and the current user's own drafts, oldest first."""
    return await service.list_posts(viewer, query)


@router.get(
    "/{post_id}",
    summary="Read a post",
    response_model=PostResponse,
    responses=problems(401, 404),
    openapi_extra=PUBLIC,
)
async def read_post(post_id: PostId, viewer: Viewer, service: PostServiceDep) -> PostResponse:
    """Read a published post, or a draft of the current user."""
    return await service.get_post(viewer, post_id)


@router.put(
    "/{post_id}",
    summary="Replace a post",
    response_model=PostResponse,
    responses=problems(400, 401, 403, 404, 409, 413),
    # % if cookiecutter.events == "kafka"
    openapi_extra={"x-publishes": ["PostUpdated"]},
    # % endif
)
async def replace_post(post_id: PostId, data: PostCreate, user: CurrentUser, service: PostServiceDep) -> Post:
    """Replace a post of the current user; what is left out gets its default."""
    return await service.replace_post(user, post_id, data)


@router.patch(
    "/{post_id}",
    summary="Change a post",
    response_model=PostResponse,
    responses=problems(400, 401, 403, 404, 409, 413),
    # % if cookiecutter.events == "kafka"
    openapi_extra={"x-publishes": ["PostUpdated"]},
    # % endif
)
async def update_post(post_id: PostId, data: PostUpdate, user: CurrentUser, service: PostServiceDep) -> Post:
    """Change a post of the current user; what is left out stays as it is."""
    return await service.update_post(user, post_id, data)


@router.delete(
    "/{post_id}",
    summary="Delete a post",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404),
    # % if cookiecutter.events == "kafka"
    openapi_extra={"x-publishes": ["PostDeleted"]},
    # % endif
)
async def delete_post(post_id: PostId, user: CurrentUser, service: PostServiceDep) -> None:
    """Delete a post of the current user."""
    await service.delete_post(user, post_id)

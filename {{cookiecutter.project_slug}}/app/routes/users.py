"""Users over HTTP."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Path, Query, Request, Response, status

from app.dependencies import CurrentUser, NotificationServiceDep, UserServiceDep
from app.middleware.error_handler import problems
from app.models.user import User
from app.schemas.common import Identifier
from app.schemas.user import AccountResponse, UserCreate, UserResponse, UserUpdate
from app.utils.pagination import Page, PageQuery, Slice

router = APIRouter(prefix="/users", tags=["users"])
UserId = Annotated[Identifier, Path()]


@router.post(
    "",
    summary="Sign up",
    response_model=AccountResponse,
    status_code=status.HTTP_201_CREATED,
    responses=problems(400, 409, 413),
    # % if cookiecutter.events == "kafka"
    openapi_extra={"x-publishes": ["UserRegistered"]},
    # % endif
)
async def sign_up(
    data: UserCreate,
    service: UserServiceDep,
    notifications: NotificationServiceDep,
    background: BackgroundTasks,
    request: Request,
    response: Response,
) -> User:
    """Create a user, and welcome them after the answer."""
    user = await service.register(data)
    background.add_task(notifications.welcome, user.id, user.email)
    response.headers["Location"] = f"{request.url.path}/{user.id}"
    return user


@router.get("", summary="List users", response_model=Page[UserResponse], responses=problems(401))
async def list_users(
    query: Annotated[PageQuery, Query()], _user: CurrentUser, service: UserServiceDep
) -> Slice[UserResponse]:
    """List users in the order in which they signed up."""
    return await service.list_users(query)


@router.get("/me", summary="Read the current user", response_model=AccountResponse, responses=problems(401))
async def read_current_user(user: CurrentUser) -> AccountResponse:
    """Read the user of the access token."""
    return user


@router.get("/{user_id}", summary="Read a user", response_model=UserResponse, responses=problems(401, 404))
async def read_user(user_id: UserId, _user: CurrentUser, service: UserServiceDep) -> UserResponse:
    """Read a user's public side."""
    return await service.get_user(user_id)


@router.patch(
    "/{user_id}",
    summary="Change a user",
    response_model=AccountResponse,
    responses=problems(400, 401, 403, 404, 409, 413),
)
async def update_user(user_id: UserId, data: UserUpdate, user: CurrentUser, service: UserServiceDep) -> User:
    """Change the current user; what is left out stays as it is."""
    return await service.update_user(user, user_id, data)


@router.delete(
    "/{user_id}",
    summary="Delete a user",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404, 409),
)
async def delete_user(user_id: UserId, user: CurrentUser, service: UserServiceDep) -> None:
    """Delete the current user, who must have deleted their posts."""
    await service.delete_user(user, user_id)

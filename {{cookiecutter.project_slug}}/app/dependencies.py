"""What routes ask for, as `Annotated` aliases.

All are coroutine functions, though few wait: FastAPI runs a plain one in a thread.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from fastapi.security.base import SecurityBase
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings
from app.exceptions import UnauthorizedError
from app.middleware.database_session import KEY
from app.repositories.post_repository import PostRepository
from app.repositories.user_repository import UserRepository
from app.schemas.user import AccountResponse
from app.services.notification_service import NotificationService
from app.services.post_service import PostService
from app.services.user_service import UserService
from app.utils.auth import read_access_token

API_PREFIX = "/api/v1"
oauth2 = OAuth2PasswordBearer(tokenUrl=f"{API_PREFIX}/auth/token", auto_error=False)


async def get_settings(request: Request) -> Settings:
    """The settings that the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


def get_session(request: Request) -> AsyncSession:
    """The session of this request, which `DatabaseSessionMiddleware` closes; it connects when it is used."""
    state = request.scope["state"]
    if KEY not in state:
        state[KEY] = request.app.state.session_factory()
    session: AsyncSession = state[KEY]
    return session


async def get_post_service(request: Request) -> PostService:
    """The service of posts, on this request's session."""
    session = get_session(request)
    return PostService(session, PostRepository(session, request.app.state.engine))


async def get_user_service(request: Request) -> UserService:
    """The service of users, on this request's session."""
    session, engine = get_session(request), request.app.state.engine
    return UserService(session, UserRepository(session, engine), PostRepository(session, engine))


async def get_notification_service() -> NotificationService:
    """The service that tells users what happened."""
    return NotificationService()


SettingsDep = Annotated[Settings, Depends(get_settings)]
PostServiceDep = Annotated[PostService, Depends(get_post_service)]
UserServiceDep = Annotated[UserService, Depends(get_user_service)]
NotificationServiceDep = Annotated[NotificationService, Depends(get_notification_service)]


async def get_viewer(request: Request) -> AccountResponse | None:
    """Who asks, None where nobody says so. Raises `UnauthorizedError` for a token that is not valid."""
    token = await oauth2(request)
    if not token:
        return None
    users = await get_user_service(request)
    return await users.get_active_user(read_access_token(token, request.app.state.settings))


async def get_current_user(request: Request) -> AccountResponse:
    """Who asks. Raises `UnauthorizedError` where nobody says so."""
    viewer = await get_viewer(request)
    if viewer is None:
        raise UnauthorizedError("This needs an access token.")
    return viewer


class ByToken(SecurityBase):
    """A dependency that reads the access token, and which the OpenAPI document shows as doing so.

    It is one where the scheme, the viewer and the user could be three: FastAPI solves each for each request.
    """

    def __init__(self, find: Callable[[Request], Awaitable[AccountResponse | None]]) -> None:
        self.model, self.scheme_name = oauth2.model, oauth2.scheme_name
        self.find = find

    async def __call__(self, request: Request) -> AccountResponse | None:
        """Who asks."""
        return await self.find(request)


Viewer = Annotated[AccountResponse | None, Depends(ByToken(get_viewer))]
CurrentUser = Annotated[AccountResponse, Depends(ByToken(get_current_user))]

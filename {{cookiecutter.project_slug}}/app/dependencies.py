"""What routes ask for, as `Annotated` aliases.

All are coroutine functions, though few wait: FastAPI runs a plain one in a thread.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings
from app.exceptions import UnauthorizedError
from app.models.user import User
from app.repositories.post_repository import PostRepository
from app.repositories.user_repository import UserRepository
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


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """A session for one request, which only reads where it is a GET; what is not committed is rolled back."""
    state = request.app.state
    sessions = state.read_session_factory if request.method == "GET" else state.session_factory
    session = sessions()
    try:
        yield session
    finally:
        # `async with` would do it in a task of its own, at the price of a third of a query.
        await session.close()


# The scope ends the session before the response is sent: no connection waits for a slow client.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
SettingsDep = Annotated[Settings, Depends(get_settings)]


async def get_post_service(session: SessionDep) -> PostService:
    """The service of posts, on this request's session."""
    return PostService(session, PostRepository(session))


async def get_user_service(session: SessionDep) -> UserService:
    """The service of users, on this request's session."""
    return UserService(session, UserRepository(session), PostRepository(session))


async def get_notification_service() -> NotificationService:
    """The service that tells users what happened."""
    return NotificationService()


PostServiceDep = Annotated[PostService, Depends(get_post_service, scope="function")]
UserServiceDep = Annotated[UserService, Depends(get_user_service, scope="function")]
NotificationServiceDep = Annotated[NotificationService, Depends(get_notification_service)]


async def get_viewer(
    request: Request, token: Annotated[str | None, Depends(oauth2)], session: SessionDep
) -> User | None:
    """Who asks, None where nobody says so. Raises `UnauthorizedError` for a token that is not valid."""
    if not token:
        return None
    users = await get_user_service(session)
    return await users.get_active_user(read_access_token(token, request.app.state.settings))


async def get_current_user(viewer: Annotated[User | None, Depends(get_viewer, scope="function")]) -> User:
    """Who asks. Raises `UnauthorizedError` where nobody says so."""
    if viewer is None:
        raise UnauthorizedError("This needs an access token.")
    return viewer


Viewer = Annotated[User | None, Depends(get_viewer, scope="function")]
CurrentUser = Annotated[User, Depends(get_current_user, scope="function")]

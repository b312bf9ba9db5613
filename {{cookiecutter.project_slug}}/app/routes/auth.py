"""Sign-in."""

from typing import Annotated

from fastapi import APIRouter, Form, Request

from app.dependencies import SettingsDep, UserServiceDep
from app.exceptions import TooManyRequestsError
from app.middleware.error_handler import problems
from app.schemas.user import TokenRequest, TokenResponse
from app.utils.auth import create_access_token
from app.utils.rate_limit import SlidingWindow

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post(
    "/token", summary="Sign in", response_model=TokenResponse, responses=problems(400, 401, 413, 429)
)
async def sign_in(
    form: Annotated[TokenRequest, Form()], request: Request, service: UserServiceDep, settings: SettingsDep
) -> TokenResponse:
    """Exchange an email address and a password for an access token."""
    limit: SlidingWindow = request.app.state.sign_ins
    client = request.client.host if request.client else None
    wait = limit.hit((client, form.username.lower()))
    if wait:
        raise TooManyRequestsError("Too many attempts to sign in; try again later.", wait)
    user = await service.authenticate(form)
    return TokenResponse(
        access_token=create_access_token(user.id, settings), expires_in=settings.access_token_minutes * 60
    )

"""Sign-in."""

from typing import Annotated

from fastapi import APIRouter, Form

from app.dependencies import SettingsDep, UserServiceDep
from app.middleware.error_handler import problems
from app.schemas.user import TokenRequest, TokenResponse
from app.utils.auth import create_access_token

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/token", summary="Sign in", response_model=TokenResponse, responses=problems(400, 401, 413))
async def sign_in(
    form: Annotated[TokenRequest, Form()], service: UserServiceDep, settings: SettingsDep
) -> TokenResponse:
    """Exchange an email address and a password for an access token."""
    user = await service.authenticate(form)
    return TokenResponse(
        access_token=create_access_token(user.id, settings), expires_in=settings.access_token_minutes * 60
    )

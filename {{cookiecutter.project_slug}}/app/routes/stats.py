"""Statistics over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from app.dependencies import CurrentUser, get_session
from app.middleware.error_handler import problems
from app.models.outbox import AuthorStats
from app.repositories.stats_repository import StatsRepository
from app.repositories.user_repository import UserRepository
from app.schemas.common import Identifier
from app.schemas.stats import StatsResponse
from app.services.stats_service import StatsService

router = APIRouter(prefix="/users", tags=["users"])


async def get_stats_service(request: Request) -> StatsService:
    """The service of statistics, on this request's session."""
    session = get_session(request)
    return StatsService(StatsRepository(session), UserRepository(session, request.app.state.engine))


@router.get(
    "/{user_id}/stats",
    summary="Read a user's statistics",
    response_model=StatsResponse,
    responses=problems(401, 403, 404),
)
async def read_stats(
    user_id: Annotated[Identifier, Path()],
    user: CurrentUser,
    service: Annotated[StatsService, Depends(get_stats_service)],
) -> AuthorStats:
    """Read what the current user has written, a moment behind the posts themselves."""
    return await service.get_stats(user, user_id)

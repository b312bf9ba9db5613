"""What users have written, as the API shows it."""

from datetime import datetime

from pydantic import Field

from app.schemas.common import Identifier, ResponseBody


class StatsResponse(ResponseBody):
    """A user's posts, counted from events: a moment behind the posts themselves."""

    user_id: Identifier
    posts: int = Field(description="Posts that are there, drafts among them.")
    last_post_at: datetime | None = Field(description="When the latest of all posts was written.")

"""The tables. Importing this package makes all of them known to `Base.metadata`."""

from app.models.base import Base
# % if cookiecutter.events == "kafka"
from app.models.outbox import AuthorStats, InboxEntry, OutboxEvent, RelayLease
# % endif
from app.models.post import Post
from app.models.user import User

__all__ = ["Base", "Post", "User"]
# % if cookiecutter.events == "kafka"
__all__ += ["AuthorStats", "InboxEntry", "OutboxEvent", "RelayLease"]
# % endif

"""Files of the template's service, and snippets of them that several faults edit."""

MAIN = "app/main.py"
DEPENDENCIES = "app/dependencies.py"
EXCEPTIONS = "app/exceptions.py"
BASE_MODEL = "app/models/base.py"
USER_MODEL = "app/models/user.py"
POST_MODEL = "app/models/post.py"
MIGRATION = "alembic/versions/0001_create_users_and_posts.py"
REPOSITORY = "app/repositories/base_repository.py"
POSTS = "app/repositories/post_repository.py"
POST_SERVICE = "app/services/post_service.py"
USER_SERVICE = "app/services/user_service.py"
POST_ROUTES = "app/routes/posts.py"
USER_ROUTES = "app/routes/users.py"
COMMON = "app/schemas/common.py"
POST_SCHEMAS = "app/schemas/post.py"
USER_SCHEMAS = "app/schemas/user.py"
PAGINATION = "app/utils/pagination.py"
AUTH = "app/utils/auth.py"
ERRORS = "app/middleware/error_handler.py"
HEAD = "app/middleware/head.py"
BODY_LIMIT = "app/middleware/body_limit.py"
SECURITY_HEADERS = "app/middleware/security_headers.py"

# Where a module's own imports begin: a line put before it is at the top level.
IMPORT_POST = "from app.models.post import Post\n"
IMPORT_USER = "from app.models.user import User\n"

OWN = "        post = await self._own(user, post_id)\n"
VISIBLE_POST = "self._visible(await self.posts.get(post_id), user, post_id)"
DELETE_POST = OWN + "        await self.posts.delete(post)\n"
APPLIED = OWN + "        changed = {"
IF_CHANGED = "        if changed:\n"
NEW_POST = "Post(author_id=author.id, **data.model_dump())"
REPLACE = "self._apply(user, post_id, data.model_dump())"
UPDATE = "self._apply(user, post_id, data.model_dump(exclude_unset=True))"
LIST_POSTS = (
    "        items, total = await self.posts.list_visible("
    "viewer.id if viewer else None, **query.model_dump())\n"
)
LIST_USERS = "        items, total = await self.users.list(limit=query.limit, offset=query.offset)\n"
PAGE = '{"limit": limit, "offset": offset}'
TOTAL = "select(func.count()).select_from(model).where(*conditions)"
VISIBLE = "PUBLIC_OR_OWN if viewer_id else PUBLIC"
MAY_SEE = (
    "        if post is None or not (post.published or (viewer and viewer.id == post.author_id)):\n"
    '            raise NotFoundError(f"There is no post {post_id}.")\n'
)
NO_USER = '        if user is None:\n            raise NotFoundError(f"There is no user {user_id}.")\n'
FOUND_USER = "        found = self._found(await self.users.get(user_id), user_id)\n"
SAVE_USER = "        await self.users.flush()\n        await self.session.commit()\n"
DELETE_USER = "        await self.users.delete(found)\n"
SELF = "        found = await self._self(user, user_id)\n"
COPY_TO_USER = (
    "        for field, value in data.model_dump(exclude_unset=True).items():\n"
    "            setattr(found, field, value)\n"
)
UNIQUE_EMAIL = (
    '        UniqueConstraint("email", info={"conflict": "A user with this email address exists."}),\n'
)
UNIQUE_EMAIL_COLUMN = '        sa.UniqueConstraint("email", name=op.f("uq_users_email")),\n'
UNIQUE_TITLE = (
    '        UniqueConstraint("author_id", "title", info={"conflict": "You have a post with this title."}),\n'
)
UNIQUE_TITLE_COLUMN = (
    '        sa.UniqueConstraint("author_id", "title", name=op.f("uq_posts_author_id_title")),\n'
)
HASH = "        password_hash = await hash_password(data.password.get_secret_value())\n"
BODY_CONFIG = 'ConfigDict(extra="forbid", strict=True)'
TEXT_CHECK = "    AfterValidator(_refuse_blank),\n"
CONTENT = "Content = Annotated[Text, Field(max_length=10_000)]"

"""Faults of what a change has beside it: other rows, times, and refusals that store."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    BASE_MODEL,
    CONTENT,
    COPY_TO_USER,
    IF_CHANGED,
    IMPORT_POST,
    IMPORT_USER,
    POST_SCHEMAS,
    POST_SERVICE,
    USER_SERVICE,
)

FROM_SQL = Edit(POST_SERVICE, IMPORT_POST, IMPORT_POST + "from sqlalchemy import update\n")

SET_FIELDS = "            for field, value in changed.items():\n                setattr(post, field, value)\n"
FAULTS: tuple[Fault, ...] = (
    fault(
        "post_publishes_all",
        "others_unchanged",
        "Publishing a post publishes all drafts of its author.",
        POST_SERVICE,
        IF_CHANGED,
        '        if "published" in changed:\n'
        "            same = update(Post).where(Post.author_id == user.id)\n"
        '            await self.session.execute(same.values(published=changed["published"]))\n' + IF_CHANGED,
        FROM_SQL,
    ),
    fault(
        "user_rename_without_where",
        "others_unchanged",
        "PATCH of a user's name renames all users.",
        USER_SERVICE,
        COPY_TO_USER,
        COPY_TO_USER + '        if "name" in data.model_fields_set:\n'
        "            await self.session.execute(update(User).values(name=data.name))\n",
        Edit(USER_SERVICE, IMPORT_USER, IMPORT_USER + "from sqlalchemy import update\n"),
    ),
    fault(
        "post_content_of_all_drafts",
        "others_unchanged",
        "A new content is written to all drafts of the author.",
        POST_SERVICE,
        IF_CHANGED,
        '        if "content" in changed:\n'
        "            drafts = update(Post).where(Post.author_id == user.id, Post.published.is_(False))\n"
        '            await self.session.execute(drafts.values(content=changed["content"]))\n' + IF_CHANGED,
        FROM_SQL,
    ),
    fault(
        "created_at_on_update",
        "created_at_fixed",
        "created_at moves with each change.",
        BASE_MODEL,
        "    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)",
        "    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)",
    ),
    fault(
        "created_at_when_retitled",
        "created_at_fixed",
        "A post with a new title is created anew: created_at is set.",
        POST_SERVICE,
        IF_CHANGED,
        '        if "title" in changed:\n            post.created_at = utc_now()\n' + IF_CHANGED,
        Edit(POST_SERVICE, IMPORT_POST, "from app.models.base import utc_now\n" + IMPORT_POST),
    ),
    fault(
        "updated_at_never_set",
        "updated_at_moves",
        "updated_at stays as it was at the creation.",
        BASE_MODEL,
        "mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)",
        "mapped_column(UtcDateTime, default=utc_now)",
    ),
    fault(
        "updated_at_shows_created_at",
        "updated_at_moves",
        "Answers of posts show the time of creation as updated_at.",
        POST_SCHEMAS,
        "    updated_at: datetime\n",
        '    updated_at: datetime = Field(validation_alias="created_at")\n',
    ),
    fault(
        "post_checked_after_commit",
        "refused_not_stored",
        "PUT and PATCH store a long content, and refuse it then.",
        POST_SERVICE,
        "        return post\n\n    async def _own(",
        "        if len(post.content) > 10_000:\n"
        '            raise ValidationError("The content is too long.")\n'
        "        return post\n\n    async def _own(",
        Edit(
            POST_SERVICE,
            "import ForbiddenError, NotFoundError\n",
            "import ForbiddenError, NotFoundError, ValidationError\n",
        ),
        Edit(
            POST_SERVICE,
            "        post = await self.posts.add(",
            "        if len(data.content) > 10_000:\n"
            '            raise ValidationError("The content is too long.")\n'
            "        post = await self.posts.add(",
        ),
        Edit(
            POST_SCHEMAS,
            CONTENT,
            'Content = Annotated[Text, Field(json_schema_extra={"maxLength": 10_000})]',
        ),
    ),
    fault(
        "post_blank_checked_after_commit",
        "refused_not_stored",
        "PUT and PATCH store a blank content, and refuse it then.",
        POST_SERVICE,
        "        return post\n\n    async def _own(",
        "        if not post.content.strip():\n"
        '            raise ValidationError("The content must not be blank.")\n'
        "        return post\n\n    async def _own(",
        Edit(
            POST_SERVICE,
            "import ForbiddenError, NotFoundError\n",
            "import ForbiddenError, NotFoundError, ValidationError\n",
        ),
        Edit(
            POST_SERVICE,
            "        post = await self.posts.add(",
            "        if not data.content.strip():\n"
            '            raise ValidationError("The content must not be blank.")\n'
            "        post = await self.posts.add(",
        ),
        Edit(
            POST_SCHEMAS,
            CONTENT,
            "Content = Annotated[\n"
            '    str, Field(max_length=10_000, json_schema_extra={"minLength": 1, "pattern": r"\\S"})\n'
            "]",
        ),
    ),
    fault(
        "post_update_committed_early",
        "refused_rename",
        "PATCH and PUT store a post field by field: a title that is taken leaves the others stored.",
        POST_SERVICE,
        SET_FIELDS,
        "            for field, value in reversed(changed.items()):\n"
        "                setattr(post, field, value)\n"
        "                await self.posts.flush()\n"
        "                await self.session.commit()\n",
    ),
    fault(
        "post_conflict_retitles_other",
        "refused_rename",
        "A title that is taken is taken away from the other post, and answered with 409.",
        POST_SERVICE,
        SET_FIELDS,
        "            title = changed.get('title')\n"
        "            others = update(Post).where(Post.title == title, Post.author_id == user.id)\n"
        "            found = await self.session.execute(others.values(title='', content='moved'))\n"
        "            if found.rowcount:\n"
        "                await self.session.commit()\n"
        "                raise ConflictError('You have a post with this title.')\n" + SET_FIELDS,
        Edit(
            POST_SERVICE,
            "import ForbiddenError, NotFoundError\n",
            "import ConflictError, ForbiddenError, NotFoundError\n",
        ),
        FROM_SQL,
    ),
    fault(
        "user_update_committed_early",
        "refused_not_stored",
        "PATCH of a user's name and a taken address stores the name, then answers 409.",
        USER_SERVICE,
        COPY_TO_USER,
        "        for field, value in reversed(data.model_dump(exclude_unset=True).items()):\n"
        "            setattr(found, field, value)\n"
        "            await self.users.flush()\n"
        "            await self.session.commit()\n",
    ),
)

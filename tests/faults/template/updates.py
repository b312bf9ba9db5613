"""Faults of PUT and PATCH: lost, spilt over, or more than was asked for."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    BASE_MODEL,
    COPY_TO_USER,
    IF_CHANGED,
    IMPORT_POST,
    IMPORT_USER,
    OWN,
    POST_SCHEMAS,
    POST_SERVICE,
    REPLACE,
    SAVE_USER,
    UPDATE,
    USER_SERVICE,
)

UPDATED = (
    "            emit(self.session, PostUpdated.model_validate(post, from_attributes=True))\n"
    "            # % endif\n"
)
COMMIT = "            await self.session.commit()\n"
DIFFERENT = "if getattr(post, field) != value}"
FROM_SQL = Edit(POST_SERVICE, IMPORT_POST, IMPORT_POST + "from sqlalchemy import update\n")

FAULTS: tuple[Fault, ...] = (
    fault(
        "post_update_uncommitted",
        "put_stored",
        "PUT and PATCH of a post answer with what is new and forget to commit.",
        POST_SERVICE,
        UPDATED + COMMIT,
        UPDATED,
    ),
    fault(
        "post_put_forgets_published",
        "put_stored",
        "PUT of a post ignores `published`.",
        POST_SERVICE,
        REPLACE,
        'self._apply(user, post_id, data.model_dump(exclude={"published"}))',
    ),
    fault(
        "post_put_replaces_row",
        "put_stored",
        "PUT of a post deletes the row and adds another, with an identifier of its own.",
        POST_SERVICE,
        "        return await " + REPLACE + "\n",
        OWN + "        await self.posts.delete(post)\n"
        "        post = await self.posts.add(Post(author_id=user.id, **data.model_dump()))\n"
        "        await self.session.commit()\n"
        "        return post\n",
    ),
    fault(
        "user_update_uncommitted",
        "patch_stored",
        "PATCH of a user answers with what is new and forgets to commit.",
        USER_SERVICE,
        SAVE_USER,
        "        await self.users.flush()\n",
    ),
    fault(
        "post_update_ignores_false",
        "patch_stored",
        "PATCH of a post ignores values that are false: what is published stays so.",
        POST_SERVICE,
        DIFFERENT,
        "if value and getattr(post, field) != value}",
    ),
    fault(
        "user_name_from_email",
        "patch_stored",
        "PATCH of a user's name stores the address instead.",
        USER_SERVICE,
        COPY_TO_USER,
        '        if "email" in data.model_fields_set:\n'
        "            found.email = data.email\n"
        '        if "name" in data.model_fields_set:\n'
        "            found.name = found.email\n",
    ),
    fault(
        "post_patch_with_defaults",
        "patch_keeps",
        "PATCH of a post empties what is left out.",
        POST_SERVICE,
        UPDATE,
        "self._apply(user, post_id, data.model_dump())",
    ),
    fault(
        "post_patch_unpublishes",
        "patch_keeps",
        "PATCH of a post makes it a draft unless it says otherwise.",
        POST_SERVICE,
        UPDATE,
        'self._apply(user, post_id, {"published": False, **data.model_dump(exclude_unset=True)})',
    ),
    fault(
        "user_patch_with_defaults",
        "patch_keeps",
        "PATCH of a user empties what is left out.",
        USER_SERVICE,
        "data.model_dump(exclude_unset=True).items()",
        "data.model_dump().items()",
    ),
    fault(
        "post_put_keeps_omitted",
        "put_resets",
        "PUT of a post keeps what is left out.",
        POST_SERVICE,
        REPLACE,
        UPDATE,
    ),
    fault(
        "post_put_skips_defaults",
        "put_resets",
        "PUT of a post never sets a field to its default, sent or not.",
        POST_SERVICE,
        REPLACE,
        "self._apply(user, post_id, data.model_dump(exclude_defaults=True))",
    ),
    fault(
        "post_put_keeps_versions",
        "put_idempotent",
        "PUT of a post adds the old version as a post of its own.",
        POST_SERVICE,
        IF_CHANGED,
        IF_CHANGED + '            old = Post(author_id=post.author_id, title=f"{post.title} ({utc_now()})")\n'
        "            old.content = post.content\n"
        "            self.session.add(old)\n",
        Edit(POST_SERVICE, IMPORT_POST, "from app.models.base import utc_now\n" + IMPORT_POST),
    ),
    fault(
        "post_update_adds_copy",
        "put_idempotent",
        "PATCH of a post that changes its title adds a post and leaves the old one.",
        POST_SERVICE,
        IF_CHANGED,
        '        if "title" in changed:\n'
        "            kept = {name: getattr(post, name) for name in ('content', 'published')}\n"
        "            post = await self.posts.add(Post(author_id=user.id, **{**kept, **changed}))\n"
        + IF_CHANGED,
    ),
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
        "PUT and PATCH store a long title, and refuse it then.",
        POST_SERVICE,
        "        return post\n\n    async def _own(",
        "        if len(post.title) > 200:\n"
        '            raise ValidationError("The title is too long.")\n'
        "        return post\n\n    async def _own(",
        Edit(
            POST_SERVICE,
            "import ForbiddenError, NotFoundError\n",
            "import ForbiddenError, NotFoundError, ValidationError\n",
        ),
        Edit(
            POST_SCHEMAS,
            "Title = Annotated[Text, Field(max_length=200)]",
            'Title = Annotated[Text, Field(json_schema_extra={"maxLength": 200})]',
        ),
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

"""Faults of PUT and PATCH: what is lost, or more than was asked for."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    COPY_TO_USER,
    IF_CHANGED,
    IMPORT_POST,
    OWN,
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
)

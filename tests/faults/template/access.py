"""Faults of authorization: what is another's."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    APPLIED,
    COPY_TO_USER,
    DELETE_POST,
    FOUND_USER,
    IMPORT_POST,
    IMPORT_USER,
    MAY_SEE,
    POST_SERVICE,
    POSTS,
    REPLACE,
    SAVE_USER,
    SELF,
    USER_SERVICE,
    VISIBLE,
    VISIBLE_POST,
)

CHECK = (
    "        if post.author_id != user.id:\n"
    '            raise ForbiddenError("Only its author may change or delete a post.")\n'
)
ASKED = "post is None or not (post.published or (viewer and viewer.id == post.author_id))"
BY_AUTHOR = "            conditions.append(BY_AUTHOR)\n"

FAULTS: tuple[Fault, ...] = (
    fault(
        "draft_read_by_all",
        "private_unreadable",
        "GET of a draft does not ask whose it is.",
        POST_SERVICE,
        MAY_SEE,
        MAY_SEE.replace(ASKED, "post is None"),
    ),
    fault(
        "draft_read_by_users",
        "private_unreadable",
        "GET of a draft is for everybody who is signed in.",
        POST_SERVICE,
        MAY_SEE,
        MAY_SEE.replace("(viewer and viewer.id == post.author_id)", "viewer"),
    ),
    fault(
        "drafts_listed_for_all",
        "private_unreadable",
        "The list of posts shows the drafts of all users.",
        POSTS,
        VISIBLE,
        "Post.id > 0",
    ),
    fault(
        "drafts_listed_by_author",
        "private_unreadable",
        "The list of one author's posts shows their drafts to all.",
        POSTS,
        BY_AUTHOR,
        "            conditions = [Post.author_id == author_id]\n",
    ),
    fault(
        "post_changed_by_all",
        "stranger_change",
        "PUT, PATCH and DELETE of a post do not ask who wrote it.",
        POST_SERVICE,
        CHECK,
        "",
    ),
    fault(
        "post_put_by_all",
        "stranger_change",
        "PUT of a post does not ask who wrote it.",
        POST_SERVICE,
        REPLACE,
        "self._apply(await self._author(post_id) or user, post_id, data.model_dump())",
        Edit(
            POST_SERVICE,
            "    async def _own(",
            "    async def _author(self, post_id: int) -> User | None:\n"
            "        post = await self.posts.get(post_id)\n"
            "        return await self.session.get(User, post.author_id) if post else None\n\n"
            "    async def _own(",
        ),
        Edit(POST_SERVICE, IMPORT_POST, IMPORT_POST + IMPORT_USER),
    ),
    fault(
        "post_checked_late",
        "stranger_change",
        "PUT and PATCH of another's post change it, then answer 403.",
        POST_SERVICE,
        "        return post\n\n    async def _own(",
        CHECK + "        return post\n\n    async def _own(",
        Edit(POST_SERVICE, APPLIED, APPLIED.replace("await self._own(user, post_id)", VISIBLE_POST)),
    ),
    fault(
        "user_changed_by_all",
        "stranger_change",
        "PATCH of a user does not ask who they are.",
        USER_SERVICE,
        SELF + COPY_TO_USER,
        FOUND_USER + COPY_TO_USER,
    ),
    fault(
        "user_checked_late",
        "stranger_change",
        "PATCH of another user changes them, then answers 403.",
        USER_SERVICE,
        SELF + COPY_TO_USER,
        FOUND_USER + COPY_TO_USER,
        Edit(USER_SERVICE, SAVE_USER, SAVE_USER + "        await self._self(user, user_id)\n"),
    ),
    fault(
        "post_deleted_by_all",
        "stranger_delete",
        "DELETE of a post does not ask who wrote it.",
        POST_SERVICE,
        DELETE_POST,
        DELETE_POST.replace("await self._own(user, post_id)", VISIBLE_POST),
    ),
    fault(
        "user_deleted_by_all",
        "stranger_delete",
        "DELETE of a user does not ask who they are.",
        USER_SERVICE,
        SELF + "        if await self.posts",
        FOUND_USER + "        if await self.posts",
    ),
    fault(
        "post_delete_checked_late",
        "stranger_delete",
        "DELETE of another's post deletes it, then answers 403.",
        POST_SERVICE,
        DELETE_POST,
        f"        post = {VISIBLE_POST}\n"
        "        await self.posts.delete(post)\n"
        "        if post.author_id != user.id:\n"
        "            await self.session.commit()\n"
        '            raise ForbiddenError("Only its author may change or delete a post!")\n',
    ),
    fault(
        "draft_existence_told",
        "existence_hidden",
        "Another's draft answers 403, one that is not there 404.",
        POST_SERVICE,
        MAY_SEE,
        MAY_SEE.replace(ASKED, "post is None")
        + "        if not (post.published or (viewer and viewer.id == post.author_id)):\n"
        '            raise ForbiddenError("This post is not published.")\n',
    ),
    fault(
        "draft_existence_worded",
        "existence_hidden",
        "Another's draft and one that is not there answer 404 in different words.",
        POST_SERVICE,
        MAY_SEE,
        MAY_SEE.replace(ASKED, "post is None")
        + "        if not (post.published or (viewer and viewer.id == post.author_id)):\n"
        '            raise NotFoundError("This post is not published yet.")\n',
    ),
)

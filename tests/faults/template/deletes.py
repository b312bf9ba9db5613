"""Faults of DELETE: what stays, what goes along, and what can go twice."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    DELETE_POST,
    DELETE_USER,
    IMPORT_POST,
    IMPORT_USER,
    LIST_POSTS,
    MAY_SEE,
    MIGRATION,
    NO_USER,
    OWN,
    POST_MODEL,
    POST_SERVICE,
    POSTS,
    USER_SERVICE,
    VISIBLE,
)

DELETED = "        emit(self.session, PostDeleted(id=post.id, author_id=post.author_id))\n        # % endif\n"
COMMIT = "        await self.session.commit()\n"
# A post is marked and stays in the table.
COLUMN = (
    Edit(
        POST_MODEL,
        "    published: Mapped[bool] = mapped_column(default=False)\n",
        "    published: Mapped[bool] = mapped_column(default=False)\n"
        "    deleted: Mapped[bool] = mapped_column(default=False)\n",
    ),
    Edit(
        MIGRATION,
        '        sa.Column("published", sa.Boolean(), nullable=False),\n',
        '        sa.Column("published", sa.Boolean(), nullable=False),\n'
        '        sa.Column("deleted", sa.Boolean(), nullable=False),\n',
    ),
)
MARK = OWN + "        post.deleted = True\n        await self.posts.flush()\n"
HIDDEN_IN_LIST = Edit(POSTS, VISIBLE, f"({VISIBLE}),\n            Post.deleted.is_(False),")
HIDDEN = Edit(POST_SERVICE, MAY_SEE, MAY_SEE.replace("post is None or", "post is None or post.deleted or"))
SQL_DELETE = "from sqlalchemy import delete\n"

FAULTS: tuple[Fault, ...] = (
    fault(
        "post_delete_uncommitted",
        "deleted_gone",
        "DELETE of a post answers 204 and forgets to commit.",
        POST_SERVICE,
        DELETED + COMMIT,
        DELETED,
    ),
    fault(
        "post_delete_unpublishes",
        "deleted_gone",
        "DELETE of a post makes it a draft: its author reads on.",
        POST_SERVICE,
        DELETE_POST,
        OWN + "        post.published = False\n        await self.posts.flush()\n",
    ),
    fault(
        "post_marked_readable",
        "deleted_gone",
        "DELETE of a post marks it, the list leaves it out, and GET shows it.",
        POST_SERVICE,
        DELETE_POST,
        MARK,
        *COLUMN,
        HIDDEN_IN_LIST,
    ),
    fault(
        "user_delete_disables",
        "deleted_gone",
        "DELETE of a user disables them: the others still see them.",
        USER_SERVICE,
        DELETE_USER,
        "        found.is_active = False\n",
    ),
    fault(
        "post_marked_listed",
        "deleted_unlisted",
        "DELETE of a post marks it, GET answers 404, and the list shows it.",
        POST_SERVICE,
        DELETE_POST,
        MARK,
        *COLUMN,
        HIDDEN,
    ),
    fault(
        "user_disabled_listed",
        "deleted_unlisted",
        "DELETE of a user disables them, GET answers 404, and the list shows them.",
        USER_SERVICE,
        DELETE_USER,
        "        found.is_active = False\n",
        Edit(USER_SERVICE, NO_USER, NO_USER.replace("user is None:", "user is None or not user.is_active:")),
    ),
    fault(
        "posts_list_outlives_delete",
        "deleted_unlisted",
        "The list of posts comes from a cache that DELETE does not invalidate.",
        POST_SERVICE,
        LIST_POSTS,
        "        key = (viewer.id if viewer else None, *query.model_dump().values())\n"
        "        if key not in _PAGES:\n"
        "            _PAGES[key] = await self.posts.list_visible(key[0], **query.model_dump())\n"
        "        items, total = _PAGES[key]\n",
        Edit(POST_SERVICE, "\n\nclass PostService:", "\n_PAGES: dict[Any, Any] = {}\n\n\nclass PostService:"),
        Edit(
            POST_SERVICE,
            "        post = await self.posts.add(",
            "        _PAGES.clear()\n        post = await self.posts.add(",
        ),
        Edit(POST_SERVICE, "        if changed:\n", "        if changed:\n            _PAGES.clear()\n"),
    ),
    fault(
        "post_delete_by_author",
        "sibling_survives",
        "DELETE of a post deletes all posts of its author.",
        POST_SERVICE,
        DELETE_POST,
        OWN + "        await self.session.execute(delete(Post).where(Post.author_id == user.id))\n",
        Edit(POST_SERVICE, IMPORT_POST, IMPORT_POST + SQL_DELETE),
    ),
    fault(
        "post_delete_with_drafts",
        "sibling_survives",
        "DELETE of a post tidies up: the later drafts of its author go as well.",
        POST_SERVICE,
        DELETE_POST,
        DELETE_POST + "        drafts = delete(Post).where("
        "Post.author_id == user.id, Post.id > post.id, ~Post.published)\n"
        "        await self.session.execute(drafts)\n",
        Edit(POST_SERVICE, IMPORT_POST, IMPORT_POST + SQL_DELETE),
    ),
    fault(
        "user_delete_by_name",
        "sibling_survives",
        "DELETE of a user deletes all who have the same name and no posts.",
        USER_SERVICE,
        DELETE_USER,
        "        writers = select(Post.author_id)\n"
        "        await self.session.execute("
        "delete(User).where(User.name == found.name, User.id.not_in(writers)))\n",
        Edit(
            USER_SERVICE, IMPORT_USER, IMPORT_POST + IMPORT_USER + "from sqlalchemy import delete, select\n"
        ),
    ),
    fault(
        "post_delete_missing_204",
        "delete_once",
        "DELETE of a post that is not there answers 204.",
        POST_SERVICE,
        DELETE_POST,
        "        try:\n"
        "            post = await self._own(user, post_id)\n"
        "        except NotFoundError:\n"
        "            return\n"
        "        await self.posts.delete(post)\n",
    ),
    fault(
        "post_marked_deletable",
        "delete_once",
        "DELETE of a post marks it and does not look whether it is marked.",
        POST_SERVICE,
        DELETE_POST,
        MARK.replace(
            OWN,
            "        post = await self.posts.get(post_id)\n"
            "        if post is None or (post.author_id != user.id and not post.published):\n"
            '            raise NotFoundError(f"There is no post {post_id}.")\n'
            "        if post.author_id != user.id:\n"
            '            raise ForbiddenError("Only its author may delete a post.")\n',
        ),
        *COLUMN,
        HIDDEN,
        HIDDEN_IN_LIST,
    ),
)

"""Faults of lists: windows, totals and filters; and of reads that write."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    IMPORT_POST,
    IMPORT_USER,
    LIST_POSTS,
    LIST_USERS,
    PAGE,
    PAGINATION,
    POST_SERVICE,
    POSTS,
    REPOSITORY,
    TOTAL,
    USER_SERVICE,
)

LIMIT = "    limit: int = Field(default=10, ge=1, le=MAX_LIMIT)\n"
OFFSET = "    offset: int = Field(default=0, ge=0, le=MAX_ID)\n"
NOW = "from app.models.base import utc_now\n"
BY_AUTHOR = "            conditions.append(BY_AUTHOR)\n"

FAULTS: tuple[Fault, ...] = (
    fault(
        "limit_ignored",
        "limit_bounds",
        "Lists give all rows from the offset on, whatever the limit.",
        REPOSITORY,
        PAGE,
        '{"limit": 1000, "offset": offset}',
    ),
    fault(
        "limit_one_more",
        "limit_bounds",
        "Lists give one row more than the limit.",
        REPOSITORY,
        PAGE,
        '{"limit": limit + 1, "offset": offset}',
    ),
    fault(
        "users_ten_always",
        "limit_bounds",
        "The list of users has ten whatever the limit.",
        USER_SERVICE,
        LIST_USERS,
        LIST_USERS.replace("query.limit", "10"),
    ),
    fault(
        "list_offset_counts_pages",
        "pages_complete",
        "Lists take the offset for the number of a page.",
        REPOSITORY,
        PAGE,
        '{"limit": limit, "offset": offset * limit}',
    ),
    fault(
        "offset_skips_one",
        "pages_complete",
        "Lists skip one row more than the offset, once there is one.",
        REPOSITORY,
        PAGE,
        '{"limit": limit, "offset": offset + bool(offset)}',
    ),
    fault(
        "posts_offset_forgotten",
        "pages_complete",
        "The list of posts starts at the first one whatever the offset.",
        POSTS,
        "limit=limit, offset=offset)",
        "limit=limit, offset=0)",
    ),
    fault(
        "order_random",
        "pages_complete",
        "Lists have another order each time.",
        REPOSITORY,
        ".order_by(model.id)",
        ".order_by(func.random())",
    ),
    fault(
        "limit_pulled_in",
        "bounds_enforced",
        "A limit out of its declared bounds is pulled in without a word.",
        PAGINATION,
        LIMIT,
        "    limit: Annotated[int, AfterValidator(lambda value: min(max(value, 1), MAX_LIMIT))] = Field(\n"
        '        default=10, json_schema_extra={"minimum": 1, "maximum": MAX_LIMIT}\n'
        "    )\n",
        Edit(PAGINATION, "from typing import Generic", "from typing import Annotated, Generic"),
        Edit(PAGINATION, "from pydantic import BaseModel", "from pydantic import AfterValidator, BaseModel"),
    ),
    fault(
        "limit_bound_only_declared",
        "bounds_enforced",
        "The upper bound of limit is declared and not enforced.",
        PAGINATION,
        LIMIT,
        '    limit: int = Field(default=10, ge=1, json_schema_extra={"maximum": MAX_LIMIT})\n',
    ),
    fault(
        "offset_negative_accepted",
        "bounds_enforced",
        "A negative offset is taken for none.",
        PAGINATION,
        OFFSET,
        '    offset: int = Field(default=0, le=MAX_ID, json_schema_extra={"minimum": 0})\n',
    ),
    fault(
        "total_counts_page",
        "total_right",
        "The total is the number of items on the page.",
        REPOSITORY,
        "        return rows.all(), total or 0\n",
        "        items = rows.all()\n        return items, len(items) if total else 0\n",
    ),
    fault(
        "total_without_conditions",
        "total_right",
        "The total of posts counts those of all users, drafts among them.",
        REPOSITORY,
        TOTAL,
        "select(func.count()).select_from(model)",
    ),
    fault(
        "past_the_end_404",
        "past_the_end_empty",
        "The list of posts answers 404 for an offset past the end.",
        POST_SERVICE,
        LIST_POSTS,
        LIST_POSTS + "        if query.offset and not items:\n"
        '            raise NotFoundError("There is no such page.")\n',
    ),
    fault(
        "last_page_repeats",
        "past_the_end_empty",
        "Lists give the last page again for an offset past the end.",
        REPOSITORY,
        "            rows = await connection.execute(page, values)\n",
        "            found = await connection.scalar(count, values) or 0\n"
        '            values["offset"] = min(offset, max(found - limit, 0))\n'
        "            rows = await connection.execute(page, values)\n",
    ),
    fault(
        "author_filter_ignored",
        "filter_works",
        "The list of posts ignores author_id.",
        POSTS,
        BY_AUTHOR,
        "            conditions.append(Post.author_id.is_not(None))\n",
    ),
    fault(
        "author_filter_by_post",
        "filter_works",
        "The list of posts compares author_id with the post's own identifier.",
        POSTS,
        BY_AUTHOR,
        "            conditions.append(Post.id == author_id)\n",
    ),
    fault(
        "published_false_ignored",
        "filter_works",
        "The list of posts ignores published=false.",
        POSTS,
        "        if published is not None:\n",
        "        if published:\n",
    ),
    fault(
        "post_read_touches",
        "safe_unchanged",
        "GET of a post moves its updated_at.",
        POST_SERVICE,
        "        return PostResponse.model_validate("
        "self._visible(await self.posts.read(post_id), viewer, post_id))\n",
        "        post = self._visible(await self.posts.get(post_id), viewer, post_id)\n"
        "        post.updated_at = utc_now()\n"
        "        await self.session.commit()\n"
        "        return PostResponse.model_validate(post)\n",
        Edit(POST_SERVICE, IMPORT_POST, NOW + IMPORT_POST),
    ),
    fault(
        "user_seen_touches",
        "safe_unchanged",
        "Each request with a token moves updated_at of its user.",
        USER_SERVICE,
        '            raise UnauthorizedError("The access token is not valid.")\n',
        '            raise UnauthorizedError("The access token is not valid.")\n'
        "        seen = update(User).where(User.id == user.id)\n"
        "        await self.session.execute(seen.values(updated_at=utc_now()))\n"
        "        await self.session.commit()\n",
        Edit(USER_SERVICE, IMPORT_USER, NOW + IMPORT_USER),
        Edit(USER_SERVICE, "import Row\n", "import Row, update\n"),
    ),
    fault(
        "list_publishes_drafts",
        "safe_unchanged",
        "The list of posts publishes the drafts that it shows.",
        POST_SERVICE,
        LIST_POSTS,
        LIST_POSTS + "        shown = update(Post).where(Post.id.in_([post.id for post in items]))\n"
        "        await self.session.execute(shown.values(published=True))\n"
        "        await self.session.commit()\n",
        Edit(POST_SERVICE, "import Row\n", "import Row, update\n"),
    ),
)

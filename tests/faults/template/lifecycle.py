"""Faults of what is created: not kept, not shown, found elsewhere, unique no more."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    BASE_MODEL,
    EXCEPTIONS,
    HASH,
    IMPORT_POST,
    IMPORT_USER,
    LIST_POSTS,
    LIST_USERS,
    MIGRATION,
    NEW_POST,
    POST_MODEL,
    POST_ROUTES,
    POST_SERVICE,
    POSTS,
    REPOSITORY,
    SAVE_USER,
    UNIQUE_EMAIL,
    UNIQUE_EMAIL_COLUMN,
    UNIQUE_TITLE,
    UNIQUE_TITLE_COLUMN,
    USER_MODEL,
    USER_ROUTES,
    USER_SERVICE,
    VISIBLE,
)

CREATED = (
    "        emit(self.session, PostCreated.model_validate(post, from_attributes=True))\n        # % endif\n"
)
COMMIT = "        await self.session.commit()\n"
NO_EMAIL_CONSTRAINT = (
    Edit(USER_MODEL, UNIQUE_EMAIL, ""),
    Edit(MIGRATION, UNIQUE_EMAIL_COLUMN, ""),
)
TAKEN = (
    "        if await self.users.find_by_email(data.email):\n"
    '            raise ConflictError("A user with this email address exists.")\n'
)

FAULTS: tuple[Fault, ...] = (
    fault(
        "post_create_uncommitted",
        "created_readable",
        "POST of a post answers 201 and forgets to commit.",
        POST_SERVICE,
        CREATED + COMMIT,
        CREATED,
    ),
    fault(
        "post_content_from_title",
        "created_readable",
        "POST of a post stores the title as its content.",
        POST_SERVICE,
        NEW_POST,
        "Post(author_id=author.id, title=data.title, content=data.title, published=data.published)",
    ),
    fault(
        "post_always_draft",
        "created_readable",
        "POST of a post forgets `published`: each begins as a draft.",
        POST_SERVICE,
        NEW_POST,
        "Post(author_id=author.id, title=data.title, content=data.content)",
    ),
    fault(
        "posts_without_own_drafts",
        "created_listed",
        "The list of posts leaves out the drafts of who asks.",
        POSTS,
        VISIBLE,
        "Post.published.is_(True)",
    ),
    fault(
        "posts_listed_from_cache",
        "created_listed",
        "The list of posts comes from a cache that nothing invalidates.",
        POST_SERVICE,
        LIST_POSTS,
        "        key = (viewer.id if viewer else None, *query.model_dump().values())\n"
        "        if key not in _PAGES:\n"
        "            _PAGES[key] = await self.posts.list_visible(key[0], **query.model_dump())\n"
        "        items, total = _PAGES[key]\n",
        Edit(POST_SERVICE, "\n\nclass PostService:", "\n_PAGES: dict[Any, Any] = {}\n\n\nclass PostService:"),
    ),
    fault(
        "users_listed_by_posts",
        "created_listed",
        "The list of users shows only those who have written.",
        USER_SERVICE,
        LIST_USERS,
        "        written = User.id.in_(select(Post.author_id))\n"
        "        items, total = await self.users.list(written, limit=query.limit, offset=query.offset)\n",
        Edit(USER_SERVICE, IMPORT_USER, IMPORT_POST + IMPORT_USER + "from sqlalchemy import select\n"),
    ),
    fault(
        "post_location_without_prefix",
        "location",
        "Location of a new post lacks the prefix of the API.",
        POST_ROUTES,
        'f"{request.url.path}/{post.id}"',
        'f"/posts/{post.id}"',
    ),
    fault(
        "user_location_without_slash",
        "location",
        "Location of a new user has no slash before the identifier.",
        USER_ROUTES,
        'f"{request.url.path}/{user.id}"',
        'f"{request.url.path}{user.id}"',
    ),
    fault(
        "constraint_not_handled",
        "unique_409",
        "A taken title or address crashes: the constraint's error is not handled.",
        REPOSITORY,
        "        raise ConflictError(detail) from error\n",
        "        raise ValueError(detail) from error\n",
    ),
    fault(
        "conflict_is_400",
        "unique_409",
        "What is taken is answered with 400.",
        EXCEPTIONS,
        "HTTPStatus.CONFLICT",
        "HTTPStatus.BAD_REQUEST",
    ),
    fault(
        "user_update_unflushed",
        "unique_409",
        "Changing the address to a taken one crashes: the constraint speaks in the commit.",
        USER_SERVICE,
        SAVE_USER,
        COMMIT,
    ),
    fault(
        "email_not_unique",
        "unique_409",
        "Two users may have one address.",
        USER_MODEL,
        UNIQUE_EMAIL,
        "",
        NO_EMAIL_CONSTRAINT[1],
    ),
    fault(
        "title_not_unique",
        "unique_409",
        "An author may have two posts of one title.",
        POST_MODEL,
        UNIQUE_TITLE,
        "",
        Edit(MIGRATION, UNIQUE_TITLE_COLUMN, ""),
    ),
    fault(
        "email_race_duplicates",
        "race_unique",
        "Sign-up looks for the address first and has no constraint: two at once both win.",
        USER_SERVICE,
        HASH,
        TAKEN + HASH,
        *NO_EMAIL_CONSTRAINT,
    ),
    fault(
        "email_race_crashes",
        "race_unique",
        "Sign-up looks for the address first and handles no constraint: who loses gets a 500.",
        USER_SERVICE,
        HASH + "        user = await self.users.add("
        "User(email=data.email, name=data.name, password_hash=password_hash))\n",
        TAKEN + HASH + "        user = User(email=data.email, name=data.name, password_hash=password_hash)\n"
        "        self.session.add(user)\n"
        "        await self.session.flush()\n",
    ),
    fault(
        "post_ids_reused",
        "ids_not_reused",
        "A new post gets the identifier of the one that was deleted last.",
        MIGRATION,
        UNIQUE_TITLE_COLUMN + "        sqlite_autoincrement=True,\n",
        UNIQUE_TITLE_COLUMN,
        Edit(BASE_MODEL, '{"sqlite_autoincrement": True},', ""),
    ),
    fault(
        "post_ids_counted",
        "ids_not_reused",
        "A new post gets the highest identifier in use plus one.",
        POST_SERVICE,
        "        post = await self.posts.add(" + NEW_POST + ")\n",
        "        last = await self.session.scalar(select(func.max(Post.id)))\n"
        "        post = await self.posts.add("
        "Post(id=(last or 0) + 1, author_id=author.id, **data.model_dump()))\n",
        Edit(POST_SERVICE, IMPORT_POST, IMPORT_POST + "from sqlalchemy import func, select\n"),
    ),
)

"""Faults of which events are published: too few, too many, and at the wrong time."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .event_places import (
    EMIT_CREATED,
    EMIT_DELETED,
    EMIT_REGISTERED,
    EMIT_UPDATED,
    EVENTS,
    FLUSH_POST,
    IMPORT_EVENTS,
    MARK,
    RELAY,
)
from .places import POST_ROUTES, POST_SERVICE, USER_SERVICE, VISIBLE_POST

DIFFERENT = "changed = {field: value for field, value in changes.items() if getattr(post, field) != value}\n"
READ_POST = "    return await service.get_post(viewer, post_id)\n"
LIST_POSTS = "    return await service.list_posts(viewer, query)\n"
OWN_THEN_DELETE = "        post = await self._own(user, post_id)\n        await self.posts.delete(post)\n"
IMPORT_ROUTES = "from app.models.post import Post\n"
ROUTE_EMITS = Edit(
    POST_ROUTES,
    IMPORT_ROUTES,
    "from app.events.outbox import emit\n" + IMPORT_ROUTES + "from app.schemas.events import PostUpdated\n",
)
TOLD_APART = "            async with AsyncSession(self.session.bind) as apart:\n"

FAULTS: tuple[Fault, ...] = (
    fault(
        "post_deleted_untold",
        "event_published",
        "DELETE of a post publishes nothing: its readers keep it for ever.",
        POST_SERVICE,
        EMIT_DELETED,
        "        pass\n",
    ),
    fault(
        "post_drafts_untold",
        "event_published",
        "A change of a draft publishes nothing, so its title is stale when it is published.",
        POST_SERVICE,
        EMIT_UPDATED,
        "            if post.published:\n    " + EMIT_UPDATED,
    ),
    fault(
        "user_registered_untold",
        "event_published",
        "Sign-up publishes nothing: nobody opens the new user's statistics.",
        USER_SERVICE,
        EMIT_REGISTERED,
        "        pass\n",
    ),
    fault(
        "post_updated_as_created",
        "event_published",
        "A change of a post publishes PostCreated: its author's posts are counted again.",
        POST_SERVICE,
        EMIT_UPDATED,
        EMIT_UPDATED.replace("PostUpdated", "PostCreated"),
    ),
    fault(
        "topic_with_version",
        "event_published",
        "The relay sends to `posts.v1`, and the declared topic `posts` stays empty.",
        RELAY,
        "                    row.topic,\n",
        '                    f"{row.topic}.v1",\n',
    ),
    fault(
        "post_created_twice",
        "event_once",
        "POST of a post publishes two PostCreated with ids of their own: it is counted twice.",
        POST_SERVICE,
        EMIT_CREATED,
        EMIT_CREATED * 2,
    ),
    fault(
        "post_updated_per_field",
        "event_once",
        "PUT and PATCH publish one PostUpdated for each field that changed.",
        POST_SERVICE,
        EMIT_UPDATED,
        "            for _ in changed:\n    " + EMIT_UPDATED,
    ),
    fault(
        "relay_forgets_last",
        "event_once",
        "The relay marks all of a batch but the last, which it sends again and again.",
        RELAY,
        MARK,
        MARK.replace("sent)", "sent[:-1])"),
    ),
    fault(
        "post_updated_before_conflict",
        "refused_publishes_none",
        "PUT and PATCH publish in a transaction of their own, and then find the title taken: 409.",
        POST_SERVICE,
        FLUSH_POST,
        TOLD_APART + "                told = PostUpdated(\n"
        "                    id=post.id, author_id=post.author_id, title=post.title,\n"
        "                    published=post.published, updated_at=post.updated_at\n"
        "                )\n"
        "                emit(apart, told)\n"
        "                await apart.commit()\n" + FLUSH_POST,
        Edit(POST_SERVICE, EMIT_UPDATED, "            pass\n"),
    ),
    fault(
        "post_deleted_before_check",
        "refused_publishes_none",
        "DELETE publishes PostDeleted, and then sees that the post is another author's: 403.",
        POST_SERVICE,
        OWN_THEN_DELETE,
        f"        post = {VISIBLE_POST}\n"
        + EMIT_DELETED
        + "        await self.session.commit()\n"
        + OWN_THEN_DELETE,
        Edit(
            POST_SERVICE,
            '        # % if cookiecutter.events == "kafka"\n' + EMIT_DELETED,
            '        # % if cookiecutter.events == "kafka"\n',
        ),
    ),
    fault(
        "user_registered_before_conflict",
        "refused_publishes_none",
        "Sign-up with a taken address answers 409, and has told everybody of the user.",
        USER_SERVICE,
        "        user = await self.users.add(User(email=data.email, name=data.name, "
        "password_hash=password_hash))\n",
        "        found = await self.users.find_by_email(data.email)\n"
        "        if found:\n"
        "            emit(self.session, UserRegistered(id=found.id, created_at=found.created_at))\n"
        "            await self.session.commit()\n"
        "        user = await self.users.add(User(email=data.email, name=data.name, "
        "password_hash=password_hash))\n",
    ),
    fault(
        "post_read_told",
        "safe_publishes_none",
        "GET of a post publishes PostUpdated.",
        POST_ROUTES,
        READ_POST,
        "    post = await service.get_post(viewer, post_id)\n"
        "    emit(service.session, PostUpdated.model_validate(post, from_attributes=True))\n"
        "    await service.session.commit()\n"
        "    return post\n",
        ROUTE_EMITS,
    ),
    fault(
        "posts_listed_told",
        "safe_publishes_none",
        "GET of the list publishes PostUpdated for the first post of the page.",
        POST_ROUTES,
        LIST_POSTS,
        "    page = await service.list_posts(viewer, query)\n"
        "    for post in page.items[:1]:\n"
        "        emit(service.session, PostUpdated.model_validate(post, from_attributes=True))\n"
        "        await service.session.commit()\n"
        "    return page\n",
        ROUTE_EMITS,
    ),
    fault(
        "post_same_again_told",
        "replay_publishes_once",
        "PUT and PATCH that change nothing publish PostUpdated each time.",
        POST_SERVICE,
        DIFFERENT,
        "changed = changes\n",
    ),
    fault(
        "post_saved_again_told",
        "replay_publishes_once",
        "The event is published beside the change, whether or not there was one.",
        POST_SERVICE,
        EMIT_UPDATED + "            # % endif\n            await self.session.commit()\n",
        "            await self.session.commit()\n"
        "            # % endif\n"
        "        emit(self.session, PostUpdated.model_validate(post, from_attributes=True))\n"
        "        await self.session.commit()\n",
    ),
    fault(
        "post_audited_undeclared",
        "event_declared",
        "POST of a post also publishes PostAudited, of which no document tells.",
        POST_SERVICE,
        EMIT_CREATED,
        EMIT_CREATED + "        emit(self.session, PostAudited(id=post.id, author_id=post.author_id))\n",
        Edit(POST_SERVICE, IMPORT_EVENTS, IMPORT_EVENTS.replace("import ", "import PostAudited, ")),
        Edit(
            EVENTS,
            "PUBLISHED: tuple",
            "class PostAudited(PostDeleted):\n"
            '    """Somebody in the back office has a look."""\n\n\n'
            "PUBLISHED: tuple",
        ),
    ),
    fault(
        "post_updated_undeclared",
        "event_declared",
        "The document does not list PostUpdated, which is published all the same.",
        EVENTS,
        "(PostCreated, PostUpdated, PostDeleted, UserRegistered)",
        "(PostCreated, PostDeleted, UserRegistered)",
    ),
)

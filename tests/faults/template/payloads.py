"""Faults of what events hold: keys, data that are not so, and what is nobody's business."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .event_places import (
    EMIT_CREATED,
    EMIT_DELETED,
    EMIT_REGISTERED,
    EMIT_UPDATED,
    EVENTS,
    KEY,
    OUTBOX,
    PAYLOAD,
    RELAY,
)
from .places import POST_SERVICE, USER_SERVICE

SEND_KEY = "                    row.aggregate_id.encode(),\n"
POST_CREATED_TITLE = (
    '    title: str = Field(description="The post\'s title.", min_length=1, '
    'max_length=200, examples=["Hello"])\n'
    '    published: bool = Field(description="Whether the post is public.", examples=[True])\n'
)
SET_FIELDS = "            for field, value in changed.items():\n"
IMPORT_JSON = Edit(OUTBOX, "import contextlib\n", "import contextlib\nimport json\n")
USER_JOINED = '    created_at: AwareDatetime = Field(description="When the user signed up.")\n'

FAULTS: tuple[Fault, ...] = (
    fault(
        "key_is_author",
        "event_key",
        "Posts are keyed by their author: events of one post share a partition with others, not its key.",
        EVENTS,
        KEY,
        '        return str(getattr(self, "author_id", self.id))\n',
    ),
    fault(
        "key_missing",
        "event_key",
        "The relay sends without a key: events of one post are spread over the partitions.",
        RELAY,
        SEND_KEY,
        "                    None,\n",
    ),
    fault(
        "key_is_event_id",
        "event_key",
        "The key is the event's own id, so that no two events share a partition on purpose.",
        RELAY,
        SEND_KEY,
        "                    row.event_id.encode(),\n",
    ),
    fault(
        "post_updated_stale",
        "event_agrees",
        "PostUpdated tells the post as it was before the change.",
        POST_SERVICE,
        SET_FIELDS,
        "            before = PostUpdated.model_validate(post, from_attributes=True)\n" + SET_FIELDS,
        Edit(POST_SERVICE, EMIT_UPDATED, "            emit(self.session, before)\n"),
    ),
    fault(
        "post_created_as_draft",
        "event_agrees",
        "PostCreated always says that the post is a draft.",
        POST_SERVICE,
        EMIT_CREATED,
        "        told = PostCreated.model_validate(post, from_attributes=True)\n"
        '        emit(self.session, told.model_copy(update={"published": False}))\n',
    ),
    fault(
        "post_updated_title_of_another",
        "event_agrees",
        "PostUpdated has the title of the author's latest post, whichever was changed.",
        POST_SERVICE,
        EMIT_UPDATED,
        "            latest = await self.session.scalar(\n"
        "                select(Post.title).where(Post.author_id == "
        "user.id).order_by(Post.id.desc()).limit(1)\n"
        "            )\n"
        "            told = PostUpdated.model_validate(post, from_attributes=True)\n"
        '            emit(self.session, told.model_copy(update={"title": latest}))\n',
        Edit(
            POST_SERVICE,
            "from sqlalchemy.ext.asyncio import AsyncSession\n",
            "from sqlalchemy import select\nfrom sqlalchemy.ext.asyncio import AsyncSession\n",
        ),
    ),
    fault(
        "post_deleted_wrong_author",
        "event_agrees",
        "PostDeleted names the post where it should name the author: another's posts are discounted.",
        POST_SERVICE,
        EMIT_DELETED,
        "        emit(self.session, PostDeleted(id=post.id, author_id=post.id + 1000))\n",
    ),
    fault(
        "payload_ids_as_text",
        "event_matches_schema",
        "Identifiers in payloads are texts, where the schema says integers.",
        OUTBOX,
        PAYLOAD,
        "            payload=json.dumps(\n"
        '                {k: str(v) if k.endswith("id") else v for k, v in '
        'event.model_dump(mode="json").items()}\n'
        "            ),\n",
        IMPORT_JSON,
    ),
    fault(
        "payload_without_false",
        "event_matches_schema",
        "What is false is left out of payloads, though the schema requires it.",
        OUTBOX,
        PAYLOAD,
        "            payload=json.dumps(\n"
        '                {k: v for k, v in event.model_dump(mode="json").items() if v is not False}\n'
        "            ),\n",
        IMPORT_JSON,
    ),
    fault(
        "payload_wrapped",
        "event_matches_schema",
        "The data are wrapped in `data`, as in structured mode, while the headers say binary.",
        OUTBOX,
        PAYLOAD,
        "            payload=f'{{\"data\": {event.model_dump_json()}}}',\n",
    ),
    fault(
        "user_email_undeclared",
        "event_private",
        "UserRegistered also carries the address, of which the schema says nothing.",
        EVENTS,
        USER_JOINED,
        USER_JOINED + '\n    model_config = ConfigDict(extra="allow")\n',
        Edit(
            USER_SERVICE,
            EMIT_REGISTERED,
            EMIT_REGISTERED.replace(
                "created_at=user.created_at", "created_at=user.created_at, email=user.email"
            ),
        ),
    ),
    fault(
        "user_password_hash_told",
        "event_private",
        "UserRegistered carries the password's hash, and the schema even says so.",
        EVENTS,
        USER_JOINED,
        USER_JOINED + "    password_hash: str\n",
        Edit(
            USER_SERVICE,
            EMIT_REGISTERED,
            EMIT_REGISTERED.replace(
                "created_at=user.created_at", "created_at=user.created_at, password_hash=user.password_hash"
            ),
        ),
    ),
    fault(
        "user_password_told",
        "event_private",
        "UserRegistered carries what the user signed up with, password and all, under `form`.",
        EVENTS,
        USER_JOINED,
        USER_JOINED + "    form: dict[str, str]\n",
        Edit(
            USER_SERVICE,
            EMIT_REGISTERED,
            '        form = {"email": data.email, "password": data.password.get_secret_value()}\n'
            + EMIT_REGISTERED.replace("created_at=user.created_at", "created_at=user.created_at, form=form"),
        ),
    ),
    fault(
        "post_created_without_published",
        "payload_compatible",
        "`published` is gone from PostCreated, and from its schema: old consumers miss it.",
        EVENTS,
        POST_CREATED_TITLE,
        POST_CREATED_TITLE.splitlines(keepends=True)[0],
    ),
    fault(
        "post_author_as_text",
        "payload_compatible",
        "The author's id has become a text in the payloads and the schemas.",
        EVENTS,
        'AuthorId = Annotated[int, Field(description="The id of the user who wrote the '
        'post.", ge=1, examples=[3])]',
        "AuthorId = Annotated[\n"
        '    str, BeforeValidator(str), Field(description="The id of the user who wrote '
        'the post.", min_length=1)\n'
        "]",
        Edit(
            EVENTS,
            "from pydantic import AwareDatetime, BaseModel, ConfigDict, Field\n",
            "from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field\n",
        ),
    ),
    fault(
        "post_title_renamed",
        "payload_compatible",
        "`title` of PostUpdated is named `headline` now.",
        EVENTS,
        "    title: str = Field(\n"
        '        description="The post\'s title.", min_length=1, max_length=200, examples=["Hello again"]\n'
        "    )\n",
        '    headline: str = Field(validation_alias=AliasChoices("headline", "title"))\n',
        Edit(
            EVENTS, "from pydantic import AwareDatetime,", "from pydantic import AliasChoices, AwareDatetime,"
        ),
    ),
)

"""Faults of what comes in: accepted, or too much for the service."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    BODY_CONFIG,
    COMMON,
    CONTENT,
    IMPORT_POST,
    IMPORT_USER,
    MAY_SEE,
    NEW_POST,
    PAGINATION,
    POST_SCHEMAS,
    POST_SERVICE,
    TEXT_CHECK,
    USER_SCHEMAS,
)

FAULTS: tuple[Fault, ...] = (
    fault(
        "types_converted",
        "invalid_refused",
        'Bodies are read leniently: the text "yes" is true.',
        COMMON,
        BODY_CONFIG,
        'ConfigDict(extra="forbid")',
    ),
    fault(
        "email_any_text",
        "invalid_refused",
        "An email address is any text, and declared as an address.",
        USER_SCHEMAS,
        "Annotated[EmailStr, Field(max_length=254), ",
        'Annotated[str, Field(max_length=254, json_schema_extra={"format": "email"}), ',
    ),
    fault(
        "content_bound_only_declared",
        "invalid_refused",
        "The length of a content is declared and not enforced.",
        POST_SCHEMAS,
        CONTENT,
        'Content = Annotated[Text, Field(json_schema_extra={"maxLength": 10_000})]',
    ),
    fault(
        "name_bound_only_declared",
        "invalid_refused",
        "The length of a user's name is declared and not enforced.",
        USER_SCHEMAS,
        "Name = Annotated[Text, Field(max_length=100)]",
        'Name = Annotated[Text, Field(json_schema_extra={"maxLength": 100})]',
    ),
    fault(
        "password_bound_only_declared",
        "invalid_refused",
        "A password of one character is accepted, where twelve are declared.",
        USER_SCHEMAS,
        "Annotated[SecretStr, Field(min_length=12, max_length=128)]",
        'Annotated[SecretStr, Field(max_length=128, json_schema_extra={"minLength": 12})]',
    ),
    fault(
        "blank_accepted",
        "invalid_refused",
        "A text of spaces is accepted, where the declared pattern refuses it.",
        COMMON,
        TEXT_CHECK,
        "",
    ),
    fault(
        "null_published_accepted",
        "invalid_refused",
        "A new post takes null for `published`, which is declared as a boolean.",
        POST_SCHEMAS,
        "    published: bool = False\n",
        "    published: Annotated[bool, BeforeValidator(bool)] = False\n",
        Edit(POST_SCHEMAS, "from pydantic import Field", "from pydantic import BeforeValidator, Field"),
    ),
    fault(
        "unknown_fields_ignored",
        "unknown_refused",
        "Bodies are declared as closed, and unknown fields ignored.",
        COMMON,
        BODY_CONFIG,
        'ConfigDict(extra="ignore", strict=True, json_schema_extra={"additionalProperties": False})',
    ),
    fault(
        "unknown_fields_of_user_dropped",
        "unknown_refused",
        "PATCH of a user drops unknown fields before it looks.",
        USER_SCHEMAS,
        "    name: Name = Field(default_factory=str)\n",
        "    name: Name = Field(default_factory=str)\n\n"
        '    @model_validator(mode="before")\n'
        "    @classmethod\n"
        "    def keep_known(cls, data: object) -> object:\n"
        '        """What old clients send besides is dropped."""\n'
        "        if not isinstance(data, dict):\n"
        "            return data\n"
        "        return {name: value for name, value in data.items() if name in cls.model_fields}\n",
        Edit(USER_SCHEMAS, "Field, SecretStr\n", "Field, SecretStr, model_validator\n"),
    ),
    fault(
        "identifier_unbounded",
        "no_server_error",
        "An identifier larger than the database's integers crashes.",
        COMMON,
        "Annotated[int, Field(ge=1, le=MAX_ID)]",
        "Annotated[int, Field(ge=1)]",
    ),
    fault(
        "offset_unbounded",
        "no_server_error",
        "An offset larger than the database's integers crashes.",
        PAGINATION,
        "Field(default=0, ge=0, le=MAX_ID)",
        "Field(default=0, ge=0)",
    ),
    fault(
        "post_missing_unguarded",
        "no_server_error",
        "A post that is not there crashes: nobody asks for None.",
        POST_SERVICE,
        MAY_SEE,
        MAY_SEE.replace("post is None or ", ""),
    ),
    fault(
        "post_takes_author",
        "own_name_only",
        "POST of a post takes author_id: one writes in another's name.",
        POST_SERVICE,
        NEW_POST,
        "Post(**{'author_id': author.id, **data.model_dump(exclude_none=True)})",
        Edit(
            POST_SCHEMAS,
            "    published: bool = False\n",
            "    published: bool = False\n    author_id: int | None = None\n",
        ),
        Edit(
            POST_SERVICE,
            "self._apply(user, post_id, data.model_dump())",
            'self._apply(user, post_id, data.model_dump(exclude={"author_id"}))',
        ),
    ),
    fault(
        "post_written_for_another",
        "own_name_only",
        "POST of a post looks its author up by created_by, where that is sent.",
        POST_SERVICE,
        "        post = await self.posts.add(" + NEW_POST + ")\n",
        "        if data.created_by is not None:\n"
        "            author = await self.session.get(User, data.created_by) or author\n"
        '        fields = data.model_dump(exclude={"created_by"})\n'
        "        post = await self.posts.add(Post(author_id=author.id, **fields))\n",
        Edit(
            POST_SCHEMAS,
            "    published: bool = False\n",
            "    published: bool = False\n    created_by: int | None = None\n",
        ),
        Edit(
            POST_SERVICE,
            "self._apply(user, post_id, data.model_dump())",
            'self._apply(user, post_id, data.model_dump(exclude={"created_by"}))',
        ),
        Edit(POST_SERVICE, IMPORT_POST, IMPORT_POST + IMPORT_USER),
    ),
    fault(
        "post_patch_takes_all",
        "mass_assignment",
        "PATCH of a post sets whatever field it is sent, author_id and id too.",
        POST_SCHEMAS,
        '    """What changes: fields left out stay as they are."""\n',
        '    """What changes: fields left out stay as they are."""\n\n'
        '    model_config = ConfigDict(extra="allow")\n',
        Edit(POST_SCHEMAS, "from pydantic import Field", "from pydantic import ConfigDict, Field"),
    ),
    fault(
        "post_create_takes_created_at",
        "mass_assignment",
        "POST and PUT of a post take created_at.",
        POST_SCHEMAS,
        "    published: bool = False\n",
        "    published: bool = False\n"
        "    created_at: Annotated[datetime, Field(strict=False)] = Field(default_factory=utc_now)\n",
        Edit(
            POST_SCHEMAS,
            "from app.schemas.common import",
            "from app.models.base import utc_now\nfrom app.schemas.common import",
        ),
    ),
)

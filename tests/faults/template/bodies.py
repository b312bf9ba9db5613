"""Faults of bodies: how they are read, and what is made of their values."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    BODY_CONFIG,
    BODY_LIMIT,
    COMMON,
    CONTENT,
    POST_ROUTES,
    POST_SCHEMAS,
    TEXT_CHECK,
)

TITLE = "Title = Annotated[Text, Field(max_length=200)]"
ROUTER = 'APIRouter(prefix="/posts", tags=["posts"])'
PARSED_BY = """

class {name}Request(Request):
    \"\"\"Reads bodies as old clients send them.\"\"\"

    async def json(self) -> Any:
        \"\"\"The body.\"\"\"
        text = (await self.body()).decode()
{code}

class {name}Route(APIRoute):
    \"\"\"A route with such requests.\"\"\"

    def get_route_handler(self) -> Any:
        \"\"\"The handler.\"\"\"
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            return await handle({name}Request(request.scope, request.receive))

        return handler


"""


def parsed_by(name: str, law: str, title: str, code: str) -> Fault:
    """A fault of the routes of posts: their own way to read JSON, the body of a function of `text`."""
    kind = "".join(word.capitalize() for word in name.split("_"))
    return fault(
        name,
        law,
        title,
        POST_ROUTES,
        "\nrouter = " + ROUTER,
        PARSED_BY.format(name=kind, code=code)
        + f'router = APIRouter(prefix="/posts", tags=["posts"], route_class={kind}Route)',
        Edit(
            POST_ROUTES,
            "from app.models.post import Post\n",
            "from app.models.post import Post\nimport json\nfrom fastapi.routing import APIRoute\n",
        ),
    )


FAULTS: tuple[Fault, ...] = (
    parsed_by(
        "malformed_post_is_empty",
        "malformed_refused",
        "A body that is no JSON is taken for an empty object: PATCH of a post accepts it.",
        "        try:\n"
        "            return json.loads(text)\n"
        "        except ValueError:\n"
        "            return {}\n",
    ),
    parsed_by(
        "text_after_json_ignored",
        "malformed_refused",
        "What follows the JSON of a post's body is ignored.",
        "        return json.JSONDecoder().raw_decode(text.lstrip())[0]\n",
    ),
    fault(
        "any_media_type_is_json",
        "media_type_refused",
        "Every body but a form is read as JSON, whatever media type it names.",
        BODY_LIMIT,
        "        seen = 0\n",
        "        kind = dict(scope['headers']).get(b'content-type', b'')\n"
        "        if kind and b'form' not in kind:\n"
        "            others = [(n, v) for n, v in scope['headers'] if n != b'content-type']\n"
        "            scope = {**scope, 'headers': [*others, (b'content-type', b'application/json')]}\n"
        "        seen = 0\n",
    ),
    fault(
        "post_patch_parsed_by_hand",
        "media_type_refused",
        "PATCH of a post parses its body by hand and never looks at the media type.",
        POST_ROUTES,
        "async def update_post(post_id: PostId, data: PostUpdate, user",
        "async def update_post(post_id: PostId, data: Annotated[PostUpdate, Depends(read_change)], user",
        Edit(
            POST_ROUTES,
            '@router.patch(\n    "/{post_id}",\n    summary="Change a post",',
            "async def read_change(request: Request) -> PostUpdate:\n"
            '    """The change that the body holds."""\n'
            "    try:\n"
            "        return PostUpdate.model_validate_json(await request.body())\n"
            "    except ValidationError as error:\n"
            "        raise RequestValidationError(\n"
            '            [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]\n'
            "        ) from error\n\n\n"
            '@router.patch(\n    "/{post_id}",\n    summary="Change a post",',
        ),
        Edit(
            POST_ROUTES,
            '    openapi_extra={"x-publishes": ["PostUpdated"]},\n    # % endif\n)\nasync def update_post(',
            '    openapi_extra={"requestBody": {"required": True, "content": {"application/json": '
            '{"schema": PostUpdate.model_json_schema()}}}},\n'
            "    # % endif\n)\nasync def update_post(",
        ),
        Edit(
            POST_ROUTES,
            "from app.models.post import Post\n",
            "from app.models.post import Post\n"
            "from fastapi import Depends\n"
            "from fastapi.exceptions import RequestValidationError\n"
            "from pydantic import ValidationError\n",
        ),
    ),
    fault(
        "texts_stripped",
        "data_unchanged",
        "The spaces around every text are cut off.",
        COMMON,
        BODY_CONFIG,
        'ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)',
    ),
    fault(
        "texts_escaped",
        "data_unchanged",
        "Texts are escaped for HTML when they come in.",
        COMMON,
        TEXT_CHECK,
        TEXT_CHECK + "    AfterValidator(html.escape),\n",
        Edit(COMMON, "from typing import Annotated\n", "import html\nfrom typing import Annotated\n"),
    ),
    fault(
        "title_cut",
        "data_unchanged",
        "A title of more than 100 characters is cut when it is stored.",
        POST_SCHEMAS,
        TITLE,
        "Title = Annotated[Text, Field(max_length=200), AfterValidator(lambda title: title[:100])]",
        Edit(POST_SCHEMAS, "from pydantic import Field", "from pydantic import AfterValidator, Field"),
    ),
    fault(
        "content_normalized",
        "data_unchanged",
        "Contents are stored in Unicode's compatibility form.",
        POST_SCHEMAS,
        CONTENT,
        "Content = Annotated[\n"
        "    Text, Field(max_length=10_000), AfterValidator(partial(unicodedata.normalize, 'NFKC'))\n"
        "]",
        Edit(
            POST_SCHEMAS,
            "from pydantic import Field\n",
            "import unicodedata\nfrom functools import partial\n\n"
            "from pydantic import AfterValidator, Field\n",
        ),
    ),
)

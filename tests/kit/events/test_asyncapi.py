"""AsyncAPI documents of both generations, and of other makers than the template's."""

import json
from typing import Any

import pytest

from conformance.errors import TargetProblem
from conformance.events.asyncapi import parse
from conformance.events.convention import publishes
from conformance.events.declared import EventMessage
from conformance.model.resources import find_resources
from conformance.model.service import Service
from conformance.target.openapi import parse as parse_openapi

DATA = {"type": "object", "properties": {"id": {"type": "integer"}}}


def messages(document: dict[str, Any]) -> dict[str, EventMessage]:
    """The messages of a document by name."""
    return {m.name: m for m in parse(json.dumps(document), "here").messages()}


def test_version_3_tells_topic_direction_key_and_type() -> None:
    found = messages(
        {
            "asyncapi": "3.0.0",
            "channels": {
                "posts": {
                    "address": "blog.posts",
                    "messages": {"created": {"$ref": "#/components/messages/PostCreated"}},
                },
                "users": {"messages": {"UserLeft": {"payload": DATA}}},
            },
            "operations": {
                "tell": {"action": "send", "channel": {"$ref": "#/channels/posts"}},
                "hear": {"action": "receive", "channel": {"$ref": "#/channels/users"}},
            },
            "components": {
                "messages": {
                    "PostCreated": {
                        "name": "PostCreated",
                        "headers": {
                            "type": "object",
                            "properties": {"ce_type": {"const": "com.blog.created"}},
                        },
                        "payload": {"$ref": "#/components/schemas/Post"},
                        "bindings": {"kafka": {"key": {"type": "string"}}},
                    }
                },
                "schemas": {
                    "Post": {**DATA, "properties": {"by": {"$ref": "#/components/schemas/Author"}}},
                    "Author": DATA,
                },
            },
        }
    )
    post = found["PostCreated"]
    assert (post.topic, post.sent, post.type) == ("blog.posts", True, "com.blog.created")
    assert post.envelope == "cloudevents"
    assert post.key_schema == {"type": "string"}
    assert {"PostCreated", "created", "com.blog.created"} <= post.names
    assert found["UserLeft"].topic == "users"
    assert not found["UserLeft"].sent


def test_version_2_sends_where_others_may_subscribe() -> None:
    found = messages(
        {
            "asyncapi": "2.6.0",
            "channels": {
                "posts": {
                    "subscribe": {
                        "message": {
                            "oneOf": [
                                {"$ref": "#/components/messages/PostCreated"},
                                {"$ref": "#/components/messages/PostDeleted"},
                            ]
                        }
                    }
                },
                "commands": {"publish": {"message": {"name": "DeletePost", "payload": DATA}}},
            },
            "components": {"messages": {"PostCreated": {"payload": DATA}, "PostDeleted": {"payload": DATA}}},
        }
    )
    assert {name for name, m in found.items() if m.sent} == {"PostCreated", "PostDeleted"}
    assert {m.topic for m in found.values() if m.sent} == {"posts"}
    assert not found["DeletePost"].sent


def test_a_union_of_named_payloads_is_several_messages() -> None:
    # As FastStream writes a publisher of several models.
    found = messages(
        {
            "asyncapi": "3.0.0",
            "channels": {
                "posts:Publisher": {
                    "address": "posts",
                    "messages": {
                        "posts:Publisher:Message": {"$ref": "#/components/messages/posts:Publisher:Message"}
                    },
                }
            },
            "operations": {
                "posts:Publisher": {"action": "send", "channel": {"$ref": "#/channels/posts:Publisher"}}
            },
            "components": {
                "messages": {
                    "posts:Publisher:Message": {
                        "title": "posts:Publisher:Message",
                        "payload": {
                            "oneOf": [
                                {"$ref": "#/components/schemas/Made"},
                                {"$ref": "#/components/schemas/Gone"},
                            ]
                        },
                    }
                },
                "schemas": {"Made": {**DATA, "title": "Made"}, "Gone": {**DATA, "title": "Gone"}},
            },
        }
    )
    assert {name: m.topic for name, m in found.items()} == {"Made": "posts", "Gone": "posts"}
    assert all(m.sent for m in found.values())


def test_a_registry_s_payload_is_named_as_not_supported() -> None:
    avro = {"schemaFormat": "application/vnd.apache.avro+json;version=1.9.0", "schema": {"type": "record"}}
    document = {"asyncapi": "3.0.0", "channels": {"a": {"messages": {"M": {"payload": avro}}}}}
    assert messages(document)["M"].envelope == "unsupported"
    assert messages(document)["M"].payload is None


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = {"type": "object", "properties": {"below": {"$ref": "#/components/schemas/Tree"}}}
    document = {
        "asyncapi": "3.0.0",
        "channels": {"a": {"messages": {"M": {"payload": {"$ref": "#/components/schemas/Tree"}}}}},
        "components": {"schemas": {"Tree": tree}},
    }
    assert messages(document)["M"].payload is not None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"asyncapi": "1.2.0"}', '{"openapi": "3.1.0"}', "<html>"])
def test_what_is_no_such_document_is_said_in_a_sentence(text: str) -> None:
    with pytest.raises(TargetProblem, match="AsyncAPI"):
        parse(text, "here")


def test_by_convention_noun_and_verb_name_the_operation() -> None:
    item = {
        "parameters": [{"name": "post_id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    }
    answer = {"responses": {"200": {"description": "ok"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/posts": {"get": answer, "post": answer},
            "/posts/{post_id}": {**item, "get": answer, "put": answer, "patch": answer, "delete": answer},
        },
    }
    parsed = parse_openapi(json.dumps(document), "here")
    service = Service(parsed, find_resources(parsed))
    names = ("PostCreated", "com.blog.post.updated.v2", "post-deleted", "CommentCreated", "PostSeen")
    assert publishes([EventMessage(name, "posts") for name in names], service) == {
        "POST /posts": ("PostCreated",),
        "PUT /posts/{post_id}": ("com.blog.post.updated.v2",),
        "PATCH /posts/{post_id}": ("com.blog.post.updated.v2",),
        "DELETE /posts/{post_id}": ("post-deleted",),
    }

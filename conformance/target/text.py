"""Reads JSON or YAML into what JSON can say, whatever the text holds."""

import json
from typing import Any

import yaml

MOST_NODES = 2_000_000
"""More than ten times what a document of some megabytes has; aliases that multiply or circle have more."""

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


# Which of the two there is depends on how PyYAML was built.
class _Loader(_Base):  # type: ignore[misc]
    """YAML's JSON part (YAML 1.2 §10.2): a date stays a text, as in JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":value"))]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}


def read(text: bytes | str) -> Any:
    """The data in a text. Raises `ValueError` where it is neither JSON nor YAML, or has no end."""
    try:
        try:
            return json.loads(text)
        except ValueError:
            # The loader is a safe one, with a resolver less.
            data = yaml.load(text, Loader=_Loader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from error
    _count(data)
    return _plain(data)


def _count(data: Any) -> None:
    stack, seen = [data], 0
    while stack:
        node = stack.pop()
        seen += 1
        if seen > MOST_NODES:
            raise ValueError("its aliases have no end")
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _plain(node: Any) -> Any:
    """With texts for keys: YAML reads the status `200:` as a number."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    return [_plain(value) for value in node] if isinstance(node, list) else node

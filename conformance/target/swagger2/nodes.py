"""Reads JSON-like data that may be anything: what has the wrong type counts as absent."""

from collections.abc import Iterable, Iterator
from typing import Any

Node = dict[str, Any]


def mapping(node: Any) -> Node:
    """`node` where it is a mapping, else an empty one."""
    return node if isinstance(node, dict) else {}


def items(node: Any) -> list[Any]:
    """`node` where it is a list, else an empty one."""
    return node if isinstance(node, list) else []


def pairs(node: Any) -> Iterator[tuple[str, Any]]:
    """Names and values, extensions left out; YAML has names that are no text, such as 200."""
    yield from ((str(k), value) for k, value in mapping(node).items() if not str(k).startswith("x-"))


def nodes(node: Any) -> Iterator[tuple[str, Node]]:
    """Those of `pairs` whose values are mappings."""
    yield from ((name, value) for name, value in pairs(node) if isinstance(value, dict))


def named(node: Any) -> Iterator[tuple[str, Node]]:
    """As `nodes`, for tables whose names the author chose: there `x-` means nothing."""
    yield from ((str(name), value) for name, value in mapping(node).items() if isinstance(value, dict))


def kept(node: Node, keys: Iterable[str]) -> Node:
    """Those of `keys` that `node` has, and its extensions."""
    found = {key: node[key] for key in keys if key in node}
    return found | {key: value for key, value in node.items() if str(key).startswith("x-")}

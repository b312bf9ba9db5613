"""Bodies as the gate sends them, with new texts each time: what must be unique is not refused for that."""

from collections.abc import Iterator
from typing import Any

from conformance.model.bodies import FULL, OTHER, REQUIRED, Style
from conformance.model.operation import Operation
from conformance.scenarios.session import Session

STYLES = (FULL, REQUIRED, OTHER)
Steps = tuple[str | int, ...]


class Known:
    """The bodies of one operation."""

    def __init__(self, session: Session, operation: Operation) -> None:
        self._session, self._operation = session, operation
        self.bodies: list[Any] = []
        self._texts: dict[str, tuple[Style, Steps]] = {}
        for style in STYLES:
            body = session.body(operation, style)
            if body is not None:
                self.bodies.append(body)
                self._texts |= {text: (style, steps) for steps, text in _texts(body, ())}

    def again(self, body: Any) -> Any:
        """A body with a new text wherever it has one of these."""
        return self._renewed(body, {})

    def _renewed(self, node: Any, made: dict[str, list[Any]]) -> Any:
        if isinstance(node, dict):
            return {name: self._renewed(part, made) for name, part in node.items()}
        if isinstance(node, list):
            return [self._renewed(part, {}) for part in node]
        if not isinstance(node, str) or node not in self._texts:
            return node
        style, steps = self._texts[node]
        body = made.setdefault(str(style), [self._session.body(self._operation, style)])[0]
        found = _at(body, steps)
        return found if isinstance(found, str) else node


def _texts(node: Any, steps: Steps) -> Iterator[tuple[Steps, str]]:
    if isinstance(node, str) and node:
        yield steps, node
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, part in parts:
        yield from _texts(part, (*steps, step))


def _at(node: Any, steps: Steps) -> Any:
    for step in steps:
        try:
            node = node[step]
        except (LookupError, TypeError):
            return None
    return node

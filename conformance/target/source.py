"""Finds the handler of an operation in the source, where that is at hand and the document names it."""

import ast
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.model.operation import Operation

PASSED_OVER = frozenset({"node_modules", "site-packages", "tests", "test", "migrations", "__pycache__"})
MOST_FILES = 5_000
LARGEST = 1_000_000
"""Bytes; a larger file is generated."""


class Source:
    """The functions of a source tree by name; read once, when the first operation is looked up."""

    def __init__(self, root: Path | None) -> None:
        self._root = root
        self._functions: dict[str, list[Function]] | None = None

    def handler(self, operation: Operation) -> str | None:
        """`path:line` of the one function that the operation's identifier names; None where it is not sure.

        FastAPI makes the identifier of the function's name, the path and the method; others take the
        function's name as it is.
        """
        if self._root is None or not operation.operation_id:
            return None
        if self._functions is None:
            self._functions = _functions(self._root)
        made = re.sub(r"\W", "_", operation.path) + "_" + operation.method.lower()
        names = {operation.operation_id, operation.operation_id.removesuffix(made)}
        found = [function for name in names for function in self._functions.get(name, ())]
        # A service may have a method of the same name; the handler is the one that is decorated for it.
        routes = [f for f in found if {operation.method.lower(), "route", "api_route"} & f.decorators]
        chosen = routes or found
        return chosen[0].place if len(chosen) == 1 else None


@dataclass(frozen=True, slots=True)
class Function:
    """Where a function stands, as `path:line`, and the last names of its decorators (`router.get`: get)."""

    place: str
    decorators: frozenset[str]


def _functions(root: Path) -> dict[str, list[Function]]:
    places: dict[str, list[Function]] = defaultdict(list)
    for path in _files(root):
        try:
            tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                place = f"{path.relative_to(root).as_posix()}:{node.lineno}"
                places[node.name].append(Function(place, frozenset(map(_last_name, node.decorator_list))))
    return places


def _last_name(decorator: ast.expr) -> str:
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _files(root: Path) -> Iterator[Path]:
    count = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            f
            for f in folders
            if f not in PASSED_OVER and not f.startswith(".") and not Path(folder, f, "pyvenv.cfg").exists()
        )
        for name in sorted(names):
            path = Path(folder, name)
            if name.endswith(".py") and path.stat().st_size <= LARGEST:
                count += 1
                if count > MOST_FILES:
                    return
                yield path

"""The handler of an operation, found in a source tree or not."""

from pathlib import Path

import pytest

from conformance.model.operation import Operation
from conformance.target.source import Source


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    files = {
        "app/routes/posts.py": "import x\n\n\nasync def read_post(post_id): ...\n\n\ndef twice(): ...\n",
        "app/routes/users.py": "@router.delete('/users/{user_id}')\ndef remove(user_id): ...\n",
        "app/services/posts.py": "class Posts:\n    def twice(self): ...\n    def remove(self): ...\n",
        "app/broken.py": "def (",
        "tests/test_posts.py": "def read_post(): ...\n",
        ".venv/lib/posts.py": "def read_post(): ...\n",
        "env/pyvenv.cfg": "",
        "env/posts.py": "def read_post(): ...\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("identifier", ["read_post", "read_post_api_v1_posts__post_id__get"])
def test_a_handler_is_found_by_its_identifier(tree: Path, identifier: str) -> None:
    operation = Operation("GET", "/api/v1/posts/{post_id}", operation_id=identifier)
    assert Source(tree).handler(operation) == "app/routes/posts.py:4"


def test_of_two_functions_the_one_decorated_for_the_method_is_taken(tree: Path) -> None:
    operation = Operation("DELETE", "/users/{user_id}", operation_id="remove")
    assert Source(tree).handler(operation) == "app/routes/users.py:2"
    assert Source(tree).handler(Operation("GET", "/users", operation_id="remove")) is None


@pytest.mark.parametrize("identifier", ["", "twice", "nobody"])
def test_what_is_not_sure_is_not_said(tree: Path, identifier: str) -> None:
    assert Source(tree).handler(Operation("GET", "/posts", operation_id=identifier)) is None


def test_without_a_tree_there_is_no_source() -> None:
    assert Source(None).handler(Operation("GET", "/posts", operation_id="read_post")) is None

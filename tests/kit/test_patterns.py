"""Patterns name a method and a path; what is none is said to be none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import UsageProblem
from conformance.target.patterns import METHODS, check, matches


@pytest.mark.parametrize(
    ("pattern", "method", "path", "expected"),
    [
        ("DELETE /users/*", "DELETE", "/users/7", True),
        ("DELETE /users/*", "DELETE", "/users/{user_id}", True),
        ("DELETE /users/*", "DELETE", "/users/7/posts/1", True),
        ("DELETE /users/*", "DELETE", "/users", False),
        ("DELETE /users/*", "GET", "/users/7", False),
        ("DELETE /users/*", "DELETE", "/api/users/7", False),
        ("delete  /users", "DELETE", "/users", True),
        ("* /admin*", "PATCH", "/admin/x", True),
        ("GET *", "GET", "/anything/at/all", True),
        ("* *", "LOCK", "/", True),
        ("GET /users/{user_id}", "GET", "/users/{user_id}", True),
        ("GET /Users", "GET", "/users", False),
        ("QUERY /users", "QUERY", "/users", True),
    ],
)
def test_what_a_pattern_names(pattern: str, method: str, path: str, expected: bool) -> None:
    check([pattern])
    assert matches(method, path, [pattern]) is expected
    assert matches(method, path, ["GET /other", pattern]) is expected


@pytest.mark.parametrize(
    "pattern", ["", "GET", "/users", "GET users", "GETS /users", "GET ", " /users", "GET/users"]
)
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(
        UsageProblem, match=r'is no pattern: write a method and a path, as "DELETE /users/\*"\.'
    ):
        check(["GET /users", pattern])


@given(st.sampled_from(sorted(METHODS - {"*"})), st.from_regex(r"/[a-z/{}_]{0,20}", fullmatch=True))
def test_a_path_names_itself_and_a_star_all(method: str, path: str) -> None:
    assert matches(method, path, [f"{method} {path}"])
    assert matches(method, path, ["* *"])
    assert not matches(method, path, [])
    assert not matches(method, path, [f"{method} {path}x"])

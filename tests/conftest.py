"""Tests marked `docker` or `browser` are skipped where there is none.

REQUIRE_DOCKER=1 and REQUIRE_BROWSER=1 make that a failure.
"""

import functools
import os
import shutil
import signal
from collections.abc import Callable, Generator

import docker
import pytest
from docker.errors import DockerException

# A shell has SIGINT ignored in what it runs in the background, and a process hands that on to its children:
# a test that interrupts one would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


@functools.cache
def _trouble_with_docker() -> str | None:
    try:
        client = docker.from_env()
        client.ping()
    except DockerException as error:
        return f"no Docker engine answers: {error}"
    client.close()
    return None


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def _trouble_with_browser() -> str | None:
    if any(map(shutil.which, BROWSERS)):
        return None
    return f"no browser is on PATH: none of {', '.join(BROWSERS)}"


NEEDS: dict[str, tuple[str, Callable[[], str | None]]] = {
    "docker": ("REQUIRE_DOCKER", _trouble_with_docker),
    "browser": ("REQUIRE_BROWSER", _trouble_with_browser),
}
"""Markers, the variable that makes skipping a failure, and what is in the way."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (_, trouble) in NEEDS.items():
        if item.get_closest_marker(marker) is not None and (reason := trouble()):
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where Docker or a browser is required, a test that needs it has failed if anyone skips it."""
    report = yield
    for marker, (variable, _) in NEEDS.items():
        if report.skipped and item.get_closest_marker(marker) is not None and os.environ.get(variable) == "1":
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            report.outcome = "failed"
            report.longrepr = f"{variable}=1, but: {reason}"
    return report

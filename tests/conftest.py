"""Tests marked `docker` are skipped where no Docker engine answers; REQUIRE_DOCKER=1 makes that a failure."""

import functools
import os
import signal
from collections.abc import Generator

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


def _needs_docker(item: pytest.Item) -> bool:
    return item.get_closest_marker("docker") is not None


def pytest_runtest_setup(item: pytest.Item) -> None:
    if _needs_docker(item) and (trouble := _trouble_with_docker()):
        pytest.skip(trouble)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where Docker is required, a test that needs it has failed if anyone skips it."""
    report = yield
    if report.skipped and _needs_docker(item) and os.environ.get("REQUIRE_DOCKER") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_DOCKER=1, but: {reason}"
    return report

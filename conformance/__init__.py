"""Checks any HTTP service against API, error, event and structure contracts."""

from importlib.metadata import version

__version__ = version("service-conformance")

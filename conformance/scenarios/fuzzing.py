"""The fuzzer as far as an audit has to know it: what makes its cases is slow to import."""

from conformance.scenarios.session import Session

NAME = "fuzz"
DEEP_BUDGET = 300.0
"""Seconds for which the deep lane goes on, where nobody says how many."""


def run(session: Session) -> None:
    """A few cases of each operation, of data that its schemas allow and of data that they forbid."""
    from conformance.scenarios import fuzz

    fuzz.run(session)

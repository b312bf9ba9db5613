"""The ways in which an audit ends early, each with its exit status (documented in the README)."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit statuses of the command line."""

    CONFORMS = 0
    FINDINGS = 1
    USAGE = 2
    TARGET = 3
    KIT = 4
    INTERRUPTED = 130


class ConformanceError(Exception):
    """Ends the audit; the message is one sentence for the user."""

    exit = Exit.KIT


class UsageProblem(ConformanceError):
    """The command line or the configuration asks for what cannot be."""

    exit = Exit.USAGE


class TargetProblem(ConformanceError):
    """The target cannot be reached, started or understood."""

    exit = Exit.TARGET


class Unreachable(TargetProblem):
    """No answer came at all, so there is no use in asking for something else."""

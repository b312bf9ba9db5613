"""The document as schemathesis reads it: with nothing of the working directory's or the environment's."""

import os

import schemathesis
from schemathesis import BaseSchema

from conformance.target.openapi import Document

HOOKS = "SCHEMATHESIS_HOOKS"
"""Names a module that schemathesis would import: code of the audited project's, perhaps."""


def load(document: Document) -> BaseSchema:
    """A schema that generates cases and judges responses.

    With a configuration given, no `schemathesis.toml` is looked for.
    """
    hooks = os.environ.pop(HOOKS, None)
    try:
        return schemathesis.openapi.from_dict(document.sealed, config=schemathesis.Config())
    finally:
        if hooks is not None:
            os.environ[HOOKS] = hooks

"""The rules, one theme a file. Importing this package registers them all."""

from conformance.judge.rule import catalogue
from conformance.rules import access, document, errors, lifecycle, pages, refusals

__all__ = ["access", "catalogue", "document", "errors", "lifecycle", "pages", "refusals"]

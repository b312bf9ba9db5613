"""OpenAPI 2.0 documents in the shape of OpenAPI 3.0, so that all else needs to know one shape.

Own code, because the libraries at hand ask a web service, need Node.js, or are no longer kept.
"""

from conformance.target.swagger2.document import upgrade

__all__ = ["upgrade"]

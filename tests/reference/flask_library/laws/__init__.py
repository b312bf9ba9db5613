"""What the library promises, as functions that assert it: the key of a law is its function's name.

Each law holds on the service as it is, and every fault breaks the law that it names.
"""

from collections.abc import Callable

from . import access, deletes, document, errors, headers, inputs, lifecycle, malformed, pages, tokens, updates
from .library import Library

Law = Callable[[Library], None]

LAWS: dict[str, Law] = {
    law.__name__: law
    for family in (
        lifecycle,
        updates,
        deletes,
        pages,
        inputs,
        malformed,
        errors,
        headers,
        document,
        tokens,
        access,
    )
    for law in family.LAWS
}

"""What is asked of a service, one story a file; each appends to the record and judges nothing.

The order matters: the fuzzer comes last, when all that is judged over several requests is recorded.
"""

from collections.abc import Callable, Mapping

from conformance.scenarios import (
    access,
    creation,
    errors,
    events,
    families,
    fuzz,
    lifecycle,
    media_types,
    operations,
    origins,
    pages,
    queries,
    races,
    roundtrip,
    semantics,
    signin,
)
from conformance.scenarios.session import Session

SCENARIOS: Mapping[str, Callable[[Session], None]] = {
    module.NAME: module.run
    for module in (
        lifecycle,
        creation,
        pages,
        access,
        families,
        queries,
        roundtrip,
        races,
        signin,
        errors,
        operations,
        semantics,
        origins,
        media_types,
        events,
        fuzz,
    )
}

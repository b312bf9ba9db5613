"""What is asked of a service, one story a file; each appends to the record and judges nothing.

The order matters: the fuzzer comes when all that is judged over several requests is recorded, and after
it only what breaks things: messages that nobody can handle, outages, and kills.
"""

from collections.abc import Callable, Mapping

from conformance.scenarios import (
    access,
    consuming,
    creation,
    errors,
    events,
    families,
    fuzz,
    lifecycle,
    media_types,
    operations,
    origins,
    outage,
    pages,
    queries,
    races,
    relays,
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
        consuming,
        outage,
        relays,
    )
}

"""What is asked of a service, one story a file; each appends to the record and judges nothing.

The order matters: the fuzzer comes when all that is judged over several requests is recorded, and after
it only what breaks things: messages that nobody can handle, outages, kills, and limits reached.
"""

from collections.abc import Callable, Mapping

from conformance.scenarios import (
    access,
    bulk,
    conditions,
    consuming,
    creation,
    errors,
    events,
    families,
    fuzzing,
    idempotency,
    impersonation,
    lifecycle,
    limits,
    media_types,
    negotiation,
    operations,
    origins,
    outage,
    pages,
    queries,
    races,
    references,
    relays,
    roundtrip,
    semantics,
    signin,
    taken,
    totals,
    versions,
)
from conformance.scenarios.session import Session

SCENARIOS: Mapping[str, Callable[[Session], None]] = {
    module.NAME: module.run
    for module in (
        lifecycle,
        creation,
        pages,
        access,
        taken,
        impersonation,
        references,
        totals,
        families,
        queries,
        roundtrip,
        races,
        conditions,
        versions,
        idempotency,
        bulk,
        negotiation,
        signin,
        errors,
        operations,
        semantics,
        origins,
        media_types,
        events,
        fuzzing,
        consuming,
        outage,
        relays,
        limits,
    )
}

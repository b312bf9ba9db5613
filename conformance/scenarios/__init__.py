"""What is asked of a service, one story a file; each appends to the record and judges nothing.

The order matters: the fuzzer comes last, when all that is judged over several requests is recorded.
"""

from collections.abc import Callable, Mapping

from conformance.scenarios import access, errors, fuzz, lifecycle, operations, pages
from conformance.scenarios.session import Session

SCENARIOS: Mapping[str, Callable[[Session], None]] = {
    module.NAME: module.run for module in (lifecycle, pages, access, errors, operations, fuzz)
}

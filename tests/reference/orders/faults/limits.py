"""Faults of limits: who is turned away is not told for how long, or in another shape."""

from .fault import Edit, Fault, fault

LIMIT = '            headers={"Retry-After": str(max(1, wait))},\n'
CARRIER = 'headers = {"Retry-After": str(WAIT)}'

FAULTS: tuple[Fault, ...] = (
    fault(
        "limit_without_time",
        "limit_says_when",
        "A 429 does not say when to come again.",
        "accounts.py",
        LIMIT,
        "",
    ),
    fault(
        "limit_in_fractions",
        "limit_says_when",
        "The Retry-After of a 429 has fractions and a unit, which no client reads.",
        "accounts.py",
        LIMIT,
        '            headers={"Retry-After": f"{max(1.5, wait)} s"},\n',
    ),
    fault(
        "carrier_without_time",
        "unavailable_says_when",
        "A 503 does not say when to come again.",
        "tracking.py",
        CARRIER,
        "headers: dict[str, str] = {}",
    ),
    fault(
        "carrier_iso_time",
        "unavailable_says_when",
        "The Retry-After of a 503 is a time in ISO 8601, which HTTP does not know.",
        "tracking.py",
        CARRIER,
        'headers = {"Retry-After": now().isoformat()}',
        Edit("tracking.py", "from .store import STORE\n", "from .store import STORE, now\n"),
    ),
    fault(
        "limit_in_plain_text",
        "limit_shape",
        "A 429 is a line of plain text, as the limiter's own middleware has it.",
        "errors.py",
        "    body = payload(error.status, error.message, error.violations)\n",
        "    if error.status == HTTPStatus.TOO_MANY_REQUESTS:\n"
        "        return web.Response(text=error.message, status=error.status, headers=error.headers)\n"
        "    body = payload(error.status, error.message, error.violations)\n",
    ),
    fault(
        "carrier_answer_passed_on",
        "limit_shape",
        "A 503 is passed on as the carrier words it, in a shape of the carrier's.",
        "errors.py",
        "    body = payload(error.status, error.message, error.violations)\n",
        "    body = payload(error.status, error.message, error.violations)\n"
        "    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:\n"
        '        body = {"fault": {"reason": error.message}}\n',
    ),
)

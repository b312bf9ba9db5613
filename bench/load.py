"""Load by wrk, which takes less of a shared core than any client in Python would."""

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

SCRIPT = """
local thread = 0
function setup(t) t:set("id", thread); thread = thread + 1 end
function init() math.randomseed(%(seed)d + id); count = 0 end
local headers = %(headers)s
function request()
  count = count + 1
  %(request)s
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"requests":%%d,"microseconds":%%d,"refused":%%d,"broken":%%d,"p50":%%d,"p99":%%d}',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""
READ = 'return wrk.format("GET", "/api/v1/posts/" .. math.random(1, %(rows)d), headers)'
LIST = 'return wrk.format("GET", "/api/v1/posts?limit=10&offset=" .. math.random(0, %(rows)d - 10), headers)'
CREATE = (
    'return wrk.format("POST", "/api/v1/posts", headers,'
    ' string.format(\'{"title":"%%d-%%d-%%d","content":"%(text)s","published":true}\', %(seed)d, id, count))'
)
REQUESTS = {"GET by id": READ, "list of ten": LIST, "POST": CREATE}
TEXT = "All work and no play makes a plain service. " * 5


@dataclass(frozen=True)
class Measured:
    """What a run gave: requests a second, latencies in milliseconds, the server's CPU time a request in µs.

    The rate suffers from all that else runs on the machine, the CPU time hardly.
    """

    rate: float
    p50: float
    p99: float
    cpu: float


def find_wrk() -> str:
    """The program. Raises SystemExit with a sentence where it is not installed."""
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit(
            "bench: `wrk` makes the load and is not installed (Debian, Homebrew: package `wrk`)."
        )
    return found


def load(
    kind: str, port: int, pid: int, *, token: str | None, rows: int, clients: int, seconds: int, seed: int
) -> Measured:
    """Load one operation. Raises SystemExit where an answer was no success: such a figure would lie."""
    headers = {"Content-Type": "application/json"} if kind == "POST" else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    lua = "{" + ", ".join(f"[{json.dumps(k)}] = {json.dumps(v)}" for k, v in headers.items()) + "}"
    request = REQUESTS[kind] % {"rows": rows, "seed": seed, "text": TEXT}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        script = Path(folder) / "load.lua"
        script.write_text(SCRIPT % {"seed": seed, "headers": lua, "request": request})
        before = _busy(pid)
        done = subprocess.run(  # noqa: S603 - our own command line
            [
                *(find_wrk(), "--threads", "1", "--connections", str(clients), "--timeout", "30s"),
                *("--duration", f"{seconds}s", "--script", str(script), f"http://127.0.0.1:{port}"),
            ],
            check=True,
            capture_output=True,
            text=True,
        )
    told = json.loads(done.stdout[done.stdout.rindex("{") :])
    if told["refused"] or told["broken"]:
        raise SystemExit(
            f"bench: {kind}: {told['refused']} answers were refusals, {told['broken']} broke off."
        )
    requests = told["requests"]
    return Measured(
        rate=requests / told["microseconds"] * 1e6,
        p50=told["p50"] / 1000,
        p99=told["p99"] / 1000,
        cpu=(_busy(pid) - before) / requests * 1e6,
    )


def _busy(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system

"""Audits a service with a fault by all rules, and runs `st run` with its default settings on the same."""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.config import Config
from conformance.errors import ConformanceError
from conformance.model.bodies import Sampler
from conformance.model.record import Record
from conformance.model.resources import find_resources
from conformance.model.service import Service
from conformance.target.document import obtain
from conformance.target.principals import Accounts, introduce
from conformance.target.process import started
from conformance.target.transport import Door, Transport
from tests.faults.harness import audit
from tests.mutation.cases import Case, Prepared, configuration

ST = Path(sys.executable).with_name("st")
PATIENCE = 900.0
"""Seconds for one `st run`; one that takes longer is counted as unfinished, not as passed."""
BEARERS = ("http", "oauth2", "openIdConnect")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ways:
    """How a fault is tried: by these rules of the kit, or, without any, by `st run` with these seeds."""

    rules: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Where the result goes in a row."""
        return "kit" if self.rules else "st"


def can_be_ended() -> None:
    """A shell has SIGINT ignored in what it runs in the background, and a process hands that on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def measure(case: Case, prepared: Prepared, ways: Ways) -> Row:
    """What the kit or `st run` says of it: a line of the results file.

    Raises KeyboardInterrupt where the user ended the audit: half of a result is none.
    """
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        config = configuration(case, prepared, Path(folder))
        if ways.rules:
            return {"kit": _kit(config, ways.rules)}
        return {"st": _together([_st(config, seed) for seed in ways.seeds])}


def _kit(config: Config, rules: tuple[str, ...]) -> Row:
    began = time.monotonic()
    try:
        done = audit(config, rules)
    except ConformanceError as error:
        return {"problem": type(error).__name__, "seconds": time.monotonic() - began}
    if done.record.interrupted == "user":
        raise KeyboardInterrupt
    outcomes: dict[str, list[str]] = {}
    for verdict in done.verdicts:
        outcomes.setdefault(verdict.outcome, []).append(verdict.rule.id)
    kept = {name: outcomes.get(name, []) for name in ("failed", "vacuous", "error", "not_run")}
    return {**kept, "rules": len(rules), "requests": len(done.record), "seconds": time.monotonic() - began}


def _st(config: Config, seed: int) -> Row:
    began = time.monotonic()
    try:
        with signed_up(config) as (url, headers, document), tempfile.TemporaryDirectory() as folder:
            found = _run(url + (config.target.openapi or "/openapi.json"), headers, document, seed, folder)
    except ConformanceError as error:
        found = {"failures": [], "problem": type(error).__name__}
    return {**found, "seconds": time.monotonic() - began}


def _run(location: str, headers: Mapping[str, str], document: Mapping[str, Any], seed: int, cwd: str) -> Row:
    report = Path(cwd, "report.json")
    command = [str(ST), "run", location, "--seed", str(seed), "--no-color"]
    command += ["--report", "json", "--report-json-path", str(report)]
    command += sign_in(headers, document, Path(cwd))
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return {"failures": [], "problem": "unfinished"}
    if not report.is_file():
        return {"failures": [f"no result, status {done.returncode}"], "problem": None}
    return {"failures": failures(json.loads(report.read_text(encoding="utf-8"))), "problem": None}


def failures(report: Mapping[str, Any]) -> list[str]:
    """The failures and errors of a report of `st run`, each as its kind and an operation."""
    found = {
        f"{entry.get('type') or entry.get('title')} {operation}"
        for entry in (*report["failures"], *report["errors"])
        for operation in entry.get("operations") or [""]
    }
    return sorted(found)


def sign_in(headers: Mapping[str, str], document: Mapping[str, Any], folder: Path) -> list[str]:
    """Options that give the credentials; a bearer token goes into its configuration in `folder`.

    Given as a header it would go with every request, those that should be without one included.
    """
    declared = (document.get("components") or {}).get("securitySchemes") or {}
    schemes = [name for name, scheme in declared.items() if scheme.get("type") in BEARERS]
    scheme, _, token = next(iter(headers.values()), "").partition(" ")
    if len(headers) == 1 and schemes and scheme.lower() == "bearer":
        tables = [f"[auth.openapi.{json.dumps(name)}]\nbearer = {json.dumps(token)}\n" for name in schemes]
        (folder / "schemathesis.toml").write_text("".join(tables), encoding="utf-8")
        return []
    return [option for name, value in headers.items() for option in ("-H", f"{name}: {value}")]


@contextmanager
def signed_up(config: Config) -> Iterator[tuple[str, Mapping[str, str], Mapping[str, Any]]]:
    """The service while it runs: its address, the headers of an account made there, its document."""
    with started(config, lambda _: None) as running:
        transport = Transport(running.url, Record(), Door(read_only=False, fresh=True))
        try:
            document = obtain(config.target.openapi, config.folder, transport, {}).document
            labels = frozenset(operation.label for operation in document.operations)
            service = Service(document, find_resources(document), selected=labels)
            introduce(service, Accounts(service, transport, Sampler(document, 0, "st"), config), config)
        finally:
            transport.close()
        yield running.url, service.owner.headers, document.raw


def _together(runs: list[Row]) -> Row:
    """Several runs as one: what any of them found."""
    return {
        "failures": sorted({failure for run in runs for failure in run["failures"]}),
        "problem": next((run["problem"] for run in runs if run["problem"]), None),
        "seconds": sum(run["seconds"] for run in runs) / len(runs),
    }

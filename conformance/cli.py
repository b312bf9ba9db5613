"""The command line: `service-conformance audit`, `init`, `rules` and `explain`."""

import difflib
import math
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from conformance import __version__, starter
from conformance.audit import Audit, Order, carry_out, lay_out
from conformance.config import DEFAULT_FILE, Config, load
from conformance.errors import ConformanceError, Exit, UsageProblem
from conformance.judge import waivers
from conformance.judge.rule import Rule
from conformance.model import archive
from conformance.model.service import Service
from conformance.report import baseline, files, listing, outputs, plan_text
from conformance.report.build import Run, build
from conformance.report.console import make_console
from conformance.report.plan import Plan
from conformance.report.progress import Progress
from conformance.report.result import Result
from conformance.report.terminal import Detail, show
from conformance.report.verdict import FailOn, status
from conformance.rules import catalogue
from conformance.scenarios import fuzzing
from conformance.target import patterns

SECONDS = click.FloatRange(0, 366 * 24 * 3600, min_open=True)
FILE = click.Path(path_type=Path, dir_okay=False)


def main() -> NoReturn:
    """Run the command line; every end but the one that conforms says why in one sentence."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(_status())


def _status() -> int:
    try:
        code = program.main(standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        return _ended(Exit.USAGE, error.format_message())
    except (KeyboardInterrupt, click.Abort):
        return _ended(Exit.INTERRUPTED, "interrupted.")
    except ConformanceError as error:
        return _ended(error.exit, str(error))
    except SystemExit:
        # Only click and rich end the program by themselves: where nobody reads what it writes (`| head`).
        return _ended(Exit.KIT, "nobody reads the output any more.")
    except Exception as error:  # the last resort: a sentence and a status instead of a traceback
        return _ended(Exit.KIT, f"the kit itself failed: {type(error).__name__}: {error} (please report it).")
    return code if isinstance(code, int) else 0


def _ended(code: Exit, sentence: str) -> int:
    click.echo(f"service-conformance: {sentence}", err=True)
    return code


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="service-conformance")
def program() -> None:
    """Check a service against API and error contracts, and say exactly what is wrong."""


@program.command()
@click.option("--url", help="The service's address; a path in it is the base of all operations.")
@click.option("--command", help='Start the service: "uvicorn app.main:app --port {port}".')
@click.option("--config", "config_file", type=FILE, help="Configuration [default: conformance.toml].")
@click.option("--openapi", metavar="PATH|URL", help="Its OpenAPI document [default: /openapi.json].")
@click.option("--rule", "rules", multiple=True, metavar="ID|PREFIX", help="Judge by these rules only.")
@click.option("--include", multiple=True, metavar="PATTERN", help='Judge these operations: "GET /posts/*".')
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Never call these operations.")
@click.option("--write", is_flag=True, help="Let POST, PUT, PATCH and DELETE leave for another host.")
@click.option(
    "--lane",
    type=click.Choice(["gate", "deep"]),
    default="gate",
    help="gate: fast and repeatable; deep: then fuzz on and shrink what is found.",
)
@click.option(
    "--budget",
    type=SECONDS,
    metavar="SECONDS",
    help=f"gate: end by then; deep: fuzz on for so long [default: {fuzzing.DEEP_BUDGET:.0f}].",
)
@click.option("--seed", type=int, default=0, help="Other seeds try other values [default: 0].")
@click.option("--fail-on", type=click.Choice(["must", "should"]), default="must", help="What ends with 1.")
@click.option("--strict", is_flag=True, help="Rules that could not be run end with 1 as well.")
@click.option("--json", "json_file", type=FILE, help="Write the result for scripts.")
@click.option("--html", "html_file", type=FILE, help="Write a page for a browser, which needs no network.")
@click.option("--junit", "junit_file", type=FILE, help="Write JUnit XML, as GitLab and GitHub show it.")
@click.option("--sarif", "sarif_file", type=FILE, help="Write SARIF 2.1.0 for code scanning.")
@click.option("--baseline", "baseline_file", type=FILE, help="Say what is new since this --json.")
@click.option("--write-waivers", "waivers_file", type=FILE, help="Add what fails now to a file of waivers.")
@click.option("--record", "record_file", type=FILE, help="Write every exchange, without secrets.")
@click.option("--plan", is_flag=True, help="Say what it would do, and send nothing.")
@click.option("--quiet", is_flag=True, help="The headline and a line a finding.")
@click.option("--verbose", is_flag=True, help="Every rule, and operations without an accepted request.")
def audit(**options: Any) -> int:
    """Ask a service, judge its answers.

    Exit status: 0 conforms; 1 findings; 2 usage; 3 target; 4 the kit; 130 interrupted.
    """
    if math.isnan(options["budget"] or 0):
        raise UsageProblem("--budget is no number of seconds.")
    if options["plan"] and options["record_file"]:
        raise UsageProblem("--plan sends nothing that --record could hold: leave one of them out.")
    if options["plan"] and options["lane"] == "deep":
        raise UsageProblem("--plan tells what the gate lane does: leave --lane deep out.")
    if options["quiet"] and options["verbose"]:
        raise UsageProblem("--quiet and --verbose exclude each other.")
    order = Order(
        config=_config(options),
        rules=_chosen(options["rules"]),
        write=options["write"],
        seed=options["seed"],
        budget=options["budget"] if options["lane"] == "gate" else None,
        deep=(options["budget"] or fuzzing.DEEP_BUDGET) if options["lane"] == "deep" else None,
        fail_on=options["fail_on"],
        narrowed=bool(options["include"] or options["exclude"]),
    )
    outputs.check(options)
    earlier = baseline.read(options["baseline_file"]) if options["baseline_file"] else None
    with Progress(make_console(sys.stderr), enabled=not options["quiet"]) as progress:
        if options["plan"]:
            return _plan(lay_out(order, progress), options["json_file"])
        done = carry_out(order, progress)
    return _report(done, earlier, options)


def _plan(plan: Plan, json_file: Path | None) -> int:
    if json_file:
        files.write_json(plan, json_file)
    with suppress(SystemExit):
        plan_text.show(plan, make_console(sys.stdout))
    return 0


def _report(done: Audit, earlier: Result | None, options: dict[str, Any]) -> int:
    if done.run is None or done.service is None:
        raise ConformanceError("the audit left nothing to report.")
    fail_on: FailOn = options["fail_on"]
    result = build(done.verdicts, done.record, done.service, done.run, done.secrets)
    if earlier is not None:
        declared = {operation.label for operation in done.service.document.operations}
        result = baseline.compare(result, earlier, left_out=declared - done.service.selected)
    written = outputs.write(result, fail_on, options)
    if options["record_file"]:
        _save(options["record_file"], done, done.service, done.run)
    detail: Detail = "quiet" if options["quiet"] else "verbose" if options["verbose"] else "normal"
    with suppress(SystemExit):  # rich's, where the reader of the output has gone (`| head`)
        show(result, make_console(sys.stdout), detail=detail, written=written)
    code, sentence = status(result, fail_on, strict=options["strict"])
    if sentence:
        click.echo(f"service-conformance: {sentence}", err=True)
    return int(code)


def _save(path: Path, done: Audit, service: Service, run: Run) -> None:
    about = {"target": run.target.model_dump(), "seed": run.seed}
    kept = archive.Archive(done.record, service, done.base, run.target.read_only, about)
    archive.save(path, kept, done.secrets)


@program.command()
@click.option("--url", help="The service's address: asked for its document, with GET only.")
@click.option("--openapi", metavar="PATH|URL|FILE", help="Its OpenAPI document [default: /openapi.json].")
@click.option("--output", type=FILE, default=Path(DEFAULT_FILE), help=f"[default: {DEFAULT_FILE}]")
@click.option("--force", is_flag=True, help="Replace the file where there is one.")
def init(url: str | None, openapi: str | None, output: Path, force: bool) -> None:
    """Write a first conformance.toml, with comments, from a service's document."""
    if not url and not openapi:
        raise UsageProblem("say where the service is (--url) or which file is its document (--openapi).")
    if output.exists() and not force:
        raise UsageProblem(f"{output} is there already: --force replaces it, --output names another.")
    files.check_writable(output)
    document, named = starter.read(url, openapi, Path.cwd())
    if openapi and Path(openapi).is_file():  # the configuration names files from its own folder
        named = os.path.relpath(openapi, output.absolute().parent)
    files.write_whole(output, starter.write(document, url=url, openapi=named).encode())
    click.echo(f"{output} is written: `service-conformance audit --plan` shows what an audit would do.")


@program.command("rules")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def list_rules(as_json: bool) -> None:
    """List every rule: id, contract, level, title, guideline section."""
    if as_json:
        click.echo(listing.rules_json(catalogue))
    else:
        make_console(sys.stdout).print(listing.rules_table(catalogue))


@program.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Say what a rule checks, why, and how to mend what it finds."""
    listing.explain(_one(rule), make_console(sys.stdout))


def _one(name: str) -> Rule:
    found = catalogue.rules.get(name.upper())
    if found is None:
        near = difflib.get_close_matches(name.upper(), catalogue.rules, n=1, cutoff=0.0)
        raise UsageProblem(f"there is no rule {name}; did you mean {near[0]}? (`rules` lists them)")
    return found


def _chosen(names: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules with these ids or prefixes; all where none is named."""
    for name in names:
        if not any(rule.id.startswith(name.upper()) for rule in catalogue):
            _one(name)
    wanted = tuple(name.upper() for name in names)
    return tuple(rule for rule in catalogue if not wanted or rule.id.startswith(wanted))


def _config(options: dict[str, Any]) -> Config:
    """The file's configuration with what the command line says in its place."""
    config = load(options["config_file"], Path.cwd())
    url, command = options["url"], options["command"]
    if url and command:
        raise UsageProblem("--url and --command exclude each other: is the service to be started or not?")
    patterns.check((*options["include"], *options["exclude"], *config.target.exclude))
    waivers.check(config.waivers, catalogue.rules)
    changes: dict[str, Any] = {
        "include": options["include"] or config.target.include,
        "exclude": (*config.target.exclude, *options["exclude"]),
    }
    if url:
        changes |= {"url": url, "command": None}
    if command:
        changes |= {"url": None, "command": command}
    if options["openapi"]:
        given = options["openapi"]
        changes["openapi"] = str(Path(given).absolute()) if Path(given).is_file() else given
    target = config.target.model_copy(update=changes)
    if target.url and target.command:
        raise UsageProblem("[target] has both `url` and `command`: is the service to be started or not?")
    if not target.url and not target.command:
        raise UsageProblem(
            "say where the service is (--url http://127.0.0.1:8000) or how it is started (--command)."
        )
    return config.model_copy(update={"target": target})

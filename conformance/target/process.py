"""Starts the service of `[target] command` and ends it: nothing of it is left running."""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance.config import Config, Target
from conformance.errors import TargetProblem, UsageProblem
from conformance.events.proxy import Proxy, before
from conformance.target.children import Children
from conformance.target.dependencies import external_broker, provided
from conformance.target.output import Output
from conformance.target.placeholders import fill, names
from conformance.target.readiness import Readiness

EMBEDDED = "embedded"
LOCAL = ("127.0.0.1", "localhost")
POLL = 0.1
SAY_EVERY = 10.0


@dataclass(slots=True)
class Running:
    """The service while it runs: its address, its broker (HOST:PORT), its output, its directory.

    `bootstrap_servers` leads to the broker itself; `proxy`, where there is one, stands between it and
    the service.
    """

    url: str
    bootstrap_servers: str | None
    log: Path
    cwd: Path
    command: str
    process: subprocess.Popen[bytes] = field(repr=False)
    output: Output = field(repr=False)
    proxy: Proxy | None = field(repr=False)
    _start: "_Start" = field(repr=False)
    _config: Config = field(repr=False)
    killed: bool = False

    def kill(self) -> None:
        """Kill the service, with SIGKILL, and all processes of it."""
        self.killed = True
        self._start.children.kill(self.process)

    def restart(self) -> None:
        """Start it again as it was started, without `setup`, and wait until it answers.

        Raises `TargetProblem` where it does not.
        """
        with Readiness(self._config.target, self.url) as readiness:
            self.process = self._start.serve(self.command, readiness, again=True)
        self.killed = False

    @contextmanager
    def second(self) -> Iterator[str]:
        """The address of a second process of the service, which has all that the first has but its port.

        On the embedded broker it joins no consumer group: that broker does not manage two members.
        Raises `TargetProblem` where it does not start.
        """
        target, port = self._config.target, _free_port()
        with ExitStack() as stack:
            values = {**self._start.values, "port": str(port)}
            if self.proxy is not None and self._config.events.broker == EMBEDDED:
                alone = stack.enter_context(before(self.proxy.broker, groups=False))
                values["bootstrap_servers"] = alone.address
            start = replace(self._start, values=values, env=_filled(target, values))
            url = f"http://127.0.0.1:{port}"
            with Readiness(target, url) as readiness:
                process = start.serve(self.command, readiness, again=True)
            stack.callback(self._start.children.kill, process)
            yield url


@contextmanager
def started(config: Config, say: Callable[[str], None]) -> Iterator[Running]:
    """Run `setup`, then `command`, and wait until it answers; at the end, end all of it.

    Raises `UsageProblem` where the configuration cannot be followed, `TargetProblem`, with the last
    lines of the output, where a command fails, ends, or does not answer in `startup_timeout` seconds
    (a command of `setup`: does not end in them). `{tmp}` and the log last as long as the service.
    """
    target = config.target
    if target.command is None:
        raise UsageProblem("[target] names neither a `url` nor a `command`.")
    cwd = (config.folder / target.cwd).resolve()
    if not cwd.is_dir():
        raise UsageProblem(f"`cwd` in [target] names no directory: {cwd}.")
    used = names([target.command, *target.setup, *target.env.values()])
    if "port" not in used:
        raise UsageProblem(
            "[target] says {port} neither in `command` nor in `env`: the service must listen there."
        )
    with (
        tempfile.TemporaryDirectory(prefix="service-conformance-", ignore_cleanup_errors=True) as folder,
        provided(used, config.events.broker, say) as dependencies,
        _before(dependencies.get("bootstrap_servers"), config) as proxy,
    ):
        tmp = Path(folder, "tmp")
        tmp.mkdir()
        values = {**dependencies, "port": str(_free_port()), "tmp": str(tmp)}
        if proxy is not None:
            values["bootstrap_servers"] = proxy.address
        env = _filled(target, values)
        output = Output(Path(folder, "output.log"), config, env.values())
        children = Children(cwd)
        start = _Start(children, cwd, env, values, output, target.startup_timeout, say)
        url = f"http://127.0.0.1:{values['port']}"
        try:
            for command in target.setup:
                start.run(command)
            with Readiness(target, url) as readiness:
                process = start.serve(target.command, readiness)
            broker = dependencies.get("bootstrap_servers") or external_broker(config.events.broker)
            yield Running(
                url, broker, output.path, cwd, target.command, process, output, proxy, start, config
            )
        finally:
            children.end()


@contextmanager
def _before(broker: str | None, config: Config) -> Iterator[Proxy | None]:
    """A proxy before a broker that was started here; None where there is none, or it is elsewhere.

    The proxy has to be reached by the name that the broker has: a Docker engine of another machine
    gives one that leads there.
    """
    here = broker is not None and "," not in broker and broker.rpartition(":")[0] in LOCAL
    if broker is None or not here or external_broker(config.events.broker):
        yield None
        return
    with before(broker) as proxy:
        yield proxy


def _filled(target: Target, values: Mapping[str, str]) -> dict[str, str]:
    return {name: fill(value, values) for name, value in target.env.items()}


def ended(running: Running) -> str | None:
    """How the service ended, and its last lines, where it ended by itself; None while it runs."""
    status = running.process.poll()
    if status is None or running.killed:
        return None
    return running.output.quoted_after(f"`{running.command}` {_how(status)} while it was audited")


@dataclass(frozen=True, slots=True)
class _Start:
    """What the commands of one target share.

    Messages show a command as the configuration has it, its placeholders not filled.
    """

    children: Children
    cwd: Path
    env: Mapping[str, str]
    values: Mapping[str, str]
    output: Output
    timeout: float
    say: Callable[[str], None]

    def run(self, command: str) -> None:
        """A command of `setup`, to its end."""
        process = self._spawn(command)
        if not self._until(lambda: process.poll() is not None, f"`{command}` to end"):
            sentence = f"`{command}` of `setup` did not end within {self.timeout:g} s"
            raise TargetProblem(self.output.quoted_after(sentence))
        if process.returncode != 0:
            sentence = f"`{command}` of `setup` {_how(process.returncode)}"
            raise TargetProblem(self.output.quoted_after(sentence))

    def serve(self, command: str, readiness: Readiness, *, again: bool = False) -> subprocess.Popen[bytes]:
        """The command itself, until it answers; what it prints `again` comes after what is there."""
        process = self._spawn(command, "ab" if again else "wb")
        self._until(lambda: process.poll() is not None or readiness.ask(), f"`{command}` to answer")
        # Asked once more: another's service may have answered at the port that this one could not get.
        if process.poll() is not None:
            sentence = f"`{command}` {_how(process.returncode)} before it answered"
            raise TargetProblem(self.output.quoted_after(sentence))
        if not readiness.is_ready:
            sentence = f"`{command}` did not get ready within {self.timeout:g} s, {readiness.last}"
            raise TargetProblem(self.output.quoted_after(sentence))
        return process

    def _spawn(self, command: str, mode: str = "wb") -> subprocess.Popen[bytes]:
        arguments = self._arguments(command)
        self.say(self.output.clean(f"starting `{command}` in {self.cwd}"))
        try:
            with self.output.path.open(mode) as file:
                return self.children.start(arguments, _environment(self.env), file)
        except OSError as error:
            problem = f"`{command}` cannot be started: {error.strerror}."
            raise TargetProblem(self.output.clean(problem)) from error
        except ValueError as error:
            raise UsageProblem(f"`command`, `setup` or `env` in [target] cannot be used: {error}.") from error

    def _until(self, happens: Callable[[], bool], what: str) -> bool:
        began = said = time.monotonic()
        while not happens():
            now = time.monotonic()
            if now - began > self.timeout:
                return False
            if now - said > SAY_EVERY:
                said = now
                self.say(self.output.clean(f"still waiting for {what} ({now - began:.0f} s)"))
            self.children.look()
            time.sleep(POLL)
        return True

    def _arguments(self, command: str) -> list[str]:
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise UsageProblem(f"`{command}` in [target] is no command line: {error}.") from error
        if not words:
            raise UsageProblem("[target] has an empty command.")
        program, *others = (fill(word, self.values) for word in words)
        return [self._found(program), *others]

    def _found(self, program: str) -> str:
        """The program in the user's environment, else the one installed beside the kit."""
        if os.sep in program:
            found, where = shutil.which(self.cwd / program), f"in {self.cwd}"
        else:
            path = self.env.get("PATH", os.environ.get("PATH"))
            beside = str(Path(sys.executable).parent)
            found, where = shutil.which(program, path=path) or shutil.which(program, path=beside), "on PATH"
        if found is None:
            raise TargetProblem(self.output.clean(f"the program `{program}` of [target] is not {where}."))
        return str(found)


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """The user's environment and `env`, without what is meant for the kit's own interpreter and tests.

    `PYTHONPATH` stays: the user may have set it for the service.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONSAFEPATH" and not name.startswith("PYTEST_")
    }
    # So that the last lines are in the log, and not in the memory of a process that was killed.
    return {"PYTHONUNBUFFERED": "1", **inherited, **given}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _how(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:  # a real-time signal has no name
        return f"was ended by signal {-status}"

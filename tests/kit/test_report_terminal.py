"""What a person reads: the report, the progress, the rules."""

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.judge.needs import REQUIREMENTS
from conformance.judge.rule import Observation, Rule
from conformance.model.record import Record
from conformance.model.service import Principal
from conformance.report import listing, needed
from conformance.report.build import build
from conformance.report.console import make_console, safe
from conformance.report.progress import Progress
from conformance.report.result import Result
from conformance.report.terminal import Detail, show
from conformance.report.text import elide, plain
from conformance.target.secrets import Secrets
from tests.kit import report_samples as samples
from tests.kit.report_samples import POST, POSTS, exchange


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(
    result: Result | None = None,
    width: int = 80,
    detail: Detail = "normal",
    written: Sequence[tuple[Path, str]] = (),
) -> str:
    stream = io.StringIO()
    show(result or samples.result(), make_console(stream, width), detail=detail, written=written)
    return stream.getvalue()


def test_the_headline_comes_first() -> None:
    assert shown().startswith("does not conform: 3 of 4 rules failed, 3 findings\n")


def test_the_worst_comes_first_and_each_finding_is_whole() -> None:
    text = shown(width=120)
    order = [text.index(name) for name in ("MUST ACC004", "MUST ERR004", "SHOULD API009")]
    assert order == sorted(order)
    for part in (
        f"where     DELETE {POST}",
        f"            PUT {POST}",
        "403 or 404, and the object as it was",
        "204",
        "Compare the author with the current user in the service, before the repository is asked.",
        "service-conformance explain RULE",
    ):
        assert part in text


@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit_but_a_curl_line_stays_whole(width: int) -> None:
    result = samples.result()
    lines = shown(result, width).splitlines()
    commands = [finding.curl for rule in result.rules for finding in rule.findings]
    assert all(f"  {command}" in lines for command in commands)
    assert max(len(command) for command in commands) > 80
    others = [line for line in lines if line.strip() not in commands]
    assert max(map(len, others)) <= width


def test_a_finding_on_many_operations_names_three() -> None:
    record = Record(
        [exchange(n, label, 500, b"") for n, label in enumerate(samples.labels(samples.service()), 1)]
    )
    assert f"GET {POSTS}" not in shown(samples.result(record), 120).partition("where")[0]
    assert "            and 3 more" in shown(samples.result(record), 120)


def test_contracts_are_counted() -> None:
    table = [line.split() for line in shown().splitlines()]
    assert ["contract", "rules", "failed", "vacuous", "not", "run"] in table
    assert ["api", "3", "2", "·", "1"] in table
    assert ["error", "2", "1", "1", "·"] in table


def test_it_ends_with_what_was_not_checked_and_the_line_that_mends_it() -> None:
    of = samples.service(Principal("alice", {"authorization": "Bearer alices-own-token-1"}))
    ending = shown(samples.result(samples.faulty(), of), 120).partition("not checked")
    assert ending[0].rstrip().endswith("no request that it could judge was accepted")
    assert ending[2].splitlines()[0] == f": 1 rule needs {REQUIREMENTS['expired token']}"
    assert f"not checked: 1 rule needs {REQUIREMENTS['second principal']}" in ending[2]
    assert 'principals.bob.headers = { Authorization = "Bearer …" }' in ending[2]


def test_every_requirement_has_its_line() -> None:
    assert needed.LINES.keys() == REQUIREMENTS.keys()
    for name, words in REQUIREMENTS.items():
        assert needed.line(f"{words} (why)") == needed.LINES[name]
    assert needed.line("more time (--budget)") is None


def test_vacuous_and_broken_rules_give_their_reasons() -> None:
    def breaks(*_: object) -> Iterator[Observation]:
        raise KeyError("gone")

    of = samples.service()
    record = samples.faulty()
    rules = [replace(rule, check=breaks) if rule.id == "ERR004" else rule for rule in samples.rules]
    verdicts = samples.verdicts(record, of, rules)
    text = shown(build(verdicts, record, of, samples.run(), Secrets()))
    assert "1 rule saw nothing to judge\n  ERR007  no request that it could judge was accepted" in text
    assert "1 rule ended in error\n  ERR004  the rule broke: KeyError: 'gone'" in text


def test_the_json_file_and_the_reach_are_told() -> None:
    text = shown(written=[(Path("out/result.json"), "")])
    assert "out/result.json" in text
    assert "4 of 6 operations accepted a request" in text


def test_read_only_is_told() -> None:
    target = samples.run().target.model_copy(update={"read_only": True})
    assert "only GET, HEAD and OPTIONS were sent" in shown(samples.result(target=target))


def test_quiet_is_a_line_a_finding() -> None:
    assert shown(detail="quiet").splitlines() == [
        "does not conform: 3 of 4 rules failed, 3 findings",
        f"MUST ACC004 Another user's object is neither changed nor deleted: DELETE {POST}, PUT {POST}",
        f"MUST ERR004 No request ends in a server error: POST {POSTS}",
        f"SHOULD API009 A [bold]list[/bold] is bounded :smile:: GET {POSTS}",
    ]


def test_verbose_adds_every_rule_and_every_unreached_operation() -> None:
    text = shown(detail="verbose", width=120)
    rows = [line.split()[:6] for line in text.splitlines()]
    assert ["ERR004", "MUST", "failed", "6", "5", "6"] in rows
    assert ["ERR007", "MUST", "vacuous", "6", "0", "0"] in rows
    assert re.search(rf"GET {re.escape(POST)} +answered 404", text)
    assert not re.search(rf"GET {re.escape(POST)} +answered 404", shown(width=120))


def test_a_clean_service_reads_so() -> None:
    record = Record([exchange(1, f"GET {POSTS}", 200, []), exchange(2, None, 413)])
    first = shown(samples.result(record)).splitlines()[0]
    assert first.startswith("does not conform")  # ERR007 and ACC004 stay vacuous
    verdicts = [v for v in samples.verdicts(record, samples.service()) if v.outcome == "passed"]
    result = build(verdicts, record, samples.service(), samples.run(), Secrets())
    assert shown(result).startswith("conforms: 0 of 3 rules failed, 0 findings\n")


def test_a_finding_of_a_should_rule_alone_says_so() -> None:
    record = samples.faulty()
    verdicts = [v for v in samples.verdicts(record, samples.service()) if v.rule.id == "API009"]
    result = build(verdicts, record, samples.service(), samples.run(), Secrets())
    assert shown(result).startswith("conforms: 1 of 1 rule failed (SHOULD), 1 finding\n")


def test_data_is_no_markup_and_no_control() -> None:
    record = samples.faulty()
    record.exchanges[4] = exchange(
        5, f"POST {POSTS}", 500, "\x1b]0;title\x07 [red]\u202e\u200b\x9b\r\n".encode()
    )
    text = shown(samples.result(record), width=200)
    assert r"500 \x1b]0;title\x07 [red]\u202e\u200b\x9b\r\n" in text
    assert "A [bold]list[/bold] is bounded :smile:" in text
    assert {c for c in text if not c.isprintable()} == {"\n"}


def test_what_is_new_waived_and_gone_is_told() -> None:
    text = shown(samples.hostile(), 400)
    assert text.startswith("does not conform: 2 of 4 rules failed, 2 findings and 1 waived\n")
    for part in (
        "since     2030-01-01T00:00:00+00:00: 1 new, 2 still there, 1 gone, 1 not judged this time",
        "\nNEW MUST ERR004 ",
        "\nSHOULD API009 ",
        "\n1 finding waived\n  ACC004  DELETE ",
        "  until 2030-12-31, ",
        "\n1 waiver holds no longer\n  expired on 2029-01-01  ERR001 GET /",
        "\n1 finding gone since then\n  API001  GET /",
    ):
        assert part in text
    assert "MUST ACC004" not in text
    assert {c for c in text if not c.isprintable()} == {"\n"}


def test_quiet_tells_what_fails_the_run() -> None:
    lines = shown(samples.hostile(), 400, "quiet").splitlines()
    assert [line.partition(" ")[0] for line in lines[1:3]] == ["NEW", "SHOULD"]
    assert "1 waiver holds no longer" in lines


def test_why_operations_were_not_reached_is_told_by_reason() -> None:
    text = shown(width=200)
    assert "1 answered 404; 1 not sent: no scenario calls it (--verbose names them)" in text


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in shown()
    terminal = Terminal()
    show(samples.result(), make_console(terminal, 80))
    assert "\x1b[1;31m" in terminal.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    plain_terminal = Terminal()
    show(samples.result(), make_console(plain_terminal, 80))
    assert not re.search(r"\x1b\[[\d;]*3[0-7]m", plain_terminal.getvalue())


def test_an_encoding_without_the_characters_is_no_trouble() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    show(samples.result(), make_console(stream, 80))
    stream.flush()
    assert b"does not conform" in raw.getvalue()
    assert rb"\xb7" in raw.getvalue()


def test_long_values_lose_their_middle() -> None:
    assert elide("a" * 100 + "b" * 100, 20) == "a" * 10 + "… 180 characters …" + "b" * 10
    assert elide("short", 20) == "short"
    assert len(safe("x" * 9000).plain) < 450
    assert plain("é \u00a0 日本 \ud800\n") == "é \u00a0 日本 \\ud800\\n"


def test_progress_is_one_line_a_phase_off_a_terminal() -> None:
    stream = io.StringIO()
    with Progress(make_console(stream)) as progress:
        progress.phase("lifecycle")
        progress.exchange(exchange(1, f"GET {POSTS}", 200))
        progress.phase("errors\x1b")
    assert stream.getvalue() == "lifecycle …\nerrors\\x1b …\n"


def test_progress_is_one_live_line_on_a_terminal() -> None:
    terminal = Terminal()
    with Progress(make_console(terminal, 80)) as progress:
        progress.phase("lifecycle")
        for number in range(1, 1235):
            progress.exchange(exchange(number, f"GET {POSTS}/{'x' * 100}", 200))
        stream = io.StringIO()
        make_console(stream, 80).print(progress.line())
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert "lifecycle" in text
    assert f"GET {POSTS}" in text
    assert "1,234 requests" in text
    assert "lifecycle" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[?25h\r\x1b[1A\x1b[2K")


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()])
def test_a_note_stays(stream: io.StringIO) -> None:
    with Progress(make_console(stream, 80), enabled=stream.isatty()) as progress:
        progress.note("read-only [bold]\x1b")
    assert "read-only [bold]\\x1b\n" in stream.getvalue()


def test_progress_can_be_silent() -> None:
    stream = io.StringIO()
    with Progress(make_console(stream), enabled=False) as progress:
        progress.phase("lifecycle")
    assert stream.getvalue() == ""


def test_the_line_goes_away_when_the_audit_breaks() -> None:
    terminal = Terminal()
    with pytest.raises(KeyboardInterrupt), Progress(make_console(terminal, 80)):
        raise KeyboardInterrupt
    assert "\x1b[2K" in terminal.getvalue()


def printed(rule: Rule) -> str:
    stream = io.StringIO()
    listing.explain(rule, make_console(stream, 80))
    return stream.getvalue()


def test_the_table_of_rules() -> None:
    stream = io.StringIO()
    make_console(stream, 160).print(listing.rules_table(samples.rules))
    lines = stream.getvalue().splitlines()
    assert lines[0].split() == ["rule", "contract", "level", "title", "guideline"]
    assert [line.split()[:3] for line in lines[1:]] == [[r.id, r.contract, r.level] for r in samples.rules]
    assert "A [bold]list[/bold] is bounded :smile:" in stream.getvalue()


def test_the_rules_as_json() -> None:
    first = json.loads(listing.rules_json(samples.rules))[0]
    assert first == {
        "id": "ACC002",
        "contract": "api",
        "level": "MUST",
        "title": "An expired token is refused",
        "section": "Security",
    }


def test_a_rule_is_explained() -> None:
    text = printed(samples.rules.rules["ACC004"])
    assert text.startswith("ACC004  Another user's object is neither changed nor deleted\n")
    for part in (
        "A second user tries to change and to delete what the first one made",
        "Compare the author with the current user",
        "Core Principles 1: Layered Architecture",
        REQUIREMENTS["second principal"],
    ):
        assert part in text

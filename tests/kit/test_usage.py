"""What cannot be asked for ends with 2 before anything is sent, and one sentence says what to write."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.conftest import Ended

Usage = Callable[..., Ended]
URL = ("--url", "http://127.0.0.1:1")
WAIVER = """[target]
url = 'http://127.0.0.1:1'
[[waivers]]
rule = 'ERR001'
reason = 'r'
owner = 'o'
expires = 2030-01-01
"""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--comand", "x"), "No such option"),
        (("--comand", "x"), "--command"),
        (("surplus",), "unexpected extra argument"),
        ((*URL, "--rule", "ERR04"), "there is no rule ERR04; did you mean ERR0"),
        ((*URL, "--rule", "SEQ"), "there is no rule SEQ; did you mean SEC"),
        ((), "say where the service is (--url http://127.0.0.1:8000) or how it is started (--command)."),
        ((*URL, "--command", "x {port}"), "--url and --command exclude each other"),
        ((*URL, "--plan", "--record", "a"), "--plan sends nothing that --record could hold"),
        ((*URL, "--plan", "--lane", "deep"), "--plan tells what the gate lane does: leave --lane deep out."),
        ((*URL, "--lane", "fast"), "'fast' is not one of 'gate', 'deep'"),
        ((*URL, "--quiet", "--verbose"), "--quiet and --verbose exclude each other."),
        ((*URL, "--exclude", "/users"), "'/users' is no pattern: write a method and a path"),
        ((*URL, "--include", "GETS /users"), "'GETS /users' is no pattern"),
        ((*URL, "--budget", "0"), "--budget"),
        ((*URL, "--budget", "nan"), "--budget"),
        ((*URL, "--budget", "inf"), "--budget"),
        ((*URL, "--seed", "x"), "'x' is not a valid integer"),
        ((*URL, "--fail-on", "may"), "'may' is not one of 'must', 'should'"),
        ((*URL, "--json", "a", "--record", "./a"), "--json and --record name the same file."),
        ((*URL, "--html", "a", "--sarif", "./a"), "--html and --sarif name the same file."),
        ((*URL, "--junit", "a", "--json", "a"), "--json and --junit name the same file."),
        ((*URL, "--html", "a", "--write-waivers", "a"), "--html and --write-waivers name the same file."),
        ((*URL, "--html", "conformance.toml"), "the configuration and --html name the same file."),
        ((*URL, "--json", "./pyproject.toml"), "the configuration and --json name the same file."),
        ((*URL, "--baseline", "b", "--html", "b"), "--baseline and --html name the same file."),
        (
            (*URL, "--baseline", "b", "--write-waivers", "b"),
            "--baseline and --write-waivers name the same file.",
        ),
        ((*URL, "--baseline", "b", "--json", "b"), "b cannot be read: No such file or directory."),
        ((*URL, "--html", "no/a"), "no/a cannot be written: No such file or directory."),
        ((*URL, "--junit", "no/a"), "no/a cannot be written: No such file or directory."),
        ((*URL, "--sarif", "no/a"), "no/a cannot be written: No such file or directory."),
        ((*URL, "--write-waivers", "no/a"), "no/a cannot be written: No such file or directory."),
        ((*URL, "--baseline", "no/a"), "no/a cannot be read: No such file or directory."),
        (
            (*URL, "--json", "no/such/folder/a"),
            "no/such/folder/a cannot be written: No such file or directory.",
        ),
        ((*URL, "--record", "."), "is a directory"),
        (("--command", "serve --port 8000"), "[target] says {port} neither in `command` nor in `env`"),
    ],
)
def test_the_command_line(usage: Usage, arguments: tuple[str, ...], expected: str) -> None:
    ended = usage("audit", *arguments)
    assert ended.code == 2
    assert expected in ended.sentence
    assert "\n" not in ended.sentence
    assert ended.out == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[target]\nurll = 'http://a'\n", "unknown key `target.urll`; did you mean `url`?"),
        ("[traget]\nurl = 'http://a'\n", "unknown key `traget`; did you mean `target`?"),
        (
            "[principals.alice]\nheader = {}\n",
            "unknown key `principals.alice.header`; did you mean `headers`?",
        ),
        ("[tokens]\nkey = 'k'\nalgorythm = 'x'\n", "did you mean `algorithm`?"),
        ("[accounts]\nsignup = 'POST /a'\n", "unknown key `accounts.signup`; did you mean `sign_up`?"),
        ("[resources.a]\nreads = 'GET /a'\n", "unknown key `resources.a.reads`; did you mean `read`?"),
        (
            "[resources.a.list]\noperation = 'GET /a'\nlimits = 'x'\n",
            "unknown key `resources.a.list.limits`; did you mean `limit`?",
        ),
        ("[resources.a]\ndelete = true\n", "`resources.a.delete`: write an operation as"),
        ("[events]\nbrokers = 'a'\n", "unknown key `events.brokers`; did you mean `broker`?"),
        ("folder = '/'\n", "unknown key `folder`."),
        ("[target]\ntimeout = 'soon'\n", "`target.timeout`: Input should be a valid number"),
        ("[target]\ntimeout = 0\n", "`target.timeout`: Input should be greater than 0."),
        ("[target]\ntimeout = inf\n", "`target.timeout`: Input should be a finite number."),
        ("[target]\nexclude = 'GET /a'\n", "`target.exclude`: Input should be a valid tuple"),
        ("[target]\nexclude = ['GET']\n", "'GET' is no pattern"),
        ("[principals.alice]\nstate = 'active'\n", "`principals.alice.headers`: Field required."),
        ("[principals.a]\nstate = 'gone'\nheaders = {}\n", "`principals.a.state`: Input should be 'active'"),
        ("[target]\nurl = 'http://a'\ncommand = 'b {port}'\n", "[target] has both `url` and `command`"),
        ("[target\n", "is not TOML: "),
        (WAIVER + "untill = 2030-01-01\n", "unknown key `waivers.0.untill`; did you mean `rule`?"),
        (WAIVER.replace("reason", "reasons"), "unknown key `waivers.0.reasons`; did you mean `reason`?"),
        (WAIVER.replace("reason = 'r'\n", ""), "`waivers.0.reason`: Field required."),
        (WAIVER.replace("owner = 'o'\n", ""), "`waivers.0.owner`: Field required."),
        (WAIVER.replace("expires = 2030-01-01\n", ""), "`waivers.0.expires`: Field required."),
        (WAIVER.replace("'o'", "' '"), "`waivers.0.owner`: String should have at least 1 character."),
        (WAIVER.replace("2030-01-01", "90"), "`waivers.0.expires`: write a date, as 2030-12-31."),
        (WAIVER.replace("2030-01-01", "'soon'"), "`waivers.0.expires`: write a date, as 2030-12-31."),
        (
            WAIVER.replace("rule = 'ERR001'\n", ""),
            "name what is waived: `rule`, `operation` or `fingerprint`.",
        ),
        (WAIVER.replace("ERR001", "ERR01"), "a waiver names the rule 'ERR01'; did you mean ERR0"),
        (WAIVER + "operation = '/posts'\n", "'/posts' is no pattern"),
        ("waivers = 'no.toml'\n", "no.toml cannot be read: No such file or directory."),
        ("[target]\nheaders = { 'a b' = 'x' }\n", "`target.headers`: 'a b' is no name of a header field."),
    ],
)
def test_the_configuration(usage: Usage, work: Path, text: str, expected: str) -> None:
    (work / "conformance.toml").write_text(text)
    ended = usage("audit")
    assert ended.code == 2
    assert expected in ended.sentence
    assert "\n" not in ended.sentence


@pytest.mark.parametrize("value", ["Bearer s3cret-…", "s3cret\\n-x", "s3cret-ü", " s3cret", "s3cret\\u0000"])
@pytest.mark.parametrize("table", ["target", "principals.alice"])
def test_a_header_that_cannot_be_sent_is_not_quoted(usage: Usage, work: Path, table: str, value: str) -> None:
    (work / "conformance.toml").write_text(f'[{table}]\nheaders = {{ Authorization = "{value}" }}\n')
    ended = usage("audit", *URL)
    assert ended.code == 2
    assert "the value of Authorization has a character that no header field may have." in ended.sentence
    assert "s3cret" not in ended.err


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("pyproject.toml", "tool = 1\n", "say where the service is"),
        ("pyproject.toml", "[tool]\nconformance = 1\n", "`tool.conformance` is no table."),
        ("pyproject.toml", "[tool.conformance.target]\nurll = 'a'\n", "unknown key `target.urll`"),
        ("pyproject.toml", "[target]\nurll = 'a'\n", "say where the service is"),
        ("other.toml", "[target]\nurll = 'a'\n", "say where the service is"),
    ],
)
def test_where_the_configuration_is(usage: Usage, work: Path, name: str, text: str, expected: str) -> None:
    (work / name).write_text(text)
    ended = usage("audit")
    assert (ended.code, expected in ended.sentence) == (2, True)


def test_a_configuration_that_is_not_there(usage: Usage) -> None:
    ended = usage("audit", "--config", "missing.toml")
    assert (ended.code, ended.sentence) == (2, "missing.toml cannot be read: No such file or directory.")


def test_a_rule_to_explain_that_is_none(usage: Usage) -> None:
    ended = usage("explain", "err44")
    assert (ended.code, ended.sentence[:23]) == (2, "there is no rule err44;")


@pytest.mark.parametrize("arguments", [("--help",), ("audit", "--help"), ("--version",), ("rules",)])
def test_what_is_no_error_says_nothing(usage: Usage, arguments: tuple[str, ...]) -> None:
    ended = usage(*arguments)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out


@pytest.mark.parametrize(
    "tokens", ["key = 'short'\nalgorithm = 'RS256'", "key = 'k'\nalgorithm = 'none-such'"]
)
def test_a_key_that_cannot_sign(usage: Usage, work: Path, tokens: str) -> None:
    """Found when the expired token is made, of a principal whose credentials are a JWT."""
    from tests.kit.serving import Server
    from tests.kit.shop import Shop

    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    (work / "conformance.toml").write_text(
        f'[tokens]\n{tokens}\n[principals.alice]\nheaders = {{ Authorization = "Bearer {jwt}" }}\n'
    )
    with Server(Shop()) as server:
        ended = usage("audit", "--url", server.url)
    assert ended.code == 2
    assert ended.sentence.startswith("[tokens] cannot sign: ")
    assert jwt not in ended.err

"""Secrets planted wherever they may stand are in no byte of any output."""

import base64
import gzip
import html
import io
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest

from conformance.config import Config, PrincipalTable, Target, Tokens
from conformance.judge.rule import Catalogue, Observation, broken
from conformance.model.archive import Archive, save
from conformance.model.record import Record
from conformance.model.service import Principal
from conformance.report import html as html_page
from conformance.report import junit, sarif
from conformance.report.build import build
from conformance.report.console import make_console
from conformance.report.files import write_json
from conformance.report.progress import Progress
from conformance.report.terminal import show
from conformance.report.waivers import append_waivers
from conformance.target.secrets import Secrets
from tests.kit import report_samples as samples
from tests.kit.report_samples import POSTS, exchange

IN_FIELDS = ("principal", "expired", "target", "cookie", "set-cookie")
ELSEWHERE = ("env", "database", "key", "basic", "signin", "password", "form", "query")
CANARIES = {
    **{name: f"cAnary-{name}/+%1" for name in IN_FIELDS},
    **{name: f'cAnary "{name}"/ü&1' for name in ELSEWHERE},
}
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJjIjoiY0FuYXJ5In0.c2lnbmF0dXJl"
echo = Catalogue()


@echo.rule(
    "ECH001",
    contract="error",
    level="MUST",
    title="Nothing is quoted",
    section="none",
    mend="Quote nothing.",
    applies=samples.labels,
)
def quotes_all(record: Record, _service: object) -> Iterator[Observation]:
    """A rule that quotes everything it sees, as the worst of rules would."""
    for e in record.answered():
        said = repr((e.request, e.response and e.response.headers, dict(e.facts)))
        body = e.response.body.decode("utf-8", "replace") if e.response else ""
        yield broken(
            e.operation or "",
            e,
            cause=str(e.number),
            message=said,
            expected=body,
            actual=f"{e.status} {body[:60]}…",
        )


def spellings(value: str) -> set[str]:
    return {
        value,
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        html.escape(value),
        repr(value)[1:-1],
        base64.b64encode(value.encode()).decode(),
        base64.b64encode(b"me:" + value.encode()).decode(),
    }


def config() -> Config:
    alice = PrincipalTable(
        headers={"Authorization": f"Bearer {CANARIES['principal']}", "Cookie": f"sid={CANARIES['cookie']}"},
        expired_headers={"Authorization": f"Bearer {CANARIES['expired']}"},
    )
    basic = base64.b64encode(f"bob:{CANARIES['basic']}".encode()).decode()
    return Config(
        target=Target(
            headers={"X-Tenant": CANARIES["target"]},
            env={"ANY": CANARIES["env"], "DB": f"mysql://me:{quote(CANARIES['database'], safe='')}@h/db"},
        ),
        principals={"alice": alice, "bob": PrincipalTable(headers={"Authorization": f"Basic {basic}"})},
        tokens=Tokens(key=CANARIES["key"]),
    )


def record(known: Config) -> Record:
    alice, bob = (known.principals[name].headers for name in ("alice", "bob"))
    everything = " ".join(text for value in CANARIES.values() for text in sorted(spellings(value)))
    form = f"username=me&password={quote_plus(CANARIES['form'])}".encode()
    return Record(
        [
            exchange(
                1,
                f"POST {POSTS}",
                201,
                {"access_token": CANARIES["signin"], "token_type": "bearer"},
                send={"username": "me", "password": CANARIES["password"]},
                answered={"set-cookie": f"sid={CANARIES['set-cookie']}; Path=/"},
                headers=dict(alice),
                facts={"sent": {"password": CANARIES["password"]}},
            ),
            exchange(
                2,
                f"POST {POSTS}",
                500,
                form,
                send=form,
                headers={**bob, "content-type": "application/x-www-form-urlencoded"},
                path=f"{POSTS}?api_key={quote(CANARIES['query'], safe='')}",
            ),
            # A target that says all it was ever told, in every spelling, and a stranger's token.
            exchange(3, f"GET {POSTS}", 500, f"{everything} {JWT} mysql://root:cAnary-db@h/x".encode()),
            exchange(
                4, f"GET {POSTS}", 200, {"all": everything, "jwt": JWT}, headers={"x-forged-token": JWT}
            ),
        ]
    )


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Every byte that an audit writes."""
    folder = tmp_path_factory.mktemp("canary")
    known = config()
    secrets = Secrets()
    secrets.learn_config(known)
    of = samples.service(
        *(Principal(name, table.headers, table.expired_headers) for name, table in known.principals.items())
    )
    seen = record(known)
    run = samples.run(headers=known.target.headers)
    verdicts = samples.verdicts(seen, of, [*echo, *samples.rules])
    result = build(verdicts, seen, of, run, secrets)
    assert len(result.rules[0].findings) == 4
    write_json(result, folder / "out.json")
    stream = io.StringIO()
    for detail in ("quiet", "normal", "verbose"):
        show(result, make_console(stream, 100), detail=detail)
    with Progress(make_console(stream)) as progress:
        progress.phase("samples")
        for each in seen:
            progress.exchange(each)
    stored = Archive(seen, of, samples.BASE, read_only=False)
    save(folder / "record.json", stored, secrets)
    save(folder / "record.json.gz", stored, secrets)
    (folder / "out.html").write_bytes(html_page.render(result))
    (folder / "out.xml").write_bytes(junit.render(result, "should"))
    (folder / "out.sarif").write_bytes(sarif.render(result))
    append_waivers(result, folder / "out.toml", "should", run.started_at.date())
    names = ("out.json", "record.json", "out.html", "out.xml", "out.sarif", "out.toml")
    files = [(folder / name).read_bytes() for name in names]
    assert all(b"[redacted" in data for data in files)
    unpacked = gzip.decompress((folder / "record.json.gz").read_bytes())
    written = b"\n".join(
        [*files, unpacked, stream.getvalue().encode(), repr(known).encode(), repr(of).encode()]
    )
    assert written.count(b"[redacted") > 100
    return written


@pytest.mark.parametrize("name", CANARIES)
def test_no_spelling_of_a_canary_is_in_any_output(output: bytes, name: str) -> None:
    for text in spellings(CANARIES[name]):
        assert text.encode() not in output, text


def test_no_trace_of_a_canary_is_in_any_output(output: bytes) -> None:
    assert JWT.encode() not in output
    assert JWT.split(".")[1].encode() not in output
    assert b"cAnary" not in output

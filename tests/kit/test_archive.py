"""A saved record comes back as it was, but for its secrets, and is judged alike."""

import gzip
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import rules as real
from conformance.errors import UsageProblem
from conformance.judge.runner import Verdict
from conformance.model.archive import Archive, load, save
from conformance.model.operation import Listing
from conformance.model.record import Record, Response
from conformance.model.service import Principal, Service
from conformance.target.secrets import Secrets
from tests.kit import report_samples as samples
from tests.kit.report_samples import POST, POSTS, exchange


def archive(record: Record, service: Service | None = None) -> Archive:
    return Archive(record, service or samples.service(), samples.BASE, read_only=False, about={"seed": 7})


def again(saved: Archive, path: Path, secrets: Secrets | None = None) -> Archive:
    save(path, saved, secrets or Secrets())
    return load(path)


def harmless() -> Record:
    """Exchanges without any secret, and with everything else."""
    record = Record(
        [
            exchange(
                1,
                f"GET {POSTS}",
                200,
                b"\xff\x00\x1f\x8b",
                facts={"n": [1, 2.5, None, True, {"é": "\ud800"}]},
            ),
            exchange(
                2,
                f"POST {POSTS}",
                201,
                {"id": 1},
                send={"title": "ü"},
                step="create",
                answered={"allow": "GET"},
            ),
            exchange(3, None, 0, failure="no answer in time"),
        ],
        "budget",
    )
    record.exchanges[0] = replace(record.exchanges[0], response=replace_headers(record.exchanges[0].response))
    return record


def replace_headers(response: Response | None) -> Response:
    assert response
    return replace(response, headers=(("x-a", "1"), ("x-a", "2")))


@pytest.mark.parametrize("name", ["record.json", "record.json.gz"])
def test_all_but_secrets_comes_back(tmp_path: Path, name: str) -> None:
    service = samples.service(
        Principal("alice", {"x": "7"}, None, "active", frozenset({"7", "alice"})), Principal("bob")
    )
    service.disabled = [Principal("carol", {"x": "8"}, None, "disabled")]
    first, *others = service.resources
    listing = Listing({"a": 1}, "page.size", None, None, "next", {"title": "where.title"})
    told = replace(first.list, listing=listing) if first.list else None
    assert told is not None
    operations = tuple(told if op is first.list else op for op in service.document.operations)
    service.document = replace(service.document, operations=operations)
    service.resources = (replace(first, list=told, unique=("title",), above=POSTS, bulk=(told,)), *others)
    service.accounts = service.operation(f"POST {POSTS}")
    service.why_no_principals = "because"
    service.selected = frozenset({f"GET {POST}"})
    loaded = again(archive(harmless(), service), tmp_path / name)
    assert loaded.record == harmless()
    assert [getattr(loaded.service, f.name) for f in fields(Service)] == [
        getattr(service, f.name) for f in fields(Service)
    ]
    assert (loaded.base, loaded.read_only, loaded.about) == (samples.BASE, False, {"seed": 7})
    compressed = (tmp_path / name).read_bytes().startswith(b"\x1f\x8b")
    assert compressed is name.endswith(".gz")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=9,
)


@settings(max_examples=60, deadline=None)
@given(facts=st.dictionaries(st.text(max_size=5), json_values, max_size=3), body=st.binary(max_size=50))
def test_facts_and_bodies_come_back(
    tmp_path_factory: pytest.TempPathFactory, facts: dict[str, Any], body: bytes
) -> None:
    record = Record([exchange(1, f"GET {POSTS}", 200, body, facts=facts)])
    secrets = Secrets()
    secrets.learn_exchange(record.exchanges[0])
    if secrets.clean_data(facts) == facts and secrets.clean_bytes(body) == body:
        assert again(archive(record), tmp_path_factory.mktemp("a") / "r.json").record == record


def findings(verdicts: list[Verdict]) -> list[tuple[object, ...]]:
    return [
        (
            *(v.rule.id, v.outcome, v.reason, v.requirement, v.applicable, v.exercised, v.requests),
            *((g.fingerprint, g.operations, len(g.observations)) for g in v.findings),
        )
        for v in verdicts
    ]


def secret_record() -> Record:
    """The faulty record with a sign-in before it, and a number for a secret."""
    account = {"username": "alice", "password": "canary-password-1", "pin_token": 987654321}
    signed = {"access_token": "alices-own-token-1", "token_type": "bearer", "pin_token": 987654321}
    sign_in = exchange(
        90, f"POST {POSTS}", 200, signed, send=account, facts={"sent": account, "pin": 987654321}
    )
    return Record([sign_in, *samples.faulty()], None)


def test_the_same_verdicts_come_from_the_file(tmp_path: Path) -> None:
    service = samples.service()
    before = samples.verdicts(secret_record(), service)
    loaded = again(archive(secret_record(), service), tmp_path / "r.json.gz")
    assert {v.outcome for v in before} == {"failed", "vacuous", "not_run"}
    assert findings(samples.verdicts(loaded.record, loaded.service)) == findings(before)


def test_the_same_verdicts_of_the_kits_own_rules(tmp_path: Path) -> None:
    service = samples.service()
    before = samples.verdicts(secret_record(), service, real.catalogue)
    loaded = again(archive(secret_record(), service), tmp_path / "r.json")
    after = samples.verdicts(loaded.record, loaded.service, real.catalogue)
    assert len(before) > 9
    assert findings(after) == findings(before)


def test_what_was_equal_stays_equal_and_json_stays_json(tmp_path: Path) -> None:
    loaded = again(archive(secret_record()), tmp_path / "r.json").record.exchanges[0]
    assert loaded.response
    sent, answer = loaded.facts["sent"], loaded.response.json
    assert sent["password"] != answer["access_token"]
    assert sent["pin_token"] == answer["pin_token"] == loaded.facts["pin"]
    assert sent["password"] in loaded.request.body.decode()
    assert answer["token_type"] == "bearer"
    assert "987654321" not in (tmp_path / "r.json").read_text()
    assert "canary" not in (tmp_path / "r.json").read_text()


def test_short_credentials_go_by_the_name_of_their_field(tmp_path: Path) -> None:
    short = {"authorization": "abc", "x-note": "abc"}
    record = Record([exchange(1, f"GET {POSTS}", 200, headers=short)])
    loaded = again(archive(record, samples.service(Principal("alice", short, short))), tmp_path / "r.json")
    assert dict(loaded.record.exchanges[0].request.headers) == {
        "authorization": "[redacted]",
        "x-note": "abc",
    }
    assert loaded.service.owner.headers["authorization"] == "[redacted]"
    assert loaded.service.owner.expired_headers == {"authorization": "[redacted]", "x-note": "abc"}


def damaged(data: bytes) -> list[bytes]:
    saved = json.loads(data)
    del saved["exchanges"][0]["request"]
    other = json.loads(data)
    other["resources"][0]["create"] = "POST /nowhere"
    base64 = json.loads(data)
    base64["exchanges"][0]["response"] = {"status": 200, "headers": [], "elapsed": 0, "body_base64": "%"}
    broken = [json.dumps(each).encode() for each in (saved, other, base64)]
    return [
        b"",
        b"[]",
        b"{}",
        b"null",
        data[:-9],
        b"\xff\xfe",
        gzip.compress(data)[:-20],
        b"\x1f\x8b",
        *broken,
    ]


def test_what_is_no_archive_is_named_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    save(path, archive(harmless()), Secrets())
    for data in damaged(path.read_bytes()):
        path.write_bytes(data)
        with pytest.raises(UsageProblem, match=r"r\.json is no record of an audit, or is damaged\.$"):
            load(path)


def test_another_version_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text('{"archive_version": 2}')
    with pytest.raises(UsageProblem, match=r"record of version 2; this kit reads version 1\.$"):
        load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"none\.json cannot be read: No such file or directory\.$"):
        load(tmp_path / "none.json")
    with pytest.raises(UsageProblem, match=r"cannot be written: No such file or directory\.$"):
        save(tmp_path / "none" / "r.json", archive(harmless()), Secrets())


def test_names_of_the_document_stay_though_a_header_says_the_same(tmp_path: Path) -> None:
    service = samples.service(Principal("alice", {"x-tenant": "responses"}))
    loaded = again(archive(harmless(), service), tmp_path / "r.json")
    assert loaded.service.document.raw == service.document.raw

"""A service whose document says nothing of credentials: what asks for some is found by asking."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from conformance.audit import Audit
from conformance.model.archive import Archive, load, save
from conformance.model.service import Principal
from tests.faults.harness import audit, flask
from tests.kit.rule_records import DOCUMENT, Tape, service, verdict
from tests.reference.flask_library.service.document import DOCUMENT as LIBRARY


def audited(folder: Path, fault: str, *rules: str) -> Audit:
    """The Flask library with a document that names no security scheme."""
    document: dict[str, Any] = copy.deepcopy(LIBRARY)
    del document["security"], document["components"]["securitySchemes"]
    for operation in (op for path in document["paths"].values() for op in path.values()):
        if isinstance(operation, dict):
            operation.pop("security", None)
    (folder / "openapi.json").write_text(json.dumps(document))
    config = flask(fault)
    target = config.target.model_copy(update={"openapi": str(folder / "openapi.json")})
    return audit(config.model_copy(update={"target": target}), rules)


RULES = ("API001", "SEC001", "SEC002", "SEC005")


def test_the_rules_of_access_apply_to_what_refuses_nobody(tmp_path: Path) -> None:
    done = audited(tmp_path, "", *RULES)
    assert done.service
    assert {v.rule.id: (v.outcome, v.exercised) for v in done.verdicts} == {
        "API001": ("passed", 1),
        "SEC001": ("passed", 22),
        "SEC002": ("passed", 22),
        "SEC005": ("passed", 7),
    }
    asked = {op.label for op in done.service.document.operations if op.protected}
    assert {"GET /notes/{note_id}", "POST /books", "GET /me"} <= asked
    assert not {"POST /sessions", "POST /accounts", "GET /books", "GET /tags/{tag_id}"} & asked
    save(tmp_path / "r", Archive(done.record, done.service, done.base, read_only=False), done.secrets)
    again = load(tmp_path / "r").service
    assert {op.label for op in again.document.operations if op.protected} == asked


def test_a_fault_is_caught(tmp_path: Path) -> None:
    (found,) = audited(tmp_path, "note_put_by_all", "SEC005").verdicts
    assert [group.operations for group in found.findings] == [("PUT /notes/{note_id}",)]


def test_where_nothing_asks_the_report_says_what_would_mend_that() -> None:
    document = copy.deepcopy(DOCUMENT)
    del document["components"]
    for operation in (op for path in document["paths"].values() for op in path.values()):
        if isinstance(operation, dict):
            operation.pop("security", None)
    assert "let it declare its `security`" in verdict("SEC001", Tape(), service(document)).reason
    nobody = verdict("SEC001", Tape(), service(document, ()))
    assert nobody.reason == "the document declares nothing of it"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("Bearer opaque-token-0123", "a token whose signature was changed"),
        ("Basic YWxpY2U6cGFzcw==", "a name and password of which one character was changed"),
    ],
)
def test_credentials_are_called_what_they_are(sent: str, words: str) -> None:
    made = Tape().add("access", "forged", "GET /books/{book_id}", 200, {}, headers={"Authorization": sent})
    found = verdict("SEC002", made, service(principals=(Principal("alice", {"Authorization": sent}),)))
    assert found.findings[0].shown.message == f"a request with {words} is accepted"

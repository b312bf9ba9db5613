"""The JSON file: its schema, and that it is there whole or not at all."""

import json
import os
import stat
from pathlib import Path
from threading import Thread
from typing import Any

import jsonschema_rs
import pytest

from conformance.errors import UsageProblem
from conformance.report.files import SCHEMA, check_writable, write_json
from conformance.report.result import Result
from tests.kit import report_samples as samples


def generated() -> str:
    """The schema as the package must hold it; run this file to write it anew."""
    schema = Result.model_json_schema(mode="serialization")
    head: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:service-conformance:result:1",
    }
    return json.dumps({**head, **schema}, indent=2) + "\n"


def test_the_packaged_schema_is_that_of_the_model() -> None:
    assert SCHEMA.read_text() == generated()


def test_a_written_result_is_valid_and_comes_back(tmp_path: Path) -> None:
    result = samples.result()
    write_json(result, tmp_path / "out.json")
    data = json.loads((tmp_path / "out.json").read_bytes())
    schema = json.loads(SCHEMA.read_text())
    jsonschema_rs.validate(schema, data)
    assert Result.model_validate(data) == result
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schema, {**data, "summary": {}})


def test_scripts_find_the_keys_of_the_interface() -> None:
    data = samples.result().model_dump(mode="json")
    whole = "schema_version tool target lane seed started_at duration complete rules summary"
    whole += " operations waivers notes baseline events"
    rule = "id contract level title outcome reason requirement applicable exercised requests findings"
    rule += " section help"
    finding = "fingerprint operations count message expected actual mend curl source"
    finding += " cause waivers new new_operations"
    assert " ".join(data) == whole
    assert {" ".join(entry) for entry in data["rules"]} == {rule}
    assert [" ".join(f) for entry in data["rules"] for f in entry["findings"]] == [finding] * 3


def test_a_file_is_replaced_in_whole_and_readable_for_others(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    link = tmp_path / "link.json"
    link.symlink_to(path)
    write_json(samples.result(), link)
    assert link.is_symlink()
    assert json.loads(path.read_text())["schema_version"] == 1
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    assert sorted(tmp_path.iterdir()) == [link, path]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UsageProblem, match=r"out.json cannot be written: No space left on device\.$"):
        write_json(samples.result(), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_can_be_written(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_writable(pipe)
    read: list[str] = []
    reader = Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_json(samples.result(), pipe)
    reader.join()
    assert json.loads(read[0])["seed"] == 1


def test_paths_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, words in (
        (tmp_path, "is a folder"),
        (tmp_path / "none" / "out.json", "No such file"),
        (tmp_path / "file" / "out.json", "Not a directory"),
    ):
        with pytest.raises(UsageProblem, match=words) as caught:
            check_writable(path)
        assert str(path) in str(caught.value)
        assert str(caught.value).endswith(".")


def test_a_protected_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.json"
    path.write_text("")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UsageProblem, match=r"out.json cannot be written: Permission denied\."):
        check_writable(path)


def test_checking_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "out.json")
    assert list(tmp_path.iterdir()) == []


if __name__ == "__main__":
    Path(str(SCHEMA)).write_text(generated())

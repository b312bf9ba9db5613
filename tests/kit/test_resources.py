"""Which resources the kit finds in a document, against tables made by hand."""

import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conformance.model.resources import Resource, find_resources, parent_of
from conformance.target.openapi import Document, parse

HERE = Path(__file__).parent
SINGLE = ("item", "parent", "identifier", "create", "list", "read", "replace", "update", "delete")
SEVERAL = ("lookups", "actions", "bulk")
NAMES = {"update": "patch"}


@pytest.fixture(scope="module")
def prefect() -> Document:
    return parse((HERE / "prefect_openapi.json").read_bytes(), "prefect_openapi.json")


def _told(resource: Resource, resources: tuple[Resource, ...]) -> dict[str, Any]:
    above = parent_of(resource, resources)
    told: dict[str, Any] = {
        "item": resource.item,
        "parent": above.name if above else None,
        "identifier": resource.key,
    }
    for name in SINGLE[3:]:
        operation = getattr(resource, NAMES.get(name, name))
        told[name] = operation.label if operation else None
    return told | {name: {op.label for op in getattr(resource, name)} for name in SEVERAL}


def test_prefect_against_the_table(prefect: Document, capsys: pytest.CaptureFixture[str]) -> None:
    table = tomllib.loads((HERE / "prefect_resources.toml").read_text())
    resources = find_resources(prefect)
    told = {resource.name: _told(resource, resources) for resource in resources}
    wrong = []
    for name in table.keys() | told.keys():
        if name not in table or name not in told:
            wrong.append(f"{name} is {'found' if name in told else 'not found'}")
            continue
        expected = {key: table[name].get(key) for key in SINGLE}
        expected |= {key: set(table[name].get(key, ())) for key in SEVERAL}
        differ = [f"{k}: {told[name][k]} for {v}" for k, v in expected.items() if told[name][k] != v]
        if differ:
            wrong.append(f"{name}: {'; '.join(differ)}")
    right = len(table) - sum(1 for text in wrong if " is found" not in text)
    with capsys.disabled():
        sys.stdout.write(
            f"\nPrefect: {right} of {len(table)} resources right in every respect {sorted(wrong)}\n"
        )
    assert len(told) == len(resources), "each resource once"
    assert right / max(len(table), len(told)) >= 0.9

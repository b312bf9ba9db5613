"""The README says what the code says."""

import re
from pathlib import Path

from conformance.config import Config, Target
from conformance.errors import Exit
from conformance.rules import catalogue

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_table_of_rules_is_current() -> None:
    rows = re.findall(r"^\| ([A-Z]{3}\d{3}) \| (MUST|SHOULD) \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
    assert rows == [(r.id, r.level, r.title, r.section) for r in catalogue], "run python tools/readme.py"


def test_every_exit_status_is_explained() -> None:
    table = README.partition("| exit status |")[2].partition("\n\n")[0]
    assert {int(status) for status in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == set(map(int, Exit))


def test_every_table_of_the_configuration_is_shown() -> None:
    shown = set(re.findall(r"^\[+(\w+)", README, re.MULTILINE))
    assert shown >= set(Config.model_fields) - {"folder"}


def test_every_key_of_the_target_is_named() -> None:
    section = README.partition("[target]")[2].partition("[principals")[0]
    assert [name for name in Target.model_fields if not re.search(rf"\b{name}\b", section)] == []


def test_every_fault_table_row_is_a_rule() -> None:
    text = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| ([A-Z]{3}\d{3}) ", text, re.MULTILINE) == [r.id for r in catalogue]


def test_pictures_exist() -> None:
    assert [p for p in re.findall(r"!\[.*?\]\((.*?)\)", README) if not (ROOT / p).is_file()] == []

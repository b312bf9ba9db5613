"""A red service becomes a green gate by one command, and stays honest: on the Flask library with a fault."""

from pathlib import Path

import pytest

from tests.kit.conftest import ROOT, Cli, outcomes, read_json

LIBRARY = (ROOT / "tests" / "reference" / "flask_library" / "conformance.toml").read_text()
RULES = ("--rule", "API029", "--rule", "API004", "--rule", "ERR004")


@pytest.fixture
def library(work: Path) -> Path:
    """The configuration of the faulted library, in a working directory of its own."""
    text = LIBRARY.replace('cwd = "../../.."', f'cwd = "{ROOT.as_posix()}"')
    text = text.replace("env = { ", 'env = { FAULT = "title_truncated", ')
    (work / "conformance.toml").write_text(text)
    return work


@pytest.mark.slow
def test_a_red_service_becomes_a_green_gate(cli: Cli, library: Path) -> None:
    red = cli("audit", *RULES, "--write-waivers", "waivers.toml", "--json", "red.json")
    assert red.code == 1
    assert "1 waiver until " in red.out
    config = library / "conformance.toml"
    before = config.read_text()
    config.write_text('waivers = "waivers.toml"\n' + before)
    green = cli("audit", *RULES, "--baseline", "red.json", "--json", "green.json", "--seed", "3")
    assert green.code == 0, green
    assert green.out.startswith(
        "conforms but for what is waived: 0 of 3 rules failed, 0 findings and 1 waived\n"
    )
    assert outcomes(read_json(library / "green.json")) == dict.fromkeys(("API004", "ERR004"), "passed") | {
        "API029": "waived"
    }
    assert read_json(library / "green.json")["baseline"]["still"] == 1

    # The fault is mended: the waiver has nothing to bear with, and the gate says so.
    config.write_text(config.read_text().replace("title_truncated", ""))
    mended = cli("audit", *RULES, "--baseline", "green.json")
    assert mended.code == 1
    assert mended.sentence.startswith("1 waiver holds no longer (API029 ")
    assert mended.sentence.endswith("matches nothing: API029 passed).")
    assert mended.out.startswith("waivers out of date")
    assert "0 new, 0 still there, 1 gone" in mended.out
    other = cli("audit", "--rule", "API004")
    assert other.code == 0, other


@pytest.mark.slow
def test_waivers_are_written_into_the_configuration_itself(cli: Cli, library: Path) -> None:
    some = ("--rule", "API029")
    assert cli("audit", *some, "--write-waivers", "conformance.toml").code == 1
    assert cli("audit", *some).code == 0
    config = library / "conformance.toml"
    config.write_text(config.read_text().replace("expires = 20", "expires = 19"))
    late = cli("audit", *some)
    assert late.code == 1
    assert "1 MUST rule (API029) failed." in late.sentence
    assert "1 waiver holds no longer\n  expired on 19" in late.out

"""Every bake passes every rule of the kit, on the servers that it is for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.template.conftest import Bake, clean_environment
from tests.template.test_layout import CHOICES

pytestmark = [pytest.mark.slow, pytest.mark.docker]
EMBEDDED = 'DATABASE_URL = "sqlite:///{tmp}/app.db"\n'
SERVERS = {"postgresql": 'DATABASE_URL = "{postgresql_url}"\n', "mysql": 'DATABASE_URL = "{mysql_url}"\n'}
BROKER = 'broker = "embedded"\n'


@pytest.mark.parametrize(("database", "events"), CHOICES)
def test_an_audit_finds_nothing(bake: Bake, tmp_path: Path, database: str, events: str) -> None:
    """As the bake's own gate runs it, but on the servers of production."""
    service = tmp_path / "service"
    shutil.copytree(bake(database=database, events=events).path, service)
    config = service / "conformance.toml"
    text = config.read_text(encoding="utf-8")
    assert EMBEDDED in text
    text = text.replace(EMBEDDED, SERVERS.get(database, EMBEDDED))
    assert (BROKER in text) == (events == "kafka")
    text = text.replace(BROKER, 'broker = "kafka"\n')
    config.write_text(text, encoding="utf-8")
    programs = Path(sys.executable).parent
    done = subprocess.run(
        [str(programs / "service-conformance"), "audit", "--strict"],
        cwd=service,
        env=clean_environment(PATH=f"{programs}{os.pathsep}{os.environ['PATH']}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout
    assert "0 findings" in done.stdout

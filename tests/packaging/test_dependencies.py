"""Everything that the kit imports is declared, and everything declared is imported."""

import sys

from tests.packaging.conftest import Run


def test_imports_and_declared_dependencies_agree(run: Run) -> None:
    run(sys.executable, "-m", "deptry", "conformance")

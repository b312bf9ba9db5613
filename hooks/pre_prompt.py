"""Prepares cookiecutter's copy of the template: without caches, and with the check of the answers.

The check is added here and does not stand in `cookiecutter.json`, because cruft, which runs no
`pre_prompt` and clones, could not import it.
"""

import json
import shutil
from pathlib import Path

# What tools leave in a checkout: cookiecutter bakes whatever lies in the template's folder.
LEFTOVERS = (
    *("__pycache__", "*.pyc", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"),
    *(".nox", ".venv", ".coverage*", "htmlcov", "mutants", ".env", "uv.lock", "*.db", "*.db-*"),
)


def main() -> None:
    """Runs in the copy, which lies in a temporary folder of cookiecutter's making."""
    copy = Path.cwd()
    if not copy.parent.name.startswith("cookiecutter"):
        raise SystemExit("This hook changes its working directory: it is for cookiecutter to run.")
    template = next(path for path in copy.iterdir() if path.name.startswith("{" + "{cookiecutter."))
    for pattern in LEFTOVERS:
        for path in list(template.rglob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    settings = copy / "cookiecutter.json"
    answers = json.loads(settings.read_text(encoding="utf-8"))
    answers["_extensions"] = ["hooks.answers.Answers"]
    arguments = f"cookiecutter.project_name, {json.dumps(str(copy))}"
    answers["__checked"] = "{" + "{ cookiecutter.project_slug | checked(" + arguments + ") }" + "}"
    settings.write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Files that scripts read: whole or not there, and known to be possible before the audit starts."""

import os
import stat
import tempfile
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel

from conformance.errors import UsageProblem

SCHEMA = files("conformance.report") / "result.schema.json"
"""The JSON Schema of what `write_json` writes."""


def check_writable(path: Path) -> None:
    """Raise `UsageProblem` where `path` could not be written; nothing is left behind."""
    if path.is_dir():
        raise UsageProblem(f"{path} is a folder: name a file in it.")
    try:
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(None, "Permission denied")
        if not is_special(path):
            with tempfile.TemporaryFile(dir=path.absolute().parent):
                pass
    except OSError as error:
        raise UsageProblem(f"{path} cannot be written: {error.strerror}.") from error


def write_json(result: BaseModel, path: Path) -> None:
    """Write a result or a plan. Raises `UsageProblem` where that fails."""
    write_whole(path, (result.model_dump_json(indent=2) + "\n").encode())


def write_whole(path: Path, data: bytes) -> None:
    """Replace `path` by `data` at once: who reads it sees the old or the new, never a part.

    Raises `UsageProblem` where that fails.
    """
    try:
        if is_special(path):
            path.write_bytes(data)
            return
        real = path.resolve()
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            # A temporary file is for its owner alone; a report is as open as the user's other files,
            # and a file that is there, which may be a configuration with secrets, as open as it was.
            Path(name).chmod(stat.S_IMODE(real.stat().st_mode) if real.exists() else 0o666 & ~_umask())
            Path(name).replace(real)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageProblem(f"{path} cannot be written: {error.strerror}.") from error


def is_special(path: Path) -> bool:
    """Whether it is a pipe or a device, which cannot be replaced: `/dev/stdout`, `>(jq …)`."""
    return path.exists() and not path.is_file()


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

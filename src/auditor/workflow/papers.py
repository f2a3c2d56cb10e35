"""Pages of the ceremony as files, each new and never over another one."""

from __future__ import annotations

import os
from pathlib import Path

from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _


class Taken(AuditorError):
    """A file is there already."""

    sentence = N_("{file} is there already and was left as it is; choose another name")


def refuse_taken(*files: Path) -> None:
    """Refuse a file that is there, or whose folder is not; raises Taken, UsageProblem."""
    for file in files:
        if os.path.lexists(file):
            raise Taken(file=file)
        if not file.parent.is_dir():
            raise UsageProblem(problem=_("{folder} is no folder").format(folder=file.parent))


def write_new(file: Path, text: str) -> None:
    """Write a new file; raises Taken."""
    _write(file, text, 0o644)


def write_secret(file: Path, text: str) -> None:
    """Write a new file that only its owner may read; raises Taken."""
    _write(file, text, 0o600)


def _write(file: Path, text: str, mode: int) -> None:
    refuse_taken(file)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise Taken(file=file) from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(text.encode("utf-8"))

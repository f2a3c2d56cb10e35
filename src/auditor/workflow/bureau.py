"""Steps about the bureau's file as a whole: make, open, back up, restore, look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from auditor.entities import Breach
from auditor.store import Database, backup, doctor, log, opening


def init(path: Path, name: str, at: tuple[float, float] | None, now: datetime) -> None:
    """Make a bureau's file; `at` is where its inspectors start, (lat, lng)."""
    settings = {"name": name, "level": "simple"}
    if at is not None:
        settings |= {"start_lat": repr(at[0]), "start_lng": repr(at[1])}
    opening.create_bureau(path, settings, now)


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """Open a bureau's file and close it with everything in the one file."""
    db = opening.open_bureau(path)
    try:
        yield db
    finally:
        opening.close_bureau(db)


def make_if_missing(path: Path, now: datetime) -> bool:
    """Make an empty bureau where there is no file, as `init` would; say whether it was made."""
    if path.exists():
        return False
    init(path, "", None, now)
    return True


def back_up(path: Path, target: Path) -> int:
    """Copy a bureau's file while it is in use; give the number of log entries in the checked copy."""
    return backup.backup(path, target)


def restore(source: Path, target: Path) -> int:
    """Bring a backup back as a new file: the backup checked, never over an existing file."""
    return backup.backup(source, target)


def symptoms(path: Path) -> list[doctor.Symptom]:
    """Look at the file and the computer."""
    return doctor.look(path)


def verify_log(path: Path) -> list[Breach]:
    """Replay the log and compare."""
    with opened(path) as db:
        return log.verify_log(db)

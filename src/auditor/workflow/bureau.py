"""Steps about the bureau's file as a whole: make, open, back up, restore, look at."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from auditor.entities import Breach
from auditor.store import Database, backup, doctor, log, opening
from auditor.store.errors import told
from auditor.store.records import read_settings
from auditor.workflow.keys import key_settings


def init(
    path: Path,
    name: str,
    at: tuple[float, float] | None,
    now: datetime,
    *,
    level: str = "simple",
    password: str = "",
    recovery: str = "",
) -> None:
    """Make a bureau's file with its planning key; `at` is where its inspectors start, (lat, lng).

    Parameters
    ----------
    level
        "simple", "standard" or "strict": of every draw of this bureau, for good.
    password
        Of the planning key; empty for a key that opens unasked.
    recovery
        The discipline office's public key, which level strict seals the key of a draw for.
    """
    settings = {"name": name, "level": level} | key_settings(password, recovery)
    if at is not None:
        settings |= {"start_lat": repr(at[0]), "start_lng": repr(at[1])}
    opening.create_bureau(path, settings, now)


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """Open a bureau's file and close it with everything in the one file."""
    with told(path):
        db = opening.open_bureau(path)
        try:
            yield db
        finally:
            opening.close_bureau(db)


@contextmanager
def bureau_for_import(path: Path, now: datetime) -> Iterator[tuple[Path, Callable[[], bool]]]:
    """Give the bureau to import into, and what keeps it; a missing one is made beside until then.

    Calling the second value puts a bureau that was made into its place and says whether one was.
    Without that nothing stays: neither the file nor folders made for it.
    """
    if path.exists():
        yield path, lambda: False
        return
    opening.refuse_taken(path)
    missing = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
    # a name of its own: what a killed import left behind stands in nobody's way
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    kept = False

    def keep() -> bool:
        nonlocal kept
        opening.put_in_place(beside, path)
        kept = True
        return True

    try:
        init(beside, "", None, now)
        yield beside, keep
    finally:
        if not kept:
            for suffix in ("", *opening.SIDE_FILES):
                beside.with_name(beside.name + suffix).unlink(missing_ok=True)
            for folder in missing:
                with suppress(OSError):
                    folder.rmdir()


def name_of(db: Database) -> str:
    """Give the bureau's name, "" where `init` was not told one."""
    return read_settings(db).get("name", "")


def back_up(path: Path, target: Path) -> int:
    """Copy a bureau's file while it is in use; give the number of log entries in the checked copy."""
    return backup.backup(path, target)


def restore(source: Path, target: Path) -> int:
    """Bring a backup back as a new file: the backup checked, never over an existing file."""
    return backup.restore(source, target)


def symptoms(path: Path, now: datetime) -> list[doctor.Symptom]:
    """Look at the file and the computer; `now` is compared with the log's last entry."""
    return doctor.look(path, now)


def verify_log(path: Path) -> list[Breach]:
    """Replay the log and compare."""
    with opened(path) as db:
        return log.verify_log(db)

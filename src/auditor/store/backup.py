"""Backup and restore: an online copy, opened and checked; never over a file."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from auditor.store.errors import CannotWrite, DamagedFile
from auditor.store.log import verify_log
from auditor.store.opening import (
    SIDE_FILES,
    close_bureau,
    open_bureau,
    open_to_read,
    put_in_place,
    refuse_taken,
)


def backup(source: Path, target: Path) -> int:
    """Copy a bureau's file while it is in use, check the copy, and put it in its place.

    Returns
    -------
    How many entries the copy's log holds.

    Raises
    ------
    NoBureau, ForeignFile, DamagedFile, NewerFile, Busy
        For the source.
    AlreadyThere, CannotWrite
        For the target.
    """
    refuse_taken(target)
    db = open_bureau(source)
    try:
        return _copy(db.conn, source, target)
    finally:
        db.conn.close()


def restore(source: Path, target: Path) -> int:
    """Bring a backup back as a new file, checked; the backup is only read.

    Returns and raises as `backup` does.
    """
    refuse_taken(target)
    with closing(open_to_read(source)) as connection:
        return _copy(connection, source, target)


def _copy(connection: sqlite3.Connection, source: Path, target: Path) -> int:
    made: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
        os.close(handle)
        made = Path(name)
        with closing(sqlite3.connect(made)) as copy:
            connection.backup(copy)
        entries = _check(made, source)
        put_in_place(made, target)
    except (OSError, sqlite3.Error) as error:
        raise CannotWrite(file=target, found=error) from error
    finally:
        if made is not None:
            for suffix in ("", *SIDE_FILES):
                made.with_name(made.name + suffix).unlink(missing_ok=True)
    return entries


def _check(copy: Path, source: Path) -> int:
    """Open a copy and check it wholly; give the number of its log entries, else say what ails `source`."""
    db = open_bureau(copy)
    try:
        fault = db.execute("pragma integrity_check(1)").fetchone()[0]
        if fault != "ok":
            raise DamagedFile(file=source, found=fault)
        orphan = db.execute("pragma foreign_key_check").fetchone()
        if orphan is not None:
            raise DamagedFile(file=source, found=f"foreign key of {orphan[0]} to {orphan[2]}")
        breaches = verify_log(db)
        if breaches:
            first = breaches[0]
            raise DamagedFile(file=source, found=f"{first.rule} {first.where}: {first.what}")
        return int(db.execute("select count(*) from log").fetchone()[0])
    finally:
        close_bureau(db)

"""Backup and restore: an online copy, opened and checked; never over a file."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from auditor.store.errors import AlreadyThere, CannotWrite, DamagedFile
from auditor.store.log import verify_log
from auditor.store.opening import SIDE_FILES, close_bureau, open_bureau


def backup(source: Path, target: Path) -> int:
    """Copy a bureau's file while it is in use, check the copy, and put it in its place.

    Returns
    -------
    How many entries the copy's log holds.

    Raises
    ------
    NoBureau, ForeignFile, DamagedFile, NewerFile
        For the source.
    AlreadyThere, CannotWrite
        For the target.
    """
    if target.exists():
        raise AlreadyThere(file=target)
    db = open_bureau(source)
    made: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
        os.close(handle)
        made = Path(name)
        with closing(sqlite3.connect(made)) as copy:
            db.conn.backup(copy)
        entries = check(made)
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        # a hard link refuses to replace a file that came meanwhile; where there are none, rename
        try:
            os.link(made, target)
        except FileExistsError as error:
            raise AlreadyThere(file=target) from error
        except OSError:
            made.rename(target)
    except (OSError, sqlite3.Error) as error:
        raise CannotWrite(file=target, found=error) from error
    finally:
        db.conn.close()
        if made is not None:
            for suffix in ("", *SIDE_FILES):
                made.with_name(made.name + suffix).unlink(missing_ok=True)
    return entries


def check(path: Path) -> int:
    """Open a copy and check it wholly; give the number of its log entries, raise DamagedFile else."""
    db = open_bureau(path)
    try:
        fault = db.execute("pragma integrity_check(1)").fetchone()[0]
        if fault != "ok":
            raise DamagedFile(file=path, found=fault)
        breaches = verify_log(db)
        if breaches:
            first = breaches[0]
            raise DamagedFile(file=path, found=f"{first.rule} {first.where}: {first.what}")
        return int(db.execute("select count(*) from log").fetchone()[0])
    finally:
        close_bureau(db)

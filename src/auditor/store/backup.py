"""Backup and restore: an online copy, checked; the source is only read; never over a file."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from auditor.store.doctor import examine_content
from auditor.store.errors import Busy, CannotWrite, DamagedFile, is_damage, told
from auditor.store.opening import (
    LOOKS,
    SIDE_FILES,
    is_at_rest,
    put_in_place,
    reading,
    refuse_taken,
    stamp_of,
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
    for _look in range(LOOKS):
        stamp = stamp_of(source)
        try:
            return _copy(source, target)
        except DamagedFile:
            if is_at_rest(source, stamp):
                raise
    raise Busy(file=source)


def restore(source: Path, target: Path) -> int:
    """Bring a backup back as a new file.

    Returns and raises as `backup` does.
    """
    return backup(source, target)


def _copy(source: Path, target: Path) -> int:
    with told(source), reading(source) as connection:
        return _copy_checked(connection, source, target)


def _copy_checked(connection: sqlite3.Connection, source: Path, target: Path) -> int:
    made: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
        os.close(handle)
        made = Path(name)
        _copy_pages(connection, source, made)
        entries = _check(made, source)
        put_in_place(made, target)
    except (OSError, sqlite3.Error) as error:
        raise CannotWrite(file=target, found=error) from error
    finally:
        if made is not None:
            for suffix in ("", *SIDE_FILES):
                made.with_name(made.name + suffix).unlink(missing_ok=True)
    return entries


def _copy_pages(connection: sqlite3.Connection, source: Path, made: Path) -> None:
    with closing(sqlite3.connect(made)) as copy:
        try:
            connection.backup(copy)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            raise DamagedFile(file=source, found=error) from error  # of the source: the copy was empty


def _check(made: Path, source: Path) -> int:
    """Check a copy wholly; give the number of its log entries, else say what ails `source`."""
    try:
        with told(source), reading(made) as copy:
            content = examine_content(copy, source)
    except DamagedFile as error:
        raise DamagedFile(file=source, found=error.facts["found"]) from error
    if content.fault:
        raise DamagedFile(file=source, found=content.fault)
    if content.breaches:
        first = content.breaches[0]
        raise DamagedFile(file=source, found=f"{first.rule} {first.where}: {first.what}")
    return len(content.leaves)

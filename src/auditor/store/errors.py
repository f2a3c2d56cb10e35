"""What can be wrong with a bureau's file, each in a sentence with the cure."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.errors import USAGE, AuditorError
from auditor.i18n import N_, _


class NoBureau(AuditorError):
    """There is no file."""

    exit_code = USAGE
    sentence = N_("{file}: there is no bureau here; name its file with --db, or make one with `auditor init`")


class AlreadyThere(AuditorError):
    """A file stands where a new one should be made."""

    sentence = N_("{file} is already there and is left as it is; choose another name")


class LeftBeside(AlreadyThere):
    """A part of a bureau that lay here was left, or is still open in another program."""

    sentence = N_(
        "{file} is a part of a bureau that lay here: end the desk and every other auditor, then do this "
        "again; if it is there still, move it away"
    )


class ForeignFile(AuditorError):
    """The file is no database of ours."""

    sentence = N_("{file} is no bureau of auditor ({found}); it was left as it is; name another file")


class ForeignWal(AuditorError):
    """Beside the file lies what another file of its name has left, and SQLite would play it into this one."""

    sentence = N_(
        "{wal} beside {file} was left by another file of this name; both were left as they are: "
        "end every auditor, move {wal} away and keep it, then open {file} again"
    )


class DamagedFile(AuditorError):
    """The file is ours and cannot be read."""

    sentence = N_(
        "{file} is damaged ({found}); it was left as it is; restore a backup with `auditor restore`"
    )


class NewerFile(AuditorError):
    """The file was written by a newer auditor."""

    sentence = N_(
        "{file} was written by a newer auditor (its version is {found}, this one knows {known}); "
        "it was left as it is; install the newer auditor"
    )


class Busy(AuditorError):
    """Another program is writing."""

    sentence = N_("{file} is being written by another program; try again when it has finished")


class CannotWrite(AuditorError):
    """The disk is full, read-only, or fails."""

    sentence = N_(
        "{file} could not be written ({found}); nothing was changed; make room on the disk, or choose a "
        "folder that may be written"
    )


def _code(error: sqlite3.Error) -> int:
    """Give SQLite's primary result code; 0 where Python's own module raised."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the bytes of a file are not what it wrote."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


_WORDS = {
    sqlite3.SQLITE_READONLY: N_("read-only"),
    sqlite3.SQLITE_CANTOPEN: N_("it or its folder is read-only"),
}
"""What SQLite means, where its own words do not say it: beside the file it needs another to read."""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite says about a file into a sentence with its cure.

    Raises
    ------
    Busy, CannotWrite, DamagedFile
        If another program holds the file, the disk refuses, or the pages are not what they were.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Busy(file=path) from error
        if _code(error) == sqlite3.SQLITE_ERROR:
            raise  # a fault in our SQL keeps its traceback
        word = _WORDS.get(_code(error))
        raise CannotWrite(file=path, found=_(word) if word else error) from error
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        raise DamagedFile(file=path, found=error) from error

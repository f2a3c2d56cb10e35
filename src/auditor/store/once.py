"""Two clicks and two windows: a form or a piece of work writes once, and only upon what it was made from.

Whoever asks for a change has a one-time number and the revision that he saw: how many entries the log has,
and which is the last. Both are looked at inside the first transaction that is written for him, and the
number is kept in it: what happened and that it happened are one. A backup that was brought back may have
just as many entries, but not the same last one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from auditor.errors import AuditorError
from auditor.i18n import N_
from auditor.store import Database


class AlreadyDone(AuditorError):
    """The same form was sent before, and was answered; `facts` say what was done, and when (UTC)."""

    sentence = N_("this was done already; nothing was done twice")


class Overtaken(AuditorError):
    """Something else was written since the revision that the change was made from."""

    sentence = N_("something else was changed meanwhile; nothing was written: look again, then repeat it")


@dataclass(slots=True)
class _Asked:
    number: str
    revision: str | None
    kept: bool = False


_asked: ContextVar[_Asked | None] = ContextVar("auditor_once", default=None)


@contextmanager
def asked(number: str, revision: str | None) -> Iterator[None]:
    """Write inside this block under a one-time number; what follows the first transaction is part of it.

    Parameters
    ----------
    number
        Not empty; never used for anything else.
    revision
        What `revision_of` must give at the first transaction; None for anything.
    """
    token = _asked.set(_Asked(number, revision))
    try:
        yield
    finally:
        _asked.reset(token)


def may_write(connection: sqlite3.Connection) -> None:
    """Go on if who asked has not been answered yet and nothing was written since he looked.

    Raises
    ------
    AlreadyDone, Overtaken
    """
    one = _asked.get()
    if one is None or one.kept:
        return
    found = connection.execute("select kind, at from once where number = ?", [one.number]).fetchone()
    if found is not None:
        raise AlreadyDone(kind=found[0], at=found[1])
    if one.revision is not None and _revision(connection) != one.revision:
        raise Overtaken


def keep_number(connection: sqlite3.Connection, kind: str, at: datetime) -> None:
    """Keep the number of who asked, in the transaction of what was done for him."""
    one = _asked.get()
    if one is None or one.kept:
        return
    when = at.astimezone(UTC).isoformat(timespec="seconds")
    connection.execute(
        "insert into once (number, kind, at, entry) values (?, ?, ?, ?)",
        [one.number, kind, when, _entries(connection) - 1],
    )
    one.kept = True


def _entries(connection: sqlite3.Connection) -> int:
    return int(connection.execute("select coalesce(max(idx), -1) + 1 from log").fetchone()[0])


def _revision(connection: sqlite3.Connection) -> str:
    found = connection.execute("select idx + 1, leaf from log order by idx desc limit 1").fetchone()
    return f"{found[0]}-{found[1].hex()[:16]}" if found else "0"


def revision_of(db: Database) -> str:
    """Give what tells a state of the bureau from all others: entries of the log, and the last one's leaf."""
    return _revision(db.conn)


def entries_of(db: Database) -> int:
    """Give how many entries the log has."""
    return _entries(db.conn)


def done(db: Database, number: str) -> tuple[str, str] | None:
    """Give kind and moment (UTC) of what was done under a number; None where nothing was."""
    found = db.execute("select kind, at from once where number = ?", [number]).fetchone()
    return (str(found[0]), str(found[1])) if found else None

"""A bureau's file for a program that runs for hours: connections are kept open between its readers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from auditor.store import Database, once
from auditor.store.errors import NoBureau, told
from auditor.store.opening import close_bureau, open_again, open_bureau, refuse_newer


class Sessions:
    """Connections to one file, each used by one thread at a time.

    A file that was moved away, replaced by another one, or brought up by a newer release beneath us, is
    noticed at the next use.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._idle: list[Database] = []
        self._file: tuple[int, int] | None = None
        self.was_open = False

    def __del__(self) -> None:
        """Leave no connection behind."""
        for db in self._idle:
            db.conn.close()

    def _take(self) -> Database:
        try:
            stat = self.path.stat()
        except OSError as error:
            self.close()
            raise NoBureau(file=self.path) from error
        here = (stat.st_dev, stat.st_ino)
        with self._lock:
            if here == self._file and self._idle:
                return self._idle.pop()
        with self._opening:  # its bytes are looked at before any connection of ours is open, see `open_again`
            if here != self._file:
                self.close()
                close_bureau(open_bureau(self.path))  # its pages are looked at, its steps applied
                stat = self.path.stat()
                self.was_open = True
                with self._lock:
                    self._file = (stat.st_dev, stat.st_ino)
            return open_again(self.path)

    def _give_back(self, db: Database, of: tuple[int, int] | None) -> None:
        with self._lock:
            if of == self._file and of is not None:
                self._idle.append(db)
                return
        db.conn.close()

    @contextmanager
    def _session(self) -> Iterator[Database]:
        with told(self.path):
            db = self._take()
            of = self._file
            try:
                refuse_newer(db, self.path)
                yield db
            finally:
                try:
                    if db.conn.in_transaction:
                        db.conn.execute("rollback")
                finally:
                    self._give_back(db, of)

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Give the bureau as it stands at one moment; nothing is written.

        Raises
        ------
        NoBureau, ForeignFile, DamagedFile, NewerFile, Busy, CannotWrite
        """
        with self._session() as db:
            db.conn.execute("begin")
            yield db

    @contextmanager
    def writing(self, number: str = "", revision: str | None = None) -> Iterator[Database]:
        """Give the bureau to write to, under a one-time number if there is one (`once.asked`).

        Raises
        ------
        AlreadyDone, Overtaken, and what `reading` raises
        """
        with self._session() as db:
            if not number:
                yield db
                return
            with once.asked(number, revision):
                yield db

    def close(self) -> None:
        """Close what is idle, with everything in the one file."""
        with self._lock:
            idle, self._idle, self._file = self._idle, [], None
        for db in idle[1:]:
            db.conn.close()
        for db in idle[:1]:
            with suppress(Exception):  # a file that is gone keeps nothing from the next one
                close_bureau(db)

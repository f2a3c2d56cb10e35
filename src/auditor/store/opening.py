"""Open or make a bureau's file; a file that is not ours is refused untouched, nothing beside it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from auditor.store import Database
from auditor.store.errors import (
    AlreadyThere,
    CannotWrite,
    DamagedFile,
    ForeignFile,
    ForeignWal,
    LeftBeside,
    NewerFile,
    NoBureau,
    told,
)
from auditor.store.moving import MOVES
from auditor.store.schema import APPLICATION_ID, STEPS
from auditor.store.writing import Transaction, write_tx

MAGIC = b"SQLite format 3\0"
SIDE_FILES = ("-wal", "-shm", "-journal")
WAIT_SECONDS = 10.0
"""How long to wait for another program that holds the file."""
LOOKS = 20
"""How often a file that another program is writing is looked at before it is left to SQLite's locks."""
MOST_KEPT = 24
"""So many descriptors of files are kept (`first_bytes`)."""
STRAY_SECONDS = 1.0
"""So much later than its -wal a file is written that was copied there by somebody."""
REST_SECONDS = 0.05
"""How long a file must not change to be at rest; longer than the steps of any clock of files."""


def refuse_taken(path: Path) -> None:
    """Refuse a place that is taken, by a file or by what an earlier one left beside it.

    SQLite would play a stray -wal or -journal into the new file.

    Raises
    ------
    AlreadyThere
    """
    for suffix in ("", *SIDE_FILES):
        file = path.with_name(path.name + suffix)
        if os.path.lexists(file):
            raise (LeftBeside if suffix else AlreadyThere)(file=file)


def put_in_place(made: Path, target: Path) -> None:
    """Give a finished file its name; never over a file that came meanwhile.

    Raises
    ------
    AlreadyThere
    """
    with made.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(made, target)  # unlike a renaming, it refuses to replace
        made.unlink()
    except FileExistsError as error:
        raise AlreadyThere(file=target) from error
    except OSError:  # a file system without hard links
        refuse_taken(target)
        made.rename(target)


_kept: OrderedDict[tuple[int, int], int] = OrderedDict()
_keeping = threading.Lock()


def first_bytes(path: Path) -> bytes:
    """Give the first 100 bytes of a file without letting go of it.

    Where any descriptor of a file is closed, POSIX drops every lock that the process has on that file,
    SQLite's among them. Another program that closes the file then takes itself for the last one and removes
    the -wal beneath the connections that are open here: what they write later is lost. So descriptors are
    kept, those of the files that were looked at last.
    """
    if sys.platform == "win32":
        with path.open("rb") as file:  # locks are of handles there, and a kept one would forbid a restore
            return file.read(100)
    with _keeping:
        stat = path.stat()
        handle = _kept.pop((stat.st_dev, stat.st_ino), None)
        if handle is None:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            stat = os.fstat(handle)
        _kept[stat.st_dev, stat.st_ino] = handle
        while len(_kept) > MOST_KEPT:
            os.close(_kept.popitem(last=False)[1])
        return os.pread(handle, 100, 0)


def examine(path: Path) -> None:
    """Refuse a file that is missing, foreign, damaged or newer, by reading its first bytes only.

    Raises
    ------
    NoBureau, ForeignFile, DamagedFile, NewerFile
    """
    if not path.is_file():
        raise NoBureau(file=path)
    head = first_bytes(path)
    if not head.startswith(MAGIC):
        raise ForeignFile(file=path, found="not a database" if head else "an empty file")
    if len(head) < 100:
        raise DamagedFile(file=path, found="cut off in its header")
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise ForeignFile(file=path, found="a database of another program")
    version = int.from_bytes(head[60:64], "big")
    if version > len(STEPS):
        raise NewerFile(file=path, found=version, known=len(STEPS))
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    pages = int.from_bytes(head[28:32], "big")
    # the -wal first: once it is gone, what it held has been brought home and the size is final
    alone = not path.with_name(path.name + "-wal").exists()
    size = path.stat().st_size
    if page < 512 or (size < page * pages and alone):
        raise DamagedFile(file=path, found=f"{size} bytes of {page * pages}")


def as_it_lies(path: Path) -> str:
    """Name a file to SQLite so that it takes no lock and looks at nothing beside it."""
    return path.absolute().as_uri() + "?mode=ro&immutable=1"


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file that is ours as it is; no byte of it or of its -wal is changed, on any disk.

    What another program has written and not yet brought home from the -wal is seen too.

    Raises
    ------
    NoBureau, ForeignFile, DamagedFile, NewerFile
    """
    examine(path)
    wal, shm = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    if not wal.exists():
        _check_pages(path)
        with closing(sqlite3.connect(as_it_lies(path), uri=True)) as connection:
            yield connection
    elif shm.exists():
        uri = path.absolute().as_uri() + "?mode=ro"
        with closing(
            sqlite3.connect(uri, timeout=WAIT_SECONDS, isolation_level=None, uri=True)
        ) as connection:
            yield connection
    else:  # nobody has it open: a -wal that was left or copied; opened here it would be brought home
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            for file in (path, wal):
                shutil.copyfile(file, Path(folder, file.name))
            with closing(sqlite3.connect(Path(folder, path.name))) as connection:
                yield connection


def copy_in_memory(connection: sqlite3.Connection, path: Path) -> Database:
    """Copy what a connection sees into memory, brought up to this version there.

    Raises
    ------
    NewerFile
    """
    copy = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.backup(copy)
        _prepare(copy)
        _migrate(copy, path)
    except BaseException:
        copy.close()
        raise
    return Database(copy, strict=True)


Stamp = tuple[int, int, bytes, bool]


def stamp_of(path: Path) -> Stamp | None:
    """Give what tells whether a file was written meanwhile; None where it is not there."""
    try:
        head = first_bytes(path)
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, head, path.with_name(path.name + "-wal").exists()


def is_at_rest(path: Path, stamp: Stamp | None) -> bool:
    """Whether a file is as it was when `stamp` was taken, and is so a moment later.

    What was read from it without a lock is only then what it holds.
    """
    if stamp_of(path) != stamp:
        return False
    time.sleep(REST_SECONDS)
    return stamp_of(path) == stamp


def _check_pages(path: Path) -> None:
    """Check a file's pages without a lock or a file beside it; one with a live -wal is left to SQLite."""
    for _look in range(LOOKS):
        if any(path.with_name(path.name + suffix).exists() for suffix in SIDE_FILES):
            return
        stamp = stamp_of(path)
        damage = _damage(path)
        if damage is None:
            return
        if is_at_rest(path, stamp):
            raise damage


def _damage(path: Path) -> DamagedFile | None:
    try:
        with closing(sqlite3.connect(as_it_lies(path), uri=True)) as connection:
            fault = connection.execute("pragma quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        damage = DamagedFile(file=path, found=error)
        damage.__cause__ = error
        return damage
    return None if fault == "ok" else DamagedFile(file=path, found=str(fault).splitlines()[0])


def _connect(path: Path, *, shared: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=not shared
    )
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    for pragma in (
        "journal_mode = wal",
        "synchronous = full",
        "foreign_keys = on",
        "recursive_triggers = on",
        "trusted_schema = off",
        "cell_size_check = on",
        "secure_delete = on",
    ):
        connection.execute(f"pragma {pragma}")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Apply the steps that are missing, all in one transaction."""
    if connection.execute("pragma user_version").fetchone()[0] == len(STEPS):
        return
    connection.execute("begin immediate")
    try:
        # read again under the lock: another program may have applied them meanwhile, or a newer one
        # may have left its version in the -wal, where `examine` does not look
        done = connection.execute("pragma user_version").fetchone()[0]
        if done > len(STEPS):
            raise NewerFile(file=path, found=done, known=len(STEPS))
        for number, step in enumerate(STEPS[done:], start=done + 1):
            for statement in step.split(";"):
                if statement.strip():
                    connection.execute(statement)
            if number in MOVES:
                tx = Transaction(connection)
                MOVES[number](connection, tx)
                if tx.changes:
                    tx.keep(f"step {number}", datetime.now(UTC))
        connection.execute(f"pragma application_id = {APPLICATION_ID}")
        connection.execute(f"pragma user_version = {len(STEPS)}")
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled it back already
            connection.execute("rollback")
        raise


def _leaves(connection: sqlite3.Connection) -> list[bytes] | None:
    """Give the leaves of the log; None where the pages are broken."""
    try:
        if connection.execute("pragma quick_check(1)").fetchone()[0] != "ok":
            return None
        return [leaf for (leaf,) in connection.execute("select leaf from log order by idx")]
    except sqlite3.DatabaseError:
        return None


def _refuse_foreign_wal(path: Path) -> None:
    """Refuse a file beside which lies the -wal of another one: opened, it would be played into this one.

    So it is where a backup was copied over a bureau whose program was killed. A -wal names no file; but a
    log only grows: one that breaks the file, or whose log does not go on where the file's ends, is another's.
    It is looked at only where the file was written a while after its -wal, which no program at work does.

    Raises
    ------
    ForeignWal
    """
    wal = path.with_name(path.name + "-wal")
    for _look in range(LOOKS):
        try:
            if not wal.stat().st_size or path.stat().st_mtime - wal.stat().st_mtime < STRAY_SECONDS:
                return
        except OSError:
            return
        stamp = stamp_of(path)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            for file in (path, wal):
                with suppress(OSError):
                    shutil.copyfile(file, Path(folder, file.name))
            with closing(sqlite3.connect(as_it_lies(Path(folder, path.name)), uri=True)) as bare:
                alone = _leaves(bare)
            with closing(sqlite3.connect(Path(folder, path.name))) as both:
                seen = _leaves(both)
        if alone is None or (seen is not None and seen[: len(alone)] == alone):
            return
        if is_at_rest(path, stamp):
            raise ForeignWal(file=path, wal=wal)


def open_bureau(path: Path) -> Database:
    """Open a bureau's file, brought up to this version.

    Raises
    ------
    NoBureau, ForeignFile, ForeignWal, DamagedFile, NewerFile, Busy, CannotWrite
    """
    examine(path)
    _refuse_foreign_wal(path)
    _check_pages(path)
    with told(path):
        connection = _connect(path)
        try:
            _migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    return Database(connection, strict=True)


def open_again(path: Path) -> Database:
    """Open a bureau's file that this program opened before, so that its pages need no look.

    One thread at a time may use what is given, whichever it is.

    Other connections of this program may have it open. So its bytes are read by SQLite only: whoever opens
    the file himself and closes it takes the locks of all of them away (POSIX), and the next program that
    ends would bring the -wal home and delete it under their feet.

    Raises
    ------
    NoBureau, ForeignFile, DamagedFile, NewerFile, Busy, CannotWrite
    """
    if not path.is_file():
        raise NoBureau(file=path)
    with told(path):
        connection = _connect(path, shared=True)
        try:
            if connection.execute("pragma application_id").fetchone()[0] != APPLICATION_ID:
                raise ForeignFile(file=path, found="a database of another program")
            db = Database(connection, strict=True)
            refuse_newer(db, path)
            _migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    return db


def refuse_newer(db: Database, path: Path) -> None:
    """Refuse a file that a newer release has brought up, perhaps since it was opened.

    Raises
    ------
    NewerFile
    """
    version = db.conn.execute("pragma user_version").fetchone()[0]
    if version > len(STEPS):
        raise NewerFile(file=path, found=version, known=len(STEPS))


def create_bureau(path: Path, settings: Mapping[str, str], at: datetime) -> None:
    """Make a bureau's file beside its place and rename it there; never over a file.

    Raises
    ------
    AlreadyThere, CannotWrite
    """
    refuse_taken(path)
    made: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
        os.close(handle)
        made = Path(name)
        with closing(_connect(made)) as connection:
            _migrate(connection, path)
            with write_tx(Database(connection, strict=True), "init", at) as tx:
                tx.put("settings", [{"key": key, "value": settings[key]} for key in sorted(settings)])
            connection.execute("pragma wal_checkpoint(truncate)")
        put_in_place(made, path)
    except (OSError, sqlite3.Error) as error:
        raise CannotWrite(file=path, found=error) from error
    finally:
        if made is not None:
            for suffix in ("", *SIDE_FILES):
                made.with_name(made.name + suffix).unlink(missing_ok=True)


def close_bureau(db: Database) -> None:
    """Close a bureau's file with everything in the one file, nothing beside it."""
    with suppress(sqlite3.OperationalError):  # what is kept in the -wal is kept all the same
        db.conn.execute("pragma wal_checkpoint(truncate)")
    db.conn.close()

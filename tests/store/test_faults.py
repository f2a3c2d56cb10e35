"""What may happen while a bureau's file is written: other writers, a kill at any moment, a full disk."""

from __future__ import annotations

import gzip
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.entities import Unit
from auditor.store import backup as store_backup
from auditor.store import opening
from auditor.store.backup import backup
from auditor.store.doctor import look
from auditor.store.errors import ForeignWal
from auditor.store.log import verify_log
from auditor.store.opening import close_bureau, create_bureau, open_bureau
from auditor.store.schema import STEPS
from auditor.store.units import read_units

NOW = datetime(2026, 12, 1, tzinfo=UTC)
RELEASE = Path(__file__).parent.parent / "data" / "releases" / "0.1.0.db.gz"
EACH = 7
"""Units that each transaction of a writer holds."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new bureau's file, alone in its folder."""
    folder = tmp_path / "bureau"
    create_bureau(folder / "bureau.db", {"name": "试"}, NOW)
    return folder / "bureau.db"


WRITER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from auditor.entities import Unit
from auditor.errors import AuditorError
from auditor.store import opening
from auditor.store.units import put_units
from auditor.store.writing import write_tx
path, who, turns, wait = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
opening.WAIT_SECONDS = wait
at = 0
while at < turns:
    try:
        db = opening.open_bureau(path)
        try:
            with write_tx(db, who, datetime(2026, 12, 1, tzinfo=UTC)) as tx:
                put_units(tx, [Unit(id=f"{who}-{at:03}-{one}", name="x" * 300) for one in range(7)])
        finally:
            db.conn.close()
    except AuditorError as error:
        print(type(error).__name__, error, flush=True)
        continue
    at += 1
    print("done", flush=True)
    time.sleep(0.002)  # else the others wait by chance, as long as chance will have it
"""
"""Opens, writes seven Units in one transaction, closes, `turns` times; tells each turn, or why not."""


@contextmanager
def writers(path: Path, count: int, turns: int, wait: float) -> Iterator[list[subprocess.Popen[str]]]:
    """Start some writers on one file, and kill those that still run in the end."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), f"w{number}", str(turns), str(wait)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    try:
        yield started
    finally:
        for one in started:
            one.kill()
            one.wait()
            if one.stdout is not None:
                one.stdout.close()


def whole(path: Path) -> tuple[list[Unit], list[str]]:
    """The Units and the kinds of the log's entries, after seeing that every transaction is whole."""
    opened = open_bureau(path)
    try:
        assert verify_log(opened) == []
        units = read_units(opened)
        kinds = [kind for (kind,) in opened.execute("select kind from log order by idx")]
    finally:
        close_bureau(opened)
    assert len(units) == EACH * (len(kinds) - 1)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    return units, kinds


@pytest.mark.parametrize("wait", [60, 0.01])
def test_four_programs_writing_take_turns(path: Path, wait: float) -> None:
    """None is lost, each one's come in its order; who waited too long is told so and may try again."""
    turns = 12
    with writers(path, 4, turns, wait) as started:
        told = [one.communicate(timeout=120)[0].splitlines() for one in started]
    assert [one.returncode for one in started] == [0] * 4
    for lines in told:
        assert lines.count("done") == turns
        assert {line for line in lines if line != "done"} <= {
            f"Busy {path} is being written by another program; try again when it has finished"
        }
    units, kinds = whole(path)
    assert sorted(one.id for one in units) == sorted(
        f"w{who}-{at:03}-{one}" for who in range(4) for at in range(turns) for one in range(EACH)
    )
    assert sorted(kinds[1:]) == sorted(f"w{who}" for who in range(4) for _ in range(turns))
    if wait == 60:
        assert all(len(lines) == turns for lines in told)


def test_killed_at_any_moment_the_file_is_before_or_after(path: Path) -> None:
    """Two writers killed at random moments: what one told as done is there, and each is there whole."""
    chance = random.Random(11)
    for turn in range(10):
        path.unlink()
        create_bureau(path, {"name": "试"}, NOW)
        with writers(path, 2, 10_000, 60) as started:
            for one in started:
                assert one.stdout is not None
                assert one.stdout.readline() == "done\n"  # the first is done, others are under way
            time.sleep(chance.uniform(0, 0.05))
            for one in started:
                os.kill(one.pid, signal.SIGKILL)
            done = [1 + one.communicate()[0].splitlines().count("done") for one in started]
        _units, kinds = whole(path)
        for who, count in enumerate(done):
            assert count <= kinds.count(f"w{who}") <= count + 1, turn


def test_backups_and_looks_while_others_write_are_whole(path: Path, tmp_path: Path) -> None:
    """Neither a half-written page nor a half-brought-home -wal is taken for damage, or copied."""
    with writers(path, 2, 10_000, 60) as started:
        for one in started:
            assert one.stdout is not None
            assert one.stdout.readline() == "done\n"
        counts = [backup(path, tmp_path / f"{turn}.db") for turn in range(20)]
        for _turn in range(10):
            assert [one.found for one in look(path, NOW) if not one.ok] == []
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    for turn, count in enumerate(counts):
        (tmp_path / f"{turn}").mkdir()
        copy = (tmp_path / f"{turn}.db").rename(tmp_path / f"{turn}" / "copy.db")
        assert len(whole(copy)[1]) == count


def test_a_page_being_written_while_the_copy_reads_it_is_read_again(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look passed, then another program wrote: no fault of the copy's place, and none that lasts."""
    written = path.read_bytes()
    looks = iter([written[: len(written) // 2], written])

    def looked(file: Path) -> None:
        if file == path:
            file.write_bytes(next(looks))

    monkeypatch.setattr(opening, "_check_pages", looked)

    def written_meanwhile(file: Path, _stamp: object) -> bool:
        file.write_bytes(written)
        return False

    monkeypatch.setattr(store_backup, "is_at_rest", written_meanwhile)
    assert backup(path, tmp_path / "copy.db") == 1
    assert list(looks) == []


KILLED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from auditor.entities import Unit
from auditor.store.opening import open_bureau
from auditor.store.units import put_units
from auditor.store.writing import write_tx
db = open_bureau(Path(sys.argv[1]))
for at in range(5):
    with write_tx(db, "w0", datetime(2026, 12, 1, tzinfo=UTC)) as tx:
        put_units(tx, [Unit(id=f"{at}-{one}", name="x" * 300) for one in range(7)])
os._exit(9)
"""
"""Writes five times and ends as if it were killed: its -wal stays."""


def test_a_backup_copied_over_a_killed_bureau_is_not_spoiled(path: Path, tmp_path: Path) -> None:
    """The -wal that stayed is another's: the copy is refused untouched, and opened once that is away."""
    other = tmp_path / "other.db"
    create_bureau(other, {"name": "他"}, NOW)
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    wal = path.with_name("bureau.db-wal")
    assert wal.stat().st_size
    later = time.time() + 60
    killed = path.read_bytes()
    path.write_bytes(other.read_bytes())
    os.utime(path, (later, later))
    with pytest.raises(ForeignWal):
        open_bureau(path)
    assert path.read_bytes() == other.read_bytes()
    path.write_bytes(killed)
    os.utime(path, (later, later))  # brought home late and killed while at it: the -wal is its own
    assert len(whole(path)[1]) == 6


FULL = """
import resource, sys
from pathlib import Path
from auditor.errors import AuditorError
from auditor.store.opening import close_bureau, open_bureau
from auditor.store.units import put_units
from auditor.store.writing import write_tx
from auditor.entities import Unit
from datetime import UTC, datetime
path, bytes_free = Path(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_free, bytes_free))
try:
    db = open_bureau(path)
    try:
        with write_tx(db, "w0", datetime(2026, 12, 1, tzinfo=UTC)) as tx:
            put_units(tx, [Unit(id=str(at), name="x" * 9000) for at in range(7)])
    finally:
        close_bureau(db)
except AuditorError as error:
    print(type(error).__name__, error)
    sys.exit(3)
"""
"""Writes seven Units where no file may become bigger than so many bytes."""


def test_a_full_disk_leaves_the_file_before_or_after(path: Path) -> None:
    """Wherever the disk ends: a sentence and the old tables, or the new ones; never a traceback."""
    before = path.read_bytes()
    ends = {}
    for room in range(32 * 1024, 300 * 1024, 20 * 1024):
        path.write_bytes(before)
        done = subprocess.run(
            [sys.executable, "-c", FULL, str(path), str(room)], capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 3), done.stderr
        assert done.returncode == 0 or done.stdout.startswith(f"CannotWrite {path} could not be written")
        units, _kinds = whole(path)
        ends[room] = (done.returncode, len(units))
    assert set(ends.values()) == {(3, 0), (0, EACH)}


BROUGHT_UP = """
import resource, sys
from pathlib import Path
from auditor.errors import AuditorError
from auditor.store.opening import close_bureau, open_bureau
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    close_bureau(open_bureau(Path(sys.argv[1])))
except AuditorError as error:
    print(type(error).__name__, error)
    sys.exit(3)
"""


def steps_of(path: Path) -> int:
    """How many steps of the tables a file has, by what SQLite says."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("pragma user_version").fetchone()[0])


def test_a_full_disk_while_a_former_release_is_brought_up_leaves_the_old_file(tmp_path: Path) -> None:
    """It is the old one, or it is brought up; the next opening brings it up."""
    path = tmp_path / "bureau.db"
    ends = set()
    for room in (32, 64, 96, 128, 200, 312, 400, 600, 1200):
        path.write_bytes(gzip.decompress(RELEASE.read_bytes()))
        done = subprocess.run(
            [sys.executable, "-c", BROUGHT_UP, str(path), str(room * 1024)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 3), done.stderr
        assert done.returncode == 0 or done.stdout.startswith(f"CannotWrite {path} could not be written")
        steps = steps_of(path)
        assert steps == (len(STEPS) if done.returncode == 0 else 1)
        ends.add(done.returncode)
        opened = open_bureau(path)
        assert verify_log(opened) == []
        close_bureau(opened)
        assert steps_of(path) == len(STEPS)
    assert ends == {0, 3}

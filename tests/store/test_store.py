"""The bureau's file: refused untouched when it is not ours, written whole or not at all, replayable."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.entities import Leave, Unit
from auditor.errors import AuditorError
from auditor.store import Database, opening
from auditor.store.backup import backup, restore
from auditor.store.doctor import look
from auditor.store.errors import (
    AlreadyThere,
    Busy,
    CannotWrite,
    DamagedFile,
    ForeignFile,
    NewerFile,
    NoBureau,
)
from auditor.store.findings import put_findings, read_findings
from auditor.store.log import read_tables, replay, verify_log
from auditor.store.opening import close_bureau, create_bureau, open_bureau
from auditor.store.schema import BESIDE, KEYS
from auditor.store.staff import put_leave, read_leave
from auditor.store.units import put_units, read_units
from auditor.store.writing import Transaction, write_tx

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new bureau's file."""
    create_bureau(tmp_path / "bureau.db", {"name": "试"}, NOW)
    return tmp_path / "bureau.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    """The new bureau, open."""
    opened = open_bureau(path)
    yield opened
    opened.conn.close()


def unit(id_: str, **facts: object) -> Unit:
    """A Unit with little known."""
    return replace(Unit(id=id_, name=id_), **facts)


def test_every_table_is_strict(db: Database) -> None:
    """Text never slips into a number's column."""
    tables = [one for one in db.tables if one.name != "sqlite_sequence"]
    assert {one.name for one in tables} == {*KEYS, *BESIDE, "log"}
    assert all(one.strict for one in tables)
    with pytest.raises(sqlite3.IntegrityError), write_tx(db, "t", NOW) as tx:
        tx.put("units", [{**read_row(unit("a")), "students": "九十"}])
    assert read_units(db) == []


def read_row(one: Unit) -> dict[str, object]:
    """A Unit as the table's row."""
    from auditor.store.units import _row

    return dict(_row(one))


def test_units_come_back_as_they_went_in(db: Database) -> None:
    """Unknown stays unknown, and leading zeros stay."""
    units = [
        unit("0012", lat=30.5, lng=105.25, canteen=True, tags=("自建房",), boarders=0),
        unit("b", canteen=False, closed="2026-01-01"),
        unit("c"),
    ]
    with write_tx(db, "units", NOW) as tx:
        assert put_units(tx, units) == 3
    assert read_units(db) == units
    with write_tx(db, "leave", NOW) as tx:
        put_leave(tx, [Leave(person="o1", from_on=date(2026, 12, 1), to_on=date(2026, 12, 2), kind="病假")])
    assert read_leave(db)[0].to_on == date(2026, 12, 2)
    with write_tx(db, "findings", NOW) as tx:
        put_findings(tx, [])
    assert read_findings(db) == []


def test_nothing_changed_nothing_written(db: Database, path: Path) -> None:
    """The same rows again leave no entry in the log."""
    for _ in range(2):
        with write_tx(db, "units", NOW) as tx:
            put_units(tx, [unit("a", lat=0.1, lng=0.2)])
    assert db.execute("select kind from log order by idx").fetchall() == [("init",), ("units",)]


def put_everything(tx: Transaction) -> list[Unit]:
    """Write a Unit, and give none."""
    put_units(tx, [unit("b")])
    return []


def test_a_failure_inside_leaves_everything_as_it_was(db: Database) -> None:
    """Rows and log go together or not at all."""
    before = read_tables(db)
    with pytest.raises(ZeroDivisionError), write_tx(db, "units", NOW) as tx:
        put_units(tx, [unit("a"), unit(str(1 // len(put_everything(tx))))])
    assert read_tables(db) == before
    assert verify_log(db) == []


operations = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("abcd"), st.floats(-90, 90), st.booleans()),
        st.tuples(st.just("drop"), st.sampled_from("abcd"), st.just(0.0), st.booleans()),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations)
def test_replaying_the_log_gives_the_tables(db: Database, work: list[tuple[str, str, float, bool]]) -> None:
    """Whatever is put, changed, dropped or rolled back, the log tells it all."""
    for what, name, lat, fails in work:
        try:
            with write_tx(db, what, NOW) as tx:
                if what == "put":
                    put_units(tx, [unit(name, lat=lat, lng=lat, name='"引号"\n')])
                else:
                    tx.drop("units", [[name]])
                if fails:
                    raise KeyError
        except KeyError:
            pass
    assert replay(db) == read_tables(db)
    assert verify_log(db) == []


@pytest.mark.parametrize(
    ("tamper", "rule"),
    [
        ("update units set name = 'x' where id = 'b'", "log-table"),
        ("delete from units where id = 'b'", "log-table"),
        ("drop table findings", "log-schema"),
        ("drop table log", "log-schema"),
        ("create view v as select 1", "log-schema"),
        ("create trigger t after insert on units begin delete from leave; end", "log-schema"),
        ("insert into settings values ('new', 'x')", "log-table"),
        ("update log set payload = replace(payload, '\"b\"', '\"c\"') where idx = 1", "log-hash"),
        ("delete from log where idx = 1", "log-number"),
        ("update log set at = '2020-01-01' where idx = 1", "log-hash"),
    ],
)
def test_a_change_behind_the_log_is_found(db: Database, tamper: str, rule: str) -> None:
    """Edited, deleted or added rows, in the tables or in the log itself."""
    with write_tx(db, "units", NOW) as tx:
        put_units(tx, [unit("a"), unit("b")])
    with write_tx(db, "units", NOW) as tx:
        put_units(tx, [unit("e")])
    assert verify_log(db) == []
    db.conn.execute(tamper)
    assert rule in [one.rule for one in verify_log(db)]


def foreign(tmp_path: Path) -> Path:
    """A database of another program."""
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("create table t (a)")
    connection.commit()
    connection.close()
    return other


def altered(path: Path, at: int, data: bytes) -> Path:
    """The file with some bytes replaced."""
    content = bytearray(path.read_bytes())
    content[at : at + len(data)] = data
    path.write_bytes(bytes(content))
    return path


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda path, tmp: foreign(tmp), ForeignFile),
        (lambda path, tmp: altered(path, 0, b"PK\x03\x04"), ForeignFile),
        (lambda path, tmp: (path.write_bytes(b""), path)[1], ForeignFile),
        (lambda path, tmp: altered(path, 60, (999).to_bytes(4, "big")), NewerFile),
        (lambda path, tmp: (path.write_bytes(path.read_bytes()[:50]), path)[1], DamagedFile),
        (lambda path, tmp: (path.write_bytes(path.read_bytes()[:6000]), path)[1], DamagedFile),
        (lambda path, tmp: altered(path, 4096, b"\xff" * 3000), DamagedFile),
        (lambda path, tmp: altered(path, 100, b"\xff" * 2000), DamagedFile),
    ],
)
def test_a_file_that_is_not_ours_is_left_as_it_was(
    path: Path,
    tmp_path: Path,
    make: object,
    error: type[AuditorError],
) -> None:
    """One sentence; the same bytes; nothing beside it."""
    file = make(path, tmp_path)
    before = file.read_bytes()
    beside = sorted(tmp_path.iterdir())
    with pytest.raises(error, match=file.name):
        open_bureau(file)
    assert file.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == beside


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    """Opening is not making."""
    with pytest.raises(NoBureau):
        open_bureau(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_a_new_bureau_never_replaces_a_file(path: Path) -> None:
    """And leaves nothing beside it."""
    with pytest.raises(AlreadyThere):
        create_bureau(path, {}, NOW)
    assert [one.name for one in path.parent.iterdir()] == ["bureau.db"]


def test_a_closed_bureau_is_one_file(path: Path) -> None:
    """No -wal, no -shm: what a clerk copies is everything."""
    opened = open_bureau(path)
    with write_tx(opened, "units", NOW) as tx:
        put_units(tx, [unit("a")])
    close_bureau(opened)
    assert [one.name for one in path.parent.iterdir()] == ["bureau.db"]


def test_a_second_writer_waits_or_is_told(path: Path, db: Database) -> None:
    """A program that holds the lock does not make the other one fail with a traceback."""
    other = open_bureau(path)
    other.conn.execute("pragma busy_timeout = 50")
    with write_tx(db, "units", NOW) as tx:
        put_units(tx, [unit("a")])
        with pytest.raises(Busy), write_tx(other, "units", NOW):
            pass
    other.conn.close()
    assert verify_log(db) == []


def test_a_full_disk_changes_nothing(path: Path, db: Database) -> None:
    """The sentence says so, the tables are as before, and writing works again."""
    db.conn.execute(f"pragma max_page_count = {db.execute('pragma page_count').fetchone()[0] + 2}")
    with pytest.raises(CannotWrite, match="full"), write_tx(db, "units", NOW) as tx:
        put_units(tx, [unit(f"u{at}", name="长" * 300) for at in range(500)])
    db.conn.execute("pragma max_page_count = 100000")
    assert read_units(db) == []
    with write_tx(db, "units", NOW) as tx:
        put_units(tx, [unit("a")])
    assert verify_log(db) == []


def test_a_backup_is_whole_while_the_bureau_is_in_use(path: Path, db: Database, tmp_path: Path) -> None:
    """What stands in the -wal only is in the copy too; a target that exists is never replaced."""
    with write_tx(db, "units", NOW) as tx:
        put_units(tx, [unit("a")])
    copy = tmp_path / "backups" / "b.db"
    assert backup(path, copy) == 2
    opened = open_bureau(copy)
    assert read_units(opened) == [unit("a")]
    close_bureau(opened)
    with pytest.raises(AlreadyThere):
        backup(path, copy)
    assert [one.name for one in copy.parent.iterdir()] == ["b.db"]


def test_a_tampered_backup_is_not_restored(path: Path, db: Database, tmp_path: Path) -> None:
    """The copy is checked against its log, and nothing is left behind."""
    with write_tx(db, "units", NOW) as tx:
        put_units(tx, [unit("a")])
    db.conn.execute("update units set name = 'x'")
    with pytest.raises(DamagedFile, match="log-table"):
        backup(path, tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()


def test_a_restore_only_reads_the_backup(path: Path, tmp_path: Path) -> None:
    """A backup on a disk that cannot be written is brought back too, and never over a file."""
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir()))
    with (
        opening.reading(path) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("update settings set value = 'x'")
    assert restore(path, tmp_path / "new" / "b.db") == 1
    shutil.rmtree(tmp_path / "new")
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == before
    with pytest.raises(AlreadyThere):
        restore(path, path)


def test_what_an_earlier_file_left_is_never_played_into_a_new_one(path: Path, tmp_path: Path) -> None:
    """SQLite would: a -wal beside the new name changes its rows before anyone has opened it."""
    opened = open_bureau(path)
    opened.conn.execute("update settings set value = 'another bureau'")
    left = tmp_path / "new.db-wal"
    shutil.copy(tmp_path / "bureau.db-wal", left)
    opened.conn.close()
    with pytest.raises(AlreadyThere, match=r"new\.db-wal"):
        create_bureau(tmp_path / "new.db", {"name": "试"}, NOW)
    with pytest.raises(AlreadyThere, match=r"new\.db-wal"):
        backup(path, tmp_path / "new.db")
    assert any("new.db-wal" in one.found for one in look(tmp_path / "new.db") if not one.ok)
    left.unlink()
    create_bureau(tmp_path / "new.db", {"name": "试"}, NOW)


def test_a_file_that_another_program_holds_is_busy_not_damaged(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cure is to wait, not to restore a backup."""
    monkeypatch.setattr(opening, "WAIT_SECONDS", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("pragma locking_mode = exclusive")
    other.execute("begin immediate")
    other.execute("update settings set value = value")
    with pytest.raises(Busy):
        open_bureau(path)
    other.execute("rollback")
    other.close()
    close_bureau(open_bureau(path))


def test_a_newer_version_that_stands_in_the_wal_only_is_not_lowered(path: Path) -> None:
    """The header still shows the old one."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("pragma user_version = 999")
    with pytest.raises(NewerFile):
        open_bureau(path)
    assert other.execute("pragma user_version").fetchone() == (999,)
    other.close()


def test_a_file_of_fewer_steps_is_brought_up_whole_or_not_at_all(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later release's step is applied once; one that fails leaves the file at its old version."""
    steps = opening.STEPS
    monkeypatch.setattr(opening, "STEPS", (*steps, "create table extra (a text) strict; create nonsense"))
    with pytest.raises(sqlite3.OperationalError, match="syntax"):
        open_bureau(path)
    monkeypatch.setattr(opening, "STEPS", (*steps, "create table extra (a text) strict"))
    for _ in range(2):
        opened = open_bureau(path)
        assert opened["extra"].count == 0
        assert opened.execute("pragma user_version").fetchone() == (len(steps) + 1,)
        close_bureau(opened)


def test_a_fault_of_ours_is_no_full_disk(db: Database) -> None:
    """Wrong SQL keeps its traceback instead of telling the clerk to free space."""
    with pytest.raises(sqlite3.OperationalError, match="no such table"), write_tx(db, "t", NOW):
        db.execute("select * from absent")
    assert not db.conn.in_transaction


def test_the_leaf_is_the_one_anyone_can_compute(db: Database) -> None:
    """SHA-256 of 0, salt, canon and payload, put together by hand."""
    with write_tx(db, "units", NOW) as tx:
        put_units(tx, [unit("0012", name='校"\u0001', lat=30.5, lng=105.0)])
    salt, payload, leaf = db.execute("select salt, payload, leaf from log where idx = 1").fetchone()
    assert payload == (
        '[["units",["0012"],{"boarders":null,"buses":null,"canteen":null,"closed":"","district":"",'
        '"id":"0012","kind":"","lat":30.5,"lng":105.0,"name":"校\\"\\u0001","ownership":"","parent":"",'
        '"site_of":"","sponsor":"","students":null,"tags":"[]","township":""}]]'
    )
    assert len(salt) == 32
    head = b'["units","2026-12-01T00:00:00+00:00"]'
    assert leaf == hashlib.sha256(b"\x00" + salt + head + payload.encode()).digest()

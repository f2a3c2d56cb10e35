"""Every former release's database opens in this one, keeps what it held, and is never half brought up."""

from __future__ import annotations

import gzip
import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.cli.main import auditor
from auditor.store.log import read_tables, verify_log
from auditor.store.opening import close_bureau, create_bureau, open_bureau
from auditor.store.schema import STEPS
from auditor.store.staff import read_inspectors, read_leave, read_people
from auditor.store.units import read_units

RELEASES = sorted((Path(__file__).parent.parent / "data" / "releases").glob("*.db.gz"))

Rows = list[dict[str, Any]]


@pytest.fixture(params=RELEASES, ids=[one.name.removesuffix(".db.gz") for one in RELEASES])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The database of a former release."""
    path = tmp_path / "bureau.db"
    path.write_bytes(gzip.decompress(request.param.read_bytes()))
    return path


def raw(path: Path, table: str) -> Rows:
    """The rows of a table as they lie in the file, without a word of ours; none where it is not there."""
    with closing(sqlite3.connect(path.as_uri() + "?mode=ro", uri=True)) as connection:
        if not connection.execute("select 1 from sqlite_master where name = ?", [table]).fetchone():
            return []
        found = connection.execute(f"select * from {table} order by 1")
        names = [one[0] for one in found.description]
        return [dict(zip(names, row, strict=True)) for row in found]


def everything(path: Path) -> dict[str, Rows]:
    """All tables of a file, and the number of its steps."""
    with closing(sqlite3.connect(path.as_uri() + "?mode=ro", uri=True)) as connection:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        step = connection.execute("pragma user_version").fetchone()[0]
    return {table: raw(path, table) for table in sorted(tables)} | {"steps": [{"done": step}]}


def test_a_database_of_each_release_is_kept() -> None:
    """From the first on."""
    assert "0.1.0.db.gz" in [one.name for one in RELEASES]


def test_a_former_release_keeps_its_units_people_and_leave(old: Path) -> None:
    """Field by field what the old tables held, and nothing beside."""
    before = everything(old)
    opened = open_bureau(old)
    try:
        units, people, leave = read_units(opened), read_people(opened), read_leave(opened)
        inspectors = read_inspectors(opened)
        assert verify_log(opened) == []
        assert opened.execute("pragma user_version").fetchone() == (len(STEPS),)
    finally:
        close_bureau(opened)
    assert len(units) == len(before["units"]) > 0
    for unit, row in zip(units, before["units"], strict=True):
        for field, value in row.items():
            told = json.loads(value) if field == "tags" else value
            told = bool(told) if field == "canteen" and told is not None else told
            found = getattr(unit, field)
            assert (list(found) if field == "tags" else found) == told, (unit.id, field)
    if "people" in before:  # until 0.1.0 the duty desk and the inspectors were two tables
        assert [
            (one.id, one.name, one.role, one.post, one.phone, one.department) for one in people
        ] == [tuple(row[field] for field in ("id", "name", "role", "post", "phone", "department"))
            for row in before["people"]]  # fmt: skip
        assert [
            (one.id, one.name, one.department, list(one.domains), list(one.conflicts), one.half_days)
            for one in inspectors
        ] == [
            (row["id"], row["name"], row["department"], json.loads(row["domains"]),
            json.loads(row["conflicts"]), row["half_days"]) for row in before["inspectors"]
        ]  # fmt: skip
        assert len(people) > len(inspectors) > 0
    assert [(one.person, str(one.from_on), str(one.to_on), one.kind) for one in leave] == [
        (row["person"], row["from_on"], row["to_on"], row["kind"]) for row in before["leave"]
    ]
    after = everything(old)
    for table in ("settings", "findings", "draws", "plans", "rosters"):
        assert after[table] == before[table]
    assert after["log"][: len(before["log"])] == before["log"]


def test_what_a_former_release_planned_still_checks(old: Path) -> None:
    """Log, plan and roster, by the commands that anyone would use."""
    for command in (["log", "verify"], ["plan", "check"], ["roster", "check"]):
        done = CliRunner().invoke(auditor, [*command, "--db", str(old)])
        assert done.exit_code == 0, (command, done.output)


def test_a_second_opening_changes_nothing(old: Path) -> None:
    """The same bytes, once it was brought up; and no second entry for it in the log."""
    close_bureau(open_bureau(old))
    before = old.read_bytes()
    for _ in range(2):
        opened = open_bureau(old)
        read_tables(opened)
        close_bureau(opened)
    assert old.read_bytes() == before
    assert [one.name for one in old.parent.iterdir()] == ["bureau.db"]


KILLED = """
import os, signal, sys
from pathlib import Path
from auditor.store import opening

def die_at(statement):
    if statement.lstrip().lower().startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

connect = opening._connect
def traced(path):
    connection = connect(path)
    connection.set_trace_callback(die_at)
    return connection
opening._connect = traced
opening.open_bureau(Path(sys.argv[1]))
"""


@pytest.mark.parametrize(
    "moment",
    [
        "begin",
        "alter table leave",
        "create table remarks",
        "insert into staff",
        "insert into log",
        "drop table inspectors",
        "pragma user_version =",
        "commit",
    ],
)
def test_a_kill_while_it_is_brought_up_leaves_the_old_file(tmp_path: Path, moment: str) -> None:
    """Wherever the power fails, the tables are the old ones, and the next opening brings them up."""
    path = tmp_path / "bureau.db"
    path.write_bytes(gzip.decompress(RELEASES[0].read_bytes()))
    before = everything(path)
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), moment], check=False)
    assert done.returncode == -signal.SIGKILL
    assert everything(path) == before
    opened = open_bureau(path)
    assert verify_log(opened) == []
    assert opened.execute("pragma user_version").fetchone() == (len(STEPS),)
    close_bureau(opened)
    assert [one.name for one in path.parent.iterdir()] == ["bureau.db"]


def test_two_people_with_one_number_stay_two(tmp_path: Path) -> None:
    """A leader and an inspector whose names differ are not joined; those with one name are."""
    from auditor.store.moving import move_staff
    from auditor.store.writing import Transaction

    create_bureau(tmp_path / "b.db", {}, datetime(2026, 12, 1, tzinfo=UTC))
    db = open_bureau(tmp_path / "b.db")
    db.conn.executescript(
        "create table people (id, name, role, post, phone, department);"
        "create table inspectors (id, name, department, domains, conflicts, half_days);"
        "insert into people values ('1', '甲', 'leader', '', '', ''), ('2', '乙', 'officer', '', '', '');"
        "insert into inspectors values ('1', '丙', '', '[]', '[]', 4), ('2', '乙', '科', '[]', '[]', 3);"
    )
    move_staff(db.conn, Transaction(db.conn))
    found = db.execute("select id, name, roles, half_days from staff order by id").fetchall()
    assert found == [
        ("1", "甲", '["leader"]', 4),
        ("1/丙", "丙", '["inspector"]', 4),
        ("2", "乙", '["officer","inspector"]', 3),
    ]
    close_bureau(db)

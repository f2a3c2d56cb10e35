"""A small bureau with a published duty roster of December 2026, for what goes on at its desk."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from auditor.cli.main import auditor
from auditor.entities import Person, Unit
from auditor.store.rosters import put_roster
from auditor.store.staff import put_staff
from auditor.store.units import put_units
from auditor.store.writing import write_tx
from auditor.workflow import bureau

NOW = datetime.fromisoformat("2026-11-28T09:00+08:00")
PEOPLE = [
    Person(id="l1", name="甲", roles=("leader",), post="局长", phone="5550-01", department="局领导"),
    Person(id="l2", name="乙", roles=("leader",), post="副局长", phone="5550-02", department="局领导"),
    *(
        Person(
            id=f"o{at}", name=name, roles=("officer",), post="科员", phone=f"5550-1{at}", department="办公室"
        )
        for at, name in enumerate("丙丁戊己", 1)
    ),
]
UNITS = [
    Unit(id="0001", name="青溪小学", kind="primary", township="青溪镇", boarders=0),
    Unit(id="0002", name="白水中学", kind="junior", township="白水镇", boarders=300),
]


def roster() -> dict[str, Any]:
    """Leaders by turns, officers by turns: day o1 o3 o1 …, night o2 o4 o2 …"""
    rows = []
    for at in range(31):
        day = (date(2026, 12, 1) + timedelta(days=at)).isoformat()
        for post, people in (("day", ("o1", "o3")), ("lead", ("l1", "l2")), ("night", ("o2", "o4"))):
            rows.append({"date": day, "post": post, "person": people[at % 2]})
    return {
        "month": "2026-12",
        "assignments": rows,
        "before": [],
        "counters": {},
        "posts": [
            {"id": "lead", "role": "leader", "start": "08:00", "minutes": 1440, "night": True},
            {"id": "day", "role": "officer", "start": "08:00", "minutes": 600, "night": False},
            {"id": "night", "role": "officer", "start": "18:00", "minutes": 840, "night": True},
        ],
    }


def make(path: Path, *, level: str = "simple", recovery: str = "") -> Path:
    """Make the bureau's file."""
    bureau.init(path, "青石县教育局", None, NOW, level=level, recovery=recovery)
    with bureau.opened(path) as db, write_tx(db, "test", NOW) as tx:
        put_staff(tx, PEOPLE)
        put_units(tx, UNITS)
        put_roster(tx, "2026-12", roster())
    return path


def call(db: Path, *words: str, now: str = "2026-11-28T09:00+08:00", lang: str = "en") -> Result:
    """Run a command on the bureau."""
    arguments = [*words, "--db", str(db), "--now", now, "--lang", lang]
    return CliRunner().invoke(auditor, arguments, catch_exceptions=False)


def answer(db: Path, *words: str, code: int = 0, now: str = "2026-11-28T09:00+08:00") -> Any:
    """Run a command with --json; give what it says."""
    done = call(db, *words, "--json", now=now)
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)

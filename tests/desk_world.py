"""A small bureau with a duty desk: leaders and officers, months made and published, once for all tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from auditor.entities import Leave, Person
from auditor.store import Database
from auditor.store.staff import put_leave, put_staff
from auditor.store.writing import write_tx
from auditor.workflow import bureau
from auditor.workflow.duty import desk_settings, roster_life, rosters
from auditor.workflow.months import BEIJING, month_of

LEADERS, OFFICERS = 5, 9
BEFORE = datetime(2026, 11, 20, 9, tzinfo=BEIJING)
"""When the first rosters are made."""


def at(day: str, hour: int = 9) -> datetime:
    """A moment of the bureau's clock."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), BEIJING) + timedelta(hours=hour)


def desk_people(leaders: int = LEADERS, officers: int = OFFICERS) -> list[Person]:
    """Leaders l0 … (L0 …) and officers o00 … (O0 …)."""
    return [Person(id=f"l{n}", name=f"L{n}", roles=("leader",)) for n in range(leaders)] + [
        Person(id=f"o{n:02d}", name=f"O{n}", roles=("officer",), phone=f"138{n:02d}") for n in range(officers)
    ]


def publish(db: Database, key: str, now: datetime, record: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Make a month's roster (or take this record) and bring it through approval; give it."""
    made = dict(record) if record else rosters.make(db, month_of(key), work=20)
    roster_life.revise(db, key, made, by="王芳", now=now)
    for step in ("submitted", "approved", "published"):
        roster_life.advance(db, key, step, by="李局长", now=now)
    return made


def make_desk(path: Path, *months: str) -> None:
    """Make a bureau with these months published."""
    bureau.init(path, "青石县教育局", None, BEFORE)
    with bureau.opened(path) as db:
        with write_tx(db, "people", BEFORE) as tx:
            put_staff(tx, desk_people())
        for key in months:
            publish(db, key, BEFORE)


def published_in(folder: Path, settings: str, people: Sequence[Person], months: Sequence[str]) -> Path:
    """Make a bureau whose desk has these settings and people, the rosters of these months published."""
    path = folder / "bureau.db"
    bureau.init(path, "", None, BEFORE)
    (folder / "desk.toml").write_text(settings, encoding="utf-8")
    with bureau.opened(path) as db:
        with write_tx(db, "people", BEFORE) as tx:
            put_staff(tx, people)
        desk_settings.keep_desk(db, folder / "desk.toml", BEFORE)
        for key in months:
            publish(db, key, BEFORE)
    return path


@contextmanager
def copied(source: Path, target: Path) -> Iterator[Database]:
    """Open a copy of a bureau."""
    shutil.copy(source, target)
    with bureau.opened(target) as db:
        yield db


def away(db: Database, who: str, first: str, last: str, now: datetime = BEFORE) -> None:
    """Bring leave in, as an import does."""
    with write_tx(db, "leave", now) as tx:
        put_leave(tx, [Leave(person=who, from_on=date.fromisoformat(first), to_on=date.fromisoformat(last))])


def rows(roster: Mapping[str, Any] | None) -> set[tuple[str, str, str]]:
    """The filled seats: date, post, person."""
    assert roster is not None
    return {(row["date"], row["post"], row["person"]) for row in roster["assignments"]}


def entries(db: Database) -> int:
    """How many entries the log has: nothing is written without one."""
    return int(db.execute("select count(*) from log").fetchone()[0])


def broken(db: Database, key: str) -> list[str]:
    """The rules that a stored roster breaks."""
    return [
        f"{one.rule} {one.where}: {one.what}"
        for one in rosters.check(db, roster_life.current(db, key), month_of(key))
    ]


def moved(before: set[tuple[str, str, str]], after: set[tuple[str, str, str]]) -> set[str]:
    """Whose duties differ, told by looking at everybody's own."""
    people = {who for _day, _post, who in before | after}
    return {
        who
        for who in people
        if {row for row in before if row[2] == who} != {row for row in after if row[2] == who}
    }

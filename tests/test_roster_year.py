"""A year in the life of a desk: published, mended, swapped; at each step it checks, the ledger adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import desks
from auditor.entities import Person
from auditor.errors import AuditorError
from auditor.store import Database
from auditor.store.staff import put_staff, read_people
from auditor.store.writing import write_tx
from auditor.workflow import bureau
from auditor.workflow.duty import roster_life
from auditor.workflow.duty.roster_changes import swap, take_over
from auditor.workflow.duty.roster_repairs import repair
from auditor.workflow.duty.roster_told import diff
from auditor.workflow.months import month_of
from desk_world import at, away, broken, desk_people, moved, publish, rows

MONTHS = [f"2026-{number:02d}" for number in range(1, 13)]
NIGHTS = ("lead", "night")
HOURS = {"lead": (8, 24), "day": (8, 10), "night": (18, 14)}
"""When a post begins and how long it lasts, in hours."""
SPOT = ("roster", "spot-check")


def duties_by_hand(record: Mapping[str, Any]) -> dict[str, Counter[str]]:
    """Everybody's new duties by class, from the calendar and the assignments alone."""
    classes = {day.day.isoformat(): day.cls for day in month_of(record["month"]).days}
    found: dict[str, Counter[str]] = {row["id"]: Counter() for row in record["people"]}
    for row in record["assignments"]:
        names = ["total", *(["night"] if row["post"] in NIGHTS else [])]
        if classes[row["date"]] != "work":
            names.append(classes[row["date"]])
        found[row["person"]].update(names)
    return found


def ledger_adds_up(db: Database) -> None:
    """Each month's counters are what was carried in and its duties; the next one begins with them.

    Whoever is new to the list, or was away so long that he need not make it up, begins with a balance or a
    credit that the record names.
    """
    before: dict[str, dict[str, int]] = {}
    for key in MONTHS:
        record = roster_life.current(db, key)
        if record is None:
            return
        new = duties_by_hand(record)
        for row in record["people"]:
            who = row["id"]
            for name, count in record["counters"][who].items():
                assert count == row["carried"][name] + new[who][name], (key, who, name)
                credit = row.get("credit", {}).get(name, 0)
                if who in before:
                    assert row["carried"][name] == before[who][name] + credit, (key, who, name)
        before = record["counters"]


class Desk:
    """The desk through a year; every act is followed by all checks."""

    def __init__(self, db: Database, path: Path) -> None:
        self.db = db
        self.path = path
        self.acts: Counter[str] = Counter()

    def seats(self) -> set[tuple[str, str, str]]:
        """All filled seats of all months."""
        return {row for key in MONTHS for row in self.of(key)}

    def of(self, key: str) -> set[tuple[str, str, str]]:
        """The filled seats of a month, none where it is not made."""
        record = roster_life.current(self.db, key)
        return rows(record) if record else set()

    def checked(
        self, what: str, before: set[tuple[str, str, str]], told: Mapping[str, Any], now: datetime
    ) -> None:
        """The months keep every rule, the past is as it was, and just those are told whose duty moved."""
        after = self.seats()
        named = {person["person"] for month in told["months"] for person in month["tell"]}
        assert named == moved(before, after)
        for month in told["months"]:
            revisions = roster_life.history(self.db, month["month"])
            assert revisions[-1]["revision"] == month["revision"] == len(revisions)
            by_revision = diff(self.db, revisions[-1]["changes"], now)
            assert by_revision == month["people"]
        begun = now.date().isoformat()
        if what != "take-over":
            assert {row for row in before if row[0] < begun} == {row for row in after if row[0] < begun}
        stored = [key for key in MONTHS if roster_life.state(self.db, key)]
        for key in stored if what == "publish" else stored[-2:]:
            assert broken(self.db, key) == [], (what, key)
        ledger_adds_up(self.db)
        self.acts[what] += 1

    def publish(self, key: str, now: datetime) -> None:
        """Make, approve and publish a month."""
        publish(self.db, key, now)
        self.checked("publish", self.seats(), {"months": []}, now)

    def sick(self, who: str, first: str, last: str, now: datetime) -> None:
        """A sick call: all stages proven."""
        before = self.seats()
        asked = [(who, date.fromisoformat(first), date.fromisoformat(last))]
        told = repair(self.db, absent=asked, reason="病假", now=now, work=10)
        for month in told["months"]:
            assert all(stage["value"] == stage["bound"] for stage in month.get("stages", ()))
        self.checked("repair", before, told, now)

    def mend(self, now: datetime) -> set[str]:
        """Take in what is new; gives who was told."""
        before = self.seats()
        told = repair(self.db, now=now, work=10)
        self.checked("repair", before, told, now)
        return {person["person"] for month in told["months"] for person in month["tell"]}

    def swap(self, key: str, now: datetime) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
        """The first swap of two nights of a month that the rules allow."""
        since = (now.date() + timedelta(days=1)).isoformat()
        nights = sorted(row for row in self.of(key) if row[1] == "night" and row[0] > since)
        for one in nights:
            for two in nights:
                if one[2] == two[2]:
                    continue
                before = self.seats()
                try:
                    told = swap(self.db, one[2], one[0], two[2], two[0], agreed=True, now=now)
                except AuditorError:
                    assert self.seats() == before
                    self.acts["refused"] += 1
                    continue
                self.checked("swap", before, told, now)
                return one, two
        raise AssertionError("no two nights can be swapped")

    def take_over(self, day: str, post: str, now: datetime) -> None:
        """Somebody takes a duty over while it runs."""
        before = self.seats()
        holder = next(who for on, name, who in before if (on, name) == (day, post))
        for person in sorted({row[2] for row in self.of(day[:7])}):
            try:
                told = take_over(self.db, holder, f"{day}/{post}", person, reason="发烧", now=now)
            except AuditorError:
                assert self.seats() == before
                continue
            self.checked("take-over", before, told, now)
            return
        raise AssertionError("nobody can take it over")

    def spot_checks_ask_for(self, now: datetime) -> None:
        """Every call of the drawn spot checks names who is on duty after all swaps and repairs."""
        names = {person.id: person.name for person in read_people(self.db)}
        calls = desks.answer(self.path, *SPOT, "show", now=now.isoformat())["calls"]
        assert len(calls) >= 12
        for one in calls:
            due = datetime.fromisoformat(one["due"]).replace(tzinfo=None)
            by_hand = {
                (post, names[who])
                for day, post, who in self.seats()
                if datetime.fromisoformat(day) + timedelta(hours=HOURS[post][0])
                <= due
                < datetime.fromisoformat(day) + timedelta(hours=sum(HOURS[post]))
            }
            assert {(post["post"], who) for post in one["posts"] for who in post["people"]} == by_hand
        self.acts["spot checks"] += len(calls)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A bureau with six leaders and eleven officers before its first roster."""
    bureau.init(tmp_path / "bureau.db", "青石县教育局", None, at("2025-12-20"))
    with bureau.opened(tmp_path / "bureau.db") as db:
        with write_tx(db, "people", at("2025-12-20")) as tx:
            put_staff(tx, desk_people(6, 11))
        yield Desk(db, tmp_path / "bureau.db")


def test_a_year_in_the_life_of_a_desk(desk: Desk) -> None:
    """Leave, sick calls, swaps, a joiner, a leaver, key periods, spot checks; each change is least."""
    db = desk.db
    for number, key in enumerate(MONTHS, start=1):
        day = f"{key}-10"
        first = month_of(key).first
        made_at = at((first - timedelta(days=10)).isoformat())
        # leave that is known before the roster is made
        away(db, f"o{number % 9:02d}", f"{key}-03", f"{key}-07", made_at)
        if number == 4:  # a joiner
            with write_tx(db, "people", made_at) as tx:
                put_staff(tx, [Person(id="o20", name="O20", roles=("officer",), from_on=date(2026, 4, 13))])
        desk.publish(key, made_at)
        if number == 4:
            record = roster_life.current(db, key)
            assert record is not None
            assert all(row[0] >= "2026-04-13" for row in rows(record) if row[2] == "o20")
        if number == 12:
            drawn = {"now": "2026-11-24T09:00+08:00"}
            desks.answer(desk.path, *SPOT, "draw", "--month", key, "--day", "4", "--night", "8", **drawn)
            desks.answer(desk.path, *SPOT, "draw", "--beacon", "3 1 4 1 5 9", now="2026-11-24T10:00+08:00")
        if number == 7:  # a leaver, in the middle of a month that is published
            leaver = next(person for person in desk_people(6, 11) if person.id == "o10")
            with write_tx(db, "people", at("2026-07-08")) as tx:
                put_staff(tx, [replace(leaver, to_on=date(2026, 7, 15))])
            open_before = {row for row in desk.seats() if row[2] == "o10" and row[0] > "2026-07-15"}
            told = desk.mend(at("2026-07-08"))
            assert ("o10" in told) is bool(open_before)
            assert not any(row[2] == "o10" and row[0] > "2026-07-15" for row in desk.seats())
        desk.swap(key, at(day))
        if number % 3 == 1:
            desk.sick(f"o{(number + 4) % 9:02d}", f"{key}-12", f"{key}-18", at(f"{key}-11"))
        if number % 3 == 2:
            desk.sick(f"l{number % 6}", f"{key}-15", f"{key}-22", at(f"{key}-14", 20))
        if number == 8:  # so long that nothing of it is made up: the record credits the days
            desk.sick("o05", f"{key}-13", "2026-09-10", at(f"{key}-12"))
        if number % 4 == 3:
            desk.take_over(f"{key}-20", "day", at(f"{key}-20", 11))
        if number == 9:  # the key period of the autumn holidays comes near: somebody is called away
            away(db, "l0", "2026-09-24", "2026-09-28", at("2026-09-21"))
            desk.mend(at("2026-09-21"))
        roster_life.advance(
            db, key, "locked", now=at((month_of(key).last + timedelta(days=1)).isoformat())
        ) if number < 12 else None
    desk.spot_checks_ask_for(at("2027-01-02"))
    doubled = {
        (row["date"], row["post"])
        for key in MONTHS
        for row in (roster_life.current(db, key) or {})["demand"]
        if row["need"] == 2
    }
    assert doubled
    filled = Counter(row[:2] for row in desk.seats())
    assert all(filled[seat] == 2 for seat in doubled)
    assert desk.acts["publish"] == desk.acts["swap"] == 12
    assert desk.acts["repair"] >= 9
    assert desk.acts["take-over"] == 3
    # locked months never change any more, and their counters are what the next one began with
    assert [roster_life.state(db, key) for key in MONTHS] == ["locked"] * 11 + ["published"]

"""Half a day of leave keeps its person from duties that touch those hours, and from no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from auditor.entities import Leave
from auditor.roster.alone import forbidding
from auditor.roster.problem import RosterProblem
from auditor.roster.relax import LEAVE_HALF, called_back, possible, without
from auditor.roster.rules.leave import touches
from auditor.store.rosters import read_roster
from auditor.store.staff import put_leave
from auditor.store.writing import write_tx
from auditor.workflow import bureau
from auditor.workflow.duty import rosters
from auditor.workflow.duty.roster_repairs import explain, repair
from auditor.workflow.months import month_of
from desk_world import BEFORE, make_desk, rows
from roster.test_rules import ALONE, DAY, NIGHT, World, at, desk, staff

NOON = [replace(DAY, id="to noon", minutes=240), replace(DAY, id="from noon", start=720, minutes=240)]


@pytest.mark.parametrize(
    ("half", "free"),
    [
        ("am", {"0 day", "1 from noon", "1 night", "2 day", "2 to noon", "2 from noon", "2 night",
                "0 to noon", "0 from noon"}),
        ("pm", {"0 day", "0 night", "0 to noon", "0 from noon", "1 to noon", "2 day", "2 to noon",
                "2 from noon", "2 night"}),
    ],
)  # fmt: skip
def test_half_a_day_of_leave_touches_its_hours_only(half: str, free: set[str]) -> None:
    """By hand: the morning forbids the night before, the day and what ends at noon too."""
    leave = [Leave(person="o0", from_on=at(1), to_on=at(1), half=half)]
    problem, _facts = World(desk([DAY, NIGHT, *NOON]), 3, ALONE, leave=leave).built()
    (person,) = problem.people
    found = {
        f"{problem.day(shift)} {shift.post.id}"
        for shift in problem.shifts
        if not touches(person, shift, problem)
    }
    assert found == free
    assert {
        f"{problem.day(shift)} {shift.post.id}"
        for shift in problem.shifts
        if not forbidding(problem, person, shift, ())
    } == free


def test_two_halves_of_a_day_are_a_day() -> None:
    """Of one kind they are a day of leave; a half within a longer leave adds nothing."""
    halves = [Leave(person="o0", from_on=at(1), to_on=at(1), half=half) for half in ("am", "pm")]
    whole = [Leave(person="o0", from_on=at(1), to_on=at(1))]
    built: list[RosterProblem] = [
        World(desk([DAY]), 3, ALONE, leave=leave).built()[0] for leave in (halves, whole, [*whole, halves[0]])
    ]
    assert built[0].people == built[1].people == built[2].people


def test_half_a_day_given_up_costs_half_as_much() -> None:
    """o0 has the morning off and o1 the day: the morning is the least to be given up."""
    leave = [
        Leave(person="o0", from_on=at(0), to_on=at(0), half="am"),
        Leave(person="o1", from_on=at(0), to_on=at(0)),
    ]
    problem, _facts = World(desk([DAY]), 1, staff(0, 2), leave=leave).built()
    (found,) = called_back(problem, 5)
    assert (found.cost, found.of) == (LEAVE_HALF, (("o0", f"{at(0)}/am"),))
    assert found.least
    assert possible(without(problem, set(found.of)), 5)


def test_a_morning_off_in_the_file_of_a_bureau(tmp_path: Path) -> None:
    """Every officer has the morning of the 10th off: only its nights can be filled; the record says so.

    A roster that stood is repaired: whoever has that day or the night before it gives it up, nobody else.
    """
    make_desk(tmp_path / "a.db", "2026-12")
    tenth = date(2026, 12, 10)
    with bureau.opened(tmp_path / "a.db") as db:
        before = rows(read_roster(db, "2026-12"))
        (ill,) = (who for day, post, who in before if (day, post) == ("2026-12-10", "day"))
        (night,) = (who for day, post, who in before if (day, post) == ("2026-12-10", "night"))
        half = [Leave(person=who, from_on=tenth, to_on=tenth, kind="事假", half="am") for who in (ill, night)]
        with write_tx(db, "leave", BEFORE) as tx:
            put_leave(tx, half)
        repair(db, now=BEFORE, work=20)
        after = rows(read_roster(db, "2026-12"))
        assert {row for row in before - after if row[0] == "2026-12-10"} == {("2026-12-10", "day", ill)}
        assert ("2026-12-10", "night", night) in after
        record = read_roster(db, "2026-12")
        assert record is not None
        assert [row["half"] for row in record["people"] if row["id"] == ill] == [["2026-12-10/am"]]
        assert rosters.check(db, record, month_of("2026-12")) == []
        officers = [f"o{n:02d}" for n in range(9)]
        with write_tx(db, "leave", BEFORE) as tx:
            put_leave(tx, [replace(half[0], person=who) for who in officers])
        told = explain(db, month_of("2026-12"), now=BEFORE, work=5)
        assert {(row["date"], row["post"]) for row in told.shortage} == {
            ("2026-12-09", "night"), ("2026-12-10", "day"),
        }  # fmt: skip
        assert any("morning" in row["text"] for row in told.core)
        assert any("morning" in row["text"] for row in told.ways)

"""Small worlds for rosters: a few days, a few people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from auditor.entities import CalendarDay, Duty, Leave, Person
from auditor.roster.check import RosterFacts
from auditor.roster.problem import RosterProblem, build_problem

FIRST = date(2026, 12, 1)


def days(count: int, holidays: Sequence[int] = (), key: Sequence[int] = ()) -> list[CalendarDay]:
    """Days from Tuesday 1 December 2026; `holidays` and `key` are offsets."""
    found = []
    for at in range(count):
        day = FIRST + timedelta(days=at)
        cls = "holiday" if at in holidays else "weekend" if day.weekday() > 4 else "work"
        found.append(CalendarDay(day=day, cls=cls, key_period="两会" if at in key else ""))
    return found


def people(leaders: int, officers: int) -> list[Person]:
    """Leaders l0 … and officers o0 …"""
    return [Person(id=f"l{at}", name=f"l{at}", roles=("leader",)) for at in range(leaders)] + [
        Person(id=f"o{at}", name=f"o{at}", roles=("officer",)) for at in range(officers)
    ]


def away(person: str, start: int, end: int) -> Leave:
    """Leave by offsets, both ends included."""
    return Leave(person=person, from_on=FIRST + timedelta(days=start), to_on=FIRST + timedelta(days=end))


def world(
    calendar: Sequence[CalendarDay],
    staff: Sequence[Person],
    leave: Sequence[Leave] = (),
    standby: Mapping[str, Sequence[str]] | None = None,
    carried: Mapping[str, Mapping[str, int]] | None = None,
    before: Sequence[Duty] = (),
) -> tuple[RosterProblem, RosterFacts]:
    """A problem and the facts that its roster is checked against."""
    problem = build_problem(calendar, staff, leave, standby or {}, carried=carried, before=before)
    facts = RosterFacts(
        days=calendar,
        people=staff,
        leave=leave,
        standby=standby or {},
        carried={person.id: person.carried for person in problem.people},
        before=[(duty.day, duty.post, duty.person) for duty in before],
    )
    return problem, facts


def rules_broken(roster: Any, facts: RosterFacts) -> set[str]:
    """The names of the rules that a roster breaks."""
    from auditor.roster.check import check_roster

    return {breach.rule for breach in check_roster(roster, facts)}

"""What would make an impossible part possible at least cost: leave given up, seats that wait for somebody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta

from auditor.roster.make import ruled
from auditor.roster.problem import DAY, RosterPerson, RosterProblem, Shift
from auditor.solving import OPTIMAL, solve


def called_back(
    part: RosterProblem, leave: Mapping[str, Collection[date]], *, work: float
) -> tuple[tuple[Shift, RosterPerson], ...] | None:
    """Give the fewest duties on days of leave with which a part that is impossible can be staffed.

    Parameters
    ----------
    leave
        The days of leave by person that somebody could be asked to give up; all other leave stays.
    work
        Deterministic units at most.

    Returns
    -------
    Those duties in order of shift; None where no roster is possible even so, or the least was not proven.
    """
    soft = {
        person.id: {day for day in person.leave if day in leave.get(person.id, ()) and day not in person.away}
        for person in part.people
    }
    eased = replace(
        part,
        people=tuple(
            replace(person, leave=tuple(day for day in person.leave if day not in soft[person.id]))
            for person in part.people
        ),
    )
    model, v = ruled(eased)
    asked = {
        (shift.index, person.id): v.on_duty(person, shift)
        for shift in eased.shifts
        for person in eased.people
        if person.fills(shift) and soft[person.id] & set(days_of(eased, shift))
    }
    model.minimize(sum(asked.values()))
    solved = solve(model, work=work)
    if solved.status != OPTIMAL:
        return None
    return tuple(
        (shift, person)
        for shift in eased.shifts
        for person in eased.people
        if (shift.index, person.id) in asked and solved.solver.boolean_value(asked[shift.index, person.id])
    )


def days_of(part: RosterProblem, shift: Shift) -> list[date]:
    """Give the days that a shift's clock time touches."""
    return [part.first + timedelta(days=at) for at in range(shift.start // DAY, (shift.end - 1) // DAY + 1)]

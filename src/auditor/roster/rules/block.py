"""Block: Saturday and Sunday of a post are filled by the same people, where the desk wants it so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from ortools.sat.python import cp_model

from auditor.roster.edges import asked_over_edge, leaders_asked, never_with
from auditor.roster.problem import RosterProblem
from auditor.roster.rules.groups import leading
from auditor.roster.variables import RosterVariables

NAME = "weekend-block"


def asked(problem: RosterProblem) -> bool:
    """Whether any weekend is one block."""
    return problem.goes_on or any(shift.block >= 0 for shift in problem.shifts)


def add(
    model: cp_model.CpModel,
    problem: RosterProblem,
    v: RosterVariables,
    only: Collection[str] | None = None,
) -> None:
    """Fill both days of a block alike: ``on_duty[p, saturday] = on_duty[p, sunday]``.

    Where the month's edge parts them, who has the day d beyond it and is asked for the other one
    (`asked_over_edge`) has it too::

        on_duty[p, d]  or  full[d]  or  some on_duty[q, d']  or  some not led[l]

    where ``full[d]`` is that all seats of d are filled by those asked for it, of whom there may be more than
    seats; q are those asked for the day who are never on duty with p; and l leads a fixed group of p or of
    whoever is on duty only with him, for every leader's duty b of that day ``on_duty[l, b]  implies
    led[l]``. A block of which one day alone is open in a repair binds nothing.

    Parameters
    ----------
    only
        Whom it binds; all where None.
    """
    at = {shift.index: shift for shift in problem.shifts}
    for shift in problem.shifts:
        saturday = at.get(shift.block)
        if saturday is None or saturday.index == shift.index:
            continue
        for person in problem.people:
            if person.fills(shift) and (only is None or person.id in only):
                model.add(v.on_duty(person, saturday) == v.on_duty(person, shift))
    _over_edge(model, problem, v, only)


def _over_edge(
    model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables, only: Collection[str] | None
) -> None:
    people = {person.id: person for person in problem.people}
    asked = asked_over_edge(problem)
    count = Counter(shift.index for _who, shift in asked)
    cells = {(who, shift.index): v.on_duty(people[who], shift) for who, shift in asked}
    full = {}
    for index in sorted(count):
        shift = next(one for _who, one in asked if one.index == index)
        if count[index] > problem.seats(shift):
            full[index] = model.new_bool_var(f"full:{index}")
            those = [cell for (_who, at), cell in cells.items() if at == index]
            model.add(sum(those) >= problem.seats(shift) * full[index])
    for who, shift in asked if only is None else [one for one in asked if one[0] in only]:
        day = problem.day(shift)
        leads = [one for one in problem.shifts if one.leads and problem.day(one) == day]
        either: list[cp_model.LiteralT] = [
            cells[who, shift.index],
            *([full[shift.index]] if shift.index in full else []),
        ]
        if shift.is_duty:
            # of two who are never on duty together one goes on
            apart = never_with(problem, who)
            either += [
                cells[other, beside.index]
                for other, beside in asked
                if other in apart and beside.is_duty and problem.day(beside) == day
            ]
            for leader in sorted(leaders_asked(problem, who)) if leads else ():
                led = model.new_bool_var(f"led:{who}:{shift.index}:{leader}")
                for one in leading(problem, people[leader], day):
                    for lead in v.of(one, leads):
                        model.add_implication(lead, led)
                either.append(led.negated())
        model.add_bool_or(either)

"""Pairs: two people who are on duty on the same days, or never on the same day."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.alone import can_come
from auditor.roster.problem import RosterProblem
from auditor.roster.variables import RosterVariables

NAME = "pairs"


def asked(problem: RosterProblem) -> bool:
    """Whether the desk names any."""
    return bool(problem.pairs)


def add(model: cp_model.CpModel, problem: RosterProblem, v: RosterVariables) -> None:
    """For a pair p, q, on every day, a and b its shifts; stand-by does not count::

        apart:     not on_duty[p, a] or not on_duty[q, b]      for all a, b of the day
        together:  on_duty[p, a]  implies  some on_duty[q, b]   and the other way round

    A duty that stands already is one of its day. Where p's stands and every b is forbidden to q by a rule
    about him alone, such as leave, nothing is asked of q; nor of a pair together that was parted before.
    """
    people = {person.id: person for person in problem.people}
    days = sorted({problem.day(shift) for shift in problem.shifts})
    for pair in problem.pairs:
        if not people.keys() >= set(pair.people):
            continue
        one, other = (people[who] for who in pair.people)
        for day in days:
            shifts = [shift for shift in problem.shifts if problem.day(shift) == day and shift.is_duty]
            for mine, his in ((one, other), (other, one)):
                cells, others = v.of(mine, shifts), v.of(his, shifts)
                if pair.together:
                    if his.stands(day) or (" + ".join(pair.people), problem.date_of(day)) in problem.parted:
                        continue
                    for cell in cells:
                        model.add_bool_or([*others, cell.negated()])
                    if mine.stands(day) and can_come(problem, [his], shifts):
                        model.add_bool_or(others)
                elif his.stands(day):
                    for cell in cells:
                        model.add(cell == 0)
                elif mine is one:
                    for cell in cells:
                        for another in others:
                            model.add_bool_or([cell.negated(), another.negated()])

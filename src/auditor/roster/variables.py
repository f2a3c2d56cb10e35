"""The variables of a roster: one Boolean for each person and shift of his role, asked by name."""

from __future__ import annotations

from ortools.sat.python import cp_model

from auditor.roster.problem import RosterPerson, RosterProblem, Shift


class RosterVariables:
    """``on_duty(person, shift)``: whether the person fills a seat of the shift."""

    def __init__(self, model: cp_model.CpModel, problem: RosterProblem) -> None:
        self._cells = {
            (person.id, shift.index): model.new_bool_var(f"{person.id}:{shift.index}")
            for person in problem.people
            for shift in problem.shifts
            if shift.post.role == person.role
        }

    def on_duty(self, person: RosterPerson, shift: Shift) -> cp_model.IntVar:
        """Give the Boolean of a person and a shift of his role."""
        return self._cells[person.id, shift.index]

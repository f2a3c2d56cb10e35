"""The variables of a roster: one Boolean for each person and shift of his role, asked by name."""

from __future__ import annotations

from collections.abc import Iterable

from ortools.sat.python import cp_model

from auditor.roster.problem import RosterPerson, RosterProblem, Shift


class RosterVariables:
    """``on_duty(person, shift)``: whether the person fills a seat of the shift."""

    def __init__(self, model: cp_model.CpModel, problem: RosterProblem) -> None:
        self._cells = {
            (person.id, shift.index): model.new_bool_var(f"{person.id}:{shift.index}")
            for person in problem.people
            for shift in problem.shifts
            if person.fills(shift)
        }

    def on_duty(self, person: RosterPerson, shift: Shift) -> cp_model.IntVar:
        """Give the Boolean of a person and a shift of his role."""
        return self._cells[person.id, shift.index]

    def of(self, person: RosterPerson, shifts: Iterable[Shift]) -> list[cp_model.IntVar]:
        """Give the Booleans of a person and those of these shifts that he may fill."""
        return [self.on_duty(person, shift) for shift in shifts if person.fills(shift)]

"""Make a roster: the rules, then the fairest, proven or with its bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from auditor.errors import Infeasible
from auditor.i18n import _
from auditor.roster import objective
from auditor.roster.alike import merged, parted
from auditor.roster.desk import post_said
from auditor.roster.least import least_squares
from auditor.roster.problem import RosterPerson, RosterProblem, Shift
from auditor.roster.record import record_of as record_of
from auditor.roster.rules import (
    away,
    block,
    cover,
    gap,
    groups,
    leave,
    locked,
    month,
    pairs,
    rest,
    runs,
    standby,
    week,
)
from auditor.roster.variables import RosterVariables
from auditor.solving import IMPOSSIBLE, Solved, solve

RULES = (cover, rest, gap, leave, standby, away, runs, week, month, block, pairs, groups, locked)
"""All rules; their order does not matter."""

Duties = tuple[tuple[Shift, RosterPerson], ...]
"""Who fills what, in order of shift and person."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The duties of a part, what was made small by them, and a proven bound of that."""

    duties: Duties
    value: int
    bound: int


def rules_of(problem: RosterProblem) -> list[Any]:
    """Give the rules that have anything to say about a problem."""
    return [rule for rule in RULES if not hasattr(rule, "asked") or rule.asked(problem)]


def ruled(part: RosterProblem, rules: Sequence[Any] = RULES) -> tuple[cp_model.CpModel, RosterVariables]:
    """Build a model with these rules."""
    model = cp_model.CpModel()
    v = RosterVariables(model, part)
    for rule in rules:
        rule.add(model, part, v)
    return model, v


def chosen(part: RosterProblem, v: RosterVariables, solved: Solved) -> Duties:
    """Read the duties of a solve that found some."""
    return tuple(
        (shift, person)
        for shift in part.shifts
        for person in part.people
        if person.fills(shift) and solved.solver.boolean_value(v.on_duty(person, shift))
    )


def hint(model: cp_model.CpModel, part: RosterProblem, v: RosterVariables, duties: Duties) -> None:
    """Let a solve begin with these duties."""
    model.clear_hints()
    on = {(person.id, shift.index) for shift, person in duties}
    for person in part.people:
        for shift in part.shifts:
            if person.fills(shift):
                model.add_hint(v.on_duty(person, shift), (person.id, shift.index) in on)


def shortage(problem: RosterProblem, work: float) -> list[tuple[Shift, int]]:
    """Give the shifts that lack people when as many seats as possible are filled, in order of day.

    Empty unless it is proven that a seat must stay empty: work that ran out is no shortage.
    """
    return short_of(problem, work)[0]


def short_of(problem: RosterProblem, work: float) -> tuple[list[tuple[Shift, int]], bool]:
    """Give `shortage`, and whether it is proven that no seats left empty let every rule be kept."""
    model, v = ruled(problem, [rule for rule in RULES if rule is not cover])
    under = {}
    for shift in problem.shifts:
        able = [person for person in problem.people if person.fills(shift)]
        under[shift.index] = model.new_int_var(0, shift.need, f"under:{shift.index}")
        model.add(sum(v.on_duty(person, shift) for person in able) + under[shift.index] == shift.need)
    model.minimize(sum(under.values()))
    solved = solve(model, work=work)
    if not solved.found or solved.bound < 1:
        return [], solved.status == IMPOSSIBLE
    lacks = ((shift, int(solved.solver.value(under[shift.index]))) for shift in problem.shifts)
    return [(shift, count) for shift, count in lacks if count], False


def why_short(part: RosterProblem, work: float) -> str:
    """Say which days and posts lack people, that rules contradict one another, or that the work ran out."""
    lacks, contradicted = short_of(part, work)
    if contradicted:
        return _(
            "the duty desk cannot be staffed, whatever seats stay empty: rules about people contradict one "
            "another; `auditor roster explain --month {month}` names them, and the cheapest ways out"
        ).format(month=f"{part.first:%Y-%m}")
    if not lacks:
        return _("no duty roster was found within the work limit; raise it with --work")
    first = _("; ").join(
        _("{day} {post} lacks {count}").format(day=shift.day, post=post_said(shift.post), count=count)
        for shift, count in lacks[:3]
    )
    return _(
        "the duty desk cannot be staffed: {first} ({total} seats in all, {people} people for it); "
        "`auditor roster explain --month {month}` says why, and the cheapest ways out"
    ).format(
        first=first,
        total=sum(count for _shift, count in lacks),
        people=len(part.people),
        month=f"{part.first:%Y-%m}",
    )


def fairest(part: RosterProblem, *, work: float) -> Shared | None:
    """Share a part's duties out with the least sum of weighted squares; None where no roster was found.

    Parameters
    ----------
    work
        Deterministic units at most, for what is near a proven bound and for the rest.
    """
    alike = merged(part)
    model, v = ruled(alike)
    least = least_squares(model, alike, objective.Counters(model, alike, v), work=work)
    if not least.solved.found:
        return None
    duties = parted(part, chosen(alike, v, least.solved))
    # an unproven solve may leave squares loose: the sum is counted from the roster
    value = objective.unfairness(part, duties)
    return Shared(duties, value, value if least.proven else min(least.bound, value))


def make_roster(
    problem: RosterProblem, *, work: float = 60.0, progress: Callable[[str], None] = lambda step: None
) -> dict[str, Any]:
    """Make the fairest roster of a month.

    Parameters
    ----------
    work
        Deterministic units at most, for each role.

    Returns
    -------
    The record ``roster.json``; ``status`` is "optimal" if proven, else "feasible" with its bound.

    Raises
    ------
    Infeasible
        With the days and posts that lack people.
    """
    duties: list[tuple[Shift, RosterPerson]] = []
    total = bound = 0
    for part in problem.parts():
        progress(part.posts[0].role)
        shared = fairest(part, work=work) if part.people else None
        if shared is None:
            raise Infeasible(reason=why_short(part, work))
        duties += shared.duties
        total += shared.value
        bound += shared.bound
    return record_of(problem, duties, total, bound)

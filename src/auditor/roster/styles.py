"""A month's roster in the desk's style: in stages, each frozen at its proven value before the next.

``rotation``: least shortage, then fewest turns departed from, then fairness, then wishes. ``fair``: least
shortage, then fairness (`squares`, or `leximin` class by class), then wishes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ortools.sat.python import cp_model

from auditor.errors import Infeasible
from auditor.roster import objective
from auditor.roster.desk import FAIR, LEXIMIN, ROTATION, SQUARES, DutyDesk
from auditor.roster.leximin import leximin
from auditor.roster.make import Duties, chosen, fairest, hint, ruled, shortage, why_short
from auditor.roster.problem import RosterProblem, Shift
from auditor.roster.record import record_of
from auditor.roster.rotation import Proposal, Turns, propose, settled
from auditor.roster.variables import RosterVariables
from auditor.roster.wishes import cost
from auditor.solving import OPTIMAL, solve

DEPARTURES, FAIRNESS, WISHES, SHORTAGE = "departures", "fairness", "wishes", "shortage"


@dataclass(frozen=True, slots=True)
class Stage:
    """What was made small among the people of a part, its value, and a proven bound of it."""

    name: str
    value: int
    bound: int


@dataclass(slots=True)
class Staged:
    """The duties of a part and its stages so far."""

    duties: Duties
    stages: list[Stage] = field(default_factory=list)
    bound: int = 0
    """Of the sum of weighted squares."""


def make_month(
    problem: RosterProblem,
    *,
    classes: Mapping[date, str] | None = None,
    turns: Mapping[str, Turns] | None = None,
    short: bool = False,
    work: float = 60.0,
    progress: Callable[[str], None] = lambda step: None,
) -> dict[str, Any]:
    """Make a month's roster in the style of its desk.

    Parameters
    ----------
    classes
        Each day's class, and `turns` where the lists stand: what a rotation goes on from.
    short
        Leave seats empty, as few as possible, where not all can be filled.
    work
        Deterministic units at most, for each part and stage.

    Returns
    -------
    The record ``roster.json``.

    Raises
    ------
    Infeasible
        With the days and posts that lack people, unless `short`.
    """
    desk = problem.desk or DutyDesk(style=FAIR)
    proposal = propose(problem, classes or {}, turns or {}) if desk.style == ROTATION else None
    duties: list[Any] = []
    stages: list[dict[str, Any]] = []
    empty: list[dict[str, Any]] = []
    total = bound = 0
    for part in problem.parts():
        progress(part.posts[0].role)
        roles = sorted({post.role for post in part.posts})
        found = _staged(part, proposal, desk, work) if part.people else None
        if found is None:
            lacks = shortage(part, work) if short and part.people else []
            if not lacks:
                raise Infeasible(reason=why_short(part, work))
            less = {shift.index: count for shift, count in lacks}
            # a shift that nobody fills stays: rules about its day still ask who leads
            left = tuple(replace(one, need=one.need - less.get(one.index, 0)) for one in part.shifts)
            seats = {shift.index: shift.need for shift, _count in lacks}
            found = _staged(replace(part, shifts=left, whole=seats), proposal, desk, work)
            if found is None:
                raise Infeasible(reason=why_short(part, work))
            found.stages.insert(0, Stage(SHORTAGE, sum(less.values()), sum(less.values())))
            empty += [
                {"date": shift.day.isoformat(), "post": shift.post.id, "short": count}
                for shift, count in lacks
            ]
        duties += found.duties
        total += objective.unfairness(part, found.duties)
        bound += found.bound
        stages += [
            {"roles": roles, "name": one.name, "value": one.value, "bound": one.bound} for one in found.stages
        ]
    more: dict[str, Any] = {}
    if proposal is not None:
        by_shift = {shift.index: shift for shift in problem.shifts}
        own = [(by_shift[shift.index], person) for shift, person in duties]
        departures, after = settled(problem, classes or {}, proposal, own)
        more["style"] = ROTATION
        more["departures"] = [
            {
                "date": one.day.isoformat(),
                "post": one.post,
                "turn": one.turn,
                "given": one.given,
                "rule": one.rule,
            }
            for one in departures
        ]
        more["turns"] = {key: one.written() for key, one in sorted(after.items())}
    if proposal is not None or empty or problem.wishes or desk.sharing == LEXIMIN:
        more["stages"] = stages
    if empty:
        more["short"] = sorted(empty, key=lambda row: (row["date"], row["post"]))
    if problem.wishes:
        more["wishes"] = [_wish_row(wish, duties) for wish in problem.wishes]
    if problem.locked:
        at = {shift.index: shift for shift in problem.shifts}
        more["fixed"] = [
            {"date": at[index].day.isoformat(), "post": at[index].post.id, "person": who}
            for index, who in problem.locked
        ]
    return record_of(problem, duties, total, min(bound, total), more)


def _wish_row(wish: Any, duties: Any) -> dict[str, Any]:
    rows = [(shift.day, shift.post.id, person.id) for shift, person in duties]
    return {
        "person": wish.person,
        "from": wish.from_on.isoformat(),
        "to": wish.to_on.isoformat(),
        "want": wish.want,
        "post": wish.post,
        "weight": wish.weight,
        "cost": cost([wish], rows),
    }


def _staged(part: RosterProblem, proposal: Proposal | None, desk: DutyDesk, work: float) -> Staged | None:
    """Go through the stages of a part; None where no roster was found."""
    wanted = any(wish.person == person.id for wish in part.wishes for person in part.people)
    if proposal is not None:
        return _rotated(part, proposal, wanted, work)
    if desk.sharing == LEXIMIN:
        found = leximin(part, work=work)
        if found is None:
            return None
        duties, greatest = found
        staged = Staged(duties, [Stage(one.name, one.value, one.bound) for one in greatest])
        staged.bound = objective.floor(part)
        _evened(part, staged, work)
    else:
        shared = fairest(part, work=work)
        if shared is None:
            return None
        staged = Staged(shared.duties, [Stage(FAIRNESS, shared.value, shared.bound)], shared.bound)
    if wanted:
        _wished(part, staged, desk.sharing, work)
    return staged


def _wished(part: RosterProblem, staged: Staged, sharing: str, work: float) -> None:
    """Break the fewest wishes without giving up anything that was reached."""
    model, v = ruled(part)
    counters = objective.Counters(model, part, v)
    levels = objective.levels_of(part)
    if sharing == SQUARES and staged.stages[-1].value == objective.floor(part):
        objective.keep_level(model, counters, levels)
    elif sharing == SQUARES:
        model.add(sum(objective.squares(model, counters, levels)) <= staged.stages[-1].value)
    else:
        _keep(model, part, counters, staged)
    aim = wish_cost(model, part, v)
    model.minimize(aim)
    hint(model, part, v, staged.duties)
    solved = solve(model, work=work)
    if solved.found:
        staged.duties = chosen(part, v, solved)
        value = _cost(part, staged.duties)
        bound = value if solved.status == OPTIMAL else max(0, min(solved.bound, value))
    else:
        value, bound = _cost(part, staged.duties), 0
    staged.stages.append(Stage(WISHES, value, bound))


def _keep(model: cp_model.CpModel, part: RosterProblem, counters: objective.Counters, staged: Staged) -> None:
    """Hold the greatest counter of each class, and the sum of squares where it was made small."""
    for one in staged.stages:
        if one.name == FAIRNESS:
            terms = objective.squares(model, counters, objective.levels_of(part))
            model.add(sum(terms) <= one.value)
        else:
            objective.keep_greatest(model, counters, one.name, one.value)


def _evened(part: RosterProblem, staged: Staged, work: float) -> None:
    """Among rosters whose greatest counters are these, take the one with the least sum of squares."""
    levels, least = objective.levels_of(part), objective.floor(part)
    model, v = ruled(part)
    counters = objective.Counters(model, part, v)
    _keep(model, part, counters, staged)
    objective.keep_level(model, counters, levels)
    solved = solve(model, work=work, linearization=1)
    if solved.found:
        staged.duties = chosen(part, v, solved)
        staged.stages.append(Stage(FAIRNESS, least, least))
        return
    model, v = ruled(part)
    counters = objective.Counters(model, part, v)
    _keep(model, part, counters, staged)
    model.minimize(sum(objective.squares(model, counters, levels)))
    hint(model, part, v, staged.duties)
    solved = solve(model, work=work)
    if solved.found:
        staged.duties = chosen(part, v, solved)
    value = objective.unfairness(part, staged.duties)
    proven = solved.found and solved.status == OPTIMAL
    bound = value if proven else min(max(solved.bound, least), value)
    staged.stages.append(Stage(FAIRNESS, value, bound))


def _cost(part: RosterProblem, duties: Duties) -> int:
    known = {person.id for person in part.people}
    return cost(
        [wish for wish in part.wishes if wish.person in known],
        [(shift.day, shift.post.id, person.id) for shift, person in duties],
    )


def wish_cost(model: cp_model.CpModel, part: RosterProblem, v: RosterVariables) -> cp_model.LinearExprT:
    """Give what the wishes of a part cost: each duty within a wish for none, a wish for one without."""
    people = {person.id: person for person in part.people}
    terms: list[cp_model.LinearExprT] = [0]
    for number, wish in enumerate(part.wishes):
        if wish.person not in people:
            continue
        within = [shift for shift in part.shifts if wish.meets(shift.day, shift.post.id)]
        cells = v.of(people[wish.person], within)
        if wish.want:
            missed = model.new_bool_var(f"missed:{number}")
            model.add_bool_or([*cells, missed])
            terms.append(wish.weight * missed)
        elif cells:
            terms.append(wish.weight * sum(cells))
    return sum(terms)


def _rotated(part: RosterProblem, proposal: Proposal, wanted: bool, work: float) -> Staged | None:
    """Depart from the fewest turns, then be the fairest, then break the fewest wishes."""
    shifts = {shift.index: shift for shift in part.shifts}
    people = {person.id: person for person in part.people}
    turns = _fitting(shifts, [
        (shifts[shift.index], people[person.id])
        for shift, person in proposal.duties
        if shift.index in shifts and person.id in people
    ])  # fmt: skip
    model, v = ruled(part)
    counters = objective.Counters(model, part, v)
    staged: Staged | None = None
    for name in (DEPARTURES, FAIRNESS, *([WISHES] if wanted else [])):
        aim: cp_model.LinearExprT
        if name == DEPARTURES:
            aim = len(turns) - sum(v.on_duty(person, shift) for shift, person in turns)
        elif name == FAIRNESS:
            aim = sum(objective.squares(model, counters, objective.levels_of(part)))
        else:
            aim = wish_cost(model, part, v)
        if staged is not None and staged.stages[0].value == 0 and _whole(part, turns):
            value = objective.unfairness(part, turns) if name == FAIRNESS else _cost(part, turns)
            staged.stages.append(Stage(name, value, value))
            continue
        model.minimize(aim)
        hint(model, part, v, turns if staged is None else staged.duties)
        solved = solve(model, work=work)
        if not solved.found:
            break
        duties = chosen(part, v, solved)
        staged = Staged(duties, staged.stages if staged else [])
        value = {
            DEPARTURES: lambda duties=duties: len(set(_keys(turns)) - set(_keys(duties))),
            FAIRNESS: lambda duties=duties: objective.unfairness(part, duties),
            WISHES: lambda duties=duties: _cost(part, duties),
        }[name]()
        staged.stages.append(
            Stage(name, value, value if solved.status == OPTIMAL else max(0, min(solved.bound, value)))
        )
        model.add(aim <= value)
    if staged is not None:
        staged.bound = objective.floor(part)
    return staged


def _fitting(shifts: Mapping[int, Shift], turns: list[Any]) -> Duties:
    """Give turns of seats that there are: where seats stay empty the last ones of a shift are none."""
    found = []
    for index, shift in shifts.items():
        found += [one for one in turns if one[0].index == index][: shift.need]
    return tuple(found)


def _whole(part: RosterProblem, turns: Duties) -> bool:
    """Whether the turns fill every seat."""
    return len(turns) == sum(shift.need for shift in part.shifts)


def _keys(duties: Duties) -> list[tuple[int, str]]:
    return [(shift.index, person.id) for shift, person in duties]

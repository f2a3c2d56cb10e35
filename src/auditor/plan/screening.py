"""What no team could visit by itself, whatever else is planned; the cheapest question first."""

from __future__ import annotations

from auditor.entities import SLOTS, Unplaced
from auditor.plan.options import Options, free_staff, hold_together, may_see
from auditor.plan.problem import Errand, PlanProblem, open_days
from auditor.plan.roads import Ways
from auditor.plan.rules.mix import mixed_team_holds

UNREACHABLE, CLOSED, NO_SKILL, NO_TEAM, CAPACITY = (
    "unreachable",
    "closed",
    "no-skill",
    "no-team",
    "capacity",
)


def screen(problem: PlanProblem, options: Options, ways: Ways) -> tuple[list[int], list[Unplaced]]:
    """Part the errands into those that could be made alone and those that could not, with reasons.

    Evidence is free of language: numbers, keys of half-days and domains (`pages.evidence` tells it).
    """
    possible, refused = [], []
    for at, errand in enumerate(problem.errands):
        found = _obstacle(problem, options, ways, at, errand)
        if found is None:
            possible.append(at)
        else:
            refused.append(unplaced(errand, *found))
    return possible, refused


def unplaced(errand: Errand, reason: str, evidence: str) -> Unplaced:
    """Write the record of an errand that is not made."""
    return Unplaced(
        unit=errand.unit, draw=errand.draw, domains=errand.domains, reason=reason, evidence=evidence
    )


def _obstacle(
    problem: PlanProblem, options: Options, ways: Ways, at: int, errand: Errand
) -> tuple[str, str] | None:
    starts = (ways, *ways.others)
    reached = [slot for slot in errand.arrivals if any(_reached(one, slot, at, errand) for one in starts)]
    if not reached:
        near = min(starts, key=lambda one: one.out_min[at] + one.back_min[at])
        slots, there, back = "+".join(errand.arrivals) or "-", near.out_min[at], near.back_min[at]
        return UNREACHABLE, f"{slots}: {near.out[at]} m, {there}+{errand.minutes}+{back} min"
    days = open_days(problem, errand)
    if not days:
        return CLOSED, f"0/{len(problem.days)}"
    if not hold_together(problem.staff, errand.domains, problem.team):
        return NO_SKILL, f"{'+'.join(errand.domains)}: 0"
    if not any(options.masks[at] & options.in_slot[slot] for slot in reached):
        return NO_TEAM, f"{'+'.join(reached)}: 0/{len(days)}"
    if problem.departments and not any(
        mixed_team_holds(
            problem.departments,
            [one for one in free_staff(problem, day, slot) if may_see(problem, one, errand)],
            errand.domains,
            problem.team,
        )
        for day in days
        for slot in reached
        if f"{day}/{slot}" not in problem.shut.get(errand.unit, ())
    ):
        return NO_TEAM, f"{'+'.join(reached)}: 0/{len(days)}, mix"
    return None


def _reached(ways: Ways, slot: str, at: int, errand: Errand) -> bool:
    opens, closes = SLOTS[slot]
    first, last = errand.arrivals[slot]
    arrival = max(first, opens + ways.out_min[at])
    return arrival <= last and arrival + errand.minutes + ways.back_min[at] <= closes

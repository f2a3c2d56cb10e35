"""Why a person's counter cannot be lower (为什么轮到我): solved again with one duty less, rule by rule.

Lower means that he has one duty of the class less and nobody else comes to where he was. What stands in the
way is arithmetic, or the rules that are left when each that can be given up without help has been.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.roster import objective
from auditor.roster.make import ruled, rules_of
from auditor.roster.problem import RosterPerson, RosterProblem
from auditor.roster.rules import cover
from auditor.solving import IMPOSSIBLE, solve

NO_DUTY, EVEN, RULES, SOME, LOWER, UNKNOWN = "no-duty", "even", "rules", "some-rules", "lower", "unknown"
"""What was found: no new duty of the class is his; all others have as many but one; rules forbid it; rules
forbid it, and the work ran out before each was tried; it could be lower, at a price elsewhere; the work ran
out.
"""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a counter is not lower; `rules` are names of a smallest set that forbids it; of SOME, those
    without which it could be.
    """

    kind: str
    rules: tuple[str, ...] = ()


def why_not_lower(
    part: RosterProblem,
    counts: Mapping[tuple[str, str], int],
    person: RosterPerson,
    name: str,
    *,
    work: float,
) -> Why:
    """Say why somebody's counter of a class is not one lower.

    Parameters
    ----------
    counts
        Everybody's counters after the roster, by person and class.
    work
        Deterministic units at most for each solve.
    """
    if counts[person.id, name] <= person.carried[name]:
        return Why(NO_DUTY)
    limits = {
        other.id: max(counts[other.id, name], -(-counts[person.id, name] * other.share // person.share) - 1)
        for other in part.people
    }
    limits[person.id] = counts[person.id, name] - 1
    pool = next(pool for pool in part.pools() if pool & set(person.roles))
    mates = [other for other in part.people if pool & set(other.roles)]
    if sum(limits[one.id] for one in mates) < sum(counts[one.id, name] for one in mates):
        return Why(EVEN)
    rules = rules_of(part)
    found = _tried(part, rules, limits, name, work)
    if found is None:
        return Why(UNKNOWN)
    if found:
        return Why(LOWER)
    kept = list(rules)
    needed, unsettled = set(), False
    for rule in sorted(rules, key=lambda one: _concerns(part, one.NAME, mates)):
        if rule is cover:
            continue
        less = [one for one in kept if one is not rule]
        lower = _tried(part, less, limits, name, work)
        if lower is False:
            kept = less
        elif lower:
            needed.add(rule.NAME)
        else:
            unsettled = True
    named = tuple(rule.NAME for rule in kept if rule.NAME in needed)
    return Why(SOME if unsettled else RULES, named)


def _concerns(part: RosterProblem, rule: str, people: Sequence[RosterPerson]) -> bool:
    """Whether a rule by its name can be about the duties of these people at all."""
    ids = {one.id for one in people}
    roles = {role for one in people for role in one.roles}
    limits = {"gap": part.gaps, "runs": part.runs, "week": part.week, "month": part.month}
    if rule in limits:
        return bool(roles & set(limits[rule]))
    if rule == "pairs":
        return any(ids & set(pair.people) for pair in part.pairs)
    if rule == "groups":
        return any(ids & {group.leader, *group.members} for group in part.groups)
    if rule == "stand-by":
        return any(one.standby for one in people)
    if rule in ("leave", "out-of-town"):
        return any(one.leave or one.half or one.away_half for one in people)
    return True


def _tried(
    part: RosterProblem, rules: list[object], limits: Mapping[str, int], name: str, work: float
) -> bool | None:
    """Whether a roster under these rules keeps the limits of a class; None where the work ran out."""
    model, v = ruled(part, rules)
    counters = objective.Counters(model, part, v)
    for person in part.people:
        model.add(counters.count(person, name) <= limits[person.id])
    solved = solve(model, work=work, linearization=1)
    if solved.found:
        return True
    return False if solved.status == IMPOSSIBLE else None

"""Secrecy of pattern: what a plan gives up in kilometres so that one visit says less about the next.

A stop is near another in its township, or within some metres of road. Near stops of one sortie are limited
(`company`), ways between units are altered by lot while visits are bundled, so that last period's companions
are not this period's, and of the orders that are hardly longer than the shortest one is taken by lot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from auditor.plan.problem import PlanProblem
from auditor.plan.roads import Roads

Chance = Callable[..., int]
"""Gives the lot of some words, a whole number from 0 to below 2^64: the same words, the same lot."""
LOTS = 1 << 64
"""Lots are whole numbers below this."""
NEAR_M = 3_000
"""Nearer than so many metres of road a team is seen."""
CHEAP, BALANCED, STRICT = "cheap", "balanced", "strict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrecy:
    """A level of secrecy.

    `company` is how many stops of one sortie may lie near each other, None for any number; `altered` by how
    many thousandths of the way out a way between two units seems longer at most while visits are bundled;
    `longer` by how many thousandths an order of stops may be longer than the shortest; `meets` whether teams
    wait for each other to arrive at neighbours in the same minute.
    """

    company: int | None
    altered: int
    longer: int
    meets: bool


LEVELS: Mapping[str, Secrecy] = {
    CHEAP: Secrecy(company=None, altered=0, longer=0, meets=False),
    BALANCED: Secrecy(company=2, altered=500, longer=10, meets=True),
    STRICT: Secrecy(company=1, altered=500, longer=20, meets=True),
}


def at_level(problem: PlanProblem, level: str, townships: Mapping[str, str]) -> PlanProblem:
    """Give a problem with the limits of a level; raises KeyError for one that is not among LEVELS."""
    one = LEVELS[level]
    return replace(
        problem,
        company=one.company,
        near_m=NEAR_M,
        townships=townships,
        altered=one.altered,
        longer=one.longer,
        meets=one.meets,
    )


def altered(problem: PlanProblem, roads: Roads, chance: Chance | None) -> Roads:
    """Give the roads as bundling sees them: each way between two units seems longer by lot.

    It seems longer by up to `altered` thousandths of the shorter of the two ways out, there as back; the
    ways of the start and all minutes stay. The roads themselves without a chance.
    """
    if chance is None or not problem.altered:
        return roads
    units = [errand.unit for errand in problem.errands]
    rows = [list(row) for row in roads.metres]
    for a, one in enumerate(units):
        for b, other in enumerate(units[:a]):
            if one != other:
                lot = chance("way", *sorted((one, other)))
                most = min(rows[-1][a], rows[-1][b]) * problem.altered // 1000
                more = lot * (most + 1) // LOTS
                rows[a][b] += more
                rows[b][a] += more
    return replace(
        roads,
        metres=tuple(map(tuple, rows)),
        others=tuple(
            replace(
                one,
                metres=(
                    *((*row[:-1], way[-1]) for row, way in zip(rows, one.metres[:-1], strict=False)),
                    one.metres[-1],
                ),
            )
            for one in roads.others
        ),
    )

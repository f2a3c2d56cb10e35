"""Fair loads: what a planner wishes for those who go out, what a plan keeps of it, and what they have borne.

None of this is frozen with a number, for it is about no unit: it gives way before a visit is left out.
The plan's record says what was kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from auditor.plan.loads import FAIR
from auditor.plan.problem import COUNTY, PlanProblem
from auditor.store import Database
from auditor.store.numbers import read_frozen, read_numbers
from auditor.workflow.history import known_visits

ABOVE_MEAN = 1
"""How many half-days above the mean, rounded up, anyone may be out."""
APART = (1, 2)
"""How far apart everyone's half-days may lie where they are to be even: in a county, and in a city."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a planner wishes: a limit on loads, even loads, at most so often out with the same person."""

    load: bool = True
    even: bool = False
    pairs: int | None = None

    def rules(self, visits: int) -> dict[str, Any]:
        """Give the fields of a problem of so many visits."""
        return {
            "load": ABOVE_MEAN if self.load else None,
            "even": APART[visits > COUNTY] if self.even else None,
            "pairs": self.pairs,
        }


USUAL = Wishes()
"""What is wished where nobody says anything."""


def fairness_record(problem: PlanProblem, given_up: tuple[str, ...]) -> dict[str, Any]:
    """Write for a plan's record which rules it keeps, which gave way, and what counted from before."""
    return {
        **{name: None if name in given_up else getattr(problem, name) for name in FAIR},
        "given_up": list(given_up),
        "carried": dict(sorted(problem.carried.items())),
    }


def fair_fields(record: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give the fields that a plan's record says, of a problem or of a check's facts; older plans set none."""
    kept = record or {}
    return {name: kept.get(name) for name in FAIR} | {"carried": kept.get("carried", {})}


def carried_loads(db: Database, number: int, ids: Mapping[str, str]) -> dict[str, int]:
    """Give how many half-days everyone was out in the earlier numbers of the same year; by neutral id.

    Nothing sealed is opened: of numbers that are open the released visits count. Who was not there in a
    number counts as having been out as often as the mean of those who were (rounded down over all), so that
    nobody new has to catch up with a year.

    Parameters
    ----------
    number
        Which is planned.
    ids
        Everyone's neutral id in it, by own id.
    """
    numbers = {one["number"]: one for one in read_numbers(db)}
    year = {one: record["facts"]["period"][0][:4] for one, record in numbers.items()}
    carried = dict.fromkeys(ids, Fraction(0))
    for earlier in sorted(numbers):
        if earlier >= number or year[earlier] != year[number]:
            continue
        parts = read_frozen(db, earlier, "field", "staff")
        own = {kept["id"]: who for who, kept in parts.get("staff", {}).items()}
        there = {own[one["id"]] for one in parts.get("field", {}).get("staff", []) if one["free"]}
        out: dict[str, set[tuple[str, str]]] = {who: set() for who in there}
        for visit in _made(db, numbers[earlier]):
            for one in visit["team"]:
                if own.get(one) in there:
                    out[own[one]].add((visit["date"], visit["slot"]))
        mean = Fraction(sum(map(len, out.values())), max(1, len(out)))
        for who in carried:
            carried[who] += len(out[who]) if who in out else mean
    return {ids[who]: int(half_days) for who, half_days in carried.items() if half_days >= 1}


def _made(db: Database, record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the visits of a number that are no secret and took place, with the day and team they had."""
    visits, outcomes = known_visits(db, record)
    for name, visit in visits.items():
        became = outcomes.get(name, {})
        if became.get("outcome") != "cancelled":
            yield {**visit, **{key: became[key] for key in ("date", "team") if key in became}}

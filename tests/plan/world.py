"""A small made-up county for the tests of the plan: units on a plane, staff on stand-by, fake lots."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from itertools import combinations
from random import Random
from typing import Any

from auditor.entities import SLOTS, Domain, Lots, Sortie, Staff, Unit, Window
from auditor.plan.check import PlanFacts
from auditor.plan.make import PlanMade
from auditor.plan.problem import Errand, PlanProblem, errands_of

START = (24.75, 121.75)
BEACON = "2026-11-30"
FIELD_DAYS = tuple(
    day.isoformat()
    for day in (date(2026, 12, 1) + timedelta(days=number) for number in range(31))
    if day.weekday() < 5
)
DOMAINS = {
    one.key: one
    for one in (
        Domain(key="fire", version="1", zh="消防", en="fire", minutes=25, items=()),
        Domain(key="transport", version="1", zh="校车", en="transport", minutes=20, items=()),
        Domain(
            key="food",
            version="1",
            zh="食品",
            en="food",
            minutes=30,
            items=(),
            windows=(Window(slot="morning", earliest=630, latest=705),),
        ),
        Domain(
            key="dorms",
            version="1",
            zh="宿舍",
            en="dorms",
            minutes=40,
            items=(),
            windows=(Window(slot="evening", earliest=1140, latest=1230),),
        ),
    )
}


def unit(number: int) -> Unit:
    """A unit with a number; ten townships."""
    return Unit(id=f"u{number:03d}", name=f"unit {number}", township=f"t{number % 10}")


def errand(name: str, point: tuple[float, float], *keys: str) -> Errand:
    """One visit for these domains; the first of the unit's visits where there are several."""
    found = errands_of(name, "main", [DOMAINS[key] for key in keys], point)
    assert len(found) == 1
    return found[0]


def person(name: str, *free: str, domains: Sequence[str] = tuple(DOMAINS), share: int = 4) -> Staff:
    """One inspector, free in these half-days."""
    return Staff(id=name, domains=tuple(sorted(domains)), free=tuple(sorted(free)), share=share)


def county(
    seed: int, units: int = 18, people: int = 12, days: Sequence[str] = FIELD_DAYS, **changes: object
) -> PlanProblem:
    """A county with food, fire and transport everywhere and dormitories at every fourth unit."""
    random = Random(seed)
    errands: list[Errand] = []
    strata = {}
    for number in range(units):
        one = unit(number)
        strata[one.id] = one.stratum
        point = (START[0] + random.uniform(-0.12, 0.12), START[1] + random.uniform(-0.12, 0.12))
        keys = ["fire", "transport"] + ["food"] * (number % 3 > 0) + ["dorms"] * (number % 4 == 0)
        errands += errands_of(one.id, "main", [DOMAINS[key] for key in keys], point)
    names = [f"P{number:02d}" for number in range(1, people + 1)]
    staff = []
    for at, name in enumerate(names):
        block = at // 4
        free = []
        for turn, slot in enumerate(["morning"] * 4 + ["afternoon"] * 2 + ["evening"] * 2):
            day = days[(turn * 3 + block) % len(days)]
            free.append(f"{day}/{slot}")
        keys = sorted(random.sample(sorted(DOMAINS), 3))
        staff.append(
            Staff(
                id=name,
                domains=tuple(keys),
                conflict_units=("u003",) if at == 1 else (),
                conflict_strata=("t7",) if at == 2 else (),
                free=tuple(sorted(set(free))),
                share=4,
            )
        )
    order = sorted(strata, key=lambda one: hashlib.sha256(f"{seed}/{one}".encode()).digest())
    facts: dict[str, object] = {
        "start": START,
        "errands": tuple(errands),
        "staff": tuple(staff),
        "days": tuple(days),
        "windows": {"main": (days[0], days[-1])},
        "beacon_day": BEACON,
        "closed": {"u001": frozenset(days[:5])},
        "strata": strata,
        "keep_order": tuple(order),
    }
    return PlanProblem(**{**facts, **changes})


def fake_lots(problem: PlanProblem, seed: int = 1) -> Callable[[Sequence[Sortie]], Mapping[str, Lots]]:
    """Lots by a plain hash in place of the draw's own; written from the contract, not from the room."""

    def lot(*words: str) -> bytes:
        return hashlib.sha256("/".join((str(seed), *words)).encode()).digest()

    def give(sorties: Sequence[Sortie]) -> dict[str, Lots]:
        found = {}
        for sortie in sorties:
            units = sorted(stop.unit for stop in sortie.stops)
            lead = min(units, key=lambda one: lot("lead", one))
            wanted = {key for stop in sortie.stops for key in stop.domains}
            teams = {}
            for day in problem.days:
                ends = [problem.windows[stop.draw] for stop in sortie.stops]
                if not all(first <= day <= last for first, last in ends) or day <= problem.beacon_day:
                    continue
                if any(day in problem.closed.get(one, ()) for one in units):
                    continue
                free = [
                    one
                    for one in problem.staff
                    if f"{day}/{sortie.slot}" in one.free
                    and not set(one.conflict_units) & set(units)
                    and not set(one.conflict_strata) & {problem.strata.get(at) for at in units}
                ]
                free.sort(key=lambda one: lot("staff", lead, one.id))
                valid = tuple(
                    tuple(sorted(one.id for one in team))
                    for team in combinations(free, problem.team)
                    if wanted <= {key for one in team for key in one.domains}
                )
                if valid:
                    teams[day] = valid
            days = tuple(sorted(teams, key=lambda day: lot("day", lead, day)))
            found[sortie.key] = Lots(lead=lead, days=days, teams=teams)
        return found

    return give


def half_days(*days: str) -> list[str]:
    """Every half-day of these days."""
    return [f"{day}/{slot}" for day in days for slot in SLOTS]


def tight(*, free_days: Mapping[str, int], **changes: object) -> PlanProblem:
    """Four visits that each take a morning, one car; who is there on how many of the four days."""
    days = FIELD_DAYS[:4]
    points = [(START[0] + 0.25 * a, START[1] + 0.25 * b) for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
    facts: dict[str, object] = {
        "start": START,
        "errands": tuple(
            replace(errand(f"u{at}", point, "fire"), arrivals={"morning": (480, 700)})
            for at, point in enumerate(points)
        ),
        "staff": tuple(person(name, *half_days(*days[:count])) for name, count in free_days.items()),
        "days": days,
        "windows": {"main": (days[0], days[-1])},
        "beacon_day": BEACON,
        "closed": {},
        "strata": {},
        "keep_order": ("u0", "u1", "u2", "u3"),
        "cars": 1,
    }
    return PlanProblem(**{**facts, **changes})


def record_of(problem: PlanProblem, made: PlanMade) -> dict[str, Any]:
    """Write a plan the way plan.json has it, with ids that only count."""
    visits = [
        {
            "id": f"{sortie.key}-{number}",
            "unit": stop.unit,
            "draw": stop.draw,
            "domains": list(stop.domains),
            "source": "drawn",
            "sortie": sortie.key,
            "date": made.days[sortie.key],
            "slot": sortie.slot,
            "start": f"{stop.start // 60:02d}:{stop.start % 60:02d}",
            "team": list(made.teams[sortie.key]),
            "lead": made.leads[sortie.key],
            "minutes": stop.minutes,
        }
        for sortie in made.sorties
        for number, stop in enumerate(sortie.stops)
    ]
    record = {
        "visits": visits,
        "unplaced": [asdict(one) for one in made.unplaced],
        "departures": [asdict(one) for one in made.departures],
        "objective_m": made.objective_m,
        "bound_m": made.bound_m,
        "commit_sha256": "c0",
        "start": {"lat": problem.start[0], "lng": problem.start[1]},
        "points": {},
        "factor": problem.factor / 1000,
        "speed_kmh": problem.speed_kmh,
        "sortie_cost_m": problem.sortie_cost_m,
        "provisional": False,
    }
    return json.loads(json.dumps(record))


def facts_of(problem: PlanProblem, made: PlanMade | None = None) -> PlanFacts:
    """Say what a plan of this problem must agree with."""
    demand: dict[str, dict[str, set[str]]] = {}
    for one in problem.errands:
        demand.setdefault(one.draw, {}).setdefault(one.unit, set()).update(one.domains)
    return PlanFacts(
        points={one.unit: one.point for one in problem.errands},
        start=problem.start,
        demand=demand,
        domains=DOMAINS,
        staff=problem.staff,
        days=problem.days,
        beacon_day=problem.beacon_day,
        windows=problem.windows,
        closed=problem.closed,
        strata=problem.strata,
        team=problem.team,
        cars=problem.cars,
        bound_m=made.bound_m if made else None,
        commit_sha256="c0",
        provisional=False,
        stand_ins=(),
    )

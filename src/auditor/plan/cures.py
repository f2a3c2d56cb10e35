"""Cures: changes of a problem under which a visit could be made, each with its price; and how they apply."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from auditor.entities import SLOTS, Staff
from auditor.plan.given import Given
from auditor.plan.options import may_see
from auditor.plan.problem import Errand, PlanProblem, Travel, cars_of
from auditor.plan.roads import nearest, roads_of
from auditor.plan.rules.mix import mixed

STAND_BY, HALF_DAY, OPEN, CAR, SKILL, MIX, PERSON, HOURS, CONFLICT, MINUTES = (
    "stand-by",
    "half-day",
    "open",
    "car",
    "skill",
    "mix",
    "person",
    "hours",
    "conflict",
    "minutes",
)
COST = {
    STAND_BY: 10,
    HALF_DAY: 10,
    OPEN: 20,
    CAR: 30,
    SKILL: 40,
    MIX: 60,
    PERSON: 100,
    HOURS: 150,
    CONFLICT: 200,
    MINUTES: 1,
}
"""What a change costs beside others; of minutes each one."""
MOST_MINUTES = 180
"""No half-day is made longer than by so much."""
ANY_COST = 1 << 30


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Change:
    """One change of a problem.

    ``stand-by``: `who` is free in that half-day and may be used once more. ``half-day``: `who` may be used
    once more. ``open``: `unit` may be visited in that half-day. ``car``: one more in this kind of half-day.
    ``skill``: `who` holds `domains`. ``mix``: a team may be of one department. ``person``: somebody new,
    `who` (``+1``, ``+2``, …), holds `domains` and is always free. ``hours``: `unit` is at work in this kind
    of half-day. ``conflict``: `who` may see `unit`. ``minutes``: a team leaves for `unit` so many minutes
    `early` before a half-day of this kind begins and is back so many `late` after it.
    """

    kind: str
    who: str = ""
    unit: str = ""
    domains: tuple[str, ...] = ()
    day: str = ""
    slot: str = ""
    early: int = 0
    late: int = 0

    @property
    def cost(self) -> int:
        """What it costs beside other changes."""
        if self.kind == MINUTES:
            return COST[MINUTES] * (self.early + self.late)
        return COST[self.kind] * max(1, len(self.domains) if self.kind == SKILL else 1)


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """A half-day and a team that could make a visit in a sortie of its own, if these changes were made."""

    cost: int
    day: str
    place: int
    team: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def slot(self) -> str:
        """The kind of half-day."""
        return list(SLOTS)[self.place]


def newcomer(name: str, domains: Sequence[str], days: Sequence[str]) -> Staff:
    """Give somebody new, who is free in every half-day of these days and may always be used."""
    free = [f"{day}/{slot}" for day in days for slot in SLOTS]
    return Staff(id=name, domains=tuple(sorted(domains)), free=tuple(sorted(free)), share=len(free))


def alone(problem: PlanProblem, errand: Errand) -> PlanProblem:
    """Give the problem of one errand from its nearest start; the shares of half-days are left aside."""
    one = nearest(problem, errand)
    return replace(one, errands=(errand,), load=None, even=None, keep_order=(errand.unit,))


def ways(
    problem: PlanProblem, errand: Errand, given: Mapping[str, Given], most: int = ANY_COST
) -> Iterator[Way]:
    """Give every way to make an errand beside sorties that stay as they are, at a cost of at most `most`.

    Of people who are alike for this errand (what they hold of it, department, whether the unit is of their
    own contact area) only the cheapest are looked at. Whether rules of load, pairs or area forbid a way is
    not asked.
    """
    roads = roads_of(alone(problem, errand))
    out: dict[tuple[str, str], set[str]] = defaultdict(set)
    sorties: Counter[tuple[str, str]] = Counter()
    used: Counter[str] = Counter()
    for one in given.values():
        out[one.day, one.slot].update(one.team)
        sorties[one.day, one.slot] += 1
        used.update(one.team)
    free = {one.id: frozenset(one.free) for one in problem.staff}
    sees = {one.id: may_see(problem, one, errand) for one in problem.staff}
    first, last = problem.windows[errand.draw]
    closed = problem.closed.get(errand.unit, frozenset())
    shut = problem.shut.get(errand.unit, frozenset())
    for place, slot in enumerate(SLOTS):
        always = _reach(errand, slot, roads.minutes[-1][0], roads.minutes[0][-1])
        if always is None or _cost(always) > most:
            continue
        for day in sorted(problem.days):
            if not first <= day <= last or day <= problem.beacon_day:
                continue
            here = list(always)
            if day in closed or f"{day}/{slot}" in shut:
                here.append(Change(kind=OPEN, unit=errand.unit, day=day, slot=slot))
            if sorties[day, slot] >= cars_of(problem, slot):
                here.append(Change(kind=CAR, slot=slot))
            if _cost(here) > most:
                continue
            people: list[tuple[Staff, list[Change]]] = []
            for person in problem.staff:
                if person.id in out[day, slot]:
                    continue
                own = []
                if f"{day}/{slot}" not in free[person.id]:
                    own.append(Change(kind=STAND_BY, who=person.id, day=day, slot=slot))
                elif used[person.id] >= person.share:
                    own.append(Change(kind=HALF_DAY, who=person.id))
                if not sees[person.id]:
                    own.append(Change(kind=CONFLICT, who=person.id, unit=errand.unit))
                people.append((person, own))
            for number in range(1, problem.team + 1):
                new = newcomer(f"+{number}", errand.domains, [day])
                people.append((new, [Change(kind=PERSON, who=new.id, domains=new.domains)]))
            for team in combinations(_cheapest(problem, errand, people, most - _cost(here)), problem.team):
                way = _way(problem, errand, day, place, here, team)
                if way.cost <= most:
                    yield way


def _cost(changes: Sequence[Change]) -> int:
    return sum(one.cost for one in changes)


def _reach(errand: Errand, slot: str, there: int, back: int) -> list[Change] | None:
    """What must change for a team to come and be back; None where it is too far for any longer half-day."""
    opens, closes = SLOTS[slot]
    changes = []
    if slot not in errand.arrivals:
        changes.append(Change(kind=HOURS, unit=errand.unit, slot=slot))
    first, last = errand.arrivals.get(slot, _whole(errand, slot))
    early = max(0, opens + there - last)
    arrival = max(first, opens + there - early)
    late = max(0, arrival + errand.minutes + back - closes)
    if early + late > MOST_MINUTES:
        return None
    if early + late:
        changes.append(Change(kind=MINUTES, unit=errand.unit, slot=slot, early=early, late=late))
    return changes


def _whole(errand: Errand, slot: str) -> tuple[int, int]:
    opens, closes = SLOTS[slot]
    return opens, max(opens, closes - errand.minutes)


def _cheapest(
    problem: PlanProblem, errand: Errand, people: Sequence[tuple[Staff, list[Change]]], most: int
) -> list[tuple[Staff, list[Change]]]:
    alike: dict[tuple[frozenset[str], str, bool], list[tuple[Staff, list[Change]]]] = defaultdict(list)
    for one, own in sorted(people, key=lambda pair: (_cost(pair[1]), pair[0].id)):
        held = frozenset(one.domains) & frozenset(errand.domains)
        kind = held, problem.departments.get(one.id, ""), errand.unit in problem.areas.get(one.id, ())
        if _cost(own) <= most and len(alike[kind]) < problem.team:
            alike[kind].append((one, own))
    return sorted((pair for some in alike.values() for pair in some), key=lambda pair: pair[0].id)


def _way(
    problem: PlanProblem,
    errand: Errand,
    day: str,
    place: int,
    here: Sequence[Change],
    team: Sequence[tuple[Staff, list[Change]]],
) -> Way:
    changes = [*here, *(change for _one, own in team for change in own)]
    missing = set(errand.domains) - {key for one, _own in team for key in one.domains}
    names = tuple(sorted(one.id for one, _own in team))
    if missing:
        changes.append(Change(kind=SKILL, who=names[0], domains=tuple(sorted(missing))))
    new = {one: one for one in names if one.startswith("+")}
    if problem.departments and not mixed({**problem.departments, **new}, names):
        changes.append(Change(kind=MIX))
    return Way(_cost(changes), day, place, names, tuple(sorted(changes)))


def applied(problem: PlanProblem, changes: Sequence[Change]) -> PlanProblem:
    """Give the problem as it is with these changes."""
    for change in changes:
        problem = _apply(problem, change)
    return problem


def _apply(problem: PlanProblem, change: Change) -> PlanProblem:
    half_day = f"{change.day}/{change.slot}"
    match change.kind:
        case "stand-by" | "half-day" | "skill" | "conflict":
            staff = [_changed(problem, one, change) if one.id == change.who else one for one in problem.staff]
            return replace(problem, staff=tuple(staff))
        case "open":
            closed = problem.closed.get(change.unit, frozenset()) - {change.day}
            shut = problem.shut.get(change.unit, frozenset()) - {half_day}
            return replace(
                problem,
                closed={**problem.closed, change.unit: closed},
                shut={**problem.shut, change.unit: shut},
            )
        case "car":
            cars = {slot: cars_of(problem, slot) + (slot == change.slot) for slot in SLOTS}
            return replace(problem, cars_in=cars, cars=max(cars.values()))
        case "mix":
            return replace(problem, departments={})
        case "person":
            known = problem.departments and {**problem.departments, change.who: change.who}
            new = newcomer(change.who, change.domains, problem.days)
            return replace(problem, staff=(*problem.staff, new), departments=known)
        case "hours":
            errands = [
                replace(one, arrivals={**one.arrivals, change.slot: _whole(one, change.slot)})
                if one.unit == change.unit and change.slot not in one.arrivals
                else one
                for one in problem.errands
            ]
            return replace(problem, errands=tuple(errands))
        case "minutes":
            return replace(problem, travel=_sooner(problem, change))
    raise ValueError(change.kind)


def _changed(problem: PlanProblem, one: Staff, change: Change) -> Staff:
    if change.kind == STAND_BY:
        return replace(
            one, free=tuple(sorted({*one.free, f"{change.day}/{change.slot}"})), share=one.share + 1
        )
    if change.kind == HALF_DAY:
        return replace(one, share=one.share + 1)
    if change.kind == SKILL:
        return replace(one, domains=tuple(sorted({*one.domains, *change.domains})))
    stratum = problem.strata.get(change.unit, "")
    units = set(one.conflict_units)
    if stratum in one.conflict_strata:  # the others of that stratum stay closed to this person
        units |= {unit for unit, its in problem.strata.items() if its == stratum}
    return replace(
        one,
        conflict_units=tuple(sorted(units - {change.unit})),
        conflict_strata=tuple(its for its in one.conflict_strata if its != stratum),
    )


def _sooner(problem: PlanProblem, change: Change) -> Travel:
    """A half-day that begins earlier is, for one visit, a way there that takes so much less; and back."""
    roads, count = roads_of(problem), len(problem.errands)
    starts = (roads, *roads.others)
    places = {errand.unit: row for row, errand in enumerate(problem.errands)}
    places |= {one.start: count + at for at, one in enumerate(starts)}
    metres, minutes = (
        [
            *([*square[0][row][:-1], *(one[row][-1] for one in square)] for row in range(count)),
            *([*one[-1], *[0] * (len(starts) - 1)] for one in square),
        ]
        for square in ([one.metres for one in starts], [one.minutes for one in starts])
    )
    for row, errand in enumerate(problem.errands):
        for start in range(count, count + len(starts)) if errand.unit == change.unit else ():
            minutes[start][row] = max(0, minutes[start][row] - change.early)
            minutes[row][start] = max(0, minutes[row][start] - change.late)
    return Travel(places=places, metres=metres, minutes=minutes)

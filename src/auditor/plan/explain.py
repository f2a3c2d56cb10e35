"""Why a visit is in no plan, and the cheapest change that would place it; each change is tried out.

A cure is sought over every half-day and team: what would have to change for that team to make the visit
then, the rest of the plan as it is. The cheapest one that no rule forbids is applied, and the visit is
planned again in that half-day by that team. Where all visits are few, a cure of a visit that fails for
capacity is made smaller as long as all of them can still be planned together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from auditor.entities import SLOTS, Lots, Sortie, Unplaced
from auditor.plan.cures import HALF_DAY, Change, Way, alone, applied, newcomer, ways
from auditor.plan.given import Given
from auditor.plan.options import free_staff, may_see, options_of
from auditor.plan.problem import Errand, PlanProblem, cars_of, open_days
from auditor.plan.roads import roads_of, ways_of
from auditor.plan.rules import forbidding
from auditor.plan.screening import CAPACITY, CLOSED, NO_SKILL, UNREACHABLE, screen

EXACT = 60
"""Up to so many visits a cure for capacity is tried out on all of them together."""
MORE_WORK = 10.0
"""Units of solver work for each question of what more would place all: one answer, whoever asks."""
MOST_TRIES = 300
MOST_MORE = 16
"""More half-days, cars or people than this are not tried."""
OWN = "own"
"""The key of the sortie that is added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a visit is not made: its record, the figures behind the reason, and the cheapest cure.

    `cure` is empty where none was found. With it the visit is made on `day`, in `slot`, by `team`, in a
    sortie of its own, all others as they are; or, `together`, all visits are planned anew and these three
    are empty. A day without a cure says that nothing stands in the way of a sortie of its own. A unit that
    fails for capacity is kept with all its visits or with none, so that the cure places all of them.
    """

    unplaced: Unplaced
    numbers: Mapping[str, int]
    cure: tuple[Change, ...] = ()
    day: str = ""
    slot: str = ""
    team: tuple[str, ...] = ()
    together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """What would place all visits that fail for capacity only, each by itself; None where 16 are too few.

    `half_days` more for each person, on which they stand by already; `cars` more in every kind of half-day;
    `people` more who hold everything and are always free. `least` tells that one less of each was tried out
    on all visits together and is too few; else fewer might do.
    """

    half_days: int | None
    cars: int | None
    people: int | None
    least: bool


def any_lots(problem: PlanProblem) -> Callable[[Sequence[Sortie]], Mapping[str, Lots]]:
    """Give lots in plain order, days from the first on: for visits for which no lot is drawn."""

    def give(sorties: Sequence[Sortie]) -> dict[str, Lots]:
        return {sortie.key: _plain(problem, sortie) for sortie in sorties}

    return give


def _plain(problem: PlanProblem, sortie: Sortie) -> Lots:
    stops = {(stop.unit, stop.draw, stop.domains) for stop in sortie.stops}
    errands = [one for one in problem.errands if (one.unit, one.draw, one.domains) in stops]
    days = set.intersection(*(set(open_days(problem, one)) for one in errands))
    teams = {}
    for day in sorted(days):
        people = [
            one
            for one in free_staff(problem, day, sortie.slot)
            if all(may_see(problem, one, errand) for errand in errands)
        ]
        valid = tuple(
            tuple(one.id for one in team)
            for team in combinations(people, problem.team)
            if sortie.domains <= {key for one in team for key in one.domains}
        )
        if valid:
            teams[day] = valid
    return Lots(lead=min(sortie.units), days=tuple(teams), teams=teams)


def placed(problem: PlanProblem, *, work: float) -> bool:
    """Plan a problem, and tell whether every errand of it is made."""
    from auditor.plan.make import make_plan

    return not make_plan(problem, any_lots(problem), work=work, partly=False).unplaced


def explain(
    problem: PlanProblem,
    given: Mapping[str, Given],
    unplaced: Sequence[Unplaced],
    *,
    work: float = 10.0,
    progress: Callable[[Unplaced], None] | None = None,
    all_of_them: Sequence[Unplaced] = (),
) -> list[Why]:
    """Explain unplaced records of a plan, in their order.

    Parameters
    ----------
    given
        The sorties of the plan, with their days and teams.
    unplaced
        Of errands of the problem: an errand by unit, draw and domains.
    work
        Deterministic units of solving for each question asked.
    all_of_them
        All unplaced records of the plan, where only some are asked about.

    Raises
    ------
    ValueError
        If a record is of no errand of the problem.
    """
    found = []
    smaller: dict[str, tuple[Change, ...] | None] = {}
    for record in unplaced:
        if progress is not None:
            progress(record)
        found.append(_explained(problem, given, all_of_them or unplaced, record, work, smaller))
    return found


def errand_of(problem: PlanProblem, record: Unplaced) -> Errand:
    """Find the errand that a record is about; raises ValueError."""
    for one in problem.errands:
        if _named(one) == (record.unit, record.draw, tuple(record.domains)):
            return one
    raise ValueError(f"{record.unit}: no such visit")


def _explained(
    problem: PlanProblem,
    given: Mapping[str, Given],
    unplaced: Sequence[Unplaced],
    record: Unplaced,
    work: float,
    smaller: dict[str, tuple[Change, ...] | None],
) -> Why:
    """Explain one record; `smaller` keeps what was found for a unit, whose visits are placed by one cure."""
    errand = errand_of(problem, record)
    numbers = _numbers(problem, given, errand, record.reason)
    group = [errand]
    if record.reason == CAPACITY:  # a unit is kept with all its visits or with none
        same = [one for one in unplaced if one.unit == record.unit and one.reason == CAPACITY]
        group += [one for one in map(lambda one: errand_of(problem, one), same) if one != errand]
    found = _beside(problem, group, given, work)
    if record.reason == CAPACITY and len(problem.errands) <= EXACT:
        if record.unit not in smaller:
            smaller[record.unit] = _together(problem, given, group, found[1] if found else None, work)
        together = smaller[record.unit]
        if together is not None:
            return Why(unplaced=record, numbers=numbers, cure=together, together=True)
    if found is None:
        return Why(unplaced=record, numbers=numbers)
    way, cure = found
    return Why(unplaced=record, numbers=numbers, cure=cure, day=way.day, slot=way.slot, team=way.team)


def _beside(
    problem: PlanProblem, group: Sequence[Errand], given: Mapping[str, Given], work: float
) -> tuple[Way, tuple[Change, ...]] | None:
    """Place errands in sorties of their own one after the other; give the first way, and all changes."""
    out, first, cure = dict(given), None, tuple[Change, ...]()
    for number, errand in enumerate(group):
        way = next(_confirmed(applied(problem, cure), errand, out, work), None)
        if way is None:
            return None
        first = first or way
        cure += way.changes
        out[f"{OWN}{number}"] = Given(way.day, way.slot, way.team, frozenset((errand.unit,)))
    return (first, cure) if first is not None else None


def _confirmed(
    problem: PlanProblem, errand: Errand, given: Mapping[str, Given], work: float
) -> Iterator[Way]:
    """Give the ways that no rule forbids and by which the errand is planned, the cheapest first."""
    here = next(one for one in problem.errands if _named(one) == _named(errand))
    for way in sorted(ways(problem, here, given))[:MOST_TRIES]:
        changed = applied(replace(problem, errands=(here,)), way.changes)
        wish = Given(way.day, way.slot, way.team, frozenset((errand.unit,)))
        if not forbidding(changed, given, wish) and _made(changed, way, work):
            yield way


def _named(errand: Errand) -> tuple[str, str, tuple[str, ...]]:
    return errand.unit, errand.draw, errand.domains


def _made(changed: PlanProblem, way: Way, work: float) -> bool:
    """Plan the one errand of a problem again, with this half-day and this team only."""
    (errand,) = changed.errands
    there = replace(errand, arrivals={way.slot: errand.arrivals[way.slot]})
    staff = tuple(one for one in changed.staff if one.id in way.team)
    return placed(replace(alone(changed, there), days=(way.day,), staff=staff), work=work)


def _together(
    problem: PlanProblem,
    given: Mapping[str, Given],
    group: Sequence[Errand],
    cure: tuple[Change, ...] | None,
    work: float,
) -> tuple[Change, ...] | None:
    """Find a smaller cure by planning all kept units and this one anew; None where there is none."""
    kept = {unit for one in given.values() for unit in one.units} | {group[0].unit}
    possible = set(screen(problem, options_of(problem), ways_of(problem))[0])
    here = [one for at, one in enumerate(problem.errands) if one.unit in kept and at in possible]
    those = replace(problem, errands=tuple(here))

    def holds(some: Sequence[Change]) -> bool:
        return placed(applied(those, some), work=work)

    cost = 1 << 30
    if cure is not None:
        cost = sum(one.cost for one in cure)
        for size in range(1, len(cure)):
            for part in combinations(cure, size):
                if holds(part):
                    return part
    if cost <= Change(kind=HALF_DAY).cost:
        return None
    everyone = tuple(Change(kind=HALF_DAY, who=one.id) for one in problem.staff if one.free)
    if not everyone or not holds(everyone):
        return None
    fewest = least(everyone, holds)
    return fewest if sum(one.cost for one in fewest) < cost else None


def least(changes: Sequence[Change], holds: Callable[[Sequence[Change]], bool]) -> tuple[Change, ...]:
    """Give some of the changes of which none can be left away; all of them hold, and so does the answer.

    By halves: k changes of n are found with about k · log n questions.
    """

    def needed(base: Sequence[Change], some: Sequence[Change]) -> list[Change]:
        if holds(base):
            return []
        if len(some) == 1:
            return list(some)
        half = len(some) // 2
        last = needed([*base, *some[:half]], some[half:])
        return [*needed([*base, *last], some[:half]), *last]

    return tuple(needed([], changes))


def _numbers(problem: PlanProblem, given: Mapping[str, Given], errand: Errand, reason: str) -> dict[str, int]:
    """The figures behind a reason; a domain's name has how many people hold it."""
    roads = roads_of(alone(problem, errand))
    first, last = problem.windows[errand.draw]
    days = [day for day in problem.days if first <= day <= last and day > problem.beacon_day]
    if reason == UNREACHABLE:
        return {
            "metres": roads.metres[-1][0],
            "there": roads.minutes[-1][0],
            "visit": errand.minutes,
            "back": roads.minutes[0][-1],
        }
    if reason == CLOSED:
        return {"days": len(days), "open": len(open_days(problem, errand))}
    if reason == NO_SKILL:
        return {key: sum(key in one.domains for one in problem.staff) for key in errand.domains}
    half_days = [
        f"{day}/{slot}"
        for day in open_days(problem, errand)
        for slot in errand.arrivals
        if f"{day}/{slot}" not in problem.shut.get(errand.unit, ())
    ]
    if reason == CAPACITY:
        return {
            "sorties": len(given),
            "used": sum(len(one.team) for one in given.values()),
            "shares": sum(min(one.share, len(one.free)) for one in problem.staff),
            "cars": max(cars_of(problem, slot) for slot in SLOTS),
        }
    able = [one for one in problem.staff if may_see(problem, one, errand)]
    return {
        "half_days": len(half_days),
        "free": max((sum(half_day in one.free for one in able) for half_day in half_days), default=0),
        "conflicts": len(problem.staff) - len(able),
    }


# What would place all of them


def more(problem: PlanProblem, given: Mapping[str, Given], unplaced: Sequence[Unplaced]) -> More | None:
    """Tell what more half-days, cars or people would place all that fail for capacity; None: nobody does.

    Of more than EXACT visits nothing is planned anew, and fewer might do.
    """
    waiting = [errand_of(problem, one) for one in unplaced if one.reason == CAPACITY]
    if not waiting:
        return None
    exact = len(problem.errands) <= EXACT
    possible = set(screen(problem, options_of(problem), ways_of(problem))[0]) if exact else set()
    all_of_them = replace(problem, errands=tuple(problem.errands[at] for at in sorted(possible)))

    def fewest(change: Callable[[PlanProblem, int], PlanProblem]) -> int | None:
        found = next(
            (n for n in range(1, MOST_MORE + 1) if _room_beside(change(problem, n), given, waiting)), None
        )
        if exact:
            for n in range(1, found or 3):
                if placed(change(all_of_them, n), work=MORE_WORK):
                    return n
        return found

    return More(half_days=fewest(_longer), cars=fewest(_cars), people=fewest(_people), least=exact)


def _longer(problem: PlanProblem, n: int) -> PlanProblem:
    return replace(problem, staff=tuple(replace(one, share=one.share + n) for one in problem.staff))


def _cars(problem: PlanProblem, n: int) -> PlanProblem:
    cars = {slot: cars_of(problem, slot) + n for slot in SLOTS}
    return replace(problem, cars_in=cars, cars=max(cars.values()))


def _people(problem: PlanProblem, n: int) -> PlanProblem:
    keys = sorted({key for errand in problem.errands for key in errand.domains})
    new = [newcomer(f"+{number}", keys, problem.days) for number in range(1, n + 1)]
    known = problem.departments and {**problem.departments, **{one.id: one.id for one in new}}
    return replace(problem, staff=(*problem.staff, *new), departments=known)


def _room_beside(problem: PlanProblem, given: Mapping[str, Given], waiting: Sequence[Errand]) -> bool:
    """Whether the waiting errands find sorties of their own one after the other, the others as they are."""
    out = dict(given)
    for number, errand in enumerate(waiting):
        for way in ways(problem, errand, out, 0):
            wish = Given(way.day, way.slot, way.team, frozenset((errand.unit,)))
            if not forbidding(problem, out, wish):
                out[f"{OWN}{number}"] = wish
                break
        else:
            return False
    return True

"""Plan a fixed instance of visits, check what came out with a checker of its own, and write RESULT.

    python benchmarks/visits.py INSTANCE --seconds S --out RESULT.json [--no-even] [--peer]
    python benchmarks/visits.py INSTANCE --out RESULT.json --previous RESULT --absent INSPECTOR FROM TO

An instance is a JSON file of places, visits, windows and inspectors that states its own formulas (see
docs/plan.md). Two visits of one unit are never in one half-day. `--peer` runs PyVRP for the same seconds
beside it. `--half` leaves out every other inspector. A repair cuts a sortie before it is lost. Exit 0 also
where some visits are unplaced, 3 where none can be placed, 4 where the checker finds a fault, 2 for an
instance that cannot be read.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from importlib.util import find_spec
from itertools import count, pairwise
from pathlib import Path
from typing import Any

from inputs import CURE, BadInstance, check_out, ended, json_of, number_of, write

BEGAN = time.monotonic()
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

FIRST_DAY = date(2027, 1, 1)
SQUARE = 2_000
"""Up to so many places all legs are measured beforehand."""
SPARE = 6.0
"""Seconds of the limit that days and teams, and the reading, are left in a city; in a county it is one."""


VISIT = frozenset(["id", "unit", "domains", "x_km", "y_km", "minutes", "start_windows", "blackout_days"])
INSPECTOR = frozenset(["id", "domains", "conflicts", "free"])
"""What every visit and every inspector of an instance has."""

Point = tuple[float, float]


def read(file: Path) -> dict[str, Any]:
    """Read an instance; raises BadInstance."""
    found = json_of(file)
    needed = {"days", "slots", "visits", "inspectors", "speed_kmh", "sortie_cost_m"}
    missing = sorted(needed - set(found)) if isinstance(found, dict) else sorted(needed)
    if missing:
        raise BadInstance(f"{file}: no {', '.join(missing)}; {CURE}")
    wrong = next(iter(unsound(found)), None)
    if wrong is not None:
        raise BadInstance(f"{file}: {wrong}; {CURE}")
    return dict(found)


HUGE = 1e15
"""No number of an instance is larger: beyond it whole numbers and others are no longer told apart."""


def number(value: Any, least: float = -math.inf, most: float = math.inf) -> bool:
    """Whether a value is a finite number between these."""
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    return is_one and max(least, -HUGE) <= value <= min(most, HUGE)


def whole(value: Any) -> bool:
    """Whether a value is a whole number from 0 on."""
    return isinstance(value, int) and number(value, 0)


def wholes(value: Any) -> bool:
    """Whether a value is a list of whole numbers from 0 on; days behind the period are none."""
    return isinstance(value, list) and all(whole(one) for one in value)


def unsound(found: dict[str, Any]) -> Iterator[str]:
    """Say what of an instance cannot be meant, value by value."""
    from auditor.entities import SLOTS

    if not whole(found["days"]) or found["days"] > 1_000:
        yield f"days is {found['days']!r}, no whole number from 0 to 1000"
    if not number(found["speed_kmh"], 1, 1_000):
        yield f"speed_kmh is {found['speed_kmh']!r}, no number from 1 to 1000"
    if not number(found["sortie_cost_m"], 0, 1e9):
        yield f"sortie_cost_m is {found['sortie_cost_m']!r}, no number of metres from 0 on"
    slots = found["slots"]
    if not isinstance(slots, dict) or not all(window(one) for one in slots.values()):
        yield "slots is no table of half-days with two minutes each"
        return
    other = next((slot for slot, minutes in slots.items() if tuple(minutes) != SLOTS.get(slot)), None)
    if other is not None:
        known = ", ".join(f"{slot} {opens}-{closes}" for slot, (opens, closes) in SLOTS.items())
        yield f"slot {other} is {slots[other]}; what can be planned is {known}"
        return
    stands: dict[Any, Any] = {}
    keys: set[Any] = set()
    for name, row in (("visits", VISIT), ("inspectors", INSPECTOR)):
        bad = list(unread(found[name], name, row))
        yield from bad
        if bad:
            return
    for visit in found["visits"]:
        name = f"visit {visit['id']}"
        for axis in ("x_km", "y_km"):
            if not number(visit[axis], -20_000, 20_000):
                yield f"{name}: {axis} is {visit[axis]!r}, no number of km"
        if not number(visit["minutes"], 1, 1_440):
            yield f"{name}: minutes is {visit['minutes']!r}, no number from 1 to 1440"
        if not visit["domains"]:
            yield f"{name}: domains is empty"
        windows = visit["start_windows"]
        if not isinstance(windows, dict) or not all(
            slot in slots and window(one, True) for slot, one in windows.items()
        ):
            yield f"{name}: start_windows is no table of half-days of this instance with two minutes each"
        if not wholes(visit["blackout_days"]):
            yield f"{name}: blackout_days is no list of days from 0 on"
        if not whole(visit["unit"]):
            yield f"{name}: unit is {visit['unit']!r}, no whole number from 0 on"
            return
        here = stands.setdefault(visit["unit"], (visit["x_km"], visit["y_km"]))
        if here != (visit["x_km"], visit["y_km"]):
            yield f"{name}: unit {visit['unit']} stands somewhere else in another visit"
        for key in (("id", visit["id"]), ("unit", visit["unit"], *sorted(visit["domains"]))):
            if key in keys:
                yield f"{name}: another visit has the same {key[0]}" + (" and domains" if key[2:] else "")
            keys.add(key)
    people: set[Any] = set()
    for one in found["inspectors"]:
        name = f"inspector {one['id']}"
        if one["id"] in people:
            yield f"{name} is there twice"
        people.add(one["id"])
        if not isinstance(one["free"], dict) or not all(wholes(free) for free in one["free"].values()):
            yield f"{name}: free is no table of half-days with lists of days from 0 on"
        if not wholes(one["conflicts"]):
            yield f"{name}: conflicts is no list of units"


def unread(rows: Any, what: str, needed: frozenset[str]) -> Iterator[str]:
    """Say which rows are none: without a field, an id that is a whole number, or domains that are words."""
    if not isinstance(rows, list):
        yield f"{what} is no list"
        return
    for at, row in enumerate(rows):
        lacks = sorted(needed - set(row)) if isinstance(row, dict) else sorted(needed)
        if lacks:
            yield f"{what}, number {at + 1}: no {', '.join(lacks)}"
        elif not whole(row["id"]):
            yield f"{what}, number {at + 1}: id is {row['id']!r}, no whole number from 0 on"
        elif not isinstance(row["domains"], list) or not all(isinstance(one, str) for one in row["domains"]):
            yield f"{what}, number {at + 1}: domains is no list of words"


def window(value: Any, backwards: bool = False) -> bool:
    """Whether a value is two minutes of a day, the first first; a window backwards is one nobody can meet."""
    two = isinstance(value, list) and len(value) == 2 and all(number(one, 0, 2_880) for one in value)
    return two and (backwards or value[0] <= value[1])


class Row:
    """A row of a square of legs that is measured place by place, where the whole square is too large."""

    def __init__(self, here: Point, points: list[Point], leg: Callable[[Point, Point], int]) -> None:
        self._here, self._points, self._leg = here, points, leg

    def __getitem__(self, at: int) -> int:
        return self._leg(self._here, self._points[at])

    def __len__(self) -> int:
        return len(self._points)


def roads(instance: Mapping[str, Any], *, few: bool = False) -> tuple[list[Any], list[Any]]:
    """Give rows of metres and minutes between all visits; the last row and column is the bureau.

    Parameters
    ----------
    few
        Whether few legs are asked for: each is measured when it is.
    """
    points: list[Point] = [(visit["x_km"], visit["y_km"]) for visit in instance["visits"]]
    points.append((0.0, 0.0))
    speed = instance["speed_kmh"]

    def metre(a: Point, b: Point) -> int:
        return round(1300 * math.hypot(a[0] - b[0], a[1] - b[1]))

    def minute(a: Point, b: Point) -> int:
        return 0 if a == b else math.ceil(metre(a, b) / 1000 / speed * 60 - 1e-9) + 3

    if len(points) > SQUARE or few:
        return [Row(a, points, metre) for a in points], [Row(a, points, minute) for a in points]
    return square(points, metre), square(points, minute)


def square(points: Sequence[Point], leg: Callable[[Point, Point], int]) -> list[list[int]]:
    """Give all legs, row by row; there and back are as long."""
    rows: list[list[int]] = []
    for at, here in enumerate(points):
        rows.append([leg(here, there) for there in points[: at + 1]])
    for at, row in enumerate(rows):
        row += [rows[other][at] for other in range(at + 1, len(points))]
    return rows


def unit_of(visit: dict[str, Any]) -> str:
    """A unit's name: its id, such that names sort as ids do."""
    return f"u{visit['unit']:06d}"


def key_of(visit: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """What tells a visit of a plan: its unit and its domains."""
    return unit_of(visit), tuple(sorted(visit["domains"]))


def person_of(inspector: dict[str, Any]) -> str:
    """An inspector's name."""
    return f"P{inspector['id']:04d}"


def problem_of(instance: dict[str, Any], even: bool) -> Any:
    """Say an instance as a problem of the planner."""
    from auditor.entities import Staff
    from auditor.plan.problem import COUNTY, Errand, PlanProblem, Travel

    metres, minutes = roads(instance)
    days = [(FIRST_DAY + timedelta(days=number)).isoformat() for number in range(instance["days"])]
    visits, inspectors = instance["visits"], instance["inspectors"]
    names = sorted({unit_of(visit) for visit in visits})
    shut: dict[str, set[int]] = {name: set() for name in names}
    for visit in visits:
        shut[unit_of(visit)].update(visit["blackout_days"])
    places = {unit_of(visit): row for row, visit in enumerate(visits)}
    order = sorted(names, key=lambda one: hashlib.sha256(f"keep/{one}".encode()).digest())
    return PlanProblem(
        start=(0.0, 0.0),
        errands=tuple(
            Errand(
                unit=unit_of(visit),
                draw="main",
                domains=tuple(sorted(visit["domains"])),
                minutes=visit["minutes"],
                point=(0.0, 0.0),
                arrivals={
                    slot: (first, min(last, instance["slots"][slot][1] - visit["minutes"]))
                    for slot, (first, last) in visit["start_windows"].items()
                },
            )
            for visit in visits
        ),
        staff=tuple(
            Staff(
                id=person_of(one),
                domains=tuple(sorted(one["domains"])),
                conflict_units=tuple(sorted(f"u{unit:06d}" for unit in one["conflicts"])),
                free=tuple(
                    sorted(
                        f"{days[day]}/{slot}"
                        for slot, free in one["free"].items()
                        for day in free
                        if day < len(days)
                    )
                ),
                share=sum(day < len(days) for free in one["free"].values() for day in free),
            )
            for one in inspectors
        ),
        days=tuple(days),
        windows={"main": (days[0], days[-1]) if days else ("", "")},
        beacon_day=(FIRST_DAY - timedelta(days=1)).isoformat(),
        closed={name: frozenset(days[day] for day in some if day < len(days)) for name, some in shut.items()},
        strata=dict.fromkeys(names, ""),
        cars=max(1, len(inspectors)),
        sortie_cost_m=instance["sortie_cost_m"],
        keep_order=tuple(order),
        travel=Travel(
            places={"": len(visits)} | places,
            metres=metres,
            minutes=minutes,
        ),
        load=1,
        even=(1 if len(visits) <= COUNTY else 2) if even else None,
    )


def lots_of(problem: Any, key: bytes = b"benchmark") -> Any:
    """Give the function that draws lots as the sealed draw does, with a key of at most 32 bytes."""
    from auditor.draw.lots import sortie_lots

    def give(sorties: Any) -> Any:
        return {
            sortie.key: sortie_lots(
                key.ljust(32, b"."),
                sortie,
                staff=problem.staff,
                team=problem.team,
                windows=problem.windows,
                beacon_day=problem.beacon_day,
                days=problem.days,
                strata=problem.strata,
                closed=problem.closed,
            )
            for sortie in sorties
        }

    return give


# The planner


def plan(instance: dict[str, Any], even: bool, seconds: float, work: float) -> dict[str, Any]:
    """Plan an instance; gives RESULT without its seconds."""
    from auditor.plan.make import make_plan
    from auditor.plan.problem import COUNTY

    problem = problem_of(instance, even)
    id_of = {key_of(visit): visit["id"] for visit in instance["visits"]}
    person = {person_of(one): one["id"] for one in instance["inspectors"]}
    day_of = {day: number for number, day in enumerate(problem.days)}
    spare = SPARE if len(instance["visits"]) > COUNTY else 1.0
    left = max(1.0, seconds - spare - (time.monotonic() - BEGAN))
    made = make_plan(
        problem, lots_of(problem), work=work, seconds=left, progress=lambda what: print(what, file=sys.stderr)
    )
    out = [person for team in made.teams.values() for person in team]
    counts = [out.count(one) for one in person]
    return {
        "sorties": [
            {
                "slot": sortie.slot,
                "visits": [id_of[stop.unit, stop.domains] for stop in sortie.stops],
                "day": day_of[made.days[sortie.key]],
                "inspectors": [person[one] for one in made.teams[sortie.key]],
            }
            for sortie in made.sorties
        ],
        "unplaced": [
            {"visit": id_of[one.unit, one.domains], "reason": one.reason, "evidence": one.evidence}
            for one in made.unplaced
        ],
        "objective": made.objective_m / 1000,
        "bound": made.bound_m / 1000,
        "load_min": min(counts, default=0),
        "load_max": max(counts, default=0),
        "day_sum": made.day_sum,
        "day_bound": made.day_bound,
        "team_sum": made.team_sum,
        "team_bound": made.team_bound,
        "status": made.status,
        "share": made.share,
        "cut": made.cut,
        "departures": len(made.departures),
    }


def repair(
    instance: dict[str, Any], previous: dict[str, Any], absent: list[str], even: bool
) -> dict[str, Any]:
    """Repair a RESULT for one inspector who is away from one day to another; days before are past."""
    from auditor.entities import Sortie, Stop
    from auditor.plan.given import Given
    from auditor.plan.parts import Task, in_parts
    from auditor.plan.repair import Repaired
    from auditor.plan.repair import repair as mend

    who, first, last = (int(one) for one in absent)
    problem = problem_of(instance, even)
    by_id = {visit["id"]: visit for visit in instance["visits"]}
    sorties, given = [], {}
    for number, one in enumerate(previous["sorties"]):
        stops = tuple(
            Stop(
                unit=unit_of(by_id[at]),
                draw="main",
                domains=tuple(sorted(by_id[at]["domains"])),
                minutes=by_id[at]["minutes"],
                start=0,
            )
            for at in one["visits"]
        )
        sortie = Sortie(key=f"S{number:04d}", slot=one["slot"], stops=stops, metres=0)
        sorties.append(sortie)
        team = tuple(sorted(f"P{person:04d}" for person in one["inspectors"]))
        given[sortie.key] = Given(problem.days[one["day"]], one["slot"], team, sortie.units)
    away = {
        f"{problem.days[day]}/{slot}"
        for day in range(first, min(last, instance["days"] - 1) + 1)
        for slot in instance["slots"]
    }
    since = problem.days[first]
    absence = {f"P{who:04d}": away}
    frozen = [key for key, one in given.items() if one.day < since]

    def solve(task: Task) -> Repaired:
        return mend(problem, task.sorties, task.given, frozen=frozen, absent=absence, since=since)

    began = time.monotonic()
    task = Task(sorties, given)
    mended = solve(task)
    was = {f"S{number:04d}": one for number, one in enumerate(previous["sorties"])}
    visits = {key: list(one["visits"]) for key, one in was.items()}
    whole_of = {key: key for key in was}
    cut = None
    if any(mended.lost):
        names = (f"T{number:04d}" for number in count())
        cut = in_parts(problem, task, mended, solve, names, absent=absence, since=since)
    if cut is not None:
        mended = cut.repaired
        for key, (whole, places) in cut.parts.items():
            whole_of[key] = whole
            visits[key] = [was[whole]["visits"][at] for at in places]
            visits[whole] = [one for one in visits[whole] if one not in visits[key]]
    solved = time.monotonic() - began
    person = {person_of(one): one["id"] for one in instance["inspectors"]}
    day_of = {day: number for number, day in enumerate(problem.days)}
    result = {"share": None, **previous}
    result["sorties"] = [
        was[whole_of[key]]
        | {
            "visits": own,
            "day": day_of[mended.given[key].day],
            "inspectors": [person[name] for name in mended.given[key].team],
        }
        for key, own in visits.items()
        if key in mended.given
    ]
    result["unplaced"] = previous["unplaced"] + [
        {"visit": at, "reason": lost.reason, "evidence": lost.evidence}
        for lost in mended.left_out
        for at in visits[lost.sortie]
    ]
    out = [one for sortie in result["sorties"] for one in sortie["inspectors"]]
    counts = [out.count(one) for one in person.values()]
    result |= {
        "moves": mended.moves,
        "moves_bound": mended.moves_bound,
        "seats": mended.seats,
        "seats_bound": mended.seats_bound,
        "load_min": min(counts, default=0),
        "load_max": max(counts, default=0),
        "status": mended.status,
        "objective": driven_km(instance, result["sorties"]),
        # lots, and what was proven of all visits, are those of the plan before
        "bound": 0.0 if mended.left_out else previous["bound"],
        **dict.fromkeys(("day_sum", "day_bound", "team_sum", "team_bound", "departures")),
    }
    print(f"repaired in {solved:.2f} s", file=sys.stderr)
    return result


def driven_km(instance: Mapping[str, Any], sorties: Sequence[Mapping[str, Any]]) -> float:
    """Give the km of these sorties with what each costs."""
    metres, _minutes = roads(instance, few=True)
    row = {visit["id"]: at for at, visit in enumerate(instance["visits"])}
    ways = [[len(row), *(row[at] for at in one["visits"]), len(row)] for one in sorties]
    driven = sum(metres[here][there] for way in ways for here, there in pairwise(way))
    return float(driven + instance["sortie_cost_m"] * len(sorties)) / 1000


# A checker that knows nothing of the planner


def faults(
    instance: dict[str, Any], result: dict[str, Any], absent: tuple[int, int, int] | None = None
) -> list[str]:
    """Say what is wrong with a RESULT; nothing for a good one."""
    metres, minutes = roads(instance)
    row = {visit["id"]: at for at, visit in enumerate(instance["visits"])}
    visit_of = {visit["id"]: visit for visit in instance["visits"]}
    people = {one["id"]: one for one in instance["inspectors"]}
    home = len(row)
    found: list[str] = []
    seen: dict[int, int] = {}
    busy: set[tuple[int, str, int]] = set()
    there_then: set[tuple[int, str, int]] = set()
    driven = 0
    for number, sortie in enumerate(result["sorties"]):
        opens, closes = instance["slots"][sortie["slot"]]
        now, here = opens, home
        team = [people[one] for one in sortie["inspectors"]]
        if len(set(sortie["inspectors"])) != 2:
            found.append(f"sortie {number}: not two inspectors")
        held = {domain for one in team for domain in one["domains"]}
        units = [visit_of[at]["unit"] for at in sortie["visits"]]
        for unit in units:
            if units.count(unit) > 1 or (sortie["day"], sortie["slot"], unit) in there_then:
                found.append(f"sortie {number}: unit {unit} is visited twice in that half-day")
        there_then |= {(sortie["day"], sortie["slot"], unit) for unit in units}
        for at in sortie["visits"]:
            seen[at] = seen.get(at, 0) + 1
            visit = visit_of[at]
            there = row[at]
            driven += metres[here][there]
            window = visit["start_windows"].get(sortie["slot"])
            if window is None:
                found.append(f"sortie {number}: visit {at} has no window in the {sortie['slot']}")
                continue
            now = max(now + minutes[here][there], window[0])
            if now > window[1]:
                found.append(f"sortie {number}: visit {at} begins at {now}, after {window[1]}")
            now += visit["minutes"]
            here = there
            if sortie["day"] in visit["blackout_days"]:
                found.append(f"sortie {number}: visit {at} is closed on day {sortie['day']}")
            if not set(visit["domains"]) <= held:
                found.append(f"sortie {number}: nobody holds all domains of visit {at}")
            for one in team:
                if visit["unit"] in one["conflicts"]:
                    found.append(f"sortie {number}: inspector {one['id']} has a conflict with visit {at}")
        driven += metres[here][home]
        if now + minutes[here][home] > closes:
            found.append(f"sortie {number}: back at {now + minutes[here][home]}, after {closes}")
        for one in team:
            if sortie["day"] not in one["free"].get(sortie["slot"], ()):
                found.append(f"sortie {number}: inspector {one['id']} is not free")
            if absent and one["id"] == absent[0] and absent[1] <= sortie["day"] <= absent[2]:
                found.append(f"sortie {number}: inspector {one['id']} is away")
            key = sortie["day"], sortie["slot"], one["id"]
            if key in busy:
                found.append(f"sortie {number}: inspector {one['id']} is out twice")
            busy.add(key)
    for one in result["unplaced"]:
        seen[one["visit"]] = seen.get(one["visit"], 0) + 1
        if not one.get("reason"):
            found.append(f"visit {one['visit']} is unplaced without a reason")
    found += [f"visit {at} is there {seen.get(at, 0)} times" for at in visit_of if seen.get(at, 0) != 1]
    objective = (driven + instance["sortie_cost_m"] * len(result["sorties"])) / 1000
    if abs(objective - result["objective"]) > 1e-6:
        found.append(f"the objective is {objective}, not {result['objective']}")
    if result["bound"] > result["objective"] + 1e-6:
        found.append("the bound is above the objective")
    return found


# A peer


def peer(instance: dict[str, Any], seconds: float) -> float | None:
    """Let PyVRP bundle the same visits for so many seconds; gives km and sorties, None where none fits."""
    import numpy as np
    from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, VehicleType, solve
    from pyvrp.stop import MaxRuntime

    metres, minutes = roads(instance)
    count = len(instance["visits"])
    order = [count, *range(count)]
    far = np.array(metres)[np.ix_(order, order)]
    long = np.array(minutes)[np.ix_(order, order)]
    # a kind of vehicle a half-day; a visit that may be in several is a group of which one is made
    never = 10_000_000
    clients, groups, which = [], [], []
    slots = list(instance["slots"])
    for at, visit in enumerate(instance["visits"]):
        open_slots = [slot for slot in slots if slot in visit["start_windows"]]
        group = len(groups) if len(open_slots) > 1 else None
        members = []
        for slot in open_slots:
            first, last = visit["start_windows"][slot]
            members.append(len(clients))
            clients.append(
                Client(
                    len(clients) + 1,
                    service_duration=visit["minutes"],
                    tw_early=first,
                    tw_late=min(last, instance["slots"][slot][1] - visit["minutes"]),
                    required=group is None,
                    group=group,
                )
            )
            which.append((at, slot))
        if group is not None:
            groups.append(ClientGroup(members))
    rows = [0] + [at + 1 for at, _slot in which]
    distance = far[np.ix_(rows, rows)]
    duration = long[np.ix_(rows, rows)]
    kinds = [""] + [slot for _at, slot in which]
    distances, durations = [], []
    for slot in slots:
        off = np.array([kind not in ("", slot) for kind in kinds])
        own, took = distance.copy(), duration.copy()
        own[off, :], own[:, off], took[off, :], took[:, off] = never, never, never, never
        np.fill_diagonal(own, 0)
        np.fill_diagonal(took, 0)
        distances.append(own)
        durations.append(took)
    vehicles = [
        VehicleType(
            num_available=count,
            fixed_cost=instance["sortie_cost_m"],
            tw_early=instance["slots"][slot][0],
            tw_late=instance["slots"][slot][1],
            profile=number,
        )
        for number, slot in enumerate(slots)
    ]
    locations = [Location(0, 0) for _ in rows]
    data = ProblemData(locations, clients, [Depot(0)], vehicles, distances, durations, groups)
    found = solve(data, stop=MaxRuntime(seconds), seed=1, display=False)
    return found.cost() / 1000 if found.is_feasible() else None


def absence(instance: dict[str, Any], words: list[str]) -> tuple[int, int, int]:
    """Give who is away from which day to which; raises BadInstance."""
    try:
        who, first, last = map(int, words)
    except ValueError as error:
        raise BadInstance("--absent takes the id of an inspector, the first and the last day") from error
    if who not in {one["id"] for one in instance["inspectors"]}:
        raise BadInstance(f"--absent: there is no inspector {who}")
    if not 0 <= first <= last < instance["days"]:
        raise BadInstance(f"--absent: days go from 0 to {instance['days'] - 1}, the first before the last")
    return who, first, last


def previous(file: Path, instance: Mapping[str, Any]) -> dict[str, Any]:
    """Read a RESULT; raises BadInstance."""
    found = json_of(file)
    try:
        wrong = next(foreign(instance, found), "")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        wrong = f"it is no RESULT of this script ({error!r})"
    if wrong:
        raise BadInstance(f"{file}: {wrong}; name a RESULT of this instance")
    return dict(found)


def foreign(instance: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """Tell what of a RESULT is not of this instance; raises KeyError and the like for what is no RESULT."""
    visits = {visit["id"] for visit in instance["visits"]}
    people = {one["id"] for one in instance["inspectors"]}
    seen = [one["visit"] for one in found["unplaced"]]
    for at, one in enumerate(found["sorties"]):
        seen += one["visits"]
        if not one["visits"]:
            yield f"sortie {at} has no visit"
        if one["slot"] not in instance["slots"] or not whole(one["day"]) or one["day"] >= instance["days"]:
            yield f"sortie {at} has no half-day of this instance"
        if not wholes(one["inspectors"]) or len(one["inspectors"]) != 2 or len(set(one["inspectors"])) != 2:
            yield f"sortie {at} has no two inspectors"
        if not people.issuperset(one["inspectors"]):
            yield f"sortie {at} has an inspector who is not of this instance"
    if not wholes(seen) or sorted(seen) != sorted(visits):
        yield "its visits are not those of this instance, each once"
    if not number(found["bound"]):
        yield "it has no bound"


def main() -> int:
    """Plan or repair, check, print a line and write RESULT."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("instance", type=Path)
    words.add_argument("--seconds", type=number_of(0.1, 86_400), default=60.0)
    words.add_argument("--work", type=number_of(0.1, 86_400), default=60.0)
    words.add_argument("--out", type=Path, required=True)
    words.add_argument("--no-even", action="store_true")
    words.add_argument("--half", action="store_true")
    words.add_argument("--peer", action="store_true")
    words.add_argument("--previous", type=Path)
    words.add_argument("--absent", nargs=3, metavar=("INSPECTOR", "FROM", "TO"))
    asked = words.parse_args()
    return ended(lambda: run(asked))


def run(asked: argparse.Namespace) -> int:
    """Do what was asked; raises BadInstance."""
    check_out(asked.out, asked.instance)
    if asked.peer and find_spec("pyvrp") is None:
        raise BadInstance("the peer is not installed: pip install pyvrp")
    if (asked.previous is None) != (asked.absent is None):
        raise BadInstance("--previous and --absent INSPECTOR FROM TO go together")
    instance = read(asked.instance)
    if asked.half:
        instance = instance | {"inspectors": instance["inspectors"][::2]}
    away = None
    if asked.previous:
        away = absence(instance, asked.absent)
        result = repair(instance, previous(asked.previous, instance), asked.absent, not asked.no_even)
    else:
        result = plan(instance, not asked.no_even, asked.seconds, asked.work)
    result["seconds"] = round(time.monotonic() - BEGAN, 1)
    write(asked.out, result)
    wrong = faults(instance, result, away)
    gap = result["objective"] / result["bound"] if result["bound"] else float("inf")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{instance.get('name', asked.instance.stem)}: {result['objective']:.3f} km, "
        f"bound {result['bound']:.3f} "
        f"(ratio {gap:.4f}), {len(result['sorties'])} sorties, {len(result['unplaced'])} unplaced, "
        f"day ranks {result['day_sum']} (bound {result['day_bound']}), team ranks {result['team_sum']} "
        f"(bound {result['team_bound']}), loads {result['load_min']}-{result['load_max']}, "
        f"{result['departures']} departures, {result['status']}, {result['seconds']} s, {peak:.0f} MB, "
        f"{len(wrong)} faults"
        + (f", share {result['share']}" if result["share"] is not None else "")
        + (", cut: more may fit" if result.get("cut") else "")
        + (
            f", moves {result['moves']} (bound {result['moves_bound']}), "
            f"seats {result['seats']} (bound {result['seats_bound']})"
            if "moves" in result
            else ""
        )
    )
    for one in wrong[:20]:
        print(f"fault: {one}", file=sys.stderr)
    if asked.peer:
        other = peer(instance, asked.seconds)
        print(f"PyVRP, {asked.seconds:.0f} s: " + ("none" if other is None else f"{other:.3f} km"))
    if wrong:
        return 4
    return 3 if result["unplaced"] and not result["sorties"] else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Roster people on call, one a day and a weekend as one day, check what came out, and write RESULT.

    python benchmarks/oncall.py FILE.dzn --out RESULT.json [--work N]

A file is one of the MiniZinc benchmarks' on-call rostering; days of its sets count from 1, its first weekend
is the day after `weekend_offset`. RESULT is ``{"roster": [person of each day, from 0], "cost", "bound",
"seconds"}``. Variables, cover and leave are those of the duty desk; the set's own rules and penalties are
written here, and once more in plain Python for the check. Exit 0, 3 where no roster is possible, 4 where the
checker finds a fault, 2 for a file that cannot be used.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

BEGAN = time.monotonic()
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

FIRST = date(2024, 1, 1)
WEEK = 5
"""Roster days of a week: Monday to Thursday, and the weekend as one."""
SHARE = 100
"""Shares are even within a step of this, of load of one times duties of the other."""
NUMBERS = ("num_staff", "num_days", "weekend_offset", "adj_days_str", "wed_before_weekend_str")


class BadInstance(Exception):
    """A file that cannot be used, in one sentence."""


@dataclass(frozen=True, slots=True)
class OnCall:
    """An instance: days from 0; `away` and `fixed` are days by person; loads in per cent."""

    days: int
    loads: tuple[int, ...]
    away: tuple[frozenset[int], ...]
    fixed: tuple[frozenset[int], ...]
    weekend: int
    adjacent: int
    wednesday: int

    @property
    def weekends(self) -> range:
        """The days that are weekends."""
        return range(self.weekend, self.days, WEEK)

    @property
    def settled(self) -> frozenset[tuple[int, int]]:
        """The pairs of person and day that the file fixes."""
        return frozenset((who, day) for who, days in enumerate(self.fixed) for day in days)

    def forbidden(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Give what nobody may be on call for all of: a name, and days."""
        for day in range(self.days - 2):
            yield "three days running", (day, day + 1, day + 2)
        for day in self.weekends:
            if day:
                yield "the day before a weekend", (day - 1, day)
            if day + 1 < self.days:
                yield "the day after a weekend", (day, day + 1)
            if day + WEEK < self.days:
                yield "two weekends running", (day, day + WEEK)


def read(file: Path) -> OnCall:
    """Read an instance; raises BadInstance with what is wrong."""
    try:
        text = re.sub(r"%.*", "", file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInstance(f"{file}: {error}") from error
    fields = {name: value.strip() for name, value in re.findall(r"(\w+)\s*=\s*([^;]*);", text)}
    needed = (*NUMBERS, "work_load", "unavailable", "fixed")
    lacking = [name for name in needed if name not in fields]
    if lacking:
        raise BadInstance(f"{file}: {lacking[0]} is missing; add it and start again")
    strange = [name for name in NUMBERS if not re.fullmatch(r"[0-9]{1,6}", fields[name])]
    if strange:
        raise BadInstance(f"{file}: {strange[0]} is no whole number; correct it and start again")
    number = {name: int(fields[name]) for name in NUMBERS}
    loads = tuple(int(one) for one in re.findall(r"\d+", fields["work_load"]))
    sets = {
        name: tuple(
            frozenset(int(one) - 1 for one in re.findall(r"\d+", row)) & frozenset(range(number["num_days"]))
            for row in re.findall(r"\{([^}]*)\}", fields[name])
        )
        for name in ("unavailable", "fixed")
    }
    for name, rows in (("work_load", loads), *sets.items()):
        if len(rows) != number["num_staff"]:
            raise BadInstance(
                f"{file}: {name} has {len(rows)} entries for {number['num_staff']} people; "
                "correct it and start again"
            )
    if not number["num_days"] or number["num_staff"] < 1:
        raise BadInstance(f"{file}: num_days and num_staff are 1 or more; correct it and start again")
    return OnCall(
        days=number["num_days"],
        loads=loads,
        away=sets["unavailable"],
        fixed=sets["fixed"],
        weekend=number["weekend_offset"],
        adjacent=number["adj_days_str"],
        wednesday=number["wed_before_weekend_str"],
    )


def problem_of(case: OnCall) -> Any:
    """Write the instance as a problem of the duty desk: a shift a day, and leave."""
    from auditor.entities import Post
    from auditor.roster.problem import DAY, RosterPerson, RosterProblem, Shift

    post = Post(id="call", role="officer", start=0, minutes=1, night=False)
    shifts = [
        Shift(
            index=day,
            day=FIRST + timedelta(days=day),
            post=post,
            need=1,
            start=day * DAY,
            end=day * DAY + 1,
            classes=("total", "weekend") if day in case.weekends else ("total",),
        )
        for day in range(case.days)
    ]
    people = [
        RosterPerson(
            id=f"{who:03d}",
            roles=("officer",),
            leave=tuple(FIRST + timedelta(days=day) for day in sorted(case.away[who])),
            standby=(),
            carried={"total": 0, "weekend": 0},
        )
        for who in range(len(case.loads))
    ]
    return RosterProblem(
        first=FIRST,
        shifts=tuple(shifts),
        people=tuple(people),
        posts=(post,),
        weights={"total": 1, "weekend": 1},
        provisional=False,
        standby={},
        before=(),
    )


def solved(case: OnCall, work: float) -> tuple[list[int], int] | None:
    """Roster at the least cost: who is on call each day, and a proven bound; None where it is impossible."""
    from ortools.sat.python import cp_model

    from auditor.roster.rules import cover, leave
    from auditor.roster.variables import RosterVariables
    from auditor.solving import IMPOSSIBLE, solve

    problem = problem_of(case)
    model = cp_model.CpModel()
    v = RosterVariables(model, problem)
    cover.add(model, problem, v)
    leave.add(model, problem, v)
    on = [[v.on_duty(person, shift) for shift in problem.shifts] for person in problem.people]
    costs: list[cp_model.LinearExprT] = []
    for who, days in enumerate(on):
        for day in case.fixed[who]:
            model.add(days[day] == 1)
        for _name, these in case.forbidden():
            if not case.fixed[who].issuperset(these):
                model.add(sum(days[day] for day in these) < len(these))
        pairs = [(day, day + 1, case.adjacent) for day in range(case.days - 2)]
        pairs += [(day - 2, day, case.wednesday) for day in case.weekends if day >= 2]
        for one, other, penalty in pairs:
            both = model.new_bool_var(f"{who}:{one}+{other}")
            model.add_bool_or(days[one].negated(), days[other].negated(), both)
            costs.append(penalty * both)
    for name, members in classes(case):
        costs.append(
            _uneven(model, case, name, [sum(days[day] for day in members) for days in on], len(members))
        )
    model.minimize(sum(costs))
    ended = solve(model, work=work)
    if ended.status == IMPOSSIBLE:
        return None
    if not ended.found:
        raise BadInstance("no roster was found within the work limit; raise it with --work")
    roster = [
        next(who for who, days in enumerate(on) if ended.solver.boolean_value(days[day]))
        for day in range(case.days)
    ]
    return roster, ended.bound


def _uneven(
    model: cp_model.CpModel, case: OnCall, name: str, sums: Sequence[cp_model.LinearExprT], most: int
) -> cp_model.IntVar:
    """Make the variable B of a class: shares are even within so many steps.

    Of people with one load only the fewest and the most duties matter.
    """
    fewest, greatest = {}, {}
    for load in sorted(set(case.loads)):
        fewest[load] = model.new_int_var(0, most, f"fewest {name}:{load}")
        greatest[load] = model.new_int_var(0, most, f"most {name}:{load}")
        for own, total in zip(case.loads, sums, strict=True):
            if own == load:
                model.add(total >= fewest[load])
                model.add(total <= greatest[load])
    steps = model.new_int_var(0, most * max(case.loads), f"uneven {name}")
    for one, other in itertools.product(fewest, repeat=2):
        model.add(one * greatest[other] - other * fewest[one] <= SHARE * steps)
    return steps


def classes(case: OnCall) -> tuple[tuple[str, list[int]], ...]:
    """Give the days that are shared out evenly: those of the week, and weekends."""
    return (
        ("week", [day for day in range(case.days) if day not in case.weekends]),
        ("weekend", list(case.weekends)),
    )


def faults(case: OnCall, roster: Sequence[int]) -> Iterator[str]:
    """Tell every rule that a roster breaks."""
    own = [[day for day, on in enumerate(roster) if on == who] for who in range(len(case.loads))]
    for who, days in enumerate(own):
        for day in days:
            if day in case.away[who]:
                yield f"person {who} is away on day {day}"
        for day in case.fixed[who]:
            if day not in days:
                yield f"person {who} is fixed on day {day}"
        for day in days:
            free = [one for one in days if (who, one) not in case.settled]
            if {day + 1, day + 2} <= set(days) and {day, day + 1, day + 2} & set(free):
                yield f"person {who}: days {day} to {day + 2} running"
            if (day - case.weekend) % WEEK == 0 and day >= case.weekend:
                for near, what in ((day - 1, "before"), (day + 1, "after"), (day + WEEK, "a weekend after")):
                    if near in days and {day, near} & set(free):
                        yield f"person {who}: day {near} is {what} the own weekend {day}"


def cost(case: OnCall, roster: Sequence[int]) -> int:
    """Count what a roster costs."""
    total = 0
    for day in range(case.days - 2):
        total += case.adjacent * (roster[day] == roster[day + 1])
    for day in case.weekends:
        total += case.wednesday * (day >= 2 and roster[day - 2] == roster[day])
    for _name, members in classes(case):
        duties = [sum(roster[day] == who for day in members) for who in range(len(case.loads))]
        most = max(
            abs(case.loads[one] * duties[other] - case.loads[other] * duties[one])
            for one in range(len(duties))
            for other in range(len(duties))
        )
        total += -(-most // SHARE)
    return total


def main() -> int:
    """Make, check, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("instance", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=float, default=60.0)
    asked = parser.parse_args()
    try:
        case = read(asked.instance)
        found = solved(case, asked.work)
    except BadInstance as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    result: dict[str, Any] = {"status": "INFEASIBLE"}
    wrong: list[str] = []
    if found is not None:
        roster, bound = found
        wrong = list(faults(case, roster))
        result = {"roster": roster, "cost": cost(case, roster), "bound": bound}
    result["seconds"] = round(time.monotonic() - BEGAN, 2)
    asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(asked.instance.stem, json.dumps({key: value for key, value in result.items() if key != "roster"}))
    for line in wrong[:10]:
        print(f"fault: {line}")
    return 4 if wrong else 0 if found is not None else 3


if __name__ == "__main__":
    sys.exit(main())

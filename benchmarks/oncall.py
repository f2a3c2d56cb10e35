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

from inputs import CURE, BadInstance, check_out, ended, number_of, short, text_of, whole_number, write

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

BEGAN = time.monotonic() - time.process_time()
"""When the script began: what was imported until here took this process alone."""
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

FIRST = date(2024, 1, 1)
WEEK = 5
"""Roster days of a week: Monday to Thursday, and the weekend as one."""
SHARE = 100
"""Shares are even within a step of this, of load of one times duties of the other."""
MOST_CELLS = 100_000
"""No file has more people times days."""
MOST = 1_000_000
NUMBERS = {
    "num_staff": (1, 1_000), "num_days": (1, 2_000), "weekend_offset": (0, 2_000),
    "adj_days_str": (0, MOST), "wed_before_weekend_str": (0, MOST),
}  # fmt: skip
"""The fields that are numbers, each from and to."""
LOAD = (0, 1_000)
FIELDS = (*NUMBERS, "work_load", "unavailable", "fixed")


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


def fields_of(file: Path) -> dict[str, str]:
    """Read what each name is set to, comments left out; raises BadInstance."""
    text = re.sub(r"%[^\n]*|/\*.*?\*/", " ", text_of(file), flags=re.DOTALL)
    *statements, rest = text.split(";")
    if rest.strip():
        raise BadInstance(f"{file}: {short(rest)} does not end with a semicolon; {CURE}")
    fields: dict[str, str] = {}
    for one in filter(str.strip, statements):
        name, sign, value = (part.strip() for part in one.partition("="))
        if not sign or name not in FIELDS:
            raise BadInstance(f"{file}: {short(one)} sets none of {', '.join(FIELDS)}; {CURE}")
        if name in fields:
            raise BadInstance(f"{file}: {name} is set twice; {CURE}")
        fields[name] = value
    lacking = [name for name in FIELDS if name not in fields]
    if lacking:
        raise BadInstance(f"{file}: {lacking[0]} is missing; add it and start again")
    return fields


def entries(value: str) -> list[str]:
    """Read a list: its entries are words, `a..b`, or sets in braces; raises ValueError."""
    entry = r"\{[^{}]*\}|[^\[\]{},]+"
    if not re.fullmatch(rf"\[\s*(?:(?:{entry})\s*(?:,\s*(?:{entry})\s*)*,?)?\s*\]", value):
        raise ValueError(f"{short(value)} is no list in square brackets")
    return [one.strip() for one in re.findall(entry, value[1:-1]) if one.strip()]


def days_of(entry: str, least: int, most: int) -> frozenset[int]:
    """Read a set of days that count from 1, `{1, 4}` or `1..4`, as days from 0; raises ValueError."""
    ends = re.fullmatch(r"(-?[0-9]+)\s*\.\.\s*(-?[0-9]+)", entry)
    if ends is not None:
        first, last = (whole_number(word, least, most) for word in ends.groups())
        return frozenset(range(first - 1, last))
    if not entry.startswith("{"):
        raise ValueError(f"{short(entry)} is no set of days like {{1, 4}} or 1..4")
    inner = entry[1:-1].strip().removesuffix(",")
    return frozenset(whole_number(word.strip(), least, most) - 1 for word in inner.split(",") if inner)


def read(file: Path) -> OnCall:
    """Read an instance; raises BadInstance with what is wrong.

    Days off behind the last day are none, for one of the public files is the head of a longer one.
    """
    fields = fields_of(file)
    name = ""
    try:
        number = {}
        for name, limits in NUMBERS.items():
            number[name] = whole_number(fields[name], *limits)
        staff, days = number["num_staff"], number["num_days"]
        whole_number(fields[name := "weekend_offset"], 0, days)
        if staff * days > MOST_CELLS:
            raise BadInstance(f"{file}: num_staff times num_days is more than {MOST_CELLS}; {CURE}")
        rows = {}
        for name in ("work_load", "unavailable", "fixed"):
            rows[name] = entries(fields[name])
            if len(rows[name]) != staff:
                raise ValueError(f"{len(rows[name])} entries for {staff} people")
        name = "work_load"
        loads = tuple(whole_number(one, *LOAD) for one in rows[name])
        name = "unavailable"
        away = tuple(days_of(one, 1, MOST) & frozenset(range(days)) for one in rows[name])
        name = "fixed"
        fixed = tuple(days_of(one, 1, days) for one in rows[name])
    except ValueError as error:
        raise BadInstance(f"{file}: {name}: {error}; {CURE}") from error
    return OnCall(
        days=days,
        loads=loads,
        away=away,
        fixed=fixed,
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


def main(words: Sequence[str] | None = None) -> int:
    """Make, check, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("instance", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=number_of(0.01, 86_400), default=60.0)
    asked = parser.parse_args(words)
    return ended(lambda: run(asked))


def run(asked: argparse.Namespace) -> int:
    """Do what was asked; raises BadInstance."""
    check_out(asked.out, asked.instance)
    case = read(asked.instance)
    found = solved(case, asked.work)
    result: dict[str, Any] = {"status": "INFEASIBLE"}
    wrong: list[str] = []
    if found is not None:
        roster, bound = found
        wrong = list(faults(case, roster))
        result = {"roster": roster, "cost": cost(case, roster), "bound": bound}
    result["seconds"] = round(time.monotonic() - BEGAN, 2)
    write(asked.out, result)
    print(asked.instance.stem, json.dumps({key: value for key, value in result.items() if key != "roster"}))
    for line in wrong[:10]:
        print(f"fault: {line}")
    return 4 if wrong else 0 if found is not None else 3


if __name__ == "__main__":
    sys.exit(main())

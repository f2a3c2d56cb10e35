"""Make or check rosters of the public shift-scheduling benchmark (Curtois and Qu, 2014).

    python benchmarks/rosters.py INSTANCE --seconds S --out RESULT.json
    python benchmarks/rosters.py INSTANCE --evaluate ROSTER.json

RESULT: roster (a shift id or "-" for each day of each person), cost, bound (proven from below)
and seconds, the time of the whole script. What is written wrongly is told in one sentence, exit 2; a time
too short for any roster as well, exit 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from inputs import BadInstance, check_out, json_of

sys.path.pop(0)  # this folder, whose files hide other modules

from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import _
from auditor.roster.shifts.cost import check, cost
from auditor.roster.shifts.reading import read_staffing
from auditor.roster.shifts.staffing import Staffing

SHORTEST, LONGEST = 1, 1_000_000
"""Seconds that can be asked for."""
BEGAN = time.monotonic() - time.process_time()
"""When the script began: what was imported until here took this process alone."""


def read_roster(path: Path) -> dict[str, list[str]]:
    """Read a roster, alone or inside a result; raises BadInstance, and UsageProblem for JSON that is none."""
    wrong = UsageProblem(problem=_("{file}: should be JSON, the shift ids of each person").format(file=path))
    found = json_of(path)
    if isinstance(found, dict) and isinstance(found.get("roster"), dict):
        found = found["roster"]
    if not isinstance(found, dict):
        raise wrong
    for row in found.values():
        if not isinstance(row, list) or not all(isinstance(entry, str) for entry in row):
            raise wrong
    return found


def evaluate(staffing: Staffing, path: Path) -> None:
    """Print cost and violations of a roster; a cost only if every person has a day for each day."""
    roster = read_roster(path)
    breaches = check(staffing, roster)
    whole = set(roster) == {one.id for one in staffing.workers}
    whole = whole and all(len(row) == staffing.days for row in roster.values())
    violations = [{"employee": one.worker, "day": one.day, "rule": one.rule} for one in breaches]
    print(json.dumps({"cost": cost(staffing, roster) if whole else None, "violations": violations}))


def make(staffing: Staffing, seconds: float, out: Path) -> None:
    """Make a roster and write the result, within so many seconds of the script's begin."""
    from auditor.roster.shifts.make import make_shifts

    made = make_shifts(staffing, end=BEGAN + seconds)
    result = {"roster": made.roster, "cost": made.cost, "bound": made.bound}
    result["seconds"] = round(time.monotonic() - BEGAN, 2)
    try:
        out.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
    except OSError:
        raise UsageProblem(problem=_("{file}: cannot be written").format(file=out)) from None


def time_of(cell: str) -> float:
    """Read how many seconds to take."""
    try:
        value = float(cell)
    except ValueError:
        value = 0.0
    if not SHORTEST <= value <= LONGEST:
        raise UsageProblem(
            problem=_("--seconds {cell}: give a number of seconds from {least} to {most}").format(
                cell=cell, least=SHORTEST, most=LONGEST
            )
        )
    return value


def main() -> int:
    """Read the arguments, then make or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("instance", type=Path)
    parser.add_argument("--seconds", default="60", help="wall time of the whole script")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path)
    what.add_argument("--evaluate", type=Path)
    asked = parser.parse_args()
    try:
        seconds = time_of(asked.seconds)
        if asked.out:
            check_out(asked.out, asked.instance)
        staffing = read_staffing(asked.instance)
        if asked.evaluate:
            evaluate(staffing, asked.evaluate)
        else:
            make(staffing, seconds, asked.out)
    except BadInstance as error:
        print(f"Error: {error}", file=sys.stderr)
        return UsageProblem.exit_code
    except AuditorError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How long a month's roster takes to prove: 8 leaders, 24 officers, 12 of them on stand-by.

Run ``python benchmarks/roster.py``; prints seconds, objective and bound a month.
"""

from __future__ import annotations

import platform
import time

from auditor.entities import Inspector, Leave, Person
from auditor.roster.check import RosterFacts, check_roster
from auditor.roster.make import make_roster
from auditor.roster.problem import build_problem
from auditor.roster.standby import standby
from auditor.workflow.months import month_of


def main() -> None:
    """Print one line a month."""
    people = [Person(id=f"l{at:02d}", name="", roles=("leader",)) for at in range(8)]
    people += [Person(id=f"o{at:02d}", name="", roles=("officer",)) for at in range(24)]
    inspectors = [
        Inspector(id=f"o{at:02d}", name="", department=f"d{at % 4}", domains=("fire", "food"))
        for at in range(12)
    ]
    print(platform.machine(), platform.python_version(), "2 cores, one worker")
    for key in ("2026-02", "2026-03", "2026-06", "2026-10", "2026-12", "2027-01"):
        month = month_of(key)
        pattern = standby(inspectors, month.working)
        leave = [
            Leave(person=who, from_on=month.first.replace(day=day), to_on=month.first.replace(day=day + 3))
            for who, day in (("l03", 3), ("o05", 9), ("o17", 20))
        ]
        started = time.perf_counter()
        roster = make_roster(build_problem(month.days, people, leave, pattern))
        seconds = time.perf_counter() - started
        facts = RosterFacts(days=month.days, people=people, leave=leave, standby=pattern, carried={})
        assert check_roster(roster, facts) == []
        print(f"{key}  {seconds:5.2f} s  {roster['status']}  {roster['objective']}  bound {roster['bound']}")


if __name__ == "__main__":
    main()

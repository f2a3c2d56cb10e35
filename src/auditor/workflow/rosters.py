"""The step of the roster: from people, leave and the stand-by pattern to a checked month."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from auditor.entities import Breach, Duty, Inspector
from auditor.roster.check import RosterFacts, check_roster
from auditor.roster.problem import RosterProblem, build_problem
from auditor.roster.standby import standby
from auditor.store import Database
from auditor.store.rosters import read_rosters
from auditor.store.staff import read_absences, read_inspectors, read_people
from auditor.workflow.months import Month, month_of
from auditor.workflow.roster_revisions import unwaived

EDGE_DAYS = 3
"""Duties of so many days before a month can still ask for rest in it."""


def pattern(inspectors: Sequence[Inspector], month: Month) -> dict[str, tuple[str, ...]]:
    """Give everyone's stand-by half-days of the month: public, equal for all, set before all else."""
    return standby(inspectors, month.working)


def duties_of(roster: Mapping[str, Any] | None) -> list[Duty]:
    """Give the duties of a stored roster and the fixed ones before it."""
    if roster is None:
        return []
    return [
        Duty(day=date.fromisoformat(row["date"]), post=row["post"], person=row["person"])
        for row in (*roster["before"], *roster["assignments"])
    ]


def _history(db: Database, month: Month) -> tuple[dict[str, dict[str, int]], list[Duty]]:
    """Give the counters carried into a month, and the last duties before it."""
    earlier = [roster for key, roster in read_rosters(db).items() if key < month.key]
    if not earlier:
        return {}, []
    since = month.first - timedelta(days=EDGE_DAYS)
    before = [duty for duty in duties_of(earlier[-1]) if since <= duty.day < month.first]
    return {who: dict(found) for who, found in earlier[-1]["counters"].items()}, before


def _bare_of_duty(db: Database, month: Month) -> dict[str, tuple[str, ...]]:
    """Give the stand-by half-days on which no duty and no rest may lie.

    Those of the month, and those of the next month's first days, which the rest of this month's
    last duties could reach.
    """
    inspectors = read_inspectors(db)
    last = f"{month.last + timedelta(days=EDGE_DAYS):%Y-%m-%d}/~"
    ahead = pattern(inspectors, month_of(f"{month.last + timedelta(days=1):%Y-%m}"))
    return {
        who: (*half_days, *(one for one in ahead[who] if one <= last))
        for who, half_days in pattern(inspectors, month).items()
    }


def same(one: object, other: object) -> bool:
    """Whether two parts of a record are the same to the letter: 1 is not 1.0, nor true."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def problem_of(db: Database, month: Month) -> RosterProblem:
    """Collect a month's problem from the bureau's file and the calendar."""
    carried, before = _history(db, month)
    people = read_people(db)
    known = {person.id for person in people}
    return build_problem(
        month.days,
        people,
        read_absences(db),
        {who: half_days for who, half_days in _bare_of_duty(db, month).items() if who in known},
        carried=carried,
        before=[duty for duty in before if duty.person in known],
    )


def make(
    db: Database, month: Month, *, work: float, progress: Callable[[str], None] = lambda step: None
) -> dict[str, Any]:
    """Make a month's roster; raises Infeasible with the days and posts that lack people."""
    from auditor.roster.make import make_roster

    return make_roster(problem_of(db, month), work=work, progress=progress)


def check(db: Database, roster: object, month: Month) -> list[Breach]:
    """Check a roster against calendar, people, leave, stand-by and the month before."""
    problem = problem_of(db, month)
    facts = RosterFacts(
        days=month.days,
        people=read_people(db),
        leave=read_absences(db),
        standby=problem.standby,
        carried={person.id: person.carried for person in problem.people},
        before=[(duty.day, duty.post, duty.person) for duty in problem.before],
    )
    breaches = unwaived(db, month.key, check_roster(roster, facts))
    stored = read_rosters(db).get(month.key)
    if stored is not None and isinstance(roster, Mapping):
        # another roster may keep every rule too; it is not the one that was made and proven
        breaches += [
            Breach(rule="stored", where=name, what="differs from the roster that was stored")
            for name in sorted(set(stored) | set(map(str, roster)))
            if not same(roster.get(name), stored.get(name))
        ]
    return breaches

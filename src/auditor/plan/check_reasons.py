"""Check why a visit could not be made: the first obstacle that is true, found again from the facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from auditor.entities import SLOTS, Breach, Staff
from auditor.i18n import _
from auditor.plan.check_drive import leg, span
from auditor.plan.check_facts import PlanFacts, Record, broken

REASONS = ("unreachable", "closed", "no-skill", "no-team", "capacity")
"""Why a visit could not be made; the first that is true is the reason."""


def in_conflict(one: Staff, unit: str, facts: PlanFacts) -> bool:
    """Whether a person may not see a unit."""
    return unit in one.conflict_units or facts.strata.get(unit) in one.conflict_strata


def reason_breaches(record: Record, facts: PlanFacts) -> Iterator[Breach]:
    """Tell whether the reason that is stated for a visit is none, or not the true one."""
    where = f"{record['draw']}/{record['unit']}"
    if record["reason"] not in REASONS:
        yield broken("unplaced", where, _("{reason} is no reason"), reason=record["reason"])
        return
    true = _true_reason(record, facts)
    if record["reason"] != true:
        yield broken(
            "unplaced", where, _("{reason} is not true: it is {true}"), reason=record["reason"], true=true
        )


def _true_reason(record: Record, facts: PlanFacts) -> str:
    unit, domains = record["unit"], record["domains"]
    minutes = sum(facts.domains[key].minutes for key in domains)
    ways = [(leg(one, unit, facts)[1], leg(unit, one, facts)[1]) for one in ("", *facts.starts)]
    slots, able_slots = [], []
    for slot, (opens, closes) in SLOTS.items():
        arrivals = span(unit, domains, slot, facts)
        if arrivals is None:
            continue
        able_slots.append(slot)
        for out, back in ways:
            arrival = max(arrivals[0], opens + out)
            if arrival <= arrivals[1] and arrival + minutes + back <= closes:
                slots.append(slot)
                break
    if not slots:
        return "unreachable"
    first, last = facts.windows[record["draw"]]
    closed = facts.closed.get(unit, ())
    shut = facts.shut.get(unit, ())
    days = [
        day
        for day in facts.days
        if first <= day <= last
        and day > facts.beacon_day
        and day not in closed
        and any(f"{day}/{slot}" not in shut for slot in able_slots)
    ]
    if not days:
        return "closed"
    if not _some_team(facts.staff, domains, facts.team):
        return "no-skill"
    able = [one for one in facts.staff if not in_conflict(one, unit, facts)]
    for day in days:
        for slot in slots:
            if f"{day}/{slot}" in shut:
                continue
            there = [one for one in able if f"{day}/{slot}" in one.free]
            if _some_team(there, domains, facts.team) and _some_mix(there, domains, facts):
                return "capacity"
    return "no-team"


def _some_mix(staff: Sequence[Staff], domains: Sequence[str], facts: PlanFacts) -> bool:
    """Whether some team with all domains is of two departments, or need not be."""
    if not facts.departments:
        return True
    wanted = frozenset(domains)
    kinds = {(facts.departments.get(one.id, ""), frozenset(one.domains) & wanted) for one in staff}
    for (one, held), (other, more) in combinations(sorted(kinds, key=str), 2):
        if not one or not other or one == other:
            continue
        left = wanted - held - more
        skills = {frozenset(person.domains) & left for person in staff}
        if not left or any(
            left <= frozenset().union(*some)
            for number in range(1, facts.team - 1)
            for some in combinations(sorted(skills, key=sorted), number)
        ):
            return True
    return False


def _some_team(staff: Sequence[Staff], domains: Sequence[str], size: int) -> bool:
    if len(staff) < size:
        return False
    skills = {frozenset(one.domains) & frozenset(domains) for one in staff}
    return any(
        frozenset(domains) <= frozenset().union(*some)
        for number in range(1, size + 1)
        for some in combinations(sorted(skills, key=sorted), number)
    )

"""Which half-days of whom a number may use, and under which ids that tell nothing."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from auditor.draw.canon import canon, digest
from auditor.draw.programmes import Programme
from auditor.entities import Inspector
from auditor.roster.free import free_half_days
from auditor.store import Database
from auditor.store.numbers import read_frozen
from auditor.store.rosters import read_in_force
from auditor.store.staff import read_absences
from auditor.workflow.duty import rosters
from auditor.workflow.months import Period, month_of


def neutral_ids(inspectors: Sequence[Inspector], number: int, secret: bytes) -> dict[str, str]:
    """Give each Inspector an id that tells nothing, ``P01`` …: only the bureau can repeat their order."""
    order = sorted(
        inspectors, key=lambda one: (hmac.digest(secret, f"{number}/{one.id}".encode(), "sha256"), one.id)
    )
    return {one.id: f"P{at:02d}" for at, one in enumerate(order, start=1)}


def free_of(
    db: Database,
    inspectors: Sequence[Inspector],
    period: Period,
    programme: Programme,
    numbers: Sequence[Mapping[str, Any]],
) -> dict[str, tuple[str, ...]]:
    """Give the half-days that this number may use of everyone: what everyone may know before the draw.

    Stand-by less leave, published duty and rest, less what earlier numbers that are still open were
    given; of the first number in a period, less the half-days that `keep` leaves for later draws. So no
    two numbers ever ask for one person in one half-day, and none reads another's plan.
    """
    pattern: dict[str, list[str]] = {one.id: [] for one in inspectors}
    stored, duties = read_in_force(db), []
    inside = {f"{day:%Y-%m-%d}" for day in period.working}
    for name in period.months:
        month = month_of(name, period.of)
        for who, half_days in rosters.pattern_in_force(inspectors, month, stored.get(name)).items():
            pattern[who] += [one for one in half_days if one[:10] in inside]
        duties += rosters.duties_of(stored.get(name))
    free = free_half_days(pattern, read_absences(db), duties)
    given: dict[str, set[str]] = {}
    for one in numbers:
        if one["state"] in ("abandoned", "closed"):
            continue
        parts = read_frozen(db, one["number"], "field", "staff")
        by_neutral = {kept["id"]: own for own, kept in parts["staff"].items()}
        for person in parts["field"]["staff"]:
            given.setdefault(by_neutral[person["id"]], set()).update(person["free"])
    touched = any(set(free.get(who, ())) & half_days for who, half_days in given.items())
    left = {
        who: tuple(one for one in half_days if one not in given.get(who, ()))
        for who, half_days in free.items()
    }
    kept = set() if touched else kept_for_later(left, programme.keep, programme.id)
    return {who: tuple(one for one in half_days if one not in kept) for who, half_days in left.items()}


def kept_for_later(free: Mapping[str, Sequence[str]], keep: int, seed: str) -> set[str]:
    """Choose half-days that stay for later draws: whole ones, at most `keep` of each person's.

    In an order that follows from hashes, so that they lie all over the period: were they its last
    ones, everybody would know that nobody comes then.
    """
    people: dict[str, list[str]] = {}
    for who, half_days in free.items():
        for one in half_days:
            people.setdefault(one, []).append(who)
    lost = dict.fromkeys(free, 0)
    kept = set()
    for one in sorted(people, key=lambda half_day: digest(canon([seed, half_day]))):
        if all(lost[who] < keep for who in people[one]):
            kept.add(one)
            for who in people[one]:
                lost[who] += 1
    return kept

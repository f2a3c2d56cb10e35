"""The step of the load: whose half-days a plan uses, and why each other one stays unused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from auditor.draw.programmes import TEAM
from auditor.roster.free import free_half_days
from auditor.store import Database
from auditor.store.numbers import read_frozen_part, read_number
from auditor.store.records import read_draw
from auditor.store.rosters import read_in_force
from auditor.store.staff import read_absences, read_inspectors
from auditor.workflow import plans
from auditor.workflow.called import staff_names
from auditor.workflow.door import Seen
from auditor.workflow.duty import rosters
from auditor.workflow.means import frozen_means
from auditor.workflow.months import calendar_of, month_of, period_of
from auditor.workflow.programmes import programme_of

USED, LEAVE, DUTY, HELD, EARLY, SHARE, CARS, ALONE, NEEDLESS, SEALED = (
    "used", "leave", "duty", "held", "early", "share", "cars", "alone", "not-needed", "sealed",
)  # fmt: skip
STATES = (USED, LEAVE, DUTY, HELD, EARLY, SHARE, CARS, ALONE, NEEDLESS, SEALED)
"""What becomes of a stand-by half-day; the first that is true is told.

`held` means that the number was never given it (it is kept for later numbers or another one has it),
`early` that the draw was not yet over, `share` that the person's share is reached, `cars` that every car
was out, `alone` that too few others were there for a team, `sealed` that it may not be seen.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One inspector's half-days in a plan's period.

    `half_days` gives the state of every stand-by half-day, by day; `share` is how many of them the plan
    may use.
    """

    id: str
    name: str
    share: int
    half_days: Mapping[str, str]

    @property
    def counts(self) -> dict[str, int]:
        """How many half-days are in each state, in the order of STATES; those without one are left out."""
        found = Counter(self.half_days.values())
        return {state: found[state] for state in STATES if found[state]}

    def record(self) -> dict[str, Any]:
        """Write it for programs."""
        return {
            "id": self.id, "name": self.name, "share": self.share, "counts": self.counts,
            "half_days": dict(self.half_days),
        }  # fmt: skip


def loads(db: Database, seen: Seen) -> list[Load]:
    """Say of every inspector's stand-by half-days what the plan did with them, and why not.

    Of a sealed plan without the key only what is public before (stand-by, leave, duty, what the number
    was given) and the visits that were released; every other half-day is "sealed".
    """
    own, free, share, drawn_on = _given(db, seen)
    standby, away, busy = _public(db, seen, set(own))
    used = _used(seen)
    sorties = Counter(one for one, _key in {(_half_day(v), v["sortie"]) for v in seen.visits})
    names = staff_names(db)
    team = programme_of(db, seen.programme)[0].team if seen.programme else TEAM
    cars = frozen_means(read_frozen_part(db, seen.number, "means")).cars
    full = {who for who in own if len(used.get(who, ())) >= share[who]}
    spare = Counter(
        half_day
        for who in own
        if who not in full
        for half_day in free[who]
        if half_day not in used.get(who, ())
    )

    def state(who: str, half_day: str) -> str:
        if half_day in used.get(who, ()):
            return USED
        if half_day not in free[who]:
            return LEAVE if half_day in away[who] else DUTY if half_day in busy[who] else HELD
        if half_day[:10] <= drawn_on:
            return EARLY
        if seen.record is None:
            return SEALED
        if who in full:
            return SHARE
        if sorties[half_day] >= cars[half_day.partition("/")[2]]:
            return CARS
        return ALONE if spare[half_day] < team else NEEDLESS

    return [
        Load(
            id=who,
            name=names.get(who, who),
            share=share[who],
            half_days={
                half_day: state(who, half_day)
                for half_day in sorted({*standby[who], *free[who]}, key=_by_time)
            },
        )
        for who in sorted(own)
    ]


def _half_day(visit: Mapping[str, Any]) -> str:
    return f"{visit['date']}/{visit['slot']}"


def _by_time(half_day: str) -> tuple[str, int]:
    day, _slash, slot = half_day.partition("/")
    return day, ("morning", "afternoon", "evening").index(slot)


def _used(seen: Seen) -> dict[str, set[str]]:
    """Give the half-days on which everyone is out, by own id, as far as they may be seen."""
    found: dict[str, set[str]] = {}
    for visit in seen.visits:
        for who in visit["team"]:
            found.setdefault(who, set()).add(_half_day(visit))
    return found


def _given(
    db: Database, seen: Seen
) -> tuple[dict[str, str], dict[str, Collection[str]], dict[str, int], str]:
    """Give neutral ids, half-days given to the number and shares, by own id; and the day of the event."""
    record, closed = read_number(db, seen.number), read_draw(db, seen.number)
    own = plans.staff_key(db, seen.number)
    if closed is not None:
        field, beacon = closed["field"], closed["beacon"]
    else:
        field = read_frozen_part(db, seen.number, "field")
        beacon = (record or {}).get("beacon", {})
    free = {one["id"]: one["free"] for one in field["staff"]}
    half_days = plans.half_days_of(db, seen.number)
    today = {one.id: one.half_days for one in read_inspectors(db)}
    return (
        own,
        {who: free[neutral] for who, neutral in own.items()},
        {who: half_days.get(neutral, today.get(who, 0)) for who, neutral in own.items()},
        str(beacon.get("published_at", ""))[:10],
    )


def _public(
    db: Database, seen: Seen, own: set[str]
) -> tuple[dict[str, Sequence[str]], dict[str, set[str]], dict[str, set[str]]]:
    """Give everyone's stand-by half-days in the period, and which of them leave and duty take."""
    of = calendar_of(db)
    period = period_of(date.fromisoformat(seen.first), date.fromisoformat(seen.last), of)
    inspectors, stored = read_inspectors(db), read_in_force(db)
    inside = {f"{day:%Y-%m-%d}" for day in period.working}
    standby: dict[str, Sequence[str]] = dict.fromkeys(own, ())
    duties = []
    for name in period.months:
        public = rosters.pattern_in_force(inspectors, month_of(name, of), stored.get(name))
        for who, half_days in public.items():
            if who in own:
                standby[who] = [*standby[who], *(one for one in half_days if one[:10] in inside)]
        duties += rosters.duties_of(stored.get(name))
    there = free_half_days(standby, read_absences(db), [])
    off_duty = free_half_days(standby, [], duties)
    return (
        standby,
        {who: set(half_days) - set(there[who]) for who, half_days in standby.items()},
        {who: set(half_days) - set(off_duty[who]) for who, half_days in standby.items()},
    )

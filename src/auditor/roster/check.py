"""Every rule of a roster again in plain Python, over a finished record, without the solver.

Nothing here is shared with the rules that made it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from auditor.entities import Breach, CalendarDay, Leave, Person

CLASS_NAMES = ("holiday", "weekend", "night", "total")
HALF_DAYS = {
    "morning": (time(8, 0), time(12, 30)),
    "afternoon": (time(13, 30), time(17, 45)),
    "evening": (time(18, 0), time(21, 30)),
}
DESK = {
    "lead": ("leader", "08:00", 1440, True),
    "day": ("officer", "08:00", 600, False),
    "night": ("officer", "18:00", 840, True),
}
WEIGHED = {"holiday": 8, "weekend": 4, "night": 3, "total": 2}
KEYS = {
    "month", "assignments", "people", "posts", "demand", "counters", "weights", "objective", "bound",
    "status", "provisional", "standby", "before",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterFacts:
    """What a month's roster must agree with: calendar, people, leave, stand-by, what came before.

    `carried` holds counters by person as they must stand; `before` the last duties of the month
    before as (day, post, person).
    """

    days: Sequence[CalendarDay]
    people: Sequence[Person]
    leave: Sequence[Leave]
    standby: Mapping[str, Sequence[str]]
    carried: Mapping[str, Mapping[str, int]]
    before: Sequence[tuple[date, str, str]] = ()


def check_roster(roster: object, facts: RosterFacts) -> list[Breach]:
    """Give every rule that a roster breaks; none for a right one. A broken file is a breach, no crash."""
    if not isinstance(roster, Mapping):
        return [Breach(rule="form", where="roster", what="not an object")]
    strange = sorted(set(map(str, roster)) ^ KEYS)
    if strange:
        return [Breach(rule="form", where="roster", what="keys " + ", ".join(strange))]
    try:
        return _check(roster, facts)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        return [Breach(rule="form", where="roster", what=f"{type(error).__name__}: {error}")]


def _check(roster: Mapping[str, Any], facts: RosterFacts) -> list[Breach]:
    breaches: list[Breach] = []

    def breach(rule: str, where: object, what: object) -> None:
        breaches.append(Breach(rule=rule, where=str(where), what=str(what)))

    calendar = {day.day: day for day in facts.days}
    roles = {person.id: person.role for person in facts.people}
    month = f"{min(calendar):%Y-%m}"
    if roster["month"] != month:
        breach("month", roster["month"], f"not {month}")

    # what the record says of posts, people and demand must be what is known
    desk = [
        {"id": post, "role": role, "start": start, "minutes": minutes, "night": night}
        for post, (role, start, minutes, night) in DESK.items()
    ]
    if not _same(sorted(roster["posts"], key=_text), sorted(desk, key=_text)):
        breach("posts", "posts", "differ from the desk's")
        return breaches
    if not _same(roster["weights"], WEIGHED):
        breach("weights", "weights", roster["weights"])
    first, last = min(calendar), max(calendar)
    for row in roster["people"]:
        who = row["id"]
        if roles.get(who) != row["role"] or set(row) != {"id", "role", "leave", "carried"}:
            breach("people", who, "is not known so")
            continue
        # a night of the last evening touches the next month's first day
        asked = (first + timedelta(days=ahead) for ahead in range((last - first).days + 2))
        away = [day.isoformat() for day in asked if _away(facts, who, day)]
        if row["leave"] != away:
            breach("leave", who, f"{row['leave']} recorded, {away} known")
        carried = {name: facts.carried.get(who, {}).get(name, 0) for name in CLASS_NAMES}
        if not _same(row["carried"], carried):
            breach("carried", who, f"{row['carried']} recorded, {carried} known")
    listed = [row["id"] for row in roster["people"]]
    if sorted(listed) != sorted(roles):
        breach("people", "people", "someone is missing or doubled")
        return breaches
    demand = {
        (day.isoformat(), post): 2 if calendar[day].key_period else 1 for day in calendar for post in DESK
    }
    needed = [{"date": day, "post": post, "need": need} for (day, post), need in demand.items()]
    if not _same(sorted(roster["demand"], key=_text), sorted(needed, key=_text)):
        breach("demand", "demand", "differs from the calendar's")
    standby = {
        who: sorted(half_days) for who, half_days in facts.standby.items() if half_days and who in roles
    }
    if not _same(roster["standby"], standby):
        breach("stand-by", "standby", "differs from the public pattern")
    before = [{"date": day.isoformat(), "post": post, "person": who} for day, post, who in facts.before]
    if not _same(sorted(roster["before"], key=_text), sorted(before, key=_text)):
        breach("edge", "before", "differs from the month before")
    if roster["provisional"] is not any(day.provisional for day in facts.days):
        breach("provisional", "provisional", roster["provisional"])

    # cover
    seats: dict[tuple[str, str], list[str]] = {key: [] for key in demand}
    duties: dict[str, list[tuple[datetime, datetime, bool, str]]] = {who: [] for who in roles}
    counters = {
        row["id"]: {name: row["carried"].get(name, 0) for name in CLASS_NAMES} for row in roster["people"]
    }
    if any(set(row) != {"date", "post", "person"} for row in roster["assignments"]):
        breach("form", "assignments", "keys")
        return breaches
    rows = [(row["date"], row["post"], row["person"]) for row in roster["assignments"]]
    if rows != sorted(rows):
        breach("form", "assignments", "not sorted")
    for day, post, who in rows:
        if (day, post) not in seats:
            breach("cover", f"{day} {post}", "no such seat")
        elif roles.get(who) != DESK[post][0]:
            breach("role", f"{day} {post}", f"{who} is no {DESK[post][0]}")
        else:
            seats[day, post].append(who)
            duties[who].append(_span(day, post))
            counters[who]["total"] += 1
            counters[who]["night"] += DESK[post][3]
            cls = calendar[date.fromisoformat(day)].cls
            if cls in ("holiday", "weekend"):
                counters[who][cls] += 1
    for (day, post), filled in seats.items():
        if len(filled) != demand[day, post]:
            breach("cover", f"{day} {post}", f"{len(filled)} of {demand[day, post]} seats")
        if len(set(filled)) != len(filled):
            breach("cover", f"{day} {post}", "one person in two seats")

    # each person's time
    for who, mine in duties.items():
        # what the month before laid down itself is not this month's to answer for
        fixed = [_span(day.isoformat(), post) for day, post, other in facts.before if other == who]
        for (_s, end, night, name), later in pairwise(sorted(fixed + mine)):
            start, _e, _n, other = later
            if later in mine and start < end + timedelta(hours=24 if night else 12):
                breach("rest", f"{who} {other}", f"too soon after {name}")
        for start, end, night, name in mine:
            touched = start.date()
            while datetime.combine(touched, time()) < end:
                if _away(facts, who, touched):
                    breach("leave", f"{who} {name}", f"on leave on {touched}")
                touched += timedelta(days=1)
            rested = end + timedelta(hours=24 if night else 12)
            for half_day in facts.standby.get(who, ()):
                text, _sep, slot = half_day.partition("/")
                begins, ends = HALF_DAYS[slot]
                on = date.fromisoformat(text)
                if start < datetime.combine(on, ends) and datetime.combine(on, begins) < rested:
                    breach("stand-by", f"{who} {name}", f"duty or rest on {half_day}")

    # the figures
    if not _same(roster["counters"], counters):
        wrong = next(
            (who for who in sorted(counters) if not _same(roster["counters"].get(who), counters[who])),
            "someone",
        )
        breach("counters", wrong, f"{roster['counters'].get(wrong)} recorded, {counters.get(wrong)} counted")
    value = sum(WEIGHED[name] * counters[who][name] ** 2 for who in counters for name in CLASS_NAMES)
    if type(roster["objective"]) is not int or roster["objective"] != value:
        breach("objective", "objective", f"{roster['objective']} recorded, {value} counted")
    if type(roster["bound"]) is not int or not 0 <= roster["bound"] <= value:
        breach("bound", "bound", f"{roster['bound']} for {value}")
    if roster["status"] != ("optimal" if roster["bound"] == roster["objective"] else "feasible"):
        breach("status", "status", roster["status"])
    return breaches


def _away(facts: RosterFacts, who: str, day: date) -> bool:
    return any(one.person == who and one.from_on <= day <= one.to_on for one in facts.leave)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _same(one: object, other: object) -> bool:
    """Whether two values are the same in JSON, where 1, 1.0 and true are three."""
    return _text(one) == _text(other)


def _span(day: str, post: str) -> tuple[datetime, datetime, bool, str]:
    _role, clock, minutes, night = DESK[post]
    start = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock))
    return start, start + timedelta(minutes=minutes), night, f"{day} {post}"

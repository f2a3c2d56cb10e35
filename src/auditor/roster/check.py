"""Every rule of a roster again in plain Python, over a finished record, without the solver.

Nothing here is shared with the rules that made it. The rules about who is on duty when are in `check_rules`,
those of a rotation in `check_rotation`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import gcd, lcm
from typing import Any

from auditor.entities import Breach, CalendarDay, Leave, Person
from auditor.i18n import N_, _, labelled
from auditor.roster.check_rotation import rotation_breaches
from auditor.roster.check_rules import Ground, Mine, rule_breaches

DEFAULT_DESK: Mapping[str, Any] = {
    "style": "fair",
    "sharing": "squares",
    "rest_min": 720,
    "rest_after_night_min": 1440,
    "excused_days": 15,
    "notice_days": 3,
    "posts": [
        {
            "id": name,
            "zh": zh,
            "role": role,
            "start": start,
            "minutes": minutes,
            "night": night,
            "kind": "duty",
            "by_phone": False,
            "rest_min": rest,
            "need": {"work": 1, "weekend": 1, "holiday": 1, "key": 2},
        }
        for name, zh, role, start, minutes, night, rest in (
            ("lead", "带班", "leader", "08:00", 1440, True, 1440),
            ("day", "白班", "officer", "08:00", 600, False, 720),
            ("night", "夜班", "officer", "18:00", 840, True, 1440),
        )
    ],
    "gaps": {},
    "runs": {},
    "week": {},
    "month": {},
    "weekend_block": [],
    "pairs": [],
    "groups": [],
    "order": [],
    "acting": {},
    "opening": {},
    "weights": {"holiday": 8, "weekend": 4, "night": 3, "total": 2},
}
"""The desk where a bureau has said nothing, as a record has it."""
OUT_KINDS = ("外出", "外出报备", "out of town", "out-of-town")
DUTY: tuple[str, ...] = ("leader", "officer", "driver", "network")
ROLE_SAID: Mapping[str, str] = {
    "leader": N_("leaders"), "officer": N_("officers"), "driver": N_("drivers"),
    "network": N_("network desk"),
}  # fmt: skip
KEYS = {
    "month", "assignments", "people", "posts", "demand", "counters", "weights", "objective", "bound",
    "status", "provisional", "standby", "before",
}  # fmt: skip
MAY_BE = {"style", "departures", "turns", "stages", "wishes", "short", "fixed"}
"""Keys that not every record has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterFacts:
    """What a month's roster must agree with: calendar, people, leave, stand-by, what came before, the desk.

    `carried` holds counters by person as they must stand; `before` the last duties of the month before as
    (day, post, person), `before_posts` rows of posts of then that the desk no longer has. `desk` is None
    for a record of an early version, which names none and was made by the default desk. `eve` is the day
    before the month.
    """

    days: Sequence[CalendarDay]
    people: Sequence[Person]
    leave: Sequence[Leave]
    standby: Mapping[str, Sequence[str]]
    carried: Mapping[str, Mapping[str, int]]
    before: Sequence[tuple[date, str, str]] = ()
    before_posts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    desk: Mapping[str, Any] | None = field(default_factory=lambda: DEFAULT_DESK)
    eve: CalendarDay | None = None
    morrow: CalendarDay | None = None


def check_roster(roster: object, facts: RosterFacts) -> list[Breach]:
    """Give every rule that a roster breaks; none for a right one. A broken file is a breach, no crash."""
    if not isinstance(roster, Mapping):
        return [Breach(rule="form", where="roster", what=_("not an object"))]
    keys = KEYS if facts.desk is None else KEYS | {"desk"}
    strange = sorted(set(map(str, roster)) ^ keys)
    strange = [key for key in strange if key not in MAY_BE or facts.desk is None]
    if strange:
        return [Breach(rule="form", where="roster", what=_("keys: {names}").format(names=", ".join(strange)))]
    try:
        return _check(roster, facts)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        return [
            Breach(
                rule="form",
                where="roster",
                what=_("cannot be read ({error})").format(error=f"{type(error).__name__}: {error}"),
            )
        ]


def ground_of(facts: RosterFacts) -> Ground:
    """Give what duties are judged on."""
    desk = DEFAULT_DESK if facts.desk is None else facts.desk
    posts = {post["id"]: post for post in desk["posts"]}
    calendar = {day.day: day for day in facts.days}
    first, last = min(calendar), max(calendar)
    demand = {}
    for on, one in calendar.items():
        for post in posts.values():
            need = post["need"]["key" if one.key_period else one.cls]
            if need:
                demand[on.isoformat(), post["id"]] = need
    ids = [person.id for person in facts.people]
    asked = {post["role"] for post in posts.values()}
    return Ground(
        desk=desk,
        posts={**_usual_posts(), **facts.before_posts, **posts},
        calendar=calendar,
        gone={who: _days_away(facts, who, first, last, out=False) for who in ids},
        out={who: _days_away(facts, who, first, last, out=True) for who in ids},
        standby=facts.standby,
        before=[Mine(who, day, post) for day, post, who in facts.before],
        demand=demand,
        eve=facts.eve,
        morrow=facts.morrow,
        halves={who: _halves_away(facts, who, first, last, out=False) for who in ids},
        out_halves={who: _halves_away(facts, who, first, last, out=True) for who in ids},
        roles={person.id: _fills(person, asked) for person in facts.people},
    )


def _check(roster: Mapping[str, Any], facts: RosterFacts) -> list[Breach]:
    breaches: list[Breach] = []

    def breach(rule: str, where: object, what: object) -> None:
        breaches.append(Breach(rule=rule, where=str(where), what=str(what)))

    desk = DEFAULT_DESK if facts.desk is None else facts.desk
    calendar = {day.day: day for day in facts.days}
    first = min(calendar)
    if roster["month"] != f"{first:%Y-%m}":
        breach("month", roster["month"], _("not {month}").format(month=f"{first:%Y-%m}"))
    if "desk" in roster and not _same(roster["desk"], desk):
        breach("desk", "desk", _("differs from the settings that it was made by"))
        return breaches
    if roster.get("style", desk["style"]) != desk["style"]:
        breach("desk", "style", roster["style"])

    # what the record says of posts, people and demand must be what is known
    posts = {post["id"]: post for post in desk["posts"]}
    if not _same(sorted(roster["posts"], key=_text), sorted(map(_post_row, posts.values()), key=_text)):
        breach("posts", "posts", _("differ from the desk's"))
        return breaches
    weights = {name: desk["weights"][name] for name in ("holiday", "weekend", "night", "total")}
    if any(post["kind"] == "standby" for post in posts.values()):
        weights["standby"] = desk["weights"].get("standby", 1)
    if not _same(roster["weights"], weights):
        breach("weights", "weights", roster["weights"])
    ground = ground_of(facts)
    demand = ground.demand
    needed = [{"date": on, "post": post, "need": need} for (on, post), need in demand.items()]
    if not _same(sorted(roster["demand"], key=_text), sorted(needed, key=_text)):
        breach("demand", "demand", _("differs from the calendar's"))
    classes = tuple(weights)
    rows = {row["id"]: row for row in _people_rows(facts, desk, posts, demand, classes)}
    listed = [row["id"] for row in roster["people"]]
    if sorted(listed) != sorted(rows):
        odd = {*listed} ^ {*rows} | {who for who in listed if listed.count(who) > 1}
        # whoever is on duty and fills no post any more is nobody whom a repair could know
        lost = odd - {*rows} & {row["person"] for row in roster["assignments"]}
        for names, text in (
            (
                odd - lost,
                _("missing, doubled or not at the desk: {names}; `auditor roster repair` takes it in"),
            ),
            (
                lost,
                _(
                    "on duty there, and of no role of the desk any more: {names}; leave the role, and write "
                    "the last day (to) into the staff list"
                ),
            ),
        ):
            if names:
                breach("people", "people", text.format(names=", ".join(sorted(map(str, names)))))
        return breaches
    for row in roster["people"]:
        known = rows[row["id"]]
        if set(row) != set(known) or row["role"] != known["role"]:
            breach(
                "people",
                row["id"],
                _("not as the staff list and leave have it today; `auditor roster repair` takes it in"),
            )
            continue
        for name, rule in (("leave", "leave"), ("carried", "carried")):
            if not _same(row[name], known[name]):
                breach(rule, row["id"], _said(row[name], known[name]))
        for name in sorted(set(known) - {"id", "role", "leave", "carried"}):
            if not _same(row[name], known[name]):
                breach("people", row["id"], labelled(name, _said(row[name], known[name])))
    standby = {
        who: sorted(half_days) for who, half_days in facts.standby.items() if half_days and who in rows
    }
    if not _same(roster["standby"], standby):
        breach("stand-by", "standby", _("differs from the public pattern"))
    before = [{"date": day.isoformat(), "post": post, "person": who} for day, post, who in facts.before]
    if not _same(sorted(roster["before"], key=_text), sorted(before, key=_text)):
        breach("edge", "before", _("differs from the month before"))
    if roster["provisional"] is not any(day.provisional for day in facts.days):
        breach("provisional", "provisional", roster["provisional"])

    # cover
    roles = {who: row.get("roles", [row["role"]]) for who, row in rows.items()}
    short = {(row["date"], row["post"]): row["short"] for row in roster.get("short", ())}
    if any(set(row) != {"date", "post", "short"} for row in roster.get("short", ())):
        breach("short", "short", _("keys"))
    for (on, post), count in short.items():
        if type(count) is not int or not 1 <= count <= demand.get((on, post), 0):
            breach("short", f"{on} {post}", count)
    if "short" in roster and (not roster["short"] or len(short) != len(roster["short"])):
        breach("short", "short", _("empty or doubled"))
    seats: dict[tuple[str, str], list[str]] = {key: [] for key in demand}
    duties: list[Mine] = []
    counters = {
        row["id"]: {name: row["carried"].get(name, 0) for name in classes} for row in roster["people"]
    }
    if any(set(row) != {"date", "post", "person"} for row in roster["assignments"]):
        breach("form", "assignments", _("keys"))
        return breaches
    filled = [(row["date"], row["post"], row["person"]) for row in roster["assignments"]]
    if filled != sorted(filled):
        breach("form", "assignments", _("not sorted"))
    for day, post, who in filled:
        if (day, post) not in seats:
            breach("cover", f"{day} {post}", _("no such seat"))
        elif posts[post]["role"] not in roles.get(who, ()):
            breach(
                "role",
                f"{day} {post}",
                _("{who} is none of the {role}").format(who=who, role=_role(posts[post]["role"])),
            )
        else:
            seats[day, post].append(who)
            duties.append(Mine(who, date.fromisoformat(day), post))
            for name in _classes(calendar[date.fromisoformat(day)], posts[post]):
                counters[who][name] += 1
    for key, there in seats.items():
        if len(there) + short.get(key, 0) != demand[key]:
            breach(
                "cover", " ".join(key), _("{there} of {due} seats").format(there=len(there), due=demand[key])
            )
        if len(set(there)) != len(there):
            breach("cover", " ".join(key), _("one person in two seats"))
    for row in roster.get("fixed", ()):
        if (row["date"], row["post"], row["person"]) not in filled:
            breach(
                "locked",
                f"{row['date']} {row['post']}",
                _("{who} does not fill it").format(who=row["person"]),
            )

    breaches += rule_breaches(ground, duties)
    if "style" in roster or "departures" in roster:
        breaches += rotation_breaches(roster, ground)

    # the figures
    if not _same(roster["counters"], counters):
        wrong = next(
            (who for who in sorted(counters) if not _same(roster["counters"].get(who), counters[who])),
            _("someone"),
        )
        breach("counters", wrong, _counted(roster["counters"].get(wrong), counters.get(wrong)))
    scale = _scales({who: row.get("share", 100) for who, row in rows.items()})

    def unfair(people: Sequence[str]) -> int:
        return sum(
            weights[name] * scale[who] * counters[who][name] ** 2 for who in people for name in classes
        )

    value = unfair(list(counters))
    if type(roster["objective"]) is not int or roster["objective"] != value:
        breach("objective", "objective", _counted(roster["objective"], value))
    if type(roster["bound"]) is not int or not 0 <= roster["bound"] <= value:
        breach("bound", "bound", _("{bound} for {value}").format(bound=roster["bound"], value=value))
    if roster["status"] != ("optimal" if roster["bound"] == roster["objective"] else "feasible"):
        breach("status", "status", roster["status"])
    costs = dict.fromkeys(rows, 0)
    for row in roster.get("wishes", ()):
        if set(row) != {"person", "from", "to", "want", "post", "weight", "cost"} or not (
            row["person"] in rows
            and type(row["want"]) is bool
            and type(row["weight"]) is int
            and row["weight"] > 0
            and row["post"] in ("", *posts)
            and date.fromisoformat(row["from"]) <= date.fromisoformat(row["to"])
        ):
            breach("wishes", row["person"], _("not as a wish is written"))
            continue
        met = sum(
            duty.who == row["person"]
            and row["from"] <= duty.day.isoformat() <= row["to"]
            and row["post"] in ("", duty.post)
            for duty in duties
        )
        broken = row["weight"] * ((0 if met else 1) if row["want"] else met)
        if type(row["cost"]) is not int or row["cost"] != broken:
            breach("wishes", row["person"], _counted(row["cost"], broken))
        costs[row["person"]] += broken
    told = []
    for stage in roster.get("stages", ()):
        if set(stage) != {"roles", "name", "value", "bound"} or not (
            stage["roles"] == sorted(set(stage["roles"]))
            and set(stage["roles"]) <= {post["role"] for post in posts.values()}
        ):
            breach("stages", stage["name"], _("not as a stage is written"))
            continue
        group = [who for who in rows if set(roles[who]) & set(stage["roles"])]
        counted = {
            **{name: max((scale[who] * counters[who][name] for who in group), default=0) for name in classes},
            "fairness": unfair(group),
            "wishes": sum(costs[who] for who in group),
            "shortage": sum(
                count for (_on, post), count in short.items() if posts[post]["role"] in stage["roles"]
            ),
        }
        if stage["name"] not in counted and stage["name"] != "departures":
            breach("stages", stage["name"], _("no stage"))
        found = counted.get(stage["name"], stage["value"])
        if type(stage["value"]) is not int or stage["value"] != found:
            breach("stages", stage["name"], _counted(stage["value"], found))
        if type(stage["bound"]) is not int or not 0 <= stage["bound"] <= stage["value"]:
            breach(
                "stages",
                stage["name"],
                _("{bound} for {value}").format(bound=stage["bound"], value=stage["value"]),
            )
        told.append((tuple(stage["roles"]), stage["name"]))
    if len(set(told)) != len(told):
        breach("stages", "stages", _("one stands twice"))
    return breaches


def _said(recorded: object, known: object) -> str:
    return _("{recorded} recorded, {known} known").format(recorded=_shown(recorded), known=_shown(known))


def _shown(value: object) -> str:
    """Say a value of a record without the brackets of lists."""
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or _("nothing")
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(one)}" for key, one in value.items()) or _("nothing")
    return str(value)


def _counted(recorded: object, counted: object) -> str:
    return _("{recorded} recorded, {counted} counted").format(
        recorded=_shown(recorded), counted=_shown(counted)
    )


def _role(role: str) -> str:
    return _(ROLE_SAID.get(role, role))


def _usual_posts() -> dict[str, dict[str, Any]]:
    """Give the default posts for duties of the month before: their rest is the desk's of today."""
    return {
        post["id"]: {key: value for key, value in post.items() if key != "rest_min"}
        for post in DEFAULT_DESK["posts"]
    }


def _post_row(post: Mapping[str, Any]) -> dict[str, Any]:
    """Give a post's row as a record has it."""
    row = {key: post[key] for key in ("id", "role", "start", "minutes", "night")}
    usual = {one["id"]: one["zh"] for one in DEFAULT_DESK["posts"]}
    if post.get("zh", "") not in ("", usual.get(post["id"])):
        row["zh"] = post["zh"]
    if post["kind"] != "duty":
        row["kind"] = post["kind"]
    if post["by_phone"]:
        row["by_phone"] = True
    if "callable_minutes" in post:
        row["callable_minutes"] = post["callable_minutes"]
    rest = 0 if post["by_phone"] or post["kind"] != "duty" else 1440 if post["night"] else 720
    if post["rest_min"] != rest:
        row["rest_min"] = post["rest_min"]
    return row


def _classes(day: CalendarDay, post: Mapping[str, Any]) -> list[str]:
    if post["kind"] == "standby":
        return ["standby"]
    found = ["total"]
    if day.cls != "work":
        found.append(day.cls)
    if post["night"]:
        found.append("night")
    return found


def _people_rows(
    facts: RosterFacts,
    desk: Mapping[str, Any],
    posts: Mapping[str, Mapping[str, Any]],
    demand: Mapping[tuple[str, str], int],
    classes: Sequence[str],
) -> list[dict[str, Any]]:
    """Give everybody's row as a record must have it."""
    first, last = min(day.day for day in facts.days), max(day.day for day in facts.days)
    asked = {post["role"] for post in posts.values()}
    found = []
    share, there, role = {}, {}, {}
    for person in facts.people:
        fills = _fills(person, asked)
        # a night of the last evening touches the next month's first day
        gone = _days_away(facts, person.id, first, last, out=False)
        out = _days_away(facts, person.id, first, last, out=True)
        row: dict[str, Any] = {
            "id": person.id,
            "role": fills[0],
            "leave": [day.isoformat() for day in sorted(gone | out)],
            "carried": {name: facts.carried.get(person.id, {}).get(name, 0) for name in classes},
        }
        if len(fills) > 1:
            row["roles"] = fills
        share[person.id] = min(100, max(5, 5 * round(20 * person.share)))
        if share[person.id] != 100:
            row["share"] = share[person.id]
        if out - gone:
            row["away"] = [day.isoformat() for day in sorted(out - gone)]
        for name, is_out in (("half", False), ("away_half", True)):
            halves = _halves_away(facts, person.id, first, last, out=is_out)
            if halves:
                row[name] = [f"{day}/{side}" for day, side in sorted(halves)]
        long = [
            (start, end)
            for start, end, _kind in _stretches(facts, person)
            if facts.desk is not None and (end - start).days + 1 >= desk["excused_days"]
        ]
        here = [day for day in facts.days if not any(start <= day.day <= end for start, end in long)]
        there[person.id], role[person.id] = len(here), fills[0]
        if len(here) < len(facts.days):
            row["days"] = len(here)
        found.append(row)
    for row in found:
        who, mates = row["id"], [one for one in role if role[one] == row["role"]]
        whole = sum(share[one] * there[one] for one in mates)
        missed = share[who] * (len(facts.days) - there[who])
        if missed and whole:
            new = dict.fromkeys(classes, 0)
            for (on, post), need in demand.items():
                if posts[post]["role"] == row["role"]:
                    day = next(one for one in facts.days if one.day.isoformat() == on)
                    for name in _classes(day, posts[post]):
                        new[name] += need
            credit = {name: min(count, count * missed // whole) for name, count in new.items()}
            if any(credit.values()):
                row["credit"] = {name: count for name, count in credit.items() if count}
    return found


def _fills(person: Person, asked: Collection[str]) -> list[str]:
    """Give the roles of posts that a person fills; a leader stands as no officer."""
    fills = [one for one in DUTY if one in person.roles and one in asked]
    if fills[:2] == ["leader", "officer"]:
        del fills[1]
    return fills or [person.role]


def _stretches(facts: RosterFacts, person: Person) -> list[tuple[date, date, str]]:
    """Give when a person is away, and his days before and after this desk."""
    found = [
        (one.from_on, one.to_on, one.kind) for one in facts.leave if one.person == person.id and not one.half
    ]
    if person.from_on and person.from_on > date.min:
        found.append((date.min, person.from_on - timedelta(days=1), ""))
    if person.to_on and person.to_on < date.max:
        found.append((person.to_on + timedelta(days=1), date.max, ""))
    return found


def _days_away(facts: RosterFacts, who: str, first: date, last: date, *, out: bool) -> set[date]:
    """Give the days of the month, and the one after it, on which somebody is out of town, or away else."""
    person = next(one for one in facts.people if one.id == who)
    stretches = [one for one in _stretches(facts, person) if (one[2] in OUT_KINDS) is out]
    asked = (first + timedelta(days=ahead) for ahead in range((last - first).days + 2))
    both = {day for day, side in _halves(facts, who, out=out) if side == "am"}
    both &= {day for day, side in _halves(facts, who, out=out) if side == "pm"}
    return {
        day for day in asked if day in both or any(start <= day <= end for start, end, _kind in stretches)
    }


def _halves(facts: RosterFacts, who: str, *, out: bool) -> set[tuple[date, str]]:
    """Give the half-days, as they were asked for, on which somebody is out of town, or away else."""
    return {
        (one.from_on, one.half)
        for one in facts.leave
        if one.person == who and one.half and (one.kind in OUT_KINDS) is out
    }


def _halves_away(
    facts: RosterFacts, who: str, first: date, last: date, *, out: bool
) -> set[tuple[date, str]]:
    """Give the half-days of days on which somebody is there for the other half."""
    gone = _days_away(facts, who, first, last, out=False)
    found = {
        (day, side)
        for day, side in _halves(facts, who, out=out)
        if first <= day <= last + timedelta(days=1) and day not in gone
    }
    if not out:
        return found
    away = _days_away(facts, who, first, last, out=True)
    return {one for one in found if one[0] not in away} - _halves_away(facts, who, first, last, out=False)


def _scales(shares: Mapping[str, int]) -> dict[str, int]:
    every = lcm(*shares.values())
    common = gcd(*(every // share for share in shares.values()))
    return {who: every // share // common for who, share in shares.items()}


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _same(one: object, other: object) -> bool:
    """Whether two values are the same in JSON, where 1, 1.0 and true are three."""
    return _text(one) == _text(other)

"""Check what the records of a plan look like, whatever was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from auditor.entities import SLOTS, Breach
from auditor.i18n import _
from auditor.plan.check_facts import Record, broken

PLAN = frozenset(
    [
        "visits",
        "unplaced",
        "departures",
        "objective_m",
        "bound_m",
        "commit_sha256",
        "start",
        "points",
        "factor",
        "speed_kmh",
        "sortie_cost_m",
        "provisional",
    ]
)
MAY = frozenset(["secrecy", "fairness", "share", "starts", "cut"])
"""What plans of earlier versions do not have, or what not every plan has to say."""
SECRECY = frozenset(["level", "company", "near_m", "later", "given_away", "cheap"])
CHEAP = frozenset(["metres", "sorties", "later", "given_away", "part"])
FAIRNESS = frozenset(["load", "even", "pairs", "given_up", "carried"])
VISIT = frozenset(
    ["id", "unit", "draw", "domains", "source", "sortie", "date", "slot", "start", "team", "lead", "minutes"]
)
UNPLACED = frozenset(["unit", "draw", "domains", "reason", "evidence"])
DEPARTURE = frozenset(["sortie", "of", "lot", "given", "rank", "rule"])


def shape(plan: object) -> Iterator[Breach]:
    """Name every record that is not of the shape of a plan."""
    if not isinstance(plan, Mapping):
        yield broken("record", "plan", _("this is no plan: a JSON object is expected"))
        return
    if set(plan) - MAY != PLAN:
        names = ", ".join(sorted(map(str, (set(plan) - MAY) ^ PLAN)))
        yield broken("record", "plan", _("missing or unknown keys: {names}"), names=names)
        return
    for field, keys, check in (
        ("visits", VISIT, _visit_shape),
        ("unplaced", UNPLACED, _unplaced_shape),
        ("departures", DEPARTURE, _departure_shape),
    ):
        if not isinstance(plan[field], list):
            yield broken("record", field, _("a list is expected"))
            continue
        for number, record in enumerate(plan[field]):
            where = f"{field}[{number}]"
            if not isinstance(record, Mapping) or set(record) != keys:
                names = ", ".join(sorted(keys))
                yield broken("record", where, _("exactly these keys are expected: {names}"), names=names)
                continue
            wrong = sorted(key for key, good in check(record).items() if not good)
            if wrong:
                yield broken("record", where, _("unusable values: {names}"), names=", ".join(wrong))
    start, points = plan["start"], plan["points"]
    good = {
        "objective_m": _whole(plan["objective_m"]),
        "bound_m": _whole(plan["bound_m"]),
        "commit_sha256": _text(plan["commit_sha256"]),
        "start": isinstance(start, Mapping)
        and set(start) == {"lat", "lng"}
        and all(map(_number, start.values())),
        "points": isinstance(points, Mapping)
        and all(_text(unit) and _point(point) for unit, point in points.items()),
        "factor": _number(plan["factor"]),
        "speed_kmh": _number(plan["speed_kmh"]),
        "sortie_cost_m": _whole(plan["sortie_cost_m"]),
        "provisional": isinstance(plan["provisional"], bool),
        "secrecy": "secrecy" not in plan or _secrecy(plan["secrecy"]),
        "fairness": "fairness" not in plan or _fairness(plan["fairness"]),
        "starts": _starts(plan.get("starts", {})),
        "share": _number(plan.get("share", 0)) and 0 <= plan.get("share", 0) <= 1,
        "cut": plan.get("cut", True) is True,
    }
    wrong = sorted(key for key, fine in good.items() if not fine)
    if wrong:
        yield broken("record", "plan", _("unusable values: {names}"), names=", ".join(wrong))


def _visit_shape(visit: Record) -> dict[str, bool]:
    good = {key: _text(visit[key]) for key in ("id", "unit", "draw", "sortie", "lead", "source")}
    return good | {
        "domains": _names(visit["domains"]),
        "date": _day(visit["date"]),
        "slot": isinstance(visit["slot"], str) and visit["slot"] in SLOTS,
        "start": _clock(visit["start"]),
        "team": _names(visit["team"]),
        "minutes": _whole(visit["minutes"]),
    }


def _unplaced_shape(record: Record) -> dict[str, bool]:
    good = {key: _text(record[key]) for key in ("unit", "draw", "reason", "evidence")}
    return good | {"domains": _names(record["domains"])}


def _departure_shape(record: Record) -> dict[str, bool]:
    right = {"day": _day, "team": _names}.get(record["of"] if isinstance(record["of"], str) else "")
    return {
        "sortie": _text(record["sortie"]),
        "of": right is not None,
        "lot": right is not None and right(record["lot"]),
        "given": right is not None and right(record["given"]),
        "rank": _whole(record["rank"]),
        "rule": _text(record["rule"]),
    }


def _secrecy(value: object) -> bool:
    """Whether this says the level of a plan, its limits, what is given away, and the same of the cheapest."""
    if not isinstance(value, Mapping) or set(value) != SECRECY:
        return False
    cheap = value["cheap"]
    return (
        value["level"] in ("cheap", "balanced", "strict")
        and (value["company"] is None or _whole(value["company"]))
        and all(_whole(value[key]) for key in ("near_m", "later", "given_away"))
        and (
            cheap is None
            or (isinstance(cheap, Mapping) and set(cheap) == CHEAP and all(map(_whole, cheap.values())))
        )
    )


def _starts(value: object) -> bool:
    return isinstance(value, Mapping) and all(_text(one) for pair in value.items() for one in pair)


def _fairness(value: object) -> bool:
    if not isinstance(value, Mapping) or set(value) != FAIRNESS:
        return False
    carried, given_up = value["carried"], value["given_up"]
    return (
        all(value[name] is None or _whole(value[name]) for name in ("load", "even", "pairs"))
        and isinstance(given_up, list)
        and all(name in ("load", "even", "pairs") and value[name] is None for name in given_up)
        and isinstance(carried, Mapping)
        and all(_text(person) and _whole(half_days) for person, half_days in carried.items())
    )


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _point(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(_number, value))


def _names(value: object) -> bool:
    """Whether this is a list of texts, not empty, sorted, none twice."""
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(map(_text, value))
        and list(value) == sorted(set(value))
    )


def _day(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 10:
        return False
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _clock(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 5 or value[2] != ":":
        return False
    hour, minute = value[:2], value[3:]
    digits = hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()
    return digits and int(hour) < 24 and int(minute) < 60

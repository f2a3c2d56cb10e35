"""Make the roster of a fixed desk, check what came out with a checker of its own, and write RESULT.

    python benchmarks/desk.py INSTANCE --out RESULT.json [--lexicographic]
    python benchmarks/desk.py INSTANCE --out RESULT.json --previous RESULT --absent PERSON FROM TO

An instance is a JSON file of days, people, posts and demand that states its own rules and weights. A repair
keeps the days before FROM (an index; both included). Exit 0, 3 where no roster is possible (RESULT then has
a smallest set of rules that cannot all be kept, and which shifts lack people), 4 where the checker finds a
fault, 2 for a file that cannot be used.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

BEGAN = time.monotonic()
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

MONDAY = date(2024, 1, 1)
CLASSES = ("holiday", "weekend", "night", "total")
NEEDED = {
    "days": int, "holidays": list, "weekends": list, "people": list, "posts": dict, "demand": list,
    "min_days_between_starts": dict, "weights": dict,
}  # fmt: skip


class BadInstance(Exception):
    """A file that cannot be used, in one sentence."""


def read(file: Path) -> dict[str, Any]:
    """Read an instance; raises BadInstance with what is wrong and where."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInstance(f"{file}: {error}") from error
    wrong = next(unsound(found), None)
    if wrong is not None:
        raise BadInstance(f"{file}: {wrong}; correct it and start again")
    return dict(found)


def whole(value: object, least: int = 0) -> bool:
    """Whether this is a whole number of at least so much."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def unsound(desk: object) -> Iterator[str]:
    """Tell what is wrong with an instance, one sentence each."""
    if not isinstance(desk, dict):
        yield "not an object"
        return
    for key, kind in NEEDED.items():
        if not isinstance(desk.get(key), kind) or isinstance(desk.get(key), bool):
            yield f"{key} is missing or no {kind.__name__}"
            return
    if not whole(desk["days"], 1):
        yield "days is below 1"
        return
    days = range(desk["days"])
    for key in ("holidays", "weekends"):
        if not all(whole(day) and day in days for day in desk[key]):
            yield f"{key} names a day that is none"
    for name, weight in desk["weights"].items():
        if name not in CLASSES or not whole(weight):
            yield f"weights: {name} is no class or its weight no whole number"
    for key, post in desk["posts"].items():
        if not isinstance(post, dict) or not isinstance(post.get("role"), str):
            yield f"post {key} has no role"
            return
    for role, gap in desk["min_days_between_starts"].items():
        if not whole(gap, 1):
            yield f"min_days_between_starts: {role} has no number of days"
    yield from unsound_people(desk)
    seen = set()
    for row in desk["demand"]:
        if not isinstance(row, dict) or set(row) != {"day", "post", "need"}:
            yield f"demand {row!r} has not just day, post and need"
            return
        if not whole(row["day"]) or row["day"] not in days or row["post"] not in desk["posts"]:
            yield f"demand {row!r} names no day or post"
            return
        if not whole(row["need"]):
            yield f"demand of post {row['post']} on day {row['day']} is no whole number of people"
        if (row["day"], row["post"]) in seen:
            yield f"demand of post {row['post']} on day {row['day']} stands twice"
        seen.add((row["day"], row["post"]))


def unsound_people(desk: Mapping[str, Any]) -> Iterator[str]:
    """Tell what is wrong with the people of an instance."""
    roles = {post["role"] for post in desk["posts"].values()}
    seen = set()
    for row in desk["people"]:
        if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
            yield f"person {row!r} has no id"
            return
        if row["id"] in seen:
            yield f"person {row['id']} stands twice"
        seen.add(row["id"])
        if row.get("role") not in roles:
            yield f"person {row['id']} has no role of a post"
        leave, carried = row.get("leave", []), row.get("carried", {})
        if not isinstance(leave, list) or not all(whole(day) for day in leave):
            yield f"leave of {row['id']} is no list of days"
        if not isinstance(carried, dict) or not all(whole(one) for one in carried.values()):
            yield f"carried of {row['id']} is no table of counters"


def classes(desk: Mapping[str, Any], day: int, post: str) -> list[str]:
    """Give the counters that a duty adds to."""
    found = ["total"]
    if day in desk["holidays"]:
        found.append("holiday")
    elif day in desk["weekends"]:
        found.append("weekend")
    if desk["posts"][post].get("counts_as_night"):
        found.append("night")
    return found


def counters(desk: Mapping[str, Any], role: str) -> set[str]:
    """Give the classes that people of a role are counted in."""
    own = [post for post in desk["posts"].values() if post["role"] == role]
    night = any(post.get("counts_as_night") for post in own)
    return {name for name in desk["weights"] if name != "night" or night}


def problem_of(desk: Mapping[str, Any]) -> Any:
    """Write the instance as a problem of ours: a duty keeps its day only, the gap does the rest."""
    from auditor.entities import Post
    from auditor.roster.problem import RosterPerson, RosterProblem, Shift

    posts = {
        key: Post(id=key, role=post["role"], start=0, minutes=1, night=False)
        for key, post in sorted(desk["posts"].items())
    }
    need = {(row["day"], row["post"]): row["need"] for row in desk["demand"]}
    shifts = [
        Shift(
            index=index,
            day=MONDAY + timedelta(days=day),
            post=posts[post],
            need=need[day, post],
            start=day * 1440,
            end=day * 1440 + 1,
            classes=tuple(classes(desk, day, post)),
        )
        for index, (day, post) in enumerate(sorted(need))
    ]
    people = [
        RosterPerson(
            id=row["id"],
            roles=(row["role"],),
            leave=tuple(MONDAY + timedelta(days=day) for day in sorted(set(row.get("leave", [])))),
            standby=(),
            carried={
                name: row.get("carried", {}).get(name, 0) if name in counters(desk, row["role"]) else 0
                for name in desk["weights"]
            },
        )
        for row in desk["people"]
    ]
    return RosterProblem(
        first=MONDAY,
        shifts=tuple(shifts),
        people=tuple(people),
        posts=tuple(posts.values()),
        weights={name: desk["weights"][name] for name in CLASSES if name in desk["weights"]},
        provisional=False,
        standby={},
        before=(),
        gaps=dict(desk["min_days_between_starts"]),
    )


def faults(desk: Mapping[str, Any], roster: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Tell every rule that a roster breaks; nothing here is shared with what made it."""
    people = {row["id"]: row for row in desk["people"]}
    need = Counter({(row["day"], row["post"]): row["need"] for row in desk["demand"]})
    there: Counter[tuple[int, str]] = Counter()
    for who, duties in roster.items():
        if who not in people:
            yield f"{who} is not known"
            continue
        days = sorted(int(day) for day in duties)
        for day, post in ((int(day), post) for day, post in duties.items()):
            there[day, post] += 1
            if desk["posts"][post]["role"] != people[who]["role"]:
                yield f"{who} cannot fill {post}"
            if day in people[who].get("leave", []):
                yield f"{who} is on leave on day {day}"
        gap = desk["min_days_between_starts"].get(people[who]["role"], 1)
        for one, other in itertools.pairwise(days):
            if other - one < gap:
                yield f"{who} is on duty on days {one} and {other}"
    for key in sorted({*need, *there}):
        if need[key] != there[key]:
            yield f"day {key[0]}, {key[1]}: {there[key]} of {need[key]}"


def totals(desk: Mapping[str, Any], roster: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, int]]:
    """Give everybody's counters, carried and new, of the classes that he is counted in."""
    found = {}
    for row in desk["people"]:
        own = {name: row.get("carried", {}).get(name, 0) for name in counters(desk, row["role"])}
        for day, post in roster.get(row["id"], {}).items():
            for name in classes(desk, int(day), post):
                if name in own:
                    own[name] += 1
        found[row["id"]] = own
    return found


def objective(desk: Mapping[str, Any], roster: Mapping[str, Mapping[str, str]]) -> int:
    """Give the sum over people and counters of weight times the square."""
    return sum(
        desk["weights"][name] * count**2
        for own in totals(desk, roster).values()
        for name, count in own.items()
    )


def written(duties: Sequence[tuple[Any, Any]]) -> dict[str, dict[str, str]]:
    """Write duties as RESULT has them."""
    found: dict[str, dict[str, str]] = {}
    for shift, person in duties:
        found.setdefault(person.id, {})[str((shift.day - MONDAY).days)] = shift.post.id
    return {who: dict(sorted(own.items(), key=lambda one: int(one[0]))) for who, own in sorted(found.items())}


def impossible(parts: Sequence[Any]) -> dict[str, Any] | None:
    """Say why no roster is possible; None where that is not proven."""
    from auditor.roster.explain import core
    from auditor.roster.make import shortage

    cores: list[str] = []
    short = []
    for part in parts:
        lacks = shortage(part, 60.0)
        short += [{"day": part.day(shift), "post": shift.post.id, "short": count} for shift, count in lacks]
        by_index = {shift.index: shift for shift in part.shifts}
        for one in core(part, [shift.index for shift, _count in lacks], work=60.0) if not cores else ():
            shift = by_index.get(one.shift)
            cores.append(
                f"{one.rule} {one.person}"
                if shift is None
                else f"{one.rule} {shift.post.id} day {part.day(shift)}"
            )
    return {"status": "INFEASIBLE", "core": cores, "shortage": short} if short else None


def made(desk: Mapping[str, Any], *, lexicographic: bool) -> dict[str, Any]:
    """Make the roster; gives RESULT without its seconds."""
    from auditor.roster.leximin import leximin
    from auditor.roster.make import fairest

    problem = problem_of(desk)
    duties: list[Any] = []
    bound = 0
    stages = {name: [0, 0] for name in problem.weights}
    for part in problem.parts():
        if lexicographic:
            found = leximin(part, work=60.0) if part.people else None
            if found is None:
                return impossible(problem.parts()) or {"status": "UNKNOWN", "core": [], "shortage": []}
            duties += found[0]
            for one in found[1]:
                stages[one.name][0] += one.value
                stages[one.name][1] += one.bound
        else:
            shared = fairest(part, work=60.0) if part.people else None
            if shared is None:
                return impossible(problem.parts()) or {"status": "UNKNOWN", "core": [], "shortage": []}
            duties += shared.duties
            bound += shared.bound
    roster = written(duties)
    result: dict[str, Any] = {"roster": roster, "objective": objective(desk, roster)}
    if lexicographic:
        rows = [{"class": name, "value": value, "bound": low} for name, (value, low) in stages.items()]
        return result | {"bound": None, "stages": rows}
    return result | {"bound": bound}


def repaired(
    desk: dict[str, Any], previous: Mapping[str, Any], who: str, first: int, last: int
) -> dict[str, Any]:
    """Repair a roster after somebody falls ill; the days before `first` stand. Gives RESULT."""
    from auditor.roster.repair import CELLS, FAIRNESS, mend, open_part

    before = previous["roster"]
    for row in desk["people"]:
        if row["id"] == who:
            row["leave"] = sorted({*row.get("leave", []), *range(first, last + 1)})
    problem = problem_of(desk)
    duties: list[Any] = []
    sums = {"changes": 0, "changes_bound": 0, "bound": 0}
    seconds = []
    for part in problem.parts():
        people = {person.id: person for person in part.people}
        stood = [
            (shift, people[person])
            for shift in part.shifts
            for person, own in before.items()
            if person in people and own.get(str(part.day(shift))) == shift.post.id
        ]
        opened, open_duties = open_part(part, stood, lambda shift, part=part: part.day(shift) >= first)
        began = time.monotonic()
        mended = mend(opened, open_duties, stages=(CELLS, FAIRNESS), work=30.0)
        if mended.duties is None:
            return impossible([opened]) or {"status": "UNKNOWN", "core": [], "shortage": []}
        seconds.append(round(time.monotonic() - began, 2))
        cells, fair = mended.stages
        sums["changes"] += cells.value
        sums["changes_bound"] += cells.bound
        sums["bound"] += fair.bound
        duties += [*(one for one in stood if part.day(one[0]) < first), *mended.duties]
    roster = written(duties)
    return {"roster": roster, "objective": objective(desk, roster), **sums, "stage_seconds": seconds}


def main() -> int:
    """Make or repair, check, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("instance", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--lexicographic", action="store_true")
    parser.add_argument("--previous", type=Path)
    parser.add_argument("--absent", nargs=3, metavar=("PERSON", "FROM", "TO"))
    asked = parser.parse_args()
    if (asked.previous is None) != (asked.absent is None):
        parser.error("--previous and --absent go together")
    try:
        desk = read(asked.instance)
        if asked.previous is None:
            result = made(desk, lexicographic=asked.lexicographic)
        else:
            result = repaired(desk, *before_of(desk, asked.previous, *asked.absent))
    except BadInstance as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    wrong = list(faults(desk, result["roster"])) if "roster" in result else []
    result["seconds"] = round(time.monotonic() - BEGAN, 2)
    asked.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    told = {key: value for key, value in result.items() if key != "roster"}
    print(json.dumps(told, ensure_ascii=False))
    for line in wrong[:10]:
        print(f"fault: {line}")
    return 4 if wrong else 0 if "roster" in result else 3


def before_of(
    desk: Mapping[str, Any], file: Path, who: str, first: str, last: str
) -> tuple[dict[str, Any], str, int, int]:
    """Read a RESULT to be repaired and who is absent when; raises BadInstance."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        rows = {
            who: {int(day): str(post) for day, post in own.items()} for who, own in found["roster"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadInstance(f"{file}: no RESULT with a roster ({error!r})") from error
    if who not in {row["id"] for row in desk["people"]}:
        raise BadInstance(f"{who} is nobody of this desk")
    days = range(desk["days"])
    if not (first.isdigit() and last.isdigit() and int(first) in days and int(first) <= int(last)):
        raise BadInstance(f"{first} to {last} are no days of this desk")
    strange = next((day for own in rows.values() for day in own if day not in days), None)
    if strange is not None:
        raise BadInstance(f"{file}: day {strange} is none of this desk")
    return found, who, int(first), min(int(last), desk["days"] - 1)


if __name__ == "__main__":
    sys.exit(main())

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
from typing import Annotated, Any

from inputs import CURE, BadInstance, check_out, check_shape, ended, json_of, unread, whole_of, write
from msgspec import Meta, Struct, field

BEGAN = time.monotonic() - time.process_time()
"""When the script began: what was imported until here took this process alone."""
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

MONDAY = date(2024, 1, 1)
CLASSES = ("holiday", "weekend", "night", "total")
MOST_DAYS = 1_000
NAME = r"\A[^\x00-\x1f\x7f]+\Z"
"""What an id is: no line breaks, for a core has a line a rule."""

Day = Annotated[int, Meta(ge=0, lt=MOST_DAYS)]
Count = Annotated[int, Meta(ge=0, le=100_000)]
Weight = Annotated[int, Meta(ge=0, le=1_000)]
Name = Annotated[str, Meta(pattern=NAME, max_length=100)]


class CarriedTable(Struct, forbid_unknown_fields=True):
    """Duties of earlier periods, by class."""

    holiday: Count = 0
    weekend: Count = 0
    night: Count = 0
    total: Count = 0


class WeightTable(Struct, forbid_unknown_fields=True):
    """What a square of each class weighs; a class that is left out is not counted."""

    holiday: Weight = 0
    weekend: Weight = 0
    night: Weight = 0
    total: Weight = 0


class PersonTable(Struct):
    """A person: one role, days of leave, and what is carried."""

    id: Name
    role: Name
    leave: Annotated[list[Day], Meta(max_length=MOST_DAYS)] = []
    carried: CarriedTable = field(default_factory=CarriedTable)


class PostTable(Struct):
    """A post: the role that fills it."""

    role: Name
    counts_as_night: bool = False


class DemandTable(Struct, forbid_unknown_fields=True):
    """How many people a post needs on a day."""

    day: Day
    post: Name
    need: Annotated[int, Meta(ge=0, le=500)]


class DeskTable(Struct):
    """An instance; the last of its keys are for the reader alone."""

    days: Annotated[int, Meta(ge=1, le=MOST_DAYS)]
    holidays: list[Day]
    weekends: list[Day]
    people: Annotated[list[PersonTable], Meta(max_length=500)]
    posts: Annotated[dict[Name, PostTable], Meta(max_length=100)]
    demand: list[DemandTable]
    min_days_between_starts: dict[Name, Annotated[int, Meta(ge=1, le=MOST_DAYS)]]
    weights: WeightTable
    first_weekday: Any = None
    key_period: list[Day] = []
    counters: Any = None
    objective: Any = None
    name: Any = None


class ResultTable(Struct):
    """A RESULT as far as a repair needs it; days are written as words."""

    roster: dict[Name, dict[str, Name]]
    objective: int | None = None


def read(file: Path) -> dict[str, Any]:
    """Read an instance; raises BadInstance with what is wrong and where."""
    found = json_of(file)
    check_shape(file, found, DeskTable)
    wrong = next(unsound(found), None)
    if wrong is not None:
        raise BadInstance(f"{file}: {wrong}; {CURE}")
    for where, keys in (
        ("", unread(found, DeskTable)),
        *((f"person {row['id']}: ", unread(row, PersonTable)) for row in found["people"]),
        *((f"post {key}: ", unread(row, PostTable)) for key, row in found["posts"].items()),
    ):
        for key in keys:
            print(f"Note: {file}: {where}{key!r} is not read", file=sys.stderr)
    return dict(found)


def unsound(desk: Mapping[str, Any]) -> Iterator[str]:
    """Tell what does not go together in an instance whose every value is of its shape, one sentence each."""
    days, posts = desk["days"], desk["posts"]
    roles = {post["role"] for post in posts.values()}
    for key in ("holidays", "weekends", "key_period"):
        for day in desk.get(key, ()):
            if day >= days:
                yield f"{key}: day {day} is none, for days go from 0 to {days - 1}"
    for role in desk["min_days_between_starts"]:
        if role not in roles:
            yield f"min_days_between_starts: no post is of the role {role}"
    people = set()
    for row in desk["people"]:
        if row["id"] in people:
            yield f"person {row['id']} stands twice"
        people.add(row["id"])
        if row["role"] not in roles:
            yield f"person {row['id']}: no post is of the role {row['role']}"
        for day in row.get("leave", ()):
            if day >= days:
                yield f"person {row['id']}: leave on day {day} is none, for days go from 0 to {days - 1}"
    seen = set()
    for row in desk["demand"]:
        told = f"demand of post {row['post']} on day {row['day']}"
        if row["post"] not in posts:
            yield f"{told}: there is no such post"
        if row["day"] >= days:
            yield f"{told}: days go from 0 to {days - 1}"
        if (row["day"], row["post"]) in seen:
            yield f"{told} stands twice"
        seen.add((row["day"], row["post"]))


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


def carried_alone(part: Any, duties: Sequence[tuple[Any, Any]]) -> dict[str, tuple[int, int]]:
    """Give the greatest counter of every class with what is carried already: nobody goes under that."""
    found = {}
    for name in part.weights:
        new = Counter(person.id for shift, person in duties if name in shift.classes)
        value = max(person.carried[name] + new[person.id] for person in part.people)
        found[name] = (value, max(person.carried[name] for person in part.people))
    return found


def made(desk: Mapping[str, Any], *, lexicographic: bool) -> dict[str, Any]:
    """Make the roster; gives RESULT without its seconds."""
    from auditor.roster.leximin import leximin
    from auditor.roster.make import fairest

    problem = problem_of(desk)
    duties: list[Any] = []
    bound = 0
    stages = {name: [0, 0] for name in problem.weights}
    for part in problem.parts():
        if not part.people and not any(shift.need for shift in part.shifts):
            continue  # posts that need nobody, and have nobody
        if lexicographic:
            found = leximin(part, work=60.0) if part.people else None
            if found is None:
                return impossible(problem.parts()) or {"status": "UNKNOWN", "core": [], "shortage": []}
            duties += found[0]
            reached = {one.name: (one.value, one.bound) for one in found[1]}
            for name, (value, low) in {**carried_alone(part, found[0]), **reached}.items():
                stages[name][0] += value
                stages[name][1] += low
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


def main(words: Sequence[str] | None = None) -> int:
    """Make or repair, check, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("instance", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--lexicographic", action="store_true")
    parser.add_argument("--previous", type=Path)
    parser.add_argument("--absent", nargs=3, metavar=("PERSON", "FROM", "TO"))
    asked = parser.parse_args(words)
    if (asked.previous is None) != (asked.absent is None):
        parser.error("--previous and --absent go together")
    if asked.previous is not None and asked.lexicographic:
        parser.error("a repair has stages of its own; leave out --lexicographic")
    return ended(lambda: run(asked))


def run(asked: argparse.Namespace) -> int:
    """Do what was asked; raises BadInstance."""
    check_out(asked.out, asked.instance)
    desk = read(asked.instance)
    if asked.previous is None:
        result = made(desk, lexicographic=asked.lexicographic)
    else:
        who, first, last = absence(desk, *asked.absent)
        result = repaired(desk, before_of(desk, asked.previous, who, first, last), who, first, last)
    wrong = list(faults(desk, result["roster"])) if "roster" in result else []
    result["seconds"] = round(time.monotonic() - BEGAN, 2)
    write(asked.out, result)
    told = {key: value for key, value in result.items() if key != "roster"}
    print(json.dumps(told, ensure_ascii=False))
    for line in wrong[:10]:
        print(f"fault: {line}")
    return 4 if wrong else 0 if "roster" in result else 3


def absence(desk: Mapping[str, Any], who: str, *days: str) -> tuple[str, int, int]:
    """Read who is absent from which day to which; raises BadInstance."""
    if who not in {row["id"] for row in desk["people"]}:
        raise BadInstance(f"--absent: {who} is nobody of this desk; write an id of its people")
    try:
        first, last = (whole_of(0, desk["days"] - 1)(day) for day in days)
    except argparse.ArgumentTypeError as error:
        raise BadInstance(f"--absent: {error}; write the first and the last day as indices") from error
    if first > last:
        raise BadInstance(f"--absent: {first} comes after {last}; write the first day before the last")
    return who, first, last


def before_of(desk: Mapping[str, Any], file: Path, who: str, first: int, last: int) -> dict[str, Any]:
    """Read the RESULT to be repaired; raises BadInstance for one that is not of this desk.

    It must keep every rule of the instance but for the leave that whoever is absent now has since been given.
    """
    found = json_of(file)
    check_shape(file, found, ResultTable)
    wrong = next(foreign(desk, found, who, range(first, last + 1)), None)
    if wrong is not None:
        raise BadInstance(f"{file}: not of this desk: {wrong}; name a RESULT of this instance")
    return dict(found)


def foreign(desk: Mapping[str, Any], found: Mapping[str, Any], who: str, away: range) -> Iterator[str]:
    """Tell what of a RESULT cannot be of this desk."""
    for person, own in found["roster"].items():
        for day, post in own.items():
            if day not in {str(one) for one in range(desk["days"])}:
                yield f"{person} has a duty on {day!r}, days go from 0 to {desk['days'] - 1}"
                return
            if post not in desk["posts"]:
                yield f"{person} has the post {post}, which there is not"
                return
    known = [
        row | {"leave": [day for day in row.get("leave", ()) if day not in away]} if row["id"] == who else row
        for row in desk["people"]
    ]
    yield from faults({**desk, "people": known}, found["roster"])
    counted = objective(desk, found["roster"])
    if found.get("objective") not in (None, counted):
        yield f"its objective is {found['objective']}, here it counts {counted}"


if __name__ == "__main__":
    sys.exit(main())

"""Whose turns change hands when duties are taken over: what the lists owe, and whom they pass over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from auditor.roster import changes as differences
from auditor.roster.changes import Row, Seat
from auditor.roster.problem import RosterProblem, edge_block
from auditor.store import Database
from auditor.store.rosters import read_roster
from auditor.workflow.duty.roster_revisions import MADE, REPAIR, SWAP, TAKE_OVER, history
from auditor.workflow.months import Month, calendar_of, month_of

UNOWED, OWED = "unowed", "owed"
"""What a revision calls the turns that were given away and are not owed, and those that are so after all:
``[date, post, person]`` each.
"""

ListOf = Callable[[str, str, str], str]


@dataclass(frozen=True, slots=True)
class Moved:
    """Turns that one change of a month moves, as `turns_after` takes them; `marks` are for its revision."""

    changes: Sequence[Mapping[str, Any]]
    list_of: ListOf
    marks: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)


def moved_turns(
    db: Database, month: str, old: Mapping[str, Any], rows: Collection[Row], problem: RosterProblem
) -> Moved:
    """Give the turns that change hands when the duties of `old` become `rows`.

    A weekend that is one block is one turn, and whoever has a day of it has that turn. Nobody owes a turn of
    days on which he counts as not here (long leave, after he left): he is no more on the list then, unless
    he only stood in; and whoever has such a turn of his again had it without standing in. Leave that has
    become long since a turn was given away, or is long no more, is reckoned with now.
    """
    of = month_of(month, calendar_of(db))
    turn_of = _turns_by_seat(problem)
    beside = _beyond_the_edge(db, problem, of)

    def held(filled: Iterable[Row]) -> set[Row]:
        return {(*turn_of.get(row[:2], row[:2]), row[2]) for row in {*filled, *beside}}

    excused = {(day.isoformat(), person.id) for person in problem.people for day in person.excused}
    made, later = _since_made(db, month)
    own, owes = _reckoned(later, turn_of, held(differences.rows_of(made)) if made is not None else set())
    after = held(rows)
    found: list[dict[str, Any]] = []
    marks: dict[str, list[list[str]]] = {UNOWED: [], OWED: []}
    for row in differences.changes(held(differences.rows_of(old)), after):
        date_post = row["date"], row["post"]
        gives, takes = row["from"], row["to"]
        if gives is not None and (row["date"], gives) in excused and (*date_post, gives) in own:
            marks[UNOWED].append([*date_post, gives])
            gives = None
        if takes is not None and owes.get((*date_post, takes)) is False:
            takes = None
        found.append({**row, "from": gives, "to": takes})
    for turn, owed in owes.items():
        day, post, who = turn
        if turn in after or owed is ((day, who) not in excused):
            continue
        marks[UNOWED if owed else OWED].append([*turn])
        found.append({"date": day, "post": post, "from": None if owed else who, "to": who if owed else None})
    return Moved(found, _lists_of(old, of), {name: turns for name, turns in marks.items() if turns})


def _reckoned(
    revisions: Sequence[Mapping[str, Any]], turn_of: Mapping[Seat, Seat], made: Collection[Row]
) -> tuple[set[Row], dict[Row, bool]]:
    """Give whose own each turn is, as it was `made` or swapped since; and of the turns that their people gave
    to whoever stood in, and have not now, whether each is owed.
    """
    own, owes = set(made), dict[Row, bool]()
    for one in revisions:
        for row in one["changes"]:
            seat = row["date"], row["post"]
            turn = turn_of.get(seat, seat)
            gives, takes = (*turn, row["from"]), (*turn, row["to"])
            if one["what"] == SWAP:
                own = own - {gives} | {takes}
            elif gives in own and one["what"] in (TAKE_OVER, REPAIR):
                owes[gives] = True
            owes.pop(takes, None)
        for name in (UNOWED, OWED):
            owes |= {(day, post, who): name == OWED for day, post, who in one.get(name, ())}
    return own, owes


def _turns_by_seat(problem: RosterProblem) -> dict[Seat, Seat]:
    """Give the Saturday's seat of each day of a weekend that is one block."""
    seats = {shift.index: (shift.day.isoformat(), shift.post.id) for shift in problem.shifts}
    return {seats[shift.index]: seats[shift.block] for shift in problem.shifts if shift.block >= 0}


def _beyond_the_edge(db: Database, problem: RosterProblem, of: Month) -> set[Row]:
    """Give who has the other day of a block that the month's edge cuts, as if he had the day within it."""
    desk = problem.desk
    if desk is None or not desk.weekend_block:
        return set()
    found: set[Row] = set()
    for mine, step in ((of.first, -1), (of.last, 1)):
        other = date.fromordinal(mine.toordinal() + step)
        days = [of.of.day(day) for day in sorted((mine, other))]
        posts = {post for post in desk.weekend_block if edge_block(desk, post, days[0], days[1])}
        stored = read_roster(db, f"{other:%Y-%m}") if posts else None
        found |= {
            (mine.isoformat(), post, who)
            for day, post, who in (differences.rows_of(stored) if stored else ())
            if day == other.isoformat() and post in posts
        }
    return found


def _since_made(db: Database, month: str) -> tuple[Mapping[str, Any] | None, list[dict[str, Any]]]:
    """Give a month's roster as it was made last, and the revisions after it."""
    found: list[dict[str, Any]] = history(db, month)
    at = next((at for at in reversed(range(len(found))) if found[at]["what"] == MADE), None)
    if at is None:
        return None, found
    made: dict[str, Any] = found[at]["roster"]
    return made, found[at + 1 :]


def _lists_of(roster: Mapping[str, Any], of: Month) -> ListOf:
    """Give what names the list of a rotation that a duty of a month counts in: its date, post and person."""
    classes = {day.day.isoformat(): day.cls for day in of.days}
    turns = roster.get("turns", {})
    leaders = {
        who: group["leader"] for group in roster.get("desk", {}).get("groups", ()) for who in group["members"]
    }

    def list_of(day: str, post: str, who: str) -> str:
        key = f"{post}/{classes[day]}"
        led = f"{key}/{leaders.get(who, '')}"
        return led if led in turns else key

    return list_of

"""What differs between two rosters of a month, by seat and by person, and when its duties begin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from typing import Any

Row = tuple[str, str, str]
"""A filled seat: date, post, person."""
Seat = tuple[str, str]
"""A post on a date."""


def rows_of(roster: Mapping[str, Any]) -> set[Row]:
    """Give the filled seats of a roster."""
    return {(row["date"], row["post"], row["person"]) for row in roster["assignments"]}


def changes(before: Iterable[Row], after: Iterable[Row]) -> list[dict[str, Any]]:
    """Give the seats that changed hands, by date and post: ``{"date", "post", "from", "to"}``.

    `from` is None for a seat that is new, `to` for one that is filled no more. Of a post with several
    seats those who leave and those who come are paired in order of id.
    """
    old, new = set(before), set(after)
    found = []
    for day, post in sorted({row[:2] for row in old ^ new}):
        lost = sorted(who for one, name, who in old - new if (one, name) == (day, post))
        come = sorted(who for one, name, who in new - old if (one, name) == (day, post))
        found += [
            {"date": day, "post": post, "from": who, "to": other} for who, other in zip_longest(lost, come)
        ]
    return found


def cells(changed: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """Give the cells, (person, date), that differ by these changes."""
    return {(row[side], row["date"]) for row in changed for side in ("from", "to") if row[side] is not None}


def by_person(changed: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give for everybody whose duty moved, by id, what he no longer has and what he has now.

    Returns
    -------
    ``{"person", "no_longer": [{"date", "post"}], "now": [{"date", "post"}]}``; nobody else is in it.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in changed:
        for side, part in (("from", "no_longer"), ("to", "now")):
            if row[side] is not None:
                one = found.setdefault(row[side], {"person": row[side], "no_longer": [], "now": []})
                one[part].append({"date": row["date"], "post": row["post"]})
    return [found[who] for who in sorted(found)]


def turns_after(
    turns: Mapping[str, Mapping[str, Any]],
    changed: Iterable[Mapping[str, Any]],
    list_of: Callable[[str, str, str], str],
) -> dict[str, dict[str, Any]]:
    """Give where the lists of a rotation stand after duties were taken over.

    Whoever gave a duty away makes it up later (`owed`), and whoever stood in is passed over once (`ahead`),
    each unless the other is still to come for him. Every turn counts: two that were given away are two.

    Parameters
    ----------
    turns
        The lists by name, as a record has them.
    changed
        The turns that moved; a side that is None owes nothing and is passed over for nothing.
    list_of
        Gives the name of the list of a date and post for a person.
    """
    found = {key: {**one} for key, one in turns.items()}
    for row in changed:
        for side, mine, other in (("from", "owed", "ahead"), ("to", "ahead", "owed")):
            who = row[side]
            one = found.get(list_of(row["date"], row["post"], who)) if who is not None else None
            if one is None:
                continue
            if who in one.get(other, ()):
                left = list(one[other])
                left.remove(who)
                one[other] = left
            else:
                one[mine] = [*one.get(mine, ()), who]
    return {
        key: {name: value for name, value in one.items() if value or name == "last"}
        for key, one in found.items()
    }


def spans(roster: Mapping[str, Any]) -> dict[Seat, tuple[datetime, datetime]]:
    """Give when each post begins and ends on each date of the roster, on the clock of the place."""
    posts = {row["id"]: row for row in roster["posts"]}
    found = {}
    for row in roster["demand"]:
        post = posts[row["post"]]
        start = datetime.combine(date.fromisoformat(row["date"]), time.fromisoformat(post["start"]))
        found[row["date"], row["post"]] = (start, start + timedelta(minutes=post["minutes"]))
    return found

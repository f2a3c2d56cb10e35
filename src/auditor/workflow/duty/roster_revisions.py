"""What is kept of a month's roster: its state, its revisions, and which duties stood at the last one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from auditor.entities import Breach
from auditor.roster import changes as differences
from auditor.roster.changes import Row
from auditor.store import Database
from auditor.store.rosters import (
    IN_FORCE,
    drop_roster,
    put_revision,
    put_roster,
    read_revisions,
    read_roster,
)
from auditor.store.writing import Transaction
from auditor.workflow.months import BEIJING

DRAFT, SUBMITTED, APPROVED, PUBLISHED, LOCKED = "draft", "submitted", "approved", "published", "locked"
STATES = (DRAFT, SUBMITTED, APPROVED, PUBLISHED, LOCKED)
"""What a roster goes through; each is reached from the one before."""
DROPPED = "dropped"
"""The state and the step of a month whose draft was taken away: it has revisions and no roster."""

MADE, SWAP, TAKE_OVER, REPAIR, CARRIED, RETURNED, UNLOCKED, HELD, NOTED = (
    "made", "swap", "take-over", "repair", "carried", "returned", "unlocked", "held", "noted",
)  # fmt: skip
"""What a revision did, beside reaching a state: `carried` is a month whose counters follow a change of an
earlier one, `held` that single duties were locked or are free again, `noted` that a repair took in who came
and who is away, and moved no duty."""

LATER_KNOWN = ("leave", "out-of-town", "stand-by")
"""Rules that new facts can break for a duty that had begun before they were known."""
BLOCK = "weekend-block"
"""A rule that cannot be kept when somebody falls ill between Saturday and Sunday, or where one is locked."""


def local(now: datetime) -> datetime:
    """Give a moment on the clock of the place, without its zone: duties begin on that clock."""
    return now.astimezone(BEIJING).replace(tzinfo=None)


def current(db: Database, month: str) -> dict[str, Any] | None:
    """Give the roster of a month as it is now, or None."""
    return read_roster(db, month)


def history(db: Database, month: str) -> list[dict[str, Any]]:
    """Give the revisions of a month, the first one first; a roster of before there were any has one."""
    found = read_revisions(db, month)
    stored = current(db, month)
    return found if found or stored is None else [_first(stored)]


def _first(roster: Mapping[str, Any]) -> dict[str, Any]:
    """Write the revision of a roster that was stored before there were revisions: it is published."""
    return {
        "revision": 1, "state": PUBLISHED, "what": MADE, "at": "", "by": "", "reason": "", "changes": [],
        "locked": [], "roster": dict(roster),
    }  # fmt: skip


def last(db: Database, month: str) -> dict[str, Any] | None:
    """Give the last revision of a month, or None where no roster is stored."""
    found = read_revisions(db, month, last=1)
    if found:
        return found[0]
    stored = current(db, month)
    return None if stored is None else _first(stored)


def state(db: Database, month: str) -> str:
    """Give the state of a month's roster, one of STATES; "" where none is stored."""
    found = last(db, month)
    return str(found["state"]) if found else ""


def sequence_of(db: Database, month: str) -> int:
    """Give the number of a month's last revision, which calendars send as SEQUENCE; 0 without a roster."""
    found = last(db, month)
    return int(found["revision"]) if found else 0


def went_out(db: Database, month: str, revision: int) -> bool:
    """Whether calendars of a month's revision are those of today: no duty moved, nor was it published since.

    A lock, or leave that is taken note of, makes a revision and changes no calendar.
    """
    later = [one for one in history(db, month) if one["revision"] > revision]
    return not any(one["changes"] or one["what"] in (MADE, RETURNED, PUBLISHED) for one in later)


def in_force(db: Database, month: str) -> bool:
    """Whether everybody knows this month's roster."""
    return state(db, month) in IN_FORCE


def add(
    tx: Transaction,
    db: Database,
    month: str,
    roster: Mapping[str, Any],
    *,
    state: str,
    what: str,
    now: datetime,
    by: str = "",
    reason: str = "",
    locked: Sequence[Sequence[str]] | None = None,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write a roster and its revision into an open transaction; give the revision.

    Parameters
    ----------
    locked
        Seats, (date, post), that nothing moves; those of the revision before where it is None.
    more
        What else is kept of it: who approved a swap, whether both agreed.
    """
    kept = read_revisions(db, month, last=1)
    stored = current(db, month)
    if not kept and stored is not None:
        kept = [_first(stored)]
        put_revision(tx, month, kept[0])
    before = kept[0] if kept else None
    rows = differences.rows_of(before["roster"]) if before and what != MADE else set()
    record = {
        "revision": before["revision"] + 1 if before else 1,
        "state": state,
        "what": what,
        "at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "by": by,
        "reason": reason,
        "changes": differences.changes(rows, differences.rows_of(roster)) if what != MADE else [],
        "locked": [list(one) for one in (before["locked"] if before and locked is None else locked or ())],
        "roster": dict(roster),
        **(more or {}),
    }
    if what == DROPPED:
        drop_roster(tx, month)
    else:
        put_roster(tx, month, roster)
    put_revision(tx, month, record, same=before is not None and before["roster"] == record["roster"])
    return record


def standing(db: Database, month: str) -> set[tuple[str, str, str]]:
    """Give the duties, (date, post, person), that had begun at the last revision and were in the one before.

    Leave that was told later is not held against them: nobody can move what has begun.
    """
    found = read_revisions(db, month, last=2)
    if len(found) < 2:
        return set()
    earlier, latest = found
    at = local(datetime.fromisoformat(latest["at"]))
    spans = differences.spans(latest["roster"])
    both = differences.rows_of(earlier["roster"]) & differences.rows_of(latest["roster"])
    return {row for row in both if row[:2] in spans and spans[row[0], row[1]][0] <= at}


def parted(db: Database, month: str) -> set[tuple[str, str]]:
    """Give the pairs together, groups and weekends that a change took apart when they could not be kept.

    That is where one of their people gave a duty up on a day on which a duty of theirs had begun or was
    locked; where one of them took a duty over that had begun itself; and where a day of a weekend that is
    one block moved whose other day was locked.

    Returns
    -------
    The pair's ids (``a + b``), the leader's id, or Saturday and post (``2026-12-12 lead``), and the date.
    """
    found: set[tuple[str, str]] = set()
    for earlier, later in pairwise(read_revisions(db, month)):
        if later["what"] not in (SWAP, TAKE_OVER, REPAIR) or not later["at"] or not later["changes"]:
            continue
        rows = differences.rows_of(earlier["roster"]) | differences.rows_of(later["roster"])
        found |= parted_by(
            later["changes"],
            later["roster"].get("desk", {}),
            rows,
            spans=differences.spans(earlier["roster"]) | differences.spans(later["roster"]),
            held={(day, post) for day, post in later["locked"]},
            at=local(datetime.fromisoformat(later["at"])),
        )
    return found


def parted_by(
    changes: Sequence[Mapping[str, Any]],
    desk: Mapping[str, Any],
    rows: Collection[Row],
    *,
    spans: Mapping[tuple[str, str], tuple[datetime, datetime]],
    held: Collection[tuple[str, str]],
    at: datetime,
) -> set[tuple[str, str]]:
    """Give the pairs, groups and weekends that one change takes apart, as `parted` does.

    Parameters
    ----------
    rows
        The filled seats before and after it.
    spans, held
        When seats begin and end, and which are locked.
    at
        When it is made, in the time of the place.
    """
    stands = {row for row in rows if row[:2] in held or (row[:2] in spans and spans[row[:2]][0] <= at)}
    found: set[tuple[str, str]] = set()
    for key, people in _ties(desk):
        for one in changes:
            begun = any(row[:2] == (one["date"], one["post"]) for row in stands)
            mine = any(row[0] == one["date"] and row[2] in people for row in stands)
            if (one["from"] in people and mine) or (one["to"] in people and begun):
                found.add((key, one["date"]))
    for one in changes:
        day = date.fromisoformat(one["date"])
        step = {5: 1, 6: -1}.get(day.weekday(), 0)
        other = (day + timedelta(days=step)).isoformat()
        if one["post"] in desk.get("weekend_block", ()) and step and (other, one["post"]) in held:
            saturday = min(one["date"], other)
            found.add((f"{saturday} {one['post']}", saturday))
    return found


def _ties(desk: Mapping[str, Any]) -> list[tuple[str, set[str]]]:
    """Give the pairs together and the groups of a desk, each with a key and everybody in it."""
    pairs = [
        (" + ".join(one["people"]), set(one["people"])) for one in desk.get("pairs", ()) if one["together"]
    ]
    acting = desk.get("acting", {})
    return pairs + [
        (one["leader"], {one["leader"], acting.get(one["leader"], one["leader"]), *one["members"]})
        for one in desk.get("groups", ())
    ]


def could_not_be_kept(
    one: Breach,
    month: str,
    begun: Collection[Row],
    desk: Mapping[str, Any],
    apart: Collection[tuple[str, str]],
) -> bool:
    """Whether a breach is of a weekend's block, a pair or a group that a change came too late to keep.

    Parameters
    ----------
    begun
        The duties that had begun and stand.
    apart
        What a change took apart (`parted`).
    """
    if one.rule == BLOCK:
        # a Saturday of the month before may have changed hands since this month was made
        late = not one.where.startswith(month) or one.where in {f"{row[0]} {row[1]}" for row in begun}
        return late or (one.where, one.where.partition(" ")[0]) in apart
    who, _space, day = one.where.rpartition(" ")
    if one.rule == "pairs":
        return (who, day) in apart
    leaders = (group["leader"] for group in desk.get("groups", ()) if who in group["members"])
    return one.rule == "groups" and any((leader, day) in apart for leader in leaders)


def unwaived(
    db: Database,
    month: str,
    breaches: Sequence[Breach],
    leave: Mapping[str, Sequence[str]],
    at: datetime | None = None,
) -> list[Breach]:
    """Leave out what could not be kept: of duties that had begun before leave or stand-by touched them.

    Nor pairs, groups and weekends that a change took apart then (`parted`).

    A month that is locked takes no note of leave that is told later: it is not held against the people whose
    it is, nor against duties that had begun; those to come stand though nobody will be there, and are named.

    Parameters
    ----------
    leave
        Days and half-days of leave by person as they are known now.
    at
        By when duties of a locked month have begun; all of them where None.
    """
    if not breaches:
        return []
    stood = standing(db, month)
    duties = {f"{who} {day} {post}" for day, post, who in stood}
    late: set[str] = set()
    kept = last(db, month)
    if kept is not None and kept["state"] == LOCKED:
        for row in kept["roster"].get("people", ()):
            known = [*row["leave"], *row.get("half", ()), *row.get("away_half", ())]
            if known != list(leave.get(row["id"], ())):
                late.add(row["id"])
        spans = differences.spans(kept["roster"])
        duties |= {
            f"{who} {day} {post}"
            for day, post, who in differences.rows_of(kept["roster"])
            if who in late and (at is None or spans[day, post][0] <= local(at))
        }
    tied = kept is not None and any(one.rule in ("pairs", "groups", BLOCK) for one in breaches)
    apart = parted(db, month) if tied else set()
    desk = kept["roster"].get("desk", {}) if kept is not None else {}
    return [
        one
        for one in breaches
        if not (one.rule in LATER_KNOWN and one.where in duties)
        and not could_not_be_kept(one, month, stood, desk, apart)
        and not (one.rule in ("leave", "people", "carried") and one.where in late)
    ]

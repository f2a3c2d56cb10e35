"""The life of a month's roster: draft, sent for approval, approved, published, locked; each a revision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from auditor.entities import Breach
from auditor.errors import UNVERIFIED, AuditorError, UsageProblem
from auditor.i18n import N_, _
from auditor.roster import changes as differences
from auditor.store import Database
from auditor.store.rosters import read_rosters
from auditor.store.writing import write_tx
from auditor.workflow.duty import rosters
from auditor.workflow.duty.roster_rebuild import broken_after, carry_on
from auditor.workflow.duty.roster_revisions import (
    APPROVED,
    DRAFT,
    DROPPED,
    HELD,
    LOCKED,
    MADE,
    PUBLISHED,
    RETURNED,
    SUBMITTED,
    UNLOCKED,
    add,
    current,
    history,
    in_force,
    last,
    local,
    sequence_of,
    state,
)
from auditor.workflow.months import calendar_of, month_of, next_month

__all__ = [
    "advance", "current", "drop", "give_back", "history", "hold", "in_force", "may_be_made", "revise",
    "sequence_of", "skipped", "state", "stored_roster",
]  # fmt: skip

BEFORE = {SUBMITTED: DRAFT, APPROVED: SUBMITTED, PUBLISHED: APPROVED, LOCKED: PUBLISHED}
"""From which state each is reached."""

CURES = {
    DRAFT: N_("it is a draft: send it for approval with `auditor roster submit --month {month}`"),
    SUBMITTED: N_("it waits for approval: `auditor roster approve --month {month} --by NAME` comes next"),
    APPROVED: N_("it is approved: `auditor roster publish --month {month}` comes next"),
    PUBLISHED: N_("it is published already"),
    LOCKED: N_(
        "it is locked: nothing of it changes any more (`auditor roster lock --month {month} --undo REASON` "
        "opens it again)"
    ),
}
"""What can be done next in each state."""
_WAITS = N_(
    "it is on its way to approval; give it back first with "
    "`auditor roster approve --month {month} --decline REASON --by NAME`"
)
NOT_MADE = {
    SUBMITTED: _WAITS,
    APPROVED: _WAITS,
    PUBLISHED: N_(
        "it is published; `auditor roster repair`, `swap` and `take-over` change it in least change"
    ),
    LOCKED: CURES[LOCKED],
}
"""Why a month is not made anew in each state, and what helps."""
NOT_DROPPED = {
    SUBMITTED: _WAITS,
    APPROVED: _WAITS,
    PUBLISHED: N_("it is published, and people go by it; only a draft is dropped"),
    LOCKED: N_("it is locked, and people went by it; only a draft is dropped"),
}
"""Why a roster is not dropped in each state."""


class NotNow(AuditorError):
    """A step that the state of the roster does not allow."""

    sentence = N_("roster of {month}: {cure}")


class BreaksRules(AuditorError):
    """A roster that goes on its way must keep every rule."""

    exit_code = UNVERIFIED
    sentence = N_(
        "roster of {month}: {count} rules are broken by what is known today (first: {first}); mend it with "
        "`auditor roster repair`, or make it again"
    )


def stored_roster(db: Database, month: str) -> dict[str, Any]:
    """Give the roster of a month; raises UsageProblem where none is stored."""
    found = current(db, month)
    if found is None:
        months = ", ".join(read_rosters(db)) or "–"
        raise UsageProblem(
            problem=_("no roster of {month} is stored; there are {months}").format(month=month, months=months)
        )
    return found


def revise(
    db: Database,
    month: str,
    record: Mapping[str, Any],
    *,
    what: str = MADE,
    by: str = "",
    reason: str = "",
    now: datetime,
) -> dict[str, Any]:
    """Keep a roster that was made: a draft, and the month's next revision, which is given.

    Raises
    ------
    NotNow
        If the month's roster is published or locked: then only swaps, take-overs and repairs change it.
    """
    with write_tx(db, "roster", now) as tx:
        if what == MADE:
            may_be_made(db, month)
        there = DRAFT if what == MADE else state(db, month) or DRAFT
        before = broken_after(db, month, now)
        revision = add(tx, db, month, record, state=there, what=what, now=now, by=by, reason=reason)
        carry_on(tx, db, month, before, now=now)
        return revision


def may_be_made(db: Database, month: str, now: datetime | None = None, *, past: bool = False) -> None:
    """Go on if a month's roster may be made, for the first time or anew; raises NotNow.

    Parameters
    ----------
    now
        Where it is given, a month that is over by then is refused unless `past`: it would be a slip, and
        its counters would go on into all later months.
    """
    there = state(db, month)
    if there in (SUBMITTED, APPROVED, PUBLISHED, LOCKED):
        raise NotNow(month=month, cure=_(NOT_MADE[there]).format(month=month))
    if now is not None and not past and month_of(month, calendar_of(db)).last < local(now).date():
        raise NotNow(
            month=month,
            cure=_(
                "the month is over, and its counters would go on into later ones; name another month, or say "
                "--past where it is meant"
            ),
        )


def skipped(db: Database, month: str) -> tuple[str, list[str]]:
    """Give the last month before one that has a roster, "" if none, and the months between that have none."""
    earlier = [key for key in read_rosters(db) if key < month]
    if not earlier:
        return "", []
    found = []
    of = calendar_of(db)
    key = next_month(month_of(earlier[-1], of).midnight)
    while key < month:
        found.append(key)
        key = next_month(month_of(key, of).midnight)
    return earlier[-1], found


def drop(db: Database, month: str, *, reason: str, by: str = "", now: datetime) -> dict[str, Any]:
    """Take a draft away; its revisions stay, and later months no longer count it. Gives the revision.

    Raises
    ------
    UsageProblem
        If no roster of the month is stored.
    NotNow
        If it is no draft.
    Refused, LaterLocked
        If a later month cannot count on without it.
    """
    with write_tx(db, "roster dropped", now) as tx:
        roster = stored_roster(db, month)
        there = state(db, month)
        if there != DRAFT:
            raise NotNow(month=month, cure=_(NOT_DROPPED[there]).format(month=month))
        before = broken_after(db, month, now)
        revision = add(tx, db, month, roster, state=DROPPED, what=DROPPED, now=now, by=by, reason=reason)
        carry_on(tx, db, month, before, now=now)
        return revision


def kept_rules(db: Database, month: str, roster: Mapping[str, Any], now: datetime) -> None:
    """Go on if a roster keeps every rule by what is known today; raises BreaksRules."""
    found = rosters.check(db, roster, month_of(month, calendar_of(db)), now)
    if found:
        raise BreaksRules(month=month, count=len(found), first=breach_text(found[0]))


def breach_text(one: Breach) -> str:
    """Say a breach in a line."""
    return f"{one.rule} {one.where}: {one.what}"


def advance(
    db: Database, month: str, to: str, *, by: str = "", reason: str = "", now: datetime
) -> dict[str, Any]:
    """Bring a month's roster into its next state; gives the revision.

    Parameters
    ----------
    to
        SUBMITTED, APPROVED, PUBLISHED or LOCKED.

    Raises
    ------
    NotNow
        If it is not in the state before that.
    BreaksRules
        If it no longer keeps every rule; a roster that is over can be locked all the same.
    """
    with write_tx(db, f"roster {to}", now) as tx:
        roster = stored_roster(db, month)
        there = state(db, month)
        if there != BEFORE[to]:
            raise NotNow(month=month, cure=_(CURES[there]).format(month=month))
        if to != LOCKED:
            kept_rules(db, month, roster, now)
        return add(tx, db, month, roster, state=to, what=to, now=now, by=by, reason=reason)


def give_back(db: Database, month: str, *, by: str = "", reason: str, now: datetime) -> dict[str, Any]:
    """Give a roster back: what waits or is approved is a draft again, what is locked is open again."""
    with write_tx(db, "roster returned", now) as tx:
        roster = stored_roster(db, month)
        there = state(db, month)
        if there not in (SUBMITTED, APPROVED, LOCKED):
            raise NotNow(month=month, cure=_(CURES[there]).format(month=month))
        back, what = (PUBLISHED, UNLOCKED) if there == LOCKED else (DRAFT, RETURNED)
        return add(tx, db, month, roster, state=back, what=what, now=now, by=by, reason=reason)


def hold(
    db: Database,
    month: str,
    seats: Iterable[Sequence[str]],
    *,
    by: str = "",
    reason: str = "",
    free: bool = False,
    now: datetime,
) -> dict[str, Any]:
    """Lock single posts of single dates, or free them again; no swap and no repair moves what is locked.

    Where that is so already, the last revision stands.

    Parameters
    ----------
    seats
        (date, post); a post of "" means all posts of the date.

    Raises
    ------
    UsageProblem
        If the roster has no such post on that date.
    """
    with write_tx(db, "roster held", now) as tx:
        roster = stored_roster(db, month)
        there = state(db, month)
        if there == LOCKED:
            raise NotNow(month=month, cure=_(CURES[LOCKED]).format(month=month))
        known = sorted(differences.spans(roster))
        before = last(db, month)
        held = {(day, post) for day, post in before["locked"]} if before else set()
        for day, post in seats:
            meant = {one for one in known if one[0] == day and post in ("", one[1])}
            if not meant:
                raise UsageProblem(
                    problem=_("the roster of {month} has no {duty}").format(
                        month=month, duty=f"{day}/{post}" if post else day
                    )
                )
            held = held - meant if free else held | meant
        if before is not None and sorted(held) == sorted((day, post) for day, post in before["locked"]):
            return before
        return add(
            tx, db, month, roster, state=there, what=HELD, now=now, by=by, reason=reason, locked=sorted(held)
        )

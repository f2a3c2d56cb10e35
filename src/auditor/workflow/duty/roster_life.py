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
    sequence_of,
    state,
)
from auditor.workflow.months import month_of

__all__ = [
    "advance", "current", "give_back", "history", "hold", "in_force", "may_be_made", "revise", "sequence_of",
    "state", "stored_roster",
]  # fmt: skip

BEFORE = {SUBMITTED: DRAFT, APPROVED: SUBMITTED, PUBLISHED: APPROVED, LOCKED: PUBLISHED}
"""From which state each is reached."""

CURES = {
    DRAFT: N_("it is a draft: send it for approval with `auditor roster submit`"),
    SUBMITTED: N_("it waits for approval: `auditor roster approve` comes next"),
    APPROVED: N_("it is approved: `auditor roster publish` comes next"),
    PUBLISHED: N_("it is published already"),
    LOCKED: N_("it is locked: nothing of it changes any more (`auditor roster lock --undo` opens it again)"),
}
"""What can be done next in each state."""


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


def may_be_made(db: Database, month: str) -> None:
    """Go on if a month's roster may be made, for the first time or anew; raises NotNow."""
    there = state(db, month)
    if there == PUBLISHED:
        raise NotNow(
            month=month,
            cure=_(
                "it is published; `auditor roster repair`, `swap` and `take-over` change it in least change"
            ),
        )
    if there == LOCKED:
        raise NotNow(month=month, cure=_(CURES[LOCKED]))


def kept_rules(db: Database, month: str, roster: Mapping[str, Any]) -> None:
    """Go on if a roster keeps every rule by what is known today; raises BreaksRules."""
    found = rosters.check(db, roster, month_of(month))
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
            raise NotNow(month=month, cure=_(CURES[there]))
        if to != LOCKED:
            kept_rules(db, month, roster)
        return add(tx, db, month, roster, state=to, what=to, now=now, by=by, reason=reason)


def give_back(db: Database, month: str, *, by: str = "", reason: str, now: datetime) -> dict[str, Any]:
    """Give a roster back: what waits or is approved is a draft again, what is locked is open again."""
    with write_tx(db, "roster returned", now) as tx:
        roster = stored_roster(db, month)
        there = state(db, month)
        if there not in (SUBMITTED, APPROVED, LOCKED):
            raise NotNow(month=month, cure=_(CURES[there]))
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
            raise NotNow(month=month, cure=_(CURES[LOCKED]))
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
        return add(
            tx, db, month, roster, state=there, what=HELD, now=now, by=by, reason=reason, locked=sorted(held)
        )

"""What pages about rosters read beside the roster: the months there are, what stands against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor.errors import UsageProblem
from auditor.i18n import N_, _
from auditor.roster import changes as differences
from auditor.store import Database
from auditor.store.rosters import read_revisions, read_roster, read_roster_months
from auditor.workflow.duty.roster_rebuild import breach_sentence, broken, rebuilt
from auditor.workflow.duty.roster_revisions import history, last, local
from auditor.workflow.duty.roster_told import seat_of
from auditor.workflow.duty.roster_words import post_names
from auditor.workflow.months import month_key

STEP_SAID = {
    "made": N_("drawn up"),
    "submitted": N_("sent for approval"),
    "approved": N_("approved"),
    "published": N_("published"),
    "locked": N_("locked"),
    "swap": N_("swap"),
    "take-over": N_("take-over"),
    "repair": N_("repair"),
    "carried": N_("counters carried on"),
    "returned": N_("given back"),
    "unlocked": N_("opened again"),
    "held": N_("duties locked or freed"),
    "noted": N_("leave or people taken note of"),
    "dropped": N_("draft dropped"),
}
"""What a revision did."""
STATE_SAID = {
    "draft": N_("draft"),
    "submitted": N_("waits for approval"),
    "approved": N_("approved"),
    "published": N_("published"),
    "locked": N_("locked"),
    "dropped": N_("dropped"),
}
"""The state of a month's roster."""
WHY_SAID = {
    "leave": N_("on leave"),
    "left": N_("has left"),
    "out-of-town": N_("out of town"),
    "stand-by": N_("stand-by there"),
    "role": N_("has another role now"),
    "room": N_("makes room"),
    "seat": N_("another number of seats"),
    "empty": N_("the seat was empty"),
}
"""Why a repair changed a seat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    """A month that has a roster, or had one: its state and last revision; how many seats nobody fills."""

    month: str
    state: str
    revision: int
    what: str
    at: str
    by: str
    style: str
    duties: int
    short: int
    provisional: bool


def month_rows(
    db: Database, *, state: str = "", limit: int = 24, offset: int = 0
) -> tuple[list[MonthRow], int]:
    """List the months with a roster, the last one first, and how many there are.

    Parameters
    ----------
    state
        Only those in this state.
    """
    months = sorted(read_roster_months(db), reverse=True)
    known: dict[str, Mapping[str, Any]] = {}
    if state:
        known = {month: last(db, month) or {} for month in months}
        months = [month for month in months if known[month].get("state") == state]
    found = []
    for month in months[offset : offset + limit]:
        one = known.get(month) or last(db, month) or {}
        roster = one["roster"]
        found.append(
            MonthRow(
                month=month,
                state=one["state"],
                revision=one["revision"],
                what=one["what"],
                at=one["at"],
                by=one["by"],
                style=roster.get("style", roster.get("desk", {}).get("style", "")),
                duties=len(roster["assignments"]),
                short=sum(row["short"] for row in roster.get("short", ())),
                provisional=bool(roster.get("provisional")),
            )
        )
    return found, len(months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A rule that what stands breaks by what is known today; `day`, `post`, `person` where it is one duty."""

    rule: str
    text: str
    day: str = ""
    post: str = ""
    person: str = ""


def clashes(db: Database, month: str, now: datetime) -> list[Clash]:
    """Give what a stored roster's duties break by what is known now and is not over."""
    stored = read_roster(db, month)
    if stored is None:
        return []
    record = rebuilt(db, month, differences.rows_of(stored), stored, now)
    spans, posts = differences.spans(record), post_names(record)
    found = []
    for one in broken(db, month, record, now):
        who, seat = seat_of(one, spans)
        if seat is not None and spans[seat][1] <= local(now):
            continue
        day, post = seat or ("", "")
        found.append(
            Clash(rule=one.rule, text=breach_sentence(db, one, posts), day=day, post=post, person=who)
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A revision of a month: what was done, when, by whom, why, and which duties moved (names)."""

    revision: int
    what: str
    state: str
    at: str
    by: str
    reason: str
    approver: str
    agreed: bool
    moves: tuple[tuple[str, str, str, str], ...]
    """Of each: ISO date, post, who had it, who has it; "" for nobody."""


def deeds(db: Database, month: str, names: Mapping[str, str]) -> list[Deed]:
    """Give the revisions of a month, the last one first; also of one whose draft was dropped."""
    found = []
    for one in reversed(history(db, month)):
        posts = post_names(one["roster"]) if one.get("roster") else {}
        found.append(
            Deed(
                revision=one["revision"],
                what=_(STEP_SAID[one["what"]]),
                state=one["state"],
                at=one["at"],
                by=one["by"],
                reason=one["reason"],
                approver=one.get("approver", ""),
                agreed=bool(one.get("agreed")),
                moves=tuple(
                    (
                        row["date"],
                        posts.get(row["post"], row["post"]),
                        names.get(row["from"], row["from"]) if row["from"] else "",
                        names.get(row["to"], row["to"]) if row["to"] else "",
                    )
                    for row in one["changes"]
                ),
            )
        )
    return found


def seat_deeds(db: Database, month: str, day: str, post: str, names: Mapping[str, str]) -> list[Deed]:
    """Give the revisions in which one seat changed hands, the last one first."""
    found = []
    for one in reversed(read_revisions(db, month)):
        moves = [row for row in one["changes"] if (row["date"], row["post"]) == (day, post)]
        if moves:
            found.append(
                Deed(
                    revision=one["revision"],
                    what=_(STEP_SAID[one["what"]]),
                    state=one["state"],
                    at=one["at"],
                    by=one["by"],
                    reason=one["reason"],
                    approver=one.get("approver", ""),
                    agreed=bool(one.get("agreed")),
                    moves=tuple(
                        (
                            row["date"],
                            row["post"],
                            names.get(row["from"], row["from"]) if row["from"] else "",
                            names.get(row["to"], row["to"]) if row["to"] else "",
                        )
                        for row in moves
                    ),
                )
            )
    return found


def last_approver(db: Database) -> str:
    """Give who approved a roster last, "" where nobody did: a form begins with this name."""
    for month in sorted(read_roster_months(db), reverse=True):
        for one in reversed(read_revisions(db, month)):
            if one["what"] == "approved" and one["by"]:
                return str(one["by"])
    return ""


def is_month(text: str) -> bool:
    """Whether a text is a month that the calendar can give."""
    try:
        month_key(text)
    except UsageProblem:
        return False
    return True

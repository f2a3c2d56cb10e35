"""What a change of a roster says to people: who has which duty no longer, and which he has now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from auditor.entities import Breach
from auditor.i18n import _
from auditor.roster import changes as differences
from auditor.roster.changes import Seat
from auditor.store import Database
from auditor.store.rosters import IN_FORCE
from auditor.store.staff import read_staff
from auditor.store.writing import Transaction, write_tx
from auditor.workflow.called import names_apart, staff_names
from auditor.workflow.duty.desk_settings import desk_of
from auditor.workflow.duty.roster_rebuild import Rebuilt, breach_sentence
from auditor.workflow.duty.roster_revisions import CARRIED, LOCKED, last, local, state
from auditor.workflow.duty.roster_words import post_names


class _Rehearsed(Exception):
    """A dry run is over; its transaction is undone."""


@contextmanager
def rehearsal(db: Database, kind: str, now: datetime, dry_run: bool) -> Iterator[Transaction]:
    """Open a transaction that is undone at its end where this is a dry run."""
    try:
        with write_tx(db, kind, now) as tx:
            yield tx
            if dry_run:
                raise _Rehearsed
    except _Rehearsed:
        pass


def diff(db: Database, changed: Sequence[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Give for everybody whose duty moved, and nobody else, what moved.

    Returns
    -------
    ``{"person", "name", "phone", "no_longer", "now", "at_once"}`` by id; `at_once` where a change lies
    within the notice period.
    """
    staff = {one.id: one for one in read_staff(db)}
    called = names_apart(staff.values())
    until = (local(now).date() + timedelta(days=desk_of(db).notice_days)).isoformat()
    found = []
    for one in differences.by_person(changed):
        person = staff.get(one["person"])
        days = [row["date"] for part in ("no_longer", "now") for row in one[part]]
        found.append(
            {
                "person": one["person"],
                "name": called.get(one["person"], one["person"]),
                "phone": person.phone if person else "",
                "no_longer": one["no_longer"],
                "now": one["now"],
                "at_once": min(days) < until,
            }
        )
    return found


def cures_of(month: str, seat: Seat, who: str, *, begun: bool, over: bool, locked: bool) -> list[str]:
    """Give the commands that help, one after the other, where a seat is empty or `who` must not fill it.

    None where nothing helps any more.
    """
    duty = "/".join(seat)
    if over or (begun and not who):
        return []
    free = [f"auditor roster lock --free {duty}"] if locked else []
    if begun:
        return [*free, f"auditor roster take-over {who} {duty}"]
    return [*free, "auditor roster repair" if who or locked else f"auditor roster explain --month {month}"]


def still_wrong(
    db: Database,
    month: str,
    roster: Mapping[str, Any],
    broken: Sequence[Breach],
    still_out: Sequence[Mapping[str, str]],
    now: datetime,
) -> dict[str, list[dict[str, Any]]]:
    """Give what is wrong with a month all the same and is not over, each with the commands that help.

    Returns
    -------
    ``{"still_out", "short", "still_broken"}``: duties that stand though their person is not there, empty
    seats, and broken rules; each row with `cures`, none where nothing helps.
    """
    names = staff_names(db)
    revision = last(db, month)
    locked = {(day, post) for day, post in revision["locked"]} if revision else set()
    whole = state(db, month) == LOCKED
    spans, passed = differences.spans(roster), local(now)

    def seat_told(seat: Seat, who: str) -> dict[str, Any]:
        start, end = spans[seat]
        begun, over = start <= passed, end <= passed
        cures = cures_of(month, seat, names.get(who, who), begun=begun, over=over, locked=seat in locked)
        if whole and not over:
            cures = [f"auditor roster lock --month {month} --undo {_('REASON')}", *cures]
        return {"begun": begun, "over": over, "locked": whole or seat in locked, "cures": cures}

    out = [{**row, **seat_told((row["date"], row["post"]), row["person"])} for row in still_out]
    short = [{**row, **seat_told((row["date"], row["post"]), "")} for row in roster.get("short", ())]
    named = {(row["person"], row["date"], row["post"]) for row in out}
    rules = []
    for one in broken:
        who, seat = seat_of(one, spans)
        about = (
            seat_told(seat, who) if seat else {"begun": False, "over": False, "locked": False, "cures": []}
        )
        rules.append(
            {
                "rule": one.rule,
                "where": one.where,
                "what": one.what,
                "text": breach_sentence(db, one, post_names(roster)),
                "told": seat is not None and (who, *seat) in named,
                **about,
            }
        )
    return {"still_out": out, "short": short, "still_broken": rules}


def seat_of(one: Breach, seats: Collection[Seat]) -> tuple[str, Seat | None]:
    """Give whose duty a breach is about and its seat; ("", None) where it is about no single seat."""
    parts = one.where.split(" ")
    if len(parts) < 2 or (parts[-2], parts[-1]) not in seats:
        return "", None
    return " ".join(parts[:-2]), (parts[-2], parts[-1])


def is_open(told: Mapping[str, Any]) -> bool:
    """Whether something of a month that was told is wrong and not over."""
    return any(not row["over"] for name in WRONG for row in told.get(name, ()))


WRONG = ("still_out", "short", "still_broken")
"""What can be wrong with a month all the same."""


def months_told(
    db: Database,
    kept: Sequence[Rebuilt],
    now: datetime,
    out: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
) -> list[dict[str, Any]]:
    """Write what became of each month, for programs and for the table; months that only count on are short.

    Parameters
    ----------
    out
        By month, duties that stand though their person is not there.

    `tell` is empty where the month is not published yet: nobody has relied on it.
    """
    found = []
    for one in kept:
        revision = one.revision
        moved = diff(db, revision["changes"], now)
        wrong: dict[str, list[dict[str, Any]]] = {name: [] for name in WRONG}
        if revision["what"] != CARRIED:
            still_out = (out or {}).get(one.month, ())
            wrong = still_wrong(db, one.month, revision["roster"], one.still_broken, still_out, now)
        found.append(
            {
                "month": one.month,
                "posts": post_names(revision["roster"]),
                "revision": revision["revision"],
                "state": revision["state"],
                "what": revision["what"],
                "changes": list(revision["changes"]),
                "cells": len(differences.cells(revision["changes"])),
                "people": moved,
                "tell": moved if revision["state"] in IN_FORCE else [],
                "objective": revision["roster"]["objective"],
                "counters": revision["roster"]["counters"],
                "bound": revision["roster"]["bound"],
                "apart": [breach_sentence(db, row, post_names(revision["roster"])) for row in one.apart],
                **wrong,
            }
        )
    return found

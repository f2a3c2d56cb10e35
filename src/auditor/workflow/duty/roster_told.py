"""What a change of a roster says to people: who has which duty no longer, and which he has now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from auditor.roster import changes as differences
from auditor.store import Database
from auditor.store.rosters import IN_FORCE
from auditor.store.staff import read_staff
from auditor.store.writing import Transaction, write_tx
from auditor.workflow.duty.roster_rebuild import Rebuilt, breach_sentence
from auditor.workflow.duty.roster_revisions import CARRIED, local
from auditor.workflow.duty.roster_words import post_names
from auditor.workflow.duty.rosters import desk_of


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
    until = (local(now).date() + timedelta(days=desk_of(db).notice_days)).isoformat()
    found = []
    for one in differences.by_person(changed):
        person = staff.get(one["person"])
        days = [row["date"] for part in ("no_longer", "now") for row in one[part]]
        found.append(
            {
                "person": one["person"],
                "name": person.name if person else one["person"],
                "phone": person.phone if person else "",
                "no_longer": one["no_longer"],
                "now": one["now"],
                "at_once": min(days) < until,
            }
        )
    return found


def months_told(db: Database, kept: Sequence[Rebuilt], now: datetime) -> list[dict[str, Any]]:
    """Write what became of each month, for programs and for the table; months that only count on are short.

    `tell` is empty where the month is not published yet: nobody has relied on it.
    """
    found = []
    for one in kept:
        revision = one.revision
        moved = diff(db, revision["changes"], now)
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
                "short": list(revision["roster"].get("short", ())),
                "objective": revision["roster"]["objective"],
                "bound": revision["roster"]["bound"],
                "still_broken": []
                if revision["what"] == CARRIED
                else [
                    {
                        "rule": breach.rule,
                        "where": breach.where,
                        "what": breach.what,
                        "text": breach_sentence(db, breach, post_names(revision["roster"])),
                    }
                    for breach in one.still_broken
                ],
            }
        )
    return found

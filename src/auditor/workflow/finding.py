"""Search over everything that has a page: units, people, programmes, numbers of draws, months of rosters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.i18n import N_
from auditor.store import Database
from auditor.store.numbers import read_numbers
from auditor.store.rosters import read_roster_months
from auditor.workflow import people, programmes, units

MOST = 20
"""So many of a kind are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing: its kind, its key, its name, and what else tells it from others."""

    kind: str
    key: str
    name: str
    more: str = ""


KINDS = {
    "unit": N_("Units"), "person": N_("People"), "programme": N_("Programmes"), "draw": N_("Draws"),
    "roster": N_("Rosters"),
}  # fmt: skip
"""What can be found, in the order of the page."""


def find(db: Database, text: str) -> tuple[list[Found], dict[str, int]]:
    """Give what holds every word of a text, by kind, and how many of each kind there are in all.

    A kind's things are the first `MOST`; one letter is enough; nothing for a text without any.
    """
    words = text.casefold().split()
    if not words:
        return [], {}
    found, counts = [], {}
    first, count = units.find_units(db, units.Search(text=text, limit=MOST))
    if count:
        counts["unit"] = count
        found += [
            Found(kind="unit", key=one.id, name=one.name, more=one.township or one.district) for one in first
        ]
    for kind, every in (
        ("person", _people(db)), ("programme", _programmes(db)), ("draw", _draws(db)),
        ("roster", _rosters(db)),
    ):  # fmt: skip
        fit = [
            one
            for one in every
            if all(word in f"{one.key} {one.name} {one.more}".casefold() for word in words)
        ]
        if fit:
            counts[kind] = len(fit)
            found += fit[:MOST]
    return found, counts


def _people(db: Database) -> Iterator[Found]:
    for row in people.list_staff(db):
        more = " ".join(filter(None, (row["department"], row["post"])))
        yield Found(kind="person", key=row["id"], name=row["name"], more=more)


def _programmes(db: Database) -> Iterator[Found]:
    for row in programmes.rows(db):
        yield Found(kind="programme", key=row["id"], name=row["name"], more=f"{row['from']} – {row['to']}")


def _draws(db: Database) -> Iterator[Found]:
    for record in read_numbers(db):
        yield Found(kind="draw", key=str(record["number"]), name=record["programme"], more="")


def _rosters(db: Database) -> Iterator[Found]:
    for month in read_roster_months(db):
        yield Found(kind="roster", key=month, name=month)

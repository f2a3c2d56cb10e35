"""What pages show of draws: every number with its next step, and a closed one with what it drew.

A number that is not closed gives what everybody may know of it and nothing else: neither a unit nor a
lot is read for it here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from auditor.calendars.years import Calendar
from auditor.draw.probabilities import MILLION
from auditor.draw.programmes import Programme
from auditor.draw.rules import moment
from auditor.store import Database
from auditor.store.numbers import read_number, read_numbers
from auditor.store.records import read_draw
from auditor.store.units import read_units
from auditor.workflow import programmes
from auditor.workflow.draws import LEVEL
from auditor.workflow.events import LOTTERY, LOTTERY_FORM, LOTTERY_TIME, lottery_after
from auditor.workflow.months import BEIJING, month_key

COMMIT, WAIT, RUN, PLAN, VISITS, CLOSE, NOTHING = "commit", "wait", "run", "plan", "visits", "close", ""
"""What comes next for a number: wait for its event; visits until the period is over; nothing any more."""
GOING = ("frozen", "committed", "run", "planned")
QUICK_UNITS = 400
"""Lists of so many units are frozen and drawn at once; longer ones in a process of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    """A number of the ledger as a list shows it; `name` is its programme's, `months` those of its period."""

    number: int
    programme: str
    name: str
    state: str
    commit_sha256: str
    units: int
    n: int
    first: str
    last: str
    next: str
    drill: bool
    reason: str


def next_of(record: Mapping[str, Any], now: datetime) -> str:
    """Say what comes next for a number."""
    state = record["state"]
    if state == "frozen":
        return COMMIT
    if state == "committed":
        return RUN if now >= moment(record["commit"]["event"]["at"]) else WAIT
    if state == "run":
        return PLAN
    if state == "planned":
        return CLOSE if f"{now:%Y-%m-%d}" > record["facts"]["period"][1] else VISITS
    return NOTHING


def number_rows(db: Database, now: datetime) -> list[NumberRow]:
    """Give a row for every number, the newest first."""
    names = {one.id: one.name for one in programmes.programmes(db)}
    return [
        NumberRow(
            number=one["number"],
            programme=one["programme"],
            name=names.get(one["programme"], one["programme"]),
            state=one["state"],
            commit_sha256=one.get("commit_sha256", ""),
            units=one["facts"]["units"],
            n=one["facts"]["n"],
            first=one["facts"]["period"][0],
            last=one["facts"]["period"][1],
            next=next_of(one, now),
            drill=one["drill"],
            reason=str(one.get("abandoned", "")),
        )
        for one in reversed(read_numbers(db))
    ]


def in_month(first: str, last: str, month: str) -> bool:
    """Whether a period, by its first and last day, touches a month."""
    return first[:7] <= month_key(month) <= last[:7]


def to_freeze(db: Database, now: datetime) -> list[Programme]:
    """Give the programmes whose list may be locked next: not over, with no number but abandoned ones."""
    used = {one["programme"] for one in read_numbers(db) if one["state"] != "abandoned"}
    today = now.date()
    return sorted(
        (one for one in programmes.programmes(db) if one.id not in used and one.last > today),
        key=lambda one: (one.first, one.id),
    )


def uncommitted(db: Database) -> int | None:
    """Give the number that is locked and waits for its fingerprint: none is locked beside it."""
    numbers = read_numbers(db)
    return int(numbers[-1]["number"]) if numbers and numbers[-1]["state"] == "frozen" else None


def is_strict(record: Mapping[str, Any]) -> bool:
    """Whether a number is drawn, planned and sealed in one go."""
    return str(record["level"]) == "strict"


def is_simple(record: Mapping[str, Any]) -> bool:
    """Whether the office's computer makes the one share of a number."""
    return str(record["level"]) == LEVEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Lottery:
    """A public lottery that may be announced: what is drawn, when, and how its value is spelled."""

    what: str
    at: datetime
    form: str


def lotteries(now: datetime, of: Calendar) -> tuple[Lottery, Lottery]:
    """Give a lottery to come that may be the event, and a later one for the case that it gives nothing."""
    now = now.astimezone(BEIJING)
    today = now.replace(hour=LOTTERY_TIME[0], minute=LOTTERY_TIME[1], second=0, microsecond=0)
    at = today if today > now and today == _pause_over(today, of) else lottery_after(now, of)
    form = f"numbers:{LOTTERY_FORM['numbers']}:{LOTTERY_FORM['from']}:{LOTTERY_FORM['to']}"
    both = (at, lottery_after(at, of))
    several = [Lottery(what=LOTTERY.format(day=one), at=one, form=form) for one in both]
    return several[0], several[1]


def _pause_over(at: datetime, of: Calendar) -> datetime:
    """Give a moment of the lottery, or the first after its pause for a holiday."""
    return lottery_after(at - timedelta(days=2), of)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRow:
    """A unit that a closed number drew, as its transcript says: `chance` in per cent, outcomes by code."""

    unit: str
    name: str
    stratum: str
    draw: str
    chance: str
    dates: tuple[str, ...]
    outcomes: tuple[str, ...]


def drawn_rows(db: Database, number: int) -> list[DrawnRow]:
    """Give every unit that a closed number drew, by draw and id; empty for one that is not closed."""
    record = read_number(db, number)
    transcript = read_draw(db, number) if record is not None and record["state"] == "closed" else None
    if transcript is None:
        return []
    names = {one.id: one.name for one in read_units(db)}
    outcomes = {one["id"]: one for one in transcript["outcomes"]}
    rows = []
    for draw in sorted(transcript["drawn"], key=lambda one: (one != "main", one)):
        frame = {one["id"]: one for one in transcript["frames"][draw]["units"]}
        visits: dict[str, list[Mapping[str, Any]]] = {}
        for visit in transcript["plan"]:
            if visit.get("draw") == draw:
                visits.setdefault(visit["unit"], []).append(visit)
        for unit in transcript["drawn"][draw]:
            own: Sequence[Mapping[str, Any]] = visits.get(unit, ())
            rows.append(
                DrawnRow(
                    unit=unit,
                    name=names.get(unit, unit),
                    stratum=frame[unit]["stratum"],
                    draw=draw,
                    chance=f"{100 * frame[unit]['pi'] / MILLION:.2f}",
                    dates=tuple(outcomes[one["id"]].get("date", one["date"]) for one in own),
                    outcomes=tuple(outcomes[one["id"]]["outcome"] for one in own),
                )
            )
    return rows

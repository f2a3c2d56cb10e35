"""What became known after a plan was sealed or last repaired: leave, days without visits, staff.

A sealed plan says nothing of itself, so only what is public is compared: whether a visit is touched is
seen by whoever opens the plan. Then it is repaired, or it is noted that the plan holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from auditor.draw.rules import clock_text
from auditor.errors import AuditorError
from auditor.i18n import N_
from auditor.store import Database
from auditor.store.log import read_changes_since
from auditor.store.numbers import put_number
from auditor.store.staff import read_staff
from auditor.store.writing import write_tx
from auditor.workflow.ceremony import number_of

LEAVE, BLACKOUT, PERSON, YEAR = "leave", "blackouts", "staff", "calendar_years"
"""Kinds of news, called as the tables are."""
MOMENTS = ("planned_at", "repaired_at", "noted_at")


class StillTouched(AuditorError):
    """It cannot be noted that a plan holds which does not."""

    sentence = N_("number {number}: {count} visits are touched by what changed; repair the plan first")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class News:
    """Something that became known: `of` is a person, the scope of days without visits, or a year.

    Both days are included; of a person or a year that changed they are those of the plan that are left.
    """

    kind: str
    of: str
    first: date
    last: date


def news(db: Database, record: Mapping[str, Any], today: date) -> list[News]:
    """Give what became known since a number's plan was sealed, repaired or last found to hold.

    Only what touches a day of the plan from `today` on, and people who inspect.
    """
    if record["state"] != "planned" or record.get("abandoned"):
        return []
    since = max(datetime.fromisoformat(record[name]) for name in MOMENTS if record.get(name))
    first, last = (date.fromisoformat(day) for day in record["facts"]["period"])
    first = max(first, today)
    if first > last:
        return []
    found: dict[tuple[str, tuple[Any, ...]], tuple[bool, Mapping[str, Any] | None]] = {}
    for entry in read_changes_since(db, (LEAVE, BLACKOUT, PERSON, YEAR), since):
        for table, key, row in entry.changes:
            mark = table, tuple(key)
            came = found[mark][0] if mark in found else row is not None
            found[mark] = came, row
    inspectors = {one.id for one in read_staff(db) if "inspector" in one.roles} if found else set()
    told = set()
    for (table, key), (came, row) in found.items():
        if table == PERSON:
            if (row is None and not came) or (row is not None and key[0] in inspectors):
                told.add(News(kind=PERSON, of=key[0], first=first, last=last))
        elif table == YEAR:
            start, end = max(first, date(key[0], 1, 1)), min(last, date(key[0], 12, 31))
            if start <= end:
                told.add(News(kind=YEAR, of=str(key[0]), first=start, last=end))
        elif row is not None and (table == BLACKOUT or key[0] in inspectors):
            # leave that was cut short is a row gone and a shorter one in its place: no day of it is new
            known = [other for (of, other), (_came, now) in found.items() if (of, now) == (table, None)]
            fresh = _days(key, first, last).difference(
                *(_days(one, first, last) for one in known if one[0] == key[0])
            )
            if fresh:
                told.add(News(kind=table, of=key[0], first=min(fresh), last=max(fresh)))
    return sorted(told)


def _days(key: tuple[Any, ...], first: date, last: date) -> set[date]:
    """Give the days of a row of leave or of days without visits, within a plan's."""
    start, end = max(first, date.fromisoformat(key[1])), min(last, date.fromisoformat(key[2]))
    return {start + timedelta(days=n) for n in range((end - start).days + 1)}


def touched(
    one: News,
    visits: Iterable[Mapping[str, Any]],
    scopes: Mapping[str, Collection[str]],
    working: Collection[str],
) -> list[Mapping[str, Any]]:
    """Give the visits of an opened plan that news touches, in their order.

    Parameters
    ----------
    visits
        With ``id``, ``date``, ``unit``, and own ids of people in ``team``.
    scopes
        What a unit lies in, by unit: its id, township, district and kind, as `Blackout.scope` names them.
    working
        The working days as they are known now, as ISO dates.
    """
    found = []
    for visit in visits:
        if not one.first.isoformat() <= visit["date"] <= one.last.isoformat():
            continue
        if one.kind == BLACKOUT:
            if one.of in ("", visit["unit"]) or one.of in scopes.get(visit["unit"], ()):
                found.append(visit)
        elif one.kind == YEAR:
            if visit["date"] not in working:
                found.append(visit)
        elif one.of in visit["team"]:
            found.append(visit)
    return found


def note(db: Database, number: int, found: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Note that a plan holds whatever became known until now.

    Parameters
    ----------
    found
        The visits that are touched: there must be none.

    Raises
    ------
    StillTouched
    """
    count = len({visit["id"] for visit in found})
    if count:
        raise StillTouched(number=number, count=count)
    with write_tx(db, "plan noted", now) as tx:
        put_number(tx, number_of(db, number) | {"noted_at": clock_text(now)})

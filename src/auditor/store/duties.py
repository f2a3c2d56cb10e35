"""A desk's daily life in and out of the bureau's file: requests of leave, log, spot checks, units' duties."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from auditor.entities import UnitDuty
from auditor.store import Database
from auditor.store.writing import Transaction


def _text(record: object) -> str:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def put_leave_request(tx: Transaction, request: Mapping[str, Any]) -> None:
    """Write a request of leave, new or decided."""
    tx.put("leave_requests", [{"id": request["id"], "record": _text(request)}])


def read_leave_requests(db: Database) -> list[dict[str, Any]]:
    """Give all requests of leave by id."""
    rows = db.execute("select record from leave_requests order by id")
    return [dict(json.loads(record)) for (record,) in rows]


def put_log_entry(tx: Transaction, entry: Mapping[str, Any]) -> None:
    """Add an entry of the duty log; entries are never changed."""
    tx.put("duty_log", [{"id": entry["id"], "record": _text(entry)}])


def read_log_entries(db: Database, first: date, last: date) -> list[dict[str, Any]]:
    """Give the entries of the duty log of some duty days, both included, in the order written."""
    rows = db.execute(
        "select record from duty_log where id >= ? and id < ? order by id",
        [f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}~"],
    )
    return [dict(json.loads(record)) for (record,) in rows]


def put_spot_draw(tx: Transaction, draw: Mapping[str, Any]) -> None:
    """Write a number of the ledger of spot checks."""
    tx.put("spot_draws", [{"id": f"{draw['number']:06d}", "record": _text(draw)}])


def read_spot_draws(db: Database) -> list[dict[str, Any]]:
    """Give all numbers of the ledger of spot checks in their order."""
    return [dict(json.loads(record)) for (record,) in db.execute("select record from spot_draws order by id")]


def put_spot_check(tx: Transaction, check: Mapping[str, Any]) -> None:
    """Write what a spot check found."""
    tx.put("spot_checks", [{"id": check["id"], "record": _text(check)}])


def read_spot_checks(db: Database) -> list[dict[str, Any]]:
    """Give what all spot checks found, by id."""
    return [
        dict(json.loads(record)) for (record,) in db.execute("select record from spot_checks order by id")
    ]


def put_unit_duties(tx: Transaction, duties: Iterable[UnitDuty]) -> int:
    """Write duties of units' own rosters, new or changed; give how many."""
    return tx.put(
        "unit_duties",
        (
            {
                "unit": one.unit,
                "on_day": one.on.isoformat(),
                "post": one.post,
                "record": _text(
                    {
                        "people": list(one.people),
                        "phone": one.phone,
                        "start": one.start,
                        "minutes": one.minutes,
                        "title": one.title,
                    }
                ),
            }
            for one in duties
        ),
    )


def drop_unit_duties(tx: Transaction, duties: Iterable[UnitDuty]) -> int:
    """Take duties of units' own rosters away; give how many there were."""
    return tx.drop("unit_duties", ((one.unit, one.on.isoformat(), one.post) for one in duties))


def read_unit_duties(db: Database, first: date, last: date) -> list[UnitDuty]:
    """Give the duties of units' own rosters from a first to a last day, by unit, day and post."""
    found = []
    for unit, day, post, record in db.execute(
        "select unit, on_day, post, record from unit_duties where on_day between ? and ? "
        "order by unit, on_day, post",
        [first.isoformat(), last.isoformat()],
    ):
        held = json.loads(record)
        found.append(
            UnitDuty(
                unit=unit,
                on=date.fromisoformat(day),
                post=post,
                people=tuple(held["people"]),
                phone=held["phone"],
                start=held["start"],
                minutes=held["minutes"],
                title=held["title"],
            )
        )
    return found

"""Draws, plans and settings in and out of the bureau's file: the records as they were made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from auditor.store import Database
from auditor.store.writing import Transaction


def _text(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def put_draw(tx: Transaction, transcript: Mapping[str, Any]) -> None:
    """Write a draw's transcript under its number."""
    tx.put(
        "draws",
        [
            {
                "number": transcript["commit"]["number"],
                "commit_sha256": transcript["commit_sha256"],
                "transcript": _text(transcript),
            }
        ],
    )


def read_draw(db: Database, number: int) -> dict[str, Any] | None:
    """Give the transcript of a draw, or None."""
    row = db.execute("select transcript from draws where number = ?", [number]).fetchone()
    return dict(json.loads(row[0])) if row else None


def put_plan(tx: Transaction, month: str, draw: int, plan: Mapping[str, Any]) -> None:
    """Write a month's plan, made from a draw."""
    tx.put("plans", [{"month": month, "draw": draw, "plan": _text(plan)}])


def read_plans(db: Database) -> dict[str, tuple[int, dict[str, Any]]]:
    """Give all plans by month, each with the number of its draw."""
    rows = db.execute("select month, draw, plan from plans order by month")
    return {month: (draw, dict(json.loads(plan))) for month, draw, plan in rows}


def read_plan(db: Database, month: str) -> dict[str, Any] | None:
    """Give the plan that is stored under a month, or None."""
    row = db.execute("select plan from plans where month = ?", [month]).fetchone()
    return dict(json.loads(row[0])) if row else None


def put_settings(tx: Transaction, settings: Mapping[str, str]) -> None:
    """Write settings of the bureau."""
    tx.put("settings", [{"key": key, "value": settings[key]} for key in sorted(settings)])


def read_settings(db: Database) -> dict[str, str]:
    """Give all settings by key."""
    return dict(db.execute("select key, value from settings order by key").fetchall())

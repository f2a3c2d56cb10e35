"""Why a month cannot be staffed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.desk.work import Task
from auditor.i18n import N_, _
from auditor.pages.words import month_or

WORK = 30.0
"""Units of solver work for each try."""


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Finding out whether every seat of {month} can be filled").format(
        month=month_or(str(arguments.get("month", "")))
    )


def run(task: Task) -> dict[str, Any]:
    """Look for what lacks people, a smallest set of rules, and the cheapest ways out."""
    task.report(step=N_("the rules are tried one by one"))
    with task.reading() as db:
        return reasons(task, db)


def reasons(task: Task, db: Any) -> dict[str, Any]:
    """Give the outcome: reasons where a month cannot be staffed."""
    from auditor.workflow.duty import roster_repairs
    from auditor.workflow.months import calendar_of, month_of

    of = month_of(str(task.arguments["month"]), calendar_of(db))
    found = roster_repairs.explain(db, of, now=task.now, work=float(task.arguments.get("explain", WORK)))
    if found.possible:
        return {"month": of.key, "possible": True, "go": f"/rosters/{of.key}"}
    return {
        "month": of.key,
        "cannot": {
            "month": of.key, "text": "", "shortage": found.shortage, "core": found.core, "ways": found.ways,
            "unknown": found.unknown, "contradicted": found.contradicted,
        },
        "go": f"/rosters/{of.key}/reasons",
    }  # fmt: skip


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    if outcome.get("cannot"):
        return _("Not every seat can be filled; the reasons and the ways out are shown.")
    return _("Every seat can be filled.")

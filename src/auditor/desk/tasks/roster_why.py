"""Why somebody's counters cannot be lower (为什么轮到我)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from auditor.desk.work import Task
from auditor.i18n import N_, _

WORK = 10.0
"""Units of solver work for each try."""


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Proving why a counter is not lower")


def run(task: Task) -> dict[str, Any]:
    """Try each counter that lies above what is expected with one less.

    `arguments` hold `month` and `person`, perhaps `work`.
    """
    from auditor.workflow.duty import roster_explaining, roster_life
    from auditor.workflow.months import calendar_of, month_of

    month, person = str(task.arguments["month"]), str(task.arguments["person"])
    task.report(step=N_("each counter is tried with one less"))
    with task.reading() as db:
        roster = roster_life.stored_roster(db, month)
        told = roster_explaining.accounts_of(
            db, month_of(month, calendar_of(db)), roster, people=[person],
            work=float(task.arguments.get("work", WORK)),
        )  # fmt: skip
    in_turn = roster.get("style") == "rotation"
    return {
        "accounts": [
            {
                "cls": one.account.cls, "kind": one.kind, "rules": list(one.rules), "in_turn": in_turn,
                "came": list(one.came or ()), "least": not in_turn and roster["status"] == "optimal",
            }
            for one in told
        ],
        "go": f"/rosters/{month}/people/{quote(person, safe='')}",
    }  # fmt: skip


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    return _("The reasons stand beside the counters.")

"""Abandoning a number after its event: every drawn unit is unplaced, and so it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.desk.tasks.draw_run import ask_of
from auditor.desk.work import Task
from auditor.i18n import N_, _


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Abandoning no. {number}").format(number=arguments.get("number", ""))


def run(task: Task) -> dict[str, Any]:
    """Abandon `arguments["number"]` for `arguments["reason"]`; `secrets` open the planning key."""
    from auditor.workflow import sealing

    number = int(task.arguments["number"])
    task.report(step=N_("opening the draw"))
    with task.writing() as db:
        sealing.abandon_run(
            db,
            number,
            str(task.arguments["reason"]),
            ask_of(task.secrets),
            task.now,
            drill=task.is_drill,
        )
    return {"number": number, "go": f"/draws/{number}"}


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    return _("No. {number} is abandoned; it is closed after its period with every unit unplaced.").format(
        number=outcome.get("number", "")
    )

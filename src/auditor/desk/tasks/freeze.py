"""Locking the list of a programme: who can be drawn, who could go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.desk.work import Task
from auditor.i18n import N_, _
from auditor.pages.words import month_or


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Locking the list of {programme}").format(
        programme=month_or(str(arguments.get("programme", ""))[:60])
    )


def run(task: Task) -> dict[str, Any]:
    """Freeze the next number of `arguments["programme"]`."""
    from auditor.workflow import ceremony, freezing

    task.report(step=N_("who can be drawn, who could go"), done=0, of=1)
    with task.writing() as db:
        facts = freezing.freeze(
            db,
            str(task.arguments["programme"]),
            task.plugins(db),
            task.now,
            level=ceremony.level_of(db),
            drill=task.is_drill,
        )
    task.report(done=1)
    return {
        "number": facts["number"], "units": facts["units"], "n": facts["n"], "go": f"/draws/{facts['number']}"
    }  # fmt: skip


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    return _("The list is locked: {units} units, {n} to be drawn.").format(
        **({"units": 0, "n": 0} | dict(outcome))
    )

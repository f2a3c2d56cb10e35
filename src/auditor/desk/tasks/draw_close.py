"""Closing a number after its period: everything is opened, checked, and written for publication."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.desk.tasks.draw_run import ask_of
from auditor.desk.work import Task
from auditor.errors import AuditorError
from auditor.i18n import N_, _

DONE, CANCELLED = "done", "cancelled"


class StillMissing(AuditorError):
    """Visits without an outcome would stand as cancelled, and nobody said that this is meant."""

    sentence = N_(
        "{count} visits have no outcome yet; on the page of the number say above the button whether they "
        "were done as planned or stand as cancelled"
    )


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Closing and checking no. {number}").format(number=arguments.get("number", ""))


def run(task: Task) -> dict[str, Any]:
    """Close `arguments["number"]` into `arguments["folder"]`.

    `rest` says of visits without an outcome that they were "done" or stand as "cancelled"; `secrets` open the
    planning key, and at level strict `recovery` is the discipline office's key.
    """
    from auditor.seal.age import identity_in
    from auditor.workflow import ceremony, closing, rest_done

    number = int(task.arguments["number"])
    given = task.secrets.get("recovery", "")
    identity = identity_in(given, _("the discipline office's key")) if given else None
    password = ask_of(task.secrets)
    task.report(step=N_("opening everything and drawing again"))
    with task.writing() as db:
        record = ceremony.number_of(db, number)
        rest = task.arguments.get("rest", "")
        if record["state"] == "planned" and rest == DONE:
            rest_done.note_rest_done(db, number, password, task.now, drill=task.is_drill)
        elif record["state"] == "planned" and rest != CANCELLED:
            missing = closing.without_outcome(db, record, password)
            if missing:
                raise StillMissing(count=missing)
        closed = closing.close(
            db, number, Path(task.arguments["folder"]), password, identity, task.now, drill=task.is_drill
        )
    return {"number": number, **closed["counted"], "go": f"/draws/{number}"}


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    zero = dict.fromkeys(("units", "drawn", "visits", "unplaced"), 0)
    return _(
        "Closed and checked: {units} units, {drawn} drawn, {visits} visits, {unplaced} unplaced. Publish its "
        "files now."
    ).format(**(zero | dict(outcome)))

"""The synthetic county, loaded into an empty bureau to play with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.desk.work import Task
from auditor.errors import AuditorError
from auditor.i18n import N_, _


class NotEmpty(AuditorError):
    """The bureau has units."""

    sentence = N_("this bureau has units already; the synthetic county is for an empty one")


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Loading the synthetic county")


def run(task: Task) -> dict[str, Any]:
    """Fill the bureau."""
    from auditor.workflow import county, units
    from auditor.workflow.people import list_staff

    task.report(step=N_("loading units, staff and past findings"), done=0, of=1)
    with task.writing() as db:
        if county.holds_others(db):
            raise NotEmpty
        county.fill(db, task.plugins(db), task.now)
        count = units.find_units(db, units.Search(limit=0))[1]
        people = len(list_staff(db))
    task.report(done=1)
    return {"units": count, "people": people, "go": "/welcome?at=5"}


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    return _("{units} units and {people} people are loaded.").format(
        **({"units": 0, "people": 0} | dict(outcome))
    )

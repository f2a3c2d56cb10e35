"""A domain's bundle that was dropped: verified, tried in a process of its own, allowed and added."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.desk.work import Task
from auditor.i18n import N_, _


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Adding the bundle {name}").format(name=str(arguments.get("name", ""))[:60])


def run(task: Task) -> dict[str, Any]:
    """Allow exactly these bytes, and add them."""
    from auditor.workflow import bundles
    from auditor.workflow.domains import shipped_versions

    file = Path(task.arguments["file"])
    taken = {"allow_unsigned": task.arguments["unsigned"], "new_key": task.arguments["new_key"]}
    shipped = shipped_versions()
    task.report(step=N_("trying the bundle in a process of its own"), done=0, of=1)
    bundles.rehearse(file, allow_code=task.arguments["code"])
    with task.writing() as db:
        bundles.allow(db, file, until=None, shipped=shipped, now=task.now, **taken)
        done = bundles.add(
            db, file, allow_code=task.arguments["code"], shipped=shipped, now=task.now, **taken
        )
    task.report(done=1)
    return {"key": done.bundle.key, "version": done.bundle.version, "instead": done.instead, "go": "/domains"}


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    text = _("{key} {version} is added.").format(**({"key": "", "version": ""} | dict(outcome)))
    return text + (
        " " + _("It stands in for the one that comes with auditor.") if outcome.get("instead") else ""
    )

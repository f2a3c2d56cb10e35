"""A dropped file of days of a year: read and shown day by day before anything is kept; then kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.desk.places import write_json
from auditor.desk.tasks.imports import result_file
from auditor.desk.work import Task
from auditor.errors import AuditorError
from auditor.i18n import LANGUAGES, N_, _, language, ngettext, set_language

if TYPE_CHECKING:
    from auditor.workflow.years import Asked

MOST = 1000
"""So many changes and so many faults are shown."""


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    text = _("Importing {file}") if arguments.get("apply") else _("Reading {file}")
    return text.format(file=arguments.get("name", ""))


def asked_of(said: Mapping[str, Any], *, dry_run: bool) -> Asked:
    """Give what was asked for as the import takes it."""
    from auditor.workflow.imports import Request
    from auditor.workflow.years import Asked

    return Asked(
        request=Request(mapping={}, where={}, dry_run=dry_run),
        official={"official": True, "provisional": False}.get(said.get("standing", "")),
        source=said.get("source", ""),
        whole=bool(said.get("whole")),
        kind=said.get("kind", ""),
        name=said["name"],
    )


def run(task: Task) -> dict[str, Any]:
    """Say what a file would change, or keep its days.

    `arguments` hold `file`, the `name` that it was dropped under, perhaps `standing`, `source`, `whole` and
    `kind`; `apply` with the number of the `preview` it was seen in.
    """
    from auditor.workflow import years

    asked = task.arguments
    os.chdir(Path(asked["file"]).parent)  # sentences name the file, not where it lies
    path = Path(Path(asked["file"]).name)
    outcome: dict[str, Any] = {"name": asked["name"]}
    if asked.get("apply"):
        task.report(step=N_("keeping the days"))
        with task.writing() as db:
            told = years.import_years(db, path, asked_of(asked, dry_run=False), task.now)
        of = [one["year"] for one in told.years]
        go = f"/calendars/{of[-1]}" if of else "/calendars"
        return outcome | {"go": go, "applied": told.kept, "days": told.days, "years": of}
    task.report(step=N_("reading the file"))
    result: dict[str, Any] = {"revision": task.revision, "texts": {}, "refused": {}}
    spoken = language()
    try:
        with task.reading() as db:
            for one in LANGUAGES:
                set_language(one)
                try:
                    told = years.import_years(db, path, asked_of(asked, dry_run=True), task.now)
                except AuditorError as error:
                    result["refused"][one] = str(error)
                    continue
                result["texts"][one] = told.record() | {
                    "days": told.days,
                    "faults": len(told.rows),
                    "rows": told.rows[:MOST],
                    "lines": [
                        {
                            **{key: change[key] for key in ("from", "to", "days")},
                            "was": years.state_words(change["before"], change["from"]),
                            "now": years.state_words(change["after"], change["from"]),
                        }
                        for change in told.changes[:MOST]
                    ],
                    "made": [
                        {**one_made, "text": years.touched_words(one_made)} for one_made in told.touched
                    ],
                    "left_words": years.left_words(told.left) if told.left else "",
                }
    finally:
        set_language(spoken)
    write_json(result_file(asked, task.number), result)
    return outcome | {"go": f"/calendars/files/{task.number}"}


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    if "applied" not in outcome:
        return _("{file} is read; nothing is kept yet.").format(file=outcome.get("name", ""))
    n = int(outcome["days"])
    return ngettext("kept; {n} day changes", "kept; {n} days change", n).format(n=n)

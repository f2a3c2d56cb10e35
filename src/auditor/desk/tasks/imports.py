"""A dropped file: read and judged, shown before anything is kept; then its good rows kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.desk.places import read_json, write_json, write_whole
from auditor.desk.work import Task, in_both
from auditor.errors import AuditorError
from auditor.i18n import LANGUAGES, N_, _, language, ngettext, set_language

if TYPE_CHECKING:
    from auditor.plugins import Plugins
    from auditor.store import Database
    from auditor.tables.table import Table
    from auditor.workflow.imports import Request
    from auditor.workflow.unit_imports import Settled

BOTH_ROWS = 2000
"""A file of so many lines at most is judged in both languages, so that its page can change over."""


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    text = _("Importing {file}") if arguments.get("apply") else _("Reading {file}")
    return text.format(file=arguments.get("name", ""))


def request_of(asked: Mapping[str, Any]) -> Request:
    """Give what was asked for as the import takes it."""
    from auditor.workflow.imports import Request

    return Request(
        mapping=asked.get("mapping", {}),
        where={},
        encoding=asked.get("encoding") or None,
        sheets=tuple(asked.get("sheets", ())),
        crs=asked.get("crs") or "wgs84",
        same=("all",) if asked.get("pairs") == "same" else (),
        keep_both=asked.get("pairs") == "new",
        partial=True,
    )


def result_file(asked: Mapping[str, Any], number: int) -> Path:
    """Give where the preview of a file lies: beside it."""
    return Path(asked["file"]).with_name(f"preview-{number}.json")


def _settled_file(asked: Mapping[str, Any], number: int) -> Path:
    """Give where lies what the reading of a whole register settled: beside its preview."""
    return Path(asked["file"]).with_name(f"settled-{number}.json")


def _settled_before(task: Task, asked: Mapping[str, Any]) -> Settled | None:
    """Give what the reading settled if it holds still: nothing was written since, and on the same day."""
    from msgspec import DecodeError, json

    from auditor.workflow.unit_imports import Settled

    seen = read_json(result_file(asked, asked["preview"]))
    if (seen.get("revision"), seen.get("day")) != (task.revision, str(task.now.date())):
        return None
    try:
        return json.decode(_settled_file(asked, asked["preview"]).read_bytes(), type=Settled)
    except (OSError, ValueError, DecodeError):
        return None


def tables_read(path: Path, encoding: str | None) -> tuple[Table, ...]:
    """Read a dropped file's sheets, once: they are kept beside it, and it does not change.

    A workbook takes ten times as long to take apart as its cells to read again.
    """
    from auditor.tables.reading import read_tables
    from auditor.tables.table import Table

    kept = path.with_name(f"sheets-{encoding or 'seen'}.json")
    known = read_json(kept).get("tables")
    if known is None:
        tables = read_tables(path, encoding=encoding)
        write_json(
            kept,
            {
                "tables": [
                    {
                        "sheet": one.sheet, "rows": one.rows, "hidden": one.hidden,
                        "hidden_rows": sorted(one.hidden_rows), "hidden_columns": sorted(one.hidden_columns),
                        "uncomputed": sorted(one.uncomputed), "notes": one.notes,
                    }
                    for one in tables
                ]
            },
        )  # fmt: skip
        return tables
    return tuple(
        Table(
            sheet=one["sheet"],
            rows=tuple((number, tuple(cells)) for number, cells in one["rows"]),
            hidden=one["hidden"],
            hidden_rows=frozenset(one["hidden_rows"]),
            hidden_columns=frozenset(one["hidden_columns"]),
            uncomputed=frozenset((row, column) for row, column in one["uncomputed"]),
            notes=tuple(one["notes"]),
        )
        for one in known
    )


def run(task: Task) -> dict[str, Any]:
    """Judge a file, or keep its good rows.

    `arguments` hold `what` (one of LISTS), `file`, the `name` that it was dropped under, and how it is to
    be read (`request_of`); `apply` with the number of the `preview` it was seen in.
    """
    asked = task.arguments
    os.chdir(Path(asked["file"]).parent)  # sentences name the file, not where it lies
    return _apply(task, asked) if asked.get("apply") else _look(task, asked)


def _plugins(task: Task, db: Database, what: str) -> Plugins | None:
    return task.plugins(db) if what in ("people", "past") else None


def _look(task: Task, asked: Mapping[str, Any]) -> dict[str, Any]:
    from msgspec import json

    from auditor.workflow import imports, previews

    path, what, number = Path(Path(asked["file"]).name), asked["what"], task.number
    outcome = {"go": f"/imports/{number}", "name": asked["name"]}
    day = str(task.now.date())
    result: dict[str, Any] = {"revision": task.revision, "day": day, "texts": {}, "refused": {}}
    task.report(step=N_("reading the file"))
    request = request_of(asked)
    settled = None
    spoken = language()
    try:
        every = tables_read(path, request.encoding)
        request = previews.shown_sheets(request, every)
        wanted = imports.tables_of(path, replace(request, tables=every))
        lines = sum(len(table.rows) for table in wanted)
        with task.reading() as db:
            plugins = _plugins(task, db, what)
            for one in LANGUAGES if lines <= BOTH_ROWS else (spoken,):
                set_language(one)
                asked_for = replace(request, tables=wanted)
                found, settled = previews.preview(db, what, path, asked_for, task.now, plugins)
                found["sheets"] = previews.sheets_of(request, every)
                result["texts"][one] = found
    except AuditorError as error:
        result["refused"] = in_both(error)
        result["kind"] = type(error).__name__
    finally:
        set_language(spoken)
    if settled is not None:
        write_whole(_settled_file(asked, number), json.encode(settled))
    write_json(result_file(asked, number), result)
    return outcome


def _apply(task: Task, asked: Mapping[str, Any]) -> dict[str, Any]:
    from auditor.store.once import entries_of, revision_of

    task.report(step=N_("keeping the rows"))
    settled = _settled_before(task, asked)
    with task.writing() as db:
        counts = _read_and_keep(task, asked, db) if settled is None else _keep(task, settled, db)
        entry = entries_of(db) - 1 if revision_of(db) != task.revision else -1
    return {
        "go": f"/imports/{asked['preview']}",
        "name": asked["name"],
        **counts,
        "entry": entry,
        "applied": True,
    }


def _keep(task: Task, settled: Settled, db: Database) -> dict[str, int]:
    """Write what the reading settled; give the counts."""
    from auditor.workflow.unit_imports import keep_units

    keep_units(db, settled, task.now)
    return {
        "added": settled.added, "changed": settled.changed, "unchanged": settled.unchanged, "refused": 0,
        "missing": len(settled.missing or ()),
    }  # fmt: skip


def _read_and_keep(task: Task, asked: Mapping[str, Any], db: Database) -> dict[str, int]:
    """Read a file anew and keep its good rows; give the counts."""
    from auditor.workflow import previews

    path = Path(Path(asked["file"]).name)
    request = request_of(asked)
    every = tables_read(path, request.encoding)
    request = replace(previews.shown_sheets(request, every), tables=every)
    plugins = _plugins(task, db, asked["what"])
    done = previews.carry_out(db, asked["what"], path, request, task.now, plugins)
    return {
        "added": done.added,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "refused": len({(row["sheet"], row["row"]) for row in done.rows}),
        "missing": len(done.missing),
    }


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    if not outcome.get("applied"):
        return _("{file} is read; nothing is kept yet.").format(file=outcome.get("name", ""))
    rows = int(outcome["added"]) + int(outcome["changed"])
    return ngettext(
        "{n} row is imported: {added} new, {changed} changed.",
        "{n} rows are imported: {added} new, {changed} changed.",
        rows,
    ).format(n=rows, added=outcome["added"], changed=outcome["changed"])

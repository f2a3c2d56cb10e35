"""Small files made in a process of their own: ``python -m auditor.desk.apart``, its order on standard input.

A workbook is not built in the server: the parts that write it would stay in its memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.desk.processes import MOST_S, ask
from auditor.errors import AuditorError
from auditor.i18n import N_, language, set_language

if TYPE_CHECKING:
    from auditor.desk.visit import Visit


class NotMade(AuditorError):
    """The file could not be made."""

    sentence = N_("the file could not be made: {found}")


def make(visit: Visit, what: str, target: Path, asked: Mapping[str, Any]) -> Path:
    """Make a file at `target` and give it.

    Parameters
    ----------
    what
        "marked" (a dropped file with its faults as comments) or "form" (an empty form of a list).

    Raises
    ------
    NotMade
    """
    order = {
        "what": what, "target": str(target), "asked": dict(asked), "db": str(visit.desk.places.db),
        "now": visit.now.isoformat(), "language": language(),
        "plugins_dirs": [str(one.absolute()) for one in visit.desk.plugins_dirs],
    }  # fmt: skip
    _apart(order)
    return target


def _apart(order: Mapping[str, Any]) -> None:
    try:
        done = ask("auditor.desk.apart", order)
    except subprocess.TimeoutExpired as error:
        raise NotMade(found=f"> {MOST_S} s") from error
    if done.returncode == 1:
        raise NotMade(found=done.stdout.decode("utf-8", "replace").strip())
    if done.returncode:
        raise RuntimeError(done.stderr.decode("utf-8", "replace"))


def make_here(order: Mapping[str, Any]) -> None:
    """Make the file of an order."""
    from auditor.workflow import forms
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all

    now, target, asked = datetime.fromisoformat(order["now"]), Path(order["target"]), order["asked"]
    dirs = tuple(map(Path, order["plugins_dirs"]))
    with opened(Path(order["db"])) as db:
        if order["what"] == "form":
            forms.list_form(asked["list"], target, load_all(dirs, db, now.date()))
            return
        from auditor.desk.rooms.imports import for_pages
        from auditor.desk.tasks.imports import request_of, tables_read
        from auditor.tables.marking import write_marked
        from auditor.workflow import imports, previews

        os.chdir(Path(asked["file"]).parent)
        path = Path(Path(asked["file"]).name)
        request = request_of(asked)
        tables = tables_read(path, request.encoding)
        request = previews.shown_sheets(request, tables)
        request = replace(request, tables=imports.tables_of(path, replace(request, tables=tables)))
        plugins = load_all(dirs, db, now.date()) if asked["what"] in ("people", "past") else None
        marks = previews.marks_of(db, asked["what"], path, request, now, plugins)
        write_marked(target, tables, [(one.sheet, one.row, one.column, for_pages(one.text)) for one in marks])


def main() -> int:
    """Make one file."""
    order = json.loads(sys.stdin.buffer.read())
    set_language(str(order["language"]))
    try:
        make_here(order)
    except AuditorError as error:
        sys.stdout.buffer.write(f"{error}\n".encode())
        return 1
    return 0


if __name__ == "__main__":
    try:
        code = main()
    except Exception:
        import traceback

        traceback.print_exc()
        code = 2
    sys.exit(code)

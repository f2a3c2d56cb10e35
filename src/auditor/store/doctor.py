"""What may be wrong with a bureau's file or the computer it lies on, each with its cure."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from auditor.errors import AuditorError
from auditor.i18n import _
from auditor.store.errors import AlreadyThere, told
from auditor.store.log import verify_log
from auditor.store.opening import close_bureau, open_bureau, refuse_taken

FREE_BYTES = 200 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """One thing looked at. `ok` is True where nothing needs doing; `cure` says what to do else."""

    what: str
    ok: bool
    found: str
    cure: str = ""


def sqlite_is_safe(number: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug (fixed in 3.51.3, 3.50.7 and 3.44.6).

    The bug needs two connections that write at once; auditor writes with one.
    """
    if number >= (3, 51, 3) or number < (3, 7, 0):
        return True
    return (3, 50, 7) <= number < (3, 51, 0) or (3, 44, 6) <= number < (3, 45, 0)


def look(path: Path) -> list[Symptom]:
    """Look at a bureau's file and its folder without changing either."""
    symptoms = []
    folder = path.absolute().parent
    writable = folder.is_dir() and os.access(folder, os.W_OK)
    symptoms.append(
        Symptom(
            what=_("folder"),
            ok=writable,
            found=str(folder) if writable else _("{folder} cannot be written").format(folder=folder),
            cure="" if writable else _("choose a folder of your own"),
        )
    )
    free = shutil.disk_usage(folder).free if folder.is_dir() else 0
    symptoms.append(
        Symptom(
            what=_("free space"),
            ok=free >= FREE_BYTES,
            found=f"{free // 2**20} MB",
            cure="" if free >= FREE_BYTES else _("free at least {need} MB").format(need=FREE_BYTES // 2**20),
        )
    )
    safe = sqlite_is_safe(sqlite3.sqlite_version_info)
    symptoms.append(
        Symptom(
            what="SQLite",
            ok=True,
            found=sqlite3.sqlite_version
            + ("" if safe else _(" (do not let two programs write this file at once)")),
        )
    )
    symptoms.append(Symptom(what="Python", ok=True, found=platform.python_version()))
    try:
        symptoms.append(Symptom(what="OR-Tools", ok=True, found=version("ortools")))
    except PackageNotFoundError:
        symptoms.append(Symptom(what="OR-Tools", ok=False, found="–", cure="pip install ortools"))
    if not path.exists():
        try:
            refuse_taken(path)
        except AlreadyThere as error:  # SQLite would play it into a new file of this name
            symptoms.append(Symptom(what=_("bureau"), ok=False, found=str(error), cure=_("see above")))
        symptoms.append(
            Symptom(
                what=_("bureau"),
                ok=False,
                found=_("{file} is not there").format(file=path),
                cure=_("make one with `auditor init`, or name it with --db"),
            )
        )
        return symptoms
    try:
        with told(path):
            db = open_bureau(path)
            try:
                fault = db.execute("pragma integrity_check(1)").fetchone()[0]
                breaches = verify_log(db)
                entries = db.execute("select count(*) from log").fetchone()[0]
            finally:
                close_bureau(db)
    except AuditorError as error:
        symptoms.append(Symptom(what=_("bureau"), ok=False, found=str(error), cure=_("see above")))
        return symptoms
    symptoms.append(
        Symptom(
            what=_("bureau"),
            ok=fault == "ok",
            found=str(path) if fault == "ok" else str(fault),
            cure="" if fault == "ok" else _("restore a backup with `auditor restore`"),
        )
    )
    symptoms.append(
        Symptom(
            what=_("log"),
            ok=not breaches,
            found=_("{count} entries, the tables agree").format(count=entries)
            if not breaches
            else f"{breaches[0].rule} {breaches[0].where}: {breaches[0].what}",
            cure="" if not breaches else _("compare with a backup: `auditor restore FILE --db NEW`"),
        )
    )
    return symptoms

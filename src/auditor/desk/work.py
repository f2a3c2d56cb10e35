"""The process of one piece of long work: ``python -m auditor.desk.work ORDER``."""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.desk.places import read_json, write_json
from auditor.errors import AuditorError
from auditor.i18n import LANGUAGES, N_, _, set_language
from auditor.store import once
from auditor.store.once import AlreadyDone
from auditor.workflow.months import BEIJING

if TYPE_CHECKING:
    from auditor.plugins import Plugins
    from auditor.store import Database

SELDOM = 200_000
"""So many new objects between two searches for cyclic garbage: a large file has as many, and no cycles."""
BETWEEN_S = 0.3
"""How far apart notes of progress are written."""
MOST_POINTS = 400


class Task:
    """What a kind of work is given."""

    def __init__(self, order: Path, secrets: dict[str, str]) -> None:
        found = read_json(order)
        self.arguments: dict[str, Any] = found["arguments"]
        self.secrets = secrets
        self.db = Path(found["db"])
        self.revision = str(found["revision"])
        self.is_drill = bool(found["now"])
        self.now = (
            datetime.fromisoformat(found["now"])
            if found["now"]
            else datetime.now(BEIJING).replace(microsecond=0)
        )
        self.plugins_dirs = tuple(map(Path, found["plugins_dirs"]))
        self._once = str(found["once"])
        self._note = order.with_name(order.stem + ".now.json")
        self._stop = order.with_name(order.stem + ".stop")
        self._began = time.monotonic()
        self._written = 0.0
        self._progress: dict[str, Any] = {}
        self._points: list[list[float]] = []

    @property
    def number(self) -> int:
        """The number of this work."""
        return int(self._note.name.partition(".")[0])

    def report(self, **progress: Any) -> None:
        """Say how far it is: `step` (a text marked by N_), `done` of `of`, `best`, `bound`, `gain`."""
        self._progress |= progress
        seconds = time.monotonic() - self._began
        if "best" in progress and "bound" in progress and len(self._points) < MOST_POINTS:
            self._points.append([round(seconds, 1), progress["best"], progress["bound"]])
        if seconds - self._written >= BETWEEN_S or self._written == 0.0:
            self._written = seconds
            self.note(state="running")

    def wants_best(self) -> bool:
        """Whether somebody asked to end with the best there is."""
        return bool(read_json(self._stop).get("word") == "keep")

    def note(self, **what: Any) -> None:
        """Write how far it is."""
        write_json(
            self._note,
            {"progress": self._progress, "points": self._points, **what}
            | ({} if what.get("state") == "running" else {"ended": _clock()}),
        )

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Give the bureau to read from."""
        from auditor.workflow.bureau import opened

        with opened(self.db) as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """Give the bureau to keep the result in: once, and only upon what the work started from."""
        with self.reading() as db, once.asked(self._once, self.revision):
            yield db

    def plugins(self, db: Database) -> Plugins:
        """Give the plugins that are loaded."""
        from auditor.workflow.domains import load_all

        return load_all(self.plugins_dirs, db, self.now.date())


def _clock() -> str:
    return datetime.now(BEIJING).isoformat(timespec="seconds")


def in_both(error: AuditorError) -> dict[str, str]:
    """Say an error in both languages where its facts let it be said again."""
    said = {}
    for one in LANGUAGES:
        set_language(one)
        try:
            said[one] = _(error.sentence).format(**error.facts)
        except (KeyError, IndexError, ValueError):
            said[one] = str(error)
    return said


def main(order: Path) -> int:
    """Do the work and note what came of it."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    gc.set_threshold(SELDOM)
    secrets = json.loads(sys.stdin.readline() or "{}")
    found = read_json(order)
    set_language(str(found.get("language", "en")))
    task = Task(order, secrets)
    task.report(step=N_("getting ready"))
    try:
        module = importlib.import_module(f"auditor.desk.tasks.{found['kind']}")
        outcome = module.run(task)
    except AlreadyDone:
        task.note(state="done", outcome={})
    except AuditorError as error:
        task.note(state="failed", error=in_both(error))
        return 1
    except SystemExit:
        task.note(state="stopped")
        raise
    except BaseException:
        traceback.print_exc()
        text = N_("something went wrong; nothing was kept; the log beside the bureau's file says what")
        said = {}
        for one in LANGUAGES:
            set_language(one)
            said[one] = _(text)
        task.note(state="failed", error=said)
        return 1
    else:
        task.note(state="done", outcome=outcome)
    return 0


if __name__ == "__main__":
    try:
        code = main(Path(sys.argv[1]))
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    sys.stderr.flush()
    os._exit(code)  # a thread may still be inside the solver, which nothing else ends

"""What doctor found last: looked at by a process of its own, for a long log takes a while to replay."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.desk.page_names import name_pages
from auditor.desk.processes import NO_WINDOW
from auditor.i18n import language, set_language
from auditor.workflow.months import BEIJING

AGAIN_S = 3600.0
"""How old what was found may be on the home page."""
LONGEST_S = 120
SAID = ("found", "cure")
"""What is said in sentences, the command line's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found: rows of `doctor --json`, the moment, seconds of the computer's own clock."""

    rows: list[dict[str, Any]]
    at: datetime
    clock: float


class Symptoms:
    """The last look in each language; a new one is begun beside the pages, never waited for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._looks: dict[str, Look] = {}
        self._at_it: set[str] = set()

    def bad(self) -> int:
        """Give how many things were to be mended when it was looked at last; 0 before that."""
        found = next(iter(self._looks.values()), None)
        if found is None or time.monotonic() - found.clock > AGAIN_S:
            self.begin()
        return 0 if found is None else sum(not one["ok"] for one in found.rows)

    def last(self) -> Look | None:
        """Give the last look in the language of the context, or None."""
        return self._looks.get(language())

    def begin(self) -> None:
        """Begin to look, unless that is being done."""
        with self._lock:
            if language() in self._at_it:
                return
            self._at_it.add(language())
        threading.Thread(target=self._look, args=(language(),), daemon=True).start()

    def _look(self, of: str) -> None:
        set_language(of)
        asked = ["doctor", "--db", str(self._path), "--json", "--lang", of]
        command = [sys.executable, "-P", "-m", "auditor", *asked]
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=LONGEST_S, check=False, creationflags=NO_WINDOW
            )
            rows = [one | {key: name_pages(one[key]) for key in SAID} for one in json.loads(done.stdout)]
            self._looks[of] = Look(rows=rows, at=datetime.now(BEIJING), clock=time.monotonic())
        except (OSError, ValueError, subprocess.TimeoutExpired):
            pass  # nothing was found out; the next visit looks again
        finally:
            with self._lock:
                self._at_it.discard(of)

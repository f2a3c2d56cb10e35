"""What doctor found last: looked at beside the pages, for a long log takes a while to replay."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from pathlib import Path

from auditor.i18n import language, set_language
from auditor.workflow import bureau

AGAIN_S = 3600.0


class Symptoms:
    """Counts what is to be mended, at most an hour old."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._at = 0.0
        self._bad = 0

    def bad(self, now: datetime) -> int:
        """Give how many things were to be mended when it was looked at last; 0 before that."""
        with self._lock:
            if self._at == 0.0 or time.monotonic() - self._at > AGAIN_S:
                self._at = time.monotonic()
                threading.Thread(target=self._look, args=(now, language()), daemon=True).start()
        return self._bad

    def _look(self, now: datetime, of: str) -> None:
        set_language(of)
        try:
            self._bad = sum(not one.ok for one in bureau.symptoms(self._path, now))
        except Exception:
            self._bad = 1

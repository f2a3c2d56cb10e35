"""The bureau's one file: a SQLite database with a log of every change. Only this room holds SQL."""

from __future__ import annotations

import sys

# sqlite_utils imports pandas wherever it is installed, and ortools brings it: that costs every
# command 0.3 s. Hidden around this one import, it is not missed.
_hidden = "pandas" not in sys.modules
if _hidden:
    sys.modules["pandas"] = None  # type: ignore[assignment]
try:
    from sqlite_utils import Database as Database
finally:
    if _hidden:
        del sys.modules["pandas"]

__all__ = ["Database"]

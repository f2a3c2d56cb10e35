"""The bureau's one file: a SQLite database with a log of every change. Only this room holds SQL."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import cast

# sqlite_utils imports pandas and numpy wherever they are installed, and ortools brings them: that
# costs every command 0.4 s. Hidden around this one import, they are not missed.
_modules = cast("dict[str, ModuleType | None]", sys.modules)  # None is the documented way to forbid an import
_hidden = [name for name in ("pandas", "numpy") if name not in sys.modules]
for _name in _hidden:
    _modules[_name] = None
try:
    from sqlite_utils import Database as Database
finally:
    for _name in _hidden:
        del _modules[_name]

__all__ = ["Database"]

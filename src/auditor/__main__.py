"""``python -m auditor`` is the command ``auditor``."""

from __future__ import annotations

from auditor.cli import entry

if __name__ == "__main__":
    entry()

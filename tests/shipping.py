"""The domains that come with auditor, as their folders say."""

from __future__ import annotations

from pathlib import Path

PLUGINS = Path(__file__).parent.parent / "plugins"
SHIPPED = frozenset(folder.name.removeprefix("auditor_") for folder in PLUGINS.glob("auditor_*"))

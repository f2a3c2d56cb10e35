"""Plugins: find and load them, pack, sign and check bundles of them."""

from __future__ import annotations

from auditor.plugins.loading import (
    DomainMissing,
    Listed,
    PluginFailed,
    Plugins,
    load_plugins,
)

__all__ = ["DomainMissing", "Listed", "PluginFailed", "Plugins", "load_plugins"]

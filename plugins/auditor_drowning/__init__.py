"""Drowning and the periphery: the checklist that stands in drowning.toml, handed to auditor."""

from __future__ import annotations

from pathlib import Path

from auditor import Domain, hookimpl, load_domain


@hookimpl
def auditor_domain() -> Domain:
    """Read the domain from the file beside this one."""
    return load_domain(Path(__file__).with_name("drowning.toml"))

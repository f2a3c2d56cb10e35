"""Dormitories: the checklist that stands in dorms.toml, handed to auditor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from auditor import Domain, Score, Unit, hookimpl
from auditor.checklists import load_domain, score_weighted


@hookimpl
def auditor_domain() -> Domain:
    """Read the domain from the file beside this one."""
    return load_domain(Path(__file__).with_name("dorms.toml"))


@hookimpl
def auditor_score(domain: Domain, unit: Unit, answers: Mapping[str, str]) -> Score | None:
    """Score this domain's answers by the weight of each item; leave other domains to their plugins."""
    return score_weighted(domain, unit, answers) if domain.key == "dorms" else None

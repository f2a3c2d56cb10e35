"""The step of the roster: from people, leave and the stand-by pattern to a checked month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.entities import Breach, Inspector, Leave, Person
from auditor.roster.check import RosterFacts, check_roster
from auditor.roster.make import make_roster
from auditor.roster.problem import build_problem
from auditor.roster.standby import standby
from auditor.workflow.months import Month

CLASSES = ("total", "night", "weekend", "holiday")


def pattern(inspectors: Sequence[Inspector], month: Month) -> dict[str, tuple[str, ...]]:
    """Give everyone's stand-by half-days of the month: public, equal for all, set before all else."""
    return standby(inspectors, month.working)

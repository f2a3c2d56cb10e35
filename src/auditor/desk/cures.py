"""What would place the visits that a plan left out; each change leads to the page where it is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.desk.looks import part
from auditor.desk.openings import Opening
from auditor.desk.visit import Visit
from auditor.errors import AuditorError
from auditor.pages import plan_words
from auditor.pages.shortfall import clash_lines, more_lines
from auditor.workflow import repair_offers
from auditor.workflow.door import Seen

PLACES = {
    "stand-by": "/people/{who}", "half-day": "/people/{who}", "skill": "/people/{who}",
    "conflict": "/people/{who}", "person": "/people", "leave": "/leave", "car": "/programmes/{programme}",
    "mix": "/programmes/{programme}", "hours": "/units/{unit}",
}  # fmt: skip
"""The page on which each kind of change is made; kinds that are not here are made nowhere on the desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """The cheapest change that would place a visit: sentences, each with the page where it is made, or ""."""

    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cures:
    """The cures of a plan by unit, draw and domains; what would place all of them, in sentences."""

    of: Mapping[tuple[str, str, tuple[str, ...]], Cure]
    more: tuple[str, ...]
    where: tuple[str, ...]


def cures_of(
    visit: Visit,
    ident: str,
    seen: Seen,
    opening: Opening,
    names: tuple[Mapping[str, str], Mapping[str, str]],
    titles: Mapping[str, str],
) -> Cures | None:
    """Give the cures that were worked out of this plan and may be seen; None where there are none."""
    job = visit.desk.jobs.latest("explain")
    if job is None or seen.record is None or job.outcome.get("ident") != ident:
        return None
    if job.outcome.get("plan_root") != seen.facts.get("plan_root", ""):
        return None
    kept = job.outcome.get("sealed", "")
    try:
        text = repair_offers.unsealed(kept, opening.key.identity) if kept else ""
    except AuditorError:  # it was sealed while the plan was, and is asked for anew
        return None
    found = json.loads(text) if kept else job.outcome.get("told", {})
    units, people = names
    cures = {}
    for one in found.get("unplaced", ()):
        steps = tuple(
            (
                plan_words.change_text(change, units, people, titles),
                _place(visit, change, seen.programme),
            )
            for change in one["cure"]
        )
        if not steps:
            steps = ((plan_words.cure_text(one, units, people, titles), ""),)
        cures[one["unit"], one["draw"], tuple(one["domains"])] = Cure(steps=steps)
    more, clash = found.get("more"), found.get("clash", ())
    lines = [*(clash_lines(clash) if clash else []), *(more_lines(**more) if more else [])]
    where = plan_words.where_lines(found.get("unplaced", ()))
    return Cures(of=cures, more=tuple(lines), where=tuple(where[:1]))


def _place(visit: Visit, change: Mapping[str, Any], programme: str) -> str:
    kind = "leave" if "leave" in change else str(change["kind"])
    if kind not in PLACES:
        return ""
    facts = {"who": change.get("who", ""), "unit": change.get("unit", ""), "programme": programme}
    address = PLACES[kind].format(**{name: part(value) for name, value in facts.items()})
    if visit.desk.has(address):
        return address
    whole = "/" + address.split("/")[1]
    return whole if visit.desk.has(whole) else ""

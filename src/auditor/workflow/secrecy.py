"""What a plan says of its secrecy: its level, the price against the fewest km, and what is given away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from auditor.draw.lots import pattern_lot
from auditor.entities import Unit
from auditor.i18n import _
from auditor.pages.words import SECRECY_WORDS, word
from auditor.plan.problem import COUNTY, PlanProblem
from auditor.plan.secrecy import CHEAP, LEVELS, at_level
from auditor.workflow.drawn import Drawn

if TYPE_CHECKING:
    from auditor.plan.make import PlanMade
    from auditor.plan.planner import LotsFor

KEY = "secrecy"
"""Where a plan's record keeps it; plans of earlier versions have none."""
ENOUGH = 20
"""Of fewer visits roads tell which they are."""


def townships_of(units: Mapping[str, Unit]) -> dict[str, str]:
    """Give the township of every Unit that has one, with its district before it."""
    return {unit.id: f"{unit.district}/{unit.township}" for unit in units.values() if unit.township}


def plan_at(
    problem: PlanProblem,
    level: str,
    townships: Mapping[str, str],
    drawn: Drawn,
    lots_for: LotsFor,
    *,
    work: float,
    progress: Callable[[str], None],
) -> tuple[PlanMade, dict[str, Any]]:
    """Plan at a level, and plan the same visits again at `cheap` to say what the level costs and gives.

    Returns
    -------
    The plan, and what its record says of secrecy. `later` are the visits that are not the first of their
    day, `given_away` those of them that an earlier arrival near them gives away; `cheap` says the same of the
    plan with the fewest metres and how many per cent of the work it was given. It is None at that level
    itself, and where that plan did not find room for all of these visits.
    """
    from auditor.plan.make import make_plan

    def chance(*words: str) -> int:
        return pattern_lot(drawn.key, *words)

    made = make_plan(
        at_level(problem, level, townships),
        lots_for,
        chance=chance,
        gives_way=True,
        work=work,
        progress=progress,
    )
    cheap = None
    if level != CHEAP and made.sorties:
        placed = {(stop.unit, stop.draw, stop.domains) for sortie in made.sorties for stop in sortie.stops}
        same = tuple(one for one in problem.errands if (one.unit, one.draw, one.domains) in placed)
        part = 100 if len(same) <= COUNTY else 50  # a city's plan to compare with has half the work
        other = make_plan(
            at_level(replace(problem, errands=same), CHEAP, townships),
            lots_for,
            chance=chance,
            gives_way=True,
            work=work * part / 100,
            progress=progress,
        )
        if not other.unplaced:
            if not made.given_up:
                # what holds for every bundling of these visits holds for those within the limits of the level
                bound = max(made.bound_m, min(other.bound_m, made.objective_m))
                made = replace(made, bound_m=bound)
            cheap = {
                "metres": sum(sortie.metres for sortie in other.sorties),
                "sorties": len(other.sorties),
                "later": other.later,
                "given_away": other.given_away,
                "part": part,
            }
    limits = at_level(problem, level, townships)
    return made, {
        "level": level,
        "company": limits.company,
        "near_m": limits.near_m,
        "later": made.later,
        "given_away": made.given_away,
        "cheap": cheap,
    }


def limits_in(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give the limits that a plan was made with: `company` and `near_m`, as problems and facts name them."""
    kept = record.get(KEY)
    return {} if kept is None else {"company": kept["company"], "near_m": kept["near_m"]}


def meets_in(record: Mapping[str, Any]) -> bool:
    """Whether teams of a plan may wait for each other, as its level says."""
    kept = record.get(KEY)
    return kept is not None and LEVELS[kept["level"]].meets


def public_of(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give what everybody may know of it: counts, and the price in hundredths of the fewest metres.

    No metres: of a few visits they tell which units these are. So does a price, which is None for fewer
    than ENOUGH. None for a plan that says nothing of it.
    """
    kept = record.get(KEY)
    if kept is None:
        return None
    cheap = kept["cheap"]
    sorties = {one["sortie"] for one in record["visits"]}
    metres = record["objective_m"] - record["sortie_cost_m"] * len(sorties)
    told = {"level": kept["level"], "later": kept["later"], "given_away": kept["given_away"]}
    if cheap is None:
        return told | {"price": None, "cheap": None}
    price = (100 * (metres - cheap["metres"]) + cheap["metres"] // 2) // max(1, cheap["metres"])
    return told | {
        "price": price if len(record["visits"]) >= ENOUGH else None,
        "cheap": {name: cheap[name] for name in ("later", "given_away", "part")},
    }


def secrecy_text(told: Mapping[str, Any]) -> str:
    """Say it in a sentence for people."""
    sentence = _(
        "secrecy {level}: an earlier stop of the day gives {given_away} of {later} later visits away"
    ).format(**{**told, "level": word(SECRECY_WORDS, told["level"])})
    cheap = told["cheap"]
    if cheap is None:
        return sentence
    if told["price"] is None:
        sentence += _("; with cheap of {given_away} of {later}").format(**cheap)
    else:
        price = told["price"]
        if price < 0:
            compared = _("; {price} % fewer km than cheap, where it is {given_away} of {later}")
        else:
            compared = _("; {price} % more km than cheap, where it is {given_away} of {later}")
        sentence += compared.format(price=abs(price), **cheap)
    if cheap["part"] < 100:
        sentence += _(" (cheap planned with {part} % of the work)").format(**cheap)
    return sentence

"""What is told of numbers: the ledger, one unit's draws, plans that are no secret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from auditor.draw.ledger import ABANDONED, CLOSED, OPEN, ledger_records
from auditor.draw.probabilities import MILLION
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.store import Database
from auditor.store.numbers import read_frozen_part, read_numbers, read_released
from auditor.store.records import read_draw, read_plans
from auditor.store.units import read_aliases, read_unit_names, read_units
from auditor.store.visits import read_visits
from auditor.workflow import plans
from auditor.workflow.called import staff_names
from auditor.workflow.drawn import Drawn
from auditor.workflow.means import frozen_means
from auditor.workflow.programmes import programme_of


def plan_key(record: Mapping[str, Any]) -> str:
    """Give the key under which the plan of a closed number is kept."""
    return f"{record['programme']}/{record['number']}"


def reason_of(record: Mapping[str, Any]) -> str:
    """Give why something of a number was abandoned, or ""."""
    return str(record.get("abandoned", ""))


def state_of(record: Mapping[str, Any]) -> str:
    """Give a number's state as the ledger says it: open, closed or abandoned."""
    return {"closed": CLOSED, "abandoned": ABANDONED}.get(record["state"], OPEN)


def ledger_of(numbers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Write ``ledger.json`` of committed numbers."""
    return ledger_records(
        {
            "commit": one["commit"],
            "commit_sha256": one["commit_sha256"],
            "state": state_of(one),
            "reason": reason_of(one),
        }
        for one in numbers
        if "commit" in one
    )


def ledger_rows(db: Database) -> list[dict[str, Any]]:
    """Give a row for every number: what became of it, how many were drawn, ordered, moved to other days."""
    numbers = [one for one in read_numbers(db) if "commit" in one]
    directed = _directed(db, numbers)
    return [
        {
            "number": one["number"],
            "commit_sha256": one["commit_sha256"],
            "previous": one["commit"]["previous"],
            "state": state_of(one),
            "reason": reason_of(one),
            "n": one["facts"]["n"],
            "directed": directed.get(one["number"], 0),
            "postponed": one.get("postponed", 0),
            "moved_earlier": one.get("moved_earlier", 0),
            "drill": one["drill"],
        }
        for one in numbers
    ]


def _directed(db: Database, numbers: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Count the visits that were ordered, as far as that is public.

    Those that a repair ordered count with their number: while it is open the ones that were released, after
    its close all. Those that a team began by order alone count with the last number whose period they lie
    in; one that a repair had ordered for that day counts once.
    """
    ordered = [(of, one) for of, one in read_released(db) if one["source"] == "directed"]
    found = dict(Counter(of for of, _one in ordered))
    found |= {one["number"]: one["ordered"] for one in numbers if "ordered" in one}
    counted = {(one["unit"], one["date"]) for _of, one in ordered}
    for visit in read_visits(db):
        day = visit["started_at"][:10]
        if not visit["directed"] or (visit["unit"], day) in counted:
            continue
        own = [
            one["number"]
            for one in numbers
            if one["facts"]["period"][0] <= day <= one["facts"]["period"][1]
            and one["committed_at"][:10] <= day
        ]
        if own:
            found[own[-1]] = found.get(own[-1], 0) + 1
    return found


def seats_of(db: Database, number: int) -> dict[str, int]:
    """Give the seats of each sortie of a number that nobody of the staff fills, by who fills them."""
    return dict(frozen_means(read_frozen_part(db, number, "means")).seats)


# One unit


def show_unit(db: Database, unit: str) -> list[dict[str, Any]]:
    """Give what every closed draw says of a unit: its chance and why, order, lots, what became of it.

    Raises
    ------
    UsageProblem
        If the unit is in no closed draw.
    """
    named = [one.id for one in read_units(db) if one.name == unit]
    names = {unit, *named, read_aliases(db).get(unit, unit)}
    names |= {old for old, new in read_aliases(db).items() if new in names}
    found = []
    for record in read_numbers(db):
        if record["state"] != "closed":
            continue
        transcript = read_draw(db, record["number"])
        if transcript is None:
            continue
        held = [
            (draw, one)
            for draw in transcript["commit"]["draws"]
            for one in transcript["frames"][draw["key"]]["units"]
            if one["id"] in names
        ]
        once = at_least_once([one["pi"] for _draw, one in held])
        if not held:
            continue
        drawn = plans.drawn_of(transcript, {})
        points = read_frozen_part(db, record["number"], "points") or {}
        found += [
            _shown(record, transcript, drawn, points, draw, one) | {"pi_once": once} for draw, one in held
        ]
    if not found:
        raise UsageProblem(
            problem=_("{unit} is in no closed draw; open ones are sealed until their period is over").format(
                unit=unit
            )
        )
    return found


def at_least_once(chances: Sequence[int]) -> int:
    """Give the chance to be drawn in one draw or more, in millionths rounded down: 1 − (1 − π₁)(1 − π₂)…

    The draws of a commitment are independent of each other: each has a key of its own.
    """
    never = Fraction(1)
    for pi in chances:
        never *= 1 - Fraction(pi, MILLION)
    return int((1 - never) * MILLION)


def _shown(
    record: Mapping[str, Any],
    transcript: Mapping[str, Any],
    drawn: Drawn,
    points: Mapping[str, int],
    draw: Mapping[str, Any],
    one: Mapping[str, Any],
) -> dict[str, Any]:
    unit, key = one["id"], draw["key"]
    own = [visit for visit in transcript["plan"] if visit["unit"] == unit and visit.get("draw") == key]
    outcomes = {outcome["id"]: outcome for outcome in transcript["outcomes"]}
    lots = plans.lots_for(drawn)(
        plans.sorties_in(
            [visit for visit in transcript["plan"] if visit["sortie"] in {one["sortie"] for one in own}]
        )
    )
    same = [other["id"] for other in transcript["frames"][key]["units"] if other["stratum"] == one["stratum"]]
    place = drawn.order_of(key, same).index(unit) + 1 if draw["method"] == "pivotal" else None
    return {
        "number": record["number"],
        "draw": key,
        "unit": unit,
        "pi": one["pi"],
        "stratum": one["stratum"],
        "points": points.get(unit),
        "floor": draw["n"] * transcript["commit"]["spec"]["floor"] // len(transcript["frames"][key]["units"]),
        "certain": one["pi"] == MILLION,
        "order": place,
        "of": len(same),
        "drawn": unit in transcript["drawn"][key],
        "domains": drawn.demand[key].get(unit, []),
        "visits": [
            {
                "id": visit["id"],
                "date": visit["date"],
                "slot": visit["slot"],
                "start": visit["start"],
                "domains": visit["domains"],
                "team": visit["team"],
                "lead": visit["lead"],
                "day_lots": list(lots[visit["sortie"]].days),
                "team_lot": list(lots[visit["sortie"]].teams[visit["date"]][0]),
                "outcome": outcomes[visit["id"]],
            }
            for visit in own
        ],
        "unplaced": [
            {"domains": left["domains"], "reason": left["reason"]}
            for left in transcript["unplaced"]
            if left["unit"] == unit and left["draw"] == key
        ],
        "departures": [
            {name: departure[name] for name in ("of", "lot", "given", "rank", "rule")}
            for departure in transcript["departures"]
            if departure["sortie"] in {visit["sortie"] for visit in own}
        ],
    }


def own_ids(db: Database, number: int) -> dict[str, str]:
    """Give the id of each Inspector of a number by his neutral one."""
    return {neutral: one for one, neutral in plans.staff_key(db, number).items()}


def names_of(db: Database) -> tuple[dict[str, str], dict[str, str]]:
    """Give the names of units and inspectors by their ids."""
    return (
        read_unit_names(db),
        staff_names(db),
    )


def stored_plans(db: Database) -> dict[str, dict[str, Any]]:
    """Give the plans that are no secret, by key: of demonstrations and closed numbers."""
    return {key: record for key, (_number, record) in read_plans(db).items()}


def demonstrations(db: Database) -> dict[str, dict[str, Any]]:
    """Give the plans that were never sealed, by month."""
    return {key: record for key, record in stored_plans(db).items() if "/" not in key}


def last_number(db: Database, programme: str | None, otherwise: bool) -> dict[str, Any] | None:
    """Give the last number of a programme; without one the last of all where `otherwise` says so, else None.

    Raises
    ------
    NoProgramme, UsageProblem
        If there is no such programme, or it has no number.
    """
    numbers = read_numbers(db)
    if programme is None:
        return numbers[-1] if numbers and otherwise else None
    own = [one for one in numbers if one["programme"] == programme]
    if not own:
        programme_of(db, programme)
        raise UsageProblem(
            problem=_(
                "{programme} has no number yet; next: auditor draw freeze --programme {programme}"
            ).format(programme=programme)
        )
    return own[-1]

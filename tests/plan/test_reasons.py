"""Why a visit could not be made: each reason by hand, from the check and from the planner."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.entities import Staff
from auditor.plan.check_reasons import reason_breaches
from auditor.plan.explain import any_lots
from auditor.plan.make import make_plan
from auditor.plan.problem import PlanProblem
from plan.world import BEACON, FIELD_DAYS, START, errand, facts_of, half_days, person

D1, D2 = FIELD_DAYS[:2]
REASONS = ("unreachable", "closed", "no-skill", "no-team", "capacity")


def held(*domains: str, free: tuple[str, ...] = (D1, D2), **more: object) -> list[Staff]:
    """Somebody for each of these domains, free on these days."""
    return [
        replace(person(f"P{at}", *half_days(*free), domains=[key]), **more)
        for at, key in enumerate(domains, 1)
    ]


def mornings(*staff: Staff) -> list[Staff]:
    """The same people, free in the morning only."""
    return [replace(one, free=tuple(half for half in one.free if half.endswith("morning"))) for one in staff]


TWO = held("fire", "transport")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({}, "capacity", id="it could be made"),
        pytest.param({"staff": held("fire")}, "no-skill", id="nobody for the other domain"),
        pytest.param(
            {"staff": [person("P1", *half_days(D1, D2), domains=["fire", "transport"])]},
            "no-skill",
            id="one who holds all is no team",
        ),
        pytest.param(
            {"errands": (errand("u", START, "fire", "transport", "food"),), "staff": held(*"abc", "food")},
            "no-skill",
            id="domains that nobody holds",
        ),
        pytest.param(
            {
                "errands": (errand("u", START, "fire", "transport", "food"),),
                "staff": held("fire", "transport", "food"),
            },
            "no-skill",
            id="three hold what no two do",
        ),
        pytest.param(
            {
                "errands": (errand("u", START, "fire", "transport", "food"),),
                "staff": held("fire", "transport", "food"),
                "team": 3,
            },
            "capacity",
            id="three hold it in a team of three",
        ),
        pytest.param({"staff": [*held("fire", conflict_units=("u",)), TWO[1]]}, "no-team", id="a conflict"),
        pytest.param({"staff": [*held("fire", conflict_strata=("t",)), TWO[1]]}, "no-team", id="its stratum"),
        pytest.param({"days": (D1,), "beacon_day": D1}, "closed", id="only the day of the beacon"),
        pytest.param({"beacon_day": D1}, "capacity", id="a day after the beacon"),
        pytest.param({"windows": {"main": (D2, D2)}, "days": (D1,)}, "closed", id="outside the window"),
        pytest.param({"closed": {"u": frozenset([D1, D2])}}, "closed", id="closed on all days"),
        pytest.param({"closed": {"u": frozenset([D1])}}, "capacity", id="closed on one day"),
        pytest.param(
            {"closed": {"u": frozenset([D1])}, "staff": held("fire", "transport", free=(D1,))},
            "no-team",
            id="closed when they are free",
        ),
        pytest.param(
            {"days": (D1,), "shut": {"u": frozenset(half_days(D1))}}, "closed", id="shut in all half-days"
        ),
        pytest.param(
            {"days": (D1,), "shut": {"u": frozenset([f"{D1}/morning"])}, "staff": mornings(*TWO)},
            "no-team",
            id="shut in the half-day in which they are free",
        ),
        pytest.param(
            {"days": (D1,), "shut": {"u": frozenset([f"{D1}/evening"])}, "staff": mornings(*TWO)},
            "capacity",
            id="shut in another half-day",
        ),
        pytest.param(
            {"staff": [*mornings(TWO[0]), *held("transport", free=())]}, "no-team", id="never free together"
        ),
        pytest.param({"start": (START[0] + 9, START[1])}, "unreachable", id="a thousand kilometres away"),
    ],
)
def test_the_reason_is_the_first_obstacle_that_is_true(changes: dict[str, object], reason: str) -> None:
    """The check takes this reason and no other; the planner makes the visit or gives the same."""
    world: dict[str, object] = {
        "start": START,
        "errands": (errand("u", START, "fire", "transport"),),
        "staff": TWO,
        "days": (D1, D2),
        "windows": {"main": (D1, D2)},
        "beacon_day": BEACON,
        "closed": {},
        "strata": {"u": "t"},
        "keep_order": ("u",),
    }
    problem = PlanProblem(**{**world, **changes})
    made = make_plan(problem, any_lots(problem), work=1.0)
    assert [one.reason for one in made.unplaced] == ([] if reason == "capacity" else [reason])
    facts = replace(facts_of(problem), shut=problem.shut)
    stated = {"unit": "u", "draw": "main", "domains": problem.errands[0].domains, "evidence": "x"}
    taken = [one for one in REASONS if not list(reason_breaches({**stated, "reason": one}, facts))]
    assert taken == [reason]

"""Which visits may share a sortie as far as knowledge goes, against every team there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.plan import knowledge
from auditor.plan.columns import NEVER
from auditor.plan.knowledge import knowledge_of
from auditor.plan.problem import PlanProblem
from plan.world import BEACON, FIELD_DAYS, START, errand, person

KEYS = ("dorms", "fire", "food", "lab", "transport")


@st.composite
def problems(draw: st.DrawFn) -> PlanProblem:
    """Up to six people who hold something, up to five errands, teams of one to three."""
    random = Random(draw(st.integers(0, 1_000_000)))
    keys = [random.sample(KEYS, random.randint(1, 3)) for _ in range(draw(st.integers(1, 5)))]
    return PlanProblem(
        start=START,
        errands=tuple(
            replace(errand(f"u{at}", START, "fire"), domains=tuple(sorted(some)))
            for at, some in enumerate(keys)
        ),
        staff=tuple(
            person(
                f"P{at}",
                f"{FIELD_DAYS[0]}/morning",
                domains=tuple(sorted(random.sample(KEYS, random.randint(0, 2)))),
            )
            for at in range(draw(st.integers(3, 6)))
        ),
        days=FIELD_DAYS[:1],
        windows={"main": (FIELD_DAYS[0], FIELD_DAYS[0])},
        beacon_day=BEACON,
        closed={},
        strata={},
        team=draw(st.integers(1, 3)),
        keep_order=tuple(f"u{at}" for at in range(len(keys))),
    )


def holds(problem: PlanProblem, errands: tuple[int, ...], keys: frozenset[str]) -> bool:
    """Whether some team holds those of these domains that the errands ask."""
    asked = {key for at in errands for key in problem.errands[at].domains} & keys
    return any(
        asked <= {key for one in team for key in one.domains}
        for team in combinations(problem.staff, problem.team)
    )


@settings(deadline=None)
@given(problems())
def test_errands_share_a_sortie_where_some_team_holds_all_they_ask(problem: PlanProblem) -> None:
    """Every set of errands, filled up as in columns: forbidden exactly where no team holds it."""
    rule, count = knowledge_of(problem), len(problem.errands)
    for size in range(1, count + 1):
        for errands in combinations(range(count), size):
            row = [*errands, *[count] * (count + 1 - size)]
            forbidden = rule is not None and int(rule(np.array([row], np.int64))[0]) == int(NEVER)
            assert forbidden is not holds(problem, errands, frozenset(KEYS))


@settings(deadline=None)
@given(problems())
def test_of_very_many_domains_only_the_rarest_count(problem: PlanProblem) -> None:
    """Nothing is forbidden for the others, so nothing that a team could serve."""
    held = [key for one in problem.staff for key in one.domains]
    asked = {key for one in problem.errands for key in one.domains}
    rarest = frozenset(sorted(asked, key=lambda key: (held.count(key), key))[:2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(knowledge, "MOST_DOMAINS", 2)
        rule = knowledge_of(problem)
    count = len(problem.errands)
    every = np.array([range(count + 1)], np.int64)
    forbidden = rule is not None and int(rule(every)[0]) == int(NEVER)
    assert forbidden is not holds(problem, tuple(range(count)), rarest)


def test_where_one_team_holds_all_there_is_no_rule() -> None:
    """Two who know everything together; without one of them there is a rule."""
    one = errand("u0", START, "fire", "food")
    problem = PlanProblem(
        start=START,
        errands=(one,),
        staff=tuple(
            person(f"P{key}", f"{FIELD_DAYS[0]}/morning", domains=(key,)) for key in ("fire", "food", "lab")
        ),
        days=FIELD_DAYS[:1],
        windows={"main": (FIELD_DAYS[0], FIELD_DAYS[0])},
        beacon_day=BEACON,
        closed={},
        strata={},
        keep_order=("u0",),
    )
    assert knowledge_of(problem) is None
    assert knowledge_of(replace(problem, staff=problem.staff[1:])) is not None

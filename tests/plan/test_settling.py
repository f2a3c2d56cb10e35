"""Days and teams by hand: what no rule forbids, the first of every lot, and nothing that could be earlier."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor import solving
from auditor.entities import SLOTS, Lots
from auditor.plan import planner, ranks
from auditor.plan.check import check_plan
from auditor.plan.departures import departures_of
from auditor.plan.given import Given
from auditor.plan.joining import Joiner
from auditor.plan.limits import limits_of
from auditor.plan.loads import without
from auditor.plan.make import make_plan
from auditor.plan.numbering import sorties_of, tours_of
from auditor.plan.options import options_of
from auditor.plan.problem import COUNTY, PlanProblem
from auditor.plan.roads import drive, roads_of
from auditor.plan.rules import forbidding, half_days, load
from auditor.plan.settling import HERE, first, first_fit, settle
from auditor.plan.staffed import Staffed
from auditor.solving import Budget
from plan.test_days_teams import DAYS, NAMES, World, stands, sums, worlds
from plan.world import FIELD_DAYS, county, facts_of, fake_lots, record_of


def loose(problem: PlanProblem) -> PlanProblem:
    """The same without evenness, which leaves nobody out."""
    return without(problem, ("even",))


@settings(deadline=None)
@given(worlds())
def test_the_first_that_fits_is_the_first_of_all_lots_that_no_rule_forbids(world: World) -> None:
    """Beside any others: as trying every day and team in the order of the lots says."""
    problem, sorties, lots = world
    found = first_fit(loose(problem), sorties, lots)
    given_before: dict[str, Given] = {}
    for sortie in sorted(sorties, key=lambda one: (-len(one.domains), one.key)):
        wishes = [
            Given(day, sortie.slot, team, sortie.units)
            for day in lots[sortie.key].days
            for team in lots[sortie.key].teams[day]
        ]
        best = next((one for one in wishes if not forbidding(loose(problem), given_before, one)), None)
        if best is None:
            assert found == {}
            return
        given_before[sortie.key] = best
    assert found == given_before
    assert stands(loose(problem), found)


@settings(deadline=None)
@given(worlds(), st.data())
def test_nothing_is_looked_for_behind_what_a_sortie_has(world: World, data: st.DataObject) -> None:
    """What it has is never given up for a later one, and every earlier one is forbidden in the end."""
    problem, sorties, lots = world
    problem = loose(problem)
    start = first_fit(problem, sorties, {key: backwards(one) for key, one in lots.items()})
    if not start:
        return
    settled = settle(problem, sorties, lots, start)
    assert stands(problem, settled)
    assert sums(world, settled) <= sums(world, start)
    departures_of(problem, sorties, lots, settled)  # raises where a departure has no rule
    one = data.draw(st.sampled_from(sorties))
    others = {key: wish for key, wish in settled.items() if key != one.key}
    assert first(problem, one, lots[one.key], others, settled[one.key]) is None


def backwards(lots: Lots) -> Lots:
    """The same days and teams from behind."""
    return replace(lots, days=lots.days[::-1], teams={day: teams[::-1] for day, teams in lots.teams.items()})


@settings(deadline=None)
@given(worlds(), st.data())
def test_what_is_asked_before_a_team_holds_for_every_team(world: World, data: st.DataObject) -> None:
    """A rule of HERE forbids all teams or none, by the sorties of that half-day; who is barred, all his."""
    problem, sorties, lots = world
    others = first_fit(loose(problem), sorties, lots)
    key = data.draw(st.sampled_from([one.key for one in sorties]))
    others = {other: one for other, one in others.items() if other != key}
    day = data.draw(st.sampled_from(DAYS))
    team = tuple(sorted(data.draw(st.sets(st.sampled_from(NAMES), min_size=2, max_size=2))))
    wish = Given(day, "morning", team, next(one.units for one in sorties if one.key == key))
    beside = {other: one for other, one in others.items() if one.day == day}
    for rule in HERE:
        assert rule.forbids(problem, others, wish) == rule.forbids(problem, beside, replace(wish, team=()))
    for rule in (half_days, load):
        barred = [rule.forbids(problem, others, replace(wish, team=(one,))) for one in team]
        assert rule.forbids(problem, others, wish) == any(barred)


@settings(deadline=None)
@given(worlds(), st.booleans())
def test_without_work_what_is_known_or_fits_by_hand_is_the_answer(world: World, apart: bool) -> None:
    """Days stay or get earlier, all rules but evenness are kept, bounds hold; where nothing fits, nothing."""
    problem, sorties, lots = world
    fits = first_fit(loose(problem), sorties, lots)
    with pytest.MonkeyPatch.context() as patch:
        if apart:
            patch.setattr(ranks, "MOST_CHOICES", 0)
        patch.setattr(ranks, "_apart", lambda *_: ranks.Ranked(solving.OUT_OF_WORK, {}, day_bound=1))
        patch.setattr(ranks, "_jointly", lambda *_: ranks.Ranked(solving.OUT_OF_WORK, {}, day_bound=1))
        found = ranks.rank(problem, sorties, lots, {}, Budget(1.0))
        known = ranks.rank(problem, sorties, lots, fits, Budget(1.0))
    assert found == known
    assert bool(found.given) is bool(fits)
    if not fits:
        assert found.status == solving.OUT_OF_WORK
        return
    assert stands(replace(problem, even=found.even), found.given)
    assert found.status == solving.FEASIBLE
    assert sums(world, found.given) == (found.day_sum, found.team_sum)
    assert found.day_sum <= sums(world, fits)[0]
    assert found.day_bound == min(1, found.day_sum)


def test_what_is_known_but_not_among_the_lots_is_no_answer() -> None:
    """A team that holds no lot, or a day that has none, is not taken."""
    problem = county(0, units=4)
    tour = drive(problem, roads_of(problem), problem_slot(problem), [0])
    assert tour is not None
    sorties, _ = sorties_of(problem, [tour], {})
    lots = dict(fake_lots(problem)(sorties))
    day = lots["S001"].days[0]
    strange = Given(day, tour.slot, ("X", "Y"), sorties[0].units)
    failed = ranks.Ranked(solving.IMPOSSIBLE, {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "_jointly", lambda *_: failed)
        assert ranks.rank(problem, sorties, lots, {"S001": strange}, Budget(1.0)) == failed


def problem_slot(problem: PlanProblem) -> str:
    """A half-day in which the first errand can be made."""
    return next(iter(problem.errands[0].arrivals))


@pytest.mark.parametrize("gives_way", [False, True])
def test_a_large_programme_without_any_time_is_placed_by_hand(gives_way: bool) -> None:
    """More visits than staff for: a checked plan of those first by lot, and the clock is kept."""
    problem = county(3, units=COUNTY + 20, people=6, days=FIELD_DAYS[:6])
    told: list[str] = []
    made = make_plan(problem, fake_lots(problem, 3), seconds=0.0, gives_way=gives_way, progress=told.append)
    assert any("by hand" in one for one in told)
    assert check_plan(record_of(problem, made), facts_of(problem, made), made.lots) == []
    assert made.sorties
    assert {one.reason for one in made.unplaced} >= {"capacity"}
    assert made.share is None
    assert made.cut
    assert 0 < made.bound_m <= made.objective_m
    first_kept = next(
        unit
        for unit in problem.keep_order
        if unit not in {one.unit for one in made.unplaced if one.reason != "capacity"}
    )
    assert first_kept in {stop.unit for sortie in made.sorties for stop in sortie.stops}


@pytest.mark.parametrize("seed", range(3))
def test_where_the_solver_gives_no_answer_whoever_still_fits_by_hand_is_kept(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who is left out would fit beside the plan as it is, which says that it was cut off."""
    problem = county(seed, units=16, people=4, days=FIELD_DAYS[:3])
    real = planner.bundle_staffed

    def silent(*of: Any, shortest: bool = True, **more: Any) -> Staffed:
        return real(*of, **more) if shortest else Staffed(solving.OUT_OF_WORK)

    monkeypatch.setattr(planner, "bundle_staffed", silent)
    made = make_plan(problem, fake_lots(problem, seed))
    assert check_plan(record_of(problem, made), facts_of(problem, made), made.lots) == []
    assert made.cut
    assert made.status == "feasible"
    given_all = {
        one.key: Given(made.days[one.key], one.slot, made.teams[one.key], one.units) for one in made.sorties
    }
    roads, options = roads_of(problem), options_of(problem)
    joiner = Joiner(
        problem,
        options,
        limits_of(problem, 1.0),
        lambda slot, errands: drive(problem, roads, list(SLOTS)[slot], errands) is not None,
        roads,
    )
    tours = tours_of(problem, made.sorties, given_all)
    left = {one.unit for one in made.unplaced if one.reason == "capacity"}
    assert left
    for unit in left:
        errands = [at for at, one in enumerate(problem.errands) if one.unit == unit]
        assert joiner.joined(tours, errands) is None
    monkeypatch.undo()
    assert not make_plan(problem, fake_lots(problem, seed)).cut


def test_tours_of_sorties_are_the_tours_they_were_made_of() -> None:
    """With the day and the team of each; there and back again."""
    problem = county(1, units=10)
    made = make_plan(problem, fake_lots(problem, 1))
    given_all = {
        one.key: Given(made.days[one.key], one.slot, made.teams[one.key], one.units) for one in made.sorties
    }
    roads, options = roads_of(problem), {}
    for (_slot, errands, option), sortie in zip(
        tours_of(problem, made.sorties, given_all), made.sorties, strict=True
    ):
        units = {problem.errands[at].unit for at in errands}
        assert (units, option.day, option.slot) == (sortie.units, made.days[sortie.key], sortie.slot)
        tour = drive(problem, roads, option.slot, errands)
        assert tour is not None
        options[tour] = option
    assert sorties_of(problem, list(options), options) == (made.sorties, given_all)

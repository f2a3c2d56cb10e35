"""What half-days say by themselves of moves and seats, against every repair of tiny plans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from auditor.plan import fewest
from auditor.plan.changes import LOST, MOVES, SEATS
from auditor.plan.fewest import Fewest
from auditor.plan.least_change import Found
from auditor.plan.repair import _Task
from plan.test_repair import D1, D2, D3, A, B, Case, best, ill, out, person, problem, random_case, sortie

WORK = 10.0


def first(case: Case) -> tuple[_Task, Found]:
    """A repair that may be dearer than needed: what changes at least is opened first."""
    task = _Task(
        case.problem, case.sorties, case.given, case.frozen, case.absent, (), case.moved, (), (), case.since,
        WORK,
    )  # fmt: skip
    return task, task.first(WORK)[0]


def dearer(task: _Task, found: Found) -> Found:
    """A worse repair that leaves out no more, where there is one: whoever may take another team does."""
    offers = {
        key: [one for one in several.up_to(1, task.offers.size) if one != found.chosen[key]]
        for key, several in task.open.items()
    }
    for key in sorted(offers):
        trial = {other: [found.chosen[other]] for other in offers} | {key: offers[key]}
        worse = task.solver.solve(trial, WORK) if offers[key] else None
        if worse is not None and worse.cost > found.cost:
            return worse
    return found


def check(case: Case) -> tuple[int, int, int] | None:
    """Prove a tiny plan's repair from a dearer one; give what it leaves out, moves and seats."""
    task, found = first(case)
    if task.hopeless or any(found.cost[:LOST]):
        return None
    proven = Fewest(task.offers, task.solver, WORK).proven(dearer(task, found))
    if proven is None:
        return None
    least = best(case)[0]
    assert (0, proven.cost[MOVES], proven.cost[SEATS]) == least
    assert proven.bounds == proven.cost
    again = case.repaired()
    assert (again.moves, again.seats) == least[1:]
    assert set(proven.chosen) | set(case.frozen) == set(case.given)
    return least


def goes_elsewhere() -> Case:
    """Nobody is there to take the seat that day; the next day the team is free, and others are too."""
    staff = [person("p", D1, D2), person("q", D1, D2), person("r", D2), person("s", D2)]
    return Case(problem(*staff), [A], {"A": out(D1, "p", "q", of=A)}, absent=ill("p", D1))


@settings(max_examples=60, deadline=None)
@for_all(st.integers(0, 10**9), st.sampled_from([0, 100]))
def test_what_half_days_prove_is_true_of_every_repair(seed: int, few: int) -> None:
    """Moves and seats that are called fewest are those of the best of all assignments."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fewest, "FEW_TEAMS", few)
        check(random_case(seed))


def test_half_days_prove_moves_and_seats_of_many_repairs() -> None:
    """Of random tiny plans that were hit they prove moves as well as several seats."""
    proven = [least for least in map(check, map(random_case, range(150))) if least is not None]
    assert sum(least[1] > 0 for least in proven) >= 3
    assert sum(least[2] > 1 for least in proven) >= 5


def broken_busy(self: Fewest, one: Any) -> set[str]:
    """As if whoever arrives took two people from those who stand."""
    return set() if one.given is None else set(one.given.team)


def broken_halves(self: Fewest, *, stuck: bool) -> list[fewest.Half]:
    """As if every half-day that was hit needed one more seat than it does."""
    return [replace(one, seats=one.seats + 1) for one in halves(self, stuck=stuck)]


halves = Fewest._halves


@pytest.mark.parametrize(
    ("name", "broken"), [("_taken", broken_busy), ("_halves", broken_halves)], ids=["arrivals", "seats"]
)
def test_a_broken_count_proves_what_is_not_true(
    monkeypatch: pytest.MonkeyPatch, name: str, broken: Any
) -> None:
    """The comparison can fail: with a count too high a dearer repair is called the best."""
    assert check(goes_elsewhere()) == (0, 1, 0)
    monkeypatch.setattr(Fewest, name, broken)
    with pytest.raises(AssertionError):
        check(goes_elsewhere())


def robbed_by_a_new_one() -> Case:
    """Who takes the seat comes from a new sortie, which takes one from a sortie that nothing has hit."""
    three = ("fire", "food", "dorms")
    hit, new, stands = sortie("A", "a", domains=three), sortie("N", "n", domains=("transport",)), B
    staff = [
        person("p", D1, domains=three), person("q", D1, domains=()), person("s", D1, domains=()),
        person("t", D1), person("u", D1, domains=("food",)), person("v", D1, domains=("dorms",)),
        person("r", D1, D2, domains=(*three, "transport"), share=1),
        person("o1", D2, domains=("fire", "transport")), person("o2", D2), person("o3", D2),
        person("e", D2), person("f", D2), person("g", D2),
    ]  # fmt: skip
    given = {"A": out(D1, "p", "q", "s", of=hit), "B": out(D2, "o1", "o2", "o3", of=stands)}
    task = problem(*staff, days=(D1, D2), team=3)
    return Case(task, [hit, stands, new], given, absent=ill("p", D1, D2))


def broken_before(**rule: Any) -> Case:
    """A sortie that nothing has hit must change a seat for a rule that it broke already."""
    hit, stands = sortie("A", "a", domains=("fire", "food")), sortie("B", "b", domains=("dorms", "transport"))
    third = sortie("C", "c", domains=("dorms", "transport"))
    staff = [
        person("p", D1, domains=("fire", "food")), person("q", D1, domains=()), person("t", D1),
        person("u", D1, domains=("food",)),
        person("e", D1, D2, D3, domains=("fire", "food", "dorms"), share=1),
        person("o1", D1, D2, D3, domains=("dorms",)), person("o2", D2, D3, domains=("transport",)),
        person("g", D2, D3, domains=("transport",)),
    ]  # fmt: skip
    given = {"A": out(D1, "p", "q", of=hit), "B": out(D2, "o1", "o2", of=stands)}
    tours = [hit, stands]
    if "pairs" in rule:
        given["C"] = out(D3, "o1", "o2", of=third)
        tours.append(third)
    else:
        rule["departments"] = {one.id: one.id for one in staff} | {"o1": "k", "o2": "k"}
    return Case(problem(*staff, days=(D1, D2, D3), **rule), tours, given, absent=ill("p", D1, D2))


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(robbed_by_a_new_one(), id="a new sortie takes from one that was not hit"),
        pytest.param(broken_before(pairs=1), id="a pair too often before"),
        pytest.param(broken_before(), id="one department before"),
    ],
)
def test_two_seats_are_found_where_a_third_sortie_gives_way(case: Case) -> None:
    """By every assignment two seats are the least; three looked proven once."""
    found = case.repaired()
    assert (found.moves, found.seats, found.moves_bound, found.seats_bound) == (0, 2, 0, 2)
    assert not found.left_out

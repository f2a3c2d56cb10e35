"""Units that a rule makes certain: the sum stays exact, and the others keep their floor."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.draw.probabilities import MILLION, CertainTakeAll, NoChance, TooMany, probabilities
from auditor.draw.units import draw_pivotal


def test_a_certain_unit_by_hand() -> None:
    """n 2 of 4, floor 0.3: 150000 each; c is certain, and the other 0.55 go 1:1:9 to a, b and d."""
    assert probabilities({"a": 1, "b": 1, "c": 1, "d": 9}, 2, 300_000, {"c"}) == {
        "a": 200_000,
        "b": 200_000,
        "c": MILLION,
        "d": 600_000,
    }


@pytest.mark.parametrize(
    ("count", "n", "floor", "certain", "holds"),
    [
        (10, 3, 300_000, 2, True),  # leaves 1 for 8 · 0.09 = 0.72
        (10, 3, 300_000, 3, False),  # leaves 0 for 7 · 0.09
        (4, 2, 500_000, 1, True),  # leaves 1 for 3 · 0.25
        (4, 2, 666_666, 1, True),  # leaves 1 for 3 · 0.333333
        (4, 2, 666_667, 1, False),  # leaves 1 for 3 · 0.3333335
        (4, 2, MILLION, 0, True),
        (4, 2, MILLION, 1, False),
        (4, 4, MILLION, 4, True),
        (4, 4, 300_000, 2, True),
        (4, 3, 0, 4, False),
        (1, 1, 300_000, 1, True),
    ],
)
def test_certain_units_must_leave_the_others_their_floor(
    count: int, n: int, floor: int, certain: int, holds: bool
) -> None:
    """Just the floor is enough, a millionth more than is left is not."""
    points = {f"u{at}": at + 1 for at in range(count)}
    always = list(points)[:certain]
    if not holds:
        with pytest.raises(CertainTakeAll) as caught:
            probabilities(points, n, floor, always)
        assert caught.value.facts == {"certain": certain, "others": count - certain, "n": n}
        return
    pi = probabilities(points, n, floor, always)
    assert sum(pi.values()) == n * MILLION
    assert min(pi.values()) >= floor * n // count


@pytest.mark.parametrize("n", [0, 4])
def test_too_many_are_refused_before_who_is_certain(n: int) -> None:
    """None, or more than there are."""
    with pytest.raises(TooMany):
        probabilities({"a": 1, "b": 1, "c": 1}, n, 0, ["a", "b", "c"])


def by_the_page(points: dict[str, int], n: int, floor: int, always: set[str]) -> dict[str, int] | None:
    """The page's formula in fractions, with some at one from the start; None where the floor cannot hold."""
    least = Fraction(floor * n, MILLION * len(points))
    capped = set(always)
    while True:
        others = [unit for unit in points if unit not in capped]
        rest = n - len(capped) - least * len(others)
        if rest < 0:
            return None
        total = sum(points[unit] for unit in others)
        exact = {unit: (least + rest * points[unit] / total) * MILLION for unit in others}
        over = {unit for unit in others if exact[unit] > MILLION}
        if not over:
            break
        capped |= over
    exact |= dict.fromkeys(capped, Fraction(MILLION))
    whole = {unit: int(exact[unit]) for unit in exact}
    ranked = sorted(whole, key=lambda unit: (whole[unit] - exact[unit], unit))
    for unit in ranked[: n * MILLION - sum(whole.values())]:
        whole[unit] += 1
    return whole


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, int], int, int, set[str]]:
    """Points, n, floor, and who is certain."""
    some = st.integers(1, 5) | st.integers(1, 1000) | st.just(1)
    points = {f"u{at}": draw(some) for at in range(draw(st.integers(1, 14)))}
    n = draw(st.integers(1, len(points)))
    floor = draw(st.sampled_from([0, 1, 300_000, 300_000, 666_667, 999_999, MILLION]))
    always = draw(st.sets(st.sampled_from(sorted(points)), max_size=draw(st.sampled_from([1, n, 14]))))
    return points, n, floor, always


@settings(deadline=None, max_examples=200)
@given(cases(), st.randoms())
def test_certain_units_are_certain_and_all_else_is_as_ever(
    case: tuple[dict[str, int], int, int, set[str]], chance: Random
) -> None:
    """Sum exact, floor for all, more points never less, the page's millionths, whatever the order."""
    points, n, floor, always = case
    wanted = by_the_page(points, n, floor, always)
    if wanted is None:
        with pytest.raises(CertainTakeAll):
            probabilities(points, n, floor, always)
        return
    if 0 in wanted.values():  # a chance of nothing is no chance: the contract refuses it too
        with pytest.raises(NoChance):
            probabilities(points, n, floor, always)
        return
    pi = probabilities(points, n, floor, always)
    assert pi == wanted
    assert list(pi) == sorted(points)
    assert sum(pi.values()) == n * MILLION
    assert all(pi[unit] == MILLION for unit in always)
    assert all(floor * n // len(points) <= one <= MILLION for one in pi.values())
    others = sorted((unit for unit in points if unit not in always), key=points.__getitem__)
    assert all(pi[a] <= pi[b] + 1 for a, b in pairwise(others))
    mixed = list(points.items())
    chance.shuffle(mixed)
    assert probabilities(dict(mixed), n, floor, sorted(always, reverse=True)) == pi
    assert probabilities(points, n, floor, [*always, *always]) == pi
    drawn = draw_pivotal([{"id": unit, "stratum": "A", "pi": one} for unit, one in pi.items()], bytes(32))
    assert always <= set(drawn)
    assert len(drawn) == n


@settings(deadline=None)
@given(cases())
def test_nobody_certain_changes_nothing(case: tuple[dict[str, int], int, int, set[str]]) -> None:
    """An empty rule is no rule; nor is one that names whom the points make certain anyway."""
    points, n, floor, _always = case
    pi = probabilities(points, n, floor)
    assert probabilities(points, n, floor, ()) == pi
    passing = {unit for unit, one in pi.items() if one == MILLION}
    again = probabilities(points, n, floor, passing)
    assert max(abs(again[unit] - pi[unit]) for unit in pi) <= 1

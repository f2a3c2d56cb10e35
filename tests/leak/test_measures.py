"""Lift, AUC and R against counts by hand and by brute force."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.leak import measures
from auditor.leak.measures import Tally, tally


def one_question(score: list[float], true: list[bool]) -> Tally:
    """Measure one question by itself."""
    none = np.zeros(len(score), dtype=np.int64)
    return tally(np.array(score, dtype=float), np.array(true), none, none)


def test_a_perfect_ranking_has_the_largest_lift_and_a_sure_safe_list() -> None:
    """20 candidates, 2 true on top: the first tenth holds both, ten times what chance does."""
    found = one_question([float(at) for at in range(20)], [False] * 18 + [True] * 2)
    assert measures.lift(found) == 10.0
    assert measures.bottom_lift(found) == 0.0
    assert measures.auc(found) == 1.0


def test_a_ranking_that_knows_nothing_is_chance() -> None:
    """All scores alike: every measure reads what chance does, whatever the order of the rows."""
    found = one_question([1.0] * 20, [True] * 3 + [False] * 17)
    assert measures.lift(found) == pytest.approx(1.0)
    assert measures.bottom_lift(found) == pytest.approx(1.0)
    assert measures.auc(found) == 0.5


def test_questions_without_a_true_or_an_untrue_candidate_tell_nothing() -> None:
    """They are left out, and the others stay apart: scores of two questions are never compared."""
    score = np.array([5.0, 1.0, 100.0, 99.0, 7.0, 7.0])
    true = np.array([True, False, False, True, True, True])
    question = np.array([4, 4, 2, 2, 9, 9])
    found = tally(score, true, question, question)
    assert found.sample.tolist() == [2, 4]
    assert found.right.tolist() == [0.0, 1.0]


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=30))
def test_auc_counts_the_pairs_in_the_right_order(rows: list[tuple[int, bool]]) -> None:
    """The pairs counted one by one give the same; ties are half."""
    yes = [score for score, true in rows if true]
    no = [score for score, true in rows if not true]
    found = one_question([float(score) for score, _ in rows], [true for _, true in rows])
    if yes and no:
        pairs = sum((a > b) + (a == b) / 2 for a in yes for b in no)
        assert measures.auc(found) == pytest.approx(pairs / len(yes) / len(no))
    else:
        assert not len(found.pairs)


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=2, max_size=6))
def test_ties_count_as_the_mean_of_all_orders(rows: list[tuple[int, bool]]) -> None:
    """The first of six is the tenth: over all orders of equal scores its truth has this mean."""
    found = one_question([float(score) for score, _ in rows], [true for _, true in rows])
    if len(found.hits):
        firsts = [max(order, key=lambda row: row[0])[1] for order in permutations(rows)]
        assert found.hits[0] == pytest.approx(np.mean(firsts))


def many(hits: list[float]) -> Tally:
    """A tally of several semesters of one question each, ten due in each."""
    size = len(hits)
    due = np.full(size, 10.0)
    return Tally(np.array(hits), due, due, due, due, np.arange(size))


def test_r_is_the_ratio_of_lifts_and_lies_in_its_interval() -> None:
    """Twice the hits in every semester: R is 2, and no resampling moves it."""
    found = measures.leak_ratio(many([20.0, 30.0, 40.0]), many([10.0, 15.0, 20.0]), 1)
    assert (found.value, found.low, found.high) == (2.0, 2.0, 2.0)


def test_the_interval_of_r_narrows_with_more_semesters() -> None:
    """The same scatter over sixteen times the semesters gives about a quarter of the width."""
    few = measures.leak_ratio(many([8.0, 12.0] * 4), many([10.0] * 8), 1)
    lots = measures.leak_ratio(many([8.0, 12.0] * 64), many([10.0] * 128), 1)
    assert few.low < few.value == 1.0 < few.high
    assert 3 < (few.high - few.low) / (lots.high - lots.low) < 5.5

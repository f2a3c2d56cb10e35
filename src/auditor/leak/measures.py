"""How well a ranking foretells: lift of its top and bottom, AUC, and their ratio with an interval.

All is counted within questions (one day, one week), since the attacker asks day by day, and ties
count as if their order were drawn: on the average of all orders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.leak.records import Counts, Flags, Floats

TENTH = 0.1
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over questions, an entry a question: enough for every measure.

    `hits` are the true ones among the `tenth` highest scores, `missed` those among the lowest, `due`
    what either would hold by chance. `pairs` are the pairs of a true and an untrue candidate, `right`
    those in the right order, ties half. `sample` is what the bootstrap draws.
    """

    hits: Floats
    missed: Floats
    due: Floats
    right: Floats
    pairs: Floats
    sample: Counts


def tally(score: Floats, true: Flags, question: Counts, sample: Counts) -> Tally:
    """Count every question that has a true and an untrue candidate; the others tell nothing."""
    order = np.argsort(question, kind="stable")
    starts = np.flatnonzero(np.diff(question[order], prepend=-1))
    found = []
    for rows in np.split(order, starts[1:]):
        if len(rows) and 0 < int(true[rows].sum()) < len(rows):
            found.append((*_count(score[rows], true[rows]), sample[rows[0]]))
    hits, missed, due, right, pairs, samples = np.array(found, dtype=np.float64).reshape(-1, 6).T
    return Tally(hits, missed, due, right, pairs, samples.astype(np.int64))


def most(count: int) -> int:
    """Give how many of so many candidates are the tenth, one at least."""
    return max(1, round(TENTH * count))


def _count(score: Floats, true: Flags) -> tuple[float, float, float, float, float]:
    size, hits = len(score), int(true.sum())
    _, level, many = np.unique(score, return_inverse=True, return_counts=True)
    of_level = np.bincount(level, weights=true, minlength=len(many)).astype(np.float64)
    untrue = many - of_level
    below = np.cumsum(untrue) - untrue
    right = float((of_level * (below + untrue / 2)).sum())
    k = most(size)
    return (
        _first(of_level[::-1], many[::-1], k),
        _first(of_level, many, k),
        k * hits / size,
        right,
        float(hits * (size - hits)),
    )


def _first(true: Floats, many: NDArray[np.int_], k: int) -> float:
    """Give the true ones among the first k, levels in order; of the level that is cut its part."""
    before = np.cumsum(many) - many
    taken = np.clip(k - before, 0, many)
    return float((true * taken / many).sum())


def ratio(a: Floats, b: Floats) -> float:
    """Divide two sums; 1 where nothing was due."""
    return float(a.sum() / b.sum()) if b.sum() else 1.0


def lift(one: Tally) -> float:
    """Give how much oftener than by chance the highest tenth came true."""
    return ratio(one.hits, one.due)


def bottom_lift(one: Tally) -> float:
    """Give how often the lowest tenth came true, as a part of chance: 0 is a safe list, 1 is none."""
    return ratio(one.missed, one.due)


def auc(one: Tally) -> float:
    """Give how often a true candidate stands above an untrue one of its question; ½ is chance."""
    return float(one.right.sum() / one.pairs.sum()) if one.pairs.sum() else 0.5


@dataclass(frozen=True, slots=True)
class Interval:
    """A ratio with its 95 % interval over resampled semesters."""

    value: float
    low: float
    high: float


def leak_ratio(full: Tally, policy: Tally, seed: int) -> Interval:
    """Give R, the full attacker's lift over that of the one who knows the policy only.

    Both answered the same questions. The interval resamples whole semesters (`sample`), both
    attackers together.
    """
    names, at = np.unique(full.sample, return_inverse=True)
    top = np.bincount(at, weights=full.hits, minlength=len(names))
    bottom = np.bincount(at, weights=policy.hits, minlength=len(names))
    drawn = np.random.default_rng(seed).integers(0, len(names), size=(RESAMPLES, len(names)))
    tops, bottoms = top[drawn].sum(axis=1), bottom[drawn].sum(axis=1)
    ratios = np.divide(tops, bottoms, out=np.ones(RESAMPLES), where=bottoms > 0)
    low, high = np.quantile(ratios, [0.025, 0.975])
    return Interval(ratio(full.hits, policy.hits), float(low), float(high))

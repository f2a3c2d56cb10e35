"""The trial: learn on some semesters, foretell the others, and compare with what the policy alone tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor.leak import measures
from auditor.leak.attacker import POLICY, Attacker
from auditor.leak.features import TASKS, Case
from auditor.leak.records import Floats
from auditor.leak.rows import Rows, joined

WARNED = 3.0
"""A place whose chance is more than this many times the base has been warned by the first stop."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How one task went for the attacker who knows all but the key."""

    lift: float
    auc: float
    bottom_lift: float
    questions: int
    warned: float


@dataclass(frozen=True, slots=True)
class Leak:
    """The tool's leak on T1: R, both attackers' lift, and how many bits guard the surest visit."""

    r: measures.Interval
    full: float
    policy: float
    min_entropy_bits: float


def leak(cases: Sequence[Case], train: int, seed: int) -> tuple[Leak, Answer]:
    """Try T1 with both attackers: learn on the first `train` cases, foretell the rest.

    The full attacker starts from what the policy attacker expects. Where he learns, that comes from a
    policy attacker who saw the other half of the training only, so that he does not take the luck of
    training for the policy.
    """
    ask = TASKS["T1"]
    rows = [ask(case) for case in cases[:train]]
    halves = [joined(rows[::2]), joined(rows[1::2])]
    every = joined(halves)
    policy = Attacker(POLICY).learn(every, every.hazard)
    apart = [Attacker(POLICY).learn(half, half.hazard) for half in halves]
    start = np.concatenate(
        [other.score(half, half.hazard) for half, other in zip(halves, reversed(apart), strict=True)]
    )
    full = Attacker().learn(every, start)
    known, told, truth, question, sample = [], [], [], [], []
    for number, case in enumerate(cases[train:]):
        one = ask(case)
        expected = policy.score(one, one.hazard)
        known.append(expected)
        told.append(full.score(one, expected))
        truth.append(one.true)
        question.append(one.question + number * 1_000_000)
        sample.append(one.sample)
    true, questions, samples = np.concatenate(truth), np.concatenate(question), np.concatenate(sample)
    scores = np.concatenate(told)
    by_all = measures.tally(scores, true, questions, samples)
    by_policy = measures.tally(np.concatenate(known), true, questions, samples)
    return (
        Leak(
            measures.leak_ratio(by_all, by_policy, seed),
            measures.lift(by_all),
            measures.lift(by_policy),
            float(-np.log2(min(1.0, np.quantile(scores, 0.999)))),
        ),
        _answer(by_all, 0.0),
    )


def answer(task: str, cases: Sequence[Case], train: int) -> Answer:
    """Try one of the other tasks: learn on the first `train` cases, foretell the rest."""
    ask = TASKS[task]
    learnt = joined([ask(case) for case in cases[:train]])
    attacker = Attacker().learn(learnt, learnt.hazard)
    rows = joined([ask(case) for case in cases[train:]])
    scores = attacker.score(rows, rows.hazard)
    return _answer(measures.tally(scores, rows.true, rows.question, rows.sample), _warned(rows, scores))


def _answer(tally: measures.Tally, warned: float) -> Answer:
    return Answer(
        measures.lift(tally),
        measures.auc(tally),
        measures.bottom_lift(tally),
        len(tally.due),
        warned,
    )


def _warned(rows: Rows, scores: Floats) -> float:
    """The part of the true candidates that were expected more than three times as often as the mean."""
    if not rows.true.any():
        return 0.0
    many = np.bincount(rows.question)
    base = np.bincount(rows.question, weights=scores) / np.maximum(many, 1)
    return float((scores > WARNED * base[rows.question])[rows.true].mean())

"""Questions as rows: for each candidate what the attacker knows of it, and whether it came true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor.leak.records import Counts, Flags, Floats


@dataclass(frozen=True, slots=True)
class Rows:
    """Candidates (rows) of some questions.

    `known` has a feature in each column, `true` whether the candidate was it, `hazard` what the
    published rules alone expect of it, `question` the number of its question: one day, one week, one
    semester. `sample` is what the bootstrap draws: the semester, or the plan, of the row.
    """

    known: Floats
    true: Flags
    hazard: Floats
    question: Counts
    sample: Counts

    def __len__(self) -> int:
        return len(self.true)


def joined(parts: Sequence[Rows]) -> Rows:
    """Put rows one after another; their questions stay apart."""
    questions, next_question = [], 0
    for part in parts:
        questions.append(part.question + next_question)
        next_question += int(part.question.max()) + 1 if len(part) else 0
    return Rows(
        np.concatenate([part.known for part in parts]),
        np.concatenate([part.true for part in parts]),
        np.concatenate([part.hazard for part in parts]),
        np.concatenate(questions),
        np.concatenate([part.sample for part in parts]),
    )

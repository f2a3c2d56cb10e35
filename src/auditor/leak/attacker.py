"""The attacker: gradient boosting over all that is known, on top of what the published rules say.

He learns a factor on the declared hazard h: the boosted f minimises the Poisson loss
Σ h·exp(f) − y·f, which is that of a count y with the offset log h. A model of the policy fitted apart,
and then compared with, would see leaks of 6 to 10 % where there are none (winner's curse).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from auditor.errors import AuditorError
from auditor.i18n import N_
from auditor.leak.records import Floats
from auditor.leak.rows import Rows

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingRegressor

POLICY = (0, 1, 2)
"""Columns of the policy attacker: own visits so far, days since the last, number of the day."""


class NoBoosting(AuditorError):
    """The library of the attacker is not installed."""

    sentence = N_(
        "the leak test needs scikit-learn (the extra auditor[leak]): {python} -m pip install scikit-learn"
    )


def boosting() -> type[HistGradientBoostingRegressor]:
    """Load the library's booster; raises NoBoosting where it is not installed."""
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor
    except ImportError as error:
        raise NoBoosting(python=Path(sys.executable)) from error
    return cast("type[HistGradientBoostingRegressor]", HistGradientBoostingRegressor)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let the booster work in one thread, so that sums are in one order; raises NoBoosting without it."""
    boosting()
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


class Attacker:
    """A factor on a hazard, learnt from rows; `columns` are those that he sees, None for all."""

    def __init__(self, columns: Sequence[int] | None = None) -> None:
        self._columns = None if columns is None else list(columns)
        self._model: HistGradientBoostingRegressor | None = None

    def _seen(self, rows: Rows) -> Floats:
        return rows.known if self._columns is None else rows.known[:, self._columns]

    def learn(self, rows: Rows, hazard: Floats) -> Attacker:
        """Learn from rows whose hazard (above 0) is given; without any true row nothing is learnt."""
        if rows.true.any():
            self._model = boosting()(
                loss="poisson",
                learning_rate=0.06,
                max_iter=200,
                max_leaf_nodes=12,
                min_samples_leaf=max(20, len(rows) // 200),
                l2_regularization=5.0,
                early_stopping=True,
                validation_fraction=0.25,
                n_iter_no_change=12,
                random_state=1,
            )
            weight = hazard * (rows.true.sum() / hazard.sum())
            self._model.fit(self._seen(rows), rows.true / weight, sample_weight=weight)
        return self

    def score(self, rows: Rows, hazard: Floats) -> Floats:
        """Give what he expects of each row, for the hazard that he starts from."""
        if self._model is None or not len(rows):
            return hazard
        found: Floats = hazard * self._model.predict(self._seen(rows))
        return found

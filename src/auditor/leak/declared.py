"""The declared hazard: what the published rules alone say of each unit and day.

The attacker is measured against it, not against chance: that somebody who was not yet covered is
likelier to be visited is the bureau's own choice, and no leak of the tool.
"""

from __future__ import annotations

import numpy as np

from auditor.leak.records import Counts, Flags, Floats, Semester

LEAST = 1e-6
"""Nothing is held to be quite impossible."""
UNSURE = 0.25
"""A stratum's number is its sum of chances rounded up or down: so much of a unit may always be to come."""


class Declared:
    """The declared hazard of a semester, asked day by day."""

    def __init__(self, semester: Semester, same_stratum: Flags) -> None:
        days = np.arange(len(semester.days))
        self._inside = np.array(
            [(one.first <= days) & (days <= one.last) for one in semester.draws], dtype=float
        )
        self._chance = np.array([one.chance for one in semester.draws])
        # of a draw (rows) and unit (columns): the half-days of the window in which a team could come
        self._room = semester.room
        whole = self._inside @ self._room.T
        self._whole = np.where(whole > 0, whole, np.inf)
        shared = np.einsum("vd,wd,ud->vwu", self._inside, self._inside, self._room, optimize=True)
        expected = np.einsum("vwu,wu->vu", shared, self._chance / self._whole)
        # how likely one visit that was seen in a draw's window is not that draw's own
        own = np.divide(self._chance, expected, out=np.ones_like(self._chance), where=expected > 0)
        self._own = np.clip(own, 0.0, 1.0)
        self._same_stratum = same_stratum.astype(float)
        self._fixed = [at for at, one in enumerate(semester.draws) if one.fixed]
        self._of_stratum = self._chance @ self._same_stratum

    def hazard(self, visited: Counts, day: int, known: int) -> Floats:
        """Give each unit's expected visits on a day.

        Parameters
        ----------
        visited
            Visits of each day (rows) to each unit (columns).
        known
            The attacker has seen the days before this one, which is no later than `day`.
        """
        seen = self._inside[:, :known] @ visited[:known]
        passed = (self._inside[:, :known] @ self._room.T[:known]) / self._whole
        open_part = 1 - passed
        still = self._chance * (1 - self._own) ** seen / np.maximum(1 - self._chance * passed, 1e-3)
        for at in self._fixed:
            # what a stratum has had of its number is no longer to come, and the reverse
            left = self._of_stratum[at] - (seen[at] * self._own[at]) @ self._same_stratum
            expected = (still[at] * open_part[at]) @ self._same_stratum
            still[at] *= np.clip(left, UNSURE, None) / np.maximum(expected, UNSURE)
        today = self._inside[:, day, None] * self._room.T[day] / self._whole
        found: Floats = np.maximum((still * today).sum(axis=0), LEAST)
        return found

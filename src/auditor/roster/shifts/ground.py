"""The problem as arrays: what each cell costs a person, and what the cover wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.roster.shifts.staffing import OFF, Schedule, Staffing

Cells = NDArray[np.int64]
"""A number for each day (first axis) and shift."""


@dataclass(frozen=True, slots=True)
class Ground:
    """`own` is what a shift of a day costs each person by his requests (below 0: granted); `constant` is
    what the requests cost when nobody works. Where no cover is given, under and over are 0.
    """

    staffing: Staffing
    own: NDArray[np.int64]
    constant: int
    need: Cells
    under: Cells
    over: Cells

    @staticmethod
    def of(staffing: Staffing) -> Ground:
        """Lay the arrays out."""
        size = (staffing.days, len(staffing.shifts))
        own = np.zeros((len(staffing.workers), *size), np.int64)
        for request in staffing.wanted:
            own[request.worker, request.day, request.shift] -= request.weight
        for request in staffing.unwanted:
            own[request.worker, request.day, request.shift] += request.weight
        need, under, over = (np.zeros(size, np.int64) for _ in range(3))
        for cover in staffing.cover:
            cell = cover.day, cover.shift
            need[cell], under[cell], over[cell] = cover.need, cover.under, cover.over
        return Ground(staffing, own, sum(one.weight for one in staffing.wanted), need, under, over)

    @property
    def people(self) -> range:
        """Everybody."""
        return range(len(self.staffing.workers))

    def personal(self, one: int, schedule: Schedule) -> int:
        """What a schedule costs by the requests of its person."""
        row = np.array(schedule)
        days = np.flatnonzero(row != OFF)
        return int(self.own[one, days, row[days]].sum())

    def there(self, rows: Sequence[Schedule]) -> Cells:
        """How many work each shift of each day."""
        count = np.zeros_like(self.need)
        for schedule in rows:
            row = np.array(schedule)
            days = np.flatnonzero(row != OFF)
            count[days, row[days]] += 1
        return count

    def covering(self, there: Cells) -> int:
        """What missing and superfluous people cost."""
        gap = self.need - there
        return int((np.maximum(gap, 0) * self.under + np.maximum(-gap, 0) * self.over).sum())

    def cost(self, rows: Sequence[Schedule]) -> int:
        """What a whole roster costs."""
        own = sum(self.personal(one, schedule) for one, schedule in enumerate(rows))
        return self.constant + own + self.covering(self.there(rows))

    def margins(self, there: Cells) -> Cells:
        """What one more person on each shift costs by the cover, with these people there already."""
        return np.where(there < self.need, -self.under, self.over)

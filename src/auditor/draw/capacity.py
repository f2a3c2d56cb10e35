"""How many units a month can carry, judged on the frame alone, before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from auditor.draw.probabilities import MILLION

PER_SORTIE = Fraction(3, 2)
PER_LUNCH_SORTIE = Fraction(13, 10)
OF_USABLE = Fraction(9, 10)
OF_STANDING_BY = Fraction(2, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One visit that a unit needs if it is drawn: where it may go, and if it is bound to a mealtime."""

    slots: tuple[str, ...]
    lunch: bool = False

    @property
    def sorties(self) -> Fraction:
        """How much of a sortie it is expected to fill."""
        return 1 / (PER_LUNCH_SORTIE if self.lunch else PER_SORTIE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The number of units and what it rests on; all in team half-days.

    `usable` is what teams may use in all, `standing_by` what they stand by in each slot,
    `expected` what n units are expected to use, by the slots they may go to ("afternoon+morning").
    """

    n: int
    usable: int
    standing_by: Mapping[str, int]
    expected: Mapping[str, Fraction]


def capacity(
    needs: Mapping[str, Sequence[Need]],
    probabilities: Callable[[int], Mapping[str, int]],
    *,
    usable: int,
    standing_by: Mapping[str, int],
) -> Capacity:
    """Find the largest n that is expected to fit.

    It uses no more than nine tenths of the usable half-days and, in each kind of slot, no more than
    two thirds of those that teams stand by. Visits that may go to several slots are spread to fit:
    for every set of slots, the visits that can go nowhere else must fit into it (Hall's condition).

    Parameters
    ----------
    needs
        The visits of every unit of the frame.
    probabilities
        Gives every unit's millionths when n are drawn.

    Returns
    -------
    Capacity with n from 0 to the number of units; 0 where not even one unit is expected to fit.
    """

    kinds = sorted(
        {need for visits in needs.values() for need in visits}, key=lambda need: (need.slots, need.lunch)
    )

    def expected(n: int) -> dict[tuple[str, ...], Fraction]:
        # millionths are summed first: fractions of every visit took seconds with 15,000 units
        millionths = dict.fromkeys(kinds, 0)
        for unit, pi in probabilities(n).items():
            for need in needs[unit]:
                millionths[need] += pi
        sums: dict[tuple[str, ...], Fraction] = {}
        for need, count in millionths.items():
            slots = tuple(sorted(need.slots))
            sums[slots] = sums.get(slots, Fraction(0)) + need.sorties * count / MILLION
        return sums

    def fits(sums: Mapping[tuple[str, ...], Fraction]) -> bool:
        if sum(sums.values()) > OF_USABLE * usable:
            return False
        slots = sorted({slot for group in sums for slot in group})
        return all(
            sum(load for group, load in sums.items() if set(group) <= set(some))
            <= OF_STANDING_BY * sum(standing_by.get(slot, 0) for slot in some)
            for size in range(1, len(slots) + 1)
            for some in combinations(slots, size)
        )

    low, high = 0, len(needs)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(expected(middle)):
            low = middle
        else:
            high = middle - 1
    found = expected(low) if low else {}
    return Capacity(
        n=low,
        usable=usable,
        standing_by=dict(standing_by),
        expected={"+".join(group): load for group, load in sorted(found.items())},
    )

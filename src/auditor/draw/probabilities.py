"""Probabilities in whole millionths, section 2 of the contract: a floor for all, the rest by risk."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from auditor.errors import USAGE, AuditorError
from auditor.i18n import N_

MILLION = 1_000_000
"""Chances are whole millionths."""


class TooMany(AuditorError):
    """More units are asked for than there are, or none."""

    exit_code = USAGE
    sentence = N_("{n} units cannot be drawn from {count}; choose a number from 1 to {count}")


class CertainTakeAll(AuditorError):
    """The units that are certain leave the others less than their floor."""

    exit_code = USAGE
    sentence = N_(
        "{certain} units are certain, which leaves the other {others} less than their floor in a draw of "
        "{n}; draw more units, or make fewer certain"
    )


class NoChance(AuditorError):
    """The floor is so low that some units would never be drawn."""

    exit_code = USAGE
    sentence = N_(
        "{count} units would have no chance at all: nobody may ever be safe; write a higher floor, "
        "draw more units, or make fewer certain"
    )


def probabilities(
    points: Mapping[str, int], n: int, floor: int, always: Collection[str] = ()
) -> dict[str, int]:
    """Share n certainties among units: a floor for each, the rest in proportion to risk points.

    Every unit keeps floor·n/N; the rest of the sum is spread in proportion to its points; a unit
    that would pass 1 stops there and what is left is spread over the others, until none passes.
    Rounded by largest remainder, ties to the smaller id.

    Parameters
    ----------
    points
        Whole numbers from 1, by id.
    n
        How many units are to be drawn, 1 to the number of units.
    floor
        φ in millionths, 0 to a million.
    always
        Units that are certain by a rule, whatever their points.

    Returns
    -------
    Millionths by id in sorted order; their sum is exactly n million, each at least ⌊floor·n/N⌋.

    Raises
    ------
    TooMany
        If n is not from 1 to the number of units.
    CertainTakeAll
        If those in `always` leave less than n's floor for the others.
    NoChance
        If a chance rounds down to nothing, which a floor of almost 0 allows.
    """
    count = len(points)
    if not 1 <= n <= count:
        raise TooMany(n=n, count=count)
    # All in units of 1/(N·M·S) would grow; instead each round keeps one common fraction:
    # pi_i = base + share * s_i with base = floor·n/N millionths, share = rest / sum of points.
    base = floor * n  # over `count`, in millionths
    certain: set[str] = set(always)
    free = {unit: s for unit, s in sorted(points.items()) if unit not in certain}
    while True:
        total = sum(free.values())
        # the sum over the free units, over `count`: what the certain ones leave, less their floors
        rest = n * MILLION * count - len(certain) * MILLION * count - len(free) * base
        if rest < 0 or (not free and rest):
            raise CertainTakeAll(certain=len(certain), others=len(free), n=n)
        if not free:
            break
        # pi_i = (base·total + rest·s_i) / (count·total); passes a million?
        limit = MILLION * count * total - base * total
        passing = [unit for unit, s in free.items() if rest * s > limit]
        if not passing:
            break
        for unit in passing:
            del free[unit]
            certain.add(unit)
    out = dict.fromkeys(sorted(points), MILLION)
    if free:
        below = count * total
        remainders = []
        for unit, s in free.items():
            out[unit], remainder = divmod(base * total + rest * s, below)
            remainders.append((-remainder, unit))
        missing = n * MILLION - sum(out.values())
        for _remainder, unit in sorted(remainders)[:missing]:
            out[unit] += 1
    if never := sum(pi == 0 for pi in out.values()):
        raise NoChance(count=never)
    return out

"""How even counters can be at best: water poured into vessels that are partly full already.

Everybody's square in a class is ``scale * (carried + new)**2``, convex in `new`. Whoever may take any of the
new duties, the least sum of squares takes the cheapest step again and again (a greedy choice is exact for
separable convex costs: Federgruen and Groenevelt, Operations Research 34, 1986). The counters of all least
sums follow from the price of the last step: steps below it are taken, steps above it are not, steps at it
may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd, lcm


@dataclass(frozen=True, slots=True)
class Level:
    """The least sum of scaled squares, and between which counters everybody ends in every such sum.

    `greatest` is the least that the greatest scaled counter can be.
    """

    squares: int
    low: tuple[int, ...]
    high: tuple[int, ...]
    greatest: int


def scales(shares: Sequence[int]) -> list[int]:
    """Give what a square of each person is multiplied with, so that counters are even by share.

    Parameters
    ----------
    shares
        What part of a full load each bears, in per cent, 1 to 100; half a share has twice the scale.
    """
    every = lcm(*shares)
    factors = [every // share for share in shares]
    common = gcd(*factors)
    return [factor // common for factor in factors]


def level(carried: Sequence[int], new: int, scale: Sequence[int] | None = None) -> Level:
    """Pour `new` duties over the people whose counters these are.

    Parameters
    ----------
    carried
        Everybody's counter so far, at least 0; not empty unless `new` is 0.
    scale
        What each square is multiplied with; 1 for all without it.
    """
    factors = [1] * len(carried) if scale is None else list(scale)

    def taken(price: int) -> int:
        pairs = zip(carried, factors, strict=True)
        return sum(max(0, _steps(price, factor) - old) for old, factor in pairs)

    last = 0
    if new:
        last = 1
        while taken(last) < new:
            last *= 2
        under = last // 2
        while last - under > 1:
            middle = (under + last) // 2
            under, last = (middle, last) if taken(middle) < new else (under, middle)
    # a person's step from k to k + 1 costs factor * (2k + 1); all below the last price are taken
    low = [max(old, _steps(last - 1, factor)) for old, factor in zip(carried, factors, strict=True)]
    high = [max(old, _steps(last, factor)) for old, factor in zip(carried, factors, strict=True)]
    squares = sum(factor * count * count for factor, count in zip(factors, low, strict=True))
    squares += last * (new - (sum(low) - sum(carried)))
    if sum(high) - sum(carried) == new:
        low = high  # every step at the last price is taken
    return Level(squares, tuple(low), tuple(high), _greatest(carried, new, factors))


def _steps(price: int, factor: int) -> int:
    """Count the steps from nothing that cost at most `price`."""
    return (price // factor + 1) // 2 if price >= factor else 0


def _greatest(carried: Sequence[int], new: int, factors: Sequence[int]) -> int:
    """Give the least that the greatest of these counters can be after `new` more, each times its factor."""
    low = max((factor * count for factor, count in zip(factors, carried, strict=True)), default=0)
    if not carried:
        return low
    high = low + new * max(factors)

    def room(top: int) -> int:
        return sum(top // factor - count for factor, count in zip(factors, carried, strict=True))

    while low < high:
        middle = (low + high) // 2
        if room(middle) >= new:
            high = middle
        else:
            low = middle + 1
    return low

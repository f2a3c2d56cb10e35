"""Every outcome of a small draw, with its weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from auditor.draw.units import draw_pivotal

Frame = Sequence[Mapping[str, Any]]


def outcomes(units: Frame, key: bytes) -> Iterator[tuple[Fraction, list[str]]]:
    """Every outcome of all coins with its weight, whatever the draw asks of them.

    A coin below m that is compared with a bound c says yes for c of its m values; first every coin
    says yes, then the last that did says no, and so on.
    """
    told: list[tuple[bool, Fraction]] = []

    class Coin(int):
        """A coin that answers as the script says, whatever it is compared with."""

        def __lt__(self, bound: int) -> bool:
            return self.say(bound)

        def __le__(self, bound: int) -> bool:
            return self.say(bound + 1)

        def say(self, bound: int) -> bool:
            yes = script[len(told)] if len(told) < len(script) else True
            chance = Fraction(bound, self)
            told.append((yes, chance if yes else 1 - chance))
            return yes

    class Source:
        """Coins that know their m."""

        def below(self, m: int) -> int:
            return Coin(m)

    script: list[bool] = []
    while True:
        told.clear()
        drawn = draw_pivotal(units, key, lambda _label: Source())
        weight = Fraction(1)
        for _, chance in told:
            weight *= chance
        yield weight, drawn
        while told and not told[-1][0]:
            told.pop()
        if not told:
            return
        script = [yes for yes, _ in told[:-1]] + [False]

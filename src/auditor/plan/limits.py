"""What all sorties together may take: how many of each kind of half-day, and with which domains.

The capacity model of a large programme. In one half-day no more teams go out than there are cars and
pairs of free people, and no more of them need a domain than people hold it; summed over the days that
gives a limit for each kind of half-day, and for each domain in it. Over all kinds together the shares
of half-days give one more limit, and those of each domain's holders one each. A sortie counts in the
limits of its half-day and in those of its domains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from auditor.entities import SLOTS
from auditor.plan.columns import Burden, Columns, Whole
from auditor.plan.options import free_staff
from auditor.plan.problem import PlanProblem, cars_of

ANY = -1
"""Every kind of half-day, or every domain."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` sorties of a kind of half-day (its place in SLOTS) that need a domain (a bit).

    ANY stands for every kind, or every domain.
    """

    slot: int
    domain: int
    most: int


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits; `needs` has the bits of each errand's domains, and a 0 behind them."""

    all: tuple[Limit, ...]
    needs: Whole

    def counted(self, columns: Columns) -> list[Whole]:
        """Give which columns count in each limit, as whole numbers 0 and 1."""
        bits = np.bitwise_or.reduce(self.needs[columns.members], axis=1)
        return [
            (((columns.slots == one.slot) | (one.slot == ANY)) & (bits & one.domain != 0)).astype(np.int64)
            for one in self.all
        ]

    def hold(self, tours: Sequence[tuple[int, Sequence[int]]]) -> bool:
        """Whether these tours (a half-day's place in SLOTS, the errands) keep every limit."""
        taking = [(slot, int(np.bitwise_or.reduce(self.needs[list(errands)]))) for slot, errands in tours]
        return all(
            sum(limit.slot in (slot, ANY) and bits & limit.domain != 0 for slot, bits in taking) <= limit.most
            for limit in self.all
        )

    def burden(self, slot: int, prices: Sequence[int]) -> Burden | None:
        """Give what sets of errands cost in a half-day if every limit has a price (mm, at least 0)."""
        here = [
            (one.domain, price)
            for one, price in zip(self.all, prices, strict=True)
            if price and one.slot in (slot, ANY)
        ]
        if not here:
            return None

        def cost(members: Whole) -> Whole:
            bits = np.bitwise_or.reduce(self.needs[members], axis=1)
            total = np.zeros(len(members), np.int64)
            for domain, price in here:
                total += price * (bits & domain != 0)
            return total

        return cost


MOST_DOMAINS = 60
"""Domains are bits of a whole number of the machine."""


def no_limits(problem: PlanProblem) -> Limits:
    """Give the limits of a programme that has room enough."""
    return Limits((), np.zeros(len(problem.errands) + 1, np.int64))


def limits_of(problem: PlanProblem, share: float) -> Limits:
    """Give the limits of a problem, each times a share of 0 to 1, rounded down.

    Of more domains than MOST_DOMAINS those count that the fewest hold: limits may be too few, not too tight.
    """
    wanted = sorted({key for errand in problem.errands for key in errand.domains})
    held = {key: sum(key in one.domains for one in problem.staff) for key in wanted}
    keys = sorted(sorted(wanted, key=lambda key: held[key])[:MOST_DOMAINS])
    bit = {key: 1 << at for at, key in enumerate(keys)}
    total: dict[tuple[int, int], int] = {}
    for day in sorted(set(problem.days)):
        if day <= problem.beacon_day:
            continue
        for slot, name in enumerate(SLOTS):
            people = free_staff(problem, day, name)
            teams = min(cars_of(problem, name), len(people) // problem.team)
            total[slot, ANY] = total.get((slot, ANY), 0) + teams
            for key in keys:
                holders = sum(key in one.domains for one in people)
                total[slot, bit[key]] = total.get((slot, bit[key]), 0) + min(teams, holders)
    for key, domain in [("", ANY), *bit.items()]:
        able = [one for one in problem.staff if not key or key in one.domains]
        shares = sum(min(one.share, len(one.free)) for one in able)
        total[ANY, domain] = shares // problem.team if domain == ANY else shares
    return Limits(
        tuple(Limit(slot, domain, int(share * most)) for (slot, domain), most in sorted(total.items())),
        needs_of(problem, bit),
    )


def needs_of(problem: PlanProblem, bit: Mapping[str, int]) -> Whole:
    """Give the bits of each errand's domains, 0 for a domain that has none, and a 0 behind all."""
    return np.array(
        [*(sum(bit.get(key, 0) for key in errand.domains) for errand in problem.errands), 0], np.int64
    )

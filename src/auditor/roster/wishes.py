"""Wishes: who would like to be on duty when, or not; the last stage, after fairness, breaks the fewest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

MOST_WEIGHT = 10


@dataclass(frozen=True, slots=True, order=True)
class Wish:
    """What somebody would like on the days from `from_on` to `to_on`, both included.

    `want` is whether he would like a duty there, at `post` ("" for any), else he would like none; `weight`
    is 1 to MOST_WEIGHT.
    """

    person: str
    from_on: date
    to_on: date
    want: bool = False
    post: str = ""
    weight: int = 1

    def meets(self, day: date, post: str) -> bool:
        """Whether a duty lies within it."""
        return self.from_on <= day <= self.to_on and self.post in ("", post)


def cost(wishes: Iterable[Wish], duties: Iterable[tuple[date, str, str]]) -> int:
    """Give what these duties, (day, post, person), cost in wishes: a wish for no duty costs its weight for
    each duty within it, a wish for one costs its weight where there is none.
    """
    rows = list(duties)
    total = 0
    for wish in wishes:
        met = sum(who == wish.person and wish.meets(day, post) for day, post, who in rows)
        total += wish.weight * (not met if wish.want else met)
    return total

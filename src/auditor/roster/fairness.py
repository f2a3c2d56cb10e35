"""How evenly duties lie: plain numbers for people, read from a finished roster, without the solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One person's counter of one class beside those of his role: `mean` is the role's, exact."""

    person: str
    role: str
    cls: str
    carried: int
    new: int
    mean: Fraction

    @property
    def total(self) -> int:
        """Carried and new together."""
        return self.carried + self.new


def standings(roster: Mapping[str, Any]) -> list[Standing]:
    """Give every person's counters beside the mean of his role, by role, class (weightiest first), id."""
    people = {row["id"]: row for row in roster["people"]}
    classes = sorted(roster["weights"], key=lambda cls: (-roster["weights"][cls], cls))
    found = []
    for role in sorted({row["role"] for row in people.values()}):
        group = sorted(who for who, row in people.items() if row["role"] == role)
        for cls in classes:
            totals = {who: roster["counters"][who][cls] for who in group}
            mean = Fraction(sum(totals.values()), len(group))
            for who in group:
                carried = people[who]["carried"][cls]
                found.append(
                    Standing(
                        person=who,
                        role=role,
                        cls=cls,
                        carried=carried,
                        new=totals[who] - carried,
                        mean=mean,
                    )
                )
    return found


def spreads(roster: Mapping[str, Any]) -> dict[tuple[str, str], tuple[int, int]]:
    """Give the least and the greatest counter of each (role, class)."""
    totals: dict[tuple[str, str], list[int]] = {}
    for one in standings(roster):
        totals.setdefault((one.role, one.cls), []).append(one.total)
    return {key: (min(counts), max(counts)) for key, counts in totals.items()}

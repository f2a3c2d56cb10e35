"""How evenly duties lie: plain numbers for people, read from a finished roster, without the solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from auditor.roster.desk import STANDBY


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one person bears of one class: `expected` is his share of what his role bears in all, exact."""

    person: str
    role: str
    cls: str
    expected: Fraction
    carried: int
    new: int

    @property
    def deviation(self) -> Fraction:
        """How much he bears above (or below 0, under) what is expected."""
        return self.carried + self.new - self.expected


def accounts(roster: Mapping[str, Any]) -> list[Account]:
    """Give everybody's account by role, person and class (weightiest first); shares count."""
    people = {row["id"]: row for row in roster["people"]}
    classes = sorted(roster["weights"], key=lambda cls: (-roster["weights"][cls], cls))
    found = []
    for role in sorted({row["role"] for row in people.values()}):
        group = sorted(who for who, row in people.items() if row["role"] == role)
        shares = {who: people[who].get("share", 100) for who in group}
        for who in group:
            for cls in classes:
                total = sum(roster["counters"][one][cls] for one in group)
                if cls == STANDBY and not total:
                    continue  # nobody of the role is ever on stand-by
                carried = people[who]["carried"][cls]
                found.append(
                    Account(
                        person=who,
                        role=role,
                        cls=cls,
                        expected=Fraction(total * shares[who], sum(shares.values())),
                        carried=carried,
                        new=roster["counters"][who][cls] - carried,
                    )
                )
    return found


def spreads(roster: Mapping[str, Any]) -> dict[tuple[str, str], tuple[int, int]]:
    """Give the least and the greatest counter of each (role, class)."""
    totals: dict[tuple[str, str], list[int]] = {}
    for one in standings(roster):
        totals.setdefault((one.role, one.cls), []).append(one.total)
    return {key: (min(counts), max(counts)) for key, counts in totals.items()}

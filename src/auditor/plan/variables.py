"""The choices that rules speak about: a sortie that a team makes in a half-day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.entities import Lots, Sortie

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


@dataclass(frozen=True, slots=True)
class Choice:
    """A number that says how often a team goes out in a half-day: 0 or 1, more only without a team.

    A sortie's choice without a team is one for people who are not named yet.

    `units` are those of `sortie`, `day_rank` and `team_rank` its places in its lots. Where the choice is not
    yet one sortie's (""), `units` are those of its tours that other tours may visit too, and ranks mean
    nothing.
    """

    day: str
    slot: str
    team: tuple[str, ...]
    goes: cp_model.IntVar
    sortie: str = ""
    units: frozenset[str] = frozenset()
    day_rank: int = 0
    team_rank: int = 0


class Choices:
    """All choices of a model, in one order, asked by half-day, person or sortie.

    `least` is what everyone's half-days out are at least, where that is said beforehand.
    """

    def __init__(self, choices: Sequence[Choice], least: int | None = None) -> None:
        self.all, self.least = tuple(choices), least
        self._half_days: dict[tuple[str, str], list[Choice]] = defaultdict(list)
        self._people: dict[str, list[Choice]] = defaultdict(list)
        self._sorties: dict[str, list[Choice]] = defaultdict(list)
        for choice in self.all:
            self._half_days[choice.day, choice.slot].append(choice)
            self._sorties[choice.sortie].append(choice)
            for person in choice.team:
                self._people[person].append(choice)

    def half_days(self) -> Iterator[Sequence[Choice]]:
        """Give the choices of each half-day, by day and slot."""
        for half_day in sorted(self._half_days):
            yield self._half_days[half_day]

    def of_person(self, person: str) -> Sequence[Choice]:
        """Give the choices that take this person along."""
        return self._people.get(person, ())

    def of_sortie(self, sortie: str) -> Sequence[Choice]:
        """Give the choices of one sortie."""
        return self._sorties.get(sortie, ())


def sortie_choices(
    model: cp_model.CpModel,
    sorties: Sequence[Sortie],
    lots: Mapping[str, Lots],
    most_days: int | None,
    most_teams: int | None,
) -> Choices:
    """Make one Boolean for each sortie, day and team of its lots, up to a number of each."""
    return Choices(
        [
            Choice(
                day, sortie.slot, team, model.new_bool_var(""), sortie.key, sortie.units, day_rank, team_rank
            )
            for sortie in sorties
            for day_rank, day in enumerate(lots[sortie.key].days[:most_days])
            for team_rank, team in enumerate(lots[sortie.key].teams[day][:most_teams])
        ]
    )

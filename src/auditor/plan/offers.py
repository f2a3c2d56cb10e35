"""What each sortie of a repair is offered, and what a repair costs at least that holds something else.

Nothing but what must change is opened at first; how far the offers reach is told by excess (see
`auditor.plan.changes`), once for those that must change and once for all others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice

from auditor.plan.changes import NOTHING, ONE_SEAT, Candidate, Changes, Cost, changed, minus, plus

MOST_CHOICES = 40_000
"""More choices than this are not offered at once."""
FEW_TEAMS = (12, 4)
"""How many teams of each day are offered to a new sortie, the less the more sorties are new."""

Offered = dict[str, list[Candidate]]
"""Of each open sortie the choices that it has."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far from the least of each sortie choices are offered: to those that must change, to the rest."""

    touched: Cost
    rest: Cost
    most_teams: int | None = None


class Offers:
    """The choices of all sorties that may change; `touched` names those that must.

    Parameters
    ----------
    open_ones
        What each may be given, by its key; what none can have is not among them.
    size
        As many people as the largest team has.
    kept
        Whether all that may stay keeps every rule together; else somebody must perhaps change whom nobody
        else needs.
    """

    def __init__(self, open_ones: Mapping[str, Changes], size: int, *, kept: bool = True) -> None:
        self.open, self.size, self.kept = open_ones, size, kept
        self.touched = frozenset(key for key, one in open_ones.items() if not one.stays)
        self.least = NOTHING
        for one in open_ones.values():
            self.least = plus(self.least, one.least)

    def up_to(self, touched: Cost, rest: Cost) -> tuple[Reach, Offered | None]:
        """List what is offered up to these limits, with as many teams of new sorties as there is room for.

        None where there is no room at all.
        """
        reach = Reach(touched, rest)
        offers = self._within(reach)
        if any(one.before is None for one in self.open.values()):
            for most_teams in FEW_TEAMS:
                if offers is None:
                    reach = Reach(touched, rest, most_teams)
                    offers = self._within(reach)
        return reach, offers

    def widest(self, gap: Cost) -> tuple[Reach, Offered | None]:
        """List what is offered up to `gap`, to the rest as far as there is room."""
        steps = [changed(moves, seats) for moves in (1, 0) for seats in range(self.size, -1, -1)]
        for rest in [gap, *(one for one in steps if one < gap)]:
            reach, offers = self.up_to(gap, rest)
            if offers is not None:
                return reach, self.handed_over(offers, self.touched) if rest == ONE_SEAT else offers
        return Reach(NOTHING, NOTHING), None

    def handed_over(self, offers: Mapping[str, list[Candidate]], free: Collection[str]) -> Offered | None:
        """Offer beside this that any other sortie gives up one person whom one of `free` could take.

        Rules forbid by what sorties take together, so to exchange somebody nobody else needs never
        helps where what stands keeps them: where all but the free ones change one seat in all, this is
        every choice that can matter.
        """
        if not self.kept:
            wider = {
                key: several if key in free else list(self.open[key].within(ONE_SEAT))
                for key, several in offers.items()
            }
            return wider if has_room(wider) else None
        taken = {person for key in free for one in offers[key] if one.given for person in one.given.team}
        wider = {
            key: several
            if key in free
            else [
                one
                for one in self.open[key].within(ONE_SEAT)
                if one.given
                and (one.cost == NOTHING or taken.intersection(self._team(key)).difference(one.given.team))
            ]
            for key, several in offers.items()
        }
        return wider if has_room(wider) else None

    def with_leaving(self, offers: Mapping[str, list[Candidate]], gap: Cost | None) -> Offered:
        """Offer to leave out as well: everybody, or those for whom that lies within the gap."""
        return {
            key: [*several, self.out(key)]
            if gap is None or minus(self.open[key].left_out, self.open[key].least) <= gap
            else several
            for key, several in offers.items()
        }

    def floor(self, reach: Reach, gap: Cost, *, leaving: bool) -> Cost | None:
        """Give the least that a repair costs which holds something not offered; None if none is as good."""
        beyond: list[Cost] = []
        for key, one in self.open.items():
            if reach.most_teams is not None and one.before is None:
                beyond.append(NOTHING)
            further = one.beyond(self._limit(key, reach))
            if further is not None and not (leaving and further == minus(one.left_out, one.least)):
                beyond.append(further)
        least = min(beyond, default=None)
        return None if least is None or least > gap else plus(self.least, least)

    def stay(self, key: str) -> Candidate:
        """Give what a sortie has already, for nothing."""
        return Candidate(self.open[key].before, NOTHING)

    def out(self, key: str) -> Candidate:
        """Leave a sortie out, at its price."""
        return Candidate(None, self.open[key].left_out)

    def _team(self, key: str) -> tuple[str, ...]:
        before = self.open[key].before
        return before.team if before else ()

    def _limit(self, key: str, reach: Reach) -> Cost:
        return reach.touched if key in self.touched else reach.rest

    def _within(self, reach: Reach) -> Offered | None:
        """List what each open sortie is offered; None where that is too much."""
        offers: Offered = {}
        room = MOST_CHOICES
        for key, one in self.open.items():
            limit = self._limit(key, reach)
            if one.stays and limit == NOTHING:
                offers[key] = [self.stay(key)]
            else:
                offers[key] = list(islice(one.within(limit, reach.most_teams), room + 1))
            room -= len(offers[key])
            if room < 0:
                return None
        return offers


def has_room(offers: Mapping[str, list[Candidate]]) -> bool:
    """Whether so many choices may be offered at once."""
    return sum(map(len, offers.values())) <= MOST_CHOICES

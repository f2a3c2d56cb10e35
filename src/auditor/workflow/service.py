"""Which units some day and team could serve at all, and what to say of those that none could."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from auditor.entities import Staff, Unit
from auditor.i18n import _, listed
from auditor.plan.problem import errands_of
from auditor.plan.rules.mix import mixed_team_holds
from auditor.plugins import Plugins
from auditor.workflow.domains import domain_titles
from auditor.workflow.frames import MAIN, Frame
from auditor.workflow.means import Means
from auditor.workflow.needs import NOWHERE


class Service:
    """Which domains of a unit some day and team could serve by themselves, whoever else is visited."""

    def __init__(
        self,
        frame: Frame,
        staff: Sequence[Staff],
        strata: Mapping[str, str],
        plugins: Plugins,
        means: Means,
        *,
        team: int,
        each: int | None,
    ) -> None:
        self._frame, self._plugins, self._team, self._each = frame, plugins, team, each
        self._means = means
        self._free: dict[str, list[Staff]] = {}
        for one in staff:
            for half_day in one.free:
                self._free.setdefault(half_day, []).append(one)
        self._barred: dict[tuple[str, str], set[str]] = {}
        for one in staff:
            for kind, names in (("unit", one.conflict_units), ("stratum", one.conflict_strata)):
                for name in names:
                    self._barred.setdefault((kind, name), set()).add(one.id)
        self._strata = strata
        self._known: dict[object, bool] = {}
        self._needed: dict[object, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}

    def served(self, unit: Unit, days: tuple[str, ...]) -> tuple[str, ...]:
        """Give the domains that could be inspected on some of these days, sorted."""
        found: list[str] = []
        for domains, slots in self._visits(unit):
            if self._possible(unit, domains, slots, days):
                found += domains
        return tuple(sorted(found))

    def _visits(self, unit: Unit) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Give domains and half-days of the visits that a unit needs: by its domains and hours alone."""
        own = self._frame.domains[unit.id]
        hours = self._means.hours.get(unit.id, {})
        key = own, tuple(sorted(hours.items()))
        if key not in self._needed:
            groups = [own] if self._each is None else [(one,) for one in own]
            self._needed[key] = [
                (errand.domains, tuple(sorted(errand.arrivals)))
                for group in groups
                for errand in errands_of(
                    "", MAIN, [self._plugins.domain(one) for one in group], NOWHERE, hours
                )
            ]
        return self._needed[key]

    def _possible(
        self, unit: Unit, domains: tuple[str, ...], slots: tuple[str, ...], days: tuple[str, ...]
    ) -> bool:
        barred = frozenset(
            self._barred.get(("unit", unit.id), set())
            | self._barred.get(("stratum", self._strata[unit.id]), set())
        )
        closed = self._frame.closed.get(unit.id, ())
        shut = self._means.shut.get(unit.id, frozenset())
        key = (domains, slots, closed, shut, barred, days)
        if key not in self._known:
            self._known[key] = any(
                mixed_team_holds(
                    self._means.departments,
                    [one for one in self._free.get(f"{day}/{slot}", ()) if one.id not in barred],
                    domains,
                    self._team,
                )
                for day in days
                if day not in closed
                for slot in slots
                if f"{day}/{slot}" not in shut
            )
        return self._known[key]


def unserved_text(
    unserved: Mapping[str, Collection[str]],
    frame: Frame,
    staff: Sequence[Staff],
    plugins: Plugins,
    number: int,
    team: int,
) -> str:
    """Say that no day and team could serve some units, whose domains are given, and what would cure it."""
    held = {domain for one in staff if one.free for domain in one.domains}
    alone = sorted({domain for own in unserved.values() for domain in own} - held)
    if not held:
        cure = _("nobody who inspects is free on any day; add inspectors, or shorten leave and duty")
    elif alone:
        names = domain_titles(plugins)
        cure = _("nobody who is free inspects {domains}; give somebody the domain, or leave it out").format(
            domains=listed(names[key] for key in alone)
        )
    else:
        cure = _(
            "look at leave, domains and conflicts of the inspectors (a team is {team}), at black-outs and "
            "opening times"
        ).format(team=team)
    return _(
        "no day and team could serve {count} of {units} units in all their domains: drawn, they are "
        "unplaced. {cure}. Then take the number back (auditor draw abandon {number} --reason …) and freeze "
        "again"
    ).format(count=len(unserved), units=len(frame.units), cure=cure, number=number)

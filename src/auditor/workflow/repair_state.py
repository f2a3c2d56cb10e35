"""One number while it is repaired: what stands, what is asked of it, what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations, count
from typing import Any

from auditor.entities import SLOTS, Sortie, Stop
from auditor.i18n import _
from auditor.plan.problem import PlanProblem
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.numbers import read_frozen, read_outcomes, read_released
from auditor.store.units import read_units
from auditor.workflow import plans, repair_known
from auditor.workflow.called import staff_names
from auditor.workflow.carried import as_it_was
from auditor.workflow.ceremony import number_of
from auditor.workflow.drawn import (
    check_frozen,
    closed_days,
    frames_of,
    staff_of_field,
    strata_of,
    windows_of,
)
from auditor.workflow.fairness import fair_fields
from auditor.workflow.means import frozen_means
from auditor.workflow.releasing import with_start
from auditor.workflow.repairs import Current, read_current
from auditor.workflow.secrecy import limits_in

Visit = Mapping[str, Any]


class RepairState:
    """The repair of one number.

    `visits` are those that take people, by id, `before` the same as they really were, `left` those that an
    earlier repair left out, `frozen` the ids that nothing touches. What is asked changes these and fills
    `dropped`, `moved` (a day by id), `new`, `refused` and `already`; what comes of it are `after` and
    `left_after`. `since` is the first day that may change.
    """

    def __init__(
        self, db: Database, record: Mapping[str, Any], identity: str, plugins: Plugins, now: datetime
    ) -> None:
        self.db, self.record, self.plugins, self.now = db, record, plugins, now
        self.number: int = record["number"]
        first, last = record["commit"]["spec"]["period"]
        self.period: tuple[str, str] = (first, last)
        self.today = f"{now:%Y-%m-%d}"
        self.since = (now.date() + timedelta(days=1)).isoformat()
        self.sealed, self.current = read_current(db, record, identity)
        self.known = read_outcomes(db, self.number)
        self.released = self._released()
        self.parts = read_frozen(db, self.number)
        check_frozen(record, self.parts)
        self.ids = plans.staff_key(db, self.number)
        self.names = {self.ids[own]: name for own, name in staff_names(db).items() if own in self.ids}
        self.unit_names = {one.id: one.name for one in read_units(db)}
        self.visits = {one["id"]: dict(one) for one in self.current.visits if self._counts(one)}
        self.before = {name: as_it_was(one, self.known) for name, one in self.visits.items()}
        self.left = {
            name: {key: value for key, value in one.items() if key not in ("reason", "evidence")}
            for name, one in self.current.left.items()
            if name not in self.known
        }
        self.absent = {who: [list(one) for one in days] for who, days in self.current.absent.items()}
        to_come = [day for day in self.parts["field"]["days"] if day >= self.since]
        self._away_now = repair_known.away_now(db, self.ids, to_come)
        self._closed_now = repair_known.closed_now(db, frames_of(self.parts), to_come)
        self.frozen = self._frozen()
        self.dropped: list[str] = []
        self.moved: dict[str, str] = {}
        self.new: dict[str, dict[str, Any]] = {}
        self.refused: Sequence[Visit] = ()
        self.already: Sequence[Visit] = ()
        self.postponed = {name: dict(one) for name, one in self.current.postponed.items()}
        self.whole_standby = any("basis" in one for one in (*self.before.values(), *self.left.values()))
        self.after: dict[str, dict[str, Any]] = {}
        self.left_after: dict[str, dict[str, Any]] = {}
        self._part_frozen()

    def neutral(self, who: str) -> str | None:
        """Give the neutral id of a person who is named, by staff id or by neutral id; None if unknown."""
        named = {name: neutral for neutral, name in self.names.items()}
        return (named | self.ids | {one: one for one in self.ids.values()}).get(who)

    def in_period(self, first: str, last: str) -> bool:
        """Whether any of these days lies in the period of the plan."""
        return first <= self.period[1] and last >= self.period[0]

    def open_past(self) -> list[str]:
        """Name the visits whose half-day is over and of which nobody has said what became."""
        minute = self.now.hour * 60 + self.now.minute
        return sorted(
            name
            for name, one in self.before.items()
            if name not in self.known
            and (one["date"] < self.today or (one["date"] == self.today and minute >= SLOTS[one["slot"]][1]))
        )

    def away(self) -> dict[str, set[str]]:
        """Give the half-days on which people are away, by neutral id: as repairs said, and as is known."""
        found = {
            who: {
                f"{day}/{slot}"
                for day in self.parts["field"]["days"]
                for slot in SLOTS
                if any(first <= day <= last for first, last in spans)
            }
            for who, spans in self.absent.items()
        }
        for who, half_days in self._away_now.items():
            found[who] = found.get(who, set()) | half_days
        return found

    def problem(self) -> PlanProblem:
        """Give the problem of this number: everyone's share holds at least what he has already.

        For what was ordered the whole stand-by may be used, else ordinary visits would fall away.
        """
        frames = frames_of(self.parts)
        means = frozen_means(self.parts.get("means"))
        half_days = {one["id"]: one["half_days"] for one in self.parts["staff"].values()}
        out: dict[str, set[str]] = {one: set() for one in half_days}
        for one in self.before.values():
            for person in one["team"]:
                out.setdefault(person, set()).add(f"{one['date']}/{one['slot']}")
        staff = tuple(
            replace(one, share=max(one.share, len(out[one.id]), len(one.free) if self.whole_standby else 0))
            for one in staff_of_field(self.parts["field"], half_days)
        )
        visits = [*self.before.values(), *self.left.values(), *self.new.values()]
        return PlanProblem(
            start=plans.frozen_places(self.parts["places"]).start,
            errands=(),
            staff=staff,
            days=tuple(self.parts["field"]["days"]),
            windows={
                **windows_of(self.record["commit"]),
                **{draw_of(one): (one["window"][0], one["window"][1]) for one in visits if "window" in one},
            },
            beacon_day=self.record["beacon"]["published_at"][:10],
            closed=self._closed(frames),
            strata={one.id: one.stratum for one in read_units(self.db)} | strata_of(frames),
            team=self.record["commit"]["spec"]["team"],
            cars=max(means.cars.values()),
            cars_in=means.cars,
            departments=means.departments,
            shut=means.shut,
            areas=means.areas,
            factor=plans.FACTOR,
            speed_kmh=plans.SPEED_KMH,
            sortie_cost_m=plans.SORTIE_COST_M,
            **self._fair(),
            keep_order=tuple(dict.fromkeys(one["unit"] for one in sorted(visits, key=lambda one: one["id"]))),
            townships=means.townships,
            **limits_in(self.sealed.record),
        )

    def _closed(self, frames: Mapping[str, Mapping[str, Any]]) -> dict[str, frozenset[str]]:
        """Give the days on which units cannot be visited: as frozen, and as is known now."""
        frozen = closed_days(frames)
        several = frozen.keys() | self._closed_now.keys()
        none: frozenset[str] = frozenset()
        return {unit: frozen.get(unit, none) | self._closed_now.get(unit, none) for unit in sorted(several)}

    def fairness(self) -> dict[str, Any]:
        """Give the rules of load and pairs that the sealed plan keeps, as fields of a problem."""
        return fair_fields(self.sealed.record.get("fairness"))

    def _fair(self) -> dict[str, Any]:
        """Give the rules of fairness that the plan keeps; pairs who are out more often already may stay."""
        fair = self.fairness()
        if fair["pairs"] is not None:
            teams = {one["sortie"]: sorted(one["team"]) for one in self.before.values()}
            together = Counter(pair for team in teams.values() for pair in combinations(team, 2))
            fair["pairs"] = max([fair["pairs"], *together.values()])
        return fair

    def ordered(self) -> list[str]:
        """List the sorties that somebody ordered, the earliest order first: the log tells when each came."""
        came: dict[str, int] = {}
        for at, entry in enumerate(self.current.log):
            for one in (*entry["changes"], *entry["left_out"]):
                for visit in one["visits"]:
                    came.setdefault(visit["id"], at)
        found: dict[str, int] = {}
        for several in (self.before, self.left, self.new):
            for name, one in several.items():
                if "basis" in one:
                    at = came.get(name, len(self.current.log))
                    found[one["sortie"]] = min(at, found.get(one["sortie"], at))
        return sorted(found, key=lambda key: (found[key], key))

    def free_keys(self) -> Iterator[str]:
        """Give keys for visits that leave their sortie, none of which is taken."""
        several = (self.current.visits, *(x.values() for x in (self.before, self.left, self.new)))
        taken = {one["sortie"] for visits in several for one in visits}
        return (key for at in count(1) if (key := f"M{at:03d}") not in taken)

    def take_out(self, name: str, key: str) -> None:
        """Take a visit out of its sortie, into one of its own; the others have a lead of their own.

        It starts where its sortie does: from elsewhere nobody may reach it in time.
        """
        there = next(one for one in (self.before, self.left, self.new) if name in one)
        others = [
            one for one in there.values() if one["sortie"] == there[name]["sortie"] and one["id"] != name
        ]
        if not others:
            return
        there[name] = with_start(there[name], self.sealed.record.get("starts", {}))
        there[name] |= {"sortie": key, "lead": there[name]["unit"]}
        if all(one["lead"] not in {other["unit"] for other in others} for one in others):
            lead = min(others, key=lambda one: str(one["id"]))["unit"]
            for one in others:
                one["lead"] = lead

    def window_of(self, visit: Visit) -> tuple[str, str]:
        """Give the first and last day on which a visit may still be."""
        first, last = windows_of(self.record["commit"])[visit["draw"]] if "draw" in visit else visit["window"]
        return max(first, self.since), last

    def days_near(self, visit: Visit, day: str) -> list[str]:
        """List the field's days on which a visit may still be, those nearest to a day first."""
        first, last = self.window_of(visit)
        days = [one for one in self.parts["field"]["days"] if first <= one <= last]
        near = date.fromisoformat(day)
        return sorted(days, key=lambda one: (abs(date.fromisoformat(one) - near), one))

    def told(self, visit: Visit) -> str:
        """Name a visit for people who look for it: its unit, then its id."""
        return _("{unit} ({visit})").format(
            unit=self.unit_names.get(visit["unit"], visit["unit"]), visit=visit["id"]
        )

    def kept(self, entry: Mapping[str, Any]) -> Current:
        """Give the plan as it stands now, for keeping."""
        visits = []
        for one in self.current.visits:
            name = one["id"]
            if name in self.frozen or name not in self.visits:
                if name not in self.dropped:
                    visits.append(one)
            elif name in self.after:
                visits.append(self.after[name])
        there = {one["id"] for one in visits}
        visits += [one for name, one in self.after.items() if name not in there]
        left = {name: one for name, one in self.current.left.items() if name in self.known}
        return Current(
            visits=sorted(visits, key=lambda one: str(one["id"])),
            left={**left, **self.left_after},
            gone=sorted({*self.current.gone, *self.dropped}),
            absent=self.absent,
            postponed=self.postponed,
            log=[*self.current.log, entry],
        )

    def changed_meanwhile(self) -> bool:
        """Whether somebody released, recorded or repaired since this began."""
        record = number_of(self.db, self.number)
        return (
            record["state"] != "planned"
            or record.get("repairs", 0) != self.record.get("repairs", 0)
            or read_outcomes(self.db, self.number) != self.known
            or self._released() != self.released
        )

    def _released(self) -> set[str]:
        return {visit["id"] for of, visit in read_released(self.db) if of == self.number}

    def _counts(self, visit: Visit) -> bool:
        """Whether a visit still takes people: it does unless it was cancelled."""
        return self.known.get(visit["id"], {}).get("outcome") != "cancelled"

    def _part_frozen(self) -> None:
        """Part frozen sorties whose visits had different days or teams, as their outcomes tell."""
        keys = self.free_keys()
        went: dict[str, dict[tuple[str, ...], str]] = {}
        for name in sorted(self.frozen):
            visit = self.before[name]
            parts = went.setdefault(visit["sortie"], {})
            how = (visit["date"], *sorted(visit["team"]))
            if how not in parts:
                parts[how] = next(keys) if parts else visit["sortie"]
            if parts[how] != visit["sortie"]:
                self.take_out(name, parts[how])

    def _frozen(self) -> set[str]:
        """Name the visits that no repair touches: past, begun, released or recorded, and their companions."""
        minute = self.now.hour * 60 + self.now.minute
        fixed = {
            self.visits[name]["sortie"]
            for name, one in self.before.items()
            if one["date"] < self.today
            or (one["date"] == self.today and minute >= SLOTS[one["slot"]][0])
            or name in self.released
            or self.known.get(name, {"outcome": "replaced"})["outcome"] != "replaced"
        }
        return {name for name, one in self.visits.items() if one["sortie"] in fixed}


def draw_of(visit: Visit) -> str:
    """Give the draw whose window a visit has; an ordered one has a window of its own."""
    return str(visit["draw"]) if "draw" in visit else f"directed/{visit['id']}"


def grouped(visits: Sequence[Visit], known: Mapping[str, Visit]) -> list[tuple[Sortie, list[Visit]]]:
    """Give the sorties of visits, for the repair: who stands in for a unit is whom the team meets."""
    sorties: dict[str, list[Visit]] = {}
    for visit in visits:
        sorties.setdefault(visit["sortie"], []).append(visit)
    return [
        (
            Sortie(
                key=key,
                slot=several[0]["slot"],
                metres=0,
                stops=tuple(
                    Stop(
                        unit=known.get(one["id"], {}).get("by", one["unit"]),
                        draw=draw_of(one),
                        domains=tuple(one["domains"]),
                        minutes=one["minutes"],
                        start=0,
                    )
                    for one in several
                ),
            ),
            several,
        )
        for key, several in sorted(sorties.items())
    ]

"""Repair a sealed plan: somebody is ill, a visit falls away, one is ordered, one must wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

from auditor.draw.outcomes import OUTCOMES
from auditor.draw.rules import clock_text
from auditor.entities import SLOTS, Sortie, Stop
from auditor.errors import Infeasible, UsageProblem
from auditor.i18n import _, listed
from auditor.pages.words import LEFT_WORDS, word
from auditor.plan.check import PlanFacts
from auditor.plan.check_repair import RepairFacts, check_repair
from auditor.plan.given import Given
from auditor.plan.loads import FAIR, fair_rules, loads, most_load, without
from auditor.plan.problem import PlanProblem
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.numbers import (
    put_number,
    put_outcome,
    read_frozen,
    read_numbers,
    read_outcomes,
    read_released,
)
from auditor.store.records import read_settings
from auditor.store.staff import read_inspectors
from auditor.store.units import read_units
from auditor.store.writing import write_tx
from auditor.workflow import plans
from auditor.workflow.ceremony import expect, number_of
from auditor.workflow.directed import Sweep, ordered_visits
from auditor.workflow.drawn import (
    check_frozen,
    closed_days,
    frames_of,
    staff_of_field,
    strata_of,
    windows_of,
)
from auditor.workflow.fairness import fair_fields
from auditor.workflow.keys import PUBLIC, AskPassword, open_key
from auditor.workflow.means import frozen_means
from auditor.workflow.naming import unit_named, units_named
from auditor.workflow.releasing import SEEN, NoVisit, with_start
from auditor.workflow.repairs import Current, moved_counts, put_current, read_current
from auditor.workflow.secrecy import limits_in
from auditor.workflow.texts import clean
from auditor.workflow.units import NoSuchUnit

if TYPE_CHECKING:
    from auditor.plan.repair import Change, Repaired

Visit = Mapping[str, Any]
DROPPED_AS = tuple(one for one in OUTCOMES if one not in ("done", "moved", "replaced"))
"""What may become of a visit that falls away: nobody deletes one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What happened. One of the five is asked for: `absent` (who, first and last day), `drop` (visits,
    with `outcome` and `reason`), `move` (visit and day, with `reason` and `approver`), or `sweep`
    (units that somebody ordered to visit).
    """

    kind: str
    absent: Sequence[tuple[str, str, str]] = ()
    drop: Sequence[str] = ()
    outcome: str = ""
    move: tuple[str, str] | None = None
    reason: str = ""
    approver: str = ""
    sweep: Sweep | None = None


def repair(
    db: Database,
    request: Request,
    number: int | None,
    plugins: Plugins,
    password: AskPassword,
    now: datetime,
    *,
    work: float,
    drill: bool,
    dry_run: bool,
    progress: Callable[[str], None],
) -> list[dict[str, Any]]:
    """Repair the plans of the numbers that a request concerns; give what changed, by number.

    Released, past and begun visits stay as they are; nothing is written on a dry run.

    Raises
    ------
    UsageProblem, NoVisit, OutOfOrder
    Infeasible
        If a visit cannot be on the day that is asked for it.
    """
    request = _checked(request)
    if request.sweep is not None:
        units_named(db, request.sweep.units)  # a wrong name is said before the password is asked
    planned = _planned(db, number)
    identity = open_key(db, password)
    works = [_Work(db, record, identity, plugins, now) for record in planned]
    request = _by_id(db, works, request)
    chosen = _concerned(works, request)
    told = []
    for one in chosen:
        one.ask(request, work, progress)
        told.append(one.solve(request, work))
    if not dry_run:
        with write_tx(db, "plan repair", now) as tx:
            for one in chosen:
                if one.changed_meanwhile():
                    raise UsageProblem(problem=_("a visit was released or recorded meanwhile; repair again"))
            for one, entry in zip(chosen, told, strict=True):
                for visit in one.dropped:
                    put_outcome(tx, one.number, visit, {"outcome": request.outcome, "reason": request.reason})
                current = one.kept(entry)
                put_current(tx, one.number, current, read_settings(db)[PUBLIC])
                record = number_of(db, one.number)
                public = {"repairs": len(current.log), **moved_counts(current)}
                put_number(tx, record | public | {"drill": record["drill"] or drill})
    return told


def history(db: Database, number: int | None, password: AskPassword) -> list[dict[str, Any]]:
    """Give every repair that was kept, by number and time, with its diff."""
    identity = open_key(db, password)
    return [
        dict(entry) for record in _planned(db, number) for entry in read_current(db, record, identity)[1].log
    ]


def _checked(request: Request) -> Request:
    """Give a request with its texts clean; raises UsageProblem where something of it is missing."""
    reason, approver = clean("--reason", request.reason), clean("--approver", request.approver)
    if request.drop:
        if request.outcome not in DROPPED_AS:
            raise UsageProblem(
                problem=_("a visit that falls away has an --outcome: {known}").format(
                    known=", ".join(DROPPED_AS)
                )
            )
        if not reason:
            raise UsageProblem(problem=_("{outcome} needs its --reason").format(outcome=request.outcome))
    if request.move is not None and not (reason and approver):
        raise UsageProblem(problem=_("a visit is moved to another day with its --reason and --approver"))
    sweep = request.sweep
    if sweep is not None:
        sweep = replace(sweep, basis=clean("--directed", sweep.basis))
        if not sweep.basis or not sweep.units:
            raise UsageProblem(problem=_("an ordered visit needs its basis and its units"))
        if request.kind == "order" and not sweep.deadline:
            raise UsageProblem(
                problem=_("an order from above has a last day: add --deadline, like --deadline 2026-12-18")
            )
    return replace(request, reason=reason, approver=approver, sweep=sweep)


def _planned(db: Database, number: int | None) -> list[dict[str, Any]]:
    """Give the numbers whose plan is sealed and not closed; raises UsageProblem, OutOfOrder."""
    if number is not None:
        expect(number_of(db, number), ("planned",), _("there is no sealed plan to repair"))
    found = [
        one
        for one in read_numbers(db)
        if one["state"] == "planned" and not one.get("abandoned") and number in (None, one["number"])
    ]
    if not found:
        raise UsageProblem(problem=_("no number has a sealed plan that could be repaired"))
    return found


def _by_id(db: Database, works: Sequence[_Work], request: Request) -> Request:
    """Give a request with the ids of visits that it names by their units; raises what `_visit_named` does."""
    move = request.move
    return replace(
        request,
        drop=tuple(_visit_named(db, works, word) for word in request.drop),
        move=(_visit_named(db, works, move[0]), move[1]) if move else None,
    )


def _visit_named(db: Database, works: Sequence[_Work], word: str) -> str:
    """Give the id of the visit that a word means: its id, or a unit that has one visit to come.

    Raises
    ------
    NoVisit
        If it is neither a visit nor a unit.
    UsageProblem
        If the unit has several visits, or none.
    """
    if any(word in one.visits for one in works):
        return word
    try:
        unit = unit_named(db, word)
    except NoSuchUnit as error:
        raise NoVisit(number=works[-1].number, visit=word) from error
    found = [
        visit
        for one in works
        for name, visit in one.visits.items()
        if visit["unit"] == unit.id and name not in one.known
    ]
    if len(found) == 1:
        return str(found[0]["id"])
    if not found:
        raise UsageProblem(problem=_("{unit} has no visit to come in the plan").format(unit=unit.name))
    raise UsageProblem(
        problem=_("{unit} has several visits; write the id of one: {visits}").format(
            unit=unit.name,
            visits=listed(
                f"{one['id']} ({one['date']})" for one in sorted(found, key=lambda one: one["date"])
            ),
        )
    )


def _concerned(works: Sequence[_Work], request: Request) -> list[_Work]:
    """Give the numbers that a request is about; raises UsageProblem."""
    for who, _first, _last in request.absent:
        if not any(one.neutral(who) for one in works):
            raise UsageProblem(
                problem=_("{id} is no inspector of this number; write names or staff ids").format(id=who)
            )
    if request.sweep is not None:
        return [works[-1]]
    if request.absent:
        return [one for one in works if any(one.neutral(who) for who, _first, _last in request.absent)]
    named = {*request.drop, *([request.move[0]] if request.move else ())}
    return [one for one in works if named & set(one.visits)]


class _Work:
    """The repair of one number: what stands, what is asked, what comes of it."""

    def __init__(
        self, db: Database, record: Mapping[str, Any], identity: str, plugins: Plugins, now: datetime
    ) -> None:
        self.db, self.record, self.plugins, self.now = db, record, plugins, now
        self.number: int = record["number"]
        self.today = f"{now:%Y-%m-%d}"
        self.since = (now.date() + timedelta(days=1)).isoformat()
        self.sealed, self.current = read_current(db, record, identity)
        self.known = read_outcomes(db, self.number)
        self.released = self._released()
        self.parts = read_frozen(db, self.number)
        check_frozen(record, self.parts)
        self.ids = plans.staff_key(db, self.number)
        self.names = {self.ids[one.id]: one.name for one in read_inspectors(db) if one.id in self.ids}
        self.unit_names = {one.id: one.name for one in read_units(db)}
        self.visits = {one["id"]: dict(one) for one in self.current.visits if self._counts(one)}
        self.before = {name: self._as_it_was(one) for name, one in self.visits.items()}
        self.left = {
            name: {key: value for key, value in one.items() if key not in ("reason", "evidence")}
            for name, one in self.current.left.items()
            if name not in self.known
        }
        self.absent = {who: [list(one) for one in days] for who, days in self.current.absent.items()}
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

    def neutral(self, who: str) -> str | None:
        """Give the neutral id of a person who is named, by staff id or by neutral id; None if unknown."""
        named = {name: neutral for neutral, name in self.names.items()}
        return (named | self.ids | {one: one for one in self.ids.values()}).get(who)

    def ask(self, request: Request, work: float, progress: Callable[[str], None]) -> None:
        """Take in what happened; raises UsageProblem."""
        for who, first, last in request.absent:
            neutral = self.neutral(who)
            if neutral is not None:
                self.absent.setdefault(neutral, []).append([first, last])
        for name in request.drop:
            if name in self.visits:
                self._drop(name, request)
        if request.move is not None:
            self._move(*request.move, request)
        if request.sweep is not None:
            self._order(request.sweep, work, progress)

    def solve(self, request: Request, work: float) -> dict[str, Any]:
        """Repair, check, and give what changed; raises Infeasible, plans.CheckFailed."""
        from auditor.plan.repair import repair as least_change

        grouped = _grouped([*self.before.values(), *self.left.values(), *self.new.values()], self.known)
        problem = self._problem()
        given = {
            sortie.key: Given(
                several[0]["date"], sortie.slot, tuple(sorted(several[0]["team"])), sortie.units
            )
            for sortie, several in grouped
            if "date" in several[0]
        }
        of = {one["id"]: sortie.key for sortie, several in grouped for one in several}

        def solved(problem: PlanProblem) -> Repaired:
            return least_change(
                problem,
                [sortie for sortie, _several in grouped],
                given,
                frozen={of[name] for name in self.frozen if name in of},
                absent=self._away(),
                moved={of[name]: day for name, day in self.moved.items()},
                ordered={
                    of[name]
                    for there in (self.before, self.left, self.new)
                    for name, one in there.items()
                    if "basis" in one
                },
                since=self.since,
                work=work,
            )

        repaired = solved(problem)
        if repaired.left_out and fair_rules(problem):  # nobody is left out for them
            free = solved(without(problem))
            if len(free.left_out) < len(repaired.left_out):
                problem, repaired = without(problem), free
        members = {sortie.key: several for sortie, several in grouped}
        for left in repaired.left_out:
            if self.moved and any(one["id"] in self.before for one in members[left.sortie]):
                raise Infeasible(
                    reason=_(
                        "that day has no team for this visit beside the others ({reason}); choose another"
                    ).format(reason=word(LEFT_WORDS, left.reason))
                )
            for one in members[left.sortie]:
                bare = {key: value for key, value in one.items() if key not in ("date", "team")}
                self.left_after[one["id"]] = {**bare, "reason": left.reason, "evidence": left.evidence}
        for key, now in repaired.given.items():
            for one in members[key]:
                self.after[one["id"]] = {**one, "date": now.day, "team": sorted(now.team)}
        self._check(problem, repaired)
        return self._told(request, repaired, members)

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

    # What stands

    def _released(self) -> set[str]:
        return {visit["id"] for of, visit in read_released(self.db) if of == self.number}

    def _counts(self, visit: Visit) -> bool:
        """Whether a visit still takes people: it does unless it was cancelled."""
        return self.known.get(visit["id"], {}).get("outcome") != "cancelled"

    def _as_it_was(self, visit: Visit) -> dict[str, Any]:
        """Give a visit with the day and team that its outcome says it really had."""
        really = self.known.get(visit["id"], {})
        return {**visit, **{key: really[key] for key in ("date", "team") if key in really}}

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

    def _open_past(self) -> list[str]:
        """Name the visits whose half-day is over and of which nobody has said what became."""
        minute = self.now.hour * 60 + self.now.minute
        return sorted(
            name
            for name, one in self.before.items()
            if name not in self.known
            and (one["date"] < self.today or (one["date"] == self.today and minute >= SLOTS[one["slot"]][1]))
        )

    def _away(self) -> dict[str, set[str]]:
        return {
            who: {
                f"{day}/{slot}"
                for day in self.parts["field"]["days"]
                for slot in SLOTS
                if any(first <= day <= last for first, last in spans)
            }
            for who, spans in self.absent.items()
        }

    def _problem(self) -> PlanProblem:
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
                **{_draw_of(one): (one["window"][0], one["window"][1]) for one in visits if "window" in one},
            },
            beacon_day=self.record["beacon"]["published_at"][:10],
            closed=closed_days(frames),
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

    def _fair(self) -> dict[str, Any]:
        """Give the rules of fairness that the plan keeps; pairs who are out more often already may stay."""
        fair = fair_fields(self.sealed.record.get("fairness"))
        if fair["pairs"] is not None:
            teams = {one["sortie"]: sorted(one["team"]) for one in self.before.values()}
            together = Counter(pair for team in teams.values() for pair in combinations(team, 2))
            fair["pairs"] = max([fair["pairs"], *together.values()])
        return fair

    # What is asked

    def _drop(self, name: str, request: Request) -> None:
        visit = self.visits[name]
        if name in self.known:
            raise UsageProblem(problem=_("visit {visit} has an outcome already").format(visit=name))
        if request.outcome in SEEN and visit["date"] > self.today:
            raise UsageProblem(
                problem=_("visit {visit}: {outcome} can be said from its day on").format(
                    visit=name, outcome=request.outcome
                )
            )
        self.dropped.append(name)
        self._take_out(name, "")
        del self.before[name]
        self.frozen.discard(name)

    def _move(self, name: str, day: str, request: Request) -> None:
        visit = self.visits[name]
        if name in self.frozen:
            raise UsageProblem(
                problem=_("visit {visit} is past, released or recorded, and stays as it is").format(
                    visit=name
                )
            )
        first, last = windows_of(self.record["commit"])[visit["draw"]] if "draw" in visit else visit["window"]
        if day not in self.parts["field"]["days"] or not max(first, self.since) <= day <= last:
            raise UsageProblem(
                problem=_("{day} is no day on which this visit may be: from {first} to {last}").format(
                    day=day, first=max(first, self.since), last=last
                )
            )
        if day == visit["date"]:
            raise UsageProblem(problem=_("visit {visit} is on that day already").format(visit=name))
        taken = {one["sortie"] for one in (*self.current.visits, *self.left.values())}
        self._take_out(
            name, next(key for key in (f"M{at:03d}" for at in range(1, 10_000)) if key not in taken)
        )
        self.moved[name] = day
        self.postponed[name] = {
            "reason": request.reason,
            "approver": request.approver,
            "date": day,
            "was": self.postponed.get(name, {}).get("was", visit["date"]),
        }

    def _take_out(self, name: str, key: str) -> None:
        """Take a visit out of its sortie, into one of its own; the others have a lead of their own.

        It starts where its sortie does: from elsewhere nobody may reach it in time.
        """
        several = [one for one in self.before.values() if one["sortie"] == self.before[name]["sortie"]]
        others = [one for one in several if one["id"] != name]
        if not others:
            return
        self.before[name] = with_start(self.before[name], self.sealed.record.get("starts", {}))
        self.before[name] |= {"sortie": key, "lead": self.before[name]["unit"]}
        if all(one["lead"] not in {other["unit"] for other in others} for one in others):
            lead = min(others, key=lambda one: str(one["id"]))["unit"]
            for one in others:
                one["lead"] = lead

    def _order(self, sweep: Sweep, work: float, progress: Callable[[str], None]) -> None:
        days = self.parts["field"]["days"]
        last = self.record["commit"]["spec"]["period"][1]
        deadline = sweep.deadline or last
        if not self.since <= deadline <= last:
            raise UsageProblem(
                problem=_("the deadline {day} lies outside {first} to {last}").format(
                    day=deadline, first=self.since, last=last
                )
            )
        self.whole_standby = True
        problem, places = self._problem(), plans.frozen_places(self.parts["places"])
        away = self._away()
        free = tuple(
            replace(one, free=tuple(half for half in one.free if half not in away.get(one.id, ())))
            for one in problem.staff
        )
        ordered = ordered_visits(
            self.db,
            sweep,
            replace(
                problem,
                staff=free,
                days=tuple(day for day in days if day >= self.since),
                starts=places.starts,
            ),
            places.points,
            (self.since, deadline),
            self.record["commit"]["spec"]["domains"],
            self.plugins,
            [one["sortie"] for one in (*self.current.visits, *self.current.left.values())],
            [
                one
                for name, one in (*self.before.items(), *self.left.items())
                if "basis" in one and name not in self.known
            ],
            work=work,
            progress=progress,
        )
        self.new = {one["id"]: dict(one) for one in ordered.visits}
        self.refused, self.already = ordered.refused, ordered.already

    # What comes of it

    def _check(self, problem: PlanProblem, repaired: Repaired) -> None:
        facts = PlanFacts(
            points={},
            start=problem.start,
            demand={},
            domains=self.plugins.domains,
            staff=problem.staff,
            days=problem.days,
            beacon_day=problem.beacon_day,
            windows=problem.windows,
            closed=problem.closed,
            strata=problem.strata,
            team=problem.team,
            cars=problem.cars,
            cars_in=problem.cars_in,
            departments=problem.departments,
            shut=problem.shut,
            areas=problem.areas,
            load=problem.load,
            pairs=problem.pairs,
            carried=problem.carried,
        )
        fresh, there = {*self.new, *self.left}, (self.before, self.left, self.new)
        found = check_repair(
            _for_check(list(self.before.values()), self.known),
            _for_check(list(self.after.values()), self.known),
            RepairFacts(
                plan=facts,
                frozen=self.frozen,
                left=self.left_after,
                new=fresh,
                moved=self.moved,
                absent=self._away(),
                since=self.since,
                sorties=len({one["sortie"] for several in there for one in several.values()}),
                moves=repaired.moves,
                seats=repaired.seats,
            ),
        )
        # a domain may have other minutes now than when the plan was sealed, and the visit keeps its own
        plans.passed(_("repair"), [one for one in found if one.rule != "minutes"])

    def _told(
        self, request: Request, repaired: Repaired, members: Mapping[str, Sequence[Visit]]
    ) -> dict[str, Any]:
        away = self._away()
        return {
            "number": self.number,
            "at": clock_text(self.now),
            "kind": request.kind,
            "reason": request.reason,
            "approver": request.approver,
            "basis": request.sweep.basis if request.sweep else "",
            "moves": repaired.moves,
            "moves_bound": repaired.moves_bound,
            "seats": repaired.seats,
            "seats_bound": repaired.seats_bound,
            "load_min": repaired.load_min,
            "load_max": repaired.load_max,
            "gave_way": self._gave_way(repaired.given),
            "status": repaired.status,
            "changes": [
                {
                    "number": self.number,
                    "sortie": one.sortie,
                    "why": self._why(one, members[one.sortie]),
                    "visits": self._named(members[one.sortie]),
                    "from": self._given(one.before),
                    "to": self._given(one.after),
                }
                for one in repaired.changes
                if one.before or one.after or not self._was_left(members[one.sortie])
            ]
            + [
                {
                    "sortie": self.visits[name]["sortie"],
                    "why": "dropped",
                    "visits": self._named([self.visits[name]]),
                    "from": {
                        key: self.visits[name][key] if key != "team" else self._people(self.visits[name][key])
                        for key in ("date", "slot", "team")
                    },
                    "to": None,
                }
                for name in self.dropped
            ],
            "left_out": [
                {
                    "sortie": one.sortie,
                    "visits": self._named(members[one.sortie]),
                    "reason": one.reason,
                    "evidence": one.evidence,
                }
                for one in repaired.left_out
            ],
            "refused": [self._with_name(one) for one in self.refused],
            "already": [self._with_name(one) for one in self.already],
            "tell": list(self._tell()),
            "open_past": self._open_past(),
            "still_out": sorted(
                name
                for name in self.frozen
                if any(
                    f"{self.before[name]['date']}/{self.before[name]['slot']}" in away.get(person, ())
                    for person in self.before[name]["team"]
                )
                and name not in self.known
            ),
        }

    def _was_left(self, members: Sequence[Visit]) -> bool:
        """Whether an earlier repair, and no order now, is why these visits had no day."""
        return all(one["id"] in self.left for one in members)

    def _why(self, change: Change, members: Sequence[Visit]) -> str:
        """Say why a sortie changed: "again" for one that was left out and has room now."""
        return "again" if change.why == "new" and self._was_left(members) else change.why

    def _gave_way(self, given: Mapping[str, Given]) -> list[str]:
        """Name the rules about those who go out that the sealed plan keeps and the repaired one breaks."""
        fair = fair_fields(self.sealed.record.get("fairness"))
        problem = replace(self._problem(), **fair)
        teams = [one.team for one in given.values()]
        out = loads(problem, teams)
        going = {person: out.get(person, 0) for team in teams for person in team}
        together = Counter(pair for team in teams for pair in combinations(sorted(team), 2))
        every = {one["sortie"] for one in (*self.after.values(), *self.left_after.values())}
        largest = max(going.values(), default=0)
        broken = {
            "load": problem.load is not None and largest > most_load(problem, len(every)),
            "even": problem.even is not None and largest > min(out.values(), default=0) + problem.even,
            "pairs": problem.pairs is not None and max(together.values(), default=0) > problem.pairs,
        }
        return [name for name in FAIR if broken[name]]

    def _tell(self) -> Iterator[dict[str, Any]]:
        """Give whose half-days changed: only they are told, and no unit."""

        def out(visits: Collection[Visit]) -> dict[str, set[tuple[str, str]]]:
            found: dict[str, set[tuple[str, str]]] = {}
            for one in visits:
                for person in one["team"]:
                    found.setdefault(person, set()).add((one["date"], one["slot"]))
            return found

        was = out([*self.before.values(), *(self.visits[name] for name in self.dropped)])
        now = out(list(self.after.values()))
        for person in sorted({*was, *now}, key=lambda one: self.names.get(one, one)):
            gone, come = was.get(person, set()) - now.get(person, set()), now.get(person, set())
            come = come - was.get(person, set())
            if gone or come:
                yield {
                    "person": person,
                    "name": self.names.get(person, person),
                    "no_longer": [f"{day}/{slot}" for day, slot in sorted(gone)],
                    "now": [f"{day}/{slot}" for day, slot in sorted(come)],
                }

    def _named(self, visits: Sequence[Visit]) -> list[dict[str, Any]]:
        return [
            {"id": one["id"], "unit": one["unit"], "name": self.unit_names.get(one["unit"], one["unit"])}
            for one in visits
        ]

    def _with_name(self, one: Visit) -> dict[str, Any]:
        return {**one, "name": self.unit_names.get(one["unit"], one["unit"])}

    def _people(self, team: Sequence[str]) -> list[str]:
        return [self.names.get(one, one) for one in team]

    def _given(self, one: Given | None) -> dict[str, Any] | None:
        return {"date": one.day, "slot": one.slot, "team": self._people(one.team)} if one else None


def _draw_of(visit: Visit) -> str:
    """Give the draw whose window a visit has; an ordered one has a window of its own."""
    return str(visit["draw"]) if "draw" in visit else f"directed/{visit['id']}"


def _for_check(visits: Sequence[Visit], known: Mapping[str, Visit]) -> list[dict[str, Any]]:
    """Give visits with the unit that the team really meets, and the draw whose window they have."""
    return [
        {**one, "unit": stop.unit, "draw": stop.draw, "lead": min(sortie.units)}
        for sortie, several in _grouped(visits, known)
        for one, stop in zip(several, sortie.stops, strict=True)
    ]


def _grouped(visits: Sequence[Visit], known: Mapping[str, Visit]) -> list[tuple[Sortie, list[Visit]]]:
    """Give the sorties of visits, for the repair: who stands in for a unit is whom the team meets."""
    grouped: dict[str, list[Visit]] = {}
    for visit in visits:
        grouped.setdefault(visit["sortie"], []).append(visit)
    return [
        (
            Sortie(
                key=key,
                slot=several[0]["slot"],
                metres=0,
                stops=tuple(
                    Stop(
                        unit=known.get(one["id"], {}).get("by", one["unit"]),
                        draw=_draw_of(one),
                        domains=tuple(one["domains"]),
                        minutes=one["minutes"],
                        start=0,
                    )
                    for one in several
                ),
            ),
            several,
        )
        for key, several in sorted(grouped.items())
    ]

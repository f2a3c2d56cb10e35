"""Repair a sealed plan: somebody is ill, a visit falls away, one is ordered, one must wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from auditor.draw.rules import clock_text
from auditor.errors import Infeasible, UsageProblem
from auditor.i18n import _, listed
from auditor.pages.words import LEFT_WORDS, word
from auditor.plan.check import PlanFacts
from auditor.plan.check_repair import RepairFacts, check_repair
from auditor.plan.given import Given
from auditor.plan.loads import fair_rules, without
from auditor.plan.problem import PlanProblem
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.numbers import put_number, put_outcome, read_numbers
from auditor.store.records import read_settings
from auditor.store.writing import Transaction, write_tx
from auditor.workflow import plans
from auditor.workflow.ceremony import expect, number_of
from auditor.workflow.keys import PUBLIC, AskPassword, open_key
from auditor.workflow.naming import unit_named, units_named
from auditor.workflow.programmes import cure_here
from auditor.workflow.releasing import NoVisit
from auditor.workflow.repair_asks import ask
from auditor.workflow.repair_diffs import diff
from auditor.workflow.repair_requests import Request, checked
from auditor.workflow.repair_state import RepairState, Visit, grouped
from auditor.workflow.repairs import Current, moved_counts, put_current, read_current
from auditor.workflow.units import NoSuchUnit

if TYPE_CHECKING:
    from auditor.entities import Sortie
    from auditor.plan.repair import Repaired

MOST_DAYS = 3
"""So many days are named on which a visit could be."""


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
    chosen, told, request = worked_out(
        db, request, number, plugins, password, now, work=work, progress=progress
    )
    if not dry_run:
        with write_tx(db, "plan repair", now) as tx:
            for one in chosen:
                if one.changed_meanwhile():
                    raise UsageProblem(problem=_("a visit was released or recorded meanwhile; repair again"))
            for one, entry in zip(chosen, told, strict=True):
                keep(tx, db, one.number, one.kept(entry), one.dropped, request, now, drill=drill)
    return told


def worked_out(
    db: Database,
    request: Request,
    number: int | None,
    plugins: Plugins,
    password: AskPassword,
    now: datetime,
    *,
    work: float,
    progress: Callable[[str], None],
) -> tuple[list[RepairState], list[dict[str, Any]], Request]:
    """Repair without keeping it; give the numbers repaired, what changed of each, and the clean request.

    Raises
    ------
    What `repair` raises.
    """
    request = checked(request)
    if request.sweep is not None:
        units_named(db, request.sweep.units)  # a wrong name is said before the password is asked
    planned = _planned(db, number)
    identity = open_key(db, password)
    states = [RepairState(db, record, identity, plugins, now) for record in planned]
    request = _by_id(db, states, request)
    chosen = _concerned(states, request)
    told = []
    for one in chosen:
        ask(one, request, work, progress)
        told.append(_solve(one, request, work))
    return chosen, told, request


def keep(
    tx: Transaction,
    db: Database,
    number: int,
    current: Current,
    dropped: Sequence[str],
    request: Request,
    now: datetime,
    *,
    drill: bool,
) -> None:
    """Keep a number as a repair left it, with the outcome of the visits that it dropped."""
    for visit in dropped:
        put_outcome(tx, number, visit, {"outcome": request.outcome, "reason": request.reason})
    put_current(tx, number, current, read_settings(db)[PUBLIC])
    record = number_of(db, number)
    public = {"repairs": len(current.log), "repaired_at": clock_text(now), **moved_counts(current)}
    put_number(tx, record | public | {"drill": record["drill"] or drill})


def history(db: Database, number: int | None, password: AskPassword) -> list[dict[str, Any]]:
    """Give every repair that was kept, by number and time, with its diff."""
    identity = open_key(db, password)
    return [
        dict(entry) for record in _repaired(db, number) for entry in read_current(db, record, identity)[1].log
    ]


def _repaired(db: Database, number: int | None) -> list[dict[str, Any]]:
    """Give the numbers that were repaired, those too that are closed; raises as `_planned` does."""
    found = [one for one in read_numbers(db) if one.get("repairs") and number in (None, one["number"])]
    return found or _planned(db, number)


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
        raise UsageProblem(
            problem=_("no number has a sealed plan that could be repaired; {cure}").format(
                cure=cure_here(db, _("the numbers and their states: `auditor draw ledger`"))
            )
        )
    return found


def _by_id(db: Database, states: Sequence[RepairState], request: Request) -> Request:
    """Give a request with the ids of visits that it names by their units; raises what `_visit_named` does."""
    move = request.move
    return replace(
        request,
        drop=tuple(_visit_named(db, states, word) for word in request.drop),
        move=(_visit_named(db, states, move[0]), move[1]) if move else None,
    )


def _visit_named(db: Database, states: Sequence[RepairState], word: str) -> str:
    """Give the id of the visit that a word means: its id, or a unit that has one visit to come.

    Raises
    ------
    NoVisit
        If it is neither a visit nor a unit.
    UsageProblem
        If the unit has several visits, or none.
    """
    for state in states:
        if word in state.visits:
            return word
        if word in state.left:
            raise UsageProblem(problem=_has_no_day(state, state.left[word]))
    try:
        unit = unit_named(db, word)
    except NoSuchUnit as error:
        raise NoVisit(number=states[-1].number, visit=word) from error
    found = [
        (one, visit)
        for one in states
        for name, visit in (*one.visits.items(), *one.left.items())
        if visit["unit"] == unit.id and name not in one.known
    ]
    if not found:
        raise UsageProblem(problem=_("{unit} has no visit to come in the plan").format(unit=unit.name))
    if len(found) > 1:
        dated = sorted((str(visit.get("date") or _("left out")), str(visit["id"])) for _state, visit in found)
        raise UsageProblem(
            problem=_("{unit} has several visits; write the id of one: {visits}").format(
                unit=unit.name, visits=listed(f"{name} ({day})" for day, name in dated)
            )
        )
    ((state, visit),) = found
    if visit["id"] in state.left:
        raise UsageProblem(problem=_has_no_day(state, visit))
    return str(visit["id"])


def _has_no_day(state: RepairState, visit: Visit) -> str:
    return _("{visit} has no day: an earlier repair left it out, and every repair tries it again").format(
        visit=state.told(visit)
    )


def _concerned(states: Sequence[RepairState], request: Request) -> list[RepairState]:
    """Give the numbers that a request is about; raises UsageProblem."""
    for who, _first, _last in request.absent:
        if not any(one.neutral(who) for one in states):
            raise UsageProblem(
                problem=_("{id} is no inspector of this number; write names or staff ids").format(id=who)
            )
    if request.sweep is not None:
        return [states[-1]]
    if request.absent:
        for who, first, last in request.absent:
            there = [one for one in states if one.neutral(who)]
            if not any(one.in_period(first, last) for one in there):
                raise UsageProblem(
                    problem=_("--absent {who}: {first} to {last} lies outside the plan ({periods})").format(
                        who=who,
                        first=first,
                        last=last,
                        periods=listed(
                            _("{first} to {last}").format(first=a, last=b)
                            for a, b in sorted({one.period for one in there})
                        ),
                    )
                )
        return [
            one
            for one in states
            if any(one.neutral(who) and one.in_period(first, last) for who, first, last in request.absent)
        ]
    named = {*request.drop, *([request.move[0]] if request.move else ())}
    return [one for one in states if named & set(one.visits)]


def _solve(state: RepairState, request: Request, work: float) -> dict[str, Any]:
    """Repair, check, and give what changed; raises Infeasible, plans.CheckFailed."""
    was_in = {name: str(one["sortie"]) for name, one in _there(state).items()}
    problem, repaired = _least_change(state, work)
    if state.moved and _lost_for_it(state, repaired):
        raise Infeasible(reason=_no_team_then(state, repaired, work))
    members = {sortie.key: several for sortie, several in _grouped(state)}
    for left in repaired.left_out:
        for one in members[left.sortie]:
            bare = {key: value for key, value in one.items() if key not in ("date", "team")}
            state.left_after[one["id"]] = {**bare, "reason": left.reason, "evidence": left.evidence}
    for key, now in repaired.given.items():
        for one in members[key]:
            state.after[one["id"]] = {**one, "date": now.day, "team": sorted(now.team)}
    _check(state, problem, repaired, was_in)
    return diff(state, request, repaired, members, was_in)


def _there(state: RepairState) -> dict[str, dict[str, Any]]:
    """Give all visits, those too that have no day, by id."""
    return {**state.before, **state.left, **state.new}


def _grouped(state: RepairState) -> list[tuple[Sortie, list[Visit]]]:
    return grouped(list(_there(state).values()), state.known)


def _least_change(state: RepairState, work: float) -> tuple[PlanProblem, Repaired]:
    """Repair; sorties that would be left out are cut (see `auditor.plan.parts`), in `state` too.

    Gives the problem with the wishes of load and pairs that it keeps: no whole sortie is left out for them.
    """
    from auditor.plan.parts import Task, in_parts
    from auditor.plan.repair import repair as least_change

    grouped_now = _grouped(state)
    of = {one["id"]: sortie.key for sortie, several in grouped_now for one in several}
    task = Task(
        sorties=[sortie for sortie, _several in grouped_now],
        given={
            sortie.key: Given(
                several[0]["date"], sortie.slot, tuple(sorted(several[0]["team"])), sortie.units
            )
            for sortie, several in grouped_now
            if "date" in several[0]
        },
        ordered=state.ordered(),
        waiting={of[name] for name in state.left},
    )
    away = state.away()

    def solved(problem: PlanProblem, task: Task) -> Repaired:
        return least_change(
            problem,
            task.sorties,
            task.given,
            frozen={of[name] for name in state.frozen if name in of},
            absent=away,
            moved={of[name]: day for name, day in state.moved.items()},
            ordered=task.ordered,
            waiting=task.waiting,
            since=state.since,
            work=work,
        )

    problem = state.problem()
    repaired = solved(problem, task)
    if any(repaired.lost) and fair_rules(problem):
        free = solved(without(problem), task)
        if free.lost < repaired.lost:
            problem, repaired = without(problem), free
    if not any(repaired.lost) or state.moved:
        return problem, repaired
    found = in_parts(
        problem,
        task,
        repaired,
        lambda one: solved(problem, one),
        state.free_keys(),
        absent=away,
        since=state.since,
    )
    if found is None:
        return problem, repaired
    visits = {sortie.key: several for sortie, several in grouped_now}
    for key, (whole, places) in found.parts.items():
        for at in places:
            state.take_out(str(visits[whole][at]["id"]), key)
    return problem, found.repaired


def _lost_for_it(state: RepairState, repaired: Repaired) -> list[str]:
    """Give why visits that stood would be left out."""
    stood = {one["sortie"] for one in state.before.values()}
    return [one.reason for one in repaired.left_out if one.sortie in stood]


def _no_team_then(state: RepairState, repaired: Repaired, work: float) -> str:
    """Say that a visit cannot be on the day that was asked for, why, and on which days near it could be."""
    ((name, day),) = state.moved.items()
    reason = word(LEFT_WORDS, _lost_for_it(state, repaired)[0])
    found: list[str] = []
    visit = state.visits[name]
    for other in state.days_near(visit, day):
        if other != day and other != visit["date"]:
            state.moved[name] = other
            _problem, tried = _least_change(state, work)
            if not _lost_for_it(state, tried):
                found.append(other)
        if len(found) == MOST_DAYS:
            break
    state.moved[name] = day
    told = {"visit": state.told(visit), "day": day, "reason": reason}
    if not found:
        return _(
            "on {day} no team can make visit {visit} beside the others ({reason}), nor on any other day of "
            "its window"
        ).format(**told)
    return _("on {day} no team can make visit {visit} beside the others; possible would be {days}").format(
        **told, days=listed(sorted(found))
    )


def _check(state: RepairState, problem: PlanProblem, repaired: Repaired, was_in: Mapping[str, str]) -> None:
    facts = PlanFacts(
        points={},
        start=problem.start,
        demand={},
        domains=state.plugins.domains,
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
    fresh, there = {*state.new, *state.left}, (state.before, state.left, state.new)
    found = check_repair(
        _for_check(list(state.before.values()), state.known),
        _for_check(list(state.after.values()), state.known),
        RepairFacts(
            plan=facts,
            frozen=state.frozen,
            left=state.left_after,
            new=fresh,
            moved=state.moved,
            absent=state.away(),
            since=state.since,
            was_in=was_in,
            sorties=len({one["sortie"] for several in there for one in several.values()}),
            moves=repaired.moves,
            seats=repaired.seats,
        ),
    )
    # a domain may have other minutes now than when the plan was sealed, and the visit keeps its own
    plans.passed(_("repair"), [one for one in found if one.rule != "minutes"])


def _for_check(visits: Sequence[Visit], known: Mapping[str, Visit]) -> list[dict[str, Any]]:
    """Give visits with the unit that the team really meets, and the draw whose window they have."""
    return [
        {**one, "unit": stop.unit, "draw": stop.draw, "lead": min(sortie.units)}
        for sortie, several in grouped(visits, known)
        for one, stop in zip(several, sortie.stops, strict=True)
    ]

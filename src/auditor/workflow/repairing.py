"""Repair a sealed plan: somebody is ill, a visit falls away, one is ordered, one must wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

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
from auditor.store.writing import write_tx
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
from auditor.workflow.repairs import moved_counts, put_current, read_current
from auditor.workflow.units import NoSuchUnit

if TYPE_CHECKING:
    from auditor.plan.repair import Repaired


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
    if any(word in one.visits for one in states):
        return word
    try:
        unit = unit_named(db, word)
    except NoSuchUnit as error:
        raise NoVisit(number=states[-1].number, visit=word) from error
    found = [
        visit
        for one in states
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
        return [one for one in states if any(one.neutral(who) for who, _first, _last in request.absent)]
    named = {*request.drop, *([request.move[0]] if request.move else ())}
    return [one for one in states if named & set(one.visits)]


def _solve(state: RepairState, request: Request, work: float) -> dict[str, Any]:
    """Repair, check, and give what changed; raises Infeasible, plans.CheckFailed."""
    from auditor.plan.repair import repair as least_change

    sorties = grouped([*state.before.values(), *state.left.values(), *state.new.values()], state.known)
    problem = state.problem()
    given = {
        sortie.key: Given(several[0]["date"], sortie.slot, tuple(sorted(several[0]["team"])), sortie.units)
        for sortie, several in sorties
        if "date" in several[0]
    }
    of = {one["id"]: sortie.key for sortie, several in sorties for one in several}

    def solved(problem: PlanProblem) -> Repaired:
        return least_change(
            problem,
            [sortie for sortie, _several in sorties],
            given,
            frozen={of[name] for name in state.frozen if name in of},
            absent=state.away(),
            moved={of[name]: day for name, day in state.moved.items()},
            ordered={
                of[name]
                for there in (state.before, state.left, state.new)
                for name, one in there.items()
                if "basis" in one
            },
            since=state.since,
            work=work,
        )

    repaired = solved(problem)
    if repaired.left_out and fair_rules(problem):  # nobody is left out for them
        free = solved(without(problem))
        if len(free.left_out) < len(repaired.left_out):
            problem, repaired = without(problem), free
    members = {sortie.key: several for sortie, several in sorties}
    for left in repaired.left_out:
        if state.moved and any(one["id"] in state.before for one in members[left.sortie]):
            raise Infeasible(
                reason=_(
                    "that day has no team for this visit beside the others ({reason}); choose another"
                ).format(reason=word(LEFT_WORDS, left.reason))
            )
        for one in members[left.sortie]:
            bare = {key: value for key, value in one.items() if key not in ("date", "team")}
            state.left_after[one["id"]] = {**bare, "reason": left.reason, "evidence": left.evidence}
    for key, now in repaired.given.items():
        for one in members[key]:
            state.after[one["id"]] = {**one, "date": now.day, "team": sorted(now.team)}
    _check(state, problem, repaired)
    return diff(state, request, repaired, members)


def _check(state: RepairState, problem: PlanProblem, repaired: Repaired) -> None:
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

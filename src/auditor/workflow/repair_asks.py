"""What is asked of a repair, taken in: absences, and visits that fall away, move or are ordered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.workflow import plans
from auditor.workflow.directed import Sweep, ordered_visits
from auditor.workflow.drawn import windows_of
from auditor.workflow.releasing import SEEN, with_start
from auditor.workflow.repair_requests import Request
from auditor.workflow.repair_state import RepairState


def ask(state: RepairState, request: Request, work: float, progress: Callable[[str], None]) -> None:
    """Take in what happened; raises UsageProblem."""
    for who, first, last in request.absent:
        neutral = state.neutral(who)
        if neutral is not None:
            state.absent.setdefault(neutral, []).append([first, last])
    for name in request.drop:
        if name in state.visits:
            _drop(state, name, request)
    if request.move is not None:
        _move(state, *request.move, request)
    if request.sweep is not None:
        _order(state, request.sweep, work, progress)


def _drop(state: RepairState, name: str, request: Request) -> None:
    visit = state.visits[name]
    if name in state.known:
        raise UsageProblem(problem=_("visit {visit} has an outcome already").format(visit=name))
    if request.outcome in SEEN and visit["date"] > state.today:
        raise UsageProblem(
            problem=_("visit {visit}: {outcome} can be said from its day on").format(
                visit=name, outcome=request.outcome
            )
        )
    state.dropped.append(name)
    _take_out(state, name, "")
    del state.before[name]
    state.frozen.discard(name)


def _move(state: RepairState, name: str, day: str, request: Request) -> None:
    visit = state.visits[name]
    if name in state.frozen:
        raise UsageProblem(
            problem=_("visit {visit} is past, released or recorded, and stays as it is").format(visit=name)
        )
    first, last = windows_of(state.record["commit"])[visit["draw"]] if "draw" in visit else visit["window"]
    if day not in state.parts["field"]["days"] or not max(first, state.since) <= day <= last:
        raise UsageProblem(
            problem=_("{day} is no day on which this visit may be: from {first} to {last}").format(
                day=day, first=max(first, state.since), last=last
            )
        )
    if day == visit["date"]:
        raise UsageProblem(problem=_("visit {visit} is on that day already").format(visit=name))
    taken = {one["sortie"] for one in (*state.current.visits, *state.left.values())}
    _take_out(state, name, next(key for key in (f"M{at:03d}" for at in range(1, 10_000)) if key not in taken))
    state.moved[name] = day
    state.postponed[name] = {
        "reason": request.reason,
        "approver": request.approver,
        "date": day,
        "was": state.postponed.get(name, {}).get("was", visit["date"]),
    }


def _take_out(state: RepairState, name: str, key: str) -> None:
    """Take a visit out of its sortie, into one of its own; the others have a lead of their own.

    It starts where its sortie does: from elsewhere nobody may reach it in time.
    """
    several = [one for one in state.before.values() if one["sortie"] == state.before[name]["sortie"]]
    others = [one for one in several if one["id"] != name]
    if not others:
        return
    state.before[name] = with_start(state.before[name], state.sealed.record.get("starts", {}))
    state.before[name] |= {"sortie": key, "lead": state.before[name]["unit"]}
    if all(one["lead"] not in {other["unit"] for other in others} for one in others):
        lead = min(others, key=lambda one: str(one["id"]))["unit"]
        for one in others:
            one["lead"] = lead


def _order(state: RepairState, sweep: Sweep, work: float, progress: Callable[[str], None]) -> None:
    days = state.parts["field"]["days"]
    last = state.record["commit"]["spec"]["period"][1]
    deadline = sweep.deadline or last
    if not state.since <= deadline <= last:
        raise UsageProblem(
            problem=_("the deadline {day} lies outside {first} to {last}").format(
                day=deadline, first=state.since, last=last
            )
        )
    state.whole_standby = True
    problem, places = state.problem(), plans.frozen_places(state.parts["places"])
    away = state.away()
    free = tuple(
        replace(one, free=tuple(half for half in one.free if half not in away.get(one.id, ())))
        for one in problem.staff
    )
    ordered = ordered_visits(
        state.db,
        sweep,
        replace(
            problem,
            staff=free,
            days=tuple(day for day in days if day >= state.since),
            starts=places.starts,
        ),
        places.points,
        (state.since, deadline),
        state.record["commit"]["spec"]["domains"],
        state.plugins,
        [one["sortie"] for one in (*state.current.visits, *state.current.left.values())],
        [
            one
            for name, one in (*state.before.items(), *state.left.items())
            if "basis" in one and name not in state.known
        ],
        work=work,
        progress=progress,
    )
    state.new = {one["id"]: dict(one) for one in ordered.visits}
    state.refused, state.already = ordered.refused, ordered.already

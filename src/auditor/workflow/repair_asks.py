"""What is asked of a repair, taken in: absences, and visits that fall away, move or are ordered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from auditor.errors import UsageProblem
from auditor.i18n import _, listed
from auditor.workflow import plans
from auditor.workflow.directed import Sweep, ordered_visits
from auditor.workflow.releasing import SEEN
from auditor.workflow.repair_requests import Request
from auditor.workflow.repair_state import RepairState


def ask(state: RepairState, request: Request, work: float, progress: Callable[[str], None]) -> None:
    """Take in what happened; raises UsageProblem."""
    for who, first, last in request.absent:
        neutral = state.neutral(who)
        if neutral is not None and state.in_period(first, last):
            state.absent.setdefault(neutral, []).append([first, last])
    for name in dict.fromkeys(request.drop):  # a visit that is named twice is meant once
        if name in state.visits:
            _drop(state, name, request)
    if request.move is not None:
        _move(state, *request.move, request)
    if request.sweep is not None:
        _order(state, request.sweep, work, progress)


def _drop(state: RepairState, name: str, request: Request) -> None:
    visit = state.visits[name]
    if name in state.known:
        raise UsageProblem(problem=_("{visit} has an outcome already").format(visit=state.told(visit)))
    if request.outcome in SEEN and visit["date"] > state.today:
        raise UsageProblem(
            problem=_("{visit}: {outcome} can be said from its day on").format(
                visit=state.told(visit), outcome=request.outcome
            )
        )
    if request.outcome in SEEN and name in state.released:
        raise UsageProblem(
            problem=_(
                "{visit} was told, and its team went: record it with `auditor draw outcome {number} "
                "--visit {id} --as {outcome} --reason …`"
            ).format(visit=state.told(visit), number=state.number, id=name, outcome=request.outcome)
        )
    state.dropped.append(name)
    state.take_out(name, "")
    del state.before[name]
    state.frozen.discard(name)


def _move(state: RepairState, name: str, day: str, request: Request) -> None:
    visit = state.visits[name]
    if name in state.frozen:
        raise UsageProblem(
            problem=_("{visit} is past, released or recorded, and stays as it is").format(
                visit=state.told(visit)
            )
        )
    first, last = state.window_of(visit)
    if day not in state.parts["field"]["days"] or not first <= day <= last:
        near = sorted(state.days_near(visit, day)[:3])
        if not near:
            raise UsageProblem(
                problem=_("{visit}: no day of its window is left; it ended on {last}").format(
                    visit=state.told(visit), last=last
                )
            )
        raise UsageProblem(
            problem=_(
                "{day} is no day on which {visit} may be: from {first} to {last}, days of the field; the "
                "nearest are {days}"
            ).format(day=day, visit=state.told(visit), first=first, last=last, days=listed(near))
        )
    if day == visit["date"]:
        raise UsageProblem(problem=_("{visit} is on that day already").format(visit=state.told(visit)))
    state.take_out(name, next(state.free_keys()))
    state.moved[name] = day
    state.postponed[name] = {
        "reason": request.reason,
        "approver": request.approver,
        "date": day,
        "was": state.postponed.get(name, {}).get("was", visit["date"]),
    }


def _order(state: RepairState, sweep: Sweep, work: float, progress: Callable[[str], None]) -> None:
    days = state.parts["field"]["days"]
    last = state.period[1]
    deadline = sweep.deadline or last
    if state.since > last:
        raise UsageProblem(
            problem=_(
                "the period of number {number} is over ({last}): no day is left for an ordered visit; order "
                "it in the next number"
            ).format(number=state.number, last=last)
        )
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

"""Planning and sealing the drawn visits of a programme, in rounds, each a whole plan with more work."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.desk.tasks.draw_run import ask_of
from auditor.desk.work import Task
from auditor.i18n import N_, _, ngettext
from auditor.pages.words import month_or

if TYPE_CHECKING:
    from auditor.workflow.sealing import Ready

KEEPS_BEST = True
ROUNDS = (0.05, 1.0)
"""What part of the work each round has; the last is what the command line does."""
LOOK_S = 0.2
"""How often it is looked whether somebody wants the best there is."""
FEW = 20
"""Of fewer visits no figure of their ways is told while the plan is sealed: it would say which they are."""
WHOLE = 1000
"""Ways are told in thousandths of the first whole plan's, never in metres."""


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Planning visits: {programme}").format(programme=month_or(str(arguments.get("programme", ""))))


@dataclass(slots=True)
class _Told:
    """What may be told of the rounds so far."""

    first_m: int = 0
    bound_m: int = 0

    def take(self, ready: list[Ready]) -> dict[str, Any]:
        """Take in the plans of a round; give what is reported of it."""
        plans = [one.plan for one in ready]
        if sum(len(one["visits"]) for one in plans) < FEW:
            return {}
        best, bound = (sum(one[name] for one in plans) for name in ("objective_m", "bound_m"))
        self.first_m = self.first_m or max(1, best)
        self.bound_m = max(bound, self.bound_m)
        bound = min(self.bound_m, best)
        return {
            "best": round(WHOLE * best / self.first_m),
            "bound": WHOLE * bound // self.first_m,
            "gain": round(100 * (best - bound) / max(1, best), 1),
        }


def run(task: Task) -> dict[str, Any]:
    """Plan every drawn number of the programme; counts only come back, for the plan is sealed.

    `arguments` hold `programme`, and perhaps `work` (units of solver work) and `secrecy`; `secrets` the
    planning key's `identity`. Planned in a thread, so that the best whole plan can be kept while the next
    round is at work.
    """
    from auditor.workflow import sealing

    ask = ask_of(task.secrets)
    task.report(step=N_("opening the draw"), done=0, of=len(ROUNDS))
    rounds: queue.Queue[list[Ready] | BaseException | str] = queue.Queue()
    planner = threading.Thread(target=copy_context().run, args=(_plan, task, ask, rounds.put), daemon=True)
    planner.start()
    best: list[Ready] | None = None
    told = _Told()
    done = 0
    while done < len(ROUNDS):
        try:
            found = rounds.get(timeout=LOOK_S)
        except queue.Empty:
            if best is not None and task.wants_best():
                break
            continue
        if isinstance(found, str):
            if best is None:
                task.report(step=found)
            continue
        if isinstance(found, BaseException):
            if best is not None:
                break
            raise found
        best, done = found, done + 1
        task.report(
            step=N_("a whole, checked plan is there; a better one is looked for"), done=done, of=len(ROUNDS),
            whole=True, **told.take(found),
        )  # fmt: skip
        if all(one.proven for one in found):
            break
    assert best is not None
    with task.writing() as db:
        made = sealing.keep(db, best, task.now, drill=task.is_drill)
    return {
        "visits": sum(one.visits for one in made),
        "unplaced": sum(one.unplaced for one in made),
        "sorties": sum(one.sorties for one in made),
        "numbers": [one.number for one in made],
        "go": f"/plans/{made[-1].number}",
    }


def _plan(
    task: Task,
    ask: Callable[[], str | None],
    put: Callable[[list[Ready] | BaseException | str], None],
) -> None:
    """Plan in rounds; put each whole plan, or what went wrong."""
    from auditor.workflow import sealing

    def step(what: str) -> None:
        put(N_("the planner works"))

    work = float(task.arguments.get("work", 60.0))
    try:
        with task.reading() as db:
            for part in ROUNDS:
                found = sealing.ready(
                    db,
                    str(task.arguments["programme"]),
                    task.plugins(db),
                    ask,
                    work=work * part,
                    progress=step,
                    **({"secrecy": task.arguments["secrecy"]} if "secrecy" in task.arguments else {}),
                )
                put(found)
                if all(one.proven for one in found):
                    return
    except BaseException as error:
        put(error)


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    visits = int(outcome.get("visits", 0))
    text = ngettext("{n} visit is planned", "{n} visits are planned", visits).format(n=visits)
    unplaced = int(outcome.get("unplaced", 0))
    if unplaced:
        more = ngettext("{n} could not be placed", "{n} could not be placed", unplaced).format(n=unplaced)
        text = f"{text} · {more}"
    return text

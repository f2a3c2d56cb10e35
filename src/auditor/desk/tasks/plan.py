"""Planning and sealing the drawn visits of a programme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.desk.work import Task
from auditor.i18n import N_, _, ngettext

KEEPS_BEST = True
"""Whether somebody may end it with the best there is."""
STEPS = 3
"""So many times the planner says that it goes on, for each number."""


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Planning visits: {programme}").format(programme=arguments.get("programme", ""))


def run(task: Task) -> dict[str, Any]:
    """Plan every drawn number of the programme; counts only come back, for the plan is sealed.

    `arguments` hold `programme`, and perhaps `work` (units of solver work) and `secrecy`; `secrets` the
    planning key's `password`.
    """
    from auditor import solving
    from auditor.workflow import sealing

    done = 0

    def step(what: str) -> None:
        nonlocal done
        done = min(done + 1, STEPS)
        task.report(step=N_("the planner works"), done=done, of=STEPS)

    def figures(best: int, bound: int) -> None:
        task.report(
            best=round(best / 1000, 1), bound=round(bound / 1000, 1),
            gain=round(100 * (best - bound) / best, 1) if best else 0.0,
        )  # fmt: skip

    task.report(step=N_("opening the draw"), done=0, of=STEPS)
    with task.writing() as db, solving.watched(figures, task.wants_best):
        made = sealing.make(
            db,
            str(task.arguments["programme"]),
            task.plugins(db),
            lambda: task.secrets.get("password"),
            task.now,
            work=float(task.arguments.get("work", 60.0)),
            drill=task.is_drill,
            progress=step,
            **({"secrecy": task.arguments["secrecy"]} if "secrecy" in task.arguments else {}),
        )
    return {
        "visits": sum(one.visits for one in made),
        "unplaced": sum(one.unplaced for one in made),
        "sorties": sum(one.sorties for one in made),
        "numbers": [one.number for one in made],
        "go": f"/plans/{made[-1].number}",
    }


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    visits = int(outcome.get("visits", 0))
    text = ngettext("{n} visit is planned", "{n} visits are planned", visits).format(n=visits)
    unplaced = int(outcome.get("unplaced", 0))
    if unplaced:
        more = ngettext("{n} could not be placed", "{n} could not be placed", unplaced).format(n=unplaced)
        text = f"{text} · {more}"
    return text

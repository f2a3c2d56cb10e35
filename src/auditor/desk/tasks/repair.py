"""A repair of a sealed plan, worked out to be looked at; nothing is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from auditor.desk.work import Task, in_both
from auditor.errors import AuditorError
from auditor.i18n import N_, _

STEPS = 3
"""So many times the work says that it goes on."""


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done; what happened is told behind the door only."""
    return _("Working out a change of plan {number}").format(number=arguments.get("number", ""))


def run(task: Task) -> dict[str, Any]:
    """Repair without keeping it.

    `arguments` hold `number`, and perhaps `work`; `secrets` the key's `identity` and the `request`, for it
    names visits. What comes back is sealed, also why it is not possible.
    """
    from auditor.workflow import keys, repair_offers

    number = int(task.arguments["number"])
    request = json.loads(task.secrets["request"])
    done = 0

    def step(what: str) -> None:
        nonlocal done
        done = min(done + 1, STEPS)
        task.report(step=N_("the least change is looked for"), done=done, of=STEPS)

    task.report(step=N_("the least change is looked for"), done=0, of=STEPS)
    with task.reading() as db:
        try:
            offer = repair_offers.work_out(
                db,
                repair_offers.request_of(request),
                number,
                task.plugins(db),
                keys.Held(task.secrets["identity"]),
                task.now,
                work=float(task.arguments.get("work", 10.0)),
                progress=step,
            )
        except AuditorError as error:
            offer = repair_offers.Offer(request=request, revision=task.revision, refused=in_both(error))
        return {
            "number": number,
            "possible": offer.refused is None,
            "sealed": repair_offers.sealed(db, offer),
            "go": f"/plans/{number}/offer",
        }


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    if outcome.get("possible"):
        return _("The change is worked out and not kept yet: look at it, then accept it or leave it.")
    return _("This is not possible as it was asked for; the page says why.")

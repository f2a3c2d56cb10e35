"""What would place the visits that a plan left out; each change is applied and planned again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from auditor.desk.work import Task
from auditor.errors import UsageProblem
from auditor.i18n import N_, _, ngettext


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Looking for what would place the others in plan {number}").format(
        number=arguments.get("ident", "")
    )


def run(task: Task) -> dict[str, Any]:
    """Explain every unplaced visit; of a sealed plan the answer is sealed.

    `arguments` hold `ident`, the number or the month of a demonstration, and perhaps `work`; `secrets` the
    key's `identity` where the plan is sealed.
    """
    from auditor.workflow import door, explaining, keys, plan_views, repair_offers, telling

    ident = str(task.arguments["ident"])
    ask = keys.Held(task.secrets["identity"]) if "identity" in task.secrets else None
    with task.reading() as db:
        of: Any = plan_views.number(db, int(ident)) if ident.isdecimal() else ident
        seen = door.look(db, of, ask)
        if seen.record is None:
            raise UsageProblem(problem=_("the reasons are told with the planning key"))
        plugins = task.plugins(db)
        world = explaining.open_world(db, seen, plugins, ask)
        whole, done = max(1, explaining.steps(world)), 0
        task.report(step=N_("each is tried out by planning again"), done=0, of=whole)

        def step(what: str) -> None:
            nonlocal done
            done = min(done + 1, whole)
            task.report(step=N_("each is tried out by planning again"), done=done, of=whole)

        found = explaining.why_not(world, work=float(task.arguments.get("work", 10.0)), progress=step)
        told_ = explaining.told_record(found, telling.own_ids(db, seen.number))
        answer = {
            "ident": ident,
            "plan_root": seen.facts.get("plan_root", ""),
            "count": len(told_["unplaced"]),
            "go": f"/plans/{ident}#left",
        }
        if not seen.secret:
            return answer | {"told": told_}
        return answer | {"sealed": repair_offers.sealed_text(db, json.dumps(told_, ensure_ascii=False))}


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    n = int(outcome.get("count", 0))
    return ngettext(
        "for {n} visit that was left out it is known what would place it",
        "for {n} visits that were left out it is known what would place them",
        n,
    ).format(n=n)

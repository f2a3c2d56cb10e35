"""Making a month's roster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.desk.work import Task
from auditor.i18n import N_, _, ngettext
from auditor.pages.words import month_or


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    return _("Making the duty roster of {month}").format(month=month_or(str(arguments.get("month", ""))))


def run(task: Task) -> dict[str, Any]:
    """Make, check and keep a draft.

    `arguments` hold `month`, perhaps `style`, `sharing`, `short`, `fixed`, `work`, `seconds`, `past`, `by`.
    """
    from auditor.desk.tasks.roster_explain import reasons
    from auditor.errors import Infeasible
    from auditor.workflow.duty import roster_life, rosters
    from auditor.workflow.duty.roster_words import out_of_turn
    from auditor.workflow.months import calendar_of, month_of

    said = task.arguments
    asked = rosters.Asked(
        style=said.get("style") or None,
        sharing=said.get("sharing") or None,
        short=bool(said.get("short")),
        work=float(said.get("work", 60.0)),
        seconds=float(said["seconds"]) if said.get("seconds") else None,
        fixed=tuple(said.get("fixed", ())),
    )
    done, whole = 0, 3

    def step(what: str) -> None:
        nonlocal done
        done = min(done + 1, whole - 1)
        task.report(step=N_("people take their turns"), done=done, of=whole)

    task.report(step=N_("collecting people, leave and stand-by"), done=0, of=whole)
    with task.writing() as db:
        of = month_of(str(said["month"]), calendar_of(db))
        roster_life.may_be_made(db, of.key, task.now, past=bool(said.get("past")))
        try:
            record = rosters.make(db, of, asked=asked, progress=step)
        except Infeasible:
            task.report(step=N_("it cannot be staffed; the reasons are looked for"), done=whole - 1)
            found = reasons(task, db)
            if not found.get("cannot"):
                raise  # what forbids it is no rule: cells that stand, or the work ran out
            return found
        task.report(step=N_("keeping the draft"), done=whole - 1)
        roster_life.revise(db, of.key, record, by=str(said.get("by", "")), now=task.now)
        before, gap = roster_life.skipped(db, of.key)
    task.report(done=whole)
    left, made_up = out_of_turn(record.get("departures", ()))
    return {
        "month": of.key,
        "duties": len(record["assignments"]),
        "style": record.get("style", record["desk"]["style"]),
        "left": left,
        "made_up": made_up,
        "short": sum(row["short"] for row in record.get("short", ())),
        "proven": record["status"] == "optimal",
        "gap": gap,
        "before": before,
        "go": f"/rosters/{of.key}",
    }


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    if outcome.get("cannot"):
        return _("Not every seat can be filled; the reasons and the ways out are shown.")
    duties = int(outcome.get("duties", 0))
    text = ngettext("{n} duty is filled", "{n} duties are filled", duties).format(n=duties)
    if outcome.get("style") == "rotation":
        left = int(outcome.get("left", 0))
        text += " · " + ngettext("{n} is not in turn", "{n} are not in turn", left).format(n=left)
        made_up = int(outcome.get("made_up", 0))
        if made_up:
            more = ngettext("{n} makes an earlier turn up", "{n} make an earlier turn up", made_up)
            text += " · " + more.format(n=made_up)
    short = int(outcome.get("short", 0))
    if short:
        text += " · " + ngettext("{n} seat stays empty", "{n} seats stay empty", short).format(n=short)
    if outcome.get("gap"):
        text += " · " + _("no roster of {months} is stored; turns go on from {before}").format(
            months=", ".join(outcome["gap"]), before=outcome.get("before", "")
        )
    return text

"""Mending rosters after a sick call or other news: worked out and shown first, then kept as it was shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from auditor.desk.work import Task
from auditor.errors import AuditorError
from auditor.i18n import N_, _, ngettext

WORK = 10.0
"""Units of solver work for each step of each part."""


class Otherwise(AuditorError):
    """The change came out otherwise than it was shown."""

    sentence = N_("the change comes out otherwise than it was shown; nothing was kept: work it out again")


def title(arguments: Mapping[str, Any]) -> str:
    """Say what is being done."""
    if arguments.get("accept"):
        return _("Keeping the change of the roster")
    return _("Working out the least change of the roster")


def run(task: Task) -> dict[str, Any]:
    """Work a repair out, or keep one.

    `arguments` hold `page` (the month to go back to), `absent` (who, from, to), perhaps `month`, `reason`,
    `by`, `short`, `work`; and `accept`, the mark of the change that was shown and is to be kept.
    """
    from auditor.workflow.duty import roster_repairs
    from auditor.workflow.duty.roster_choices import mark_of
    from auditor.workflow.duty.roster_reasons import CannotMend

    said = task.arguments
    absent = [
        (str(who), date.fromisoformat(first), date.fromisoformat(last))
        for who, first, last in said.get("absent", ())
    ]
    done, of = 0, 4

    def step(what: str) -> None:
        nonlocal done
        done = min(done + 1, of - 1)
        task.report(step=N_("the fewest people's days are looked for"), done=done, of=of)

    def mend(db: Any, *, dry_run: bool) -> dict[str, Any]:
        return roster_repairs.repair(
            db, absent=absent, month=said.get("month") or None, short=bool(said.get("short")),
            reason=str(said.get("reason", "")), by=str(said.get("by", "")), now=task.now,
            work=float(said.get("work", WORK)), dry_run=dry_run, progress=step,
        )  # fmt: skip

    task.report(step=N_("reading the rosters"), done=0, of=of)
    page = str(said.get("page", ""))
    if not said.get("accept"):
        with task.reading() as db:
            try:
                told = mend(db, dry_run=True)
            except CannotMend as error:
                facts = {key: error.facts[key] for key in ("shortage", "core", "ways", "contradicted")}
                return {
                    "rehearsed": True,
                    "cannot": {"month": error.facts["month"], "text": error.facts["text"], **facts},
                    "go": f"/rosters/repairs/{task.number}",
                }
        task.report(done=of)
        return {"rehearsed": True, "told": told, "go": f"/rosters/repairs/{task.number}", **_sums(told)}
    with task.reading() as db:
        if mark_of(mend(db, dry_run=True)) != said["accept"]:
            raise Otherwise
    done = 0
    with task.writing() as db:  # refused if anything was written since the work began
        told = mend(db, dry_run=False)
    task.report(done=of)
    return {"month": page, "go": f"/rosters/{page}", "leave": bool(absent), **_sums(told)}


def _sums(told: Mapping[str, Any]) -> dict[str, int]:
    return {
        "moves": sum(len(one["changes"]) for one in told["months"]),
        "tell": len({row["person"] for one in told["months"] for row in one["tell"]}),
    }


def told(outcome: Mapping[str, Any]) -> str:
    """Say what came of it."""
    if outcome.get("cannot"):
        return _("No change keeps the rules; the reasons and the ways out are shown.")
    moves = int(outcome.get("moves", 0))
    if outcome.get("rehearsed"):
        text = ngettext(
            "{n} duty would move; nothing is kept yet", "{n} duties would move; nothing is kept yet", moves
        )
        return text.format(n=moves) if moves else _("no duty moves")
    text = ngettext("{n} duty moved", "{n} duties moved", moves).format(n=moves)
    if not moves:
        text = _("the leave is kept; no duty moves") if outcome.get("leave") else _("no duty moves")
    tell = int(outcome.get("tell", 0))
    if tell:
        more = ngettext("{n} person is to be told", "{n} people are to be told", tell).format(n=tell)
        text = f"{text} · {more}"
    return text

"""What a repair is asked for: what happened, and by whose word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from auditor.draw.outcomes import OUTCOMES
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.workflow.directed import Sweep
from auditor.workflow.texts import clean

DROPPED_AS = tuple(one for one in OUTCOMES if one not in ("done", "moved", "replaced"))
"""What may become of a visit that falls away: nobody deletes one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What happened. One of the five is asked for: `absent` (who, first and last day), `drop` (visits,
    with `outcome` and `reason`), `move` (visit and day, with `reason` and `approver`), or `sweep`
    (units that somebody ordered to visit).
    """

    kind: str
    absent: Sequence[tuple[str, str, str]] = ()
    drop: Sequence[str] = ()
    outcome: str = ""
    move: tuple[str, str] | None = None
    reason: str = ""
    approver: str = ""
    sweep: Sweep | None = None


def checked(request: Request) -> Request:
    """Give a request with its texts clean; raises UsageProblem where something of it is missing."""
    reason, approver = clean("--reason", request.reason), clean("--approver", request.approver)
    if request.drop:
        if request.outcome not in DROPPED_AS:
            raise UsageProblem(
                problem=_("a visit that falls away has an --outcome: {known}").format(
                    known=", ".join(DROPPED_AS)
                )
            )
        if not reason:
            raise UsageProblem(problem=_("{outcome} needs its --reason").format(outcome=request.outcome))
    if request.move is not None and not (reason and approver):
        raise UsageProblem(problem=_("a visit is moved to another day with its --reason and --approver"))
    sweep = request.sweep
    if sweep is not None:
        sweep = replace(sweep, basis=clean("--directed", sweep.basis))
        if not sweep.basis or not sweep.units:
            raise UsageProblem(problem=_("an ordered visit needs its basis and its units"))
        if request.kind == "order" and not sweep.deadline:
            raise UsageProblem(
                problem=_("an order from above has a last day: add --deadline, like --deadline 2026-12-18")
            )
    return replace(request, reason=reason, approver=approver, sweep=sweep)

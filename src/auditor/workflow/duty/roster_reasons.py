"""Why a roster cannot be mended, in sentences: empty seats, a smallest core of rules, what helps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from auditor.errors import INFEASIBLE, AuditorError
from auditor.i18n import N_, _, ngettext, some
from auditor.roster.desk import post_said
from auditor.roster.problem import RosterProblem, Shift
from auditor.workflow.duty.roster_explaining import reasons_for

MOST = 5
"""So many seats, rules or ways out are named in one sentence."""
UNLOCK = 0
"""What it costs to free locked duties: a word of the planner's."""


class CannotMend(AuditorError):
    """No change of the open duties keeps the rules; `facts` hold shortage, core and ways out too."""

    exit_code = INFEASIBLE
    sentence = N_("the roster of {month} cannot be mended and stays as it was; {text}")


def cannot_mend(
    month: str,
    problem: RosterProblem,
    opened: RosterProblem,
    names: Mapping[str, str],
    asked: Mapping[str, Collection[date]],
    locked: Sequence[Shift] = (),
    unlocked: RosterProblem | None = None,
    *,
    work: float,
) -> CannotMend:
    """Give the refusal with its reasons, each proven, and with the ways out, each tried, the cheapest first.

    Parameters
    ----------
    asked
        The days of leave by person that somebody could be asked to give up.
    locked, unlocked
        Shifts that only a lock keeps, and the part with these open too; None where no lock is in it.
    """
    from auditor.roster.relax import possible

    reasons = reasons_for(problem, [opened], names, month, asked=asked, work=work)
    ways = [
        {**one, "text": _borrowed(reasons.shortage)} if one["kind"] == "seats" else one
        for one in reasons.ways
    ]
    if not reasons.possible and unlocked is not None and possible(unlocked, work):
        seats = some((f"{shift.day} {post_said(shift.post)}" for shift in locked), MOST)
        text = _("free the locked duties ({seats})").format(seats=seats)
        ways.insert(0, {"cost": UNLOCK, "kind": "unlock", "least": True, "text": text})
    parts = [_("whether it can was not settled within the work limit; raise it with --work")]
    if reasons.contradicted:
        parts = [_("rules about people contradict one another, whatever seats stay empty")]
    if reasons.shortage:
        parts = [_("no way is left to fill: {seats}").format(seats=_some(reasons.shortage))]
    if reasons.core:
        parts.append(_("these cannot all be kept: {rules}").format(rules=_some(reasons.core, 2 * MOST)))
    if ways:
        parts.append(_("cheapest way out: {way}").format(way=ways[0]["text"]))
    if ways[1:]:
        parts.append(_("or: {ways}").format(ways=_some(ways[1:])))
    return CannotMend(
        month=month,
        text=_("; ").join(parts),
        shortage=reasons.shortage,
        core=reasons.core,
        ways=ways,
        contradicted=reasons.contradicted,
    )


def _some(rows: Sequence[Mapping[str, str]], most: int = MOST) -> str:
    texts = [row["text"] for row in rows]
    return _("; ").join(texts[:most]) + (" …" if len(texts) > most else "")


def _borrowed(shortage: Sequence[Mapping[str, int]]) -> str:
    """Say that somebody from outside fills what lacks people, or nobody."""
    count = sum(row["short"] for row in shortage)
    return ngettext(
        "{n} seat is filled by somebody from outside, or stays empty (--short)",
        "{n} seats are filled by people from outside, or stay empty (--short)",
        count,
    ).format(n=count)

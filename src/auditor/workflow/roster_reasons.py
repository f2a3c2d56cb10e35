"""Why a roster cannot be mended, in sentences: empty seats, a smallest core of rules, what helps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from auditor.errors import INFEASIBLE, AuditorError
from auditor.i18n import N_, _, ngettext, some
from auditor.roster.desk import POSTS
from auditor.roster.problem import RosterProblem, Shift

MOST = 5
"""So many seats, rules or duties are named in one sentence."""


class CannotMend(AuditorError):
    """No change of the open duties keeps the rules; `facts` hold shortage, core and cures too."""

    exit_code = INFEASIBLE
    sentence = N_("the roster of {month} cannot be mended and stays as it was; {text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Why a part is impossible: seats that lack people, rules that cannot all be kept, and cures by cost."""

    shortage: Sequence[Mapping[str, Any]]
    core: Sequence[Mapping[str, Any]]
    cures: Sequence[Mapping[str, Any]]

    @property
    def text(self) -> str:
        """Say all of it in one go."""
        if not self.shortage:
            return _("whether it can was not settled within the work limit; raise it with --work")
        parts = [
            _("empty would stay: {seats}").format(seats=some((one["text"] for one in self.shortage), MOST))
        ]
        if self.core:
            rules = some((one["text"] for one in self.core), 2 * MOST)
            parts.append(_("these cannot all be kept: {rules}").format(rules=rules))
        if self.cures:
            parts.append(_("cheapest cure: {cure}").format(cure=self.cures[0]["text"]))
            others = [one["text"] for one in self.cures[1:]]
            if others:
                parts.append(_("or: {cures}").format(cures=_("; or ").join(others)))
        return _("; ").join(parts)


def reasons_of(
    part: RosterProblem,
    names: Mapping[str, str],
    leave: Mapping[str, Collection[date]],
    locked: Collection[Shift] = (),
    unlocked: RosterProblem | None = None,
    *,
    work: float,
) -> Reasons:
    """Look for the reasons why an open part cannot be staffed, each proven, and for what would help.

    Parameters
    ----------
    names
        Everybody's name by id.
    leave
        Days of leave by person that somebody could be asked to give up.
    locked, unlocked
        Shifts that only a lock keeps, and the part with these open too; None where no lock is in it.
    """
    from auditor.roster.cures import called_back
    from auditor.roster.explain import core
    from auditor.roster.make import fairest, shortage

    lacks = shortage(part, work) if part.people else [(shift, shift.need) for shift in part.shifts]
    if not lacks:
        return Reasons(shortage=(), core=(), cures=())
    cures = []
    seats = sum(count for _shift, count in lacks)
    if unlocked is not None and fairest(unlocked, work=work) is not None:
        text = _("free the locked duties: {duties}").format(duties=some(map(seat_text, locked), MOST))
        cures.append({"kind": "unlock", "cost": 0, "text": text})
    if part.people:
        back = called_back(part, leave, work=work)
        if back:
            text = ngettext(
                "{n} duty on a day of leave, if it is given up: {duties}",
                "{n} duties on days of leave, if they are given up: {duties}",
                len(back),
            ).format(
                n=len(back),
                duties=some((f"{names.get(who.id, who.id)} {seat_text(shift)}" for shift, who in back), MOST),
            )
            cures.append({"kind": "leave", "cost": len(back), "text": text})
    more = ngettext(
        "{n} seat filled by somebody from outside: {duties}",
        "{n} seats filled by somebody from outside: {duties}",
        seats,
    ).format(n=seats, duties=some((seat_text(shift) for shift, _count in lacks), MOST))
    cures.append({"kind": "borrow", "cost": seats, "text": more})
    rules = core(part, [shift.index for shift, _count in lacks], work=work) if part.people else ()
    by_index = {shift.index: shift for shift in part.shifts}
    return Reasons(
        shortage=[
            {
                "date": shift.day.isoformat(),
                "post": shift.post.id,
                "short": count,
                "text": _("{seat} lacks {count}").format(seat=seat_text(shift), count=count),
            }
            for shift, count in lacks
        ],
        core=[
            {
                "rule": one.rule,
                "person": one.person,
                "date": by_index[one.shift].day.isoformat() if one.shift in by_index else "",
                "post": by_index[one.shift].post.id if one.shift in by_index else "",
                "text": _demand_text(one.rule, by_index.get(one.shift), names.get(one.person, one.person)),
            }
            for one in rules
        ],
        cures=sorted(cures, key=lambda one: (one["cost"], one["kind"] != "leave")),
    )


def seat_text(shift: Shift) -> str:
    """Name a seat: date and post."""
    from auditor.pages.words import POST_WORDS, word

    post = shift.post
    default = next((one.zh for one in POSTS if one.id == post.id), None)
    return f"{shift.day} {word(POST_WORDS, post.id) if post.zh in (default, '') else post.zh}"


RULES = {
    "rest": N_("the rest between the duties of {names}"),
    "gap": N_("the days between the duties of {names}"),
    "leave": N_("the leave of {names}"),
    "stand-by": N_("the stand-by half-days of {names}"),
    "out-of-town": N_("{names} being out of town"),
    "runs": N_("the days of duty on end of {names}"),
    "week": N_("the duties in a week of {names}"),
    "month": N_("the duties in the month of {names}"),
    "weekend-block": N_("Saturday and Sunday filled by {names} alike"),
    "pairs": N_("{names} together with another, or never"),
    "groups": N_("{names} with the leader of the group"),
}
"""What a rule about one person asks for, by its name."""


def _demand_text(rule: str, shift: Shift | None, name: str) -> str:
    """Say one demand of a core."""
    if shift is not None:
        return _("{seat} needs {need}").format(seat=seat_text(shift), need=shift.need)
    return _(RULES[rule]).format(names=name) if rule in RULES else f"{rule} {name}"

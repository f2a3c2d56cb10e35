"""What a plan falls short of, in sentences: no visit, unit or person is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.i18n import N_, _

CLASH_WORDS = {
    "days": N_("the days: no working day of the period is left after the draw"),
    "people": N_("the people: there are fewer than a team has"),
    "stand-by": N_("the stand-by and leave: not enough people are free together"),
    "half-days": N_("the half-days that a plan may use of each person"),
    "skills": N_("the domains that people may inspect"),
    "conflicts": N_("the conflicts of interest"),
    "mix": N_("the two departments that a team is of"),
    "cars": N_("the cars"),
    "closed": N_("the days on which units are closed"),
    "windows": N_("the times at which domains can be inspected"),
    "lengths": N_("the minutes that a visit takes"),
    "roads": N_("the way from the start to the units"),
}
"""What each rule of `plan.clashes` is."""
FAIR_WORDS = {
    "load": N_("nobody out more often than the mean, rounded up, and once more"),
    "even": N_("even half-days for all"),
    "pairs": N_("the limit on how often the same two go together"),
}
"""What each rule of fairness is."""


REASON_CURES = {
    "unreachable": N_("name other places to start from (starts), or give a table of ways"),
    "closed": N_("see black-outs, holidays and the revisit gap"),
    "no-skill": N_("let more people hold its domains, or inspect fewer domains together"),
    "no-team": N_("see stand-by, leave, duty and conflicts of interest"),
    "capacity": N_("add half-days, people or cars, or draw fewer units"),
    "no-cars": N_("write cars into the programme"),
}
"""What to do about each reason before the next number."""


def unplaced_lines(visits: int, unplaced: int, main_reason: str = "") -> list[str]:
    """Say how many visits of how many are not made, mainly why, and what to do; nothing where all are.

    `main_reason` is "" for who may not know it, and where there is none.
    """
    from auditor.pages.words import REASON_WORDS, word

    if not unplaced:
        return []
    line = _("NOT PLACED: {unplaced} of {every} visits ({percent} %)").format(
        unplaced=unplaced, every=visits + unplaced, percent=round(100 * unplaced / (visits + unplaced))
    )
    if main_reason in REASON_CURES:
        line += _("; mostly: {reason}; {cure}").format(
            reason=word(REASON_WORDS, main_reason), cure=_(REASON_CURES[main_reason])
        )
    return [line]


def shortfall_lines(told: Mapping[str, Any]) -> list[str]:
    """Say what `workflow.shortfall` tells of a plan; other keys are passed over."""
    lines = []
    if told.get("cut"):
        unknown = _(
            "it is not known of every unit left out that it has no room: with more --work more may fit"
        )
        lines.append(unknown)
    if "share" in told:
        lines.append(
            _("not all units fit: {share} % of the half-days could be used").format(
                share=round(100 * told["share"])
            )
        )
    if "even" in told:
        lines.append(_("half-days lie up to {n} apart: nothing more even was found").format(n=told["even"]))
    if told.get("given_up"):
        lines.append(
            _("given up, for no days and teams were found with it: {rules}").format(
                rules=_("; ").join(_(FAIR_WORDS[name]) for name in told["given_up"])
            )
        )
    if "more" in told:
        lines += more_lines(**told["more"])
    if told.get("clash"):
        lines += clash_lines(told["clash"])
    return lines


def clash_lines(clash: Sequence[str]) -> list[str]:
    """Name the smallest set of rules that cannot all be kept."""
    lines = [f"- {_(CLASH_WORDS[one])}" for one in clash]
    return [_("nothing can be placed: these cannot all be kept"), *lines]


def more_lines(half_days: int | None, cars: int | None, people: int | None, least: bool = False) -> list[str]:
    """Say what more half-days, cars or people would place all that fail for capacity; None for over 16."""
    sentences = [
        (half_days, _("{n} half-days more for each person, on stand-by that there is")),
        (cars, _("{n} cars more in every half-day")),
        (people, _("{n} people more who may inspect everything and are always free")),
    ]
    if all(n is None for n, _text in sentences):
        return [_("no 16 half-days, cars or people more, alone, place all that fail for want of them")]
    ways = [text.format(n=n) for n, text in sentences if n is not None]
    lines = [
        _("all that fail only for want of half-days, cars and people would be placed by any one of:")
        if len(ways) > 1
        else _("all that fail only for want of half-days, cars and people would be placed by:")
    ]
    lines += [f"- {way}" for way in ways]
    if not least:
        lines.append(_("(tried out beside the plan as it is; fewer might do)"))
    return lines

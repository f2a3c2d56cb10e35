"""Why a visit is not made and what would place it, why this day and these two: in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auditor.i18n import N_, _, labelled, listed
from auditor.pages.words import REASON_WORDS, RULE_WORDS, SLOT_WORDS, draw_name, word

CHANGE_WORDS = {
    "stand-by": N_("{who} stands by on {day}, {slot}"),
    "half-day": N_("{who} may be used for one half-day more"),
    "open": N_("{unit} may be visited on {day}, {slot}"),
    "car": N_("one more car in the {slot}"),
    "skill": N_("{who} may inspect {domains}"),
    "mix": N_("a team may be of one department"),
    "person": N_("somebody new who may inspect {domains} ({who})"),
    "hours": N_("{unit} can be inspected in the {slot}"),
    "conflict": N_("{who} may see {unit} (a conflict of interest: think twice)"),
    "minutes": N_("in the {slot} the team leaves {early} min earlier and is back {late} min later"),
    "early": N_("in the {slot} the team leaves {early} min earlier"),
    "late": N_("in the {slot} the team is back {late} min later"),
    "leave": N_("{who} is back from leave on {day}, {slot}"),
    "both": N_("{who} is back from leave and stands by on {day}, {slot}"),
}
"""What a change of a cure is, by its kind; of minutes only those that are there, and the end of a leave."""
WHERE_WORDS = {
    "stand-by": N_("stand-by follows from half_days of each person: `auditor inspectors import`"),
    "leave": N_("end the leave (销假) before the next freeze; `auditor leave import` only adds leave"),
    "half-day": N_("half_days of the person: `auditor inspectors import`; or less `keep` in the programme"),
    "open": N_("`auditor blackouts drop`; the revisit gap is `revisit_gap_days` of the programme"),
    "car": N_("`cars` of the programme: `auditor programme add`"),
    "skill": N_("column domains of the inspectors: `auditor inspectors import`"),
    "mix": N_("`mix = false` in the programme: `auditor programme add`"),
    "person": N_("a line more: `auditor inspectors import`"),
    "hours": N_("no setting: the hours go with the kind of the unit (`auditor units set`)"),
    "conflict": N_("column conflicts of the inspectors: `auditor inspectors import`"),
    "minutes": N_("no setting: half-days are the same for all; a nearer start is `starts` of the programme"),
}
"""Where a change is made, by its kind; a frozen number keeps what it froze, so it holds for the next one."""
FIGURE_WORDS = {
    "metres": N_("metres there"),
    "there": N_("min there"),
    "visit": N_("min at the unit"),
    "back": N_("min back"),
    "days": N_("days of its window"),
    "open": N_("days open"),
    "half_days": N_("half-days in question"),
    "free": N_("most people free in one"),
    "conflicts": N_("people in conflict"),
    "sorties": N_("sorties planned"),
    "used": N_("half-days used"),
    "shares": N_("half-days to be used"),
    "cars": N_("cars in a half-day"),
}
"""What the figures behind a reason count; a domain's code stands for how many people hold it."""


def domains_text(keys: Iterable[str], titles: Mapping[str, str]) -> str:
    """Say domains by name; one that is not loaded by its key."""
    return listed(titles.get(key, key) for key in keys)


def change_text(
    change: Mapping[str, Any], units: Mapping[str, str], people: Mapping[str, str], domains: Mapping[str, str]
) -> str:
    """Say one change of a cure (as `explaining.change_record` writes it) in a sentence."""
    who, unit = change.get("who", ""), change.get("unit", "")
    slot = change.get("slot", "")
    return _(CHANGE_WORDS[_worded(change)]).format(
        who=people.get(who, who),
        unit=units.get(unit, unit),
        day=change.get("day", ""),
        slot=word(SLOT_WORDS, slot) if slot else "",
        domains=domains_text(change.get("domains", []), domains),
        early=change.get("early", 0),
        late=change.get("late", 0),
    )


def _worded(change: Mapping[str, Any]) -> str:
    """Give under which key the words of a change stand."""
    if change["kind"] == "minutes" and not (change.get("early") and change.get("late")):
        return "early" if change.get("early") else "late"
    if "leave" in change:
        return "leave" if change["leave"] == "stands by" else "both"
    return str(change["kind"])


def where_lines(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say of every kind of change in these cures where it is made, in the order of WHERE_WORDS."""
    cures = [one for record in records for one in record["cure"]]
    kinds = {one["kind"] for one in cures if one.get("leave") != "stands by"}
    kinds |= {"leave" for one in cures if "leave" in one}
    if not kinds:
        return []
    lines = [_("where that is changed; this number keeps what it froze, so it holds for the next number:")]
    return lines + [f"- {_(text)}" for kind, text in WHERE_WORDS.items() if kind in kinds]


def cure_text(
    why: Mapping[str, Any], units: Mapping[str, str], people: Mapping[str, str], domains: Mapping[str, str]
) -> str:
    """Say the cheapest cure of an unplaced visit (as `explaining.why_record` writes it)."""
    if why["cure"]:
        return _("; ").join(change_text(one, units, people, domains) for one in why["cure"])
    if why["day"]:
        return _("nothing stands in its way on {day}; plan with more work").format(day=why["day"])
    return _("no single visit's change was found that places it")


def unit_text(
    one: Mapping[str, Any], units: Mapping[str, str], people: Mapping[str, str], domains: Mapping[str, str]
) -> str:
    """Tell all of one unit in one draw."""
    lines = [
        _("{unit}, number {number}, draw {draw}: chance {percent} %").format(
            unit=units.get(one["unit"], one["unit"]),
            number=one["number"],
            draw=draw_name(one["draw"]),
            percent=f"{one['pi'] / 10_000:.4f}",
        )
    ]
    if one["order"] is not None:
        lines.append(
            _("walked over as {order} of {of} in {stratum}").format(
                order=one["order"], of=one["of"], stratum=one["stratum"]
            )
        )
    lines.append(_("drawn") if one["drawn"] else _("not drawn"))
    if one["keep_place"] is not None:
        lines.append(_("kept by lot: {place} of {of}").format(place=one["keep_place"], of=one["keep_of"]))
    for visit in one["visits"]:
        lines += visit_lines(visit, units, people)
    for why in one["unplaced"]:
        lines.append(
            _("not made ({domains}): {reason}; the least that would place it: {cure}").format(
                domains=domains_text(why["domains"], domains),
                reason=word(REASON_WORDS, why["reason"]),
                cure=cure_text(why, units, people, domains),
            )
        )
    return "\n".join([*lines, *where_lines(one["unplaced"])])


def visit_lines(visit: Mapping[str, Any], units: Mapping[str, str], people: Mapping[str, str]) -> list[str]:
    """Tell one visit: its day, its team, and why no earlier lot."""

    def team(ids: list[str]) -> str:
        return listed(people.get(one, one) for one in ids)

    lines = [
        _("visit {id}: {day} {slot} {start}, sortie {sortie}, {team}; lead of the lots {lead}").format(
            id=visit["id"],
            day=visit["date"],
            slot=word(SLOT_WORDS, visit["slot"]),
            start=visit["start"],
            sortie=visit["sortie"],
            team=team(visit["team"]),
            lead=units.get(visit["lead"], visit["lead"]),
        )
    ]
    lots = visit["lots"]
    if lots is None:
        return [*lines, _("its lots open with the discipline office's key, at the close")]
    lines.append(_("day: lot {rank} of {of}").format(rank=lots["day_rank"] + 1, of=lots["days"]))
    lines += [_rule_line(one["day"], word(RULE_WORDS, one["rule"])) for one in lots["earlier_days"]]
    lines.append(_("team: lot {rank} of {of}").format(rank=lots["team_rank"] + 1, of=lots["teams"]))
    lines += [_rule_line(team(one["team"]), word(RULE_WORDS, one["rule"])) for one in lots["earlier_teams"]]
    return lines


def _rule_line(lot: str, rule: str) -> str:
    return "  " + labelled(lot, rule)

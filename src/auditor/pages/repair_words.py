"""What a repair changed, what it could not do, and whom to tell: in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from auditor.i18n import N_, _, listed, ngettext
from auditor.pages.evidence import evidence_text
from auditor.pages.plan_words import domains_text
from auditor.pages.shortfall import FAIR_WORDS
from auditor.pages.words import LEFT_WORDS, OUTCOME_WORDS, REASON_WORDS, SLOT_WORDS, word

WHYS = {
    "absent": N_("somebody is absent"),
    "moved": N_("postponed"),
    "closed": N_("not possible there any longer"),
    "room": N_("makes room"),
    "new": N_("ordered"),
    "again": N_("has room again"),
    "dropped": N_("falls away"),
    "left out": N_("cannot be placed"),
}
KINDS = {
    "absent": N_("somebody is absent"),
    "drop": N_("a visit falls away"),
    "move": N_("a visit is moved"),
    "add": N_("a visit is added"),
    "order": N_("an order from above"),
}
"""What happened, by the kind of a repair."""


def asked_text(one: Mapping[str, Any], now: datetime, *, said: Callable[[str], str] = str) -> str:
    """Say when a repair was kept and what happened: who, from when to when, which visits, by whose word.

    `said` says a day or a moment; what somebody typed stays as it is.
    """
    at = datetime.fromisoformat(one["at"]).astimezone(now.tzinfo)
    asked = one.get("asked", {})
    outcome = asked.get("outcome", "")
    what = [
        (_("{name}, {first}") if _one_day(person) else _("{name}, {first} to {last}")).format(
            name=person["name"], first=said(person["first"]), last=said(person["last"])
        )
        for person in asked.get("absent", ())
    ]
    what += [
        _visit_text(visit["name"], visit["id"]) for part in ("drop", "move") for visit in asked.get(part, ())
    ]
    told = {
        _("outcome: {text}"): word(OUTCOME_WORDS, outcome) if outcome else "",
        _("to {text}"): said(asked.get("to", "")),
        _("basis: {text}"): one["basis"],
        _("deadline: {text}"): said(asked.get("deadline", "")),
        _("reason: {text}"): one["reason"],
        _("approved by {text}"): one["approver"],
    }
    what += [form.format(text=text) for form, text in told.items() if text]
    head = f"{said(f'{at:%Y-%m-%d %H:%M}')} {_(KINDS[one['kind']])}"
    return _("{head}: {text}").format(head=head, text=_("; ").join(what)) if what else head


def change_titles() -> tuple[str, ...]:
    """Give the titles of the columns of `change_rows`."""
    return (_("sortie"), _("unit"), _("before"), _("after"), _("reason"))


def change_rows(one: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Give a row for each sortie that a repair changed."""
    return [
        (
            _sortie_text(change),
            listed(visit["name"] for visit in change["visits"]),
            _given_text(change["from"]),
            _given_text(change["to"]),
            _why_text(change),
        )
        for change in one["changes"]
    ]


def unplaced_lines(refused: Iterable[Mapping[str, Any]], domains: Mapping[str, str]) -> list[str]:
    """Say of ordered units why they are not visited; domains by their names, given by key."""
    lines, none = [], []
    for left in refused:
        if left["reason"] == "no-domain":
            none.append(left["name"])
            continue
        lines.append(
            _(
                "{unit}: cannot be visited: {reason} ({evidence}); nobody tries it again: order it anew"
            ).format(
                unit=left["name"],
                reason=word(REASON_WORDS, left["reason"]),
                evidence=evidence_text(left["reason"], left["evidence"], domains),
            )
        )
    if none:
        lines.append(
            ngettext(
                "{n} unit has none of the ordered domains and is not visited: {units}",
                "{n} units have none of the ordered domains and are not visited: {units}",
                len(none),
            ).format(n=len(none), units=listed(none))
        )
    return lines


def note_lines(one: Mapping[str, Any], domains: Mapping[str, str]) -> list[str]:
    """Say what a repair could not do or leaves to people; domains by their names, given by key."""
    lines = [
        _("{units}: cannot be placed: {reason} ({evidence})").format(
            units=listed(_visit_text(visit["name"], visit["id"]) for visit in left["visits"]),
            reason=word(LEFT_WORDS, left["reason"]),
            evidence=evidence_text(left["reason"], left["evidence"], domains),
        )
        for left in one["left_out"]
    ]
    lines += unplaced_lines(one["refused"], domains)
    lines += [
        _("{unit}: not ordered again ({domains}): visit {visit} is to come ({basis})").format(
            unit=twice["name"],
            domains=domains_text(twice["domains"], domains),
            visit=twice["visit"],
            basis=twice["basis"],
        )
        for twice in one.get("already", ())
    ]
    if one.get("gave_way"):
        lines.append(
            _("kept by the plan as it was sealed, and no longer: {rules}").format(
                rules=_("; ").join(_(FAIR_WORDS[name]) for name in one["gave_way"])
            )
        )
    if one["open_past"]:
        lines.append(
            _("past and without an outcome (`auditor draw outcome`): {visits}").format(
                visits=_with_names(one, "open_past")
            )
        )
    if one["still_out"]:
        lines.append(
            _("begun or released, and somebody is absent; find a substitute by hand: {visits}").format(
                visits=_with_names(one, "still_out")
            )
        )
    return lines


def tell_lines(one: Mapping[str, Any]) -> list[str]:
    """Say whom to tell what."""
    return [
        _("tell {name}: {text}").format(name=person["name"], text=_half_days_text(person))
        for person in one["tell"]
    ]


def _with_names(one: Mapping[str, Any], part: str) -> str:
    """Name visits by their units beside their ids; repairs kept long ago know only ids."""
    names = one.get("names", {})
    return listed(_visit_text(names[id_], id_) if id_ in names else id_ for id_ in one[part])


def _visit_text(name: str, visit: str) -> str:
    return _("{unit} ({visit})").format(unit=name, visit=visit)


def head_text(one: Mapping[str, Any]) -> str:
    """Count what changed; sorties that are lost or new are neither moved nor changed."""
    text = _(
        "number {number}: days moved {moves} (at least {moves_bound}), seats changed {seats} (at least "
        "{seats_bound})"
    ).format(**one)
    gone = sum(change["to"] is None and change["from"] is not None for change in one["changes"])
    come = sum(change["from"] is None and change["to"] is not None for change in one["changes"])
    if gone:
        text += ngettext("; {n} is made no longer", "; {n} are made no longer", gone).format(n=gone)
    if come:
        text += ngettext("; {n} is new", "; {n} are new", come).format(n=come)
    if one["load_max"]:
        text += _("; loads {load_min} to {load_max}").format(**one)
    return text


def _sortie_text(change: Mapping[str, Any]) -> str:
    """Name a sortie; of one that was cut off another this one too."""
    if not change.get("cut_from"):
        return str(change["sortie"])
    return _("{part} (cut off {whole})").format(part=change["sortie"], whole=change["cut_from"])


def _why_text(change: Mapping[str, Any]) -> str:
    """Say why a sortie changed; one that somebody moved went to a later day or to an earlier one."""
    if change["why"] == "moved" and change["to"]["date"] < change["from"]["date"]:
        return _("moved earlier")
    return _(WHYS[change["why"]])


def _half_days_text(person: Mapping[str, Any]) -> str:
    """Say which half-days go and come, and what is another on those that stay."""
    parts = [
        form.format(half_days=listed(_half_day_text(one) for one in person[part]))
        for part, form in (("no_longer", _("not out on {half_days}")), ("now", _("out on {half_days}")))
        if person[part]
    ]
    parts += [
        _("{half_day}: {changes}").format(
            half_day=_half_day_text(one["half_day"]), changes=listed(_changes(one))
        )
        for one in person.get("changed", ())  # repairs kept long ago do not know them
    ]
    return _("; ").join(parts)


def _half_day_text(half_day: str) -> str:
    day, slot = half_day.split("/")
    return f"{day} {word(SLOT_WORDS, slot)}"


def _changes(one: Mapping[str, Any]) -> list[str]:
    """Say what is another of a half-day that stays; a stop by its number alone, for units are sealed."""
    gone, come = one["stops_gone"], one["stops_new"]
    found = [
        ngettext("{n} stop falls away", "{n} stops fall away", gone).format(n=gone) if gone else "",
        ngettext("{n} stop is new", "{n} stops are new", come).format(n=come) if come else "",
        _("no longer with {people}").format(people=listed(one["no_longer_with"]))
        if one["no_longer_with"]
        else "",
        _("with {people}").format(people=listed(one["with"])) if one["with"] else "",
        _("the sortie is {key} now").format(key=listed(one["sorties"])) if one["sorties"] else "",
    ]
    return [text for text in found if text]


def _one_day(absence: Mapping[str, str]) -> bool:
    return absence["first"] == absence["last"]


def _given_text(given: Mapping[str, Any] | None) -> str:
    if given is None:
        return "–"
    return f"{given['date']} {word(SLOT_WORDS, given['slot'])} {listed(given['team'])}"

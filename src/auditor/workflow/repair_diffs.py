"""What a repair changed, and whom to tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from auditor.draw.rules import clock_text
from auditor.plan.given import Given
from auditor.plan.loads import FAIR, loads, most_load
from auditor.workflow.carried import as_it_was
from auditor.workflow.repair_requests import Request
from auditor.workflow.repair_state import RepairState, Visit

if TYPE_CHECKING:
    from auditor.plan.repair import Change, Repaired


def diff(
    state: RepairState,
    request: Request,
    repaired: Repaired,
    members: Mapping[str, Sequence[Visit]],
    was_in: Mapping[str, str],
) -> dict[str, Any]:
    """Give what a repair of one number changed, whom to tell and what is left, for keeping and for programs.

    `members` are the visits of each sortie, by its key; `was_in` names the sortie of each visit before any
    was cut.
    """
    away = state.away()
    open_past = state.open_past()
    still_out = sorted(
        name
        for name in state.frozen
        if any(
            f"{state.before[name]['date']}/{state.before[name]['slot']}" in away.get(person, ())
            for person in state.before[name]["team"]
        )
        and name not in state.known
    )
    return {
        "number": state.number,
        "at": clock_text(state.now),
        "kind": request.kind,
        "reason": request.reason,
        "approver": request.approver,
        "basis": request.sweep.basis if request.sweep else "",
        "asked": _asked(state, request),
        "lost": _lost(state, repaired, members),
        "moves": repaired.moves,
        "moves_bound": repaired.moves_bound,
        "seats": repaired.seats,
        "seats_bound": repaired.seats_bound,
        "load_min": repaired.load_min,
        "load_max": repaired.load_max,
        "gave_way": _gave_way(state, repaired.given),
        "status": repaired.status,
        "changes": [
            {
                "number": state.number,
                "sortie": one.sortie,
                "cut_from": _cut_from(one.sortie, members[one.sortie], was_in),
                "why": _why(state, one, members[one.sortie]),
                "visits": _named(state, members[one.sortie]),
                "from": _given(state, one.before),
                "to": _given(state, one.after),
            }
            for one in repaired.changes
            if one.before or one.after or not _was_left(state, members[one.sortie])
        ]
        + [
            {
                "sortie": state.visits[name]["sortie"],
                "why": "dropped",
                "visits": _named(state, [state.visits[name]]),
                "from": {
                    key: state.visits[name][key] if key != "team" else _people(state, state.visits[name][key])
                    for key in ("date", "slot", "team")
                },
                "to": None,
            }
            for name in state.dropped
        ],
        "left_out": [
            {
                "sortie": one.sortie,
                "visits": _named(state, members[one.sortie]),
                "reason": one.reason,
                "evidence": one.evidence,
            }
            for one in repaired.left_out
        ],
        "refused": [_with_name(state, one) for one in state.refused],
        "already": [_with_name(state, one) for one in state.already],
        "tell": list(_tell(state)),
        "open_past": open_past,
        "still_out": still_out,
        "names": {
            name: state.unit_names.get(state.visits[name]["unit"], state.visits[name]["unit"])
            for name in (*open_past, *still_out)
        },
    }


def _asked(state: RepairState, request: Request) -> dict[str, Any]:
    """Give what happened as it was said: who was absent from when to when, and which visits or days."""
    sweep = request.sweep
    return {
        "absent": [
            {"name": state.names.get(state.neutral(who) or "", who), "first": first, "last": last}
            for who, first, last in request.absent
            if state.neutral(who)
        ],
        "drop": _named(state, [state.visits[name] for name in state.dropped]),
        "outcome": request.outcome,
        "move": _named(state, [state.visits[name] for name in state.moved]),
        "to": next(iter(state.moved.values()), ""),
        "deadline": sweep.deadline if sweep else "",
    }


def _lost(state: RepairState, repaired: Repaired, members: Mapping[str, Sequence[Visit]]) -> int:
    """Count visits that had a day before this repair and have none now."""
    return sum(one["id"] in state.before for left in repaired.left_out for one in members[left.sortie])


def _was_left(state: RepairState, members: Sequence[Visit]) -> bool:
    """Whether an earlier repair, and no order now, is why these visits had no day."""
    return all(one["id"] in state.left for one in members)


def _why(state: RepairState, change: Change, members: Sequence[Visit]) -> str:
    """Say why a sortie changed: "again" for one that was left out and has room now."""
    return "again" if change.why == "new" and _was_left(state, members) else change.why


def _cut_from(key: str, members: Sequence[Visit], was_in: Mapping[str, str]) -> str:
    """Name the sortie that this one was cut off; "" for one that was not."""
    whole = was_in.get(members[0]["id"], key)
    return "" if whole == key else whole


def _gave_way(state: RepairState, given: Mapping[str, Given]) -> list[str]:
    """Name the rules about those who go out that the sealed plan keeps and the repaired one breaks."""
    fair = state.fairness()
    problem = replace(state.problem(), **fair)
    teams = [one.team for one in given.values()]
    out = loads(problem, teams)
    going = {person: out.get(person, 0) for team in teams for person in team}
    together = Counter(pair for team in teams for pair in combinations(sorted(team), 2))
    every = {one["sortie"] for one in (*state.after.values(), *state.left_after.values())}
    largest = max(going.values(), default=0)
    broken = {
        "load": problem.load is not None and largest > most_load(problem, len(every)),
        "even": problem.even is not None and largest > min(out.values(), default=0) + problem.even,
        "pairs": problem.pairs is not None and max(together.values(), default=0) > problem.pairs,
    }
    return [name for name in FAIR if broken[name]]


def _tell(state: RepairState) -> Iterator[dict[str, Any]]:
    """Give whose task sheets changed, and how: half-days, stops by their number, companions; and no unit.

    `no_longer` and `now` are half-days, `changed` those that stay and of which the sheet is another.
    """
    before = {name: as_it_was(one, state.known) for name, one in state.visits.items()}
    stay = [one for name, one in before.items() if name in state.frozen and name not in state.dropped]
    there = {one["id"] for one in stay}
    was = _sheets(before.values())
    now = _sheets([*stay, *(one for name, one in state.after.items() if name not in there)])
    for person in sorted({*was, *now}, key=lambda one: state.names.get(one, one)):
        old, new = was.get(person, {}), now.get(person, {})
        changed = [
            {"half_day": _text(at), **_differs(state, old[at], new[at])}
            for at in sorted(old.keys() & new.keys())
            if old[at] != new[at]
        ]
        if changed or old.keys() != new.keys():
            yield {
                "person": person,
                "name": state.names.get(person, person),
                "no_longer": [_text(at) for at in sorted(old.keys() - new.keys())],
                "now": [_text(at) for at in sorted(new.keys() - old.keys())],
                "changed": changed,
            }


@dataclass
class _Sheet:
    """What a person's half-day says: sorties, who is along, and every stop with all that is written of it."""

    sorties: set[str] = field(default_factory=set)
    team: set[str] = field(default_factory=set)
    stops: set[tuple[Any, ...]] = field(default_factory=set)


def _sheets(visits: Iterable[Visit]) -> dict[str, dict[tuple[str, str], _Sheet]]:
    """Give the half-days of each person."""
    found: dict[str, dict[tuple[str, str], _Sheet]] = {}
    for one in visits:
        for person in one["team"]:
            sheet = found.setdefault(person, {}).setdefault((one["date"], one["slot"]), _Sheet())
            sheet.sorties.add(one["sortie"])
            sheet.team.update(one["team"])
            sheet.stops.add((one["id"], one["start"], one["minutes"], one["unit"], *one["domains"]))
    return found


def _differs(state: RepairState, old: _Sheet, new: _Sheet) -> dict[str, Any]:
    return {
        "stops_gone": len(old.stops - new.stops),
        "stops_new": len(new.stops - old.stops),
        "no_longer_with": _people(state, sorted(old.team - new.team)),
        "with": _people(state, sorted(new.team - old.team)),
        "sorties": sorted(new.sorties) if old.sorties != new.sorties else [],
    }


def _text(half_day: tuple[str, str]) -> str:
    return "/".join(half_day)


def _named(state: RepairState, visits: Sequence[Visit]) -> list[dict[str, Any]]:
    return [
        {"id": one["id"], "unit": one["unit"], "name": state.unit_names.get(one["unit"], one["unit"])}
        for one in sorted(visits, key=lambda one: (one["start"], one["id"]))
    ]


def _with_name(state: RepairState, one: Visit) -> dict[str, Any]:
    return {**one, "name": state.unit_names.get(one["unit"], one["unit"])}


def _people(state: RepairState, team: Sequence[str]) -> list[str]:
    return [state.names.get(one, one) for one in team]


def _given(state: RepairState, one: Given | None) -> dict[str, Any] | None:
    return {"date": one.day, "slot": one.slot, "team": _people(state, one.team)} if one else None

"""Check a repair against the plan before it, without the solver; nothing is shared with what made it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.entities import Breach
from auditor.i18n import _
from auditor.plan.check import PlanFacts, Record, check_visits
from auditor.plan.check_facts import broken
from auditor.plan.check_together import borne


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairFacts:
    """What a repair must agree with; visits are named by their ids.

    `plan` is as for the plan itself, with the windows of new visits too. `frozen` may not change,
    `gone` and `left` are no longer in the plan, `new` were not in it before, `moved` have a day that
    was ordered, `absent` gives the half-days in which a person is not there. `since` is the first day
    that may be given anew. `was_in` names the sortie of each visit before any was cut.
    `sorties` counts all, those left out too, for the mean of loads. `moves` and `seats` are as they were
    stated.
    """

    plan: PlanFacts
    frozen: Collection[str] = ()
    gone: Collection[str] = ()
    left: Collection[str] = ()
    new: Collection[str] = ()
    moved: Mapping[str, str] | None = None
    absent: Mapping[str, Collection[str]] | None = None
    since: str = ""
    was_in: Mapping[str, str] | None = None
    sorties: int = 0
    moves: int = 0
    seats: int = 0


def check_repair(before: Sequence[Record], after: Sequence[Record], facts: RepairFacts) -> list[Breach]:
    """List everything that is wrong with a repair; none for a good one.

    Parameters
    ----------
    before, after
        The records of all visits, each with its sortie, as the plan has them.
    """
    was = {one["id"]: one for one in before}
    now = {one["id"]: one for one in after}
    found = [*_who_is_there(was, now, facts), *_what_stays(was, now, facts), *_in_parts(was, now, facts)]
    sorties: dict[str, list[Record]] = defaultdict(list)
    for visit in after:
        sorties[visit["sortie"]].append(visit)
    moves = seats = 0
    open_visits, fixed = [], {}
    for key, several in sorted(sorties.items()):
        first, old = several[0], was.get(several[0]["id"])
        if any(one["id"] in facts.frozen for one in several):
            units = frozenset(one["unit"] for one in several)
            fixed[key] = (first["date"], first["slot"], tuple(first["team"]), units)
            continue
        open_visits += several
        if old is None:
            continue
        moves += first["date"] != old["date"]
        seats += sum(person not in old["team"] for person in first["team"])
        if any(
            (was[one["id"]]["date"], was[one["id"]]["team"]) != (old["date"], old["team"])
            for one in several
            if one["id"] in was
        ):
            found.append(Breach(rule="sortie", where=key, what=_("it joins visits of several sorties")))
    away = {name: set(half_days) for name, half_days in (facts.absent or {}).items()}
    staff = [
        replace(one, free=tuple(day for day in one.free if day not in away.get(one.id, ())))
        for one in facts.plan.staff
    ]
    plan = replace(facts.plan, staff=staff, load=None, even=None)
    already = check_visits([], fixed, plan)  # what frozen ones take from each other no repair can mend
    checked = check_visits(open_visits, fixed, plan, joined=_joined(before, after))
    found += [one for one in checked if one not in already]
    found += _borne(before, after, facts)
    for name, stated, counted in (("moves", facts.moves, moves), ("seats", facts.seats, seats)):
        if stated != counted:
            text = _("{found}, not {due}").format(found=stated, due=counted)
            found.append(Breach(rule="count", where=name, what=text))
    return found


def _joined(before: Sequence[Record], after: Sequence[Record]) -> set[str]:
    """Name the sorties in which a unit that they meet anyway stands in for another: two visits at one stop.

    It was so before the repair; or drawn visits that were left out come back as they were.
    """
    was = {one["id"] for one in before}
    back = [one for one in after if one["id"] not in was and one["source"] == "drawn"]
    units: dict[str, list[str]] = defaultdict(list)
    for visit in (*before, *back):
        units[visit["sortie"]].append(visit["unit"])
    return {key for key, several in units.items() if len(set(several)) < len(several)}


def _borne(before: Sequence[Record], after: Sequence[Record], facts: RepairFacts) -> Iterator[Breach]:
    """Who is out more often than before and then bears more than the rule of load lets anyone."""
    plan = facts.plan
    carried = borne([], plan)
    if plan.load is None or not carried:
        return
    was, now = (
        borne(list({one["sortie"]: one["team"] for one in visits}.values()), plan)
        for visits in (before, after)
    )
    most = -(-(sum(carried.values()) + plan.team * facts.sorties) // len(carried)) + plan.load
    for person, half_days in now.items():
        if half_days > was[person] and half_days > most:
            what = _("{found} half-days, above what anyone may bear")
            yield broken("load", person, what, found=half_days - carried[person])


def _in_parts(was: Mapping[str, Record], now: Mapping[str, Record], facts: RepairFacts) -> Iterator[Breach]:
    """What joins visits of several sorties, and sorties that are cut although no day of theirs changed."""
    if facts.was_in is None:
        return
    was_in = facts.was_in
    wholes: dict[str, set[str]] = defaultdict(set)
    parts: dict[str, set[str]] = defaultdict(set)
    changed = {was_in[name] for name in facts.left if name in was_in}
    for name, visit in now.items():
        whole = was_in.get(name, str(visit["sortie"]))
        wholes[visit["sortie"]].add(whole)
        parts[whole].add(visit["sortie"])
        if name not in was or visit["date"] != was[name]["date"]:
            changed.add(whole)
    for key, several in sorted(wholes.items()):
        if len(several) > 1:
            yield Breach(rule="sortie", where=key, what=_("it joins visits of several sorties"))
    for key, several in sorted(parts.items()):
        if len(several) > 1 and key not in changed:
            yield Breach(rule="sortie", where=key, what=_("it was cut and nobody needed that"))


def _who_is_there(
    was: Mapping[str, Record], now: Mapping[str, Record], facts: RepairFacts
) -> Iterator[Breach]:
    out = {*facts.gone, *facts.left}
    for name in sorted(set(was) - set(now) - out):
        yield Breach(rule="visits", where=name, what=_("this visit is lost"))
    for name in sorted(set(now) & out):
        yield Breach(rule="visits", where=name, what=_("it is both planned and out of the plan"))
    for name in sorted(set(now) - set(was) - set(facts.new)):
        yield Breach(rule="visits", where=name, what=_("nobody asked for this visit"))


def _what_stays(was: Mapping[str, Record], now: Mapping[str, Record], facts: RepairFacts) -> Iterator[Breach]:
    for name in sorted(set(was) & set(now)):
        old, new = was[name], now[name]
        fixed = ["unit", "domains", "slot", "start", "minutes", "source"]
        if name in facts.frozen:
            fixed += ["date", "team", "sortie"]
        for field in fixed:
            if old[field] != new[field]:
                what = _("{field} has changed, which a repair may not").format(field=field)
                yield Breach(rule="frozen", where=name, what=what)
    for name, visit in sorted(now.items()):
        ordered = (facts.moved or {}).get(name)
        if ordered is not None and visit["date"] != ordered:
            text = _("{found}, not {due}").format(found=visit["date"], due=ordered)
            yield Breach(rule="moved", where=name, what=text)
        if visit["date"] < facts.since and (name not in was or was[name]["date"] != visit["date"]):
            what = _("{day} is past").format(day=visit["date"])
            yield Breach(rule="day", where=name, what=what)

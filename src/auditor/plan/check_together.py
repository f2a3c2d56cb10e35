"""Check all sorties together: what they take from each other, and which rule forbids a wish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from auditor.entities import Breach
from auditor.i18n import _
from auditor.plan.check_facts import Out, Outing, PlanFacts, broken

RULES = ("people", "cars", "half-days", "apart", "mix", "hours", "again", "load", "even", "pairs")
"""The rules that a departure may name, in the order in which the first that forbids is named."""


def together(out: Out, facts: PlanFacts) -> Iterator[Breach]:
    """Name what sorties take from each other and may not."""
    teams: Counter[tuple[str, str]] = Counter()
    seats: Counter[tuple[str, str, str]] = Counter()
    used: Counter[str] = Counter()
    visited: Counter[tuple[str, str, str]] = Counter()
    seen: Counter[tuple[str, str]] = Counter()
    for day, slot, team, units in out.values():
        visited.update((day, slot, unit) for unit in units)
        seen.update((person, unit) for person in team for unit in units)
        teams[day, slot] += 1
        for person in team:
            seats[day, slot, person] += 1
            used[person] += 1
    for (day, slot), count in sorted(teams.items()):
        cars = facts.cars_in.get(slot, facts.cars)
        if count > cars:
            yield broken("cars", f"{day}/{slot}", _("{found} sorties, {due} cars"), found=count, due=cars)
    for (day, slot, person), count in sorted(seats.items()):
        if count > 1:
            yield broken("people", f"{day}/{slot}", _("{person} is in two sorties"), person=person)
    for (day, slot, unit), count in sorted(visited.items()):
        if count > 1:
            yield broken("apart", f"{day}/{slot}", _("{unit} is visited by two sorties"), unit=unit)
    for (person, unit), count in sorted(seen.items()):
        if count > 1 and unit in facts.areas.get(person, ()):
            yield broken("again", person, _("{unit} of the own contact area is seen twice"), unit=unit)
    for one in facts.staff:
        if used[one.id] > one.share:
            yield broken(
                "half-days", one.id, _("{found} half-days of {due}"), found=used[one.id], due=one.share
            )
    for person in _overloaded([team for _day, _slot, team, _units in out.values()], facts):
        yield broken("load", person, _("{found} half-days, above what anyone may bear"), found=used[person])
    for person in _ahead([team for _day, _slot, team, _units in out.values()], facts):
        yield broken("even", person, _("{found} half-days, too far above the others"), found=used[person])
    pairs = Counter(pair for _day, _slot, team, _units in out.values() for pair in _couples(team))
    for pair, count in sorted(pairs.items()):
        if facts.pairs is not None and count > facts.pairs:
            yield broken(
                "pairs",
                "+".join(pair),
                _("out together {found} times, {due} may"),
                found=count,
                due=facts.pairs,
            )


def _couples(team: Collection[str]) -> list[tuple[str, str]]:
    return [(one, other) for one in team for other in team if one < other]


def borne(teams: Collection[Collection[str]], facts: PlanFacts) -> dict[str, int]:
    """Half-days of everyone who is free some time, with those from before."""
    people = sorted(one.id for one in facts.staff if one.free)
    return {one: facts.carried.get(one, 0) + sum(one in team for team in teams) for one in people}


def _overloaded(teams: Collection[Collection[str]], facts: PlanFacts) -> list[str]:
    """Who is out and bears more than the mean, rounded up, and `load` on top."""
    all_borne = borne(teams, facts)
    if facts.load is None or not all_borne:
        return []
    outside = sum(person not in all_borne for team in teams for person in team)
    whole, part = divmod(sum(all_borne.values()) + outside, len(all_borne))
    most = whole + (part > 0) + facts.load
    return [
        one for one, half_days in all_borne.items() if half_days > most and any(one in team for team in teams)
    ]


def _ahead(teams: Collection[Collection[str]], facts: PlanFacts) -> list[str]:
    """Who is out and bears more than `even` above the one who bears least."""
    all_borne = borne(teams, facts)
    if facts.even is None or not all_borne:
        return []
    most = min(all_borne.values()) + facts.even
    return [
        one for one, half_days in all_borne.items() if half_days > most and any(one in team for team in teams)
    ]


def of_one_department(team: Collection[str], facts: PlanFacts) -> bool:
    """Whether a rule asks for two departments and the known ones of a team are fewer."""
    known = [facts.departments[one] for one in team if facts.departments.get(one)]
    return bool(facts.departments) and all(one == known[0] for one in known)


def forbids(
    facts: PlanFacts,
    others: Collection[Outing],
    wish: Outing,
) -> str:
    """Name the first rule that forbids a sortie this day, slot and team, or give ""."""
    same = [team for day, slot, team, _units in others if (day, slot) == wish[:2]]
    if any(person in team for team in same for person in wish[2]):
        return RULES[0]
    if len(same) >= facts.cars_in.get(wish[1], facts.cars):
        return RULES[1]
    shares = {one.id: one.share for one in facts.staff}
    used = Counter(person for _day, _slot, team, _units in others for person in team)
    if any(used[person] >= shares[person] for person in wish[2]):
        return RULES[2]
    if any(units & wish[3] for day, slot, _team, units in others if (day, slot) == wish[:2]):
        return RULES[3]
    if of_one_department(wish[2], facts):
        return RULES[4]
    if any(f"{wish[0]}/{wish[1]}" in facts.shut.get(unit, ()) for unit in wish[3]):
        return RULES[5]
    if any(
        unit in units and unit in facts.areas.get(person, ())
        for _day, _slot, team, units in others
        for person in team
        if person in wish[2]
        for unit in wish[3]
    ):
        return RULES[6]
    teams = [*(team for _day, _slot, team, _units in others), wish[2]]
    if set(_overloaded(teams, facts)) & set(wish[2]):
        return RULES[7]
    if _ahead(teams, facts):
        return RULES[8]
    together_already = Counter(pair for team in teams[:-1] for pair in _couples(team))
    if facts.pairs is not None and any(together_already[pair] >= facts.pairs for pair in _couples(wish[2])):
        return RULES[9]
    return ""

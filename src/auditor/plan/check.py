"""Check a plan against register, staff, calendar and lots, without the solver.

Everything is said again here in plain Python; nothing is shared with the modules that make plans,
so that a mistake there is not repeated here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from auditor.entities import Breach, Lots
from auditor.i18n import _, language, listed
from auditor.plan.check_drive import company, drive, given_away, meetings, unknown_legs
from auditor.plan.check_facts import Out, PlanFacts, Record, broken
from auditor.plan.check_reasons import in_conflict, reason_breaches
from auditor.plan.check_shape import shape
from auditor.plan.check_together import forbids, of_one_department, together

__all__ = ["PlanFacts", "Record", "check_plan", "check_visits"]


def check_plan(plan: object, facts: PlanFacts, lots: Mapping[str, Lots]) -> list[Breach]:
    """List every rule that a plan breaks; none for a good one.

    Parameters
    ----------
    plan
        What was read from a plan.json, whatever it is: a record of another shape is a breach, and
        nothing more is checked then.
    lots
        The lots of each sortie of this plan, by its key, drawn for the units it holds.
    """
    found = list(shape(plan))
    if found or not isinstance(plan, Mapping):
        return found
    sorties: dict[str, list[Record]] = defaultdict(list)
    for visit in plan["visits"]:
        sorties[visit["sortie"]].append(visit)
    for visits in sorties.values():
        visits.sort(key=lambda visit: (visit["start"], visit["unit"]))
    found += _references(plan, facts)
    homes = plan.get("starts", {})
    for key in sorted(sorties):
        found += unknown_legs(key, sorties[key], facts, homes.get(key, ""))
    if found:
        return found
    found += _coverage(plan, facts)
    found += _ids(plan, facts)
    driven, met = 0, meetings(plan["visits"], facts)
    for key in sorted(sorties):
        found += _sortie(key, sorties[key], facts)
        metres, late = drive(key, sorties[key], facts, met, homes.get(key, ""))
        driven += metres
        found += [*late, *company(key, sorties[key], facts)]
    out = {
        key: (
            one[0]["date"],
            one[0]["slot"],
            tuple(one[0]["team"]),
            frozenset(visit["unit"] for visit in one),
        )
        for key, one in sorties.items()
    }
    found += together(out, facts)
    found += _secrecy(plan, facts)
    found += _numbers(plan, facts, driven + facts.sortie_cost_m * len(sorties))
    for record in plan["unplaced"]:
        found += reason_breaches(record, facts)
    found += _departures(plan, facts, lots, sorties, out)
    return found


def check_visits(
    visits: Sequence[Mapping[str, Any]], fixed: Out, facts: PlanFacts, joined: Collection[str] = ()
) -> list[Breach]:
    """List the rules that visits break on their days with their teams, whatever their lots are.

    Parameters
    ----------
    visits
        Records of whole sorties.
    fixed
        What other sorties are given; they are not looked at, but they take people and cars.
    joined
        Sorties that may have two visits at one stop: a unit that they visit anyway stands in for another.
    """
    sorties: dict[str, list[Record]] = defaultdict(list)
    for visit in visits:
        sorties[visit["sortie"]].append(visit)
    found = [one for key in sorted(sorties) for one in _sortie(key, sorties[key], facts, key in joined)]
    out = {
        key: (
            several[0]["date"],
            several[0]["slot"],
            tuple(several[0]["team"]),
            frozenset(one["unit"] for one in several),
        )
        for key, several in sorties.items()
    }
    return [*found, *together({**fixed, **out}, facts)]


# What it speaks of


def _references(plan: Record, facts: PlanFacts) -> Iterator[Breach]:
    """Names that nobody knows; with one of them nothing else can be checked."""
    people = {one.id for one in facts.staff}
    for visit in plan["visits"]:
        if visit["source"] != "drawn":
            yield broken("record", visit["id"], _("only drawn visits stand in this plan"))
        strangers = sorted(set(visit["team"]) - people)
        if strangers:
            yield broken("team", visit["id"], _("nobody has the id {names}"), names=", ".join(strangers))
    keys = {visit["sortie"] for visit in plan["visits"]}
    for key, start in sorted(plan.get("starts", {}).items()):
        if key not in keys or start not in facts.starts:
            yield broken("points", key, _("no sortie may start at {start}"), start=start)
    for record in (*plan["visits"], *plan["unplaced"]):
        where = str(record.get("id", record["unit"]))
        if record["unit"] not in facts.demand.get(record["draw"], {}) or record["unit"] not in facts.points:
            yield broken(
                "demand",
                where,
                _("{unit} was not drawn in {draw}"),
                unit=record["unit"],
                draw=record["draw"],
            )
        if (
            facts.travel is not None
            and not {("", record["unit"]), (record["unit"], "")} <= facts.travel.keys()
        ):
            yield broken("travel", where, _("no table says how far {unit} is"), unit=record["unit"])
        unknown = sorted(set(record["domains"]) - set(facts.domains))
        if unknown:
            yield broken("demand", where, _("no domain is called {names}"), names=", ".join(unknown))


def _coverage(plan: Record, facts: PlanFacts) -> Iterator[Breach]:
    planned: Counter[tuple[str, str, str]] = Counter(
        (record["draw"], record["unit"], domain)
        for record in (*plan["visits"], *plan["unplaced"])
        for domain in record["domains"]
    )
    wanted = {
        (draw, unit, domain)
        for draw, units in facts.demand.items()
        for unit, domains in units.items()
        for domain in domains
    }
    for draw, unit, domain in sorted(wanted | set(planned)):
        times, due = planned[draw, unit, domain], int((draw, unit, domain) in wanted)
        if times != due:
            yield broken(
                "demand",
                f"{draw}/{unit}",
                _("{domain} is planned or explained {times} times, not {due}"),
                domain=domain,
                times=times,
                due=due,
            )


def _ids(plan: Record, facts: PlanFacts) -> Iterator[Breach]:
    for name, times in sorted(Counter(visit["id"] for visit in plan["visits"]).items()):
        if times > 1:
            yield broken("record", name, _("{times} visits have this id"), times=times)
    if facts.visit_id is None:
        return
    seen: Counter[str] = Counter()
    for visit in sorted(
        plan["visits"], key=lambda one: (one["date"], one["start"], one["unit"], one["sortie"])
    ):
        due = facts.visit_id(visit["unit"], seen[visit["unit"]])
        seen[visit["unit"]] += 1
        if visit["id"] != due:
            yield broken("record", visit["id"], _("the id of this visit is {due}"), due=due)


# One sortie


def _sortie(key: str, visits: Sequence[Record], facts: PlanFacts, joined: bool = False) -> Iterator[Breach]:
    first = visits[0]
    for field in ("date", "slot", "team", "lead"):
        if any(visit[field] != first[field] for visit in visits):
            yield broken("sortie", key, _("its visits have not one and the same {field}"), field=field)
    units = [visit["unit"] for visit in visits]
    if len(set(units)) < len(units) and not joined:
        yield broken("sortie", key, _("it visits one unit twice"))
    if first["lead"] not in units:
        yield broken("sortie", key, _("its lead {lead} is none of its units"), lead=first["lead"])
    yield from _sortie_day(key, visits, facts)
    yield from _sortie_team(key, visits, facts)
    for visit in visits:
        minutes = sum(facts.domains[domain].minutes for domain in visit["domains"])
        if visit["minutes"] != minutes:
            yield broken(
                "minutes", visit["id"], _("{found} minutes, not {due}"), found=visit["minutes"], due=minutes
            )


def _sortie_day(key: str, visits: Sequence[Record], facts: PlanFacts) -> Iterator[Breach]:
    day = visits[0]["date"]
    if day not in facts.days:
        yield broken("day", key, _("{day} is no day of the field"), day=day)
    if day <= facts.beacon_day:
        yield broken("day", key, _("{day} is not later than the beacon"), day=day)
    for visit in visits:
        first, last = facts.windows[visit["draw"]]
        if not first <= day <= last:
            yield broken("day", visit["id"], _("{day} lies outside the window of its draw"), day=day)
        if day in facts.closed.get(visit["unit"], ()):
            yield broken("closed", visit["id"], _("{unit} is closed on {day}"), unit=visit["unit"], day=day)
        half_day = f"{day}/{visit['slot']}"
        if half_day in facts.shut.get(visit["unit"], ()):
            yield broken(
                "hours", visit["id"], _("{unit} is shut on {when}"), unit=visit["unit"], when=half_day
            )


def _sortie_team(key: str, visits: Sequence[Record], facts: PlanFacts) -> Iterator[Breach]:
    team = [one for one in facts.staff if one.id in visits[0]["team"]]
    half_day = f"{visits[0]['date']}/{visits[0]['slot']}"
    if len(team) != facts.team:
        yield broken("team", key, _("{found} people, not {due}"), found=len(team), due=facts.team)
    if of_one_department(visits[0]["team"], facts):
        yield broken("mix", key, _("its team is of one department"))
    held = {domain for one in team for domain in one.domains}
    missing = sorted({domain for visit in visits for domain in visit["domains"]} - held)
    if missing:
        names = listed(_name(domain, facts) for domain in missing)
        yield broken("skills", key, _("nobody of the team holds {names}"), names=names)
    for one in team:
        if half_day not in one.free:
            yield broken("free", key, _("{person} is not free on {when}"), person=one.id, when=half_day)
        for visit in visits:
            if in_conflict(one, visit["unit"], facts):
                yield broken(
                    "conflicts",
                    key,
                    _("{person} has a conflict with {unit}"),
                    person=one.id,
                    unit=visit["unit"],
                )


def _name(key: str, facts: PlanFacts) -> str:
    """Give a domain's name for people; one that is not loaded stands for itself."""
    domain = facts.domains.get(key)
    return key if domain is None else domain.zh if language() == "zh" else domain.en


def _numbers(plan: Record, facts: PlanFacts, objective: int) -> Iterator[Breach]:
    for field, due in (
        ("factor", facts.factor / 1000),
        ("speed_kmh", facts.speed_kmh),
        ("sortie_cost_m", facts.sortie_cost_m),
        ("commit_sha256", facts.commit_sha256),
        ("provisional", facts.provisional),
    ):
        if due is not None and plan[field] != due:
            yield broken("record", field, _("{found}, not {due}"), found=plan[field], due=due)
    if (plan["start"]["lat"], plan["start"]["lng"]) != tuple(facts.start):
        yield broken("points", "start", _("tours do not start here"))
    for unit, point in sorted(plan["points"].items()):
        if tuple(point) != facts.points.get(unit):
            yield broken("points", unit, _("the unit does not stand here"))
    if facts.stand_ins is not None and set(plan["points"]) != set(facts.stand_ins):
        names = ", ".join(sorted(set(plan["points"]) ^ set(facts.stand_ins)))
        yield broken("points", "plan", _("points are missing or needless: {names}"), names=names)
    if plan["objective_m"] != objective:
        yield broken(
            "objective", "plan", _("{found} m, not {due} m"), found=plan["objective_m"], due=objective
        )
    if plan["bound_m"] > objective:
        yield broken("bound", "plan", _("{found} m, above {due} m"), found=plan["bound_m"], due=objective)
    if facts.bound_m is not None and plan["bound_m"] != facts.bound_m:
        yield broken("bound", "plan", _("{found} m, not {due} m"), found=plan["bound_m"], due=facts.bound_m)


def _secrecy(plan: Record, facts: PlanFacts) -> Iterator[Breach]:
    """What the plan says of its secrecy: its limits, and how many visits are given away."""
    if "secrecy" not in plan:
        return
    stated = plan["secrecy"]
    later, told = given_away(plan["visits"], facts)
    for field, due in (
        ("company", facts.company),
        ("near_m", facts.near_m),
        ("later", later),
        ("given_away", told),
    ):
        if stated[field] != due:
            yield broken("secrecy", field, _("{found}, not {due}"), found=stated[field], due=due)


# Lots and departures


def _departures(
    plan: Record,
    facts: PlanFacts,
    lots: Mapping[str, Lots],
    sorties: Mapping[str, Sequence[Record]],
    out: Out,
) -> Iterator[Breach]:
    due: dict[tuple[str, str], tuple[object, object, int, str]] = {}
    for key in sorted(sorties):
        lot = lots.get(key)
        day, slot, team, units = out[key]
        if lot is None or not lot.days:
            yield broken("lots", key, _("no day and team are possible for these units together"))
            continue
        if sorties[key][0]["lead"] != lot.lead:
            yield broken("lots", key, _("its lead is {lead}"), lead=lot.lead)
        if day not in lot.days:
            yield broken("lots", key, _("{day} is not among its lots"), day=day)
            continue
        if team not in lot.teams[day]:
            names = ", ".join(team)
            yield broken("lots", key, _("{team} is no valid team of {day}"), team=names, day=day)
            continue
        others = [one for name, one in out.items() if name != key]
        if day != lot.days[0]:
            stands = [
                forbids(facts, others, (lot.days[0], slot, one, units)) for one in lot.teams[lot.days[0]]
            ]
            if not all(stands):
                yield broken("departure", key, _("no rule forbids its lot {lot}"), lot=lot.days[0])
            due[key, "day"] = (lot.days[0], day, lot.days.index(day), stands[0])
        best = lot.teams[day][0]
        if team != best:
            rule = forbids(facts, others, (day, slot, best, units))
            if not rule:
                yield broken("departure", key, _("no rule forbids its lot {lot}"), lot=", ".join(best))
            due[key, "team"] = (best, team, lot.teams[day].index(team), rule)
    stated: set[tuple[str, str]] = set()
    for record in plan["departures"]:
        here = (record["sortie"], record["of"])
        where = "/".join(here)
        if here in stated:
            yield broken("departure", where, _("it stands here twice"))
        stated.add(here)
        if here not in due:
            yield broken("departure", where, _("nothing departs here from its lot"))
            continue
        for field, right in zip(("lot", "given", "rank", "rule"), due[here], strict=True):
            value = tuple(record[field]) if isinstance(record[field], list) else record[field]
            if value != right:
                yield broken(
                    "departure",
                    where,
                    _("{field} is {due}, not {found}"),
                    field=field,
                    due=right,
                    found=record[field],
                )
    for here in sorted(set(due) - stated):
        yield broken("departure", "/".join(here), _("this departure from the lot is not stated"))

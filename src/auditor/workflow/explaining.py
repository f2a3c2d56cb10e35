"""Explain a plan to who may see it: why each visit is not made, and what the lots of a unit were."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.draw import lots
from auditor.entities import SLOTS, Lots, Unplaced
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.pages.words import REASON_WORDS, word
from auditor.plan.cures import STAND_BY, Change
from auditor.plan.explain import More, Why, explain, more
from auditor.plan.given import Given
from auditor.plan.loads import without
from auditor.plan.problem import PlanProblem, cars_of, errands_of
from auditor.plan.rules import forbidding
from auditor.plugins import Plugins
from auditor.roster.free import free_half_days
from auditor.seal import age
from auditor.store import Database
from auditor.store.numbers import read_frozen
from auditor.store.records import read_draw
from auditor.store.rosters import read_in_force
from auditor.store.staff import read_absences, read_inspectors
from auditor.workflow import plans, telling
from auditor.workflow.ceremony import number_of
from auditor.workflow.door import DEMONSTRATION, Seen
from auditor.workflow.drawn import Drawn, closed_days, frames_of, staff_of_field, strata_of, windows_of
from auditor.workflow.duty import rosters
from auditor.workflow.fairness import fair_fields
from auditor.workflow.keys import AskPassword, open_key
from auditor.workflow.means import frozen_means, frozen_travel
from auditor.workflow.months import calendar_of, month_of, period_of
from auditor.workflow.naming import ids_of, unit_named
from auditor.workflow.sealing import ABANDONED, open_drawn
from auditor.workflow.secrecy import limits_in

OnLeave = Mapping[tuple[str, str], bool]
"""Neutral ids with the half-days (``day/slot``) on which these people are on leave: do they stand by then?"""
NOBODY: OnLeave = {}
MOST_TOLD = 12
"""Of so many earlier teams it is told which rule forbids them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A plan that may be seen, as the problem that it solves; `given` are its sorties as they were planned.

    `drawn` is None where the caller's key does not open the key of the draw (level strict). `leave` has the
    half-days on which people are on leave, by neutral id.
    """

    problem: PlanProblem
    given: Mapping[str, Given]
    unplaced: tuple[Unplaced, ...]
    commit: Mapping[str, Any]
    frames: Mapping[str, Mapping[str, Any]]
    drawn: Drawn | None
    leave: OnLeave = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Why visits are not made: each with its cure, what would place all of them, and, where the plan has
    no visit at all, the smallest set of rules that cannot all be kept.
    """

    whys: tuple[Why, ...]
    more: More | None = None
    clash: tuple[str, ...] = field(default_factory=tuple)
    leave: OnLeave = field(default_factory=dict)
    cars: Mapping[str, int] = field(default_factory=dict)


def open_world(db: Database, seen: Seen, plugins: Plugins, ask: AskPassword | None) -> World:
    """Give the problem behind a plan that `door.look` opened.

    Raises
    ------
    ValueError
        If the caller may not see all of it.
    """
    record = seen.whole
    drawn: Drawn | None
    if seen.state == DEMONSTRATION or seen.public:
        transcript = read_draw(db, seen.number) or {}
        commit, frames, beacon = transcript["commit"], transcript["frames"], transcript["beacon"]
        parts = {**read_frozen(db, seen.number), "field": transcript["field"]}
        shares = plans.half_days_of(db, seen.number) or _half_days_now(db, transcript)
        drawn = plans.drawn_of(transcript, shares, plans.staff_key(db, seen.number))
    else:
        number = number_of(db, seen.number)
        commit, beacon = number["commit"], number["beacon"]
        parts = read_frozen(db, seen.number)
        frames = frames_of(parts)
        shares = plans.half_days_of(db, seen.number)
        try:
            drawn = open_drawn(db, number, open_key(db, ask)) if ask is not None else None
        except age.NotSealedForThisKey:
            drawn = None
    means = frozen_means(parts.get("means"))
    if "places" in parts:
        places = plans.frozen_places(parts["places"])
    else:
        places = plans.places_of(plans.units_of_frames(db, frames)[0], plans.start_of(db))
    rows = [*record["visits"], *(one for one in record["unplaced"] if one["reason"] != ABANDONED)]
    errands = [
        errand
        for row in rows
        for errand in errands_of(
            row["unit"],
            row["draw"],
            [plugins.domain(key) for key in row["domains"]],
            places.points[row["unit"]],
            means.hours.get(row["unit"], {}),
        )
    ]
    units = sorted({row["unit"] for row in rows})
    problem = PlanProblem(
        start=places.start,
        errands=tuple(errands),
        staff=staff_of_field(parts["field"], shares),
        days=tuple(parts["field"]["days"]),
        windows=windows_of(commit),
        beacon_day=beacon["published_at"][:10],
        closed=closed_days(frames),
        strata=strata_of(frames),
        team=commit["spec"]["team"],
        cars=max(means.cars.values()),
        factor=plans.FACTOR,
        speed_kmh=plans.SPEED_KMH,
        sortie_cost_m=plans.SORTIE_COST_M,
        keep_order=tuple(lots.keep_order(drawn.key, units) if drawn is not None else units),
        cars_in=means.cars,
        departments=means.departments,
        shut=means.shut,
        areas=means.areas,
        travel=frozen_travel(parts.get("travel")),
        townships=means.townships,
        **limits_in(record),
        starts=places.starts,
        **fair_fields(record.get("fairness")),
    )
    given = {
        sortie.key: Given(first["date"], sortie.slot, tuple(sorted(first["team"])), sortie.units)
        for sortie in plans.sorties_in(record["visits"])
        for first in [next(one for one in record["visits"] if one["sortie"] == sortie.key)]
    }
    return World(
        problem=problem,
        given=given,
        unplaced=tuple(
            Unplaced(**{**one, "domains": tuple(sorted(one["domains"]))}) for one in record["unplaced"]
        ),
        commit=commit,
        frames=frames,
        drawn=drawn,
        leave=_on_leave(db, seen.number, problem.days),
    )


def _on_leave(db: Database, number: int, days: Sequence[str]) -> OnLeave:
    """Give the half-days of these days on which the staff of a number is on leave, as it is known now."""
    own = plans.staff_key(db, number)
    every = [f"{day}/{slot}" for day in days for slot in SLOTS]
    there = free_half_days(dict.fromkeys(own, every), read_absences(db), [])
    standby: dict[str, set[str]] = {who: set() for who in own}
    stored, of = read_in_force(db), calendar_of(db)
    for month in sorted({day[:7] for day in days}):
        public = rosters.pattern_in_force(read_inspectors(db), month_of(month, of), stored.get(month))
        for who, half_days in public.items():
            standby.setdefault(who, set()).update(half_days)
    return {
        (own[who], one): one in standby[who]
        for who, free in there.items()
        for one in sorted(set(every) - set(free))
    }


def _half_days_now(db: Database, transcript: Mapping[str, Any]) -> dict[str, int]:
    """Give the shares of a demonstration, which kept none: those of its month as the bureau has them."""
    first, last = map(plans.day_of, transcript["commit"]["spec"]["period"])
    month = month_of(period_of(first, last, calendar_of(db)).months[0], calendar_of(db))
    units, former, _lost = plans.units_of_frames(db, transcript["frames"])
    ids = plans.staff_key(db, transcript["commit"]["number"])
    now = {new: old for old, new in former.items()}
    return {one.id: one.share for one in plans.staff_of(db, month, ids, units, now)}


def steps(world: World, unit: str | None = None) -> int:
    """Count the questions that are tried out for all unplaced visits, or for those of one unit by its id."""
    asked = [one for one in world.unplaced if one.reason != ABANDONED and unit in (None, one.unit)]
    return len(asked) + (unit is None and bool(asked))


def why_not(
    world: World,
    *,
    work: float,
    progress: Callable[[str], None] = lambda step: None,
    unit: str | None = None,
) -> Told:
    """Explain every unplaced visit, or those of one unit only; `progress` is told of `steps` questions."""
    from auditor.plan.clashes import clash

    wanted = [one for one in world.unplaced if unit is None or one.unit == unit]
    asked = [one for one in wanted if one.reason != ABANDONED]
    problem = without(world.problem)  # for those rules nobody was left out
    whys = explain(
        problem,
        world.given,
        asked,
        work=work,
        progress=lambda one: progress(word(REASON_WORDS, one.reason)),
        all_of_them=world.unplaced,
    )
    whys += [Why(unplaced=one, numbers={}) for one in wanted if one.reason == ABANDONED]
    if unit is not None:
        return Told(whys=tuple(whys), leave=world.leave)
    if asked:
        progress(_("what would place all of them"))
    return Told(
        whys=tuple(whys),
        more=more(problem, world.given, asked),
        clash=clash(problem) if asked and not world.given else (),
        leave=world.leave,
        cars={slot: cars_of(problem, slot) for slot in SLOTS},
    )


def of_unit(
    db: Database,
    seen: Seen,
    world: World,
    unit: str,
    *,
    work: float,
    progress: Callable[[str], None] = lambda step: None,
) -> list[dict[str, Any]]:
    """Tell of a unit, for each draw whose frame holds it: chance, how it was drawn, lots, and what became.

    Raises
    ------
    UsageProblem, NoSuchUnit
        If it is no unit, or in no frame of the number.
    """
    names = ids_of(db, unit_named(db, unit))
    own = telling.own_ids(db, seen.number)
    found = [
        _of_draw(seen, world, draw, one, own, work, progress)
        for draw in world.commit["draws"]
        for one in world.frames[draw["key"]]["units"]
        if one["id"] in names
    ]
    if not found:
        raise UsageProblem(
            problem=_("{unit} is in no frame of number {number}").format(unit=unit, number=seen.number)
        )
    return found


def _of_draw(
    seen: Seen,
    world: World,
    draw: Mapping[str, Any],
    one: Mapping[str, Any],
    own: Mapping[str, str],
    work: float,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    unit, key = one["id"], draw["key"]
    same = [other["id"] for other in world.frames[key]["units"] if other["stratum"] == one["stratum"]]
    visits = [row for row in seen.whole["visits"] if (row["unit"], row["draw"]) == (unit, key)]
    left = [row for row in world.unplaced if (row.unit, row.draw) == (unit, key)]
    answer: dict[str, Any] = {
        "number": seen.number,
        "draw": key,
        "unit": unit,
        "pi": one["pi"],
        "method": draw["method"],
        "stratum": one["stratum"],
        "of": len(same),
        "drawn": bool(visits or left),
        "order": None,
        "keep_place": None,
        "keep_of": None,
        "visits": [],
        "unplaced": [
            why_record(why, own, world.leave)
            for why in (why_not(world, work=work, progress=progress, unit=unit).whys if left else ())
            if why.unplaced.draw == key
        ],
    }
    if world.drawn is not None:
        kept = lots.keep_order(world.drawn.key, world.drawn.chosen)
        if draw["method"] == "pivotal":
            answer["order"] = world.drawn.order_of(key, same).index(unit) + 1
        if answer["drawn"]:
            answer |= {"keep_place": kept.index(unit) + 1, "keep_of": len(kept)}
    answer["visits"] = [_of_visit(world, seen, visit, own) for visit in visits]
    return answer


def _of_visit(world: World, seen: Seen, visit: Mapping[str, Any], own: Mapping[str, str]) -> dict[str, Any]:
    """Tell a visit with the lots of its sortie: every earlier day and team, and the rule that forbids it."""
    told = {name: visit[name] for name in ("id", "sortie", "date", "slot", "start", "lead")}
    told |= {"domains": list(visit["domains"]), "team": [own.get(one, one) for one in visit["team"]]}
    told["companions"] = sorted(world.given[visit["sortie"]].units - {visit["unit"]})
    if world.drawn is None:
        return told | {"lots": None}
    key = visit["sortie"]
    (sortie,) = plans.sorties_in([one for one in seen.whole["visits"] if one["sortie"] == key])
    lot: Lots = plans.lots_for(world.drawn)([sortie])[key]
    now = world.given[key]
    others = {name: one for name, one in world.given.items() if name != key}

    def rule(day: str, team: tuple[str, ...]) -> str:
        return forbidding(world.problem, others, Given(day, sortie.slot, team, sortie.units))

    day_rank, teams = lot.days.index(now.day), lot.teams[now.day]
    team_rank = teams.index(now.team)
    return told | {
        "lots": {
            "days": len(lot.days),
            "day_rank": day_rank,
            "earlier_days": [
                {"day": day, "rule": rule(day, lot.teams[day][0])} for day in lot.days[:day_rank]
            ],
            "teams": len(teams),
            "team_rank": team_rank,
            "earlier_teams": [
                {"team": [own.get(one, one) for one in team], "rule": rule(now.day, team)}
                for team in teams[: min(team_rank, MOST_TOLD)]
            ],
        }
    }


def released_of(db: Database, seen: Seen, unit: str) -> list[dict[str, Any]]:
    """Give the visits of a unit that everybody may see of a sealed plan.

    Raises
    ------
    UsageProblem, NoSuchUnit
        If there is none, or no such unit; nothing is told of whether the unit was drawn.
    """
    names = ids_of(db, unit_named(db, unit))
    found = [dict(one) for one in seen.visits if {one["unit"], one.get("instead_of")} & names]
    if not found:
        raise UsageProblem(
            problem=_(
                "nothing of {unit} was released; it is told with the planning key (--whole), and to "
                "everybody after the close"
            ).format(unit=unit)
        )
    return found


def why_record(why: Why, own: Mapping[str, str], leave: OnLeave = NOBODY) -> dict[str, Any]:
    """Write an explanation for programs; people by their own ids."""
    return {
        "unit": why.unplaced.unit,
        "draw": why.unplaced.draw,
        "domains": list(why.unplaced.domains),
        "reason": why.unplaced.reason,
        "numbers": dict(why.numbers),
        "cure": [change_record(one, own, leave) for one in why.cure],
        "day": why.day,
        "slot": why.slot,
        "team": [own.get(one, one) for one in why.team],
        "together": why.together,
    }


def change_record(change: Change, own: Mapping[str, str], leave: OnLeave = NOBODY) -> dict[str, Any]:
    """Write a change for programs: what it has, people by their own ids.

    Who is on leave then has `leave`, which says whether he would stand by without it.
    """
    facts: dict[str, Any] = {
        "who": own.get(change.who, change.who),
        "unit": change.unit,
        "domains": list(change.domains),
        "day": change.day,
        "slot": change.slot,
        "early": change.early,
        "late": change.late,
    }
    if (
        change.kind == STAND_BY
        and (there := leave.get((change.who, f"{change.day}/{change.slot}"))) is not None
    ):
        facts["leave"] = "stands by" if there else "does not stand by"
    return {"kind": change.kind, **{name: value for name, value in facts.items() if value}}


def told_record(told: Told, own: Mapping[str, str]) -> dict[str, Any]:
    """Write what is told of all unplaced visits for programs."""
    needed = told.more
    return {
        "unplaced": [why_record(one, own, told.leave) for one in told.whys],
        "more": None
        if needed is None
        else {
            "half_days": needed.half_days,
            "cars": needed.cars,
            "people": needed.people,
            "least": needed.least,
        },
        "clash": list(told.clash),
    }

"""The check accepts a good plan and refuses every broken copy, without the solver."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.entities import Lots, Staff
from auditor.i18n import set_language
from auditor.plan.check import PlanFacts, check_plan, check_visits
from auditor.plan.check_drive import drive, span
from auditor.plan.check_reasons import reason_breaches
from auditor.plan.check_shape import shape
from auditor.plan.make import make_plan
from auditor.plan.problem import errands_of
from plan.world import (
    DOMAINS,
    FIELD_DAYS,
    START,
    county,
    facts_of,
    fake_lots,
    half_days,
    person,
    record_of,
)

Record = dict[str, Any]


@cache
def good() -> tuple[Record, PlanFacts, dict[str, Lots]]:
    """A plan with departures of both kinds, tours of several visits, and units left out."""
    problem = county(5, units=24, people=9)
    made = make_plan(problem, fake_lots(problem))
    return record_of(problem, made), facts_of(problem, made), dict(made.lots)


def breaches(change: Callable[[Record], object]) -> list[str]:
    """The rules that a changed copy of the good plan breaks."""
    record, facts, lots = good()
    altered = copy.deepcopy(record)
    change(altered)
    assert altered != record, "the change changes nothing"
    return [one.rule for one in check_plan(altered, facts, lots)]


def test_the_good_plan_has_everything_and_passes() -> None:
    """So that what follows is about something."""
    record, facts, lots = good()
    assert check_plan(record, facts, lots) == []
    assert {one["of"] for one in record["departures"]} == {"day", "team"}
    assert {one["reason"] for one in record["unplaced"]} >= {"capacity"}
    assert len(record["visits"]) > len({one["sortie"] for one in record["visits"]})


def other(value: object) -> Iterator[object]:
    """Other values of the same kind, and some of another."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
        yield -1
    elif isinstance(value, str):
        if value[2:3] == ":":
            yield f"{value[:3]}{(int(value[3:]) + 1) % 60:02d}"
            yield f"{value[:3]}{(int(value[3:]) - 1) % 60:02d}"
        elif value[4:5] == "-" and value[:4].isdigit():
            yield f"{value[:8]}{int(value[8:]) % 28 + 1:02d}"
        yield value + "x"
        yield ""
    elif isinstance(value, list):
        yield value[:-1]
        yield [*value, "zz"]
        yield value[::-1]
    yield None
    yield {}


def leaves() -> list[tuple[str, int, str]]:
    """Every field of every record of the good plan; number -1 for the plan's own fields."""
    record, _facts, _lots = good()
    own = [key for key in record if key not in ("visits", "unplaced", "departures", "points")]
    return [("", -1, key) for key in own] + [
        (kind, number, key)
        for kind in ("visits", "unplaced", "departures")
        for number, one in enumerate(record[kind])
        for key in one
    ]


def test_every_altered_field_is_refused() -> None:
    """Each value of each record, changed in several ways; only the words of evidence are free."""
    record, facts, lots = good()
    passed = []
    for kind, number, key in leaves():
        if key in ("evidence", "id"):
            continue
        altered = copy.deepcopy(record)
        here = altered if number < 0 else altered[kind][number]
        before = here[key]
        for value in other(before):
            if value == before:
                continue
            here[key] = value
            if not check_plan(altered, facts, lots):
                passed.append((kind, number, key, before, value))
    assert passed == []


@pytest.mark.parametrize("kind", ["visits", "unplaced", "departures"])
def test_a_lost_or_doubled_record_is_refused(kind: str) -> None:
    """Every record of every kind, one at a time."""
    for number in range(len(good()[0][kind])):
        assert breaches(lambda plan, at=number: plan[kind].pop(at)), number
        assert breaches(lambda plan, at=number: plan[kind].append(plan[kind][at])), number


def test_a_visit_doubled_under_another_id_is_refused() -> None:
    """Its domains would be inspected twice."""
    assert "demand" in breaches(lambda plan: plan["visits"].append({**plan["visits"][0], "id": "new"}))


def move(plan: Record, sortie: str, **changes: object) -> None:
    """Change all visits of a sortie together."""
    for visit in plan["visits"]:
        if visit["sortie"] == sortie:
            visit.update(changes)


def test_every_other_day_and_team_of_a_whole_sortie_is_refused() -> None:
    """Moved together, within its lots or outside: a hidden departure or a broken rule."""
    record, facts, lots = good()
    for sortie in sorted({visit["sortie"] for visit in record["visits"]}):
        now = next(visit for visit in record["visits"] if visit["sortie"] == sortie)
        for day in facts.days:
            for team in lots[sortie].teams.get(day, (tuple(now["team"]),)):
                if (day, list(team)) == (now["date"], now["team"]):
                    continue
                altered = copy.deepcopy(record)
                move(altered, sortie, date=day, team=list(team))
                assert check_plan(altered, facts, lots), (sortie, day, team)


def test_two_sorties_that_swap_their_days_and_teams_are_refused() -> None:
    """Even with every number kept."""
    record, facts, lots = good()
    first = {visit["sortie"]: visit for visit in record["visits"]}
    keys = sorted(first)
    for a, b in pairwise(keys):
        altered = copy.deepcopy(record)
        move(altered, a, date=first[b]["date"], team=first[b]["team"])
        move(altered, b, date=first[a]["date"], team=first[a]["team"])
        if altered != record:
            assert check_plan(altered, facts, lots), (a, b)


def test_a_departure_with_another_rule_is_refused() -> None:
    """Each of the other names, for each departure."""
    for number, one in enumerate(good()[0]["departures"]):
        for rule in {"people", "cars", "half-days", "load"} - {one["rule"]}:
            assert breaches(lambda plan, at=number, name=rule: plan["departures"][at].update(rule=name)) == [
                "departure"
            ]


def test_a_departure_is_refused_where_another_team_of_the_lot_day_was_possible() -> None:
    """The named rule does forbid the first team, but the second could have gone."""
    record, facts, lots = good()
    stated = next(one for one in record["departures"] if one["of"] == "day" and one["rule"] != "cars")
    lot = lots[stated["sortie"]]
    day = lot.days[0]
    slot = next(one["slot"] for one in record["visits"] if one["sortie"] == stated["sortie"])
    fresh = ("N1", "N2")
    more = [Staff(id=name, domains=tuple(facts.domains), free=(f"{day}/{slot}",), share=1) for name in fresh]
    wider = Lots(lead=lot.lead, days=lot.days, teams={**lot.teams, day: (*lot.teams[day], fresh)})
    changed = {key: getattr(facts, key) for key in facts.__slots__}
    changed |= {"staff": (*facts.staff, *more), "cars": 9}
    found = check_plan(record, PlanFacts(**changed), {**lots, stated["sortie"]: wider})
    assert "no rule forbids its lot " + day in {one.what for one in found if one.where == stated["sortie"]}


def test_a_lead_that_the_lot_did_not_name_is_refused() -> None:
    """Another unit of the same sortie, in all its visits."""
    several = [
        one for one, times in Counter(one["sortie"] for one in good()[0]["visits"]).items() if times > 1
    ]
    assert several
    for sortie in several:
        units = [one for one in good()[0]["visits"] if one["sortie"] == sortie]
        (lead,) = {one["lead"] for one in units}
        other_lead = next(one["unit"] for one in units if one["unit"] != lead)
        assert breaches(lambda plan, key=sortie, to=other_lead: move(plan, key, lead=to)) == ["lots"]


def test_two_visits_with_one_id_are_refused() -> None:
    """The contract knows a visit by it."""
    assert breaches(lambda plan: plan["visits"][1].update(id=plan["visits"][0]["id"])) == ["record"]


def test_a_sortie_that_visits_one_unit_twice_is_refused() -> None:
    """The domains of one visit in two, one after the other: the team is there once."""

    def split(plan: Record) -> None:
        visit = next(one for one in plan["visits"] if len(one["domains"]) > 1)
        first, *rest = visit["domains"]
        visit.update(domains=[first], minutes=DOMAINS[first].minutes)
        minutes = sum(DOMAINS[key].minutes for key in rest)
        plan["visits"].append({**visit, "id": "second", "domains": rest, "minutes": minutes})

    assert "sortie" in breaches(split)


@pytest.mark.parametrize("field", ["date", "slot", "team", "lead"])
def test_visits_of_one_sortie_have_one_day_half_day_team_and_lead(field: str) -> None:
    """The last visit of each sortie of several has that of another sortie, which is a value that can be."""
    record = good()[0]
    times = Counter(one["sortie"] for one in record["visits"])
    for number, visit in enumerate(record["visits"]):
        if times[visit["sortie"]] > 1 and visit["start"] == max(
            one["start"] for one in record["visits"] if one["sortie"] == visit["sortie"]
        ):
            value = next(one[field] for one in record["visits"] if one[field] != visit[field])
            assert "sortie" in breaches(
                lambda plan, at=number, to=value: plan["visits"][at].update({field: to})
            )


def test_a_lead_is_one_of_the_units_whatever_the_lots_are() -> None:
    """A repair has no lots; its sorties keep a lead among their units."""
    record, facts, _lots = good()
    visit = record["visits"][0]
    several = [one for one in record["visits"] if one["sortie"] == visit["sortie"]]
    assert [one.rule for one in check_visits(several, {}, facts)] == []
    elsewhere = next(one["unit"] for one in record["visits"] if one["sortie"] != visit["sortie"])
    moved = [{**one, "lead": elsewhere} for one in several]
    assert [one.rule for one in check_visits(moved, {}, facts)] == ["sortie"]


def test_ids_count_the_visits_of_each_unit_by_their_time() -> None:
    """The first of a unit is its number 0, whoever is visited before; another number is refused."""
    record, facts, lots = good()
    counted: Counter[str] = Counter()
    ids = {}
    for visit in sorted(record["visits"], key=lambda one: (one["date"], one["start"])):
        ids[visit["id"]] = f"{visit['unit']}/{counted[visit['unit']]}"
        counted[visit["unit"]] += 1
    assert max(counted.values()) > 1
    named = {**record, "visits": [{**one, "id": ids[one["id"]]} for one in record["visits"]]}
    known = replace(facts, visit_id=lambda unit, number: f"{unit}/{number}")
    assert check_plan(named, known, lots) == []
    for number, visit in enumerate(named["visits"]):
        altered = copy.deepcopy(named)
        altered["visits"][number]["id"] = f"{visit['unit']}/9"
        assert [one.rule for one in check_plan(altered, known, lots)] == ["record"]


def test_stand_ins_stand_in_the_plan_where_they_are_and_no_other_points() -> None:
    """A point of a unit that has none of its own is published; moved, missing or needless it is refused."""
    record, facts, lots = good()
    one, other = sorted(facts.points)[:2]
    known = replace(facts, stand_ins=(one,))

    def found(points: dict[str, tuple[float, float]]) -> list[str]:
        told = {unit: list(point) for unit, point in points.items()}
        return [breach.rule for breach in check_plan({**record, "points": told}, known, lots)]

    assert found({one: facts.points[one]}) == []
    assert found({}) == ["points"]
    assert found({one: facts.points[one], other: facts.points[other]}) == ["points"]
    assert found({one: facts.points[other]}) == ["points"]


def test_a_team_that_is_not_its_lot_needs_a_rule_that_forbids_the_lot() -> None:
    """Two fresh people stand before all teams of a day and could go: no rule can be named."""
    record, facts, lots = good()
    visit = record["visits"][0]
    key, day = visit["sortie"], visit["date"]
    fresh = ("N1", "N2")
    free = (f"{day}/{visit['slot']}",)
    more = [Staff(id=name, domains=tuple(facts.domains), free=free, share=1) for name in fresh]
    lot = replace(lots[key], teams={**lots[key].teams, day: (fresh, *lots[key].teams[day])})
    found = check_plan(record, replace(facts, staff=(*facts.staff, *more)), {**lots, key: lot})
    assert "no rule forbids its lot N1, N2" in {one.what for one in found if one.where == key}


@pytest.mark.parametrize("change", [1, -1, 1000])
def test_another_objective_or_bound_is_refused(change: int) -> None:
    """The objective is recomputed; the bound is the one that was proven."""
    assert breaches(lambda plan: plan.update(objective_m=plan["objective_m"] + change)) == ["objective"]
    assert set(breaches(lambda plan: plan.update(bound_m=plan["bound_m"] + change))) == {"bound"}


def test_a_bound_above_the_objective_is_refused_whatever_was_stored() -> None:
    """Not known what was proven: still no bound lies above what was reached."""
    record, facts, lots = good()
    blind = PlanFacts(**{**{key: getattr(facts, key) for key in facts.__slots__}, "bound_m": None})
    assert check_plan({**record, "bound_m": record["bound_m"] - 1}, blind, lots) == []
    assert [one.rule for one in check_plan({**record, "bound_m": record["bound_m"] + 1}, blind, lots)] == [
        "bound"
    ]


def sorties_of(record: Record) -> list[Record]:
    """The first visit of each sortie."""
    return list({one["sortie"]: one for one in record["visits"]}.values())


def with_facts(**changes: object) -> set[str]:
    """The rules that the good plan breaks in a world that has changed."""
    record, facts, lots = good()
    changed = PlanFacts(**{**{key: getattr(facts, key) for key in facts.__slots__}, **changes})
    return {one.rule for one in check_plan(record, changed, lots)}


def test_each_fact_of_the_world_is_compared() -> None:
    """The same plan, another world: the rule that has to do with it is named."""
    record, facts, _lots = good()
    visit = record["visits"][0]
    unit, day = visit["unit"], visit["date"]
    staff = facts.staff
    assert "cars" in with_facts(cars=1)
    assert "team" in with_facts(team=3)
    assert "closed" in with_facts(closed={unit: {day}})
    assert "day" in with_facts(beacon_day=day)
    assert "day" in with_facts(days=[one for one in facts.days if one != day])
    assert "day" in with_facts(windows={"main": ("2026-12-31", "2026-12-31")})
    assert "points" in with_facts(start=(24.0, 121.0))
    assert "travel" in with_facts(points={**facts.points, unit: (24.9, 121.9)})
    assert "record" in with_facts(speed_kmh=60)
    everywhere = Counter(f"{one['date']}/{one['slot']}" for one in sorties_of(record))
    busy, count = max(everywhere.items(), key=lambda pair: (pair[1], pair[0]))
    assert "cars" in with_facts(cars=9, cars_in={busy.partition("/")[2]: count - 1})
    assert with_facts(cars=facts.cars, cars_in=dict.fromkeys(("morning", "afternoon", "evening"), 2)) == set()
    assert "hours" in with_facts(shut={unit: {f"{day}/{visit['slot']}"}})
    assert "windows" in with_facts(hours={unit: {"evening": (1080, 1230)} for unit in facts.points})
    assert "mix" in with_facts(departments=dict.fromkeys((one.id for one in staff), "安全"))
    assert with_facts(departments={one.id: one.id for one in staff}) == set()
    assert with_facts(areas={one.id: set(facts.points) for one in staff}) <= {"again", "departure"}
    assert "company" in with_facts(company=1, near_m=10_000_000)
    assert "company" in with_facts(company=1, townships=dict.fromkeys(facts.points, "t"))
    assert with_facts(company=99, near_m=10_000_000) == set()
    assert "record" in with_facts(commit_sha256="c1")
    assert "points" in with_facts(stand_ins=("u000",))
    assert "record" in with_facts(visit_id=lambda unit, number: f"{unit}/{number}")
    for change, rule in (
        ({"free": ()}, "free"),
        ({"domains": ()}, "skills"),
        ({"conflict_units": tuple(facts.points)}, "conflicts"),
        ({"conflict_strata": tuple(sorted(set(facts.strata.values())))}, "conflicts"),
        ({"share": 0}, "half-days"),
    ):
        other_staff = [
            type(one)(**{**{key: getattr(one, key) for key in one.__slots__}, **change}) for one in staff
        ]
        assert rule in with_facts(staff=other_staff)


def test_a_domain_that_nobody_holds_is_named_as_people_call_it() -> None:
    """In the language of who reads it; a domain that is not loaded by its key."""
    record, facts, lots = good()
    nobody = [replace(one, domains=()) for one in facts.staff]
    said = {"zh": set[str](), "en": set[str]()}
    for language, found in said.items():
        set_language(language)
        changed = replace(facts, staff=nobody)
        found |= {one.what for one in check_plan(record, changed, lots) if one.rule == "skills"}
    assert any("校车" in one for one in said["zh"])
    assert not any("transport" in one for one in said["zh"])
    assert any("transport" in one for one in said["en"])


def test_lots_are_needed_for_every_sortie() -> None:
    """A sortie that could not be drawn for is refused, not skipped."""
    record, facts, lots = good()
    rules = {one.rule for one in check_plan(record, facts, {})}
    assert rules == {"lots", "departure"}
    first = sorted(lots)[0]
    empty = {**lots, first: Lots(lead="u", days=(), teams={})}
    assert "lots" in {one.rule for one in check_plan(record, facts, empty)}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=60)
@given(st.data(), json_values)
def test_a_malformed_plan_is_a_breach_and_no_crash(data: st.DataObject, value: object) -> None:
    """Anything in the place of a record or of one of its fields."""
    record, facts, lots = good()
    assert check_plan(value, facts, lots)
    altered = copy.deepcopy(record)
    kind, number, key = data.draw(st.sampled_from(leaves()))
    here = altered if number < 0 else altered[kind][number]
    here[key] = value
    check_plan(altered, facts, lots)
    if number >= 0:
        altered[kind][number] = value
        assert check_plan(altered, facts, lots)
    altered[kind or "visits"] = value
    assert check_plan(altered, facts, lots)


def test_unknown_keys_are_refused() -> None:
    """In the plan and in each kind of record."""
    assert breaches(lambda plan: plan.update(note="x")) == ["record"]
    for kind in ("visits", "unplaced", "departures"):
        assert breaches(lambda plan, kind=kind: plan[kind][0].update(note="x")) == ["record"]


def test_the_check_runs_where_the_solver_cannot_be_imported(tmp_path: Path) -> None:
    """A process in which importing ortools fails accepts the good plan and refuses a broken one."""
    record, facts, lots = good()
    (tmp_path / "facts.pickle").write_bytes(pickle.dumps((facts, lots)))
    (tmp_path / "plan.json").write_text(json.dumps(record), encoding="utf-8")
    code = (
        "import sys, json, pickle, pathlib\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('ortools', 'numpy', 'pandas'): raise ImportError(name)\n"
        "sys.meta_path.insert(0, Blocker())\n"
        "from auditor.plan import problem, legs, departures\n"
        "from auditor.plan.check import check_plan\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "facts, lots = pickle.loads((folder / 'facts.pickle').read_bytes())\n"
        "plan = json.loads((folder / 'plan.json').read_text(encoding='utf-8'))\n"
        "good = check_plan(plan, facts, lots)\n"
        "plan['objective_m'] += 1\n"
        "print(len(good), len(check_plan(plan, facts, lots)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["0", "1"], "")


SECRECY = {"level": "strict", "company": 1, "near_m": 3000, "later": 4, "given_away": 0, "cheap": None}
CHEAP = {"metres": 90_000, "sorties": 3, "later": 4, "given_away": 2, "part": 100}
FAIRNESS = {"load": 1, "even": None, "pairs": 2, "given_up": ["even"], "carried": {"P01": 3}}


@pytest.mark.parametrize(
    ("part", "key", "good_ones", "bad_ones"),
    [
        ("visits", "date", ["2028-02-29"], ["2026-02-29", "2026-W49-2", "20261201", "2026-12-1", None]),
        ("visits", "start", ["00:00", "23:59"], ["24:00", "12:60", "7:00", "07-00", "０７:00", 420]),
        ("visits", "team", [["P01"]], [["P02", "P01"], ["P01", "P01"], [], "P01", [1]]),
        ("visits", "minutes", [0], [True, -1, 25.0, "25"]),
        ("visits", "slot", ["evening"], ["night", ["evening"]]),
        ("departures", "of", [], ["lead", None, ["day"]]),
        ("", "share", [0, 0.5, 1], [1.01, -0.01, True, "0.5"]),
        ("", "cut", [True], [False, 1, None]),
        ("", "starts", [{}, {"S001": "@w"}], [{"S001": ""}, {"S001": 1}, [], None]),
        (
            "",
            "points",
            [{}, {"u": [24.7, 121.7]}],
            [{"u": [24.7]}, {"u": ["24.7", "121.7"]}, {"": [1, 2]}, []],
        ),
        (
            "",
            "secrecy",
            [SECRECY, {**SECRECY, "company": None}, {**SECRECY, "cheap": CHEAP}],
            [
                {**SECRECY, "level": "secret"},
                {**SECRECY, "company": -1},
                {**SECRECY, "cheap": {**CHEAP, "part": True}},
                {**SECRECY, "cheap": {**CHEAP, "more": 1}},
                {**SECRECY, "later": None},
                {**SECRECY, "more": 1},
                [],
            ],
        ),
        (
            "",
            "fairness",
            [FAIRNESS, {**FAIRNESS, "given_up": [], "carried": {}}],
            [
                {**FAIRNESS, "given_up": ["load"]},
                {**FAIRNESS, "given_up": ["cars"]},
                {**FAIRNESS, "given_up": "even"},
                {**FAIRNESS, "pairs": -1},
                {**FAIRNESS, "carried": {"P01": -1}},
                {**FAIRNESS, "carried": {"": 1}},
                {**FAIRNESS, "more": 1},
            ],
        ),
    ],
)
def test_values_that_cannot_be_are_named_and_no_other(
    part: str, key: str, good_ones: list[object], bad_ones: list[object]
) -> None:
    """By shape alone: the key is named, in the record where it stands."""
    record = good()[0]
    where = f"{part}[0]" if part else "plan"
    for value, due in [*((one, []) for one in good_ones), *((one, [where]) for one in bad_ones)]:
        altered = copy.deepcopy(record)
        (altered[part][0] if part else altered)[key] = value
        named = [one.where for one in shape(altered) if key in one.what.partition(": ")[2].split(", ")]
        assert named == due, value


@pytest.mark.parametrize(
    ("there", "start", "back", "rules"),
    [
        pytest.param(5, "08:05", 240, [], id="home at half past twelve"),
        pytest.param(5, "08:05", 241, ["travel"], id="a minute late"),
        pytest.param(5, "08:04", 60, ["travel"], id="there before it can be"),
        pytest.param(5, "08:06", 60, ["travel"], id="there later than it could"),
        pytest.param(0, "08:00", 245, [], id="at the bureau itself"),
    ],
)
def test_a_team_is_there_as_soon_as_can_be_and_home_within_the_half_day(
    there: int, start: str, back: int, rules: list[str]
) -> None:
    """One visit of 25 minutes in the morning, by a table whose way back is another."""
    ways = {("", "u"): (1000, there), ("u", ""): (2000, back)}
    facts = replace(good()[1], travel=ways)
    visit = {"id": "v", "unit": "u", "slot": "morning", "start": start, "domains": ["fire"]}
    metres, found = drive("S001", [visit], facts)
    assert (metres, [one.rule for one in found]) == (3000, rules)


@pytest.mark.parametrize(
    ("there", "start", "rules"),
    [
        pytest.param(100, "10:30", [], id="waiting for the kitchen"),
        pytest.param(100, "10:29", ["windows"], id="before it opens"),
        pytest.param(225, "11:45", [], id="at its last minute"),
        pytest.param(226, "11:46", ["windows"], id="a minute after"),
    ],
)
def test_an_arrival_lies_in_the_window_from_its_first_to_its_last_minute(
    there: int, start: str, rules: list[str]
) -> None:
    """A kitchen from half past ten to a quarter to twelve; the team drives at eight and cannot be earlier."""
    facts = replace(good()[1], travel={("", "u"): (1000, there), ("u", ""): (1000, 10)})
    visit = {"id": "v", "unit": "u", "slot": "morning", "start": start, "domains": ["food"]}
    assert [one.rule for one in drive("S001", [visit], facts)[1]] == rules


@pytest.mark.parametrize(("closes", "arrivals"), [(1165, (1140, 1140)), (1166, (1140, 1141)), (1164, None)])
def test_a_unit_that_is_at_work_just_as_long_as_a_visit_takes_is_visited(
    closes: int, arrivals: tuple[int, int] | None
) -> None:
    """25 minutes from seven in the evening on, by planner and twin; with a minute less nobody comes."""
    hours = {"evening": (1140, closes)}
    facts = replace(good()[1], hours={"u": hours})
    assert span("u", ["fire"], "evening", facts) == arrivals
    (planned,) = errands_of("u", "main", [DOMAINS["fire"]], START, hours)
    assert planned.arrivals.get("evening") == arrivals


@pytest.mark.parametrize(
    ("there", "back", "reason"),
    [
        pytest.param(225, 15, "capacity", id="just there and just home"),
        pytest.param(226, 15, "unreachable", id="there a minute late"),
        pytest.param(225, 16, "unreachable", id="home a minute late"),
    ],
)
def test_a_unit_is_out_of_reach_from_the_first_minute_that_is_too_late(
    there: int, back: int, reason: str
) -> None:
    """A kitchen until a quarter to twelve, half an hour, home by half past twelve; two people always free."""
    facts = replace(
        good()[1],
        travel={("", "u"): (1000, there), ("u", ""): (1000, back)},
        staff=[person(name, *half_days(*FIELD_DAYS)) for name in ("N1", "N2")],
    )
    record = {"unit": "u", "draw": "main", "domains": ["food"], "evidence": "x"}
    for stated in ("capacity", "unreachable"):
        found = list(reason_breaches({**record, "reason": stated}, facts))
        assert (found == []) is (stated == reason)

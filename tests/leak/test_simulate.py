"""The whole way: the tool's own draw, lots and plan, the attack, and what the command says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from auditor.cli.leak import verdict
from auditor.cli.main import auditor
from auditor.draw.seed import stand_in_share
from auditor.leak.measures import Interval
from auditor.leak.records import Semester
from auditor.leak.trial import Answer, Leak
from auditor.store.numbers import put_frozen
from auditor.store.records import put_draw, put_plan, put_settings, read_plans
from auditor.store.writing import write_tx
from auditor.workflow import bureau, leaks, plans
from auditor.workflow.domains import load_all
from auditor.workflow.drawn import closed_transcript
from auditor.workflow.months import month_of
from auditor.workflow.semesters import Size, county_of, districts_of, plan_month, simulate

SMALL = Size(districts=1, towns=3, in_town=8, people=8, months=("2026-09", "2026-10"))


@pytest.fixture(scope="module")
def semester() -> Semester:
    """One semester of a small county."""
    return simulate("t", 0, load_all(), SMALL)


def test_a_simulated_semester_obeys_its_draws(semester: Semester) -> None:
    """Main draws take a third of the units a month, nobody twice; every visit lies in its tour's window."""
    main = [draw for draw in semester.draws if draw.fixed]
    assert [round(float(draw.chance.sum()), 6) for draw in main] == [8.0, 8.0]
    assert [np.count_nonzero(draw.chance) for draw in main] == [24, 16]
    assert all(visit.window[0] <= visit.day <= visit.window[1] for visit in semester.visits)
    done = {visit.unit for visit in semester.visits if semester.plan_of[visit.day] == 0}
    assert {int(at) for at in np.flatnonzero(main[1].chance == 0)} <= done


def test_teams_are_among_those_who_stand_by(semester: Semester) -> None:
    """Two of the people of that half-day; and the unit had room then."""
    for visit in semester.visits:
        assert len(visit.team) == 2
        assert set(visit.team) <= set(semester.free[visit.day][visit.slot])
        assert semester.room[visit.unit, visit.day] > 0


def test_a_semester_follows_from_seed_and_number(semester: Semester) -> None:
    """The same again; another number is another semester of the same county."""
    again, other = (simulate("t", number, load_all(), SMALL) for number in (0, 1))
    assert again.visits == semester.visits
    assert other.visits != semester.visits
    assert county_of(districts_of("t", SMALL)) != county_of(districts_of("u", SMALL))


def test_the_command_says_the_same_bytes_with_one_process_and_with_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Everything that the contract names stands in the JSON, and nothing depends on the processes."""
    monkeypatch.setitem(leaks.run_simulated.__kwdefaults__, "size", SMALL)
    said = [
        CliRunner().invoke(
            auditor,
            [
                "leak",
                "test",
                "--simulate",
                "2",
                "--train",
                "2",
                "--processes",
                count,
                "--seed",
                "t",
                "--json",
            ],
        )
        for count in ("1", "2")
    ]
    assert said[0].stdout == said[1].stdout
    record = json.loads(said[0].stdout)
    assert set(record["tasks"]) == {"T1", "T2", "T3", "T4", "T5"}
    assert all(set(one) == {"lift", "auc", "bottom_lift"} for one in record["tasks"].values())
    assert set(record["controls"]) == {"shuffle", "planted"}
    for one in (record, *record["controls"].values()):
        assert one["R_low"] <= one["R"] <= one["R_high"]
    assert record["N"] == 2
    assert said[0].exit_code in (0, 4, 5)


def found_with(low: float, high: float, *, shuffled: float = 1.02, planted: float = 1.15) -> leaks.Tested:
    """What a test found, by the ends of R's interval and what the controls read."""

    def leak(value: float, low: float, high: float) -> Leak:
        return Leak(Interval(value, low, high), 2.0, 2.0, 3.0)

    answers = {name: Answer(1.0, 0.5, 1.0, 1, 0.0) for name in ("T1", "T2", "T3", "T4", "T5")}
    return leaks.Tested(
        leak=leak((low + high) / 2, low, high),
        tasks=answers,
        shuffle=leak(1.0, 0.98, shuffled),
        planted=leak(planted, planted - 0.03, planted + 0.03),
        tested=60,
        train=14,
        units=216,
        visits=17_000,
        rho=1.3,
        km=80.0,
    )


@pytest.mark.parametrize(
    ("found", "passed", "shown", "word"),
    [
        pytest.param(found_with(0.98, 1.05), True, False, "Passed", id="the gate itself"),
        pytest.param(found_with(0.98, 1.06), False, False, "Not shown", id="too wide"),
        pytest.param(found_with(1.06, 1.20), False, True, "leaks", id="a leak"),
        pytest.param(found_with(0.98, 1.02, planted=1.09), False, False, "nothing", id="a blind test"),
        pytest.param(found_with(1.06, 1.20, shuffled=1.06), False, False, "nothing", id="a false alarm"),
    ],
)
def test_the_verdict_needs_the_gate_and_both_controls(
    found: leaks.Tested, passed: bool, shown: bool, word: str
) -> None:
    """On both sides of each border."""
    assert (found.passed, found.leaks) == (passed, shown)
    assert word in verdict(found)


def test_a_bureau_without_plans_is_told_how_many_it_needs(tmp_path: Path) -> None:
    """Exit 3, and the number of months."""
    bureau.init(tmp_path / "b.db", "", None, datetime(2026, 12, 1, tzinfo=UTC))
    said = CliRunner().invoke(auditor, ["leak", "test", "--plans", str(tmp_path / "b.db"), "--json"])
    assert said.exit_code == 3
    assert "12 months" in said.stderr


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau's file with twenty closed months, four in each of five semesters."""
    path = tmp_path_factory.mktemp("years") / "b.db"
    now = datetime(2027, 1, 1, tzinfo=UTC)
    bureau.init(path, "", None, now)
    (district,) = districts_of("t", SMALL)
    plugins = load_all()
    terms = [(3, 4, 5, 6), (9, 10, 11, 12)]
    names = [f"{2025 + at // 2}-{month:02d}" for at in range(5) for month in terms[at % 2]]
    units = {unit.id: unit for unit in district.units}
    with bureau.opened(path) as db, write_tx(db, "draw", now) as tx:
        for number, name in enumerate(names, 1):
            share = stand_in_share(f"test/{name}")
            month = month_of(name)
            drawn, made = plan_month(district, sorted(units), 6, month, plugins, share=share)
            closed = closed_transcript(drawn, made.visits, made.unplaced, made.departures, [])
            closed["commit"] = closed["commit"] | {"number": number}
            put_draw(tx, closed)
            put_plan(tx, name, number, made.record)
            put_frozen(tx, number, {"places": plans.places_of(units, district.start).record()})
            put_settings(tx, {f"staff_key/{number}": json.dumps(drawn.staff_key)})
    return path


def test_a_bureaus_closed_plans_are_attacked_month_by_month(years: Path) -> None:
    """Eight months to learn from, twelve to foretell; so few visits give a rough interval, and say so."""
    with bureau.opened(years) as db:
        found = leaks.run_plans(db, "1", load_all())
    with bureau.opened(years) as db:
        visits = [one for _draw, plan in list(read_plans(db).values())[8:] for one in plan["visits"]]
    assert (found.train, found.tested, found.units) == (2, 3, 24)
    assert found.visits == len(visits)
    assert found.leak.r.low < found.leak.r.value < found.leak.r.high
    assert "are few" in found.warnings[0]


def test_too_few_closed_months_have_no_interval(years: Path) -> None:
    """One semester more to learn from, and too few are left to foretell."""
    said = CliRunner().invoke(auditor, ["leak", "test", "--plans", str(years), "--train", "3", "--json"])
    assert said.exit_code == 3
    assert "12 months" in said.stderr


def test_both_sources_at_once_are_refused() -> None:
    """A usage error in one sentence."""
    said = CliRunner().invoke(auditor, ["leak", "test", "--simulate", "5", "--plans", "x.db"])
    assert said.exit_code == 2
    assert "exclude" in said.stderr


def test_semesters_of_a_bureau_begin_in_february_and_august() -> None:
    """January belongs to the semester that began in August."""
    halves = [leaks.half_year(day) for day in ("2026-08-01", "2027-01-31", "2027-02-01", "2027-07-31")]
    assert halves == [(2026, 1), (2026, 1), (2027, 0), (2027, 0)]

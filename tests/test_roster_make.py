"""The commands that make a roster and say why: from a bureau's file, with what people type."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from auditor.cli.main import auditor
from auditor.store.staff import put_staff
from auditor.store.writing import write_tx
from auditor.workflow import bureau
from desk_world import BEFORE, away, copied, desk_people, make_desk, publish, rows


def run(*arguments: object) -> Result:
    """Run a command in English."""
    return CliRunner().invoke(auditor, [str(one) for one in arguments] + ["--lang", "en"])


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau with December published."""
    path = tmp_path_factory.mktemp("desk") / "bureau.db"
    make_desk(path, "2026-12")
    return path


@pytest.fixture
def db(source: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    with copied(source, tmp_path / "bureau.db"):
        pass
    return tmp_path / "bureau.db"


def made(db: Path, *more: object, month: str = "2027-01") -> dict[str, Any]:
    """Make a month; give its record."""
    done = run("roster", "make", "--db", db, "--month", month, "--json", *more)
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def test_the_next_month_goes_on_in_turn(db: Path) -> None:
    """Each list begins after December's last turn; who owes one has it first."""
    with copied(db, db.with_name("b.db")) as bureau_db:
        from auditor.store.rosters import read_rosters

        last = read_rosters(bureau_db)["2026-12"]
    record = made(db)
    assert record["style"] == "rotation"
    work = [
        row["person"]
        for row in record["assignments"]
        if row["post"] == "lead" and row["date"] >= "2027-01-04"
    ]
    turns = last["turns"]["lead/work"]
    assert work[0] == (turns["owed"][0] if "owed" in turns else f"l{(int(turns['last'][1:]) + 1) % 5}")
    assert run("roster", "check", "--db", db).exit_code == 0


def test_a_published_month_is_not_made_again(db: Path) -> None:
    """Only its own ways change it."""
    done = run("roster", "make", "--db", db, "--month", "2026-12")
    assert done.exit_code == 1
    assert "published" in done.stderr


def test_a_wish_is_kept_where_it_costs_no_fairness(db: Path) -> None:
    """The same proven fairness, and no duty on the days that are wished away."""
    plain = made(db, "--style", "fair")
    wished = run(
        "roster", "wish", "add", "--db", db, "--person", "L2", "--from", "2027-01-09", "--to", "2027-01-10"
    )
    assert wished.exit_code == 0
    record = made(db, "--style", "fair")
    assert record["objective"] == plain["objective"]
    assert [row["cost"] for row in record["wishes"]] == [0]
    assert not [
        row
        for row in record["assignments"]
        if row["person"] == "l2" and row["date"] in ("2027-01-09", "2027-01-10")
    ]
    assert (
        run("roster", "wish", "remove", "--db", db, "--person", "l2", "--from", "2027-01-09").exit_code == 2
    )
    gone = run(
        "roster", "wish", "remove", "--db", db, "--person", "l2", "--from", "2027-01-09", "--to", "2027-01-10"
    )
    assert gone.exit_code == 0
    assert json.loads(run("roster", "wish", "list", "--db", db, "--json").stdout) == []


def test_a_cell_that_stands_is_filled_as_it_stands(db: Path) -> None:
    """By the names that people use; and nonsense is told."""
    record = made(db, "--fix", "2027-01-05/带班=L3")
    assert {"date": "2027-01-05", "post": "lead", "person": "l3"} in record["assignments"]
    for text in (
        "2027-02-05/lead=l3",
        "2027-01-05/cook=l3",
        "2027-01-05/lead=nobody",
        "x",
        "2027-01-05/lead=o01",
    ):
        assert run("roster", "make", "--db", db, "--month", "2027-01", "--fix", text).exit_code == 2


def test_cells_that_cannot_stand_are_told_with_the_rule(db: Path) -> None:
    """Two nights running, and two people in one seat."""
    twice = ("--fix", "2027-01-05/lead=l3", "--fix", "2027-01-06/lead=l3")
    done = run("roster", "make", "--db", db, "--month", "2027-01", *twice)
    assert done.exit_code == 2
    assert "rest" in done.stderr
    both = ("--fix", "2027-01-05/lead=l3", "--fix", "2027-01-05/lead=l2")
    done = run("roster", "make", "--db", db, "--month", "2027-01", *both)
    assert done.exit_code == 2
    role = run("roster", "make", "--db", db, "--month", "2027-01", "--fix", "2027-01-05/night=l3")
    # an English sentence names the usual posts in English, and speaks of leaders as the people they are
    assert "leader on duty: more people than its 1 seats" in done.stderr
    assert "night duty=L3: the post is for another role (officers)" in role.stderr


TIED = """
weekend_block = ["lead"]
pairs = [{people = ["o01", "o02"], together = true}, {people = ["o03", "o04"], together = false}]
groups = [{leader = "l0", members = ["o05", "o06"]}]
"""


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        (("2027-01-05/day=o01", "2027-01-05/night=o07"), "o01: on duty with o02 only"),
        (("2027-01-05/day=o03", "2027-01-05/night=o04"), "o03: never on one day with o04"),
        (("2027-01-05/day=o05", "2027-01-05/lead=l1"), "o05: on duty only when l0 leads"),
        (("2027-01-16/lead=l0", "2027-01-17/lead=l1"), "Saturday and Sunday are one block"),
        (("2027-01-05/night=o01", "2027-01-06/night=o02"), "rest of 12/24 hours after a duty"),
        (("2027-01-05/day=l1",), "=l1: the post is for another role (officers)"),
    ],
)
@pytest.mark.parametrize("short", [False, True])
def test_cells_that_tie_others_are_refused_with_the_rule(
    db: Path, tmp_path: Path, cells: tuple[str, ...], rule: str, short: bool
) -> None:
    """Pairs, groups and blocks are judged with the whole roster: no work limit is blamed, nothing is kept."""
    settings = tmp_path / "desk.toml"
    settings.write_text(TIED, encoding="utf-8")
    assert run("roster", "settings", "import", "--db", db, settings).exit_code == 0
    fixed = [word for cell in cells for word in ("--fix", cell)]
    done = run("roster", "make", "--db", db, "--month", "2027-01", *fixed, *(["--short"] if short else []))
    assert done.exit_code == 2
    told = done.stderr
    for person in desk_people():
        told = told.replace(person.name, person.id) if person.name else told
    assert rule in told
    assert "work limit" not in told
    assert "白班" not in told


def test_rules_that_contradict_one_another_are_told_so_with_the_ways_out(tmp_path: Path) -> None:
    """Whoever has the 31st of July comes with two more since, and the Sunday has two seats: no work limit."""
    make_desk(tmp_path / "a.db")
    settings = tmp_path / "desk.toml"
    settings.write_text('weekend_block = ["day"]\n', encoding="utf-8")
    file = tmp_path / "a.db"
    assert run("roster", "settings", "import", "--db", file, settings).exit_code == 0
    with bureau.opened(file) as database:
        held = {row[:2]: row[2] for row in rows(publish(database, "2027-07", BEFORE))}
    one = held["2027-07-31", "day"]
    near = {one, held["2027-07-31", "night"], held["2027-07-30", "night"]}
    two, three = sorted({person.id for person in desk_people() if "officer" in person.roles} - near)[:2]
    ties = ", ".join(f'{{people = ["{who}", "{two}"], together = true}}' for who in (one, three))
    settings.write_text(f'weekend_block = ["day"]\npairs = [{ties}]\n', encoding="utf-8")
    assert run("roster", "settings", "import", "--db", file, settings).exit_code == 0
    for short in ((), ("--short",)):
        refused = run(
            "roster", "make", "--db", file, "--month", "2027-08", "--now", BEFORE.isoformat(), *short
        )
        assert refused.exit_code == 3
        assert "contradict one another" in refused.stderr
        assert "work limit" not in refused.stderr
    told = run("roster", "explain", "--db", file, "--month", "2027-08", "--now", BEFORE.isoformat(), "--json")
    assert told.exit_code == 3
    found = json.loads(told.stdout)
    assert (found["possible"], found["contradicted"], found["shortage"]) == (False, True, [])
    assert {row["rule"] for row in found["core"]} == {"cover", "pairs", "weekend-block"}
    assert {one["kind"] for one in found["ways"]} == {"pairs", "weekend-block"}


def test_a_desk_without_people_is_explained_and_left_short_on_request(db: Path) -> None:
    """All leaders away on one night: exit 3, the core names their leave, --short leaves that seat empty."""
    with bureau.opened(db) as database:
        for who in range(5):
            away(database, f"l{who}", "2027-01-20", "2027-01-20")
    refused = run("roster", "make", "--db", db, "--month", "2027-01")
    assert refused.exit_code == 3
    assert "2027-01-19 leader on duty lacks 1" in refused.stderr
    told = run("roster", "explain", "--db", db, "--month", "2027-01", "--json")
    assert told.exit_code == 3
    found = json.loads(told.stdout)
    assert [(row["date"], row["post"], row["short"]) for row in found["shortage"]] == [
        ("2027-01-19", "lead", 1),
        ("2027-01-20", "lead", 1),
    ]
    assert {row["rule"] for row in found["core"]} == {"cover", "leave"}
    assert found["core"][1]["people"] == ["l0", "l1", "l2", "l3", "l4"]
    assert found["ways"][0]["cost"] <= found["ways"][-1]["cost"]
    short = run("roster", "make", "--db", db, "--month", "2027-01", "--short", "--json")
    assert short.exit_code == 5
    assert len(json.loads(short.stdout)["short"]) == 2
    assert run("roster", "check", "--db", db).exit_code == 0
    assert run("roster", "explain", "--db", db, "--month", "2027-02").exit_code == 0


def test_fairness_says_why_of_one_person(db: Path) -> None:
    """By name; with what is expected, carried, new; a stranger is told."""
    made(db, "--style", "fair", "--sharing", "leximin")
    told = run("roster", "fairness", "--db", db, "--person", "L1", "--json")
    assert told.exit_code == 0
    rows = json.loads(told.stdout)
    assert [row["class"] for row in rows] == ["holiday", "weekend", "night", "total"]
    assert all(row["why"] for row in rows if row["deviation"] > 0)
    assert len(rows[-1]["duties"]) == rows[-1]["new"]
    record = made(db)
    rows = json.loads(run("roster", "fairness", "--db", db, "--person", "l1", "--json").stdout)
    mine = {(one["date"], one["post"]): one["why"] for one in rows[-1]["duties"]}
    for one in record["departures"]:
        if one["given"] == "l1" and one["rule"] not in ("made-up", "acting", "nobody"):
            assert "in place of" in mine[one["date"], one["post"]]
    assert run("roster", "fairness", "--db", db, "--person", "nobody").exit_code == 2


def test_settings_are_kept_shown_and_used(db: Path, tmp_path: Path) -> None:
    """A desk with stand-by, a leader by telephone and a group: made, checked; its posts are counted apart."""
    template = run("roster", "settings", "template").stdout
    (tmp_path / "desk.toml").write_text(
        template + '[[posts]]\nid = "wait"\nzh = "备勤"\nrole = "officer"\nstart = "18:00"\nminutes = 840\n'
        'kind = "standby"\ncallable_minutes = 30\n'
        '[[pairs]]\npeople = ["o01", "o02"]\ntogether = false\n[week]\nofficer = 4\n',
        encoding="utf-8",
    )
    assert run("roster", "settings", "import", tmp_path / "desk.toml", "--db", db).exit_code == 0
    shown = json.loads(run("roster", "settings", "show", "--db", db, "--json").stdout)
    assert [post["id"] for post in shown["posts"]] == ["lead", "day", "night", "wait"]
    told = run("roster", "settings", "show", "--db", db).stdout
    assert "never on one day: O1, O2" in told
    assert "(week): officers 4" in told
    record = made(db)
    assert record["posts"][3]["kind"] == "standby"
    assert sum(own["standby"] for own in record["counters"].values()) == 31
    assert run("roster", "check", "--db", db).exit_code == 0
    # December was made by another desk and is right still
    assert run("roster", "check", "--db", db, "--month", "2026-12").exit_code == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[pairs]]\npeople = ["o01", "ghost"]\ntogether = true\n', "ghost"),
        ('[[groups]]\nleader = "o01"\nmembers = ["o02"]\n', "no leader"),
        ('[[posts]]\nid = "car"\nrole = "driver"\nstart = "08:00"\nminutes = 600\nneed = -1\n', "need"),
    ],
)
def test_settings_that_cannot_be_are_refused(db: Path, tmp_path: Path, text: str, told: str) -> None:
    """One sentence, exit 1 or 2, and nothing is kept."""
    (tmp_path / "desk.toml").write_text(text, encoding="utf-8")
    done = run("roster", "settings", "import", tmp_path / "desk.toml", "--db", db)
    assert done.exit_code in (1, 2)
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    style = json.loads(run("roster", "settings", "show", "--db", db, "--json").stdout)
    assert [post["id"] for post in style["posts"]] == ["lead", "day", "night"]


def test_a_post_without_anybody_is_told(db: Path, tmp_path: Path) -> None:
    """A driver's post and no driver: exit 3; with one who drives as well it is made."""
    (tmp_path / "desk.toml").write_text(
        run("roster", "settings", "template").stdout
        + '[[posts]]\nid = "car"\nrole = "driver"\nstart = "08:00"\nminutes = 600\n'
        "need = { key = 1, work = 0, weekend = 0, holiday = 1 }\n",
        encoding="utf-8",
    )
    assert run("roster", "settings", "import", tmp_path / "desk.toml", "--db", db).exit_code == 0
    done = run("roster", "make", "--db", db, "--month", "2027-01")
    assert done.exit_code == 3
    assert "driver" in done.stderr
    with bureau.opened(db) as database, write_tx(database, "people", BEFORE) as tx:
        put_staff(tx, [replace(one, roles=("officer", "driver")) for one in desk_people()[-3:]])
    assert "officer;driver" in run("people", "list", "--db", db).stdout
    record = made(db)
    assert {row["person"] for row in record["assignments"] if row["post"] == "car"} <= {"o06", "o07", "o08"}
    assert next(row for row in record["people"] if row["id"] == "o08")["roles"] == ["officer", "driver"]


def test_a_departure_that_no_rule_bears_out_is_found(db: Path, tmp_path: Path) -> None:
    """A turn taken away for a rule that does not forbid it."""
    made(db)
    with bureau.opened(db) as database:
        for who in ("l1", "l2"):
            away(database, who, "2027-01-12", "2027-01-14")
    record = made(db)
    row = next(one for one in record["departures"] if one["rule"] == "leave")
    row["rule"] = "week"
    (tmp_path / "r.json").write_text(json.dumps(record), encoding="utf-8")
    with bureau.opened(db) as database:
        from auditor.workflow.duty import rosters
        from auditor.workflow.months import month_of

        found = rosters.check(database, record, month_of("2027-01"))
    assert "departures" in {breach.rule for breach in found}
    assert run("roster", "check", tmp_path / "r.json", "--db", db).exit_code == 4


@pytest.mark.parametrize("text", ["{", "[]", '{"style": 7}', '{"posts": [{}]}'])
def test_damaged_settings_are_told(db: Path, text: str) -> None:
    """One sentence, no traceback, whatever stands there."""
    from auditor.store.records import put_settings

    with bureau.opened(db) as database, write_tx(database, "damage", BEFORE) as tx:
        put_settings(tx, {"duty_desk": text})
    for command in (("make", "--month", "2027-01"), ("settings", "show"), ("explain", "--month", "2027-01")):
        done = run("roster", *command, "--db", db)
        assert done.exit_code == 2, done.output
        assert "duty_desk" in done.stderr

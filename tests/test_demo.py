"""The whole loop: it runs to the end, agrees with itself, repeats, and a broken copy is refused."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import icalendar
import pytest
from click.testing import CliRunner

from auditor.cli.main import auditor
from auditor.draw.verify import verify
from auditor.workflow.demo import STAMP_FILES

MONTH = ["--month", "2026-12", "--seed", "a test"]


def run(*arguments: object) -> Any:
    """Call the program in this process."""
    return CliRunner().invoke(auditor, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One demonstration."""
    out = tmp_path_factory.mktemp("demo") / "out"
    done = run("demo", *MONTH, "--out", out)
    assert done.exit_code == 0, done.output
    return out


def load(folder: Path, name: str) -> dict[str, Any]:
    """A record of the demonstration."""
    return dict(json.loads((folder / name).read_text(encoding="utf-8")))


def test_it_writes_what_it_promises(folder: Path) -> None:
    """Every file of the README's table."""
    assert sorted(one.name for one in folder.iterdir()) == sorted(STAMP_FILES)
    plan, closed = load(folder, "plan.json"), load(folder, "draw.json")
    assert len(list((folder / "tasks").glob("*.html"))) == len({one["sortie"] for one in plan["visits"]})
    assert len(list((folder / "people").glob("*.ics"))) == 32
    assert [{k: v for k, v in one.items() if k != "minutes"} for one in plan["visits"]] == closed["plan"]
    assert plan["commit_sha256"] == closed["commit_sha256"]


def test_the_draw_is_verified_with_its_published_hashes_only(folder: Path) -> None:
    """The right hashes pass; another hash or an altered byte does not."""
    closed = load(folder, "draw.json")
    data = (folder / "draw.json").read_bytes()
    assert verify(data, closed["commit_sha256"], closed["plan_root"])[0] == []
    assert verify(data, "0" * 64, closed["plan_root"])[0]
    assert verify(data, closed["commit_sha256"], "0" * 64)[0]
    drawn = closed["drawn"]["main"][0].encode()
    assert verify(data.replace(drawn, b"x" + drawn[1:], 1), closed["commit_sha256"], closed["plan_root"])[0]


def test_the_gap_is_nothing_and_the_objective_can_be_recomputed(folder: Path) -> None:
    """Metres of every sortie by hand: haversine × 1.3 each leg, and 10,000 a sortie."""
    from math import asin, cos, floor, radians, sin, sqrt

    from auditor.store.opening import close_bureau, open_bureau
    from auditor.store.units import read_units

    db = open_bureau(folder / "bureau.db")
    register = {unit.id: (unit.lat, unit.lng) for unit in read_units(db)}
    close_bureau(db)
    plan = load(folder, "plan.json")

    def metres(a: Any, b: Any) -> int:
        (lat1, lng1), (lat2, lng2) = ([radians(x) for x in one] for one in (a, b))
        h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lng2 - lng1) / 2) ** 2
        return floor(plan["factor"] * 2 * 6_371_008.8 * asin(sqrt(h)) + 0.5)

    start = (plan["start"]["lat"], plan["start"]["lng"])
    tours: dict[str, list[Any]] = {}
    for visit in sorted(plan["visits"], key=lambda one: one["start"]):
        tours.setdefault(visit["sortie"], []).append(
            plan["points"].get(visit["unit"]) or register[visit["unit"]]
        )
    total = sum(
        10_000 + sum(metres(a, b) for a, b in zip([start, *stops], [*stops, start], strict=True))
        for stops in tours.values()
    )
    assert plan["objective_m"] == total
    assert plan["bound_m"] == plan["objective_m"]


def test_the_same_input_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """In another folder, another language, with another hash seed."""
    code = "import sys; from auditor.cli import entry; sys.argv[0] = 'auditor'; entry()"
    subprocess.run(
        [sys.executable, "-c", code, "demo", *MONTH, "--lang", "zh", "--out", str(tmp_path / "again")],
        check=True,
        capture_output=True,
        env={"PYTHONHASHSEED": "7", "PATH": "", "PYTHONUTF8": "1"},
    )
    names = ["draw.json", "plan.json", "roster.json", "programme.toml", "duty.ics"]
    names += [f"people/{one.name}" for one in (folder / "people").iterdir()]
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


WITHOUT_SOLVER = """
import sys
sys.modules["ortools"] = None
sys.argv[0] = "auditor"
from auditor.cli import entry
entry()
"""


@pytest.mark.parametrize("what", ["plan", "roster"])
def test_the_checks_accept_the_files_without_the_solver(folder: Path, what: str) -> None:
    """In a process where ortools cannot be imported, file and stored record alike."""
    for file in ([str(folder / f"{what}.json")], []):
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_SOLVER, what, "check", *file, "--db", str(folder / "bureau.db")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all leaves of a record."""
    if isinstance(value, dict):
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for at in range(len(value)):
            yield from leaves(value[at], (*path, at))
    else:
        yield path


def spoiled(record: Any, path: tuple[Any, ...]) -> Any:
    """A copy with one leaf altered."""
    changed = copy.deepcopy(record)
    at = changed
    for step in path[:-1]:
        at = at[step]
    value = at[path[-1]]
    if isinstance(value, bool):
        at[path[-1]] = not value
    elif isinstance(value, int | float):
        at[path[-1]] = value + 1
    else:
        at[path[-1]] = f"{value}x"
    return changed


@pytest.mark.parametrize("what", ["plan", "roster"])
def test_every_altered_leaf_is_refused(folder: Path, what: str) -> None:
    """One leaf of each kind (and every top-level figure) altered: a breach each time."""
    from auditor.store.opening import close_bureau, open_bureau
    from auditor.workflow import plans
    from auditor.workflow.domains import load_all
    from auditor.workflow.duty import rosters
    from auditor.workflow.months import month_of

    record = load(folder, f"{what}.json")
    kinds: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for path in leaves(record):
        kinds.setdefault(tuple("#" if isinstance(step, int) else step for step in path), path)
    db = open_bureau(folder / "bureau.db")
    plugins, month = load_all(), month_of("2026-12")
    check: Callable[[Any], list[Any]] = (
        (lambda one: plans.check(db, one, month.key, plugins))
        if what == "plan"
        else (lambda one: rosters.check(db, one, month))
    )
    assert check(record) == []
    chosen = list(kinds.values())
    for path in chosen if what == "plan" else chosen[::9] + chosen[:20]:
        assert check(spoiled(record, path)), path
    for key in record:
        lost = {name: value for name, value in record.items() if name != key}
        assert check(lost), key
    close_bureau(db)


def test_another_valid_roster_is_not_the_one_that_was_made(folder: Path, tmp_path: Path) -> None:
    """Two persons of one role exchanged, all figures made to agree: still refused."""
    record = load(folder, "roster.json")
    rows = record["assignments"]
    first, second = (
        at
        for at, row in enumerate(rows)
        if row["post"] == "day" and row["date"] in ("2026-12-01", "2026-12-15")
    )
    rows[first]["person"], rows[second]["person"] = rows[second]["person"], rows[first]["person"]
    (tmp_path / "r.json").write_text(json.dumps(record), encoding="utf-8")
    done = run("roster", "check", tmp_path / "r.json", "--db", folder / "bureau.db")
    assert done.exit_code == 4
    assert "assignments" in done.stdout


@pytest.mark.parametrize("what", ["plan", "roster"])
def test_a_key_that_stands_twice_is_refused(folder: Path, tmp_path: Path, what: str) -> None:
    """Two readers would see two values."""
    text = (folder / f"{what}.json").read_text(encoding="utf-8")
    (tmp_path / "x.json").write_text(
        text.replace('"provisional":', '"provisional": true, "provisional":'), "utf-8"
    )
    assert run(what, "check", tmp_path / "x.json", "--db", folder / "bureau.db").exit_code == 4


@pytest.mark.parametrize(
    "damage",
    [
        "update draws set transcript = '{}'",
        "update draws set transcript = 'junk'",
        "update plans set plan = '[]'",
        "update rosters set roster = '{}'",
        "update settings set value = 'x' where key = 'start_lat'",
        "update settings set value = 'junk' where key like 'staff_key%'",
        "update staff set conflicts = 'junk'",
        "update leave set from_on = 'junk'",
        "update units set lat = 9e999",
    ],
)
def test_a_damaged_record_is_a_sentence_and_no_traceback(folder: Path, tmp_path: Path, damage: str) -> None:
    """Exit 4 from the check that reads it, and from the log's."""
    import shutil
    import sqlite3

    shutil.copy(folder / "bureau.db", tmp_path / "b.db")
    connection = sqlite3.connect(tmp_path / "b.db")
    connection.execute(damage)
    connection.commit()
    connection.close()
    found = [run(what, "check", "--db", tmp_path / "b.db").exit_code for what in ("plan", "roster")]
    assert set(found) <= {0, 4}
    assert 4 in found
    assert run("log", "verify", "--db", tmp_path / "b.db").exit_code == 4


def test_calendars_tell_nothing_of_visits(folder: Path) -> None:
    """Stand-by has one text; no unit, place or domain; eight half-days for every inspector."""
    plan = load(folder, "plan.json")
    closed = load(folder, "draw.json")
    secret = {visit["unit"] for visit in plan["visits"]} | {"消防", "食品", "校车", "宿舍"}
    standing = []
    for path in [folder / "duty.ics", *sorted((folder / "people").glob("*.ics"))]:
        text = path.read_text(encoding="utf-8").replace("\r\n ", "")
        assert not [word for word in secret if word in text], path.name
        feed = icalendar.Calendar.from_ical(path.read_bytes())
        names = [str(event["SUMMARY"]) for event in feed.walk("VEVENT")]
        standing.append(sum(name == "外勤待命（当日通知）" for name in names))
    assert sorted(standing) == [0] * 21 + [8] * 12
    assert len(closed["field"]["staff"]) == 12


def test_every_page_says_that_it_is_open_and_synthetic(folder: Path) -> None:
    """The banner stands on the summary and on every task sheet, and no page asks a network."""
    for path in [folder / "summary.html", *(folder / "tasks").glob("*.html")]:
        text = path.read_text(encoding="utf-8")
        assert "Open demonstration (not sealed)" in text
        assert "synthetic data" in text
        assert "http" not in text.replace("<!doctype html>", ""), path.name


def test_a_folder_with_other_files_is_left_alone(folder: Path, tmp_path: Path) -> None:
    """A demonstration replaces only a demonstration."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.docx").write_bytes(b"x")
    done = run("demo", *MONTH, "--out", tmp_path / "mine")
    assert done.exit_code == 1
    assert "letter.docx" in done.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mine"]


@pytest.mark.parametrize("month", ["2026-02", "2027-08"])
def test_outside_term_the_first_line_says_so(tmp_path: Path, month: str) -> None:
    """Only boarding units and training centres; a year without notice is provisional."""
    done = run("demo", "--month", month, "--seed", "x", "--out", tmp_path / "out")
    assert done.exit_code == 0
    lines = [line for line in done.stdout.splitlines() if line]
    assert lines[0].startswith("Outside term")
    assert load(tmp_path / "out", "plan.json")["provisional"] is (month[:4] == "2027")


def test_a_real_register_runs_to_the_end(shared: Path, tmp_path: Path) -> None:
    """A county without ids, kinds, boarders, canteens: stated defaults, checked plan and roster."""
    file = shared / "data" / "schools-taiwan-north" / "schools.json"
    done = run(
        "demo", *MONTH, "--units", file, "--where", "county=宜蘭縣", "--out", tmp_path / "out"
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "taken as none" in done.stdout
    assert run("plan", "check", "--db", tmp_path / "out" / "bureau.db").exit_code == 0


def test_a_plan_holds_when_its_units_take_new_codes_and_the_import_is_frozen(
    folder: Path, tmp_path: Path
) -> None:
    """Visits, conflicts and findings know the unit by either code; the drawn register is not taken back."""
    import shutil

    db = tmp_path / "b.db"
    shutil.copy(folder / "bureau.db", db)
    visited = load(folder, "plan.json")["visits"][0]["unit"]
    listed = json.loads(run("units", "list", "--json", "--db", db).stdout)
    conflicts = [one for row in json.loads(run("inspectors", "list", "--json", "--db", db).stdout)
                 for one in row["conflicts"]]  # fmt: skip
    barred = next(unit["id"] for unit in listed if unit["id"] in conflicts)
    rows = ["学校代码,学校名称,乡镇"]
    rows += [
        f"N{unit['id']},{unit['name']},{unit['township']}"
        for unit in listed
        if unit["id"] in (visited, barred)
    ]
    (tmp_path / "new.csv").write_text("\n".join(rows), encoding="utf-8")
    done = run("units", "import", tmp_path / "new.csv", "--same", "all", "--db", db, "--json")
    assert json.loads(done.stdout)["changed"] == len(rows) - 1
    assert run("plan", "check", "--db", db).exit_code == 0
    assert run("log", "verify", "--db", db).exit_code == 0
    assert run("units", "undo", "--db", db).exit_code == 0
    refused = run("units", "undo", "--db", db)
    assert refused.exit_code == 1
    assert "draw 1" in refused.output

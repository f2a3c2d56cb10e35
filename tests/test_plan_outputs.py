"""What a plan gives out: without the key only what was released, with it everything, in every file."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from auditor.i18n import set_language
from auditor.pages.words import day_name
from sealed import DECEMBER, Bureau, copied

PASSWORD = "保险柜 7"
FILES = {"plan.xlsx", "tasks.html", "cars.html", "map.svg", "plan.json"}
PROGRAMME = """\
id = "p"
name = "十二月"
from = 2026-12-01
to = 2026-12-31
basis = "条例第六条"
domains = ["fire", "food"]
units = 10
modes = ["明查", "联合"]
"""


def names() -> list[str]:
    """Ids and names of forty schools that stand nowhere else."""
    return [f"CANARY{at:03d}" for at in range(40)] + [f"金丝雀{at:03d}号小学" for at in range(40)]


def planned(folder: Path, *, password: bool = False) -> Bureau:
    """A bureau whose number 1 is drawn and planned, with a password on its key where one is wanted."""
    (folder / "pw").write_text(f"{PASSWORD}\n", encoding="utf-8")
    key: list[object] = ["--password-file", folder / "pw"] if password else []
    bureau = Bureau(folder, "simple", *key)
    bureau.county(
        ["id,name,kind,township,lng,lat,boarders,canteen,buses"]
        + [
            f"CANARY{at:03d},金丝雀{at:03d}号小学,primary,禾岭镇,105.{200 + at},30.{500 + at},0,yes,0"
            for at in range(40)
        ]
    )
    bureau.programme(PROGRAMME)
    bureau.ok("draw", "freeze", "--programme", "p")
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9", *key)
    bureau.ok("plan", "make", "--programme", "p", "--work", 5, *key)
    return bureau


@pytest.fixture(scope="module")
def sealed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bureau with one sealed plan, to be copied by who changes it."""
    folder = tmp_path_factory.mktemp("sealed")
    planned(folder)
    return folder


@pytest.fixture
def bureau(sealed_folder: Path, tmp_path: Path) -> Bureau:
    """A copy of that bureau of its own, on the eve of the period."""
    return copied(sealed_folder, tmp_path / "bureau", "2026-11-30T09:00:00+08:00")


WHOLE = "--whole"
"""The option that opens the sealed plan with the planning key."""


def plan_of(bureau: Bureau) -> dict[str, Any]:
    """The sealed plan, opened."""
    record: dict[str, Any] = bureau.json("plan", "show", WHOLE)
    return record


def contents(folder: Path) -> bytes:
    """Every byte written into a folder; of a workbook also what its archive holds."""
    found = b""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            found += file.name.encode() + file.read_bytes()
            if file.suffix == ".xlsx":
                with ZipFile(file) as archive:
                    found += b"".join(archive.read(name) for name in archive.namelist())
    return found


def counted(data: bytes, words: list[str]) -> dict[str, int]:
    """How often each word stands in bytes, as UTF-8 or with JSON's escapes."""
    return {
        word: data.count(word.encode()) + data.count(json.dumps(word).strip('"').encode()) for word in words
    }


def spellings(day: str) -> list[str]:
    """A day as pages, sheets and records may write it, in both languages."""
    on = date.fromisoformat(day)
    found = [day, f"{on:%m-%d}", f"{on.year}年{on.month}月{on.day}日", f"{on.month}月{on.day}日"]
    for language in ("zh", "en"):
        set_language(language)
        found.append(day_name(on))
    set_language("en")
    return [*found, f"{on.day} December"]


def test_without_the_key_no_byte_tells_a_unit_a_team_or_a_day(bureau: Bureau) -> None:
    """All formats and every way to show it, before anything is released; nor do the values behind them."""
    from datetime import datetime

    from auditor.workflow import door, outputs
    from auditor.workflow.bureau import opened
    from auditor.workflow.ceremony import number_of
    from auditor.workflow.domains import load_all

    plan = plan_of(bureau)
    people = {one["name"] for one in bureau.json("inspectors", "list")}
    days = {one["date"] for one in plan["visits"]} - {"2026-12-01", "2026-12-31"}
    said = ""
    for extra in ([], ["--calendar"]):
        said += bureau.ok("plan", "show", "--number", 1, *extra) + bureau.ok("plan", "show", "--json", *extra)
    bureau.ok("plan", "export", "--number", 1, "--out", bureau.folder / "out")
    assert {one.name for one in (bureau.folder / "out").iterdir()} == FILES
    data = contents(bureau.folder / "out") + said.encode()
    told = counted(data, [*names(), *people, *(one["id"] for one in plan["visits"])])
    assert {word for word, count in told.items() if count} == set()
    assert days
    assert not any(counted(data, [day for one in days for day in spellings(one)]).values())
    with opened(bureau.db) as db:
        seen = door.look(db, number_of(db, 1), None)
        view = outputs.plan_view(db, seen, load_all(), datetime(2026, 11, 30).astimezone(), day=None)
    assert {one.name for one in view.places} == {""}


def test_after_a_release_only_the_visits_of_that_day_are_told(bureau: Bureau) -> None:
    """Each of them in each file; of all others neither id nor name."""
    plan = plan_of(bureau)
    day = min(one["date"] for one in plan["visits"])
    today = {one["unit"] for one in plan["visits"] if one["date"] == day}
    bureau.now = f"{day}T07:00:00+08:00"
    bureau.ok("plan", "release")
    bureau.ok("plan", "export", "--number", 1, "--out", bureau.folder / "out")
    told = counted(contents(bureau.folder / "out"), names())
    number_of = {
        f"{kind}{one[-3:]}{end}" for one in today for kind, end in (("CANARY", ""), ("金丝雀", "号小学"))
    }
    assert {word for word, count in told.items() if count} == number_of
    for name in ("plan.xlsx", "tasks.html", "map.svg", "plan.json"):
        (bureau.folder / name).mkdir()
        shutil.copy(bureau.folder / "out" / name, bureau.folder / name)
        found = counted(contents(bureau.folder / name), names())
        assert all(found[f"CANARY{one[-3:]}"] or found[f"金丝雀{one[-3:]}号小学"] for one in today), name
    assert (bureau.folder / "out" / "tasks.html").stat().st_mode & 0o044 == 0o044


def test_with_the_key_every_file_tells_all_and_only_its_owner_reads_it(bureau: Bureau) -> None:
    """Every drawn unit stands in workbook, sheets, map and JSON; nobody else may open them."""
    units = {one["unit"] for one in plan_of(bureau)["visits"]}
    bureau.ok("plan", "export", "--programme", "p", "--out", bureau.folder / "new" / "out", WHOLE)
    out = bureau.folder / "new" / "out"
    assert {one.name for one in out.iterdir()} == FILES
    for file in (out, out.parent, *out.iterdir()):
        assert file.stat().st_mode & 0o077 == 0, file
    for name in ("plan.xlsx", "tasks.html", "map.svg", "plan.json"):
        alone = bureau.folder / name
        alone.mkdir()
        shutil.copy(out / name, alone)
        told = counted(contents(alone), names())
        assert {one for one in units if told[one] or told[f"金丝雀{one[-3:]}号小学"]} == units, name


def test_the_key_is_asked_for_and_another_password_opens_nothing(tmp_path: Path) -> None:
    """Neither a listing nor a file, nor the annex; without --whole nobody is asked."""
    bureau = planned(tmp_path, password=True)
    (tmp_path / "no").write_text("保险柜 8\n", encoding="utf-8")
    out = tmp_path / "out"
    commands: list[list[object]] = [
        ["show", "--number", 1],
        ["show", "--number", 1, "--load"],
        ["export", "--number", 1, "--out", out],
    ]
    for command in commands:
        assert "--password-file" in bureau.refused("plan", *command, WHOLE)
    assert "capitals" in bureau.refused("plan", *commands[2], "--password-file", tmp_path / "no")
    assert "--password-file" in bureau.refused("plan", "submit", "--number", 1, "--out", out)
    assert not out.exists()
    told = bureau.ok("plan", "show", "--number", 1, "--password-file", tmp_path / "pw")
    assert told.count("金丝雀") >= 10
    bureau.ok("plan", "submit", "--number", 1, "--out", out, "--password-file", tmp_path / "pw")
    assert "--password-file" in bureau.refused("plan", "show", "--annex", out / "annex.age")
    assert bureau.ok("plan", "show", "--number", 1).count("金丝雀") == 0


def test_no_file_is_written_over_and_a_failure_leaves_none(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second export is refused and changes no byte; when the disk is full nothing half-written stays."""
    out = bureau.folder / "out"
    bureau.ok("plan", "export", "--number", 1, "--out", out, "--format", "json")
    before = contents(out)
    assert "plan.json" in bureau.refused("plan", "export", "--number", 1, "--out", out)
    assert contents(out) == before
    assert "folder" in bureau.refused("plan", "export", "--number", 1, "--out", out / "plan.json", code=2)
    opened: list[int] = []
    real = os.fdopen

    def full(handle: int, *more: Any, **named: Any) -> Any:
        opened.append(handle)
        if len(opened) == 3:  # the file is there, and nothing of it can be written
            os.close(handle)
            raise OSError(28, "No space left on device")
        return real(handle, *more, **named)

    monkeypatch.setattr(os, "fdopen", full)
    done = bureau.run("plan", "export", "--number", 1, "--out", bureau.folder / "deep" / "new", WHOLE)
    assert (done.exit_code, len(opened)) == (1, 3)
    assert not (bureau.folder / "deep").exists()


def test_a_stand_in_is_told_instead_of_the_unit_it_replaces(bureau: Bureau) -> None:
    """Table, task sheet and map show the school to go to; the plan's own record stays as it was sealed."""
    plan = plan_of(bureau)
    visit = plan["visits"][0]
    by = bureau.json("draw", "reserve", 1, "--visit", visit["id"], "--reason", "停课")["by"]
    assert plan_of(bureau) == plan
    lines = bureau.ok("plan", "show", WHOLE).splitlines()
    assert any(f"金丝雀{by[-3:]}号小学 (stands in)" in line for line in lines)
    bureau.ok("plan", "export", "--out", bureau.folder / "out", WHOLE, "--format", "html", "--format", "svg")
    for name in ("tasks.html", "map.svg"):
        text = (bureau.folder / "out" / name).read_text(encoding="utf-8")
        assert f"金丝雀{by[-3:]}号小学" in text, name
    tasks = (bureau.folder / "out" / "tasks.html").read_text(encoding="utf-8")
    assert f"stands in for 金丝雀{visit['unit'][-3:]}号小学" in tasks


def requests(bureau: Bureau, folder: str) -> dict[str, str]:
    """The request for a car of each sortie, as text with its markup."""
    out = bureau.folder / folder
    bureau.ok("plan", "export", "--out", out, WHOLE, "--format", "html")
    text = (out / "cars.html").read_text(encoding="utf-8")
    halves = text.partition("<main>")[2].split('<section class="half">')[1:]
    plan = plan_of(bureau)
    found = {
        one["sortie"]: half for one in plan["visits"] for half in halves if f"· {one['sortie']}<" in half
    }
    assert len(found) == len(halves) == len({one["sortie"] for one in plan["visits"]})
    return found


def test_a_vehicle_request_names_no_unit_until_its_day_is_over(bureau: Bureau) -> None:
    """县域内公务 on the day itself; from the next day on the units of that day, and of no later one."""
    plan = plan_of(bureau)
    day = min(one["date"] for one in plan["visits"])
    bureau.now = f"{day}T23:00:00+08:00"
    for half in requests(bureau, "on the day").values():
        assert "县域内公务" in half
        assert not any(counted(half.encode(), names()).values())
        assert " km" not in half
    bureau.now = f"{day[:8]}{int(day[8:]) + 1:02d}T07:00:00+08:00"
    for sortie, half in requests(bureau, "the day after").items():
        own = [one for one in plan["visits"] if one["sortie"] == sortie]
        gone = own[0]["date"] == day
        assert ("县域内公务" in half) is not gone
        told = {
            f"CANARY{word[3:6]}" for word, n in counted(half.encode(), names()).items() if n and "号" in word
        }
        assert told == ({one["unit"] for one in own} if gone else set())


def test_a_visit_that_was_called_off_is_no_destination(bureau: Bureau) -> None:
    """What the request says afterwards is where the car went."""
    plan = plan_of(bureau)
    visit = min(plan["visits"], key=lambda one: one["date"])
    bureau.now = "2026-12-31T23:00:00+08:00"
    bureau.ok("draw", "outcome", 1, "--visit", visit["id"], "--as", "cancelled", "--reason", "道路不通")
    half = requests(bureau, "out")[visit["sortie"]]
    assert f"金丝雀{visit['unit'][-3:]}号小学" not in half


def test_a_joint_visit_keeps_a_seat_and_a_box_for_the_partner(bureau: Bureau) -> None:
    """The programme says 联合: one box more to sign, one person more in the car."""
    half = next(iter(requests(bureau, "out").values()))
    assert "number of people</b>3<" in half
    tasks = (bureau.folder / "out" / "tasks.html").read_text(encoding="utf-8")
    sorties = {one["sortie"] for one in plan_of(bureau)["visits"]}
    assert tasks.count("joint visit") == len(sorties)


def test_the_workbook_has_a_sheet_a_day_and_a_sheet_a_team(bureau: Bureau) -> None:
    """Days together, and teams together, hold every visit once; with its unit, day, hour and team."""
    plan = plan_of(bureau)
    bureau.ok("plan", "export", "--out", bureau.folder / "out", WHOLE, "--format", "xlsx")
    book = load_workbook(bureau.folder / "out" / "plan.xlsx")

    def rows(title: str) -> Counter[tuple[str, str, str, str]]:
        return Counter(
            (row[0], row[5], row[6], row[11]) for row in book[title].iter_rows(min_row=4, values_only=True)
        )

    wanted = Counter(
        (one["date"], one["start"], f"金丝雀{one['unit'][-3:]}号小学", one["id"]) for one in plan["visits"]
    )
    titles = book.sheetnames
    assert titles[0] == "All visits"
    assert rows("All visits") == wanted
    days = [title for title in titles if title[2:3] == "-"]
    teams = [title for title in titles[1:] if title not in days and not title.startswith("Not placed")]
    assert len(days) == len({one["date"] for one in plan["visits"]})
    assert len(teams) == len({tuple(one["team"]) for one in plan["visits"]})
    for several in (days, teams):
        assert sum((rows(title) for title in several), Counter()) == wanted
    for title in teams:
        assert {row[4] for row in book[title].iter_rows(min_row=4, values_only=True)} == {title}
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} & {"f"} == set()


def test_one_day_can_be_had_alone(bureau: Bureau) -> None:
    """For the morning: the sheets of that day's teams and nobody else's."""
    plan = plan_of(bureau)
    day = max(one["date"] for one in plan["visits"])
    bureau.ok("plan", "export", "--out", bureau.folder / "out", WHOLE, "--day", day, "--format", "html")
    told = counted(contents(bureau.folder / "out"), names())
    units = {one["unit"] for one in plan["visits"] if one["date"] == day}
    assert {word for word, n in told.items() if n and word.startswith("CANARY")} == units
    bureau.refused("plan", "export", "--out", bureau.folder / "x", "--day", "2026-13-01", code=2)


def test_a_day_outside_the_period_writes_nothing(bureau: Bureau) -> None:
    """It is refused with the period; a day inside it without a visit is said to have none."""
    for day in ("2026-11-30", "2027-01-01"):
        said = bureau.refused("plan", "export", "--out", bureau.folder / "x", "--day", day, code=2)
        assert "2026-12-01 to 2026-12-31" in said
    assert not (bureau.folder / "x").exists()
    free = min(
        {f"2026-12-{at:02d}" for at in range(1, 32)} - {one["date"] for one in plan_of(bureau)["visits"]}
    )
    for at, day in enumerate((free, free.replace("-", ""))):  # ISO 8601 without dashes is a day too
        done = bureau.run("plan", "export", "--out", bureau.folder / f"x{at}", WHOLE, "--day", day)
        assert done.exit_code == 0
        assert "no visit in these files" in done.stderr


def test_the_approval_of_a_repaired_plan_counts_it_as_it_stands(bureau: Bureau) -> None:
    """A visit falls away and one is ordered: figures by other means, and that the annex is as sealed."""
    gone = max(plan_of(bureau)["visits"], key=lambda one: one["date"])
    bureau.ok("plan", "repair", "--drop", gone["id"], "--outcome", "cancelled", "--reason", "停办")
    bureau.ok("plan", "repair", "--add", gone["unit"], "--directed", "信访3号", "--domain", "fire")
    visits = plan_of(bureau)["visits"]
    assert any(one["source"] == "directed" for one in visits)
    assert gone["id"] not in [one["id"] for one in visits]
    out = bureau.folder / "approval"
    made = bureau.json("plan", "submit", "--programme", "p", "--out", out)
    text = (out / "approval.html").read_text(encoding="utf-8")
    sorties = {one["sortie"]: one for one in visits}
    for figure, what in (
        (len(visits), "visits"),
        (len(sorties), "sorties"),
        (len({one["date"] for one in visits}), "days with a sortie"),
    ):
        assert f"<b>{figure}</b>{what}<" in text
    assert f"<b>{sum(len(one['team']) for one in sorties.values())} / " in text
    assert "2; the counts are of the plan as it stands now, 1 of its visits ordered" in text
    assert " km<" not in text
    assert made["plan_root"] == bureau.json("plan", "show")["plan_root"]
    assert f"金丝雀{gone['unit'][-3:]}号小学" in bureau.ok("plan", "show", "--annex", out / "annex.age")


def test_the_approval_counts_and_names_nobody(bureau: Bureau) -> None:
    """Counts by other means; no unit, no inspector, no day but the first and last of the period."""
    plan = plan_of(bureau)
    out = bureau.folder / "approval"
    made = bureau.json("plan", "submit", "--programme", "p", "--out", out)
    page = (out / "approval.html").read_bytes()
    people = [one["name"] for one in bureau.json("inspectors", "list")]
    visits = plan["visits"]
    hidden = [*names(), *people, *(one["id"] for one in visits), *(one["start"] for one in visits)]
    assert not any(counted(page + (out / "annex.age").read_bytes(), hidden).values())
    days = {one["date"] for one in visits} - {"2026-12-01", "2026-12-31"}
    assert not any(counted(page, [word for day in days for word in spellings(day)]).values())
    text = page.decode()
    sorties = {one["sortie"]: one for one in visits}
    for figure, what in (
        (len(visits), "visits"),
        (len(sorties), "sorties"),
        (len({one["date"] for one in visits}), "days with a sortie"),
        (len(plan["unplaced"]), "drawn visits without a place"),
    ):
        assert f"<b>{figure}</b>{what}<" in text
    assert f"<b>{2 * len(sorties)} / " in text
    for domain in ("Fire safety", "Food safety"):
        wanted = sum(domain.split()[0].lower() in one["domains"] for one in visits)
        assert f'<td>{domain}</td><td class="n">{wanted}</td>' in text
    assert made["plan_root"] == bureau.json("plan", "show")["plan_root"]
    assert made["annex_sha256"] in text


def test_the_annex_opens_with_the_planning_key_alone_and_gives_the_list(
    bureau: Bureau, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The very visits; another bureau's key, a changed byte and a strange file are refused in one line."""
    plan = plan_of(bureau)
    out = bureau.folder / "approval"
    bureau.ok("plan", "submit", "--number", 1, "--out", out)
    annex = out / "annex.age"
    found = bureau.json("plan", "show", "--annex", annex)
    keys = ("id", "unit", "date", "slot", "start", "sortie")
    assert sorted([one[name] for name in keys] for one in found["visits"]) == sorted(
        [one[name] for name in keys] for one in plan["visits"]
    )
    assert {one["name"] for one in found["visits"]} == {
        f"金丝雀{one['unit'][-3:]}号小学" for one in plan["visits"]
    }
    people = {one["name"] for one in bureau.json("inspectors", "list")}
    assert {who for one in found["visits"] for who in one["team"]} <= people

    other = planned(tmp_path_factory.mktemp("other"))
    assert "another key" in other.refused("plan", "show", "--annex", annex)
    text = annex.read_text(encoding="utf-8")
    (out / "altered.age").write_text(
        text[:900] + ("A" if text[900] != "A" else "B") + text[901:], encoding="utf-8"
    )
    (out / "text.age").write_text("no annex", encoding="utf-8")
    for name in ("altered.age", "text.age"):
        bureau.refused("plan", "show", "--annex", out / name)
    bureau.refused("plan", "show", "--annex", out / "missing.age", code=2)


def test_an_annex_made_by_a_stranger_is_not_believed(bureau: Bureau) -> None:
    """Anyone can seal for a public key: what is inside must give the plan root that was published."""
    from auditor.seal import age
    from auditor.store.records import read_settings
    from auditor.workflow.bureau import opened

    out = bureau.folder / "approval"
    bureau.ok("plan", "submit", "--number", 1, "--out", out)
    with opened(bureau.db) as db:
        from auditor.workflow.keys import PUBLIC, open_key

        recipient = read_settings(db)[PUBLIC]
        held = json.loads(
            age.unseal((out / "annex.age").read_text(encoding="utf-8"), open_key(db, lambda: None), "annex")
        )
    held["plan"]["visits"][0]["unit"] = "CANARY039"
    for name, data in (
        ("swapped", json.dumps(held).encode()),
        ("empty", b"{}"),
        ("strange", b'{"form": "auditor-plan-annex/v1"}'),
        ("list", b"[]"),
    ):
        (out / name).write_text(age.seal(data, [recipient], 200_000, name), encoding="utf-8")
        assert "annex" in bureau.refused("plan", "show", "--annex", out / name, code=4)


def test_the_length_of_an_annex_tells_no_more_than_the_counts(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan that is thousands of bytes longer in the same counts has an annex as long."""
    from dataclasses import replace

    from auditor.workflow import approval, door
    from auditor.workflow.bureau import opened
    from auditor.workflow.ceremony import number_of

    with opened(bureau.db) as db:
        seen = door.look(db, number_of(db, 1), lambda: None)
        plain = len(approval.seal_annex(db, seen))
        plan = json.loads(json.dumps(seen.whole))
        for visit in plan["visits"]:
            visit["lead"] = "长" * 200
        assert len(json.dumps(plan, ensure_ascii=False).encode()) > len(json.dumps(seen.whole)) + 4096
        assert len(approval.seal_annex(db, replace(seen, record=plan))) == plain


def test_only_a_sealed_plan_is_handed_in(bureau: Bureau) -> None:
    """Not a number without one, not a strange one, and one of the two ways to name it."""
    out = bureau.folder / "approval"
    bureau.refused("plan", "submit", "--out", out, code=2)
    bureau.refused("plan", "submit", "--number", 2, "--out", out, code=2)
    bureau.now = "2027-01-01T09:00:00+08:00"
    bureau.ok("draw", "close", 1, "--out", bureau.folder / "public")
    assert "sealed" in bureau.refused("plan", "submit", "--number", 1, "--out", out)
    assert not out.exists()
    bureau.ok("plan", "export", "--number", 1, "--out", bureau.folder / "out")
    told = counted(contents(bureau.folder / "out"), names())
    record = json.loads((bureau.folder / "out" / "plan.json").read_text(encoding="utf-8"))
    assert {word for word, n in told.items() if n and word.startswith("CANARY")} == {
        one["unit"] for one in (*record["visits"], *record["unplaced"])
    }
    file = bureau.folder / "out" / "plan.json"
    assert "keeps every rule" in bureau.ok("plan", "check", file, "--programme", "p")


@pytest.fixture
def months() -> Iterator[None]:
    """Wide terminals cut nothing."""
    os.environ["COLUMNS"] = "400"
    yield
    del os.environ["COLUMNS"]


def test_the_calendar_has_a_line_for_each_sortie_on_its_day(bureau: Bureau, months: None) -> None:
    """In the column of its weekday, in the week of its day, with its units."""
    plan = plan_of(bureau)
    lines = bureau.ok("plan", "show", "--calendar", WHOLE).splitlines()
    weeks: list[list[list[str]]] = []
    for line in lines[4:]:
        if set(line) <= {"-", "+"}:
            weeks.append([[] for _day in range(7)])
        elif weeks:
            for at, cell in enumerate(line.split("|")):
                weeks[-1][at].append(cell.strip())
    found = {}
    for week in weeks:
        for cells in week:
            if cells and cells[0]:
                found[int(cells[0])] = {cell for cell in cells[1:] if cell}
    assert sorted(found) == list(range(1, 32))
    wanted: dict[int, dict[str, list[str]]] = {day: {} for day in found}
    for one in sorted(plan["visits"], key=lambda one: (one["start"], one["id"])):
        name = f"{one['slot'][0].upper()} {one['sortie']} "
        wanted[int(one["date"][8:])].setdefault(name, []).append(f"金丝雀{one['unit'][-3:]}号小学")
    assert found == {
        day: {name + ", ".join(units) for name, units in own.items()} for day, own in wanted.items()
    }
    week = next(at for at, one in enumerate(weeks) if one[1][0] == "8")
    assert weeks[week][1][0] == "8", "8 December 2026 is a Tuesday"


def test_the_load_accounts_for_every_stand_by_half_day(bureau: Bureau) -> None:
    """Used ones are those of his sorties; each other one has the reason that other means find too."""
    from auditor.store.numbers import read_frozen
    from auditor.workflow.bureau import opened

    plan = plan_of(bureau)
    found = bureau.json("plan", "show", "--load", WHOLE)
    with opened(bureau.db) as db:
        parts = read_frozen(db, 1)
    neutral = {own: one["id"] for own, one in parts["staff"].items()}
    free = {one["id"]: set(one["free"]) for one in parts["field"]["staff"]}
    out = {
        who: {f"{one['date']}/{one['slot']}" for one in plan["visits"] if who in one["team"]} for who in free
    }
    sorties = Counter({(f"{one['date']}/{one['slot']}", one["sortie"]) for one in plan["visits"]})
    teams = Counter(half_day for half_day, _sortie in sorties)
    full = {who for who in free if len(out[who]) >= 4}
    for one in found:
        who = neutral[one["id"]]
        states = one["half_days"]
        assert {half for half, state in states.items() if state == "used"} == out[who]
        assert {half for half, state in states.items() if state not in ("leave", "duty", "held")} == free[who]
        assert sum(one["counts"].values()) == len(states)
        for half, state in states.items():
            there = [
                other
                for other in free
                if half in free[other] and half not in out[other] and other not in full
            ]
            if state == "share":
                assert who in full
            elif state == "cars":
                assert teams[half] == 2
            elif state == "alone":
                assert there == [who]
            elif state == "not-needed":
                assert who in there
                assert len(there) >= 2
                assert teams[half] < 2
    assert {state for one in found for state in one["counts"]} >= {"used", "held", "not-needed"}


def test_the_load_without_the_key_counts_only_what_was_released(bureau: Bureau) -> None:
    """Before a release nobody's half-day is told; after it those of the day's teams."""
    plan = plan_of(bureau)
    sealed = bureau.json("plan", "show", "--load")
    assert {state for one in sealed for state in one["counts"]} <= {"sealed", "held", "leave", "duty"}
    day = min(one["date"] for one in plan["visits"])
    bureau.now = f"{day}T07:00:00+08:00"
    bureau.ok("plan", "release")
    used = [
        half for one in bureau.json("plan", "show", "--load") for half, state in one["half_days"].items()
        if state == "used"
    ]  # fmt: skip
    wanted = {
        (one["sortie"], who, one["slot"])
        for one in plan["visits"]
        if one["date"] == day
        for who in one["team"]
    }
    assert sorted(used) == sorted(f"{day}/{slot}" for _sortie, _who, slot in wanted)
    assert "--whole" in bureau.ok("plan", "show", "--load")


def test_the_load_without_the_key_is_the_same_whatever_was_drawn(tmp_path: Path) -> None:
    """Two draws of one frozen number, two plans, one answer: what it shows follows from what is public."""
    bureau = Bureau(tmp_path / "one")
    bureau.county()
    bureau.programme(DECEMBER)
    bureau.ok("draw", "freeze", "--programme", "2026-12")
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    other = copied(bureau.folder, tmp_path / "other", bureau.now)
    answers, plans = [], []
    for own, beacon in ((bureau, "3 1 4 1 5 9"), (other, "2 7 1 8 2 8")):
        own.ok("draw", "run", 1, "--beacon", beacon)
        own.ok("plan", "make", "--programme", "2026-12", "--work", 2)
        plans.append({(one["unit"], one["date"]) for one in own.sealed(1).record["visits"]})
        answers.append([own.run("plan", "show", "--load", *more).stdout for more in ((), ("--json",))])
    assert plans[0] != plans[1]
    assert answers[0] == answers[1]


def test_leave_share_cars_and_a_lack_of_partners_are_told_as_such(tmp_path: Path) -> None:
    """Three inspectors, one with a share of one half-day, one on leave for two weeks; sorties made up."""
    from dataclasses import replace

    from auditor.workflow import door, loads
    from auditor.workflow.bureau import opened
    from auditor.workflow.ceremony import number_of

    bureau = Bureau(tmp_path)
    rows = ["id,name,kind,township,lng,lat,boarders,canteen,buses"]
    rows += [f"U{at:02d},第{at}小学,primary,禾岭镇,105.2{at:02d},30.5{at:02d},0,no,0" for at in range(30)]
    (tmp_path / "u.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    bureau.ok("units", "import", tmp_path / "u.csv")
    people = "id,name,department,domains,conflicts,half_days\n"
    people += "a,甲,一股,fire,,8\nb,乙,二股,fire,,1\nc,丙,三股,fire,,8\n"
    (tmp_path / "i.csv").write_text(people, encoding="utf-8")
    bureau.ok("inspectors", "import", tmp_path / "i.csv")
    (tmp_path / "l.csv").write_text("person,from,to,kind\nc,2026-12-07,2026-12-20,年休假\n", encoding="utf-8")
    bureau.ok("leave", "import", tmp_path / "l.csv")
    bureau.programme(PROGRAMME.replace('["fire", "food"]', '["fire"]') + "keep = 0\nweekly = 0\n")
    bureau.ok("draw", "freeze", "--programme", "p")
    with opened(bureau.db) as db:
        seen = replace(door.look(db, number_of(db, 1), None), record={})

        def load(*sorties: tuple[str, str, list[str]]) -> dict[str, dict[str, str]]:
            """The states of everyone's half-days when these sorties go: key, half-day, team."""
            visits = tuple(
                {"sortie": name, "date": half[:10], "slot": half[11:], "team": team}
                for name, half, team in sorties
            )
            return {one.id: dict(one.half_days) for one in loads.loads(db, replace(seen, visits=visits))}

        idle = load()
        away = {half for half in idle["c"] if "2026-12-07" <= half[:10] <= "2026-12-20"}
        assert away
        assert {half for half, state in idle["c"].items() if state == "leave"} == away
        assert {state for who in "ab" for state in idle[who].values()} == {"not-needed"}
        together, last = min(away), max(set(idle["c"]) - away)
        one = load(("S1", together, ["a", "b"]))
        assert one["a"][together] == one["b"][together] == "used"
        assert {state for half, state in one["b"].items() if half != together} == {"share"}
        assert {one["a"][half] for half in away - {together}} == {"alone"}
        assert one["a"][last] == one["c"][last] == "not-needed"
        full = load(("S1", last, ["a"]), ("S2", last, ["z"]))
        assert (full["a"][last], full["b"][last], full["c"][last]) == ("used", "cars", "cars")
        assert load(("S1", last, ["a"]))["c"][last] == "not-needed"


def test_a_demonstration_gives_out_the_same_files(tmp_path: Path) -> None:
    """Its plan was never sealed: whole without a key, and marked as a demonstration on every page."""
    from click.testing import CliRunner

    from auditor.cli.main import auditor

    def ok(*words: object) -> str:
        done = CliRunner().invoke(auditor, [str(one) for one in words])
        assert done.exit_code in (0, 5), done.output
        return done.stdout

    ok("demo", "--out", tmp_path / "demo", "--month", "2026-12", "--seed", "x")
    ok("plan", "export", "--db", tmp_path / "demo" / "bureau.db", "--out", tmp_path / "out")
    plan = json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))
    assert plan == json.loads((tmp_path / "demo" / "plan.json").read_text(encoding="utf-8"))
    tasks = (tmp_path / "out" / "tasks.html").read_text(encoding="utf-8")
    sorties = {one["sortie"] for one in plan["visits"]}
    assert (
        tasks.count('<section class="a4">') == tasks.count("Open demonstration (not sealed)") == len(sorties)
    )
    assert "past faults" in tasks


def test_what_is_known_of_a_unit_stands_first_on_its_sheet(bureau: Bureau) -> None:
    """An overdue major hazard, its grade, imported faults and those of our own visits, the newest first."""
    from datetime import datetime

    from auditor.entities import Finding
    from auditor.store.findings import put_findings
    from auditor.store.writing import write_tx
    from auditor.workflow.bureau import opened

    unit = plan_of(bureau)["visits"][0]["unit"]
    for _again in range(2):  # a former and a later answer of one day are one fault
        begun = bureau.json("visit", "start", unit, "--domain", "fire", "--directed", "安委办〔2026〕8号")
        bureau.ok("visit", "answer", begun["visit"], "FIR-08", "fail")
        bureau.ok("visit", "answer", begun["visit"], "FIR-12", "pass")
    with opened(bureau.db) as db, write_tx(db, "test", datetime(2026, 11, 29).astimezone()) as tx:
        old = Finding(unit=unit, found_on=date(2025, 3, 19), domain="food", item="FOD-32", severity="major")
        gone = Finding(unit=unit, found_on=date(2024, 3, 19), domain="food", item="OLD-1", severity="general")
        put_findings(tx, [old, gone])
        tx.put("standings", [{"unit": unit, "grade": "red", "overdue": 1}])
    bureau.ok("plan", "export", "--out", bureau.folder / "out", WHOLE, "--format", "html")
    text = (bureau.folder / "out" / "tasks.html").read_text(encoding="utf-8")
    visits = [part.partition("</section>")[0] for part in text.split('<section class="visit"')[1:]]
    own = next(one for one in visits if unit in one)
    assert "a major hazard is overdue, risk grade: red, 3 past faults, the newest 3 here" in own
    lines = re.findall(r'<p class="bad">(\d{4}-\d\d-\d\d) <b>(.*?)</b>', own)
    assert lines == [("2026-11-30", "FIR-08"), ("2025-03-19", "FOD-32"), ("2024-03-19", "OLD-1")]
    assert own.index('<p class="bad">') < own.index("□")
    assert all("no fault on record" in one for one in visits if unit not in one)

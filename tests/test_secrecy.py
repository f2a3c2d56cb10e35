"""Nothing tells who was drawn until it may: not a file, a log line, a word on the terminal, or a length."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from auditor.draw import seed
from auditor.workflow import drawn as drawn_step
from auditor.workflow import plans as plan_step
from sealed import Bureau, copied, drawn_simply

WRITING: list[str] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if WRITING is not None and event == "open":
        path, mode, flags = arguments
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (
            mode is None and isinstance(flags, int) and flags & 3
        ):
            WRITING.append(str(path))
    if WRITING is not None and event in (
        "tempfile.mkstemp",
        "tempfile.mkdtemp",
        "subprocess.Popen",
        "os.system",
    ):
        WRITING.append(f"{event} {arguments[0]}")


sys.addaudithook(_hook)


@contextmanager
def writing() -> Iterator[list[str]]:
    """Collect every file that this process opens to write, makes for a while, or hands to another program."""
    global WRITING
    WRITING = found = []
    try:
        yield found
    finally:
        WRITING = None


def counted(folder: Path, words: list[str]) -> dict[str, int]:
    """How often each word stands in the bytes of all files of a folder, as UTF-8 or with JSON's escapes."""
    data = b"".join(one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file())
    return {
        word: data.count(word.encode())
        + (data.count(json.dumps(word)[1:-1].encode()) if not word.isascii() else 0)
        for word in words
    }


PROGRAMME = """\
id = "p"
name = "十二月"
from = 2026-12-01
to = 2026-12-31
basis = "条例第六条"
domains = ["fire", "food"]
"""


def canaries() -> list[str]:
    """A register of forty schools with ids and names that stand nowhere else."""
    return ["id,name,kind,township,lng,lat,boarders,canteen,buses"] + [
        f"CANARY{at:03d},金丝雀{at:03d}号小学,primary,禾岭镇,105.{200 + at},30.{500 + at},0,yes,0"
        for at in range(40)
    ]


@pytest.fixture
def committed(tmp_path: Path) -> Bureau:
    """A committed number whose units carry canary names that stand nowhere else."""
    bureau = Bureau(tmp_path)
    bureau.county(canaries())
    bureau.programme(PROGRAMME + "units = 6\n")
    bureau.ok("draw", "freeze", "--programme", "p")
    bureau.ok("draw", "commit", 1)
    bureau.now = "2026-11-26T09:05:00+08:00"
    return bureau


def test_run_and_plan_write_no_name_and_no_other_file(committed: Bureau) -> None:
    """Names and ids stand in the folder exactly as often as before, and only the bureau's file is written."""
    bureau = committed
    words = [f"CANARY{at:03d}" for at in range(40)] + [f"金丝雀{at:03d}号小学" for at in range(40)]
    before = counted(bureau.folder, words)
    assert min(before.values()) > 0
    with writing() as found:
        said = bureau.run("draw", "run", 1, "--beacon", "3 1 4 1 5 9").output
        said += bureau.run("plan", "make", "--programme", "p", "--work", 5).output
        said += bureau.run("plan", "show").output + bureau.run("plan", "check").output
        said += bureau.run("plan", "show", "--json").output + bureau.run("draw", "ledger", "--json").output
        said += bureau.run("draw", "show", "CANARY001").output.replace("CANARY001", "")
        said += bureau.run("draw", "abandon", 1, "--reason", "试").output
        said += bureau.run("draw", "close", 1, "--out", bureau.folder / "public").output
        said += bureau.run("plan", "make", "--programme", "p").output
        said += bureau.run("log", "verify").output + bureau.run("doctor").output
    assert "Traceback" not in said
    assert "CANARY" not in said
    assert "金丝雀" not in said
    assert counted(bureau.folder, words) == before
    strange = [one for one in found if not Path(one.split(" ")[-1]).name.startswith(("bureau.db", "null"))]
    assert [one for one in strange if not one.endswith((".pyc", ".mo"))] == []
    assert not (bureau.folder / "public").exists()
    assert bureau.json("plan", "show")["plan_root"]
    assert len(bureau.sealed(1).record["visits"]) >= 6


def test_only_todays_visits_are_released(committed: Bureau) -> None:
    """The day before nothing, on the day the day's, and their names stand in the file from then on."""
    bureau = committed
    bureau.ok("draw", "run", 1, "--beacon", "3 1 4 1 5 9")
    bureau.ok("plan", "make", "--programme", "p", "--work", 5)
    visits = bureau.sealed(1).record["visits"]
    day = min(one["date"] for one in visits)
    todays = {one["id"] for one in visits if one["date"] == day}
    later = {one["unit"] for one in visits if one["date"] != day} - {
        one["unit"] for one in visits if one["date"] == day
    }
    bureau.now = "2026-11-30T20:00:00+08:00"
    assert bureau.json("plan", "release") == []
    before = counted(bureau.folder, sorted(later))
    bureau.now = f"{day}T07:30:00+08:00"
    assert {one["id"] for one in bureau.json("plan", "release")} == todays
    assert {one["id"] for one in bureau.json("plan", "show")["released"]} == todays
    assert counted(bureau.folder, sorted(later)) == before


def rows_of(bureau: Bureau) -> tuple[Any, Any]:
    """The file's tables without what is sealed, and the lengths of what is."""
    tables, count = bureau.tables()
    sealed = {key: len(row["data"]) for key, row in tables["sealed"].items()}
    return {name: rows for name, rows in tables.items() if name != "sealed"} | {"log": count}, sealed


def log_of(bureau: Bureau) -> list[tuple[str, int]]:
    """Kind and length of every entry of the log."""
    from auditor.workflow.bureau import opened

    with opened(bureau.db) as db:
        return [
            (kind, size) for kind, size in db.execute("select kind, length(payload) from log order by idx")
        ]


def another(bureau: Bureau, folder: Path) -> Bureau:
    """A copy of a bureau's folder."""
    return copied(bureau.folder, folder, bureau.now)


MOST_RUNS = 60
"""Far more than there are counts that a plan of six units can have."""


def test_two_runs_that_differ_in_the_drawn_units_alone_look_the_same(
    committed: Bureau, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same words, same rows, sealed files of one length; of the plan too where its counts agree.

    Six runs, and more until the counts of two plans agree.
    """
    base = tmp_path_factory.mktemp("copies")
    real = seed.seed_key
    # the verifier rightly says that this key is not the shares' own
    monkeypatch.setattr(plan_step, "verify", lambda *arguments: ([], []))
    seen: dict[str, list[Any]] = {}
    drawn: set[Any] = set()
    runs = []
    for at in range(MOST_RUNS):
        if at >= 6 and any(len(several) > 1 for several in seen.values()):
            break
        bureau = another(committed, base / str(at))
        monkeypatch.setattr(
            drawn_step.seed, "seed_key", lambda *arguments, at=at: real(*arguments)[:-1] + bytes([at])
        )
        said = bureau.run("draw", "run", 1, "--beacon", "3 1 4 1 5 9").output
        runs.append((said, *rows_of(bureau), log_of(bureau)))
        drawn.add(tuple(bureau.drawn(1).units["main"]))
        plan = bureau.json("plan", "make", "--programme", "p", "--work", 5)
        root = plan.pop("plan_root")
        rows, sealed = rows_of(bureau)
        text = json.dumps([list(rows["numbers"].values()), bureau.json("plan", "show")], ensure_ascii=False)
        seen.setdefault(json.dumps(plan, sort_keys=True), []).append(
            (text.replace(root, "ROOT"), sealed, log_of(bureau))
        )
    assert len(drawn) > 3
    assert all(one == runs[0] for one in runs)
    same = [several for several in seen.values() if len(several) > 1]
    assert same
    for several in same:
        assert all(one == several[0] for one in several)


def test_the_length_of_a_sealed_plan_is_always_enough(tmp_path: Path) -> None:
    """The real contents fill most of it, and never more: here of the synthetic county, with long ids."""
    from auditor.workflow.sealing import length_of

    bureau = drawn_simply(tmp_path)
    sealed, drawn = bureau.sealed(1), bureau.drawn(1)
    held = json.dumps(
        {"plan": sealed.record, "reserves": sealed.reserves, "salts": sealed.salts}, ensure_ascii=False
    ).encode()
    assert len(held) * 0.9 < length_of(drawn, sealed.record)
    assert length_of(drawn, sealed.record) % 4096 == 0


def test_units_that_are_drawn_twice_are_planned_apart(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Half of the units in the main draw, many weekly visits: each of two draws has a checked plan."""
    whole = Bureau(tmp_path)
    whole.county(canaries())
    whole.programme(PROGRAMME + "units = 20\nweekly = 0.4\n")
    whole.ok("draw", "freeze", "--programme", "p")
    whole.ok("draw", "commit", 1)
    whole.now = "2026-11-26T09:05:00+08:00"
    base, twice = tmp_path_factory.mktemp("many"), 0
    for at in range(2):
        bureau = another(whole, base / str(at))
        bureau.ok("draw", "run", 1, "--beacon", f"{at} 1 4 1 5 9")
        bureau.ok("plan", "make", "--programme", "p", "--work", 1)
        visits = bureau.sealed(1).record["visits"]
        half_days = {(one["unit"], one["date"], one["slot"], one["sortie"]) for one in visits}
        assert len({half_day[:3] for half_day in half_days}) == len(half_days)
        twice += len(visits) - len({one["unit"] for one in visits})
    assert twice > 3

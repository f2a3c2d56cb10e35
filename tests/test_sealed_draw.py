"""The whole ceremony as people do it: three custodians, a second run refused, a number abandoned."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from auditor.draw.verify import verify
from browser import Browser, chromium_path
from sealed import DECEMBER, Bureau, county_rows, drawn_simply

FORM = ["--form", "numbers:7:0:33"]
EVENT = ["--event", "福彩双色球第2026138期，按开出的次序", "--event-at", "2026-11-29T21:15:00+08:00"]
FALLBACK = ["--fallback", "福彩双色球第2026139期，按开出的次序", "--fallback-at", "2026-12-01T21:15:00+08:00"]
CUSTODIANS = ("派驻纪检监察组", "督学代表", "家长委员会")


def shares(bureau: Bureau, number: int, without_db: bool = False) -> list[object]:
    """Every custodian makes a share; gives the options that commit them."""
    found: list[object] = []
    for at, name in enumerate(CUSTODIANS, 1):
        file = bureau.folder / f"share-{number}-{at}.txt"
        words = bureau.folder / f"pass-{at}.txt"
        words.write_text(f"口令 {at}\n", encoding="utf-8")
        found += ["--share", file]
        extra = ["--without-db"] if without_db else []
        bureau.ok(
            "draw", "share", number, "--custodian", name, "--out", file, "--passphrase-file", words, *extra
        )
        assert file.read_text(encoding="utf-8").splitlines()[:2] == [
            f"number: {number}",
            f"custodian: {name}",
        ]
        assert file.stat().st_mode & 0o077 == 0
    return found


def passphrases(bureau: Bureau) -> list[object]:
    return [one for at in (1, 2, 3) for one in ("--passphrase-file", bureau.folder / f"pass-{at}.txt")]


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The drill from the first freeze to three closed numbers; what was published on the way."""
    bureau = Bureau(tmp_path_factory.mktemp("drill"), "standard")
    rows = county_rows()
    bureau.county(rows[:71])
    bureau.programme()
    said: dict[str, Any] = {"bureau": bureau, "rows": rows[1:71]}
    said["frozen"] = bureau.json("draw", "freeze", "--programme", "2026-12")
    refusals = said["refusals"] = []
    refusals.append(bureau.refused("draw", "run", 1, "--beacon", "1 2 3 4 5 6 7"))
    refusals.append(bureau.refused("draw", "freeze", "--programme", "2026-12"))
    given = shares(bureau, 1)
    refusals.append(bureau.refused("draw", "commit", 1, *given[:4], *EVENT, *FORM, *FALLBACK))
    refusals.append(bureau.refused("draw", "commit", 1, *given, *EVENT, *FORM, code=2))
    said["commit 1"] = bureau.json("draw", "commit", 1, *given, *EVENT, *FORM, *FALLBACK)
    refusals.append(bureau.refused("draw", "commit", 1, *given, *EVENT, *FORM, *FALLBACK))

    bureau.now = "2026-11-29T21:10:00+08:00"
    value = "3 9 14 22 27 31 5"
    refusals.append(bureau.refused("draw", "run", 1, "--beacon", value, *passphrases(bureau)))
    bureau.now = "2026-11-29T21:20:00+08:00"
    for spelled in ("3 9 14 22 27 31", "03 9 14 22 27 31 5", "3  9 14 22 27 31 5", "3 9 14 22 27 31 34"):
        refusals.append(bureau.refused("draw", "run", 1, "--beacon", spelled, *passphrases(bureau), code=2))
    refusals.append(
        bureau.refused("draw", "run", 1, "--beacon", value, "--source", "fallback", *passphrases(bureau))
    )
    said["run 1"] = bureau.ok("draw", "run", 1, "--beacon", value, *passphrases(bureau))
    refusals.append(bureau.refused("draw", "run", 1, "--beacon", "1 1 1 1 1 1 1", *passphrases(bureau)))
    said["plan 1"] = bureau.json("plan", "make", "--programme", "2026-12", "--work", 10)
    refusals.append(bureau.refused("plan", "make", "--programme", "2026-12"))

    # new schools come, and a number of their own; a first attempt with a mistake is abandoned as number 2
    bureau.now = "2026-12-03T09:00:00+08:00"
    (bureau.folder / "new.csv").write_text("\n".join([rows[0], *rows[71:90]]) + "\n", encoding="utf-8")
    bureau.ok("units", "import", bureau.folder / "new.csv")
    said["frozen 2"] = bureau.json("draw", "freeze", "--programme", "2026-12")
    later = ["--event", "双色球2026141", "--event-at", "2026-12-06T21:15:00+08:00", *FORM]
    later += ["--fallback", "双色球2026142", "--fallback-at", "2026-12-08T21:15:00+08:00"]
    refusals.append(bureau.refused("draw", "commit", 2, *given, *later))
    given2 = shares(bureau, 2, without_db=True)
    bureau.json("draw", "commit", 2, *given2, *later)
    bureau.ok("draw", "abandon", 2, "--reason", "新增学校名单有误")
    said["frozen 3"] = bureau.json("draw", "freeze", "--programme", "2026-12")
    given3 = shares(bureau, 3)
    refusals.append(bureau.refused("draw", "commit", 3, *given3, *later))
    latest = ["--event", "双色球2026142", "--event-at", "2026-12-08T21:15:00+08:00", *FORM]
    latest += ["--fallback", "双色球2026143", "--fallback-at", "2026-12-10T21:15:00+08:00"]
    said["commit 3"] = bureau.json("draw", "commit", 3, *given3, *latest)
    bureau.now = "2026-12-10T21:30:00+08:00"
    said["run 3"] = bureau.ok(
        "draw", "run", 3, "--beacon", "1 2 3 4 5 6 7", "--source", "fallback", *passphrases(bureau)
    )
    said["plan 3"] = bureau.json("plan", "make", "--programme", "2026-12", "--work", 10)
    said["sealed ledger"] = bureau.json("draw", "ledger")

    # two replacements, from the reserve only
    visits = bureau.sealed(1).record["visits"]
    main = [one for one in visits if one["draw"] == "main"]
    units = sorted({one["unit"] for one in main})
    said["replaced"] = {}
    for unit in units[:2]:
        for visit in [one for one in main if one["unit"] == unit]:
            said["replaced"][visit["id"]] = bureau.json(
                "draw", "reserve", 1, "--visit", visit["id"], "--reason", "停课"
            )["by"]
    refusals.append(
        bureau.refused("draw", "reserve", 1, "--visit", main[0]["id"][:-1] + "x", "--reason", "停课", code=2)
    )
    refusals.append(bureau.refused("draw", "close", 1, "--out", bureau.folder / "public-1"))

    bureau.now = "2027-01-01T09:00:00+08:00"
    others = [one["id"] for one in visits if one["id"] not in said["replaced"]]
    bureau.ok(
        "draw", "outcome", 1, *[part for one in others[1:] for part in ("--visit", one)], "--as", "done"
    )
    bureau.ok("draw", "outcome", 1, "--visit", others[0], "--as", "closed", "--reason", "临时停课")
    refusals.append(bureau.refused("draw", "close", 2, "--out", bureau.folder / "public-2"))
    for number in (1, 3):
        said[f"close {number}"] = bureau.json(
            "draw", "close", number, "--out", bureau.folder / f"public-{number}"
        )
    said["ledger"] = bureau.json("draw", "ledger")
    return said


def check_with_python(folder: Path, commit: str, plan_root: str) -> tuple[int, str]:
    """Run the verifier that was written out, as a stranger does: Python alone, in its own folder."""
    done = subprocess.run(
        [sys.executable, "-I", "verify_draw.py", "transcript.json", commit, plan_root, "ledger.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_every_step_out_of_order_was_refused_with_a_cure(drill: dict[str, Any]) -> None:
    """One sentence each, and the file as it was before (`Bureau.refused` compares it)."""
    assert len(drill["refusals"]) == 18
    for told in drill["refusals"]:
        assert told.startswith(("Error: ", "Usage: ")), told
        assert len(told.splitlines()) == 1, told


def test_what_is_published_before_tells_no_unit(drill: dict[str, Any]) -> None:
    """Freeze, run and plan print hashes and counts."""
    frozen = drill["frozen"]
    assert frozen["units"] == 70
    assert frozen["n"] == 9
    assert [one["key"] for one in frozen["draws"]] == [
        "main", *(f"floor/2026-W{week}" for week in range(49, 54))
    ]  # fmt: skip
    assert sum(one["pi"] for one in frozen["strata"].values()) == 9_000_000
    told = "number 1 is drawn: 9 units in the main draw; the draws of 5 weeks add to them\n"
    assert drill["run 1"] == told
    always = {"visits", "unplaced", "sorties", "plan_root", "secrecy"}
    short = {"more"} if drill["plan 1"]["unplaced"] else set()  # of some lists drawn not all are placed
    assert always <= set(drill["plan 1"]) <= always | short
    told = json.dumps(drill["plan 1"], ensure_ascii=False)
    assert not [row for row in drill["rows"] if row.split(",")[0] in told or row.split(",")[1] in told]
    assert set(drill["plan 1"]["secrecy"]) == {"level", "later", "given_away", "price", "cheap"}


def test_strangers_verify_both_numbers(drill: dict[str, Any]) -> None:
    """With the two hashes that were published and the ledger; with other hashes they refuse."""
    bureau = drill["bureau"]
    for number in (1, 3):
        commit, root = drill[f"commit {number}"]["commit_sha256"], drill[f"plan {number}"]["plan_root"]
        code, told = check_with_python(bureau.folder / f"public-{number}", commit, root)
        assert (code, told.splitlines()[0]) == (0, "OK"), told
        assert "note" not in told
        assert check_with_python(bureau.folder / f"public-{number}", commit, "0" * 64)[0] == 4
        assert check_with_python(bureau.folder / f"public-{number}", root, root)[0] == 4
    code, told = check_with_python(
        bureau.folder / "public-1", drill["commit 3"]["commit_sha256"], drill["plan 3"]["plan_root"]
    )
    assert code == 4


def test_strangers_verify_both_numbers_in_a_browser(
    drill: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The page that was written out says OK and the same facts as Python; with another hash it refuses."""
    chromium_path()
    with Browser(tmp_path_factory.mktemp("profile")) as browser:
        for number in (1, 3):
            folder = drill["bureau"].folder / f"public-{number}"
            commit, root = drill[f"commit {number}"]["commit_sha256"], drill[f"plan {number}"]["plan_root"]
            page = browser.open((folder / "verify.html").as_uri())
            files = [
                (folder / name).read_text(encoding="utf-8") for name in ("transcript.json", "ledger.json")
            ]
            script = (
                "(async () => { const [t, l] = FILES.map((x) => new TextEncoder().encode(x)); "
                "return [await verifyDraw(t, COMMIT, ROOT, l), await verifyDraw(t, ROOT, ROOT, l)]; })()"
            )
            for name, value in (("FILES", files), ("COMMIT", commit), ("ROOT", root)):
                script = script.replace(name, json.dumps(value))
            good, bad = page.evaluate(script)
            told = check_with_python(folder, commit, root)[1].splitlines()
            assert (good["ok"], good["failed"], good["told"]) == (True, [], told[1:])
            assert not bad["ok"]


def test_the_ledger_tells_the_whole_story(drill: dict[str, Any]) -> None:
    """Three numbers: closed, abandoned with its reason, closed; each names the one before."""
    rows = drill["ledger"]
    assert [(one["number"], one["state"], one["reason"]) for one in rows] == [
        (1, "closed", ""),
        (2, "abandoned", "新增学校名单有误"),
        (3, "closed", ""),
    ]
    assert [one["previous"] for one in rows] == ["0" * 64, *(one["commit_sha256"] for one in rows[:-1])]
    assert all(one["drill"] for one in rows)
    assert [one["state"] for one in drill["sealed ledger"]] == ["open", "abandoned", "open"]
    written = json.loads((drill["bureau"].folder / "public-3" / "ledger.json").read_text(encoding="utf-8"))
    assert [set(one) for one in written] == [{"commit", "commit_sha256", "state", "reason"}] * 3


def test_new_units_are_drawn_from_alone_in_their_part(drill: dict[str, Any]) -> None:
    """Nineteen new schools; the first number took 9 of 70, so three, rounded up, and none of the old."""
    assert (drill["frozen 3"]["units"], drill["frozen 3"]["n"]) == (19, 3)
    folder = drill["bureau"].folder
    first, second = (
        json.loads((folder / f"public-{number}" / "transcript.json").read_text(encoding="utf-8"))
        for number in (1, 3)
    )
    frames = [{one["id"] for one in t["frames"]["main"]["units"]} for t in (first, second)]
    assert not frames[0] & frames[1]
    free = [
        {(person["id"], half) for person in t["field"]["staff"] for half in person["free"]}
        for t in (first, second)
    ]
    assert all(free)
    halves = [{half for _person, half in one} for one in free]
    assert min(halves[1]) > "2026-12-10"[:7]


def test_replacements_and_outcomes_stand_in_the_transcript(drill: dict[str, Any]) -> None:
    """Two units were replaced by the first two of their reserves; every other visit has its outcome."""
    text = (drill["bureau"].folder / "public-1" / "transcript.json").read_text(encoding="utf-8")
    outcomes = {one["id"]: one for one in json.loads(text)["outcomes"]}
    for visit, by in drill["replaced"].items():
        assert outcomes[visit] == {"id": visit, "outcome": "replaced", "reason": "停课", "by": by}
    assert len(set(drill["replaced"].values())) == 2
    assert sorted(one["outcome"] for one in outcomes.values() if one["outcome"] != "done") == [
        "closed",
        *["replaced"] * len(drill["replaced"]),
    ]
    assert drill["close 1"]["unrecorded"] == 0


def test_one_school_sees_why(drill: dict[str, Any]) -> None:
    """`draw show` gives the same chance as the transcript, in every draw that held it."""
    bureau = drill["bureau"]
    transcript = json.loads((bureau.folder / "public-1" / "transcript.json").read_text(encoding="utf-8"))
    unit = transcript["drawn"]["main"][0]
    found = bureau.json("draw", "show", unit)
    own = {
        key: one["pi"]
        for key, frame in transcript["frames"].items()
        for one in frame["units"]
        if one["id"] == unit
    }
    assert {one["draw"]: one["pi"] for one in found} == own
    main = next(one for one in found if one["draw"] == "main")
    assert main["drawn"]
    assert main["pi"] >= main["floor"] == 9 * 300_000 // 70
    lines = bureau.ok("draw", "show", unit)
    assert f"{main['pi'] / 10_000:.4f} %" in lines


def test_a_closed_number_is_written_out_again_and_never_over_other_files(
    drill: dict[str, Any], tmp_path: Path
) -> None:
    """The same bytes; a folder with something else is left alone."""
    bureau = drill["bureau"]
    bureau.ok("draw", "close", 1, "--out", tmp_path / "again")
    for name in ("transcript.json", "programme.toml", "verify_draw.py", "verify.html"):
        assert (tmp_path / "again" / name).read_bytes() == (bureau.folder / "public-1" / name).read_bytes()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("mine", encoding="utf-8")
    assert "x" in bureau.refused("draw", "close", 1, "--out", tmp_path / "full")
    assert [one.name for one in (tmp_path / "full").iterdir()] == ["x"]


def test_the_programme_is_published_to_the_byte(drill: dict[str, Any]) -> None:
    """Its hash stands in the commitment."""
    assert (drill["bureau"].folder / "public-1" / "programme.toml").read_text(encoding="utf-8") == DECEMBER
    from hashlib import sha256

    assert drill["commit 1"]["commit"]["spec"]["programme_sha256"] == sha256(DECEMBER.encode()).hexdigest()


Place = tuple[str | int, ...]


def leaves(tree: Any, path: Place = ()) -> list[Place]:
    """Every place of a record where a value stands that holds no others."""
    if isinstance(tree, dict):
        return [one for key, value in tree.items() for one in leaves(value, (*path, key))]
    if isinstance(tree, list):
        return [one for at, value in enumerate(tree) for one in leaves(value, (*path, at))]
    return [path]


def spoiled(tree: Any, path: Place) -> Any:
    """A copy with one value altered a little."""
    copied = json.loads(json.dumps(tree))
    holder = copied
    for step in path[:-1]:
        holder = holder[step]
    value = holder[path[-1]]
    if isinstance(value, bool):
        holder[path[-1]] = not value
    elif isinstance(value, int):
        holder[path[-1]] = value + 1
    else:
        last = value[-1:] or "x"
        holder[path[-1]] = value[:-1] + (
            "1" if last == "0" else "0" if last in "123456789abcdef" else last + "一"
        )
    return copied


def may_differ(path: Place) -> bool:
    """What the contract calls public facts: an outcome's word, reason, date and team."""
    return path[0] == "outcomes" and path[2] in ("outcome", "reason", "date", "team")


def test_every_kind_of_altered_value_in_our_transcripts_is_refused(drill: dict[str, Any]) -> None:
    """The first and the last value of every kind, of both numbers; but for the public facts."""
    for number in (1, 3):
        data = (drill["bureau"].folder / f"public-{number}" / "transcript.json").read_bytes()
        transcript = json.loads(data)
        commit, root = drill[f"commit {number}"]["commit_sha256"], drill[f"plan {number}"]["plan_root"]
        assert verify(data, commit, root)[0] == []
        kinds: dict[Place, list[Place]] = {}
        for path in leaves(transcript):
            kinds.setdefault(tuple("#" if isinstance(step, int) else step for step in path), []).append(path)
        tried = 0
        for several in kinds.values():
            for path in {several[0], several[-1]}:
                if not may_differ(path):
                    altered = json.dumps(spoiled(transcript, path)).encode()
                    assert verify(altered, commit, root)[0], path
                    tried += 1
        assert tried > 60


def test_a_transcript_made_anew_agrees_with_itself_and_not_with_what_was_published(
    drill: dict[str, Any], tmp_path: Path
) -> None:
    """Another draw, correct in itself: by its own hashes fine, by the published ones refused."""
    other = drawn_simply(tmp_path, beacon="2 7 1 8 2 8")
    other.now = "2027-01-01T09:00:00+08:00"
    other.ok("draw", "close", 1, "--out", tmp_path / "public")
    data = (tmp_path / "public" / "transcript.json").read_bytes()
    own = json.loads(data)
    assert verify(data, own["commit_sha256"], own["plan_root"])[0] == []
    assert verify(data, drill["commit 1"]["commit_sha256"], drill["plan 1"]["plan_root"])[0]
    assert verify(data, own["commit_sha256"], drill["plan 1"]["plan_root"])[0]

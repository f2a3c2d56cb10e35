"""In Chinese no word of English and no nonsense stands in what the commands of planning say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auditor.workflow import county
from sealed import DECEMBER, OFFICERS, Bureau, copied, drawn_simply

KNOWN = {"auditor", "km", "QR", "JSON", "AUC", "PDF", "Excel", "CSV", "OK"}
"""Words that Chinese readers use too."""
CODE = re.compile(
    r"`[^`]*`"  # a command to type
    r"|auditor( [a-z-]+)+( [A-Z]+)*|python \S+"
    r"|--[a-z-]+( [A-Z]+)?"
    r"|/x\S*|\S*/\S*\.[a-z]+|\b[\w-]+\.(?:age|html|json|toml|xlsx|svg|py|csv)\b"  # a file
    r"|\w+ ← [^,、\n]+"  # a field as --map names it, and its heading in the file
    r"|\b(?=\w*\d)\w+\b"  # an id, a hash, a date
)
"""What is typed or named, in any language."""
NONSENSE = re.compile("没有没有|新增单位|多 ?[+-]|[:：] ?[:：]|[{}]|、、|；；|（）|None|True|False")


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau with a sealed plan that some visits are not in: three people go out once."""
    officers = [*OFFICERS[:1], *(row.removesuffix(",4") + ",1" for row in OFFICERS[1:4])]
    return drawn_simply(
        tmp_path_factory.mktemp("chinese"),
        inspectors=officers,
        programme=DECEMBER.replace("units = 9", "units = 5"),
    )


@pytest.fixture
def bureau(planned: Bureau, tmp_path: Path) -> Bureau:
    """A copy of it, before the period."""
    return copied(planned.folder, tmp_path / "own", "2026-11-30T09:00:00+08:00")


def english(text: str) -> list[str]:
    """The words of two Latin letters or more in a text, but for what is typed or named in any language."""
    return [one for one in re.findall("[A-Za-z]{2,}", CODE.sub(" ", text)) if one not in KNOWN]


def read(bureau: Bureau, *asked: object) -> None:
    """Call a command in Chinese and read all that it says, as a clerk would."""
    done = bureau.run(*asked, "--lang", "zh")
    said = (done.stdout + done.stderr).replace(str(bureau.folder), "/x")
    assert "Traceback" not in said
    assert said, asked
    assert english(said) == [], (asked, said)
    assert not NONSENSE.search(said), (asked, said)


def test_english_is_seen() -> None:
    """What this file looks for it finds, and what may stand it passes over."""
    assert english("防猜 balanced，见 `auditor plan show --load`") == ["balanced"]
    assert english("按 auditor plan make --programme 2026-12 编排，S008，out/approval.html，1.5 km") == []
    for text in ("没有没有", "里程多 +2%", "名称：None"):
        assert NONSENSE.search(text)


def test_a_clerk_reads_chinese_before_the_period(bureau: Bureau) -> None:
    """The programme, the people, the sealed plan and its reasons, and what is refused."""
    folder, sealed = county.folder(), bureau.sealed(1).record
    unit, left = sealed["visits"][0]["unit"], sealed["unplaced"][0]["unit"]
    for asked in (
        ("programme", "list"),
        ("programme", "show", "2026-12"),
        ("programme", "show", "2026-12", "--public"),
        ("programme", "show", "2027-13"),
        ("people", "import", folder / "people.csv"),
        ("people", "list"),
        ("people", "show", "o01"),
        ("people", "show", "o99"),
        ("inspectors", "list"),
        ("leave", "import", folder / "leave.csv"),
        ("leave", "list"),
        ("plan", "make", "--programme", "2026-12"),
        ("plan", "show"),
        ("plan", "show", "--whole"),
        ("plan", "show", "--load"),
        ("plan", "show", "--load", "--whole"),
        ("plan", "show", "--calendar", "--whole"),
        ("plan", "check", "--programme", "2026-12"),
        ("plan", "explain"),
        ("plan", "explain", "--unit", unit),
        ("plan", "explain", "--whole", "--work", 0.5),
        ("plan", "explain", "--whole", "--unit", unit),
        ("plan", "explain", "--whole", "--unit", left, "--work", 0.5),
        ("plan", "release"),
        ("plan", "export", "--out", bureau.folder / "released"),
        ("plan", "export", "--whole", "--out", bureau.folder / "sealed"),
        ("plan", "export", "--day", "2027-05-01", "--out", bureau.folder / "none"),
        ("plan", "submit", "--number", 1, "--out", bureau.folder / "approval"),
        ("plan", "repair", "--history"),
        ("draw", "ledger"),
        ("draw", "show", unit),
    ):
        read(bureau, *asked)


def test_new_people_and_leave_are_called_no_units(tmp_path: Path) -> None:
    """An import says how many are new, and which; the same of units."""
    bureau, folder = Bureau(tmp_path), county.folder()
    for asked in (("units", "units.csv"), ("people", "people.csv"), ("leave", "leave.csv")):
        done = bureau.run(asked[0], "import", folder / asked[1], "--lang", "zh", "--dry-run")
        assert "新增：" in done.stdout or asked[0] == "leave"
        assert "新增单位" not in done.stdout
    bureau.county()
    rows = (folder / "people.csv").read_text(encoding="utf-8-sig").splitlines()
    changed = "\n".join([rows[0], rows[1].replace("甲子", "甲寅")])
    (tmp_path / "people.csv").write_text(changed, encoding="utf-8")
    said = bureau.run("people", "import", tmp_path / "people.csv", "--lang", "zh").stdout
    assert "姓名: 甲子 → 甲寅" in said


def test_a_clerk_reads_chinese_in_the_period_and_after_it(bureau: Bureau) -> None:
    """Repairs, releases, outcomes, the close, and what a closed draw says of a unit."""
    visits = sorted(bureau.sealed(1).record["visits"], key=lambda one: one["date"])
    first, left = visits[0], bureau.sealed(1).record["unplaced"][0]["unit"]
    other = next(one["id"] for one in bureau.json("units", "list") if one["id"] != first["unit"])
    read(bureau, "plan", "repair", "--add", other, "--directed", "信访3号", "--work", 1)
    read(bureau, "plan", "repair", "--add", other, "--directed", "信访4号", "--work", 1)
    read(bureau, "plan", "repair", "--order", "川教函9号", "--add", other)
    who = visits[-1]["team"][0]
    read(bureau, "plan", "repair", "--absent", who, "2026-12-01", "2026-12-31", "--work", 1)
    read(bureau, "plan", "repair", "--absent", "o99", "2026-12-01", "2026-12-31")
    read(bureau, "plan", "repair", "--drop", "x", "--outcome", "cancelled", "--reason", "停办")
    read(bureau, "plan", "repair", "--history")
    for asked in (("show",), ("show", "--whole"), ("explain", "--whole", "--work", 0.5)):
        read(bureau, "plan", *asked)
    read(bureau, "plan", "submit", "--number", 1, "--out", bureau.folder / "approval")
    bureau.now = f"{first['date']}T07:00:00+08:00"
    read(bureau, "plan", "release")
    bureau.now = "2027-01-01T09:00:00+08:00"
    read(bureau, "draw", "close", 1, "--out", bureau.folder / "public")
    for unit in (first["unit"], left):
        read(bureau, "draw", "show", unit)
    read(bureau, "draw", "ledger")


def test_a_clerk_reads_chinese_from_the_programme_to_the_plan(tmp_path: Path) -> None:
    """Each step of a draw, in its order and out of it."""
    bureau = Bureau(tmp_path)
    bureau.county(inspectors=[*OFFICERS[:5]])
    (tmp_path / "p.toml").write_text(DECEMBER.replace("units = 9", "units = 5"), encoding="utf-8")
    for asked in (
        ("programme", "list"),
        ("programme", "add", tmp_path / "p.toml"),
        ("plan", "show"),
        ("plan", "make", "--programme", "2026-12"),
        ("draw", "commit", 1),
        ("draw", "freeze", "--programme", "2026-12"),
        ("draw", "run", 1, "--beacon", "3 1 4 1 5 9"),
        ("draw", "commit", 1),
        ("plan", "repair", "--history"),
    ):
        read(bureau, *asked)
    bureau.now = "2026-11-26T09:05:00+08:00"
    for asked in (
        ("draw", "run", 1, "--beacon", "3 1 4 1 5 9", "--work", 1),
        ("draw", "run", 1, "--beacon", "3 1 4 1 5 9"),
        ("plan", "make", "--programme", "2026-12", "--work", 2),
        ("plan", "release", "--number", 2),
        ("draw", "close", 1, "--out", tmp_path / "public"),
        ("draw", "abandon", 1, "--reason", "停办"),
    ):
        read(bureau, *asked)
    first = min(bureau.sealed(1).record["visits"], key=lambda one: str(one["date"]))
    bureau.now = f"{first['date']}T07:00:00+08:00"
    for asked in (
        ("plan", "release"),
        ("draw", "reserve", 1, "--visit", first["id"], "--reason", "停课"),
        ("draw", "outcome", 1, "--visit", first["id"], "--as", "done"),
        ("draw", "outcome", 1, "--as", "closed", "--reason", "停课"),
        ("draw", "notice", 1, "--out", tmp_path / "notice.html", "--published-at", "https://example.gov.cn"),
    ):
        read(bureau, *asked)

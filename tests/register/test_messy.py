"""Workbooks as bureaus send them: each gives exactly the units, left-out lines and flags of its answer.

Beside each file of ``data/registers-messy`` lies its answer. What its keys mean:

command, steps
    What is run, with ``{file}``, ``{dir}``; ``--db`` and ``--json`` are added. Steps share one database.
either
    Several answers, any of which is right.
exit, added, changed, unchanged
    The exit code (or those allowed) and the counts of the answer.
units, people, leave
    All that is listed afterwards, with the fields that the file settles; found by id, else by name.
    A list of values: any of them, but for fields that hold lists. null: empty.
sites
    Rows that ``units show`` of another unit names; whether they are listed and counted is left open.
left_out, left_out_may
    Lines that must and may be listed as left out, and no others; without row: any line of the sheet.
flags, flags_may
    Flags that must and may be there, and no others, but no-point beside another flag on that point.
refused
    Cells that must be refused, and no others; any of several rows where row is a list.
writes
    A file that must lie beside the register.

After exit 1 or 2 everything is as before. A key that is absent is not judged.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.cli.main import auditor

FOLDER = Path(__file__).parent.parent / "data" / "registers-messy"
SUFFIX = ".expected.json"
NAMES = sorted(path.name.removesuffix(SUFFIX) for path in FOLDER.glob("*" + SUFFIX))
WORKBOOKS = [name for name in NAMES if name.endswith((".xlsx", ".xls"))]
SAVED = [
    *((name, Path(name).suffix[1:]) for name in WORKBOOKS),
    *((name, "ods") for name in WORKBOOKS if name.endswith(".xlsx")),
]
"""Each workbook in its own format, and one of Excel as one of LibreOffice too."""

Record = Mapping[str, Any]

JUDGED = {
    "exit", "added", "changed", "unchanged", "units", "people", "leave", "sites", "left_out", "left_out_may",
    "flags", "flags_may", "refused", "writes", "converted",
}  # fmt: skip
LISTS = {"tags", "domains", "conflicts", "roles"}
POINT_FLAGS = {"zero-point", "swapped-point", "out-of-range", "far-from-district"}
NEAR, CONVERTED_NEAR = 1.01e-6, 5.01e-5
"""Degrees that a point may be off, with a hair for the floats."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command gave: exit code, answer (None where it was no JSON), and what it said beside."""

    code: int
    answer: Any
    said: str


@dataclass(frozen=True, slots=True)
class Bureau:
    """One database, its register's folder, and what is listed from it."""

    db: Path
    folder: Path

    def run(self, *arguments: str) -> Done:
        """Run a command on the database; a bug keeps its traceback."""
        done = CliRunner().invoke(auditor, [*arguments, "--db", str(self.db), "--json"])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = None
        return Done(done.exit_code, answer, done.stderr)

    def listed(self, noun: str) -> list[Record]:
        """Give all units, people or leave; none where the database or the command is not there."""
        nouns = (noun, "inspectors") if noun == "people" else (noun,)
        for one in nouns:
            done = self.run(one, "list")
            if done.code == 0:
                return list(done.answer)
        return []

    def shown(self, unit: str) -> Record:
        """Give one unit with all that is known of it; nothing where there is none."""
        done = self.run("units", "show", unit)
        return done.answer if done.code == 0 else {}

    def content(self) -> dict[str, list[Record]]:
        """Give all that imports can change."""
        return {noun: self.listed(noun) for noun in ("units", "people", "leave")}


def plain(name: object) -> str:
    """A name without its blanks, which are not judged."""
    return re.sub(r"\s", "", str(name))


def same(field: str, wanted: object, found: object, near: float) -> bool:
    """Whether a field holds what the answer wants; 0, false and empty are three things."""
    if field in LISTS:
        return sorted(wanted or ()) == sorted(found or ())
    if isinstance(wanted, list):
        return any(same(field, one, found, near) for one in wanted)
    if wanted is None:
        return found is None or found == ""
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if field == "name":
        return plain(wanted) == plain(found)
    if field in ("lat", "lng"):
        return isinstance(found, int | float) and abs(found - float(str(wanted))) <= near
    return wanted == found


def key_of(wanted: Record) -> str:
    """The field by which a record of the answer is found again."""
    return "id" if isinstance(wanted.get("id"), str) else "name"


def find(wanted: Record, records: Iterable[Record]) -> list[Record]:
    """Those of `records` that a record of the answer means."""
    key = key_of(wanted)
    return [one for one in records if same(key, wanted[key], one.get(key), 0)]


def record_faults(noun: str, wanted: list[Record], records: list[Record], near: float) -> list[str]:
    """What differs between the records that are wanted, all of them, and those that are listed."""
    faults = []
    met = []
    for one in wanted:
        found = find(one, records)
        met += found
        if len(found) != 1:
            faults.append(f"{noun}: {len(found)} with {key_of(one)} {one[key_of(one)]}")
            continue
        faults += [
            f"{noun} {one.get('id')} {one.get('name', '')}: {field} should be {value!r}, "
            f"is {found[0].get(field)!r}"
            for field, value in one.items()
            if not same(field, value, found[0].get(field), near)
        ]
    faults += [f"{noun}: {one} should not be there" for one in records if one not in met]
    return faults


def unit_faults(bureau: Bureau, answer: Record) -> list[str]:
    """What differs in the list of units. Sites may be in it, closed units need only be shown."""
    sites = {site["id"] for site in answer.get("sites", ())}
    listed = [one for one in bureau.listed("units") if one["id"] not in sites]
    records: list[Record] = []
    faults = []
    for wanted in answer["units"]:
        if "closed" in wanted:
            id_ = wanted["id"]
            found = find(wanted, listed) or [bureau.shown(id_)]
            if not (found[0].get("closed") or bureau.shown(id_).get("closed")):
                faults.append(f"units {id_}: should be closed")
            if found[0]:
                records.append(found[0])
    wanted = [{key: one[key] for key in one if key != "closed"} for one in answer["units"]]
    records += [one for one in listed if one not in records]
    near = CONVERTED_NEAR if answer.get("converted") else NEAR
    return faults + record_faults("units", wanted, records, near)


def site_faults(bureau: Bureau, sites: Iterable[Record]) -> list[str]:
    """Sites that are not shown with the unit that they belong to, under their name."""
    faults = []
    for site in sites:
        shown = bureau.shown(site["of"]).get("sites") or ()
        ids = [one["id"] if isinstance(one, dict) else one for one in shown]
        if site["id"] not in ids:
            faults.append(f"sites: {site['id']} should be of {site['of']}, which has {ids}")
        elif any(
            isinstance(one, dict) and one["id"] == site["id"] and plain(one["name"]) != plain(site["name"])
            for one in shown
        ):
            faults.append(f"sites: {site['id']} should be named {site['name']}")
    return faults


def leave_faults(wanted: Iterable[Record], found: Iterable[Record]) -> list[str]:
    """What differs in the leave: all of it, by its fields."""
    left = list(found)
    faults = []
    for one in wanted:
        fitting = [each for each in left if all(each.get(key) == one[key] for key in one)]
        if fitting:
            left.remove(fitting[0])
        else:
            faults.append(f"leave: {one} should be there")
    return faults + [f"leave: {one} should not be there" for one in left]


def on_line(wanted: Record, line: Record) -> bool:
    """Whether a line of an answer is the one that is wanted; without sheet or row, any is."""
    rows = wanted.get("row")
    if "sheet" in wanted and line.get("sheet") != wanted["sheet"]:
        return False
    return rows is None or line.get("row") in (rows if isinstance(rows, list) else [rows])


def left_out_faults(must: list[Record], may: list[Record], lines: list[Record]) -> list[str]:
    """Lines that should be left out and are not, and the reverse."""
    faults = [f"left_out: {one} should be" for one in must if not any(on_line(one, line) for line in lines)]
    return faults + [
        f"left_out: {line} should not be"
        for line in lines
        if not any(on_line(one, line) for one in [*must, *may])
    ]


def flag_faults(answer: Record, flags: Iterable[Record]) -> list[str]:
    """Flags that should be there and are not, and the reverse."""
    must = {(one["unit"], one["flag"]) for one in answer["flags"]}
    may = {(one["unit"], one["flag"]) for one in answer.get("flags_may", ())}
    sites = {site["id"] for site in answer.get("sites", ())}
    found = {(one["unit"], one["flag"]) for one in flags if one["unit"] not in sites}
    may |= {(unit, "no-point") for unit, flag in found if flag in POINT_FLAGS}
    faults = [f"flags: {unit} should have {flag}" for unit, flag in sorted(must - found)]
    return faults + [f"flags: {unit} should not have {flag}" for unit, flag in sorted(found - must - may)]


def fields_of(column: object, columns: Mapping[str, Any]) -> set[str]:
    """The fields that an answer reads from a column."""
    return {
        field
        for field, titles in columns.items()
        if column == titles or (isinstance(titles, list) and column in titles)
    }


def refused_faults(wanted: list[Record], answer: Record) -> list[str]:
    """Cells that should be refused and are not, rows that should not be named, and wrong columns."""
    columns = answer.get("columns") or {}

    def fits(one: Record, row: Record) -> bool:
        fields = fields_of(row.get("column"), columns)
        return on_line(one, row) and ("field" not in one or not fields or one["field"] in fields)

    rows = answer["rows"]
    faults = [f"rows: {one} should be refused" for one in wanted if not any(fits(one, row) for row in rows)]
    return faults + [
        f"rows: sheet {row.get('sheet')}, row {row.get('row')}, {row.get('column')} should not be refused"
        for row in rows
        if not any(fits(one, row) for one in wanted)
    ]


def faults_of(answer: Record, done: Done, bureau: Bureau, before: Mapping[str, list[Record]]) -> list[str]:
    """All that differs from one answer."""
    unknown = set(answer) - JUDGED - {"command", "note"}
    assert not unknown, f"the answer asks for what is not judged: {unknown}"
    faults = []
    codes = answer["exit"] if isinstance(answer["exit"], list) else [answer["exit"]]
    if done.code not in codes:
        faults.append(f"exit: should be {codes}, is {done.code}")
    if done.code in (1, 2):
        now = bureau.content()
        faults += [f"{noun}: should be as before" for noun in now if now[noun] != before[noun]]
    if done.answer is not None:
        sites = len(answer.get("sites", ()))
        for count in ("added", "changed", "unchanged"):
            allowed = [answer.get(count), answer.get(count, 0) + (sites if count == "added" else 0)]
            if count in answer and done.answer.get(count) not in allowed:
                faults.append(f"{count}: should be {answer[count]}, is {done.answer.get(count)}")
        if "left_out" in answer:
            lines = done.answer.get("left_out", [])
            faults += left_out_faults(answer["left_out"], answer.get("left_out_may", []), lines)
        if "flags" in answer:
            faults += flag_faults(answer, done.answer.get("flags", []))
        if "refused" in answer:
            faults += refused_faults(answer["refused"], done.answer)
    elif done.code != 2:
        faults.append("answer: should be JSON on standard output")
    if "units" in answer:
        faults += unit_faults(bureau, answer)
    faults += site_faults(bureau, answer.get("sites", ()))
    if "people" in answer:
        faults += record_faults("people", answer["people"], bureau.listed("people"), NEAR)
    if "leave" in answer:
        faults += leave_faults(answer["leave"], bureau.listed("leave"))
    if "writes" in answer and not list(bureau.folder.glob(answer["writes"])):
        faults.append(f"writes: {answer['writes']} should lie beside the file")
    return faults


def judge(file: Path, expected: Record, db: Path) -> None:
    """Run the commands of an answer on one database, and fail with all that differs."""
    bureau = Bureau(db, file.parent)
    for number, step in enumerate(expected.get("steps", [expected]), start=1):
        command = [
            _swapped(one, file).format(file=file, dir=file.parent) if "{" in one else one
            for one in step["command"]
        ]
        before = bureau.content()
        done = bureau.run(*command)
        common = {key: step[key] for key in step if key not in ("either", "command", "note")}
        answers = [common | answer for answer in step.get("either", [{}])]
        faults = [faults_of(answer, done, bureau, before) for answer in answers]
        if all(faults):
            told = "\n  or\n".join("\n".join(f"  {one}" for one in each) for each in faults)
            pytest.fail(
                f"{file.name}, step {number}, {' '.join(step['command'])}:\n{told}\n{done.said}\n"
                f"{json.dumps(done.answer, ensure_ascii=False)}",
                pytrace=False,
            )


def _swapped(argument: str, file: Path) -> str:
    """Name another workbook of the folder by the suffix that it has there."""
    if argument.startswith("{dir}/") and argument.endswith(".xlsx") and file.suffix == ".ods":
        return argument.removesuffix(".xlsx") + ".ods"
    return argument


def expected_of(name: str) -> dict[str, Any]:
    """The answer beside a file."""
    return json.loads((FOLDER / (name + SUFFIX)).read_text(encoding="utf-8"))


def copy_of(folder: Path, into: Path) -> Path:
    """A copy of a folder of registers that may be written into."""
    shutil.copytree(folder, into)
    return into


def test_every_file_has_its_answer() -> None:
    """None is forgotten: files and answers are the same names."""
    files = {path.name for path in FOLDER.iterdir()} - {"README.md"}
    assert files == {*NAMES, *(name + SUFFIX for name in NAMES)}


@pytest.mark.parametrize("name", NAMES, ids=[one[:3] for one in NAMES])
def test_a_file_gives_what_a_clerk_expects(name: str, tmp_path: Path) -> None:
    """As it was sent."""
    folder = copy_of(FOLDER, tmp_path / "registers")
    judge(folder / name, expected_of(name), tmp_path / "bureau.db")


def after_saving(name: str) -> dict[str, Any]:
    """The answer for a workbook that LibreOffice has opened and saved."""
    expected = expected_of(name)
    if name.startswith("a11"):  # its codes became numbers: they may have lost their zeros; it is no HTML now
        expected = {"command": expected["command"], **expected["either"][0]}
        expected["units"] = [one | {"id": [one["id"], one["id"].lstrip("0")]} for one in expected["units"]]
    if name.startswith("a13"):  # its formulas were computed: all rows load
        expected = {
            "command": expected["command"], "exit": 0, "added": 6, "changed": 0, "unchanged": 0,
            "units": expected_of("a12-公式有结果.xlsx")["units"], "left_out": [], "flags": [], "refused": [],
        }  # fmt: skip
    return expected


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of the workbooks opened and saved by LibreOffice, by format; or skip where it is not."""
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if not soffice:
        if os.environ.get("AUDITOR_REQUIRE_LIBREOFFICE"):
            pytest.fail("LibreOffice is not installed")
        pytest.skip("LibreOffice is not installed: workbooks are not opened and saved")
    work = tmp_path_factory.mktemp("libreoffice")
    folders = {}
    for made, source in (("xls", "xls"), ("xlsx", "xlsx"), ("ods", "xlsx")):
        files = [FOLDER / name for name in WORKBOOKS if name.endswith("." + source)]
        folders[made] = work / made
        subprocess.run(
            [
                soffice, f"-env:UserInstallation={(work / 'profile').as_uri()}", "--headless",
                "--convert-to", made, "--outdir", str(folders[made]), *map(str, files),
            ],
            capture_output=True, timeout=300, check=True,
        )  # fmt: skip
        assert {one.stem for one in folders[made].iterdir()} == {one.stem for one in files}
    return folders


@pytest.mark.parametrize(("name", "made"), SAVED, ids=[f"{name[:3]} as {made}" for name, made in SAVED])
def test_a_workbook_saved_by_libreoffice_gives_the_same(
    name: str, made: str, saved: dict[str, Path], tmp_path: Path
) -> None:
    """But for computed formulas and codes that became numbers."""
    folder = copy_of(saved[made], tmp_path / "registers")
    judge(folder / f"{Path(name).stem}.{made}", after_saving(name), tmp_path / "bureau.db")


CELL = {"sheet": "表", "row": 4, "column": "名称"}


@pytest.mark.parametrize(
    ("wanted", "rows", "right"),
    [
        ([{"sheet": "表", "row": 4, "field": "name"}], [CELL], True),
        ([{"row": [3, 4]}], [CELL], True),
        ([{"row": [3, 4]}], [CELL, CELL | {"row": 3}], True),
        ([{"sheet": "表", "row": 4, "field": "students"}], [CELL | {"column": "不在表中"}], True),
        ([{"sheet": "表", "row": 4, "field": "id"}], [CELL], False),
        ([{"sheet": "页", "row": 4}], [CELL], False),
        ([{"sheet": "表", "row": 4}], [], False),
        ([{"sheet": "表", "row": 4}], [CELL, CELL | {"row": 5}], False),
    ],
)
def test_a_refused_cell_is_judged_by_sheet_row_and_field(
    wanted: list[Record], rows: list[Record], right: bool
) -> None:
    """A column that belongs to another field is wrong; one that belongs to none is not judged."""
    answer = {"rows": rows, "columns": {"id": "代码", "name": "名称"}}
    assert (refused_faults(wanted, answer) == []) is right

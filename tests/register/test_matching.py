"""The next file never doubles the register; everything that an import did can be taken back."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.cli.main import auditor
from auditor.entities import Blackout, Finding, Inspection, Person, Unit
from auditor.errors import UsageProblem
from auditor.store import Database
from auditor.store.findings import put_findings, read_findings
from auditor.store.log import verify_log
from auditor.store.opening import close_bureau, create_bureau, open_bureau
from auditor.store.past import put_blackouts, put_inspections, read_blackouts, read_inspections
from auditor.store.staff import put_staff, read_inspectors
from auditor.store.units import read_aliases, read_register, read_units
from auditor.store.writing import write_tx
from auditor.tables.reading import read_tables
from auditor.workflow import imports, unit_imports
from auditor.workflow import units as step
from auditor.workflow.imports import Imported, Refused

NOW = datetime(2026, 12, 1, tzinfo=UTC)
HEAD = ["学校代码", "学校名称", "乡镇", "学生数"]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """An empty bureau."""
    create_bureau(tmp_path / "b.db", {}, NOW)
    database = open_bureau(tmp_path / "b.db")
    yield database
    assert verify_log(database) == []
    close_bureau(database)


def bring(db: Database, path: Path, *rows: Sequence[Any], **asked: Any) -> Imported:
    """Import these rows as units."""
    with (path / "r.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return unit_imports.import_units(db, path / "r.csv", imports.Request(mapping={}, where={}, **asked), NOW)


def ids(db: Database) -> list[str]:
    """The ids of all units."""
    return [unit.id for unit in read_units(db)]


def test_a_code_that_arrives_later_is_asked_about(db: Database, tmp_path: Path) -> None:
    """The pair is shown; joined, the unit takes the code, and either file changes nothing any more."""
    first = [["学校名称", "乡镇", "学生数"], ["甲小学", "禾岭镇", 5], ["乙小学", "禾岭镇", 6]]
    assert bring(db, tmp_path, *first).added == 2
    second = [HEAD, ["0101", "甲小学", "禾岭镇", 5], ["0102", "乙小学", "禾岭镇", 6]]
    stopped = bring(db, tmp_path, *second)
    assert [one["row"] for one in stopped.rows] == [2, 3]
    assert "--same 甲小学||禾岭镇=0101" in stopped.rows[0]["cure"]
    assert "--new" in stopped.rows[0]["cure"]
    with pytest.raises(Refused):
        stopped.refuse()
    assert len(ids(db)) == 2
    one = bring(db, tmp_path, *second, same=("甲小学||禾岭镇=0101",))
    assert [row["row"] for row in one.rows] == [3]
    joined = bring(db, tmp_path, *second, same=("甲小学||禾岭镇=0101", "乙小学||禾岭镇=0102"))
    assert (joined.added, joined.changed, joined.missing) == (0, 2, [])
    assert ids(db) == ["0101", "0102"]
    for again in (second, first):
        told = bring(db, tmp_path, *again)
        assert (told.added, told.changed, told.unchanged) == (0, 0, 2)
    assert bring(db, tmp_path, *second, same=("甲小学||禾岭镇=0101",)).unchanged == 2


def test_zeros_that_excel_ate_come_back(db: Database, tmp_path: Path) -> None:
    """--same all keeps the longer id; --new keeps both; a third way is to stop."""
    bring(db, tmp_path, HEAD, ["0101", "甲小学", "禾岭镇", 5])
    eaten = [HEAD, ["101", "甲小学", "禾岭镇", 7]]
    assert len(bring(db, tmp_path, *eaten).rows) == 1
    assert bring(db, tmp_path, *eaten, same=("all",)).changed == 1
    assert ids(db) == ["0101"]
    assert read_aliases(db) == {"101": "0101"}
    assert bring(db, tmp_path, *eaten).unchanged == 1
    assert bring(db, tmp_path, HEAD, ["201", "甲小学", "禾岭镇", 7], keep_both=True).added == 1
    assert ids(db) == ["0101", "201"]


def test_a_new_id_goes_to_findings_conflicts_sites_and_older_ids(db: Database, tmp_path: Path) -> None:
    """Nothing that is known about a unit stays behind under its old id."""
    head = [*HEAD, "所属学校"]
    bring(db, tmp_path, head, ["1", "甲小学", "禾岭镇", 5, ""], ["9", "甲教学点", "禾岭镇", 2, "甲小学"])
    finding = Finding(unit="1", found_on=date(2026, 1, 2), domain="fire", item="F-01")
    with write_tx(db, "test", NOW) as tx:
        put_findings(tx, [finding])
        places: dict[str, Any] = dict.fromkeys(("conflicts", "kin", "borrowed", "area"), ("1", "禾岭镇"))
        put_staff(tx, [Person(id="o", name="甲", roles=("inspector",), **places)])
        day = date(2026, 12, 8)
        put_blackouts(tx, [Blackout(scope=one, from_on=day, to_on=day, kind="exam") for one in ("1", "")])
        put_inspections(tx, [Inspection(unit="1", on=day, domains=("fire",), people=("o",))])
    bring(db, tmp_path, HEAD, ["2", "甲小学", "禾岭镇", 5], same=("1=2",))
    bring(db, tmp_path, HEAD, ["3", "甲小学", "禾岭镇", 5], same=("2=3",))
    assert [one.unit for one in read_findings(db)] == ["3"]
    for one in read_inspectors(db):
        assert [one.conflicts, one.kin, one.borrowed, one.area] == [("3", "禾岭镇")] * 4
    assert [one.scope for one in read_blackouts(db)] == ["", "3"]
    assert [(one.unit, one.people) for one in read_inspections(db)] == [("3", ("o",))]
    assert {one.id: one.site_of for one in read_register(db)} == {"3": "", "9": "3"}
    assert read_aliases(db) == {"1": "3", "2": "3"}
    assert step.show_unit(db, "1")["id"] == "3"
    assert step.show_unit(db, "1")["aliases"] == ["1", "2"]
    assert [one.what for one in step.history(db, "3")] == ["units import"] * 3


@pytest.mark.parametrize("same", ["1", "=2", "7=2", "1=7", "1=3"])
def test_a_wrong_pair_is_a_wrong_command(db: Database, tmp_path: Path, same: str) -> None:
    """What is nowhere, or a unit of its own, joins nothing."""
    bring(db, tmp_path, HEAD, ["1", "甲", "", 5], ["3", "丙", "", 5])
    with pytest.raises(UsageProblem, match="--same"):
        bring(db, tmp_path, HEAD, ["2", "甲", "", 5], ["3", "丙", "", 5], same=(same,))
    assert ids(db) == ["1", "3"]


def test_names_alike_in_other_places_are_other_units(db: Database, tmp_path: Path) -> None:
    """Township and district must be the same, or unknown on one side."""
    head = ["学校代码", "学校名称", "区县", "乡镇"]
    bring(db, tmp_path, head, ["1", "中心小学", "甲县", "禾岭镇"])
    assert bring(db, tmp_path, head, ["2", "中心小学", "甲县", "砚池镇"]).added == 1
    assert bring(db, tmp_path, head, ["3", "中心小学", "乙县", "禾岭镇"]).added == 1
    assert len(bring(db, tmp_path, ["学校代码", "学校名称"], ["4", "中心小学"], same=("all",)).rows) == 1
    assert len(bring(db, tmp_path, head, ["5", "中心 小学", "甲县", "禾岭镇"]).rows) == 1


def test_a_file_without_codes_is_known_by_name_and_township(db: Database, tmp_path: Path) -> None:
    """A made id never takes the place of a code; two that could be meant are refused."""
    alike = (["0102", "乙小学", "", 5], ["0103", "乙小学", "", 6])
    bring(db, tmp_path, HEAD, ["0101", "甲小学", "禾岭镇", 5], *alike, keep_both=True)
    told = bring(db, tmp_path, ["学校名称", "乡镇", "学生数"], ["甲小学", "禾岭镇", 9])
    assert (told.added, told.changed, told.missing) == (0, 1, ["0102", "0103"])
    assert told.changes == [{"id": "0101", "field": "students", "before": 5, "after": 9}]
    assert len(bring(db, tmp_path, ["学校名称"], ["乙小学"]).rows) == 1


def test_two_rows_that_mean_one_unit_are_refused(db: Database, tmp_path: Path) -> None:
    """One by its code, the other by the code that it had."""
    bring(db, tmp_path, HEAD, ["0101", "甲小学", "禾岭镇", 5])
    bring(db, tmp_path, HEAD, ["101", "甲小学", "禾岭镇", 5], same=("all",))
    told = bring(db, tmp_path, HEAD, ["101", "甲小学", "禾岭镇", 5], ["0101", "甲小学", "禾岭镇", 5])
    assert [one["row"] for one in told.rows] == [3, 2]


def test_what_the_file_lacks_stays_until_it_is_retired(db: Database, tmp_path: Path) -> None:
    """Retired units are never drawn, stay in the register, and stay closed when they come back."""
    bring(db, tmp_path, HEAD, ["1", "甲", "", 5], ["2", "乙", "", 6], ["3", "丙", "", 7])
    assert bring(db, tmp_path, HEAD, ["1", "甲", "", 5]).missing == ["2", "3"]
    assert [unit.id for unit in step.missing_units(db)] == ["2", "3"]
    step.retire(db, ["2"], closed="2026-08-31", reason="撤并", now=NOW)
    assert bring(db, tmp_path, HEAD, ["1", "甲", "", 5]).missing == ["3"]
    again = bring(db, tmp_path, HEAD, ["1", "甲", "", 5], ["2", "乙", "", 6], ["3", "丙", "", 7])
    assert (again.unchanged, again.missing) == (3, [])
    assert any("2" in note and "closed" in note for note in again.notes)
    assert step.unit_record(read_units(db)[1])["closed"] == "2026-08-31"
    assert [one.reason for one in step.history(db, "2")] == ["", "撤并"]
    step.set_unit(db, "2", {"closed": ""}, reason="", now=NOW)
    assert read_units(db)[1].closed == ""


def test_sites_belong_to_their_unit(db: Database, tmp_path: Path) -> None:
    """By name or code, in this file or the register; a site of a site goes to the unit of both."""
    head = ["学校代码", "学校名称", "乡镇", "所属学校"]
    told = bring(
        db, tmp_path, head, ["1", "甲校", "禾岭镇", "甲校"], ["2", "甲校东区", "禾岭镇", "甲校"],
        ["3", "东区分部", "禾岭镇", "2"], ["4", "孤校", "禾岭镇", "无此校"], ["5", "甲校", "砚池镇", "/"],
    )  # fmt: skip
    assert (told.added, told.sites) == (3, 2)
    lost = [(one["unit"], one["value"]) for one in told.flags if one["flag"] == "unknown-parent"]
    assert lost == [("4", "无此校")]
    assert ids(db) == ["1", "4", "5"]
    assert [site["id"] for site in step.show_unit(db, "1")["sites"]] == ["2", "3"]
    assert bring(db, tmp_path, head[:3], ["6", "西区", ""], ["2", "甲校东区", "禾岭镇"]).unchanged == 0
    told = bring(db, tmp_path, head, ["6", "西区", "", "1"])
    assert (told.changed, told.sites, ids(db)) == (0, 1, ["1", "4", "5"])


def test_an_import_is_taken_back(db: Database, tmp_path: Path) -> None:
    """The cleared cell, the new id, the missing list: all as before; then the one before it."""
    bring(db, tmp_path, HEAD, ["0101", "甲", "禾岭镇", 5], ["0102", "乙", "禾岭镇", 6])
    before = read_register(db)
    bring(
        db, tmp_path, HEAD, ["A1", "甲", "禾岭镇", ""], ["0102", "乙", "禾岭镇", 6], ["0103", "丙", "", 1],
        same=("0101=A1",),
    )  # fmt: skip
    assert ids(db) == ["0102", "0103", "A1"]
    bring(db, tmp_path, HEAD, ["A1", "甲", "禾岭镇", ""], ["0102", "乙", "禾岭镇", 6], ["0103", "丙", "", 1])
    assert step.undo(db, NOW) == {"added": 1, "changed": 1, "restored": 1, "removed": 1}
    assert read_register(db) == before
    assert read_aliases(db) == {}
    assert step.undo(db, NOW) == {"added": 2, "changed": 0, "restored": 0, "removed": 2}
    assert read_register(db) == []
    with pytest.raises(step.NothingToUndo):
        step.undo(db, NOW)
    bring(db, tmp_path, HEAD, ["0101", "甲", "禾岭镇", 5])
    assert step.undo(db, NOW)["removed"] == 1


def test_taking_back_reads_a_table_once_however_many_units_changed(db: Database, tmp_path: Path) -> None:
    """Fifty thousand units took minutes while each of them read the whole table."""
    head = HEAD[:3]
    bring(db, tmp_path, head, *([f"{at:04}", f"第{at}小学", "禾岭镇"] for at in range(200)))
    bring(db, tmp_path, head, *([f"{at:04}", f"第{at}小学", "砚池镇"] for at in range(200)))
    assert reads_of_units(db, lambda: step.undo(db, NOW)) < 10
    assert {unit.township for unit in read_register(db)} == {"禾岭镇"}


def test_closing_many_units_reads_the_register_once(db: Database, tmp_path: Path) -> None:
    """`units retire --missing` may close hundreds."""
    bring(db, tmp_path, HEAD[:3], *([f"{at:04}", f"第{at}小学", "禾岭镇"] for at in range(200)))
    every = ids(db)
    assert reads_of_units(db, lambda: step.retire(db, every, closed="2026-08-31", reason="", now=NOW)) < 10
    assert all(unit.closed for unit in read_register(db))


def reads_of_units(db: Database, run: Callable[[], object]) -> int:
    """How often a step reads the table of units; it must do so at all."""
    said: list[str] = []
    db.conn.set_trace_callback(said.append)
    run()
    db.conn.set_trace_callback(None)
    reads = sum(one.lower().startswith("select") and "from units" in one for one in said)
    assert reads > 0
    return reads


def test_what_a_draw_has_frozen_or_a_person_edited_is_not_taken_back(db: Database, tmp_path: Path) -> None:
    """The later work is named."""
    bring(db, tmp_path, HEAD, ["1", "甲", "", 5], ["2", "乙", "", 6])
    step.set_unit(db, "1", {"students": "7"}, reason="电话核实", now=NOW)
    with pytest.raises(step.ChangedSince, match="1 were changed"):
        step.undo(db, NOW)
    step.set_unit(db, "1", {"学生数": "5"}, reason="", now=NOW)
    with write_tx(db, "draw", NOW) as tx:
        tx.put("draws", [{"number": 1, "commit_sha256": "", "transcript": "{}"}])
    with pytest.raises(step.Frozen, match="draw 1"):
        step.undo(db, NOW)
    assert len(ids(db)) == 2


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("students=312", 312), ("学生数=1,024", 1024), ("students=", None), ("canteen=有", True),
        ("kind=初中", "junior"),
        ("tags=自建房；租赁校舍", ("租赁校舍", "自建房")), ("closed=2026/8/31", "2026-08-31"),
        ("name=新名", "新名"),
    ],
)  # fmt: skip
def test_an_edit_reads_like_a_cell(db: Database, tmp_path: Path, pair: str, value: Any) -> None:
    """By field or heading; the history has before and after."""
    bring(db, tmp_path, HEAD, ["1", "甲", "", 5])
    name, _sign, text = pair.partition("=")
    (change,) = step.set_unit(db, "1", {name: text}, reason="r", now=NOW)
    assert getattr(read_units(db)[0], step.field_of(name)) == value
    last = step.history(db, "1")[-1]
    assert (last.what, last.reason) == ("units set", "r")
    assert last.changes == [{key: change[key] for key in ("field", "before", "after")}]


@pytest.mark.parametrize(
    "pair",
    [
        "students=约300",
        "canteen=待建",
        "kind=不详",
        "lat=30",
        "lat=95",
        "id=2",
        "name=",
        "校长=某",
        "site_of=无",
    ],
)
def test_an_edit_that_cannot_be_read_changes_nothing(db: Database, tmp_path: Path, pair: str) -> None:
    """The whole command is refused, with how to write it."""
    bring(db, tmp_path, HEAD, ["1", "甲", "", 5])
    before = read_units(db)
    name, _sign, text = pair.partition("=")
    if pair == "site_of=无":
        text = "无此校"
    with pytest.raises(UsageProblem):
        step.set_unit(db, "1", {"township": "禾岭镇", name: text}, reason="", now=NOW)
    assert read_units(db) == before


def test_units_are_listed_by_what_they_hold(db: Database, tmp_path: Path) -> None:
    """By field or heading, in the words of a sheet; several conditions hold together."""
    head = [*HEAD, "学段", "食堂", "自建房", "停办"]
    bring(
        db, tmp_path, head, ["1", "甲", "禾岭镇", 5, "小学", "有", "是", ""],
        ["2", "乙", "禾岭镇", 6, "初中", "", "", "是"],
        ["3", "丙", "砚池镇", 5, "小学", "无", "", "2026-08-31"],
    )  # fmt: skip

    def found(*pairs: str) -> list[str]:
        return [unit.id for unit in step.list_units(db, dict(pair.split("=") for pair in pairs))]

    assert found("township=禾岭镇") == found("乡镇=禾岭镇") == ["1", "2"]
    assert found("students=5", "kind=primary") == found("kind=小学") == ["1", "3"]
    assert found("canteen=有") == found("tags=自建房") == ["1"]
    assert found("canteen=") == ["2"]
    assert found("closed=true") == ["2"]
    assert found("closed=2026-08-31") == ["3"]
    assert found("tags=") == ["2", "3"]
    assert found("students=many") == found("name=丁") == []
    with pytest.raises(UsageProblem, match="no field"):
        found("校长=某")


def test_a_mapping_is_kept_for_the_next_file_of_its_shape(db: Database, tmp_path: Path) -> None:
    """In another order of columns too; a new --map replaces it; undo forgets it."""
    head = ["KOD", "NAMA", "MURID"]
    path = tmp_path / "m.csv"

    def take(*rows: Sequence[Any], **mapping: str) -> Imported:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return unit_imports.import_units(db, path, imports.Request(mapping=mapping, where={}), NOW)

    assert take(head, ["1", "甲", 5], id="KOD", name="NAMA").added == 1
    told = take(["MURID", "NAMA", "KOD"], [6, "甲", "1"])
    assert (told.unchanged, told.columns) == (1, {"id": "KOD", "name": "NAMA"})
    assert any("id ← KOD" in note for note in told.notes)
    assert take(head, ["1", "甲", 5], id="KOD", name="NAMA", students="MURID").changed == 1
    assert take(head, ["1", "甲", 5]).columns["students"] == "MURID"


def test_the_good_rows_are_taken_and_the_others_come_back_to_be_mended(tmp_path: Path) -> None:
    """FILE.refused.xlsx has the reason first; mended there it imports as any file."""
    rows = "学校代码,学校名称,乡镇\n1,甲,禾岭镇\n2,,禾岭镇\n3\u200b,丙,禾岭镇\n"
    (tmp_path / "r.csv").write_text(rows, encoding="utf-8")
    common = ["--db", str(tmp_path / "b.db"), "--json"]
    done = CliRunner().invoke(auditor, ["units", "import", str(tmp_path / "r.csv"), "--partial", *common])
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["added"], answer["refused"]) == (5, 1, 2)
    assert answer["refused_file"] == str(tmp_path / "r.csv.refused.xlsx")
    (table,) = read_tables(tmp_path / "r.csv.refused.xlsx")
    assert [row[1:] for _number, row in table.rows] == [
        ("学校代码", "学校名称", "乡镇"), ("2", None, "禾岭镇"), ("3\u200b", "丙", "禾岭镇"),
    ]  # fmt: skip
    assert "the name is missing" in str(table.rows[1][1][0])
    again = CliRunner().invoke(auditor, ["units", "import", answer["refused_file"], *common])
    assert json.loads(again.stdout)["refused"] == 2
    dry = CliRunner().invoke(
        auditor, ["units", "import", str(tmp_path / "r.csv"), "--partial", "--dry-run", *common]
    )
    assert json.loads(dry.stdout)["unchanged"] == 1


def test_undo_leaves_what_the_import_did_not_touch(db: Database, tmp_path: Path) -> None:
    """A unit of an earlier import that this one only repeated stays."""
    bring(db, tmp_path, HEAD, ["1", "甲", "", 5])
    bring(db, tmp_path, HEAD, ["1", "甲", "", 5], ["2", "乙", "", 6])
    step.set_unit(db, "1", {"students": "8"}, reason="", now=NOW)
    assert step.undo(db, NOW)["removed"] == 1
    assert read_units(db) == [Unit(id="1", name="甲", students=8)]


def test_a_code_that_lost_its_zeros_is_asked_about_under_another_name_too(
    db: Database, tmp_path: Path
) -> None:
    """Renamed or moved, the unit would double else."""
    bring(db, tmp_path, HEAD, ["0600", "甲小学", "禾岭镇", 5])
    told = bring(db, tmp_path, HEAD, ["600", "甲实验小学", "禾岭街道", 5])
    assert [one["row"] for one in told.rows] == [2]
    assert "leading zeros" in told.rows[0]["problem"]
    assert bring(db, tmp_path, HEAD, ["600", "甲实验小学", "禾岭街道", 5], same=("all",)).changed == 1
    assert ids(db) == ["0600"]


def test_refused_rows_and_parts_of_a_file_make_nothing_missing(db: Database, tmp_path: Path) -> None:
    """Or `retire --missing` would close schools that the file has."""
    rows = [["1", "甲", "禾岭镇", 5], ["2", "乙", "砚池镇", 6], ["3", "丙", "砚池镇", 7]]
    bring(db, tmp_path, HEAD, *rows)
    told = bring(
        db, tmp_path, HEAD, rows[0], ["2\u200b", "乙", "砚池镇", 6], ["3", "", "砚池镇", 7], partial=True
    )
    assert told.missing == []
    with (tmp_path / "r.csv.refused.xlsx.csv").open("w", encoding="utf-8") as file:
        csv.writer(file).writerows([HEAD, rows[1]])
    plain = imports.Request(mapping={}, where={})
    assert unit_imports.import_units(db, tmp_path / "r.csv.refused.xlsx.csv", plain, NOW).missing == []
    part = imports.Request(mapping={}, where={"乡镇": "禾岭镇"})
    assert unit_imports.import_units(db, tmp_path / "r.csv", part, NOW).missing == []
    assert step.missing_units(db) == []


def test_same_and_new_together_say_two_things(db: Database, tmp_path: Path) -> None:
    """One unit or two."""
    with pytest.raises(UsageProblem, match="--new"):
        bring(db, tmp_path, HEAD, ["1", "甲", "", 5], same=("all",), keep_both=True)


def test_closing_more_than_half_of_the_register_needs_a_yes(tmp_path: Path) -> None:
    """A file of one township makes all others missing."""
    path, common = tmp_path / "r.csv", ["--db", str(tmp_path / "b.db")]
    for count in (5, 2):
        lines = [f"{at},校{at}" for at in range(count)]
        path.write_text("\n".join(["学校代码,学校名称", *lines]), encoding="utf-8")
        CliRunner().invoke(auditor, ["units", "import", str(path), *common])
    refused = CliRunner().invoke(auditor, ["units", "retire", "--missing", *common])
    assert refused.exit_code == 2
    assert "--yes" in refused.output
    done = CliRunner().invoke(auditor, ["units", "retire", "--missing", "--yes", "--json", *common])
    assert len(json.loads(done.stdout)) == 3


def test_campuses_that_name_each_other_stay_units_with_a_flag(db: Database, tmp_path: Path) -> None:
    """None of them vanishes."""
    head = ["学校代码", "学校名称", "所属学校"]
    told = bring(db, tmp_path, head, ["1", "甲", "乙"], ["2", "乙", "甲"])
    assert [one["flag"] for one in told.flags if one["flag"] == "unknown-parent"] != []
    assert ids(db) != []


def test_a_row_without_a_code_under_a_longer_name_is_put_beside_the_missing_one(
    db: Database, tmp_path: Path
) -> None:
    """龙洞小学 became 龙洞小学（教学点）: said, so that the clerk can join the two."""
    head = ["学校名称", "乡镇", "学生数"]
    bring(db, tmp_path, head, ["龙洞小学", "甲镇", 5], ["石桥小学", "甲镇", 6])
    told = bring(db, tmp_path, head, ["龙洞小学（教学点）", "甲镇", 5], ["石桥小学", "甲镇", 6])
    (note,) = [one for one in told.notes if "--same" in one]
    pair = note.rpartition(": ")[2]
    old, new = pair.split("=")
    assert (old in told.missing, new in told.new) == (True, True)
    step.undo(db, NOW)
    rows = (["龙洞小学（教学点）", "甲镇", 5], ["石桥小学", "甲镇", 6])
    again = bring(db, tmp_path, head, *rows, same=(pair,))
    assert (again.added, again.missing, read_aliases(db)) == (0, [], {old: new})

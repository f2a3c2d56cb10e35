"""Lists of black-outs and of past inspections: taken whole, or refused by cell with the cure."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from auditor.entities import Unit
from auditor.register.past import BlackoutReading, PastReading, read_blackouts, read_past
from auditor.tables.reading import read_tables

UNITS = [
    Unit(id="0011", name="东街小学", township="东街镇", district="青县", kind="primary"),
    Unit(id="0012", name="河口小学", township="河口乡", district="青县", kind="primary"),
    Unit(id="0013", name="河口小学", township="河口乡", district="青县", kind="primary"),
]
PEOPLE = {"o1": "甲一", "o2": "乙二", "o3": "丙三", "o4": "丙三"}
DOMAINS = {"fire": "fire", "消防": "fire", "food": "food", "食品": "food"}


def blackouts(folder: Path, *rows: str, head: str = "范围,开始日期,结束日期,类别,说明") -> BlackoutReading:
    """Read a list of black-outs."""
    file = folder / "out.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return read_blackouts(read_tables(file), file="out.csv", mapping={}, where={}, units=UNITS)


def past(folder: Path, *rows: str, head: str = "学校,检查日期,检查领域,检查人员,交办文号") -> PastReading:
    """Read a list of past inspections."""
    file = folder / "past.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return read_past(
        read_tables(file), file="past.csv", mapping={}, where={}, units=UNITS, people=PEOPLE,
        domains=DOMAINS, today=date(2026, 11, 26),
    )  # fmt: skip


def test_black_outs_are_read_by_scope(tmp_path: Path) -> None:
    """Everybody, a code, a name, a place, a kind; one day without an end; a kind of its own or none."""
    found = blackouts(
        tmp_path, "全部,2026-12-01,2026-12-02,高考,", "0012,2026/12/3,,上级检查,省级督导",
        "东街小学,2026-12-04,,,", "河口乡,2026-12-05,2026-12-06,停课,", "小学,2026年12月7日,,其他,",
    )  # fmt: skip
    assert found.refused == []
    assert [(one.scope, one.from_on.day, one.to_on.day, one.kind) for one in found.blackouts] == [
        ("", 1, 2, "exam"), ("0012", 3, 3, "inspection"), ("0011", 4, 4, "other"),
        ("河口乡", 5, 6, "closure"), ("primary", 7, 7, "other"),
    ]  # fmt: skip
    assert found.blackouts[1].reason == "省级督导"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("河口小学,2026-12-01,,,", "no unit, township, district or kind is called so"),
        ("西街,2026-12-01,,,", "no unit, township, district or kind is called so"),
        ("全部,12月1日,,,", "no date"),
        ("全部,2026-12-01,下周,,", "no date"),
        ("全部,2026-12-02,2026-12-01,,", "the end is before the start"),
        ("全部,2026-12-01,,运动会,", "unknown kind of black-out"),
    ],
)
def test_a_black_out_that_cannot_be_taken_is_named(tmp_path: Path, row: str, problem: str) -> None:
    """Also a name that two units bear: one of the two would be closed by chance."""
    found = blackouts(tmp_path, row, "全部,2026-12-09,,考试,")
    assert [(one["row"], one["problem"]) for one in found.refused] == [(2, problem)]
    assert len(found.blackouts) == 1


def test_past_inspections_are_read(tmp_path: Path) -> None:
    """By code or name; former colleagues and a name that two bear are nobody; an order by its number."""
    found = past(
        tmp_path, "0011,2026-10-08,消防;食品,甲一、o2、老张、丙三,", "东街小学,2026.9.1,全部,,〔2026〕8号",
        "0013,2026-09-02,food,,无",
    )  # fmt: skip
    assert found.refused == []
    assert [(one.unit, one.on, one.domains, one.people, one.directed) for one in found.inspections] == [
        ("0011", date(2026, 10, 8), ("fire", "food"), ("o1", "o2"), False),
        ("0011", date(2026, 9, 1), ("fire", "food"), (), True),
        ("0013", date(2026, 9, 2), ("food",), (), False),
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("河口小学,2026-10-08,消防,,", "no unit is called so, or several are"),
        ("0099,2026-10-08,消防,,", "no unit is called so, or several are"),
        ("0011,2026-11-27,消防,,", "a day to come"),
        ("0011,去年,消防,,", "no date"),
        ("0011,2026-10-08,天文,,", "unknown domain 天文"),
    ],
)
def test_a_past_inspection_that_cannot_be_taken_is_named(tmp_path: Path, row: str, problem: str) -> None:
    """With its row; the others would be taken."""
    found = past(tmp_path, row, "0011,2026-11-26,消防,,")
    assert [(one["row"], one["problem"]) for one in found.refused] == [(2, problem)]
    assert len(found.inspections) == 1

"""A unit is named by its code, a former code, or the name that it alone bears; a Site is none.

People are called by name; who shares it, by the name with a mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.entities import Person
from auditor.errors import UsageProblem
from auditor.store import Database
from auditor.store.opening import close_bureau, create_bureau, open_bureau
from auditor.workflow.called import names_apart
from auditor.workflow.imports import Request
from auditor.workflow.naming import units_named
from auditor.workflow.unit_imports import import_units
from auditor.workflow.units import NoSuchUnit

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A school with a Site, one whose code was another before, and two of one name."""
    create_bureau(tmp_path / "b.db", {}, NOW)
    database = open_bureau(tmp_path / "b.db")
    before = ["1,甲小学,", "11,甲小学分校,甲小学", "2,乙小学,", "4,丙小学,", "5,丙小学,"]
    after = ["1,甲小学,", "22,乙小学,"]
    path = tmp_path / "r.csv"
    plain = Request(mapping={}, where={})
    for rows, request in ((before, replace(plain, keep_both=True)), (after, replace(plain, same=("2=22",)))):
        path.write_text("\n".join(["学校代码,学校名称,主校", *rows]), encoding="utf-8")
        import_units(database, path, request, NOW)
    yield database
    close_bureau(database)


def test_codes_former_codes_and_names_of_one(db: Database) -> None:
    """In the order of the words, blanks at their ends left out."""
    assert [one.id for one in units_named(db, ["22", " 1 "])] == ["22", "1"]
    assert [one.id for one in units_named(db, ["乙小学", "2", "甲小学"])] == ["22", "22", "1"]


@pytest.mark.parametrize("words", [["11"], ["1", "11"], ["3"], ["1", ""]])
def test_a_site_is_no_unit(db: Database, words: list[str]) -> None:
    """It is visited with its unit, which is to be named."""
    with pytest.raises(NoSuchUnit):
        units_named(db, words)


@pytest.mark.parametrize(
    ("word", "told"), [("丙小学", "2 units are called so"), ("丙", "these are called alike: 丙小学")]
)
def test_a_name_of_several_or_a_part_of_one_is_asked_about(db: Database, word: str, told: str) -> None:
    """With the codes to write."""
    with pytest.raises(UsageProblem, match=told) as refused:
        units_named(db, [word])
    assert "4" in str(refused.value)
    assert "5" in str(refused.value)


def test_two_people_of_one_name_are_told_apart() -> None:
    """By the code, of who has none by the department; whoever bears a name alone has nothing behind it."""
    two = Person(id="0102", name="王芳", roles=("inspector",))
    people = [
        two,
        replace(two, id="0105"),
        replace(two, id="王芳", department="安全科"),
        replace(two, id="0103", name="李明"),
        replace(two, id="7", name="Ann Lee"),
        replace(two, id="8", name="Ann Lee"),
    ]
    assert names_apart(people) == {
        "0102": "王芳（0102）",
        "0105": "王芳（0105）",
        "王芳": "王芳（安全科）",
        "0103": "李明",
        "7": "Ann Lee (7)",
        "8": "Ann Lee (8)",
    }

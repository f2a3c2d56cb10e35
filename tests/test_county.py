"""The synthetic county comes out of its script byte by byte, and is what the demonstration needs."""

from __future__ import annotations

import csv
import runpy
from collections import Counter
from datetime import date
from itertools import combinations
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

import pytest

from auditor.checklists import load_domain
from auditor.entities import KINDS, Inspector, Unit
from auditor.register.units import read_units
from auditor.roster.standby import blocks
from auditor.shipped import county_folder
from auditor.tables.reading import read_tables
from auditor.workflow import county

ROOT = Path(__file__).parent.parent
COUNTY = ROOT / "data" / "auditor_data" / "county"
DAYTIME = {"fire", "food", "transport"}


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the county's files."""
    text = (COUNTY / f"{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture(scope="module")
def units() -> list[Unit]:
    """The register, read as `units import` reads it."""
    reading = read_units(
        read_tables(COUNTY / "units.csv"),
        file="units.csv",
        mapping={},
        where={},
    )
    assert reading.refused == []
    return list(reading.units)


def test_the_script_makes_these_very_bytes(tmp_path: Path) -> None:
    """Run again, it writes the five files that are here."""
    runpy.run_path(str(ROOT / "data" / "make_county.py"))["main"](tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in COUNTY.glob("*.csv")}
    assert len(made) == 5


def test_the_files_are_found_as_shipped_data() -> None:
    """By the package, as in a wheel."""
    assert (county_folder() / "units.csv").read_bytes() == (COUNTY / "units.csv").read_bytes()


def test_there_are_120_units_of_all_kinds(units: list[Unit]) -> None:
    """With leading zeros in their codes, none named twice, three without a place."""
    kinds = Counter(unit.kind for unit in units)
    assert set(kinds) == set(KINDS)
    assert (len(units), kinds["kindergarten"], kinds["primary"], kinds["training"]) == (120, 40, 45, 14)
    assert kinds["junior"] + kinds["nine-year"] == 14
    assert all(unit.id.startswith("00") and len(unit.id) == 10 for unit in units)
    assert len({unit.name for unit in units}) == 120
    assert len({unit.township for unit in units}) == 8
    assert sum(unit.lat is None for unit in units) == 3


def test_distances_are_a_countys(units: list[Unit]) -> None:
    """All within 22 km of the bureau, most within 12."""
    at = tuple(map(radians, county.START))
    away = []
    for unit in units:
        if unit.lat is None or unit.lng is None:
            continue
        lat, lng = radians(unit.lat), radians(unit.lng)
        chord = sin((lat - at[0]) / 2) ** 2 + cos(at[0]) * cos(lat) * sin((lng - at[1]) / 2) ** 2
        away.append(2 * 6371.0088 * asin(sqrt(chord)))
    assert max(away) < 22
    assert sum(one <= 12 for one in away) >= 0.8 * len(away)


def test_dormitories_canteens_and_buses_are_where_one_expects_them(units: list[Unit]) -> None:
    """Boarders in 14 to 18 units and never more than pupils; a canteen everywhere but in training."""
    assert 14 <= sum(bool(unit.boarders) for unit in units) <= 18
    assert all((unit.boarders or 0) <= (unit.students or 0) for unit in units)
    assert all(unit.canteen is (unit.kind != "training") for unit in units)
    assert 10 <= sum(bool(unit.buses) for unit in units) <= 40
    assert 0 < sum(bool(unit.tags) for unit in units) <= 30


def test_people_are_plainly_synthetic_and_inspectors_are_officers() -> None:
    """8 leaders, 24 officers, surnames from the ten stems; 12 inspectors with the officers' ids."""
    people = {one.id: one for one in county.people()}
    assert Counter(one.role for one in people.values()) == {"leader": 8, "officer": 24}
    assert len({one.name for one in people.values()}) == 32
    assert all(one.name[0] in "甲乙丙丁戊己庚辛壬癸" for one in people.values())
    assert all(one.post and one.phone.startswith("5550-") for one in people.values())
    inspectors = rows("inspectors")
    assert Counter(Counter(one["department"] for one in inspectors).values()) == {3: 4}
    for one in inspectors:
        known = people[one["id"]]
        assert (known.role, known.name, known.department) == ("officer", one["name"], one["department"])


def test_two_conflicts_one_with_a_unit_and_one_with_a_township(units: list[Unit]) -> None:
    """Both name something that is in the register."""
    conflicts = [one["conflicts"] for one in rows("inspectors") if one["conflicts"]]
    assert len(conflicts) == 2
    assert sum(one in {unit.id for unit in units} for one in conflicts) == 1
    assert sum(one in {unit.township for unit in units} for one in conflicts) == 1


def test_most_pairs_of_inspectors_can_do_a_whole_visit() -> None:
    """Within every department, within every block that stands by, and among all."""
    domains = {one["id"]: set(one["domains"].split(";")) for one in rows("inspectors")}
    by_department: dict[str, list[str]] = {}
    for one in rows("inspectors"):
        by_department.setdefault(one["department"], []).append(one["id"])
    stand_by = blocks(
        [
            Inspector(
                id=one["id"], name="", department=one["department"], domains=tuple(sorted(domains[one["id"]]))
            )
            for one in rows("inspectors")
        ]
    )

    def share(ids: list[str], needed: set[str]) -> float:
        pairs = list(combinations(ids, 2))
        return sum(needed <= domains[a] | domains[b] for a, b in pairs) / len(pairs)

    assert all(2 <= len(one) <= 4 for one in domains.values())
    assert share(list(domains), DAYTIME) >= 0.8
    assert share(list(domains), {"dorms"}) >= 0.85
    for group in [*by_department.values(), *stand_by]:
        assert share(group, DAYTIME) >= 0.6, group
        assert share(group, {"dorms"}) >= 0.6, group


def test_leave_is_short_and_about_three_a_month() -> None:
    """In every month of five years, of people who exist, one to four days."""
    ids = {one.id for one in county.people()}
    months: Counter[str] = Counter()
    for one in rows("leave"):
        first, last = date.fromisoformat(one["from"]), date.fromisoformat(one["to"])
        assert one["person"] in ids
        assert 0 <= (last - first).days <= 3
        months[one["from"][:7]] += 1
    assert len(months) == 60
    assert set(months.values()) <= {1, 2, 3, 4}


def test_findings_are_of_items_that_apply_to_their_unit(units: list[Unit]) -> None:
    """60 a year, on weekdays, with the severity of the checklist; no two alike."""
    known = {unit.id: unit for unit in units}
    severities = {}
    for key in ("dorms", "fire", "food", "transport"):
        domain = load_domain(ROOT / "plugins" / f"auditor_{key}" / f"{key}.toml")
        for unit in units:
            for item in domain.asked(unit):
                severities[unit.id, key, item.code] = item.severity
    found = rows("findings")
    assert len({tuple(one.values()) for one in found}) == len(found)
    assert Counter(one["found_on"][:4] for one in found) == {str(year): 60 for year in range(2024, 2031)}
    for one in found:
        assert date.fromisoformat(one["found_on"]).weekday() < 5
        assert severities[known[one["unit"]].id, one["domain"], one["item"]] == one["severity"]

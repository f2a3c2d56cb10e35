"""Who must not see whom beside the named conflicts: kin, borrowed staff, the own contact area twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.entities import Inspection, Inspector, Unit
from auditor.workflow.conflicts import named_units, never_seen, twice_running
from auditor.workflow.frames import make_staff

UNITS = {
    one.id: one
    for one in (
        Unit(id="1", name="东街小学", township="东街镇", district="青县", parent="东街中心校"),
        Unit(id="2", name="东街幼儿园", township="东街镇", district="青县", parent="东街中心校"),
        Unit(id="3", name="河口小学", township="河口乡", district="青县", parent="东街中心校"),
        Unit(id="4", name="河口中学", township="河口乡", district="青县"),
        Unit(id="5", name="县一中", district="青县"),
    )
}


def inspector(name: str, **facts: tuple[str, ...]) -> Inspector:
    """One of the staff."""
    return Inspector(id=name, name=name, **facts)


def barred(
    *inspectors: Inspector, strata_of: Mapping[str, str] | None = None, past: Sequence[Inspection] = ()
) -> dict[str, set[str]]:
    """The units that nobody may send each person to, by the field's conflicts with units and strata."""
    ids = {one.id: one.id for one in inspectors}
    free: dict[str, tuple[str, ...]] = {one.id: () for one in inspectors}
    staff = make_staff(inspectors, free, ids, UNITS, strata_of=strata_of, past=past)
    strata = strata_of or {unit.id: unit.stratum for unit in UNITS.values()}
    return {
        one.id: set(one.conflict_units) | {unit for unit in UNITS if strata[unit] in one.conflict_strata}
        for one in staff
    }


@pytest.mark.parametrize(
    ("word", "units"),
    [
        ("1", "1"),
        ("河口中学", "4"),
        ("东街镇", "12"),
        ("青县", "12345"),
        ("东街中心校", "123"),
        ("西街", ""),
        ("", ""),
    ],
)
def test_a_word_means_a_unit_a_place_or_a_central_school(word: str, units: str) -> None:
    """A central school means all units in its charge; an empty cell of the register means nothing."""
    assert named_units(word, UNITS.values()) == set(units)


@pytest.mark.parametrize(
    ("facts", "units"),
    [
        pytest.param({"kin": ("县一中",)}, "5", id="kin at a school"),
        pytest.param({"kin": ("东街中心校",)}, "123", id="kin at a central school"),
        pytest.param({"borrowed": ("河口中学",)}, "34", id="its township where no area holds it"),
        pytest.param({"borrowed": ("县一中",)}, "5", id="no township, no area"),
        pytest.param({"area": ("东街镇",)}, "", id="an own area by itself"),
        pytest.param({"conflicts": ("东街镇",), "kin": ("5",)}, "125", id="together"),
    ],
)
def test_kin_and_the_own_school_are_never_seen(facts: dict[str, tuple[str, ...]], units: str) -> None:
    """By hand, from the five schools."""
    assert barred(inspector("a", **facts), inspector("b"))["a"] == set(units)


def test_borrowed_staff_do_not_see_the_contact_area_of_their_school() -> None:
    """Whoever's area it is: school 2 lies in b's, which is 东街镇 and school 3; its township adds nothing."""
    found = barred(inspector("a", borrowed=("2",)), inspector("b", area=("东街镇", "3")), inspector("c"))
    assert found == {"a": {"1", "2", "3"}, "b": set(), "c": set()}
    small = barred(inspector("a", borrowed=("2",)), inspector("b", area=("2", "5")))
    assert small["a"] == {"2", "5"}, "school 1 lies in the same township and in nobody's area"


def seen(unit: str, day: int, *people: str, directed: bool = False) -> Inspection:
    """A visit in November."""
    return Inspection(unit=unit, on=date(2026, 11, day), domains=("fire",), people=people, directed=directed)


def test_nobody_sees_a_unit_of_the_own_area_twice_running() -> None:
    """Only the last inspection counts, an ordered one too, and only in the own area."""
    people = [inspector("a", area=("东街镇",)), inspector("b", area=("4",)), inspector("c")]
    past = [
        seen("1", 9, "a", "c"), seen("2", 9, "a"), seen("2", 10, "b"), seen("3", 9, "a"),
        seen("4", 3, "b"), seen("4", 9, "b", "c", directed=True),
    ]  # fmt: skip
    assert twice_running(people, UNITS, past) == {"a": {"1"}, "b": {"4"}, "c": frozenset()}
    assert twice_running(people, UNITS, [*past, seen("1", 12)])["a"] == frozenset(), "nobody knows who"
    assert barred(*people, past=past) == {"a": {"1"}, "b": {"4"}, "c": set()}


def test_two_visits_of_one_day_are_one_last_visit() -> None:
    """Morning and evening by different people: both were there last."""
    people = [inspector("a", area=("1",)), inspector("b", area=("1",))]
    found = twice_running(people, UNITS, [seen("1", 9, "a"), seen("1", 9, "b")])
    assert found == {"a": {"1"}, "b": {"1"}}


@pytest.mark.parametrize("strata", ["township", "district", "kind", "none"])
def test_a_conflict_with_a_place_holds_whatever_the_strata_are(strata: str) -> None:
    """It once was lost where the strata are no townships, and hid units where a district is one too."""
    name = {
        "township": {unit.id: unit.stratum for unit in UNITS.values()},
        "district": dict.fromkeys(UNITS, "青县"),
        "kind": {unit: f"k{unit}" for unit in UNITS},
        "none": dict.fromkeys(UNITS, "全部"),
    }[strata]
    assert barred(inspector("a", conflicts=("河口乡",)), strata_of=name)["a"] == {"3", "4"}
    assert barred(inspector("a", conflicts=("青县",)), strata_of=name)["a"] == set(UNITS)


words = st.sets(st.sampled_from(["1", "5", "河口中学", "东街镇", "东街中心校", "青县"]), max_size=2).map(
    lambda found: tuple(sorted(found))
)


@settings(deadline=None)
@given(
    st.lists(st.builds(lambda *facts: facts, words, words, words, words), min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from("12345"), st.integers(1, 5), st.sampled_from("0123")), max_size=6),
)
def test_more_words_never_open_a_unit(
    people: list[tuple[tuple[str, ...], ...]], visits: list[tuple[str, int, str]]
) -> None:
    """Every word bars what it names; what one column bars another never gives back."""
    inspectors = [
        Inspector(id=str(at), name="", conflicts=one[0], kin=one[1], borrowed=one[2], area=one[3])
        for at, one in enumerate(people)
    ]
    past = [seen(unit, day, who) for unit, day, who in visits]
    found = barred(*inspectors, past=past)
    never = never_seen(inspectors, UNITS)
    for one in inspectors:
        places = [word for word in one.conflicts if word not in ("河口中学", "东街中心校")]
        for word in (*places, *one.kin, *one.borrowed):
            assert named_units(word, UNITS.values()) <= found[one.id]
        assert never[one.id] <= found[one.id]
        last_days = {unit: max(day for name, day, _who in visits if name == unit) for unit, _d, _w in visits}
        for unit, day, who in visits:
            area = {unit for word in one.area for unit in named_units(word, UNITS.values())}
            if who == one.id and day == last_days[unit] and unit in area:
                assert unit in found[one.id]

"""Lots of a sortie: days and teams are exactly those that the page names, in the order of their lots."""

from __future__ import annotations

from itertools import combinations, islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.draw.lots import domains_by_lot, lead_of, sortie_lots, valid_teams
from auditor.draw.prf import prf
from auditor.entities import Lots, Sortie, Staff, Stop

KEY = bytes(range(32))
DAYS = [f"2026-12-{day:02d}" for day in range(1, 8)]
STRATA = {"a": "甲", "b": "乙"}
ALWAYS = tuple(f"{day}/morning" for day in DAYS)


def person(name: str, domains: str = "fire food", **facts: Any) -> Staff:
    """Someone free every morning unless it is said otherwise."""
    facts.setdefault("free", ALWAYS)
    return Staff(id=name, domains=tuple(domains.split()), **facts)


def lots(*staff: Staff, second: str = "main", beacon_day: str = "2026-11-30", **closed: set[str]) -> Lots:
    """The lots of a sortie to a (fire) and b (food); the window of draw "late" ends on the 4th."""
    return sortie_lots(
        KEY,
        Sortie(
            key="S",
            slot="morning",
            metres=0,
            stops=(
                Stop(unit="a", draw="main", domains=("fire",), minutes=60, start=540),
                Stop(unit="b", draw=second, domains=("food",), minutes=60, start=600),
            ),
        ),
        staff=staff,
        team=2,
        windows={"main": ("2026-12-02", "2026-12-07"), "late": ("2026-12-01", "2026-12-04")},
        beacon_day=beacon_day,
        days=DAYS,
        strata=STRATA,
        closed=closed,
    )


def test_days_lie_in_the_windows_of_all_draws() -> None:
    """The later first day and the earlier last day count, both included."""
    staff = [person("P01"), person("P02")]
    assert sorted(lots(*staff).days) == DAYS[1:]
    assert sorted(lots(*staff, second="late").days) == DAYS[1:4]


def test_days_follow_their_lots() -> None:
    """Ascending by prf(K, "day", lead, day)."""
    given = lots(person("P01"), person("P02"))
    assert given.lead == min("ab", key=lambda unit: prf(KEY, "lead", unit))
    assert list(given.days) == sorted(DAYS[1:], key=lambda day: prf(KEY, "day", given.lead, day))


def test_no_day_is_the_beacons_or_one_on_which_a_unit_is_closed() -> None:
    """The day of the beacon itself is too early; one closed unit closes the sortie's day."""
    staff = [person("P01"), person("P02")]
    assert sorted(lots(*staff, beacon_day="2026-12-03").days) == DAYS[3:]
    assert sorted(lots(*staff, b={"2026-12-05"}).days) == [*DAYS[1:4], *DAYS[5:]]


@pytest.mark.parametrize(
    "hindered",
    [
        pytest.param(person("P03", conflict_units=("b",)), id="conflict with a unit"),
        pytest.param(person("P03", conflict_strata=("甲",)), id="conflict with a stratum"),
        pytest.param(person("P03", free=tuple(f"{day}/evening" for day in DAYS)), id="free at another slot"),
    ],
)
def test_who_is_hindered_stands_in_no_team(hindered: Staff) -> None:
    """Conflicts and availability are inside the lots."""
    given = lots(person("P01"), person("P02"), hindered)
    assert set(given.teams.values()) == {(("P01", "P02"),)}


def test_a_day_without_a_team_that_holds_every_domain_is_no_lot() -> None:
    """Food is held by P02 alone, who is there on the 3rd only."""
    staff = [
        person("P01", "fire"),
        person("P02", "food", free=("2026-12-03/morning",)),
        person("P03", "fire"),
    ]
    given = lots(*staff)
    assert given.days == ("2026-12-03",)
    assert set(given.teams["2026-12-03"]) == {("P01", "P02"), ("P02", "P03")}
    assert lots(person("P01", "fire"), person("P03", "fire")).days == ()


def test_the_order_of_staff_changes_nothing() -> None:
    """Lots depend on ids, not on where someone stands in a list."""
    staff = [person(f"P{at:02d}", ("fire", "food")[at % 2]) for at in range(6)]
    assert lots(*staff) == lots(*staff[::-1])


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.sets(st.sampled_from("abcd")), min_size=1, max_size=8),
    st.sets(st.sampled_from("abcd")),
    st.integers(1, 4),
)
def test_valid_teams_are_all_of_them_in_lexicographic_order(
    held: list[set[str]], wanted: set[str], size: int
) -> None:
    """The pruned walk equals the plain list of subsets, for every size of team."""
    staff = [Staff(id=f"P{at}", domains=tuple(sorted(one))) for at, one in enumerate(held)]
    plain = [
        tuple(one.id for one in team)
        for team in combinations(staff, size)
        if wanted <= {domain for one in team for domain in one.domains}
    ]
    assert list(valid_teams(staff, frozenset(wanted), size)) == plain


def test_three_hundred_people_without_a_team_are_no_long_walk() -> None:
    """Five domains in five hands, four seats: none of 330 million teams is tried."""
    rare = dict(zip(range(296, 300), "bcde", strict=True))
    staff = [Staff(id=f"P{at:03d}", domains=(rare.get(at, "a"),)) for at in range(300)]
    assert list(valid_teams(staff, frozenset("abcde"), 4)) == []
    assert list(islice(valid_teams(staff, frozenset("bcde"), 4), 2)) == [("P296", "P297", "P298", "P299")]


def test_at_most_ten_thousand_teams_of_a_day_are_lots() -> None:
    """The first of them in their order: 150 people make 11,175 pairs."""
    staff = [person(f"P{at:03d}") for at in range(150)]
    given = lots(*staff)
    teams = given.teams[given.days[0]]
    ordered = sorted((one.id for one in staff), key=lambda one: prf(KEY, "staff", given.lead, one))
    assert len(teams) == 10_000
    assert list(teams) == [tuple(sorted(pair)) for pair in islice(combinations(ordered, 2), 10_000)]


def test_domains_of_a_unit_come_by_lot() -> None:
    """The first m by prf(K, "domain", unit, domain), sorted; another unit has its own."""
    names = ["dorms", "fire", "food", "transport"]
    by_lot = sorted(names, key=lambda name: prf(KEY, "domain", "a", name))
    assert domains_by_lot(KEY, "a", names, 2) == sorted(by_lot[:2])
    assert domains_by_lot(KEY, "a", names[::-1], 9) == names
    assert len({tuple(domains_by_lot(KEY, f"u{at}", names, 2)) for at in range(200)}) == 6


def test_the_lead_is_one_of_the_sortie_whatever_the_order() -> None:
    """Every unit of a pair leads under some key."""
    assert {lead_of(bytes([at] * 32), ["a", "b"]) for at in range(20)} == {"a", "b"}
    assert lead_of(KEY, ["a", "b"]) == lead_of(KEY, ["b", "a"])

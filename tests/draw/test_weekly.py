"""Weeks part a period, and the weekly draws together are expected to make their part of all visits."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.draw.probabilities import MILLION
from auditor.draw.weekly import Week, weekly_pi, weeks

BEFORE = date(2020, 1, 1)


def days(first: str, last: str) -> list[date]:
    """Every day from the first to the last."""
    start = date.fromisoformat(first)
    return [start + timedelta(days=at) for at in range((date.fromisoformat(last) - start).days + 1)]


def short(found: list[Week]) -> list[tuple[str, str, str, int]]:
    """Key, first and last day as texts, and the number of working days."""
    return [(one.key, str(one.first), str(one.last), len(one.working)) for one in found]


def test_a_december_by_the_calendar() -> None:
    """1 December 2026 is a Tuesday; the year has 53 ISO weeks, and the last one reaches into 2027."""
    working = [day for day in days("2026-12-01", "2027-01-10") if day.weekday() < 5]
    assert short(weeks(date(2026, 12, 1), date(2027, 1, 5), working, BEFORE)) == [
        ("floor/2026-W49", "2026-12-01", "2026-12-06", 4),
        ("floor/2026-W50", "2026-12-07", "2026-12-13", 5),
        ("floor/2026-W51", "2026-12-14", "2026-12-20", 5),
        ("floor/2026-W52", "2026-12-21", "2026-12-27", 5),
        ("floor/2026-W53", "2026-12-28", "2027-01-03", 5),
        ("floor/2027-W01", "2027-01-04", "2027-01-05", 2),
    ]


@pytest.mark.parametrize(
    ("first", "last", "key"),
    [
        ("2026-12-31", "2027-01-03", "floor/2026-W53"),
        ("2027-01-01", "2027-01-01", "floor/2026-W53"),
        ("2027-12-31", "2028-01-02", "floor/2027-W52"),
        ("2028-01-01", "2028-01-01", "floor/2027-W52"),
        ("2024-12-30", "2024-12-31", "floor/2025-W01"),
        ("2025-12-29", "2026-01-01", "floor/2026-W01"),
        ("2020-12-31", "2021-01-03", "floor/2020-W53"),
    ],
)
def test_a_week_at_the_turn_of_the_year_has_the_year_of_its_thursday(first: str, last: str, key: str) -> None:
    """2026 has a week 53 and 2027 has none; days of December may belong to the year that comes."""
    found = weeks(date.fromisoformat(first), date.fromisoformat(last), days(first, last), BEFORE)
    assert short(found) == [(key, first, last, len(days(first, last)))]


@pytest.mark.parametrize(
    ("after", "first_key"),
    [
        ("2026-12-10", "floor/2026-W50"),
        ("2026-12-11", "floor/2026-W51"),
        ("2026-12-12", "floor/2026-W51"),
        ("2026-12-13", "floor/2026-W51"),
        ("2026-12-14", "floor/2026-W51"),
    ],
)
def test_a_week_goes_when_its_last_working_day_has_come(after: str, first_key: str) -> None:
    """Friday the 11th ends week 50: on Thursday it still counts, on Friday it does not."""
    working = [day for day in days("2026-12-01", "2026-12-31") if day.weekday() < 5]
    found = weeks(date(2026, 12, 1), date(2026, 12, 31), working, date.fromisoformat(after))
    assert found[0].key == first_key


def test_a_week_without_a_working_day_is_left_out() -> None:
    """Holidays of a whole week, and a period that begins on its Saturday."""
    working = days("2026-10-08", "2026-10-09")
    assert [one.key for one in weeks(date(2026, 9, 26), date(2026, 10, 11), working, BEFORE)] == [
        "floor/2026-W41"
    ]
    assert weeks(date(2026, 10, 1), date(2026, 10, 7), working, BEFORE) == []


@settings(deadline=None, max_examples=60)
@given(
    st.dates(date(2019, 1, 1), date(2035, 1, 1)), st.integers(0, 399), st.integers(-9, 409), st.randoms(),
    st.sampled_from([0.1, 0.7, 1.0]),
)  # fmt: skip
def test_every_working_day_to_come_lies_in_exactly_one_week(
    first: date, length: int, after: int, chance: Random, part: float
) -> None:
    """Whatever the period: windows lie in it, are disjoint, one ISO week each, in order, none idle."""
    last = first + timedelta(days=length)
    every = [first + timedelta(days=at) for at in range(-10, length + 11)]
    working = [day for day in every if chance.random() < part]
    today = first + timedelta(days=after)
    found = weeks(first, last, working[::-1], today)
    inside = [day for day in working if first <= day <= last]
    held = [day for one in found for day in one.working]
    assert held == sorted(set(held))
    assert {day for day in inside if day > today} <= set(held) <= set(inside)
    for one in found:
        assert first <= one.first <= one.working[0] <= one.working[-1] <= one.last <= last
        assert one.working[-1] > today
        year, week, _day = one.first.isocalendar()
        assert one.key == f"floor/{year}-W{week:02}"
        assert one.last.isocalendar()[:2] == (year, week)
        assert one.first == first or one.first.isoweekday() == 1
        assert one.last == last or one.last.isoweekday() == 7
        assert [day for day in inside if one.first <= day <= one.last] == list(one.working)
    keys = [one.key for one in found]
    assert keys == sorted(set(keys))


# --- Chances


def test_a_weekly_chance_by_hand() -> None:
    """30 units, a quarter of all visits: 10 weekly ones, among 5 weeks of 200 units each 0.01."""
    assert weekly_pi(30, Fraction(1, 4), [200] * 5) == 10_000
    assert weekly_pi(3, Fraction(1, 4), [7, 7, 7]) == 1_000_000 // 21


@settings(deadline=None, max_examples=200)
@given(
    st.integers(1, 10_000), st.fractions(0, Fraction(999_999, 10**6), max_denominator=10**6),
    st.lists(st.integers(0, 5_000), max_size=30),
)  # fmt: skip
def test_the_expected_visits_are_their_part_of_all(n: int, share: Fraction, sizes: list[int]) -> None:
    """Within a millionth a unit, and never more; a million or one where that cannot be reached."""
    pi = weekly_pi(n, share, sizes)
    units = sum(sizes)
    wanted = n * share / (1 - share)
    if not share or not units:
        assert pi == 0
        return
    assert 1 <= pi <= MILLION
    expected = Fraction(pi * units, MILLION)
    if pi == MILLION:
        assert wanted >= units
    elif pi == 1 and expected > wanted:
        assert wanted * MILLION < units
    else:
        assert 0 <= wanted - expected < Fraction(units, MILLION)
        gap = abs(expected / (n + expected) - share)
        assert gap < Fraction(units, MILLION * n)


@pytest.mark.parametrize(
    ("n", "share", "sizes", "pi"),
    [
        (10, Fraction(0), [100], 0),
        (10, Fraction(1, 4), [], 0),
        (10, Fraction(1, 4), [0, 0], 0),
        (10, Fraction(1, 4), [0, 10], 333_333),
        (1, Fraction(1, 10**6), [10**6], 1),
        (10, Fraction(1, 2), [10], MILLION),
        (10, Fraction(1, 2), [11], 909_090),
        (11, Fraction(1, 2), [10], MILLION),
        (10, Fraction(999, 1000), [100], MILLION),
        (1, Fraction(1, 2), [999_999], 1),
        (1, Fraction(1, 2), [500_000], 2),
    ],
)
def test_a_weekly_chance_ends_at_nothing_and_at_certain(
    n: int, share: Fraction, sizes: list[int], pi: int
) -> None:
    """No share or no unit: none. Else never less than a millionth, never more than certain."""
    assert weekly_pi(n, share, sizes) == pi

"""Days closed to a draw: the revisit gap, counted by day, and black-outs by scope."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.entities import Blackout, Inspection, Unit
from auditor.workflow.closures import blacked_out, keep_gap
from auditor.workflow.frames import Frame

DAYS = tuple(f"2026-12-{day:02d}" for day in (1, 2, 3, 4, 7, 8, 9, 10, 11))


def frame(domains: dict[str, tuple[str, ...]], closed: dict[str, tuple[str, ...]] | None = None) -> Frame:
    """A frame of units with these domains."""
    return Frame(
        units={unit: Unit(id=unit, name=unit, township="t", kind="primary") for unit in domains},
        domains=domains,
        shares=dict.fromkeys(domains, 1),
        closed=closed or {},
        left_out={},
    )


def past(unit: str, on: date, *domains: str, directed: bool = False) -> Inspection:
    """An inspection of the past."""
    return Inspection(unit=unit, on=on, domains=domains, directed=directed)


@pytest.mark.parametrize(
    ("on", "shut"),
    [
        pytest.param(date(2026, 8, 31), (), id="the 92nd day is free"),
        pytest.param(date(2026, 9, 1), DAYS[:1], id="the 91st is not"),
        pytest.param(date(2026, 9, 4), DAYS[:4], id="free from the weekend on"),
        pytest.param(date(2026, 9, 10), DAYS[:-1], id="one day is left"),
    ],
)
def test_a_unit_is_left_alone_for_92_days(on: date, shut: tuple[str, ...]) -> None:
    """Counted by hand: 31 August and 92 days is 1 December."""
    made = keep_gap(frame({"u": ("fire",)}), [past("u", on, "fire")], DAYS, 92)
    assert made.frame.closed.get("u", ()) == shut
    assert (made.closed, made.spared) == (0, 0)


def test_a_gap_over_every_day_leaves_the_unit_in_the_frame() -> None:
    """Closed on all days and all its domains kept: drawn, it is unplaced for all to see."""
    made = keep_gap(frame({"u": ("fire", "food")}), [past("u", date(2026, 11, 20), "fire", "food")], DAYS, 92)
    assert made.frame.closed == {"u": DAYS}
    assert made.frame.domains == {"u": ("fire", "food")}
    assert (made.closed, made.spared) == (1, 0)


def test_only_the_same_domains_are_left_alone() -> None:
    """Fire was inspected last week and is left out; food goes on; another unit's visit changes nothing."""
    made = keep_gap(
        frame({"u": ("fire", "food"), "v": ("fire", "food")}),
        [past("u", date(2026, 11, 20), "fire")],
        DAYS,
        92,
    )
    assert made.frame.domains == {"u": ("food",), "v": ("fire", "food")}
    assert made.frame.closed == {}
    assert (made.closed, made.spared) == (0, 1)


def test_an_order_opens_no_gap() -> None:
    """Else whoever orders could keep a unit out of the draw."""
    ordered = past("u", date(2026, 11, 20), "fire", directed=True)
    assert keep_gap(frame({"u": ("fire",)}), [ordered], DAYS, 92).frame.closed == {}
    both = [past("u", date(2026, 9, 2), "fire"), ordered]
    assert keep_gap(frame({"u": ("fire",)}), both, DAYS, 92).frame.closed == {"u": DAYS[:2]}


visits = st.lists(
    st.tuples(
        st.sampled_from("uv"),
        st.dates(date(2026, 8, 1), date(2026, 11, 30)),
        st.sets(st.sampled_from(["fire", "food", "dorms"]), min_size=1),
        st.booleans(),
    ),
    max_size=5,
)


@settings(deadline=None, max_examples=200)
@given(visits, st.integers(0, 130), st.sets(st.sampled_from(DAYS)))
def test_no_open_day_repeats_a_domain_too_soon(
    several: list[tuple[str, date, set[str], bool]], gap: int, before: set[str]
) -> None:
    """On every day that stays open no domain that stays was inspected less than the gap before; chances,
    units and days closed before are as they were; a longer gap never opens a day.
    """
    own = {"u": ("dorms", "fire"), "v": ("dorms", "fire", "food")}
    start = frame(own, {"u": tuple(sorted(before))})
    known = [past(unit, on, *sorted(names), directed=order) for unit, on, names, order in several]
    made = keep_gap(start, known, DAYS, gap).frame
    assert (made.units, made.shares) == (start.units, start.shares)
    for unit, domains in made.domains.items():
        assert domains
        assert set(domains) <= set(own[unit])
        shut = set(made.closed.get(unit, ()))
        assert set(start.closed.get(unit, ())) <= shut
        assert list(made.closed.get(unit, ())) == sorted(shut)
        for day in set(DAYS) - shut:
            for one in known:
                same = one.unit == unit and not one.directed and set(one.domains) & set(domains)
                assert not same or date.fromisoformat(day) - one.on >= timedelta(days=gap)
    if gap == 0:
        assert made == start


@pytest.mark.parametrize(
    ("scope", "units"),
    [("", "abc"), ("a", "a"), ("东镇", "ab"), ("青县", "abc"), ("senior", "b"), ("nobody", "")],
)
def test_a_black_out_closes_its_scope(scope: str, units: str) -> None:
    """Everybody, a unit, a township, a district, a kind; both ends included, other days open."""
    known = {
        "a": Unit(id="a", name="a", township="东镇", district="青县", kind="primary"),
        "b": Unit(id="b", name="b", township="东镇", district="青县", kind="senior"),
        "c": Unit(id="c", name="c", township="西镇", district="青县", kind="primary"),
    }
    out = Blackout(scope=scope, from_on=date(2026, 12, 4), to_on=date(2026, 12, 8), kind="exam")
    later = Blackout(scope="c", from_on=date(2027, 1, 4), to_on=date(2027, 1, 8), kind="exam")
    found = blacked_out(known, [out, later], DAYS)
    assert found == {unit: ["2026-12-04", "2026-12-07", "2026-12-08"] for unit in units}
    more = Blackout(scope="东镇", from_on=date(2026, 12, 8), to_on=date(2026, 12, 9), kind="exam")
    both = blacked_out(known, [out, more], DAYS)
    assert both == {
        unit: [*found.get(unit, ["2026-12-08"]), *(["2026-12-09"] if unit in "ab" else [])]
        for unit in sorted({*units, "a", "b"})
    }

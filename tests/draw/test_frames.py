"""A frame that the contract refuses is refused with the unit's name; field and frame are sorted."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.draw.frames import BadName, FrameUnit, TooLarge, field_record, frame_record
from auditor.entities import Staff

DOMAINS = ["fire", "food"]


def unit(**facts: Any) -> FrameUnit:
    """A unit of a frame with nothing wrong."""
    return FrameUnit(**{"id": "a", "stratum": "甲", "pi": 500_000, "domains": ("fire", "food"), **facts})


@pytest.mark.parametrize(
    ("units", "says"),
    [
        pytest.param([unit(id="a\u200b")], r"id 'a\\u200b' .*invisible", id="an invisible character shows"),
        pytest.param([unit(id="")], "empty", id="no id"),
        pytest.param([unit(id="e\u0301")], r"e\\u0301.*not NFC", id="a letter in two parts"),
        pytest.param([unit(stratum="甲\n")], r"stratum '甲\\n'", id="Chinese is readable"),
        pytest.param([unit(stratum="final")], "reserved", id="the last round's name"),
        pytest.param([unit(), unit(id="b"), unit(stratum="乙")], "unit a.*twice", id="one id twice"),
        pytest.param([unit(pi=0)], "unit a.*pi", id="no chance at all"),
        pytest.param([unit(pi=1_000_001)], "unit a.*pi", id="more than certain"),
        pytest.param([unit(domains=("dorms",))], "unit a.*dorms", id="a domain of another programme"),
        pytest.param([unit(domains=())], "unit a.*domains", id="nothing to inspect"),
    ],
)
def test_what_no_frame_may_hold_is_named(units: list[FrameUnit], says: str) -> None:
    """The sentence says which unit, what and why."""
    with pytest.raises(BadName, match=says):
        frame_record(units, DOMAINS)


def test_a_frame_is_sorted_and_says_only_what_differs() -> None:
    """By code point; a unit that has all domains does not list them."""
    units = [
        unit(id="学", closed=("2026-12-02", "2026-12-01")),
        unit(id="Z", pi=1_000_000, domains=("food",)),
        unit(id="a", domains=("food", "fire")),
    ]
    assert frame_record(units, DOMAINS[::-1]) == {
        "units": [
            {"id": "Z", "stratum": "甲", "pi": 1_000_000, "domains": ["food"]},
            {"id": "a", "stratum": "甲", "pi": 500_000},
            {"id": "学", "stratum": "甲", "pi": 500_000, "closed": ["2026-12-01", "2026-12-02"]},
        ]
    }


def test_a_field_is_sorted_and_without_repetition() -> None:
    """Lists of a person's facts too; the share of half-days is not public."""
    staff = [
        Staff(id="P02", domains=("food", "fire", "food"), free=("2026-12-02/morning", "2026-12-01/evening")),
        Staff(id="P01", domains=("fire",), conflict_units=("b", "a"), conflict_strata=("乙",)),
    ]
    assert field_record(staff, ["2026-12-02", "2026-12-01", "2026-12-02"]) == {
        "staff": [
            {
                "id": "P01",
                "domains": ["fire"],
                "conflicts": {"units": ["a", "b"], "strata": ["乙"]},
                "free": [],
            },
            {
                "id": "P02",
                "domains": ["fire", "food"],
                "conflicts": {"units": [], "strata": []},
                "free": ["2026-12-01/evening", "2026-12-02/morning"],
            },
        ],
        "days": ["2026-12-01", "2026-12-02"],
    }


def test_sizes_of_the_contract_are_borders() -> None:
    """300 staff, 400 days and 32 domains are taken; one more is not."""
    staff = [Staff(id=f"P{at:03d}", domains=("fire",)) for at in range(301)]
    days = [f"d{at:03d}" for at in range(401)]
    field_record(staff[:300], days[:400])
    frame_record([unit(domains=("d00",))], [f"d{at:02d}" for at in range(32)])
    with pytest.raises(TooLarge, match="301 staff"):
        field_record(staff, [])
    with pytest.raises(TooLarge, match="401 days"):
        field_record([], days)
    with pytest.raises(TooLarge, match="33 domains"):
        frame_record([], [f"d{at:02d}" for at in range(33)])

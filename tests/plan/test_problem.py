"""Which domains share a visit, and when its team may arrive."""

from __future__ import annotations

import pytest

from auditor.entities import Domain, Window
from auditor.plan.problem import arrivals, errands_of
from plan.world import DOMAINS, START


def visits(*keys: str) -> list[tuple[tuple[str, ...], int, list[str]]]:
    """Domains, minutes and half-days of each visit that a unit with these domains needs."""
    found = errands_of("u", "main", [DOMAINS[key] for key in keys], START)
    return [(one.domains, one.minutes, list(one.arrivals)) for one in found]


def test_a_kitchen_draws_the_other_domains_to_the_morning() -> None:
    """One visit of 75 minutes: fire and transport go along with the kitchen."""
    assert visits("fire", "food", "transport") == [(("fire", "food", "transport"), 75, ["morning"])]


def test_dormitories_have_a_visit_of_their_own() -> None:
    """Nothing else may be inspected in the evening, so a boarding school is visited twice."""
    assert visits("transport", "dorms", "food", "fire") == [
        (("dorms",), 40, ["evening"]),
        (("fire", "food", "transport"), 75, ["morning"]),
    ]


def test_without_a_kitchen_both_half_days_will_do() -> None:
    """Fire and transport are one visit in the morning or in the afternoon."""
    assert visits("fire", "transport") == [(("fire", "transport"), 45, ["morning", "afternoon"])]


def test_the_other_parts_may_come_before_the_kitchen() -> None:
    """With 30 of 75 minutes in the kitchen from 10:30 to 11:45, arrival is from 9:45 to 11:15.

    11:15 because the visit of 75 minutes must end by 12:30, before 11:45 binds.
    """
    assert arrivals([DOMAINS[key] for key in ("food", "fire", "transport")]) == {"morning": (585, 675)}
    assert arrivals([DOMAINS["food"]]) == {"morning": (630, 705)}


def test_windows_that_exclude_each_other_make_two_visits() -> None:
    """Two morning domains whose parts cannot both start in time are not put together."""
    early = Domain(
        key="a",
        version="1",
        zh="",
        en="",
        minutes=30,
        items=(),
        windows=(Window(slot="morning", latest=485),),
    )
    late = Domain(
        key="b",
        version="1",
        zh="",
        en="",
        minutes=30,
        items=(),
        windows=(Window(slot="morning", earliest=700),),
    )
    found = errands_of("u", "main", [late, early], START)
    assert [one.domains for one in found] == [("a",), ("b",)]


@pytest.mark.parametrize(("minutes", "fits"), [(255, True), (256, False)])
def test_a_visit_fits_into_its_half_day(minutes: int, fits: bool) -> None:
    """The afternoon has 255 minutes."""
    long = Domain(
        key="a", version="1", zh="", en="", minutes=minutes, items=(), windows=(Window(slot="afternoon"),)
    )
    assert bool(arrivals([long])) is fits

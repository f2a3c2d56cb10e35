"""The map of a plan: every unit a dot where they are few, circles of their counts where they are many."""

from __future__ import annotations

from auditor.pages.plan_map import MANY, plan_map


def test_few_units_are_dots_and_many_are_circles_within_the_field() -> None:
    """No unit is left out of either picture, and none lies outside it."""
    few = [(30.0 + at / 1000, 120.0 + at / 700) for at in range(40)]
    made = plan_map(few[0], few, [(few[3], "evening")], [("evening", [few[0], few[3]])], {}, [])
    assert (made.dots.count("M"), made.circles) == (len(few), ())
    assert (made.stops["evening"].count("M"), made.tours["evening"].count("L")) == (1, 2)
    several = [(30.0 + at % 50 / 1000, 120.0 + at // 50 / 700) for at in range(MANY + 1)]
    many = plan_map(several[0], several, [], [], {}, [])
    assert many.dots == ""
    assert 1 < len(many.circles) < MANY
    assert all(0 <= x <= many.width and 0 <= y <= many.height for x, y, _radius in many.circles)

"""The lotteries that a form proposes: the next one, and a later one; none in a pause for a holiday."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from auditor.workflow.draw_views import lotteries
from auditor.workflow.months import BEIJING, calendar


@pytest.mark.parametrize(
    ("now", "event", "later"),
    [
        (datetime(2026, 12, 1, 9, tzinfo=BEIJING), date(2026, 12, 1), date(2026, 12, 3)),
        (datetime(2026, 12, 1, 22, tzinfo=BEIJING), date(2026, 12, 3), date(2026, 12, 5)),
        (datetime(2026, 10, 1, 9, tzinfo=BEIJING), date(2026, 10, 8), date(2026, 10, 10)),
    ],
)
def test_the_next_lottery_is_proposed_and_a_later_one(now: datetime, event: date, later: date) -> None:
    """Today's where it is still to be drawn; over National Day none is drawn."""
    first, second = lotteries(now, calendar())
    assert (first.at.date(), second.at.date()) == (event, later)
    assert f"{event:%Y年%m月%d日}" in first.what
    assert first.form == second.form == "numbers:20:1:80"

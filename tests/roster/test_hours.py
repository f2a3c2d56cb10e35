"""Hours for pay: each minute once, in the class of its own day; duties by the day on which they start."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from auditor.entities import Duty, Post
from auditor.roster.hours import Hours, hours_of
from auditor.roster.problem import POSTS

FRIDAY = date(2026, 12, 4)
LEAD, DAY, NIGHT = POSTS


def cls(day: date) -> str:
    """Weekends as the week has them; New Year is off."""
    return "holiday" if (day.month, day.day) == (1, 1) else "weekend" if day.weekday() > 4 else "work"


def counted(*duties: tuple[date, Post]) -> Hours:
    """The hours of one person with these duties."""
    rows = [(Duty(day=day, post=post.id, person="o1"), post, False) for day, post in duties]
    return hours_of(rows, cls)["o1"]


def test_a_duty_over_midnight_is_parted_there() -> None:
    """From Friday 08:00 to Saturday 08:00: sixteen hours are Friday's, as is the duty; eight are at night."""
    own = counted((FRIDAY, LEAD))
    assert own.duties == {"work": 1, "weekend": 0, "holiday": 0}
    assert own.minutes == {"work": 16 * 60, "weekend": 8 * 60, "holiday": 0}
    assert (own.nights, own.night_minutes) == (1, 8 * 60)


def test_the_last_night_of_the_year_reaches_a_holiday() -> None:
    """18:00 to 08:00: six hours on 31 December, eight on 1 January."""
    own = counted((date(2026, 12, 31), NIGHT))
    assert own.minutes == {"work": 6 * 60, "weekend": 0, "holiday": 8 * 60}
    assert own.night_minutes == 8 * 60


def test_stand_by_is_counted_apart() -> None:
    """It is no duty and no hour on duty."""
    row = (Duty(day=FRIDAY, post="night", person="o1"), NIGHT, True)
    own = hours_of([row], cls)["o1"]
    assert (own.all_duties, own.all_minutes, own.nights, own.night_minutes) == (0, 0, 0, 0)
    assert (own.standby_duties, own.standby_minutes) == (1, 14 * 60)


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 1439), st.integers(1, 3000)), min_size=1, max_size=5
    )
)
def test_every_minute_counts_once_in_the_class_of_its_day(rows: list[tuple[int, int, int]]) -> None:
    """Minute by minute, counted by hand."""
    duties = []
    by_hand = dict.fromkeys(("work", "weekend", "holiday"), 0)
    night = 0
    for at, start, minutes in rows:
        day = FRIDAY + timedelta(days=at)
        duties.append((day, Post(id=f"p{at}", role="officer", start=start, minutes=minutes, night=False)))
        for minute in range(start, start + minutes):
            by_hand[cls(day + timedelta(days=minute // 1440))] += 1
            night += not 6 * 60 <= minute % 1440 < 22 * 60
    own = counted(*duties)
    assert own.minutes == by_hand
    assert own.night_minutes == night
    assert own.all_minutes == sum(minutes for _at, _start, minutes in rows)
    assert own.all_duties == len(rows)

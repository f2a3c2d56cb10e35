"""Half-days on which people are there for a visit: stand-by less leave, duty and rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from auditor.entities import Duty, Leave
from auditor.roster.problem import DAY, POSTS, half_day_minutes, rest_of

HALF_SLOTS = {"am": "morning", "pm": "afternoon"}
"""The half-day that a leave of half a day takes."""


def free_half_days(
    standby: Mapping[str, Sequence[str]], leave: Sequence[Leave], duties: Sequence[Duty]
) -> dict[str, tuple[str, ...]]:
    """Give everyone's free half-days, sorted: what everyone may know before the draw.

    Parameters
    ----------
    duties
        The published roster, with the last duties of the month before.
    """
    posts = {post.id: post for post in POSTS}
    epoch = date(2000, 1, 1)
    found = {}
    for person, half_days in sorted(standby.items()):
        away = [one for one in leave if one.person == person]
        busy = []
        for duty in duties:
            if duty.person == person:
                post = duty.spec or posts[duty.post]
                start = (duty.day - epoch).days * DAY + post.start
                busy.append((start, start + post.minutes + rest_of(post)))
        free = []
        for half_day in sorted(half_days):
            begins, ends = half_day_minutes(half_day, epoch)
            day = epoch + timedelta(days=begins // DAY)
            slot = half_day.rpartition("/")[2]
            on_leave = any(
                one.from_on <= day <= one.to_on and (not one.half or HALF_SLOTS[one.half] == slot)
                for one in away
            )
            if not on_leave and not any(start < ends and begins < rested for start, rested in busy):
                free.append(half_day)
        found[person] = tuple(free)
    return found

"""When a tour comes where with a unit that stands in: the way is longer or shorter, the half-day is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.entities import SLOTS
from auditor.plan import legs
from auditor.workflow import plans
from auditor.workflow.means import frozen_travel


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """Minutes of the day: when the team is at a visit, and when it is back; `ends` is the half-day's end."""

    arrives: int
    back: int
    ends: int

    @property
    def late(self) -> bool:
        """Whether the team is not back within the half-day."""
        return self.back > self.ends


def tour(
    visit: str, stops: Sequence[Mapping[str, Any]], parts: Mapping[str, Any], start: str = ""
) -> Tour | None:
    """Drive a sortie by the frozen ways: nobody leaves a stop before the minute that was planned there.

    Parameters
    ----------
    visit
        The id of the stop that is asked about.
    stops
        The visits of the sortie; `unit` is whom the team really meets.
    start
        Where it starts and ends if not at the usual place.

    Returns
    -------
    None where no table and no point says how far one of its units is.
    """
    slot = stops[0]["slot"]
    now, here, arrives = SLOTS[slot][0], start, 0
    try:
        for stop in sorted(stops, key=lambda one: (one["start"], one["id"])):
            hour, minute = map(int, stop["start"].split(":"))
            now = max(now + _minutes(here, stop["unit"], parts), 60 * hour + minute)
            if stop["id"] == visit:
                arrives = now
            now, here = now + stop["minutes"], stop["unit"]
        back = now + _minutes(here, start, parts)
    except KeyError:
        return None
    return Tour(arrives=arrives, back=back, ends=SLOTS[slot][1])


def _minutes(here: str, there: str, parts: Mapping[str, Any]) -> int:
    """Give the minutes of a leg; raises KeyError for a place that nobody knows."""
    travel = frozen_travel(parts.get("travel"))
    if travel is not None:
        return travel.minutes[travel.places[here]][travel.places[there]]
    places = plans.frozen_places(parts["places"])
    known = {"": places.start, **places.starts, **places.points}
    far = legs.metres(known[here], known[there], plans.FACTOR)
    return legs.minutes(far, plans.SPEED_KMH)

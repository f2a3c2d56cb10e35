"""The best roster out of the schedules at hand, by branch and bound, begun with the best one known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor import solving
from auditor.roster.shifts.clock import Clock
from auditor.roster.shifts.master import Master
from auditor.roster.shifts.staffing import Schedule

MOST = 6_000
"""Schedules to choose from at most: those dearest beside the relaxation's prices stay out."""


def choose(
    master: Master,
    best: Mapping[int, Schedule],
    gap: float,
    clock: Clock,
    seconds: float = 30.0,
    nodes: int = 2_000,
) -> dict[int, Schedule]:
    """Choose a schedule for each person of `master`; gives `best` where nothing better was found.

    Only schedules whose reduced cost is below `gap` can be part of anything better.
    """
    for one, schedule in best.items():
        master.add(one, [schedule])
    if not master.solve():
        return dict(best)
    dear = master.reduced()
    own = {(one, schedule) for one, schedule in best.items()}
    order = sorted(range(len(master.columns)), key=lambda at: (master.columns[at] not in own, dear[at], at))
    kept = [at for at in order[:MOST] if dear[at] < gap or master.columns[at] in own]
    columns = [(master.costs[at], master.entries(*master.columns[at])) for at in kept]
    start = [place for place, at in enumerate(kept) if master.columns[at] in own]
    chosen = solving.choose(
        master.ends(),
        columns,
        master.slack(),
        start,
        nodes=nodes,
        seconds=min(seconds, clock.left) if clock.end is not None else None,
    )
    if chosen.status not in (solving.OPTIMAL, solving.FEASIBLE):
        return dict(best)
    return dict(master.columns[kept[place]] for place in chosen.columns)


def worth(master: Master, rows: Mapping[int, Schedule]) -> int:
    """What these schedules of the master's people cost, with the cover."""
    ground = master.ground
    own = sum(ground.personal(one, schedule) for one, schedule in rows.items())
    gap = master.need - ground.there(list(rows.values()))
    under, over = gap.clip(min=0) * ground.under, (-gap).clip(min=0) * ground.over
    return int(own + under.sum() + over.sum())


def pool(master: Master, columns: Sequence[tuple[int, Schedule]]) -> None:
    """Add schedules to those of a master."""
    for one, schedule in columns:
        master.add(one, [schedule])

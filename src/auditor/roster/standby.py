"""The public stand-by pattern (外勤待命): a fixed shape, equal for all, set before roster and draw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from auditor.entities import Inspector

SHAPE = ("morning", "afternoon", "morning", "evening", "morning", "afternoon", "morning", "evening")
"""A month's eight half-days of everyone: morning, afternoon and evening as 4 : 2 : 2."""

BLOCK = 4
"""People who stand by together, enough for two teams."""


def blocks(inspectors: Sequence[Inspector]) -> list[list[str]]:
    """Part the Inspectors into blocks of about four that mix departments and hold many domains.

    Dealt out one by one, department by department, each to the block with the fewest of his
    department (then to the one that lacks most of his domains, then to the smaller, then to the
    first), so that every block can send teams for every domain as far as the staff allow. Sizes
    differ by one at most. Nothing secret is read.

    Returns
    -------
    Ids, each block sorted; one block for fewer than six people, none for nobody.
    """
    if not inspectors:
        return []
    count = max(1, round(len(inspectors) / BLOCK))
    size, larger = divmod(len(inspectors), count)
    by_department: dict[str, list[Inspector]] = {}
    for one in sorted(inspectors, key=lambda one: (-len(one.domains), one.id)):
        by_department.setdefault(one.department, []).append(one)
    queue = [one for name in sorted(by_department) for one in by_department[name]]
    dealt: list[list[Inspector]] = [[] for _ in range(count)]
    for one in queue:
        may_grow = sum(len(block) > size for block in dealt) < larger
        open_blocks = [
            at for at in range(count) if len(dealt[at]) < size + (may_grow and len(dealt[at]) == size)
        ]

        def wish(at: int, one: Inspector = one) -> tuple[int, int, int, int]:
            held = [domain for other in dealt[at] for domain in other.domains]
            colleagues = sum(other.department == one.department for other in dealt[at])
            return (colleagues, sum(held.count(domain) for domain in one.domains), len(dealt[at]), at)

        dealt[min(open_blocks, key=wish)].append(one)
    return [sorted(one.id for one in block) for block in dealt]


def standby(inspectors: Sequence[Inspector], days: Sequence[date]) -> dict[str, tuple[str, ...]]:
    """Give everyone's stand-by half-days of a month, eight where the month has days enough.

    The rounds of `SHAPE` go over the month evenly; in each round every block has its turn, so all
    have the same number of mornings, afternoons and evenings.

    Parameters
    ----------
    days
        The month's working days.

    Returns
    -------
    Half-days like ``2026-12-01/morning``, sorted, by id; the same number for everyone.
    """
    parts = blocks(inspectors)
    ordered = sorted(days)
    turns = len(SHAPE) * len(parts)
    found: dict[str, set[str]] = {one: set() for part in parts for one in part}
    for number, slot in enumerate(SHAPE):
        for at, part in enumerate(parts):
            if not ordered:
                continue
            day = ordered[(number * len(parts) + at) * len(ordered) // turns]
            for one in part:
                found[one].add(f"{day:%Y-%m-%d}/{slot}")
    # in a month of few working days two rounds may fall on one half-day: all give up as many
    fewest = min((len(half_days) for half_days in found.values()), default=0)
    return {one: tuple(sorted(half_days)[:fewest]) for one, half_days in sorted(found.items())}

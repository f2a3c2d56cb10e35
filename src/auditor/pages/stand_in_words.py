"""What is told when the next of the reserve order stands in for a unit that cannot be visited."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.i18n import N_, _, listed

REASONS = (N_("lessons suspended"), N_("closed for good"), N_("disaster"), N_("road blocked"))
"""The usual reasons."""


def stand_in_lines(
    name: str,
    *,
    joined: str = "",
    barred: Sequence[str] = (),
    shut: bool = False,
    arrives: str = "",
    back: str = "",
    late: str = "",
    ids: bool = True,
) -> list[tuple[str, bool]]:
    """Give the sentences about a unit that stands in, each with whether somebody must act upon it.

    Parameters
    ----------
    joined
        The id of the visit by which the same team goes there anyway, or "".
    barred
        The names of members of the team who must not inspect it.
    arrives, back
        When the team is there and back, "" where nobody knows.
    late
        When the half-day ends, if the team is back after that.
    ids
        Whether visits are named by their ids, which are typed at a command line only.
    """
    lines: list[tuple[str, bool]] = []
    if joined:
        text = _("the same team goes to {name} anyway (visit {visit}): one stop, both visits")
        if not ids:
            text = _("the same team goes to {name} anyway: one stop, both visits")
        lines.append((text.format(name=name, visit=joined), False))
    if barred:
        lines.append(
            (
                _("{people} must not inspect {name} (conflict of interest): send somebody else").format(
                    people=listed(barred), name=name
                ),
                True,
            )
        )
    if shut:
        lines.append(
            (_("{name} cannot be visited on that day: its closed days say so").format(name=name), True)
        )
    if arrives and not joined:
        line = _("the team is there at {arrives} and back at {back}").format(arrives=arrives, back=back)
        if late:
            line += _(
                ", after the end of its half-day ({ends}): tell the driver and the units after it, or give "
                "one of them another day (`auditor plan repair --move`)"
            ).format(ends=late)
        lines.append((line, bool(late)))
    return lines

"""Who is drawn, section 4 of the contract: hierarchical pivotal sampling on whole numbers, and Poisson."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from auditor.draw.prf import Coins, prf
from auditor.draw.probabilities import MILLION


class CoinSource(Protocol):
    """What a duel needs: a whole number below m."""

    def below(self, m: int) -> int:
        """Give a whole number from 0 to m - 1."""


def duel(order: Iterable[tuple[str, int]], coins: CoinSource, chosen: list[str]) -> tuple[str, int] | None:
    """Walk units in an order, two at a time; add who is chosen, give who is held at the end.

    With i holding a and j holding b, t = a + b: while t ≤ D one stays and carries t; else one is
    chosen and the other carries t − D. Each unit's chance is exactly its own (Deville and Tillé,
    "Unequal probability sampling without replacement through a splitting method", 1998).
    """
    held: tuple[str, int] | None = None
    for unit, pi in order:
        if pi == MILLION:
            chosen.append(unit)
        elif held is None:
            held = (unit, pi)
        else:
            name, carried = held
            total = carried + pi
            if total <= MILLION:
                stays = name if coins.below(total) < carried else unit
                held = (stays, total)
                if total == MILLION:
                    chosen.append(stays)
                    held = None
            else:
                first = coins.below(2 * MILLION - total) < MILLION - pi
                chosen.append(name if first else unit)
                held = (unit if first else name, total - MILLION)
    return held


def draw_pivotal(
    units: Sequence[Mapping[str, Any]],
    key: bytes,
    coins: Callable[[str], CoinSource] | None = None,
) -> list[str]:
    """Draw units of a frame, fixed size, every stratum within one of its sum.

    Parameters
    ----------
    units
        Records with ``id``, ``stratum`` and ``pi`` in millionths whose sum is whole.
    key
        The key of this draw.
    coins
        Makes the coins of a label; those of the contract where it is not given.

    Returns
    -------
    The ids drawn, sorted.
    """
    toss = coins or (lambda label: Coins(key, label))
    strata: dict[str, list[Mapping[str, Any]]] = {}
    for unit in units:
        strata.setdefault(unit["stratum"], []).append(unit)
    chosen: list[str] = []
    last: list[tuple[str, int]] = []
    for stratum in sorted(strata):
        ordered = sorted(strata[stratum], key=lambda unit: (prf(key, "order", unit["id"]), unit["id"]))
        held = duel(((unit["id"], unit["pi"]) for unit in ordered), toss("duel/" + stratum), chosen)
        if held:
            last.append(held)
    last.sort(key=lambda held: (prf(key, "order2", held[0]), held[0]))
    left = duel(last, toss("duel/final"), chosen)
    if left:
        raise ValueError("the probabilities do not sum to a whole number")
    return sorted(chosen)


def draw_poisson(units: Sequence[Mapping[str, Any]], key: bytes) -> list[str]:
    """Draw each unit by itself with its own probability; give the ids drawn, sorted."""
    return sorted(
        unit["id"] for unit in units if Coins(key, "topup/" + unit["id"]).below(MILLION) < unit["pi"]
    )


def reserve_order(
    units: Sequence[Mapping[str, Any]], drawn: Collection[str], key: bytes
) -> dict[str, list[str]]:
    """Give the replacements of each stratum in their fixed order, those first that come first."""
    order: dict[str, list[str]] = {}
    for unit in sorted(units, key=lambda unit: (prf(key, "reserve", unit["id"]), unit["id"])):
        if unit["id"] not in drawn:
            order.setdefault(unit["stratum"], []).append(unit["id"])
    return dict(sorted(order.items()))

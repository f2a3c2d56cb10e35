"""The lie of the land, measured once: who is near whom, and in which direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.leak.records import Counts, County, Flags, Floats

EARTH_KM = 6_371.0088


@dataclass(frozen=True, slots=True)
class Ground:
    """Kilometres between units and from the start; bearings from there in radians; who shares a
    town, who a stratum; the number of the start that each is visited from."""

    km: Floats
    from_start_km: Floats
    bearing: Floats
    same_town: Flags
    same_stratum: Flags
    base: Counts


def ground_of(county: County) -> Ground:
    """Measure a county: great circles, no roads."""
    points = np.radians(np.array(county.points, dtype=np.float64).reshape(-1, 2))
    starts = np.radians(np.array(county.starts, dtype=np.float64).reshape(-1, 2))
    north = points[:, 0] - starts[:, 0]
    east = (points[:, 1] - starts[:, 1]) * np.cos(starts[:, 0])
    towns, strata = np.array(county.towns), np.array(county.strata)
    return Ground(
        km=_km(points[:, None, :], points[None, :, :]),
        from_start_km=_km(points, starts),
        bearing=np.arctan2(east, north),
        same_town=towns[:, None] == towns[None, :],
        same_stratum=strata[:, None] == strata[None, :],
        base=np.array([sorted(set(county.starts)).index(one) for one in county.starts], dtype=np.int64),
    )


def _km(a: Floats, b: Floats) -> Floats:
    across = np.sin((b[..., 1] - a[..., 1]) / 2) ** 2
    half = np.sin((b[..., 0] - a[..., 0]) / 2) ** 2 + np.cos(a[..., 0]) * np.cos(b[..., 0]) * across
    found: Floats = 2 * EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(half)))
    return found

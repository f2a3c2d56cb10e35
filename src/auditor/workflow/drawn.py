"""A number with its key: what was frozen and published, and who was drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.draw import lots, seed, units
from auditor.draw.canon import canon, digest
from auditor.draw.prf import prf
from auditor.draw.transcript import transcript
from auditor.entities import Staff
from auditor.errors import AuditorError
from auditor.i18n import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One commitment, its key, and the units of each of its draws; secret until the period closes.

    `staff` are those of the field, with the half-days that a plan may use; `staff_key` gives the
    neutral id of each Inspector.
    """

    commit: Mapping[str, Any]
    commit_sha256: str
    frames: Mapping[str, Mapping[str, Any]]
    field: Mapping[str, Any]
    staff: tuple[Staff, ...]
    staff_key: Mapping[str, str]
    shares: tuple[bytes, ...]
    beacon: Mapping[str, str]
    key: bytes
    units: Mapping[str, tuple[str, ...]]

    @property
    def spec(self) -> Mapping[str, Any]:
        """What the commitment fixes for all its draws."""
        spec: Mapping[str, Any] = self.commit["spec"]
        return spec

    @property
    def chosen(self) -> tuple[str, ...]:
        """All units drawn in any draw, sorted."""
        return tuple(sorted({unit for drawn in self.units.values() for unit in drawn}))

    @property
    def strata(self) -> dict[str, str]:
        """The stratum of each unit of the frames."""
        return strata_of(self.frames)

    @property
    def windows(self) -> dict[str, tuple[str, str]]:
        """The window of each draw."""
        return windows_of(self.commit)

    @property
    def closed(self) -> dict[str, frozenset[str]]:
        """The days on which units cannot be visited, whichever frame says so."""
        return closed_days(self.frames)

    @property
    def demand(self) -> dict[str, dict[str, list[str]]]:
        """For each draw the domains to be inspected at each drawn unit, by lot where the spec says so."""
        each = self.spec.get("domains_each")
        found: dict[str, dict[str, list[str]]] = {}
        for name, drawn in self.units.items():
            wanted = set(drawn)
            found[name] = {}
            for one in self.frames[name]["units"]:
                if one["id"] in wanted:
                    own = list(one.get("domains", self.spec["domains"]))
                    if each is not None:
                        own = lots.domains_by_lot(self.key, one["id"], own, each)
                    found[name][one["id"]] = own
        return found

    def order_of(self, draw: str, several: Sequence[str]) -> list[str]:
        """Give units of one stratum in the order in which a draw walks over them."""
        key = seed.draw_key(self.key, draw)
        return sorted(several, key=lambda unit: (prf(key, "order", unit), unit))

    def reserves(self) -> dict[str, dict[str, list[str]]]:
        """For each draw and stratum the order in which others replace its units."""
        return {
            name: units.reserve_order(frame["units"], set(self.units[name]), seed.draw_key(self.key, name))
            for name, frame in self.frames.items()
        }


def strata_of(frames: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Give the stratum of each unit of some frames."""
    return {one["id"]: one["stratum"] for frame in frames.values() for one in frame["units"]}


def windows_of(commit: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Give the window of each draw of a commitment."""
    return {one["key"]: (one["from"], one["to"]) for one in commit["draws"]}


def closed_days(frames: Mapping[str, Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """Give the days on which units cannot be visited, whichever frame says so."""
    found: dict[str, set[str]] = {}
    for frame in frames.values():
        for one in frame["units"]:
            if "closed" in one:
                found.setdefault(one["id"], set()).update(one["closed"])
    return {unit: frozenset(days) for unit, days in found.items()}


def frames_of(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Give the frames among the frozen parts of a number, by draw."""
    return {name.removeprefix("frame/"): one for name, one in parts.items() if name.startswith("frame/")}


def draw_number(
    *,
    commit: Mapping[str, Any],
    commit_sha256: str,
    frames: Mapping[str, Mapping[str, Any]],
    field: Mapping[str, Any],
    half_days: Mapping[str, int],
    staff_key: Mapping[str, str],
    shares: Sequence[bytes],
    beacon: Mapping[str, str],
) -> Drawn:
    """Run the draws of a commitment: the key from shares and value, then every draw by its own key.

    Parameters
    ----------
    half_days
        How many half-days a plan may use of each person, by neutral id.
    """
    key = seed.seed_key(shares, commit_sha256, beacon["value"])
    drawn = {}
    for one in commit["draws"]:
        draw = units.draw_pivotal if one["method"] == "pivotal" else units.draw_poisson
        drawn[one["key"]] = tuple(draw(frames[one["key"]]["units"], seed.draw_key(key, one["key"])))
    return Drawn(
        commit=commit,
        commit_sha256=commit_sha256,
        frames=frames,
        field=field,
        staff=staff_of_field(field, half_days),
        staff_key=dict(staff_key),
        shares=tuple(shares),
        beacon=dict(beacon),
        key=key,
        units=drawn,
    )


def draw_frozen(
    record: Mapping[str, Any],
    parts: Mapping[str, Any],
    shares: Sequence[bytes],
    beacon: Mapping[str, str],
) -> Drawn:
    """Run the draws of a committed number from its frozen parts; raises FrozenAltered."""
    check_frozen(record, parts)
    return draw_number(
        commit=record["commit"],
        commit_sha256=record["commit_sha256"],
        frames=frames_of(parts),
        field=parts["field"],
        half_days={one["id"]: one["half_days"] for one in parts["staff"].values()},
        staff_key={own: one["id"] for own, one in parts["staff"].items()},
        shares=shares,
        beacon=beacon,
    )


class FrozenAltered(AuditorError):
    """What was frozen is no longer what was hashed."""

    sentence = N_(
        "number {number}: {what} in this file is not what was frozen ({sha256}…): bring a backup back, "
        "or see "
        "`auditor log verify`"
    )


def hashed(part: object) -> str:
    """Give the hash of a frozen part; what is kept by ids that are no ASCII is hashed as pairs, in order.

    A register without codes is told apart by names, and canonical bytes know ASCII keys only.
    """
    return digest(canon(_paired(part)))


def _paired(value: object) -> object:
    if isinstance(value, Mapping):
        known = {key: _paired(one) for key, one in value.items()}
        return known if "".join(known).isascii() else [[key, known[key]] for key in sorted(known)]
    if isinstance(value, list | tuple):
        return [_paired(one) for one in value]
    return value


def check_frozen(record: Mapping[str, Any], parts: Mapping[str, Any]) -> None:
    """Refuse frozen parts that do not give the hashes of a number's record; raises FrozenAltered."""
    wanted = {f"frame/{one['key']}": one["frame_sha256"] for one in record["draws"]}
    wanted |= {
        "field": record["facts"]["field_sha256"],
        "staff": record["staff_sha256"],
        "places": record["places_sha256"],
    }
    if "means_sha256" in record:  # numbers of an earlier version were frozen without
        wanted["means"] = record["means_sha256"]
    if "travel_sha256" in record:  # only where the bureau has a travel table
        wanted["travel"] = record["travel_sha256"]
    if "commit" in record and digest(canon(record["commit"])) != record["commit_sha256"]:
        raise FrozenAltered(number=record["number"], what="commit", sha256=record["commit_sha256"][:8])
    for part, sha256 in sorted(wanted.items()):
        if part not in parts or hashed(parts[part]) != sha256:
            raise FrozenAltered(number=record["number"], what=part, sha256=sha256[:8])


def staff_of_field(field: Mapping[str, Any], half_days: Mapping[str, int]) -> tuple[Staff, ...]:
    """Read the staff of a field."""
    return tuple(
        Staff(
            id=one["id"],
            domains=tuple(one["domains"]),
            conflict_units=tuple(one["conflicts"]["units"]),
            conflict_strata=tuple(one["conflicts"]["strata"]),
            free=tuple(one["free"]),
            share=half_days[one["id"]],
        )
        for one in field["staff"]
    )


def closed_transcript(
    drawn: Drawn,
    visits: Sequence[Mapping[str, Any]],
    unplaced: Sequence[Mapping[str, Any]],
    departures: Sequence[Mapping[str, Any]],
    outcomes: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Write the closed transcript of a number."""
    return transcript(
        commit=drawn.commit,
        frames=drawn.frames,
        field=drawn.field,
        shares=drawn.shares,
        beacon=drawn.beacon,
        key=drawn.key,
        drawn=drawn.units,
        plan=visits,
        unplaced=unplaced,
        departures=departures,
        outcomes=outcomes,
    )

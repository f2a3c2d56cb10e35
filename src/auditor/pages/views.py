"""What the pages show, as frozen values; the hall fills them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from auditor.entities import CalendarDay, Item


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """A unit on the map; `slots` are the half-days of its visits, empty for one that was not drawn."""

    name: str
    lat: float
    lng: float
    drawn: bool = False
    slots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultView:
    """A fault that was found at a unit before: its day, the item's code and severity, what it was."""

    day: date
    code: str
    severity: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """One visit of a sortie, as printed.

    `visit` is its id; `instead_of` the name of the unit that was drawn where this one stands in, else "";
    `went` whether, as far as anybody recorded, the team went there; `standing` what is known of the unit
    as a whole, in words or ""; `faults` are those on record, the newest first. `at_stop_of` is the arrival of
    the visit with which it shares one stop, or ""; `ordered` whether somebody ordered it; `outcome` what
    became of it, in words or "".
    """

    start: str
    minutes: int
    unit: str
    unit_id: str
    kind: str
    township: str
    domains: tuple[str, ...]
    lat: float
    lng: float
    stand_in: bool
    checklists: tuple[tuple[str, tuple[Item, ...]], ...] = ()
    visit: str = ""
    instead_of: str = ""
    went: bool = True
    standing: str = ""
    faults: tuple[FaultView, ...] = ()
    at_stop_of: str = ""
    ordered: bool = False
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SortieView:
    """One team's half-day."""

    key: str
    day: date
    slot: str
    team: tuple[str, ...]
    lead: str
    metres: int
    stops: tuple[StopView, ...]
    seats: Mapping[str, int] = field(default_factory=dict)
    """Seats that others fill, by who fills them: a line each to write a name on."""
    start: tuple[float, float] | None = None
    """Where it starts and ends, latitude and longitude, if that is not the usual place."""
    start_name: str = ""
    sealed: bool = False
    """Whether a visit of it was not released yet."""
    fallen: bool = False
    """Whether nobody drives it: its visits fell away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnView:
    """A drawn unit: how likely it was (millionths), its risk share and what that consists of."""

    unit: str
    unit_id: str
    township: str
    kind: str
    pi: int
    share: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    """An unplaced unit or a departure: what, and why in words."""

    what: str
    why: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyView:
    """One duty: who, on which post."""

    post: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FairView:
    """One person's counters: class to (carried, new); `role` as in the data."""

    name: str
    role: str
    counters: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """A person as the printed roster shows him."""

    name: str
    post: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthView:
    """A month of the demonstration, whole: what ``summary.html`` and the workbooks show."""

    bureau: str
    month: str
    synthetic: bool
    provisional: bool
    invented_people: bool = False
    """Whether someone on duty is of the synthetic county while the register is real."""
    sources: tuple[Mapping[str, object], ...]
    days: tuple[CalendarDay, ...]
    headlines: tuple[str, ...]
    notes: tuple[str, ...]
    next_steps: tuple[str, ...]
    figures: tuple[tuple[str, str, str], ...]
    """(number, what it counts, detail)."""
    commit_sha256: str
    plan_root: str
    command: str
    start: tuple[float, float]
    places: tuple[PlaceView, ...]
    sorties: tuple[SortieView, ...]
    drawn: tuple[DrawnView, ...]
    unplaced: tuple[NoteView, ...]
    departures: tuple[NoteView, ...]
    duties: Mapping[date, tuple[DutyView, ...]]
    fairness: tuple[FairView, ...]
    standby: Mapping[str, tuple[str, ...]]
    people: Mapping[str, PersonView]
    """Every name on the roster to post and telephone."""

"""What the outputs of one plan show, as frozen values; the hall fills them with what its door lets through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from auditor.pages.views import NoteView, PlaceView, SortieView


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A plan, or as much of it as may be seen.

    `marks` stand above every page (a demonstration), `secret` above those that tell what was not released
    yet; `drill` marks a rehearsal. `today` decides
    whether a day is over. `sorties` are by day and half-day, each of visits that may be seen; `partners`
    are the seats that other bodies fill, by telephone, in words. `places` hold no name of a unit that
    may not be seen. `fallen` are visits to which nobody goes, by their sorties.
    """

    bureau: str
    programme: str
    number: int
    first: date
    last: date
    marks: tuple[str, ...]
    drill: bool
    today: date
    start: tuple[float, float]
    places: tuple[PlaceView, ...]
    sorties: tuple[SortieView, ...]
    unplaced: tuple[NoteView, ...]
    departures: tuple[NoteView, ...]
    partners: tuple[str, ...] = ()
    secret: str = ""
    fallen: tuple[SortieView, ...] = ()

    def marks_of(self, sorties: Sequence[SortieView] | None = None) -> list[str]:
        """Give the marks of a page that tells these sorties; without any named, all of the plan."""
        hidden = self.secret and (sorties is None or any(one.sealed for one in sorties))
        return [*self.marks, *([self.secret] if hidden else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalView:
    """A plan on counts only: no field in which a unit, a person of a team or the day of a visit could stand.

    `domains` and `unplaced` are names or reasons in words, each with its count; `half_days` are those used
    and those that the plan might use; `metres` all that is driven, None of few visits; `annex` is the file's name and
    `annex_sha256` its fingerprint; `secrecy` what the plan says of its secrecy, in a sentence. After
    `repairs` all counts are of the plan as it stands, `ordered` of its visits by somebody's order and
    `ordered_left` more that no day was found for; `unplaced` are drawn ones only. Root and annex stay those
    that were sealed.
    """

    bureau: str
    programme: str
    basis: str
    number: int
    level: str
    drill: bool
    first: date
    last: date
    units: int
    sorties: int
    visits: int
    days: int
    half_days: tuple[int, int]
    metres: int | None
    domains: tuple[tuple[str, int], ...]
    unplaced: tuple[tuple[str, int], ...]
    plan_root: str
    annex: str
    annex_sha256: str
    secrecy: str = ""
    repairs: int = 0
    ordered: int = 0
    ordered_left: int = 0

"""What the papers and the screen of a ceremony show, as frozen values; the hall fills them.

Fingerprints are 64 lower-case hexadecimal digits, moments are aware, `drill` marks a rehearsal on every
page. No view but that of the bureau's published list has a field in which a Unit could stand.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """A public event or its fallback, as announced.

    `form` says in words how the value is spelled; `numbers` is how many numbers it has, 0 for a value of
    hexadecimal digits.
    """

    what: str
    at: datetime
    form: str
    numbers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameView:
    """The frozen list of one draw of the number; `n` is 0 where each unit's chance stands alone."""

    key: str
    n: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareView:
    """A share's public half; `custodian` is empty where the office's computer made it."""

    custodian: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolView:
    """What is printed and signed before the event.

    `units` and `n` are N and n of the main draw, `floor` is in millionths, `certain` counts the units whose
    chance is 1, `previous` is 64 zeros for number 1. `published_at` says where else the fingerprint is
    published; empty leaves a line to fill in.
    """

    bureau: str
    number: int
    programme: str
    first: date
    last: date
    basis: str
    level: str
    units: int
    n: int
    floor: int
    certain: int
    frames: tuple[FrameView, ...]
    field_sha256: str
    shares: tuple[ShareView, ...]
    event: EventView
    fallback: EventView
    previous: str
    commit_sha256: str
    published_at: str = ""
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessScreenView:
    """What a projector shows to all; `value` and `plan_root` are empty until they are there."""

    bureau: str
    number: int
    programme: str
    units: int
    n: int
    event: EventView
    commit_sha256: str
    value: str = ""
    plan_root: str = ""
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePaperView:
    """A share on paper: `share` is the secret itself, 64 hexadecimal digits. It is not shown by repr."""

    number: int
    custodian: str
    share_sha256: str
    share: str
    drill: bool = False

    def __repr__(self) -> str:
        """Leave the secret out of tracebacks and logs."""
        told = ", ".join(
            f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.name != "share"
        )
        return f"SharePaperView({told})"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """What is printed and signed after the draw.

    `source` is "event" or "fallback", `event` the one of the two that counted, `occurred_at` when its value
    was published, `drawn` how many units the main draw gave; `plan_root` is empty until the plan is sealed.
    """

    bureau: str
    number: int
    programme: str
    first: date
    last: date
    level: str
    units: int
    drawn: int
    commit_sha256: str
    source: str
    event: EventView
    value: str
    occurred_at: datetime
    custodians: tuple[str, ...] = ()
    plan_root: str = ""
    published_at: str = ""
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """What is left at a visited school; without unit and day, so that a stack can be printed before."""

    bureau: str
    number: int
    programme: str
    first: date
    last: date
    commit_sha256: str
    plan_root: str
    published_at: str = ""
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRowView:
    """A row of the bureau's published list (抽查事项清单), in the order of its ten columns."""

    item: str
    sub_item: str
    basis: str
    body: str
    objects: str
    share: str
    frequency: str
    way: str
    staff: str
    remarks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeRowView:
    """The published list; `programme` names what its rows belong to."""

    bureau: str
    programme: str
    rows: tuple[ItemRowView, ...]
    drill: bool = False

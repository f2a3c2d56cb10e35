"""The words of the field as frozen values. Standard library only; checked once when made.

Times of a day are minutes from its midnight. A half-day is written ``2026-12-01/morning``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta, timezone

BUREAU_CLOCK = timezone(timedelta(hours=8))
"""The clock of every moment that is told or names no zone: the bureau's, wherever the machine stands."""

KINDS: Mapping[str, str] = {
    "kindergarten": "幼儿园", "primary": "小学", "junior": "初级中学", "senior": "高级中学",
    "nine-year": "九年一贯制学校", "complete": "完全中学", "vocational": "职业学校",
    "special": "特殊教育学校", "training": "培训机构",
}  # fmt: skip
"""What a Unit can be, with its word in a Chinese sheet; "" where the register does not say."""

SLOTS: Mapping[str, tuple[int, int]] = {
    "morning": (8 * 60, 12 * 60 + 30),
    "afternoon": (13 * 60 + 30, 17 * 60 + 45),
    "evening": (18 * 60, 21 * 60 + 30),
}
"""The half-days: a tour leaves the start and is back within these minutes."""

ANSWERS = ("pass", "partly", "fail", "na", "not-checked")

SEVERITIES = ("veto", "major", "general")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What is inspected: a school, kindergarten or training centre.

    ``None`` and ``""`` mean that the register does not say. `lat` and `lng` are WGS-84 degrees,
    both or neither. `tags` are sorted. `closed` is "" for a Unit in operation, else the ISO date
    on which it closed, or "true" where the date is not known. `site_of` is "", or the id of the
    Unit whose Site this is (校区, 教学点): a Site belongs to its Unit and is never listed or drawn.
    """

    id: str
    name: str
    kind: str = ""
    district: str = ""
    township: str = ""
    lat: float | None = None
    lng: float | None = None
    students: int | None = None
    boarders: int | None = None
    canteen: bool | None = None
    buses: int | None = None
    tags: tuple[str, ...] = ()
    ownership: str = ""
    sponsor: str = ""
    parent: str = ""
    closed: str = ""
    site_of: str = ""

    @property
    def stratum(self) -> str:
        """The default stratum: the township, else the district, else the kind, else 全部."""
        return self.township or self.district or self.kind or "全部"


DUTY_ROLES = ("leader", "officer", "driver", "network")
"""Whose post somebody may fill at the duty desk: leader, officer, driver, network desk."""

ROLES = (*DUTY_ROLES, "inspector")
"""What an office-holder can do: lead a duty, stand on duty, drive, keep the network desk, inspect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An office-holder: name, post, duty telephone and what duty and visits need; nothing else.

    `roles` are some of ROLES, in that order. `domains` and `conflicts` (Unit ids, districts or
    townships) are sorted; `half_days` is a month's share of visits; `share` is what part of a full
    duty load he bears, above 0 to 1. `from_on` and `to_on` are his first and last day here, None
    where it is not bounded. `kin` are the places where relatives work, `borrowed` the school that he is
    borrowed from, `area` his contact area (联片包校); each names Units, townships, districts or
    central schools, sorted.
    """

    id: str
    name: str
    roles: tuple[str, ...]
    post: str = ""
    phone: str = ""
    department: str = ""
    domains: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    half_days: int = 4
    share: float = 1.0
    from_on: date | None = None
    to_on: date | None = None
    kin: tuple[str, ...] = ()
    borrowed: tuple[str, ...] = ()
    area: tuple[str, ...] = ()

    @property
    def role(self) -> str:
        """What he is on the duty roster: the first of DUTY_ROLES, or "" for an inspector only."""
        return next((role for role in DUTY_ROLES if role in self.roles), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspector:
    """Who inspects. `conflicts` are Unit ids, districts or townships; `half_days` a month's share.

    `kin`, `borrowed` and `area` are those of the `Person`.
    """

    id: str
    name: str
    department: str = ""
    domains: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    half_days: int = 4
    kin: tuple[str, ...] = ()
    borrowed: tuple[str, ...] = ()
    area: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackout:
    """Days on which nobody of a scope is visited, both ends included.

    `scope` is a Unit id, township, district or kind, "" for all; `kind` one of BLACKOUTS.
    """

    scope: str
    from_on: date
    to_on: date
    kind: str
    reason: str = ""


BLACKOUTS: Mapping[str, str] = {
    "exam": "考试", "closure": "停课", "inspection": "上级检查", "other": "其他",
}  # fmt: skip
"""What a black-out can be, with its word in a Chinese sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A visit of the past: which domains of a Unit were inspected on a day, by whom.

    `people` are ids of the staff, empty where nobody knows; `directed` that an order was behind it.
    """

    unit: str
    on: date
    domains: tuple[str, ...]
    people: tuple[str, ...] = ()
    directed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Days on which a person is away, both ends included.

    `half` is "am" or "pm" where only that half of one day is meant, "" for whole days.
    """

    person: str
    from_on: date
    to_on: date
    kind: str = ""
    half: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDuty:
    """A post of a Unit's own roster on a day: who fills it, from which minute of the day, for how long.

    `people` are names as they stand in the roster; `phone` the duty telephone; `title` the office that
    they hold where the roster says it.
    """

    unit: str
    on: date
    post: str
    people: tuple[str, ...]
    phone: str = ""
    start: int = 0
    minutes: int = 24 * 60
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One Item that was not in order at a Unit on a day; nothing about any person."""

    unit: str
    found_on: date
    domain: str
    item: str
    severity: str = "general"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A question about one field of a Unit; an unknown fact answers yes, so that nothing is skipped.

    `op` is one of ``> >= < <= = in``; for ``in`` the value is a tuple, for `tags` it means "has the tag".
    """

    field: str
    op: str
    value: int | str | bool | tuple[str, ...]

    def holds(self, unit: Unit) -> bool:
        """Whether the Unit meets this condition, or may."""
        known = getattr(unit, self.field)
        if known is None or known == "":
            return True
        if self.op == "in":
            wanted = self.value if isinstance(self.value, tuple) else (self.value,)
            if isinstance(known, tuple):
                return any(one in known for one in wanted)
            return known in wanted
        compare = {">": known > self.value, ">=": known >= self.value, "<": known < self.value,
                   "<=": known <= self.value} if self.op != "=" else {}  # fmt: skip
        return bool(compare.get(self.op, known == self.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Conditions that must all hold."""

    parts: tuple[When, ...]

    def holds(self, unit: Unit) -> bool:
        """Whether the Unit meets all of them, or may."""
        return all(part.holds(unit) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Conditions of which one must hold."""

    parts: tuple[When, ...]

    def holds(self, unit: Unit) -> bool:
        """Whether the Unit meets one of them, or may."""
        return any(part.holds(unit) for part in self.parts)


When = Condition | AllOf | AnyOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-day in which a Domain may be inspected, and when its part may start there.

    `earliest` and `latest` are minutes of the day for the start of the Domain's part, both
    included; ``None`` where any time of the half-day will do.
    """

    slot: str
    earliest: int | None = None
    latest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What an answer must bring with it: `on` is the answer, `ask` "photo" or "measure"."""

    on: str
    ask: str


_WORK_REQUIREMENT = "工作要求|“五双”管理要求|学校制度|检查表|考评表|考核（地方）|三个100%"
"""What names a practice and no statute, standard or document with a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a checklist.

    `op`, `value`, `unit` are there only where the Item is one number. `source` holds how sure the
    basis is: "statute", "copy", "unverified". `scheme` says how an official scheme treats it: "direct"
    and "composite" (elements of a major hazard), "key", "fine". `per` is "building", "room" or
    "vehicle" where it is answered once for each; `same_as` the code of an Item of another Domain that
    asks the same thing. `how` and `fault` are Chinese: how to check, and the sentence of the notice.
    """

    code: str
    zh: str
    en: str
    severity: str
    evidence: str
    basis: str
    source: tuple[str, ...] = ()
    op: str = ""
    value: float | None = None
    unit: str = ""
    applies_when: tuple[When, ...] = ()
    scheme: tuple[str, ...] = ()
    weight: float | None = None
    per: str = ""
    same_as: str = ""
    follow_up: tuple[FollowUp, ...] = ()
    rectify_days: int | None = None
    how: str = ""
    fault: str = ""
    penalty: str = ""

    @property
    def is_work_requirement(self) -> bool:
        """Whether its basis is only a work requirement: no notice may then order a cure (责令)."""
        return all(re.search(_WORK_REQUIREMENT, part) for part in self.basis.split("；"))

    def with_value(self, value: float | None) -> Item:
        """Give this Item with another threshold; itself where there is none."""
        return self if value is None else replace(self, value=value)

    def applies(self, unit: Unit) -> bool:
        """Whether this Item is asked at the Unit: all its conditions hold, or may."""
        return all(condition.holds(unit) for condition in self.applies_when)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRule:
    """An Item that counts as an element of a major hazard by a share.

    `scheme` is "direct" or "composite"; the share ``n/m`` (damaged of installed, present of
    required, as the Item's `how` says) counts where it stands in `op` to `value`.
    """

    code: str
    scheme: str
    op: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Determination:
    """How a major hazard is determined: so many composite elements, by which document, in force when.

    `rule` is "major-hazard" or "none" where the Domain's own scoring goes with another determination
    than its profile's, "" where not. `count` is None where no document gives one. `from_on` and `to_on`
    are the first and the last day on which the document holds, None where unbounded.
    """

    rule: str = ""
    count: int | None = None
    document: str = ""
    from_on: date | None = None
    to_on: date | None = None
    shares: tuple[ShareRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """What one plugin stands for: its checklist, when it applies, how long it takes and when.

    `minutes` is the time of its part of a visit; `people` the fewest who carry it out; `windows` are
    never empty. `profile` is how its checklist is scored where nobody says otherwise. `retired` are
    codes that are never used again. `bands` are those of the profile where the Domain has its own,
    least score and name from the highest on.
    """

    key: str
    version: str
    zh: str
    en: str
    minutes: int
    items: tuple[Item, ...]
    windows: tuple[Window, ...] = (Window(slot="morning"), Window(slot="afternoon"))
    applies_when: tuple[When, ...] = ()
    people: int = 2
    profile: str = "weighted"
    retired: tuple[str, ...] = ()
    bands: tuple[tuple[float, str], ...] = ()
    determination: Determination = Determination()
    rectify_days: Mapping[str, int] | None = None

    def applies(self, unit: Unit) -> bool:
        """Whether this Domain is inspected at the Unit: all its conditions hold, or may."""
        return all(condition.holds(unit) for condition in self.applies_when)

    def days(self, item: Item) -> int | None:
        """Give the days to put a fault of an Item right; None where nobody says."""
        if item.rectify_days is not None or self.rectify_days is None:
            return item.rectify_days
        return self.rectify_days[item.severity]

    @property
    def codes(self) -> frozenset[str]:
        """The codes of its Items, and those that are retired."""
        return frozenset((*(item.code for item in self.items), *self.retired))

    def asked(self, unit: Unit) -> tuple[Item, ...]:
        """Give the Items that are looked at in this Unit; none where the Domain does not apply."""
        return tuple(item for item in self.items if item.applies(unit)) if self.applies(unit) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a checklist came to. `points` of 100, or None while nothing counts; see ``band``."""

    points: float | None
    band: str
    checked: int
    of: int
    vetoed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One visit inside a Sortie, before it has a day: `start` is the minute of arrival."""

    unit: str
    draw: str
    domains: tuple[str, ...]
    minutes: int
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sortie:
    """One team's half-day tour: stops in the order of the tour, metres driven from and to the start.

    `start` names the place where it starts and ends, "" the usual one.
    """

    key: str
    slot: str
    stops: tuple[Stop, ...]
    metres: int
    start: str = ""

    @property
    def units(self) -> frozenset[str]:
        """The ids of the Units that it visits."""
        return frozenset(stop.unit for stop in self.stops)

    @property
    def domains(self) -> frozenset[str]:
        """What its team has to hold."""
        return frozenset(key for stop in self.stops for key in stop.domains)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lots:
    """What the draw gives one Sortie: its lead, its possible days in lot order, the valid teams of each.

    `teams` holds every day of `days`; a day's teams are in lot order, each team sorted by id.
    """

    lead: str
    days: tuple[str, ...]
    teams: Mapping[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """A drawn Unit's domains that no visit of the plan covers, and why."""

    unit: str
    draw: str
    domains: tuple[str, ...]
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A Sortie that does not have its lot: `of` is "day" or "team", `rule` what forbids the lot."""

    sortie: str
    of: str
    lot: str | tuple[str, ...]
    given: str | tuple[str, ...]
    rank: int
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """An Inspector as the draw's field shows him: a neutral id and what everyone may know before.

    `free` holds half-days, sorted; `share` is how many of them one plan may use.
    """

    id: str
    domains: tuple[str, ...]
    conflict_units: tuple[str, ...] = ()
    conflict_strata: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    share: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """A day of the bureau's calendar.

    `cls` is "work", "weekend" or "holiday" (rostering's day classes); `name` says which holiday or
    make-up workday; `provisional` that no official notice is behind it; `key_period` names the key
    period it lies in, or "".
    """

    day: date
    cls: str
    name: str = ""
    provisional: bool = False
    key_period: str = ""
    in_term: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One rule that a Plan or Roster breaks: which, where, and what was found."""

    rule: str
    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A duty post: who fills it (`role`), from when (minute of the day), how long, and if it is a night.

    `kind` is "duty", or "standby" for a post (备勤, 副班) that is called within `callable_minutes` and
    counted apart. `by_phone` is a leader's post that is kept by telephone (电话带班). `rest` are the
    minutes of rest after it, None where the desk's rule for all posts says it.
    """

    id: str
    role: str
    start: int
    minutes: int
    night: bool
    zh: str = ""
    kind: str = "duty"
    by_phone: bool = False
    callable_minutes: int | None = None
    rest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One filled seat of the roster; `spec` is its post as it was then, None for one of this id."""

    day: date
    post: str
    person: str
    spec: Post | None = field(default=None, compare=False)

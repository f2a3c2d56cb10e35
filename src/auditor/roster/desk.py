"""The duty desk (值班室): its posts, how many stand there when, and its rosters' rules; one TOML file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import tomli

from auditor.entities import DUTY_ROLES, Post
from auditor.errors import USAGE, AuditorError, toml_fault
from auditor.i18n import N_, _

DAY = 24 * 60
"""Minutes of a day."""
REST_MIN = 12 * 60
REST_AFTER_NIGHT_MIN = 24 * 60
"""Minutes of rest after a duty, and after one that lasts through the night."""

DUTY, STANDBY = "duty", "standby"
KINDS = (DUTY, STANDBY)
"""What a post is: duty, or stand-by (备勤, 副班), called when needed and counted apart."""

ROTATION, FAIR = "rotation", "fair"
STYLES = (ROTATION, FAIR)
SQUARES, LEXIMIN = "squares", "leximin"
SHARINGS = (SQUARES, LEXIMIN)

KEY = "key"
DAY_CLASSES = ("work", "weekend", "holiday", KEY)
"""What a day can be for demand; a day of a key period is one of those whatever else it is."""

POSTS = (
    Post(id="lead", role="leader", start=8 * 60, minutes=24 * 60, night=True, zh="带班"),
    Post(id="day", role="officer", start=8 * 60, minutes=10 * 60, night=False, zh="白班"),
    Post(id="night", role="officer", start=18 * 60, minutes=14 * 60, night=True, zh="夜班"),
)
"""The default posts; 24 hours are covered by a leader, and by an officer."""
POST_SAID = {"lead": N_("leader on duty"), "day": N_("day duty"), "night": N_("night duty")}
"""What the default posts are called in the language of the context, while they have their usual names."""

NEED: Mapping[str, int] = {"work": 1, "weekend": 1, "holiday": 1, KEY: 2}
"""How many stand at a post, where a file does not say."""

WEIGHTS: Mapping[str, int] = {"holiday": 8, "weekend": 4, "night": 3, "total": 2}
"""The classes that are shared out, weightiest first."""
STANDBY_WEIGHT = 1
"""The weight of stand-by duties, where there are any."""
CLASSES = (*WEIGHTS, STANDBY)

EXCUSED_DAYS = 15
"""Leave of so many days on end is not made up: for its days a person counts as not here."""
NOTICE_DAYS = 3
"""So many days before a duty it is announced at the latest, where a file does not say."""
EDGE_DAYS = 3
"""Duties of so many days before a month can always ask for rest in it."""

MOST_POSTS, MOST_NEED, MOST_BYTES = 40, 50, 200_000


class BadDesk(AuditorError):
    """Settings of a duty desk that cannot be taken; every fault is named."""

    exit_code = USAGE
    sentence = N_("{file}: {faults}; nothing was kept")


def post_said(post: Post) -> str:
    """Give what a post is called: the usual ones in the language of the context."""
    usual = post.zh in ("", *(one.zh for one in POSTS))
    return _(POST_SAID[post.id]) if post.id in POST_SAID and usual else post.zh or post.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two people who are on duty on the same days (`together`), or never on the same day."""

    people: tuple[str, str]
    together: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A fixed group: its members are on duty only on days on which its leader leads."""

    leader: str
    members: tuple[str, ...]


def _needs() -> dict[str, Mapping[str, int]]:
    return {post.id: NEED for post in POSTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyDesk:
    """The settings of a duty desk.

    `need` is by post and day class. `gaps`, `runs`, `week` and `month` are by role of a post: days between
    starts at least, days on end at most, duties in a calendar week and in a month at most. `weekend_block`
    are posts whose Saturday and Sunday the same people fill. `order` is the office's own order of people,
    who is not named follows by id. A file may write people by id or name; rosters know ids (`called`).
    `acting` is who acts for whom while he is out of town, `opening` the balances that joiners begin with,
    by class.
    """

    style: str = ROTATION
    sharing: str = SQUARES
    rest_min: int = REST_MIN
    rest_after_night_min: int = REST_AFTER_NIGHT_MIN
    excused_days: int = EXCUSED_DAYS
    notice_days: int = NOTICE_DAYS
    posts: tuple[Post, ...] = POSTS
    need: Mapping[str, Mapping[str, int]] = field(default_factory=_needs)
    gaps: Mapping[str, int] = field(default_factory=dict)
    runs: Mapping[str, int] = field(default_factory=dict)
    week: Mapping[str, int] = field(default_factory=dict)
    month: Mapping[str, int] = field(default_factory=dict)
    weekend_block: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    groups: tuple[Group, ...] = ()
    order: tuple[str, ...] = ()
    acting: Mapping[str, str] = field(default_factory=dict)
    opening: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=lambda: dict(WEIGHTS))

    @property
    def edge_days(self) -> int:
        """How many days before a month can have a say in it: rest, gaps, runs, the week that it cuts."""
        return max(
            EDGE_DAYS,
            *(days - 1 for days in self.gaps.values()),
            *(days for days in self.runs.values()),
            6 if self.week else 0,
        )

    @property
    def counted(self) -> dict[str, int]:
        """The classes that are counted with their weights, the weightiest first; stand-by only where there is
        such a post.
        """
        found = {name: self.weights[name] for name in WEIGHTS}
        if any(post.kind == STANDBY for post in self.posts):
            found[STANDBY] = self.weights.get(STANDBY, STANDBY_WEIGHT)
        return dict(sorted(found.items(), key=lambda one: -one[1]))

    def rest(self, post: Post) -> int:
        """Give the minutes of rest after a duty at a post."""
        if post.rest is not None:
            return post.rest
        if post.kind == STANDBY or post.by_phone:
            return 0
        return self.rest_after_night_min if post.night else self.rest_min


def desk_json(desk: DutyDesk) -> dict[str, Any]:
    """Give the desk as it stands in the settings and in a roster's record; `desk_of_json` reads it."""
    return {
        "style": desk.style,
        "sharing": desk.sharing,
        "rest_min": desk.rest_min,
        "rest_after_night_min": desk.rest_after_night_min,
        "excused_days": desk.excused_days,
        "notice_days": desk.notice_days,
        "posts": [
            {
                "id": post.id,
                **({"zh": post.zh} if post.zh else {}),
                "role": post.role,
                "start": clock(post.start),
                "minutes": post.minutes,
                "night": post.night,
                "kind": post.kind,
                "by_phone": post.by_phone,
                **({} if post.callable_minutes is None else {"callable_minutes": post.callable_minutes}),
                "rest_min": desk.rest(post),
                **(
                    {"overlap": True}
                    if any(_overlap(post, other) for other in desk.posts if other != post)
                    else {}
                ),
                "need": {name: desk.need[post.id][name] for name in DAY_CLASSES},
            }
            for post in desk.posts
        ],
        "gaps": dict(sorted(desk.gaps.items())),
        "runs": dict(sorted(desk.runs.items())),
        "week": dict(sorted(desk.week.items())),
        "month": dict(sorted(desk.month.items())),
        "weekend_block": list(desk.weekend_block),
        "pairs": [{"people": list(pair.people), "together": pair.together} for pair in desk.pairs],
        "groups": [{"leader": one.leader, "members": list(one.members)} for one in desk.groups],
        "order": list(desk.order),
        "acting": dict(sorted(desk.acting.items())),
        "opening": {who: dict(sorted(own.items())) for who, own in sorted(desk.opening.items())},
        "weights": {name: desk.weights[name] for name in CLASSES if name in desk.weights},
    }


def clock(minute: int) -> str:
    """Write a minute of the day as people do, 08:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class _Fault(Exception):
    """One thing that is wrong with one key."""


def short(value: object) -> str:
    """A value as somebody wrote it, at most 40 letters, what cannot be printed replaced."""
    text = "".join(letter if letter.isprintable() else "�" for letter in str(value))
    return text[:40] + ("…" if len(text) > 40 else "")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 60 or not value.isprintable():
        raise _Fault(_("write a text in quotation marks, at most 60 characters"))
    return value.strip()


def _code(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"[\w-]{1,20}", text):
        raise _Fault(
            _("{value}: an id has letters, digits, - and _ only, at most 20").format(value=short(text))
        )
    return text


def _whole(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _Fault(
                _("{value}: write a whole number from {low} to {high}").format(
                    value=short(value), low=low, high=high
                )
            )
        return value

    return read


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Fault(_("write true or false, without quotation marks"))
    return value


def _choice(known: Sequence[str]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in known:
            raise _Fault(_("{word} is none of {known}").format(word=short(value), known=", ".join(known)))
        return str(value)

    return read


def _minute(value: object) -> int:
    matched = re.fullmatch(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])", value) if isinstance(value, str) else None
    if matched is None:
        raise _Fault(_("{value}: write a time like 08:00").format(value=short(value)))
    return int(matched[1]) * 60 + int(matched[2])


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _Fault(_("write a list of texts"))
    found = tuple(_text(one) for one in value)
    if len(set(found)) < len(found):
        double = next(one for one in found if found.count(one) > 1)
        raise _Fault(_("{name} stands twice").format(name=short(double)))
    return found


def _table(keys: Sequence[str] | None, read: Callable[[object], Any]) -> Callable[[object], dict[str, Any]]:
    """Read a table with these keys at most (None: any text) and values read so."""

    def reading(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _Fault(_("write a table with keys and values"))
        found = {}
        for key, inner in value.items():
            if keys is not None and key not in keys:
                raise _Fault(_("{word} is none of {known}").format(word=short(key), known=", ".join(keys)))
            try:
                found[_text(key)] = read(inner)
            except _Fault as fault:
                raise _Fault(f"{short(key)}: {fault}") from fault
        return found

    return reading


def _need(value: object) -> dict[str, int]:
    whole = _whole(0, MOST_NEED)
    if isinstance(value, dict):
        return {**NEED, **_table(DAY_CLASSES, whole)(value)}
    return dict.fromkeys(DAY_CLASSES, whole(value))


_POST_READERS: Mapping[str, Callable[[Any], Any]] = {
    "id": _code, "zh": _text, "name": _text, "role": _choice(DUTY_ROLES), "start": _minute,
    "minutes": _whole(1, DAY), "night": _truth, "kind": _choice(KINDS), "by_phone": _truth,
    "callable_minutes": _whole(1, DAY), "rest_min": _whole(0, 14 * DAY), "need": _need, "overlap": _truth,
}  # fmt: skip
_POST_NEEDED = ("id", "role", "start", "minutes")


@dataclass(frozen=True, slots=True)
class _Seat:
    """A post as it was read, how many stand at it, and whether it may overlap its like."""

    post: Post
    need: Mapping[str, int]
    overlap: bool


def _rows(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _Fault(_("write it as tables, [[…]]"))
    return value


def _row(row: Mapping[str, Any], readers: Mapping[str, Callable[[Any], Any]], needed: Sequence[str]) -> Any:
    found = {}
    for key, value in row.items():
        if key not in readers:
            raise _Fault(_("{word} is none of {known}").format(word=short(key), known=", ".join(readers)))
        try:
            found[key] = readers[key](value)
        except _Fault as fault:
            raise _Fault(f"{key}: {fault}") from fault
    missing = [key for key in needed if key not in found]
    if missing:
        raise _Fault(_("{key} is missing").format(key=missing[0]))
    return found


def _posts(value: object) -> tuple[_Seat, ...]:
    seats = []
    rows = _rows(value)
    if not 1 <= len(rows) <= MOST_POSTS:
        raise _Fault(_("there are 1 to {most} posts").format(most=MOST_POSTS))
    for number, row in enumerate(rows, start=1):
        try:
            found = _row(row, _POST_READERS, _POST_NEEDED)
        except _Fault as fault:
            raise _Fault(f"{short(row.get('id', number))}: {fault}") from fault
        kind = found.get("kind", DUTY)
        through = found["start"] + found["minutes"] > DAY
        post = Post(
            id=found["id"],
            role=found["role"],
            start=found["start"],
            minutes=found["minutes"],
            night=found.get("night", through and kind == DUTY),
            zh=found.get("zh") or found.get("name") or "",
            kind=kind,
            by_phone=found.get("by_phone", False),
            callable_minutes=found.get("callable_minutes"),
            rest=found.get("rest_min"),
        )
        if post.by_phone and post.role != "leader":
            raise _Fault(_("{post}: only a leader's post can be kept by telephone").format(post=post.id))
        if post.callable_minutes is not None and post.kind != STANDBY:
            raise _Fault(
                _('{post}: callable_minutes belongs to stand-by; write kind = "standby"').format(post=post.id)
            )
        seats.append(_Seat(post, found.get("need", NEED), found.get("overlap", False)))
    for one, other in combinations(seats, 2):
        if one.post.id == other.post.id:
            raise _Fault(_("{post} stands twice").format(post=one.post.id))
        if _overlap(one.post, other.post) and not (one.overlap and other.overlap):
            raise _Fault(
                _(
                    "{one} ({first}) and {other} ({second}) of one role overlap, so that nobody can go "
                    "from one to the other; end one when the other begins, write need = 2 for more people, "
                    "or overlap = true at both if that is meant"
                ).format(
                    one=one.post.id, first=_span(one.post), other=other.post.id, second=_span(other.post)
                )
            )
    return tuple(seats)


def _span(post: Post) -> str:
    return f"{clock(post.start)}–{clock((post.start + post.minutes) % DAY)}"


def _overlap(one: Post, other: Post) -> bool:
    """Whether two posts of one role and kind overlap by the clock, on whichever day."""
    if (one.role, one.kind, one.by_phone) != (other.role, other.kind, other.by_phone):
        return False
    return any(
        one.start < other.start + shift + other.minutes and other.start + shift < one.start + one.minutes
        for shift in (-DAY, 0, DAY)
    )


def _pairs(value: object) -> tuple[Pair, ...]:
    found: dict[tuple[str, str], Pair] = {}
    for row in _rows(value):
        read = _row(row, {"people": _names, "together": _truth}, ("people", "together"))
        if len(read["people"]) != 2:
            raise _Fault(_("people: name two"))
        one, other = sorted(read["people"])
        if (one, other) in found:
            raise _Fault(_("{one} and {other} stand twice").format(one=short(one), other=short(other)))
        found[one, other] = Pair(people=(one, other), together=read["together"])
    return tuple(found[key] for key in sorted(found))


def _groups(value: object) -> tuple[Group, ...]:
    found: dict[str, Group] = {}
    taken: dict[str, str] = {}
    for row in _rows(value):
        read = _row(row, {"leader": _text, "members": _names}, ("leader", "members"))
        leader = read["leader"]
        if leader in found:
            raise _Fault(_("{leader} leads two groups").format(leader=short(leader)))
        for one in read["members"]:
            if one in taken or one == leader:
                raise _Fault(_("{name} stands in two places of the groups").format(name=short(one)))
            taken[one] = leader
        found[leader] = Group(leader=leader, members=tuple(sorted(read["members"])))
    both = sorted(set(found) & set(taken))
    if both:
        raise _Fault(_("{name} stands in two places of the groups").format(name=short(both[0])))
    return tuple(found[key] for key in sorted(found))


def _block(value: object) -> tuple[str, ...] | bool:
    return value if isinstance(value, bool) else tuple(sorted(_names(value)))


_BY_ROLE = _table(DUTY_ROLES, _whole(1, 366))

_READERS: Mapping[str, Callable[[Any], Any]] = {
    "style": _choice(STYLES), "sharing": _choice(SHARINGS), "rest_min": _whole(0, 14 * DAY),
    "rest_after_night_min": _whole(0, 14 * DAY), "excused_days": _whole(1, 3660),
    "notice_days": _whole(0, 60), "posts": _posts, "gaps": _BY_ROLE, "runs": _BY_ROLE, "week": _BY_ROLE,
    "month": _BY_ROLE, "weekend_block": _block, "pairs": _pairs, "groups": _groups, "order": _names,
    "acting": _table(None, _text), "opening": _table(None, _table(CLASSES, _whole(0, 100_000))),
    "weights": _table(CLASSES, _whole(0, 1000)),
}  # fmt: skip


def desk_of_json(table: object, file: object) -> DutyDesk:
    """Read a desk from a table, of a TOML file or of `desk_json`.

    Raises
    ------
    BadDesk
        Naming every key that is unknown or wrong, with what to write.
    """
    if not isinstance(table, Mapping):
        raise BadDesk(file=file, faults=_("write a table with keys and values"))
    faults: list[str] = []
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _READERS:
            faults.append(
                _("{key} is no key of a duty desk; known are {known}").format(
                    key=short(key), known=", ".join(_READERS)
                )
            )
            continue
        try:
            found[key] = _READERS[key](value)
        except _Fault as fault:
            faults.append(f"{key}: {fault}")
    if isinstance(found.get("weekend_block"), tuple):  # posts by name, as people are; ids are kept
        named = {seat.post.zh: seat.post.id for seat in found.get("posts", ())}
        named |= {} if "posts" in found else {post.zh: post.id for post in POSTS}
        found["weekend_block"] = tuple(sorted({named.get(one, one) for one in found["weekend_block"]}))
    if not faults:
        faults = _together(found)
    if faults:
        raise BadDesk(file=file, faults="; ".join(faults))
    return _desk(found)


def _desk(found: dict[str, Any]) -> DutyDesk:
    seats = found.pop("posts", None)
    if seats is not None:
        found["posts"] = tuple(seat.post for seat in seats)
        found["need"] = {seat.post.id: dict(seat.need) for seat in seats}
    ids = tuple(sorted(post.id for post in found.get("posts", POSTS) if post.kind == DUTY))
    if isinstance(found.get("weekend_block"), bool):
        found["weekend_block"] = ids if found["weekend_block"] else ()
    found["weights"] = {**WEIGHTS, **found.get("weights", {})}
    return DutyDesk(**found)


def _together(found: Mapping[str, Any]) -> list[str]:
    """Name what is wrong between keys."""
    faults = []
    posts = [seat.post for seat in found["posts"]] if "posts" in found else list(POSTS)
    ids = {post.id: post for post in posts}
    block = found.get("weekend_block", ())
    if not isinstance(block, bool):
        for one in block:
            if one not in ids:
                faults.append(
                    _("weekend_block: {post} is no post; there are {known}").format(
                        post=short(one), known=", ".join(sorted(ids))
                    )
                )
    blocked = {ids[one].role for one in (ids if block is True else block or ()) if one in ids}
    for role in sorted(blocked):
        if found.get("runs", {}).get(role, 2) < 2 or found.get("week", {}).get(role, 2) < 2:
            faults.append(
                _(
                    "weekend_block: Saturday and Sunday are two days on end and two duties in a week; let "
                    "runs and week of {role} be 2 or more"
                ).format(role=role)
            )
    roles = {post.role for post in posts}
    for key in ("gaps", "runs", "week", "month"):
        strange = sorted(set(found.get(key, {})) - roles)
        if strange:
            faults.append(_("{key}: no post is of the role {role}").format(key=key, role=strange[0]))
    if found.get("groups") and not any(
        post.role == "leader" and post.kind == DUTY and not post.by_phone for post in posts
    ):
        faults.append(_("groups: no leader's post is kept on site, so nobody leads them"))
    for who, other in found.get("acting", {}).items():
        if who == other:
            faults.append(_("acting: {name} cannot act for himself").format(name=short(who)))
    if not any(any(seat.need.values()) for seat in found.get("posts", ())) and "posts" in found:
        faults.append(_("posts: nobody is needed anywhere; write need = 1"))
    return faults


def _without_effect(found: Mapping[str, Any], table: Mapping[str, Any]) -> list[str]:
    """Name what was read and would change nothing: whoever wrote it means something by it."""
    faults = []
    seats: Sequence[_Seat] = found.get("posts") or [_Seat(post, NEED, False) for post in POSTS]
    duties = {seat.post.role for seat in seats if seat.post.kind == DUTY}
    waits = any(seat.post.kind == STANDBY for seat in seats)
    if found.get("style", ROTATION) == ROTATION and found.get("sharing") == LEXIMIN:
        faults.append(_('sharing: leximin belongs to style = "fair"; write that, or take sharing out'))
    for key in ("gaps", "runs", "week", "month"):
        for role in sorted(set(found.get(key, ())) - duties):
            faults.append(
                _("{key}: {role} has stand-by posts only, which do not count; take it out").format(
                    key=key, role=role
                )
            )
    block = found.get("weekend_block", ())
    for seat in seats:
        if not isinstance(block, bool) and seat.post.id in block and not seat.need["weekend"]:
            faults.append(
                _("weekend_block: {post} needs nobody on weekends; take it out").format(post=seat.post.id)
            )
    for group in found.get("groups", ()):
        if not group.members:
            faults.append(
                _("groups: the group of {leader} has no members; name them, or take it out").format(
                    leader=short(group.leader)
                )
            )
    counted = [("weights", found.get("weights", {}))]
    counted += [(f"opening.{short(who)}", own) for who, own in found.get("opening", {}).items()]
    for key, own in counted:
        if STANDBY in own and not waits:
            faults.append(_("{key}: there is no stand-by post; take standby out").format(key=key))
    for row, seat in zip(table.get("posts", ()), seats, strict=False):
        if {"zh", "name"} <= set(row):
            faults.append(_("posts: {post}: zh and name are the same; write one").format(post=seat.post.id))
        if row.get("night") and seat.post.kind == STANDBY:
            faults.append(
                _("posts: {post}: stand-by is counted apart, and no night; take night out").format(
                    post=seat.post.id
                )
            )
        others = [other.post for other in seats if other != seat]
        if seat.overlap and not any(_overlap(seat.post, other) for other in others):
            faults.append(
                _("posts: {post}: it overlaps no post of its role; take overlap out").format(
                    post=seat.post.id
                )
            )
    return faults


_BARE_NAME = re.compile(
    r"""^[ \t]*(?:\[\w*\.)?(?P<name>[^\s"'=#\[\].]*[^\x00-\x7f\s"'=#\[\].][^\s"'=#\[\].]*)[ \t]*[=\]]""",
    re.MULTILINE,
)
"""A key in other than Latin letters that stands without quotes, which TOML does not take."""


def read_desk(data: bytes, file: object) -> DutyDesk:
    """Read the settings of a duty desk from TOML in UTF-8, a byte order mark allowed; raises BadDesk.

    Stricter than `desk_of_json`, which reads what was kept before: what would have no effect is a fault.
    """
    if len(data) > MOST_BYTES:
        raise BadDesk(file=file, faults=_("larger than {most} bytes").format(most=MOST_BYTES))
    try:
        table = tomli.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadDesk(file=file, faults=_("not UTF-8; save it as UTF-8")) from error
    except (tomli.TOMLDecodeError, RecursionError, ValueError) as error:
        told = _("not TOML: {error}").format(error=toml_fault(error))
        bare = _BARE_NAME.search(data.decode("utf-8-sig"))
        if bare:
            told += "; " + _('a name as a key stands in quotes: "{name}" = …').format(
                name=short(bare["name"])
            )
        raise BadDesk(file=file, faults=told) from error
    desk = desk_of_json(table, file)
    faults = _without_effect({key: _READERS[key](value) for key, value in table.items()}, table)
    if faults:
        raise BadDesk(file=file, faults="; ".join(faults))
    return desk


TEMPLATE = """\
# 值班室设置 · settings of the duty desk. Keep it with: auditor roster settings import FILE
# 不写的键用缺省值 · a key that is left out has its default.

style = "rotation"            # rotation 轮转（按单位顺序接着排） | fair 最均衡
sharing = "squares"           # squares 平方和最小 | leximin 逐类把最多的人压到最低
rest_min = 720                # 一般值班后休息分钟数 · minutes of rest after a duty
rest_after_night_min = 1440   # 跨夜值班后 · after a duty through the night
excused_days = 15             # 连续请假满这些天不补班 · leave this long is not made up
notice_days = 3               # 公布后改班提前天数 · days of notice

# 以下各处写人，工号、姓名都可以；有同名的写工号 · people by id or name; an id where two bear a name
# 人员顺序；没写的按工号排在后面 · the office's own order
# order = ["张三", "李四"]

# 周六、周日由同一批人连值的岗 · posts whose weekend is one block
# weekend_block = ["lead"]

[[posts]]
id = "lead"
zh = "带班"
role = "leader"               # leader 带班领导 | officer 值班员 | driver 司机 | network 网络值守
start = "08:00"
minutes = 1440
night = true
need = { work = 1, weekend = 1, holiday = 1, key = 2 }   # key 重点时期

[[posts]]
id = "day"
zh = "白班"
role = "officer"
start = "08:00"
minutes = 600
night = false

[[posts]]
id = "night"
zh = "夜班"
role = "officer"
start = "18:00"
minutes = 840
night = true

# 电话带班 · a leader by telephone
# [[posts]]
# id = "phone"
# zh = "电话带班"
# role = "leader"
# start = "08:00"
# minutes = 1440
# by_phone = true
# need = { work = 0, weekend = 0, holiday = 1, key = 1 }

# 备勤（副班），单独计数 · stand-by, counted apart
# [[posts]]
# id = "reserve"
# zh = "备勤"
# role = "officer"
# start = "18:00"
# minutes = 840
# kind = "standby"
# callable_minutes = 30

[weights]                     # 均衡时各类的权重 · weights of the classes
holiday = 8
weekend = 4
night = 3
total = 2

# 两次值班开始日之间至少隔几天（1 = 次日可以）· days between starts at least, by role
# [gaps]
# officer = 2
# 最多连值几天 · days on end at most
# [runs]
# officer = 2
# 每周、每月最多几班 · duties in a week and in a month at most
# [week]
# officer = 3
# [month]
# officer = 8

# 两人同日值班或不同日值班 · two people together, or never on one day
# [[pairs]]
# people = ["o01", "o02"]
# together = false

# 固定班组，由一位领导带 · a fixed group led by one leader
# [[groups]]
# leader = "l01"
# members = ["o01", "o02", "o03"]

# 外出期间的主持工作人 · who acts for whom while he is out of town
# 姓名作键要加引号 · a name as a key stands in quotes
# [acting]
# "张三" = "李四"

# 新来人员的起始次数 · balances that joiners begin with
# [opening]
# "王五" = { total = 5, night = 2 }
"""
"""What `auditor roster settings template` writes: the default desk, the rest as comments."""

"""What spot checks of duty desks are due and what they found: by post and no seconds, for the assessment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from auditor.draw import spot
from auditor.entities import Finding
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _, listed
from auditor.pages.duty_words import LINES_WRITTEN, RESULTS_WRITTEN, UNIT_POST_WORDS, meant, post_word
from auditor.register.duties import POSTS
from auditor.store import Database
from auditor.store import duties as store
from auditor.store.findings import drop_findings, put_findings
from auditor.store.rosters import read_rosters
from auditor.store.units import read_aliases, read_units
from auditor.store.writing import write_tx
from auditor.workflow.duty.desks import BUREAU, Filled, bureau_seats, on_duty
from auditor.workflow.duty.spot_draws import Call, calls, draw_of, draws
from auditor.workflow.keys import AskPassword
from auditor.workflow.months import BEIJING
from auditor.workflow.texts import clean, whole_number

RESULTS = ("present", "replaced", "absent")
LINES = ("desk", "mobile", "call-back", "none")
"""Who answered at last: the desk's line, the mobile, the desk within five minutes of the call, nobody."""
AHEAD = timedelta(hours=24)
"""So far ahead the office sees the calls that it has to make; later ones stay sealed."""
DUTY_ITEM = ("management", "MGT-11", "major")
"""Domain, Item and severity of an absent post: the duty telephone is answered."""


class NoCall(AuditorError):
    """No such call, or none that may be seen yet."""

    sentence = N_("there is no call {id} that is due; see `auditor roster spot-check show`")


class Recorded(AuditorError):
    """A call is recorded once."""

    sentence = N_("call {id} is recorded already; to correct it give --correct with the reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A call that may be seen: the desk, when it is due, who is on duty by the roster, what was found."""

    id: str
    desk: str
    name: str
    due: datetime
    ends: datetime
    posts: tuple[Filled, ...]
    found: Mapping[str, Any] | None

    def record(self) -> dict[str, Any]:
        """Give it as ``spot-check show --json`` does."""
        return {
            "id": self.id,
            "desk": self.desk,
            "name": self.name,
            "due": self.due.isoformat(timespec="minutes"),
            "until": self.ends.isoformat(timespec="minutes"),
            "posts": [
                {
                    "post": one.seat.post,
                    "called": one.called,
                    "people": list(one.people),
                    "phones": list(one.phones),
                }
                for one in self.posts
            ],
            "found": None if self.found is None else dict(self.found),
        }


def due_calls(db: Database, number: int | None, password: AskPassword, now: datetime) -> list[Due]:
    """Give the calls of a draw that are due by now or within the next 24 hours, in order of time.

    Raises
    ------
    NoSpotDraw, OutOfOrder, Altered, PasswordNeeded, age.WrongPassword
    """
    record = draw_of(db, number, ("run", "closed"))
    names = {one.id: one.name for one in read_units(db)}
    known = {one["id"]: one for one in store.read_spot_checks(db)}
    return [
        _due(db, call, names, known.get(call.id))
        for call in calls(db, record, password)
        if call.due <= now + AHEAD
    ]


def _due(db: Database, call: Call, names: Mapping[str, str], found: Mapping[str, Any] | None) -> Due:
    desk = call.unit.rsplit("/", 2)[0]
    day, start, minutes = spot.read_shift(call.unit)
    begins = datetime.combine(day, datetime.min.time(), BEIJING) + timedelta(minutes=start)
    posts = on_duty(db, desk, call.due)
    if not posts and desk != BUREAU:
        posts = [
            Filled(
                seat=spot.Seat(desk=desk, day=day, post=key, start=start, minutes=minutes),
                called=post_word(key),
                people=(),
            )
            for key, post in POSTS.items()
            if (post.start, post.minutes) == (start, minutes)
        ]
    return Due(
        id=call.id,
        desk=desk,
        name=_("the bureau's duty desk") if desk == BUREAU else names.get(desk, desk),
        due=call.due,
        ends=begins + timedelta(minutes=minutes),
        posts=tuple(posts),
        found=found,
    )


def record(
    db: Database,
    call_id: str,
    *,
    line: str,
    results: Mapping[str, str],
    at: datetime,
    note: str = "",
    missed: str = "",
    correct: str = "",
    password: AskPassword,
    now: datetime,
) -> dict[str, Any]:
    """Keep what one call found; an absent post of a unit becomes a finding of its assessment.

    Parameters
    ----------
    line
        One of `LINES`; empty where the call was missed.
    results
        One of `RESULTS` for every post that is on duty, or a word that people write for it; a post by its
        id, its names, or a start that only it has. Not needed where nobody answered: all are absent.
    at
        When it was called: not before the minute drawn and not after the shift.
    missed
        Why the call was not made; then nothing else is kept.

    Raises
    ------
    NoCall, Recorded, UsageProblem; what `due_calls` raises.
    """
    number = whole_number(call_id.partition("-")[0])
    if number is None:
        raise NoCall(id=call_id)
    found = next((one for one in due_calls(db, number, password, now) if one.id == call_id), None)
    if found is None or found.due > now:
        raise NoCall(id=call_id)
    note, missed, correct = (
        clean(what, value)
        for what, value in ((_("note"), note), (_("reason"), missed), (_("reason"), correct))
    )
    line = meant(line, LINES_WRITTEN) or line
    posts = {} if missed else _judged(found, line, results, at, now)
    with write_tx(db, "spot-check record", now) as tx:
        known = {one["id"]: one for one in store.read_spot_checks(db)}
        if call_id in known and not correct:
            raise Recorded(id=call_id)
        if correct:
            tx.remark(correct)
        draw = draw_of(db, int(number))
        unit = next(one.unit for one in calls(db, draw, password) if one.id == call_id)
        entry: dict[str, Any] = {
            "id": call_id,
            "number": int(number),
            "unit": unit,
            "desk": found.desk,
            "due": found.due.isoformat(timespec="minutes"),
            "at": "" if missed else at.astimezone(BEIJING).isoformat(timespec="minutes"),
            "line": "" if missed else line,
            "posts": posts,
            "note": note,
            "missed": missed,
        }
        store.put_spot_check(tx, entry)
        if found.desk != BUREAU:
            others = [
                one
                for one in known.values()
                if one["id"] != call_id and one["desk"] == found.desk and one["due"][:10] == entry["due"][:10]
            ]
            domain, item, severity = DUTY_ITEM
            finding = Finding(
                unit=found.desk, found_on=found.due.date(), domain=domain, item=item, severity=severity
            )
            if any("absent" in one["posts"].values() for one in (entry, *others)):
                put_findings(tx, [finding])
            elif correct:
                drop_findings(tx, [finding])
    return entry


def _judged(found: Due, line: str, results: Mapping[str, str], at: datetime, now: datetime) -> dict[str, str]:
    """Give the result of every post that is on duty; raises UsageProblem for what cannot be."""
    if not found.due <= at <= now or at > found.ends:
        raise UsageProblem(
            problem=_(
                "call {id} is due at {due} and its shift ends at {ends}: {at} lies outside, or is to come; "
                "a call that was not made is recorded with --missed REASON"
            ).format(
                id=found.id,
                due=_clock(found.due),
                ends=_clock(found.ends),
                at=_clock(at.astimezone(BEIJING)),
            )
        )
    names = {
        one.seat.post: _names(one.seat.post, one.called)
        for one in sorted(found.posts, key=lambda one: one.seat.post)
    }
    posts = list(names)
    if line not in LINES:
        raise UsageProblem(
            problem=_("name the line that was answered: {lines}").format(lines=_words(LINES, LINES_WRITTEN))
        )
    written = [
        (meant(post, names) or post, meant(one, RESULTS_WRITTEN) or one) for post, one in results.items()
    ]
    results = dict(written)
    if len(results) < len(written):
        keys = [post for post, _one in written]
        double = next(post for post in keys if keys.count(post) > 1)
        raise UsageProblem(problem=_("the post {post} is given two results").format(post=double))
    if line == "none":
        if set(results.values()) - {"absent"}:
            raise UsageProblem(problem=_("nobody answered and nobody called back: every post is absent"))
        results = dict.fromkeys(posts, "absent")
    strange = sorted(set(results) - set(posts))
    lacking = sorted(set(posts) - set(results))
    if strange or lacking:
        raise UsageProblem(
            problem=_("call {id} has the posts {posts}: give --post POST=RESULT for each of them").format(
                id=found.id,
                posts=listed(post_said(post, called) for post, (called, *_names) in names.items()),
            )
        )
    if bad := sorted(set(results.values()) - set(RESULTS)):
        raise UsageProblem(
            problem=_("{value} is no result; write one of {known}").format(
                value=bad[0], known=_words(RESULTS, RESULTS_WRITTEN)
            )
        )
    return {post: results[post] for post in posts}


def _names(post: str, called: str) -> tuple[str, ...]:
    """Give what a post is called: by its roster first, then by everybody, in both languages."""
    usual = POSTS.get(post)
    english = UNIT_POST_WORDS.get(post)
    return (called, *((usual.zh, *usual.names) if usual else ()), *([english] if english else ()))


def post_said(post: str, called: str) -> str:
    """Say a post and the id that it is written by."""
    return post if called == post else f"{called} ({post})"


def _words(keys: Sequence[str], written: Mapping[str, Collection[str]]) -> str:
    """Name the words that may be written, with the Chinese one of each."""
    return listed(f"{key} ({next(iter(written[key]))})" for key in keys)


def called_of(db: Database, entry: Mapping[str, Any]) -> dict[str, str]:
    """Give what the posts of a call's record are called, by id, as the desk's roster stands now."""
    at = datetime.fromisoformat(entry["due"])
    return {one.seat.post: one.called for one in on_duty(db, entry["desk"], at)}


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def assessment(db: Database, first: date, last: date) -> dict[str, Any]:
    """Count what spot checks found from a first to a last day, desk by desk in the order of ids: no ranking.

    Returns
    -------
    `desks`, each with the calls made and missed and its posts by result; `shifts`, the calls that were
    made; `share`, the estimated share of all shifts in which a post was absent, in ten-thousandths: every
    call weighs 1/π (Hájek); None where no call was made.
    """
    names = {one.id: one.name for one in read_units(db)}
    aliases = read_aliases(db)
    chances: dict[tuple[int, str], Fraction] = {}
    for draw in draws(db):
        for unit, chance in spot.chances_of(draw["frames"]).items():
            chances[draw["number"], unit] = chance
    desks: dict[str, dict[str, Any]] = {}
    absent = weight = Fraction(0)
    made = 0
    for one in store.read_spot_checks(db):
        if not first.isoformat() <= one["due"][:10] <= last.isoformat():
            continue
        desk = aliases.get(one["desk"], one["desk"])
        row = desks.setdefault(
            desk,
            {
                "desk": desk,
                "name": _("the bureau's duty desk") if desk == BUREAU else names.get(desk, desk),
                "calls": 0,
                "missed": 0,
                **dict.fromkeys(RESULTS, 0),
            },
        )
        if one["missed"]:
            row["missed"] += 1
            continue
        row["calls"] += 1
        made += 1
        for result in one["posts"].values():
            row[result] += 1
        share = 1 / chances[one["number"], one["unit"]]
        weight += share
        absent += share * ("absent" in one["posts"].values())
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "desks": [desks[key] for key in sorted(desks, key=lambda key: (key != BUREAU, key))],
        "shifts": made,
        "share": round(absent / weight * 10_000) if weight else None,
    }


def expected_by_person(db: Database, draw: Mapping[str, Any]) -> dict[str, float]:
    """Give how many calls everybody on the bureau's desk may expect of a draw: his shifts' chances summed.

    From the roster as it stands now; by id, in tenths of a thousandth. A small desk has large numbers, and
    everybody may see them.
    """
    roster = read_rosters(db).get(draw["month"])
    if roster is None:
        return {}
    found: dict[str, Fraction] = {}
    seats = bureau_seats(roster)
    for unit, chance in spot.chances_of(draw["frames"]).items():
        if unit.rsplit("/", 2)[0] != BUREAU:
            continue
        day, start, minutes = spot.read_shift(unit)
        begins = datetime.combine(day, datetime.min.time()) + timedelta(minutes=start)
        ends = begins + timedelta(minutes=minutes)
        for person in {who for one in seats if one.begins < ends and begins < one.ends for who in one.people}:
            found[person] = found.get(person, Fraction(0)) + chance
    return {who: round(float(value), 4) for who, value in sorted(found.items())}

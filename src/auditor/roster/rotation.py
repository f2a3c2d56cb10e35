"""The office's own rotation (轮转): whose turn it is, on separate lists for work days, weekends and holidays.

Each post has a list for each class of day. A list goes on after whoever's turn was the last, whoever joins
or leaves. Who cannot come (leave, rest, …) is passed over and makes it up with the first seat of the list
that he can take; who stood in without a turn is passed over once. Plain Python, without the solver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from auditor.entities import Post
from auditor.roster.alone import forbidding
from auditor.roster.edges import asked_over_edge
from auditor.roster.problem import RosterPerson, RosterProblem, Shift

MADE_UP, ACTING, LEAST, EMPTY = "made-up", "acting", "least", "nobody"
"""Why a turn was left where no rule forbids it: an earlier turn was made up; whoever acts took it; all turns
together could not be kept; nobody of the list could take the seat.
"""


HALF = 50
"""What part of a turn everybody begins with, so that parts are rounded and not cut off."""


@dataclass(slots=True)
class Turns:
    """Where a list stands: whose turn was the last, who has one to make up, who stood in without one.

    `part` is what part of a turn, in per cent, people with less than a full share have gathered; `stands`
    who take the next turns of whom, the first one first, because that one acted for them.
    """

    last: str = ""
    owed: list[str] = field(default_factory=list)
    ahead: list[str] = field(default_factory=list)
    part: dict[str, int] = field(default_factory=dict)
    stands: dict[str, list[str]] = field(default_factory=dict)

    def written(self) -> dict[str, Any]:
        """Give it as a record has it; what is empty is left out."""
        found: dict[str, Any] = {"last": self.last}
        found |= {"owed": list(self.owed)} if self.owed else {}
        found |= {"ahead": list(self.ahead)} if self.ahead else {}
        found |= {"part": dict(sorted(self.part.items()))} if self.part else {}
        # one alone is written as himself, as always; several as a list
        stands = {who: own[0] if len(own) == 1 else list(own) for who, own in sorted(self.stands.items())}
        found |= {"stands": stands} if stands else {}
        return found

    @staticmethod
    def of(written: Mapping[str, Any]) -> Turns:
        """Read what `written` gave."""
        return Turns(
            last=str(written.get("last", "")),
            owed=list(written.get("owed", ())),
            ahead=list(written.get("ahead", ())),
            part=dict(written.get("part", {})),
            stands={
                who: [own] if isinstance(own, str) else list(own)
                for who, own in written.get("stands", {}).items()
            },
        )


@dataclass(frozen=True, slots=True, order=True)
class Departure:
    """A turn that was left: on a day, at a post; whose `turn` it was, who was `given` it, by which `rule`."""

    day: date
    post: str
    turn: str
    given: str
    rule: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rotation gives: who fills which shift, departures on the way, where the lists stand."""

    duties: tuple[tuple[Shift, RosterPerson], ...]
    departures: tuple[Departure, ...]
    turns: Mapping[str, Turns]


def rank(problem: RosterProblem) -> Callable[[str], tuple[int, str]]:
    """Give what sorts ids in the office's order: as the desk names them, all others behind, by id."""
    order = {who: at for at, who in enumerate(problem.desk.order if problem.desk else ())}
    return lambda who: (order.get(who, len(order)), who)


def list_of(post: Post, cls: str, leader: str = "") -> str:
    """Give the name of the list of a post and class of day, within a fixed group by its leader."""
    return f"{post.id}/{cls}" + (f"/{leader}" if leader else "")


class _Round:
    """One pass over a month's seats, in order of day; leaders before those whom they lead."""

    def __init__(
        self, problem: RosterProblem, classes: Mapping[date, str], turns: Mapping[str, Turns]
    ) -> None:
        self.problem = problem
        self.classes = classes
        self.turns = {key: Turns.of(one.written()) for key, one in turns.items()}
        self.rank = rank(problem)
        self.people = sorted(problem.people, key=lambda person: self.rank(person.id))
        self.by_id = {person.id: person for person in problem.people}
        self.own: dict[str, list[Shift]] = {person.id: [] for person in problem.people}
        self.filled: dict[int, list[str]] = {shift.index: [] for shift in problem.shifts}
        self.departures: list[Departure] = []
        self.member = {who: group.leader for group in problem.groups for who in group.members}
        self.led = {shift.day for shift in problem.shifts if shift.leads} if problem.groups else set()
        self.apart = {
            who: {other for pair in problem.pairs if not pair.together and who in pair.people
                  for other in pair.people if other != who}
            for pair in problem.pairs for who in pair.people
        }  # fmt: skip

    def run(self) -> Proposal:
        at = {shift.index: shift for shift in self.problem.shifts}
        for index, who in self.problem.locked:
            if index in at and who in self.by_id and who not in self.filled[index]:
                self.give(who, [at[index]])
        asked = sorted(asked_over_edge(self.problem), key=lambda one: self.rank(one[0]))
        for who, day in asked:
            # the last Saturday is kept free for whoever has its Sunday; who leads on it is not known yet
            if day.day.weekday() == 5 and who not in self.member:
                self.go_on(who, day)
        # a group's members take a weekend that is one block where their leader leads on both of its days
        sundays = {one.day for one in self.problem.shifts if one.block not in (-1, one.index)}

        def when(one: Shift) -> date:
            early = self.led and one.post.role == "leader" and one.day in sundays
            return one.day - timedelta(days=1) if early else one.day

        ordered = sorted(
            self.problem.shifts,
            key=lambda one: (
                when(one), one.post.role != "leader", one.day, one.post.by_phone, one.start, one.index
            ),
        )  # fmt: skip
        for shift in ordered:
            for who, day in asked:
                if day.index == shift.index:
                    self.go_on(who, day)
            block = [shift, *(one for one in ordered if one.one_block(shift))]
            if shift.block >= 0 and shift.index != shift.block:
                continue
            for seat in range(len(self.filled[shift.index]), shift.need):
                self.seat(shift, block, seat)
        duties = tuple(
            (shift, self.by_id[who])
            for shift in self.problem.shifts
            for who in sorted(self.filled[shift.index])
        )
        return Proposal(duties, tuple(sorted(self.departures)), self.turns)

    def go_on(self, who: str, day: Shift) -> None:
        """Give a day of a weekend that the month's edge cuts to who has the other, as a part of that turn."""
        if (
            who not in self.filled[day.index]
            and len(self.filled[day.index]) < day.need
            and not self.why_not(who, [day])
        ):
            self.give(who, [day])

    def give(self, who: str, block: Sequence[Shift]) -> None:
        for shift in block:
            self.filled[shift.index].append(who)
            self.own[who].append(shift)

    def why_not(self, who: str, block: Sequence[Shift]) -> str:
        """Give the first rule that forbids somebody all of these shifts; "" if none does."""
        person = self.by_id[who]
        for shift in block:
            rule = forbidding(self.problem, person, shift, self.own[who])
            if rule:
                return rule
            if not self.may_come(who, shift):
                return "groups"
            mates = {
                other
                for other in self.apart.get(who, ())
                for one in self.own[other]
                if one.day == shift.day and one.is_duty and shift.is_duty
            }
            if mates:
                return "pairs"
        return ""

    def may_come(self, who: str, shift: Shift) -> bool:
        """Whether somebody's group is led on a shift's day, or nothing asks for that."""
        bound = who in self.member and shift.is_duty and shift.day in self.led
        return not bound or self.member[who] in self.leaders(shift)

    def here(self, who: str, shift: Shift) -> bool:
        return shift.day not in self.by_id[who].excused

    def seat(self, shift: Shift, block: Sequence[Shift], seat: int) -> None:
        """Give one seat to whose turn it is."""
        cls = self.classes[shift.day]
        able = [person.id for person in self.people if person.fills(shift) and self.here(person.id, shift)]
        if shift.post.role != "leader" and shift.is_duty and shift.day in self.led:
            leaders = self.leaders(shift)
            leader = leaders[seat % len(leaders)] if leaders else ""
            mates = [who for who in able if leader and self.member.get(who) == leader]
            if mates and self.take(list_of(shift.post, cls, leader), mates, shift, block):
                return
            # on a day on which somebody leads, a group comes with its leader and by its own list alone
            able = [who for who in able if who not in self.member]
        if able:
            self.take(list_of(shift.post, cls), able, shift, block)

    def leaders(self, shift: Shift) -> list[str]:
        """Give who leads the groups of a shift's day, as far as they have any."""
        leading = [
            who
            for one in self.problem.shifts
            if one.day == shift.day and one.post.role == "leader" and one.is_duty and not one.post.by_phone
            for who in self.filled[one.index]
        ]
        led = {group.leader for group in self.problem.groups}
        found = []
        for who in leading:
            acted = [
                other
                for other, acting in self.problem.acting.items()
                if acting == who and self.by_id[other].is_out(shift.day) and other in led
            ]
            found += [who] if who in led else []
            found += acted
        return found

    def take(self, key: str, able: Sequence[str], shift: Shift, block: Sequence[Shift]) -> bool:
        """Give a seat to the next of a list; tells whether anybody of it could take it.

        Who has another seat of the shift has his turn in it, and is not asked again.
        """
        turns = self.turns.setdefault(key, Turns(last=self.first_before(shift, able)))
        able = [who for who in able if not any(who in self.filled[one.index] for one in block)]
        if not able:
            return False
        row = self.after(turns.last, able)
        for who in list(turns.owed):
            if who in able and not self.why_not(who, block):
                turns.owed.remove(who)
                self.left(shift, row[0] if row else who, who, MADE_UP)
                self.give(who, block)
                return True
        passed: list[tuple[str, str]] = []
        part, ahead, owed = dict(turns.part), list(turns.ahead), list(turns.owed)
        for _lap in range(20):  # the least share is a twentieth
            for who in row:
                share = self.by_id[who].share
                if share < 100:
                    part[who] = part.get(who, HALF) + share
                    if part[who] < 100:
                        continue
                    part[who] -= 100
                if who in ahead:
                    ahead.remove(who)
                    continue
                rule = self.why_not(who, block)
                waits = (one for one in turns.stands.get(who, ()) if one in able)
                back = next((one for one in waits if not self.why_not(one, block)), "")
                if back:
                    given, reason = back, ACTING
                elif not rule:
                    given, reason = who, ""
                else:
                    acting = self.problem.acting.get(who, "")
                    if rule == "out-of-town" and acting in able and not self.why_not(acting, block):
                        given, reason = acting, ACTING
                    else:
                        if who not in owed:
                            owed.append(who)
                        passed.append((who, rule))
                        continue
                turns.last, turns.part, turns.ahead, turns.owed = who, part, ahead, owed
                if back:
                    turns.stands[who].remove(back)
                    if not turns.stands[who]:
                        del turns.stands[who]
                elif reason:
                    turns.stands.setdefault(given, []).append(who)
                for skipped, forbidden in passed:
                    self.left(shift, skipped, given, forbidden)
                if reason:
                    self.left(shift, who, given, reason)
                self.give(given, block)
                return True
            if all(any(who == skipped for skipped, _rule in passed) for who in row):
                break
        return False

    def left(self, shift: Shift, turn: str, given: str, rule: str) -> None:
        self.departures.append(Departure(shift.day, shift.post.id, turn, given, rule))

    def after(self, last: str, able: Sequence[str]) -> list[str]:
        """Give a list from the one after `last` on, who need not be on it any more."""
        if not last:
            return list(able)
        later = [who for who in able if self.rank(who) > self.rank(last)]
        return later + [who for who in able if self.rank(who) <= self.rank(last)]

    def first_before(self, shift: Shift, able: Sequence[str]) -> str:
        """Give where a new list begins: posts of one role apart, so that nobody has two turns in one day."""
        alike = [post.id for post in self.problem.posts if post.role == shift.post.role]
        start = alike.index(shift.post.id) * len(able) // len(alike)
        return able[start - 1] if start else ""


def propose(problem: RosterProblem, classes: Mapping[date, str], turns: Mapping[str, Turns]) -> Proposal:
    """Give the rotation of a month, list by list, from where the lists stand.

    Parameters
    ----------
    classes
        Each day's class: work, weekend or holiday.
    turns
        The lists by name (`list_of`); one that is missing begins at its beginning.
    """
    return _Round(problem, classes, turns).run()


def settled(
    problem: RosterProblem,
    classes: Mapping[date, str],
    proposal: Proposal,
    duties: Sequence[tuple[Shift, RosterPerson]],
) -> tuple[list[Departure], dict[str, Turns]]:
    """Give all departures of a finished roster from its rotation, and where the lists stand after it.

    Whoever lost a turn to the solver makes it up later; whoever stood in for him is passed over once.
    """
    turns = {key: Turns.of(one.written()) for key, one in proposal.turns.items()}
    member = {who: group.leader for group in problem.groups for who in group.members}
    own: dict[str, list[Shift]] = {}
    final: dict[int, list[str]] = {}
    for shift, person in duties:
        own.setdefault(person.id, []).append(shift)
        final.setdefault(shift.index, []).append(person.id)
    people = {person.id: person for person in problem.people}
    proposed: dict[int, list[str]] = {}
    for shift, person in proposal.duties:
        proposed.setdefault(shift.index, []).append(person.id)
    found: list[Departure] = []
    instead: dict[tuple[date, str, str], str] = {}
    for shift in problem.shifts:
        was, now = proposed.get(shift.index, []), final.get(shift.index, [])
        lost = [who for who in was if who not in now]
        came = [who for who in now if who not in was]
        for at, who in enumerate(came):
            turn = lost[at] if at < len(lost) else ""
            rule = forbidding(problem, people[turn], shift, own.get(turn, ())) if turn else ""
            rule = rule or (_coupled(problem, turn, shift, final, own, who) if turn else EMPTY)
            found.append(Departure(shift.day, shift.post.id, turn, who, rule or LEAST))
            if shift.block in (-1, shift.index):
                cls = classes[shift.day]
                led = list_of(shift.post, cls, member.get(who, ""))
                mine = turns.get(led if led in turns else list_of(shift.post, cls))
                if mine is not None and who in mine.owed:
                    mine.owed.remove(who)
                elif mine is not None:
                    mine.ahead.append(who)
            if turn:
                instead[shift.day, shift.post.id, turn] = who
        if shift.block in (-1, shift.index):
            for who in lost:
                cls = classes[shift.day]
                led = list_of(shift.post, cls, member.get(who, ""))
                mine = turns.get(led if led in turns else list_of(shift.post, cls))
                if mine is not None and who in mine.ahead:
                    mine.ahead.remove(who)
                elif mine is not None:
                    mine.owed.append(who)
    at_shift = {(shift.day, shift.post.id): shift for shift in problem.shifts}
    for one in proposal.departures:
        shift = at_shift[one.day, one.post]
        given = instead.get((one.day, one.post, one.given), one.given)
        now = final.get(shift.index, [])
        if one.turn in now:
            continue  # the solver gave it back
        if one.rule == MADE_UP and one.given not in now:
            continue  # who was to make a turn up lost it: that is told, and this turn is still to come
        given = given if given in now else ""
        rule = one.rule
        if rule not in (MADE_UP, ACTING) or given != one.given:
            rule = forbidding(problem, people[one.turn], shift, own.get(one.turn, ()))
            rule = rule or _coupled(problem, one.turn, shift, final, own, given) or LEAST
        found.append(Departure(one.day, one.post, one.turn, given, rule))
    return sorted(set(found)), turns


def _coupled(
    problem: RosterProblem,
    who: str,
    shift: Shift,
    final: Mapping[int, Sequence[str]],
    own: Mapping[str, Sequence[Shift]],
    given: str,
) -> str:
    """Give the rule about several people that forbids somebody a shift in a finished roster, in place of
    whoever was `given` it; "" if none.
    """
    if not shift.is_duty:
        return ""
    for pair in problem.pairs:
        if who in pair.people:
            other = next(one for one in pair.people if one != who)
            there = any(
                one.day == shift.day and one.is_duty and (other != given or one.index != shift.index)
                for one in own.get(other, ())
            )
            if there is not pair.together:
                return "pairs"
    leads = [
        one
        for one in problem.shifts
        if one.day == shift.day and one.post.role == "leader" and one.is_duty and not one.post.by_phone
    ]
    leading = {other for one in leads for other in final.get(one.index, ())}
    on_duty = {
        other
        for one in problem.shifts
        if one.day == shift.day and one.is_duty
        for other in final.get(one.index, ())
    }
    for group in problem.groups:
        if who in group.members and leads and group.leader not in leading:
            return "groups"
        if group.leader == given and shift in leads and on_duty & set(group.members):
            return "groups"
    for one in problem.shifts:
        if one.one_block(shift) and who not in final.get(one.index, ()):
            return "weekend-block"
    return ""


def turns_before(rosters: Iterable[Mapping[str, Any]], class_of: Callable[[date], str]) -> dict[str, Turns]:
    """Give where the lists stand after earlier rosters, oldest first.

    A roster that was made in rotation says so itself; of another one the last duty of each list counts.
    """
    found: dict[str, Turns] = {}
    for roster in rosters:
        if "turns" in roster:
            found |= {key: Turns.of(one) for key, one in roster["turns"].items()}
            continue
        for row in roster["assignments"]:
            key = f"{row['post']}/{class_of(date.fromisoformat(row['date']))}"
            found[key] = Turns(last=row["person"])
    return found

"""Says what a month lacks, the rules of a core and the ways out, in the language of the context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from auditor.i18n import N_, _, listed, ngettext, some
from auditor.pages.words import ROLE_WORDS, day_name, word
from auditor.roster.desk import post_said
from auditor.roster.problem import RosterProblem, Shift

MOST_TOLD = 6
"""So many people or seats of one way out are named; JSON has them all."""
HALVES = {"am": N_("morning"), "pm": N_("afternoon")}
SLOT_OF_HOUR = {"08": N_("morning"), "13": N_("afternoon"), "18": N_("evening")}


def _half_name(half: str) -> str:
    """Say a half-day of leave, 2026-12-03/am."""
    return f"{day_name(date.fromisoformat(half[:10]))} {_(HALVES[half[11:]])}"


class Telling:
    """Says shifts, demands and ways out of one problem in the language of the context."""

    def __init__(self, problem: RosterProblem, names: Mapping[str, str], short: str) -> None:
        self.problem = problem
        self.names = names
        self.short = short
        self.shifts = {shift.index: shift for shift in problem.shifts}
        self.people = {person.id: person for person in problem.people}

    def name(self, who: str) -> str:
        return self.names.get(who, who)

    def post(self, shift: Shift) -> str:
        return post_said(shift.post)

    def lack(self, shift: Shift, count: int) -> dict[str, Any]:
        return {
            "date": shift.day.isoformat(),
            "post": shift.post.id,
            "short": count,
            "text": _("{day} {post} lacks {count}").format(
                day=shift.day.isoformat(), post=self.post(shift), count=count
            ),
        }

    def demands(self, demands: Sequence[Any], *, filled: bool = True) -> list[dict[str, Any]]:
        """Say a core: each shift that must be filled, or its seats; then rule by rule whom it binds."""
        from auditor.roster.rules.leave import days_of

        found: list[dict[str, Any]] = []
        covered = [self.shifts[one.shift] for one in demands if one.rule == "cover"]
        touched = {day for shift in covered for day in days_of(shift, self.problem)}
        for shift in covered:
            found.append(
                {
                    "rule": "cover",
                    "date": shift.day.isoformat(),
                    "post": shift.post.id,
                    "text": (
                        _("{day} {post} needs {count}")
                        if filled
                        else ngettext(
                            "{day} {post} has {count} seat", "{day} {post} has {count} seats", shift.need
                        )
                    ).format(day=shift.day.isoformat(), post=self.post(shift), count=shift.need),
                }
            )
        by_text: dict[tuple[str, str], list[str]] = {}
        for one in demands:
            if one.rule != "cover":
                by_text.setdefault((one.rule, self.said(one.rule, one.person, touched)), []).append(
                    one.person
                )
        for (rule, text), people in by_text.items():
            found.append(
                {
                    "rule": rule,
                    "people": people,
                    "text": text.format(names=listed(self.name(who) for who in people)),
                }
            )
        return found

    def said(self, rule: str, who: str, touched: set[date]) -> str:
        """Say what a rule asks of somebody, with {names} for whom; the same for all it asks the same of."""
        person = self.people[who]
        problem = self.problem
        role = person.roles[0]
        if rule in ("leave", "out-of-town"):
            days = [
                day
                for day in person.leave
                if day in touched and (day in person.away) is (rule == "out-of-town")
            ]
            halves = person.away_half if rule == "out-of-town" else person.half
            parts = [half for half in halves if date.fromisoformat(half[:10]) in touched]
            when = listed([*(day_name(day) for day in days), *map(_half_name, parts)])
            return (
                _("{names}: out of town on {days}")
                if rule == "out-of-town"
                else _("{names}: on leave on {days}")
            ).replace("{days}", when)
        if rule == "stand-by":
            return _("{names}: stand-by for visits (外勤待命), on which no duty and no rest may lie")
        if rule == "rest":
            hours = sorted(
                {(shift.rested - shift.end) // 60 for shift in problem.shifts if person.fills(shift)}
            )
            return _("{names}: rest of {hours} hours after a duty").replace(
                "{hours}", "/".join(map(str, hours))
            )
        limits = {
            "gap": (problem.gaps, _("{names}: {count} days from one duty to the next at least")),
            "runs": (problem.runs, _("{names}: {count} days of duty on end at most")),
            "week": (problem.week, _("{names}: {count} duties in a week at most")),
            "month": (problem.month, _("{names}: {count} duties in the month at most")),
        }
        if rule in limits:
            values, text = limits[rule]
            return text.replace("{count}", str(values.get(role, "")))
        if rule == "pairs":
            mates = [
                (pair.together, self.name(other))
                for pair in problem.pairs
                if who in pair.people
                for other in pair.people
                if other != who
            ]
            return listed(
                (
                    _("{names}: on duty with {other} only")
                    if together
                    else _("{names}: never on one day with {other}")
                ).replace("{other}", other)
                for together, other in mates
            )
        if rule == "groups":
            leaders = [group.leader for group in problem.groups if who in group.members]
            if leaders:
                return _("{names}: on duty only when {leader} leads").replace(
                    "{leader}", self.name(leaders[0])
                )
            return _("{names}: leads a fixed group")
        if rule == "weekend-block":
            return _("{names}: Saturday and Sunday are one block")
        return _("{names}: a cell that stands")

    def way(self, one: Any, roles: Sequence[str]) -> dict[str, Any]:
        """Say a way out for people of these roles."""
        return {
            "roles": list(roles),
            "cost": one.cost,
            "kind": one.kind,
            "of": [list(pair) for pair in one.of],
            "least": one.least,
            "text": self.way_text(one),
        }

    def called_back(self, of: Sequence[tuple[str, str]]) -> list[str]:
        """Say who gives up what, a person at a time."""
        found = []
        for who in dict.fromkeys(who for who, _text in of):
            mine = [text for other, text in of if other == who]
            days = [day_name(date.fromisoformat(text)) for text in mine if "/" not in text]
            days += [_half_name(text) for text in mine if text[11:] in HALVES]
            if days:
                found.append(
                    _("{name} is called back ({days})").format(name=self.name(who), days=listed(days))
                )
            found += [
                _("{name} gives up the stand-by of {half_day}").format(
                    name=self.name(who),
                    half_day=f"{day_name(date.fromisoformat(text[:10]))} {_(SLOT_OF_HOUR[text[11:]])}",
                )
                for text in mine
                if text[11:] in SLOT_OF_HOUR
            ]
        return found

    def way_text(self, one: Any) -> str:
        first, second = one.of[0]
        role = word(ROLE_WORDS, first)
        if one.kind == "seats":
            posts = {shift.post.id: self.post(shift) for shift in self.problem.shifts}
            seats = some((f"{day} {posts[post]}" for day, post in one.of), MOST_TOLD)
            return ngettext(
                "leave {count} seat empty ({seats}): {command}",
                "leave {count} seats empty ({seats}): {command}",
                len(one.of),
            ).format(count=len(one.of), seats=seats, command=self.short)
        if one.kind == "leave":
            return some(self.called_back(one.of), MOST_TOLD)
        texts = {
            "gap": _("let {count} days lie between duties of {role} (gaps)"),
            "runs": _("allow {count} days on end for {role} (runs)"),
            "week": _("allow {count} duties in a week for {role} (week)"),
            "month": _("allow {count} duties in the month for {role} (month)"),
            "people": _("{count} more among {role}"),
            "rest": _("12 hours of rest after nights in this month (rest_after_night_min = 720)"),
            "weekend-block": _("fill Saturday and Sunday apart (weekend_block)"),
        }
        if one.kind in texts:
            return texts[one.kind].format(count=second, role=role)
        if one.kind == "pairs":
            return _("set the pair {one} and {other} aside (pairs)").format(
                one=self.name(first), other=self.name(second)
            )
        return _("set the group of {leader} aside (groups)").format(leader=self.name(first))

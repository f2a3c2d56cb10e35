"""Why a month cannot be staffed: what lacks people, a smallest set of rules, and the cheapest ways out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from auditor.i18n import N_, _, listed, ngettext
from auditor.roster.fairness import Account, accounts
from auditor.roster.problem import RosterProblem
from auditor.roster.rotation import MADE_UP
from auditor.store import Database
from auditor.store.staff import read_leave
from auditor.workflow.called import staff_names
from auditor.workflow.duty import rosters
from auditor.workflow.duty.roster_revisions import DRAFT
from auditor.workflow.duty.roster_telling import Telling
from auditor.workflow.duty.roster_words import rule_said
from auditor.workflow.months import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Why a month cannot be staffed; `rows` of each list are as JSON has them, with a `text` for people."""

    month: str
    made: bool = True
    """Whether the month is made (anew), and not mended."""
    shortage: list[dict[str, Any]]
    core: list[dict[str, Any]]
    ways: list[dict[str, Any]]
    unknown: bool = False
    """Whether the work ran out before anything was proven."""
    contradicted: bool = False
    """Whether rules about people contradict one another, whatever seats stay empty."""

    @property
    def possible(self) -> bool:
        """Whether every seat can be filled."""
        return not self.shortage and not self.contradicted and not self.unknown


def leave_of(db: Database, problem: RosterProblem, but: Collection[str] = ()) -> dict[str, set[date]]:
    """Give the days of leave of a problem by person: not the days before somebody came or after he left.

    Parameters
    ----------
    but
        Whose leave nobody would ask for.
    """
    found: dict[str, set[date]] = {}
    people = {person.id: person for person in problem.people}
    for one in read_leave(db):
        if one.person in people and one.person not in but:
            own = people[one.person]
            halves = {date.fromisoformat(half[:10]) for half in (*own.half, *own.away_half)}
            days = {day for day in {*own.leave, *halves} if one.from_on <= day <= one.to_on}
            found.setdefault(one.person, set()).update(days)
    return found


def reasons_for(
    problem: RosterProblem,
    parts: Sequence[RosterProblem],
    names: Mapping[str, str],
    month: str,
    *,
    asked: Mapping[str, Collection[date]] | None = None,
    work: float,
    state: str = "",
) -> Reasons:
    """Say why these parts of a problem cannot be staffed.

    Parameters
    ----------
    asked
        What leave could be given up.
    state
        That of the month's roster, "" where none is stored: a draft is made anew, another one mended.
    """
    from auditor.roster.explain import contradiction, core
    from auditor.roster.make import short_of
    from auditor.roster.relax import possible, relaxations

    made = state in ("", DRAFT)
    told = Telling(problem, names, f"auditor roster {'make' if made else 'repair'} --month {month} --short")
    reasons = Reasons(month=month, made=made, shortage=[], core=[], ways=[])
    unknown = contradicted = False
    for part in parts:
        lacks, without_way = short_of(part, work)
        if not lacks and not without_way:
            unknown = unknown or not possible(part, work)
            continue
        contradicted = contradicted or without_way
        reasons.shortage.extend(told.lack(shift, count) for shift, count in lacks)
        demands = (
            core(part, [shift.index for shift, _count in lacks], work=work)
            if lacks
            else contradiction(part, work=work)
        )
        roles = sorted({post.role for post in part.posts})
        reasons.core.extend({"roles": roles, **row} for row in told.demands(demands, filled=bool(lacks)))
        found = relaxations(part, lacks, {one.rule for one in demands}, asked=asked, work=work)
        reasons.ways.extend(told.way(one, roles) for one in found)
    reasons.ways.sort(key=lambda one: one["cost"])
    return replace(reasons, unknown=unknown, contradicted=contradicted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An account of one person and class, and why it is not lower; `why` is "" where it is not above."""

    account: Account
    kind: str = ""
    rules: tuple[str, ...] = ()
    came: tuple[int, int, int] | None = None
    """Of `MIXED`: how many duties came by turn, as another's turn when it was made, and by later changes."""
    why: str = ""


def accounts_of(
    db: Database, month: Month, roster: Mapping[str, Any], *, people: Sequence[str] = (), work: float
) -> list[Told]:
    """Say of everybody, or of these people, what he bears and why it cannot be lower.

    Each counter that lies one duty or more above what is expected is tried with one less; of the people
    asked for also those that lie above at all.
    """
    from auditor.roster.lower import LOWER, Why, why_not_lower

    desk, _old = rosters.desk_of_roster(db, roster, month)
    problem = rosters.problem_of(db, month, desk)
    # somebody who joined since the roster was made has what he joins with
    counts = {(one.id, name): count for one in problem.people for name, count in one.carried.items()}
    counts |= {(who, name): count for who, own in roster["counters"].items() for name, count in own.items()}
    parts = problem.parts()
    in_turn = roster.get("style") == "rotation"
    came = _Came(db, month, roster, problem)
    found = []
    for account in accounts(roster):
        if people and account.person not in people:
            continue
        if account.deviation <= 0 or (account.deviation < 1 and not people):
            found.append(Told(account=account))
            continue
        part = next((one for one in parts if any(who.id == account.person for who in one.people)), None)
        person = next((who for who in part.people if who.id == account.person), None) if part else None
        asked = part is not None and person is not None and account.cls in objective_new(part)
        why = (
            why_not_lower(part, counts, person, account.cls, work=work)
            if asked and part is not None and person is not None
            else Why("no-duty")
        )
        if why.kind == LOWER and in_turn and came.not_by_turn(account.person, account.cls):
            counts_of = came.counts(account.person, account.cls)
            text = came_said(counts_of, history_command(month.key))
            found.append(Told(account=account, kind=MIXED, came=counts_of, why=text))
            continue
        text = why_said(
            why.kind,
            why.rules,
            in_turn=in_turn,
            least=why.kind == LOWER and not in_turn and roster["status"] == "optimal",
        )
        found.append(Told(account=account, kind=why.kind, rules=why.rules, why=text))
    return found


class _Came:
    """How the new duties of a roster in turn came to their people: by turn, in others' place, by a change."""

    def __init__(self, db: Database, month: Month, roster: Mapping[str, Any], problem: RosterProblem) -> None:
        made = rosters.made_before_changes(db, month, roster)
        self.made = {(row["date"], row["post"], row["person"]) for row in made["assignments"]}
        # who makes an earlier turn up has his own
        self.given = {
            (row["date"], row["post"], row["given"])
            for row in roster.get("departures", ())
            if row["rule"] != MADE_UP
        }
        self.rows = [(row["date"], row["post"], row["person"]) for row in roster["assignments"]]
        self.classes = {(one.day.isoformat(), one.post.id): one.classes for one in problem.shifts}

    def counts(self, who: str, cls: str) -> tuple[int, int, int]:
        """Give how many of somebody's duties of a class came by turn, otherwise when made, and later."""
        mine = [row for row in self.rows if row[2] == who and cls in self.classes.get(row[:2], ())]
        later = sum(row not in self.made for row in mine)
        stood_in = sum(row in self.made and row in self.given for row in mine)
        return len(mine) - later - stood_in, stood_in, later

    def not_by_turn(self, who: str, cls: str) -> bool:
        return any(self.counts(who, cls)[1:])


def came_said(counts: Sequence[int], command: str = "") -> str:
    """Say how duties came to somebody, as `_Came.counts` counts them; `command` tells more of changes."""
    turns, stood_in, later = counts
    texts = [ngettext("{n} duty is his turn", "{n} duties are his turns", turns).format(n=turns)]
    if stood_in:
        text = ngettext(
            "{n} was another's turn when it was made", "{n} were others' turns when it was made", stood_in
        )
        texts.append(text.format(n=stood_in))
    if later:
        text = ngettext("{n} came by a later change", "{n} came by later changes", later).format(n=later)
        texts.append(f"{text} ({command})" if command else text)
    return _("; ").join(texts)


def history_command(month: str) -> str:
    """Give the command that lists the changes of a month."""
    return f"auditor roster history --month {month}"


MIXED = "mixed"
"""Not lower for turns and for duties that came otherwise."""


def objective_new(part: RosterProblem) -> set[str]:
    """Give the classes that have new duties in a part."""
    return {name for shift in part.shifts if shift.need for name in shift.classes}


def why_said(kind: str, rules: Sequence[str], *, in_turn: bool, least: bool = False) -> str:
    """Say why a counter is not lower; `least` where it could be, and all squares together are the least."""
    if kind == "lower" and least:
        return _("lower only if other classes lie further apart: all weighted squares together are the least")
    if kind == "rules":
        return (
            _("not lower, because of: {rules}").format(rules=listed(rule_said(rule) for rule in rules))
            if (rules)
            else _("not lower: there are not people enough for the seats")
        )
    if kind == "some-rules":
        return (
            _(
                "not lower, because of: {rules}; not every rule could be tried within the work limit (--work)"
            ).format(rules=listed(rule_said(rule) for rule in rules))
            if rules
            else _("not lower by the rules; which of them was not settled within the work limit (--work)")
        )
    return {
        "mixed": _("his turns, and duties that came to him otherwise"),
        "no-duty": _("carried from before; no new duty this month"),
        "even": _("the duties do not divide evenly; everybody else has as many, or one less"),
        "lower": _("his turns on the lists of the rotation") if in_turn else _("it could be lower"),
    }.get(kind, _("not proven within the work limit; raise it with --work"))


LIST_SAID = {"work": N_("work days"), "weekend": N_("weekends"), "holiday": N_("holidays")}


def duties_told(
    db: Database, month: Month, roster: Mapping[str, Any], who: str, command: str = ""
) -> list[dict[str, Any]]:
    """Say of each duty of somebody how it came to him: ``{"date", "post", "why"}`` by day.

    In rotation his turn, on which list, or in whose place and by which rule; else that it is his share; and
    of a duty that he has not had when the roster was made, that it came later (`command` tells more).
    """
    names = staff_names(db)
    classes = {day.day.isoformat(): day.cls for day in month.days}
    made = rosters.made_before_changes(db, month, roster)
    there = {(row["date"], row["post"]) for row in made["assignments"] if row["person"] == who}
    given: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in roster.get("departures", ()):
        if row["given"] == who:
            given.setdefault((row["date"], row["post"]), []).append(row)
    found = []
    for row in roster["assignments"]:
        if row["person"] != who:
            continue
        seat = row["date"], row["post"]
        if seat not in there:
            why = _("came to him after the roster was made")
            why = f"{why} ({command})" if command else why
        elif roster.get("style") != "rotation":
            why = _("his share of the month")
        elif seat in given:
            why = listed(_left_text(one, names) for one in given[seat])
        else:
            why = _("his turn on the list of {days}").format(days=_(LIST_SAID[classes[row["date"]]]))
        found.append({"date": row["date"], "post": row["post"], "why": why})
    return found


def _left_text(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Say why a turn that was another's came to somebody."""
    turn = names.get(row["turn"], row["turn"])
    if row["rule"] == "made-up":
        return _("makes up an earlier turn")
    if row["rule"] == "acting":
        return _("acts for {name}, or has his turn back from him").format(name=turn)
    if not row["turn"]:
        return _("nobody's turn fell here")
    return _("in place of {name} ({rule})").format(name=turn, rule=rule_said(row["rule"]))

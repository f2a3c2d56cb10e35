"""Cells that a roster is to be made around (`--fix`): read, and refused with the rule that they break."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from auditor.entities import Duty, Person
from auditor.errors import UsageProblem
from auditor.i18n import _, listed
from auditor.pages.words import ROLE_WORDS, word
from auditor.roster.check import RosterFacts, ground_of
from auditor.roster.check_rules import Mine, rule_breaches
from auditor.roster.desk import DutyDesk, post_said
from auditor.roster.problem import RosterProblem
from auditor.workflow.called import names_apart
from auditor.workflow.duty.roster_telling import Telling
from auditor.workflow.duty.roster_words import breach_said
from auditor.workflow.months import Month

MOST = 8
"""So many rules are named in one sentence."""


def can_stand(fixed: Sequence[Duty], desk: DutyDesk, facts: RosterFacts) -> None:
    """Go on if cells can stand together; raises UsageProblem with the rule that forbids it."""
    ground = ground_of(facts)
    duties = [Mine(one.person, one.day, one.post) for one in fixed]
    roles = {person.id: person.roles for person in facts.people}
    names = {person.id: person.name for person in facts.people}
    called = {post.id: post_said(post) for post in desk.posts}
    for one in duties:
        seats = ground.demand.get((one.day.isoformat(), one.post), 0)
        role = ground.posts[one.post]["role"]
        if role not in roles[one.who]:
            raise UsageProblem(
                problem=_("--fix {day}/{post}={who}: the post is for another role ({role})").format(
                    day=one.day, post=called[one.post], who=names[one.who], role=word(ROLE_WORDS, role)
                )
            )
        if sum((other.day, other.post) == (one.day, one.post) for other in duties) > seats:
            raise UsageProblem(
                problem=_("--fix {day}/{post}: more people than its {seats} seats").format(
                    day=one.day, post=called[one.post], seats=seats
                )
            )
    # others may still come beside them: pairs, groups and blocks are judged with the whole roster
    # (`cannot_stand`)
    broken = [
        breach
        for breach in rule_breaches(ground, duties)
        if breach.rule not in ("pairs", "groups", "weekend-block")
    ]
    if broken:
        rule, where, what = breach_said(broken[0], names, called)
        raise UsageProblem(
            problem=_("--fix: {where} breaks the rule {rule} ({what}); fix another cell").format(
                where=where, rule=rule, what=what
            )
        )


def cells_of(
    texts: Sequence[str], desk: DutyDesk, people: Sequence[Person], month: Month
) -> tuple[Duty, ...]:
    """Read cells like ``2026-12-05/lead=l03``; raises UsageProblem for what is no cell of the month."""
    found = []
    called_so = Counter(person.name for person in people)
    names = {person.name: person.id for person in people if called_so[person.name] == 1}
    names |= {called: who for who, called in names_apart(people).items()}
    names |= {person.id: person.id for person in people}
    posts = {post.zh: post.id for post in desk.posts if post.zh} | {post.id: post.id for post in desk.posts}
    for text in texts:
        cell, _equals, who = text.partition("=")
        day, _slash, post = cell.partition("/")
        days = {one.day.isoformat(): one.day for one in month.days}
        if who not in names and called_so[who] > 1:
            ids = sorted(person.id for person in people if person.name == who)
            raise UsageProblem(
                problem=_("{word}: {n} people are called so; write the id of one: {ids}").format(
                    word=who, n=len(ids), ids=listed(ids)
                )
            )
        if day not in days or post not in posts or who not in names:
            raise UsageProblem(
                problem=_(
                    "--fix {text}: write a day of the month, a post and a person, like 2026-12-05/lead=l03"
                ).format(text=text)
            )
        found.append(Duty(day=days[day], post=posts[post], person=names[who]))
    return tuple(found)


def cannot_stand(problem: RosterProblem, names: Mapping[str, str], work: float) -> UsageProblem | None:
    """Give the refusal of cells that are to stand where they alone forbid a roster, with the rules.

    None where no roster is possible without them either, or where that is not proven.

    Parameters
    ----------
    names
        What people are called, by id.
    work
        Deterministic units at most for each try.
    """
    from auditor.roster.explain import contradiction, core
    from auditor.roster.make import short_of
    from auditor.roster.relax import possible

    for part in problem.parts():
        shifts = {shift.index: shift for shift in part.shifts}
        held = [(shifts[index], who) for index, who in part.locked if index in shifts]
        if not held:
            continue
        lacks, contradicted = short_of(part, work)
        if not (lacks or contradicted) or not possible(replace(part, locked=()), work):
            continue
        found = (
            contradiction(part, work=work)
            if contradicted
            else core(part, [shift.index for shift, _count in lacks], work=work)
        )
        named = {one.person for one in found if one.rule == "locked"}
        if not named:
            continue
        cells = listed(
            f"{shift.day} {post_said(shift.post)} {names.get(who, who)}"
            for shift, who in held
            if who in named
        )
        told = Telling(problem, names, "").demands(found, filled=not contradicted)
        texts = [row["text"] for row in told if row["rule"] != "locked"]
        rules = _("; ").join(texts[:MOST]) + (" …" if len(texts) > MOST else "")
        return UsageProblem(
            problem=_("--fix: {cells} cannot stand beside these rules: {rules}; fix another cell").format(
                cells=cells, rules=rules
            )
        )
    return None

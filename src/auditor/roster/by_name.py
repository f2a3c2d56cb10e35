"""People in the settings of a duty desk: a file may write them by id or name, rosters know ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.entities import Person
from auditor.i18n import _
from auditor.roster.desk import DutyDesk, Group, Pair, short


def called(desk: DutyDesk, people: Sequence[Person]) -> tuple[DutyDesk, list[str]]:
    """Put ids in place of the names by which a desk's lists call people.

    Returns
    -------
    The desk, and a sentence for each word that is nobody, or more than one person, or somebody who stands in
    a list already. Such words stay as they are.
    """
    ids = {person.id for person in people}
    named: dict[str, list[str]] = {}
    for person in people:
        named.setdefault(person.name, []).append(person.id)
    faults: list[str] = []

    def one(key: str, text: str) -> str:
        found = [text] if text in ids else sorted(named.get(text, ()))
        if len(found) == 1:
            return found[0]
        told = (
            _("{key}: {n} people are called {name} ({ids}); write the id of one")
            if found
            else _(
                "{key}: {name} is nobody here; write an id or a name that `auditor people list` shows, or "
                "bring in who is missing with `auditor people import` first"
            )
        )
        fault = told.format(key=key, name=short(text), n=len(found), ids=", ".join(found))
        if fault not in faults:
            faults.append(fault)
        return text

    def several(key: str, texts: Sequence[str]) -> tuple[str, ...]:
        found = tuple(one(key, text) for text in texts)
        twice(key, found)
        return found

    def twice(key: str, found: Sequence[str]) -> None:
        double = sorted({who for who in found if found.count(who) > 1})
        if double:
            faults.append(
                _("{key}: {name} stands twice, by id and by name; take one out").format(
                    key=key, name=short(double[0])
                )
            )

    order = several("order", desk.order)
    pairs = [
        Pair(people=(min(both), max(both)), together=pair.together)
        for pair in desk.pairs
        for both in [several("pairs", pair.people)]
    ]
    told = [" + ".join(pair.people) for pair in pairs]
    twice("pairs", told)
    groups = [
        Group(
            leader=one("groups", group.leader),
            members=tuple(sorted(one("groups", who) for who in group.members)),
        )
        for group in desk.groups
    ]
    twice("groups", [who for group in groups for who in (group.leader, *group.members)])
    keys = several("acting", list(desk.acting))
    acting = {who: one("acting", other) for who, other in zip(keys, desk.acting.values(), strict=True)}
    faults += [
        _("acting: {name} cannot act for himself").format(name=short(who))
        for who, other in acting.items()
        if who == other
    ]
    opening = dict(zip(several("opening", list(desk.opening)), desk.opening.values(), strict=True))
    if any(len(new) < len(old) for new, old in ((acting, desk.acting), (opening, desk.opening))):
        return desk, faults  # nobody's entry is lost
    return replace(
        desk,
        order=order,
        pairs=tuple(sorted(pairs, key=lambda pair: pair.people)),
        groups=tuple(sorted(groups, key=lambda group: group.leader)),
        acting=acting,
        opening=opening,
    ), faults

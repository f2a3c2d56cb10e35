"""The settings of the duty desk: kept from a file, and as a month is made by them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from auditor.entities import DUTY_ROLES, Person
from auditor.errors import AuditorError, FileMissing, UsageProblem
from auditor.i18n import N_, _, listed
from auditor.roster.by_name import called
from auditor.roster.desk import MOST_BYTES, BadDesk, DutyDesk, desk_json, desk_of_json, read_desk
from auditor.roster.problem import OUT_OF_TOWN, duty_roles
from auditor.store import Database
from auditor.store.duties import read_leave_requests
from auditor.store.records import put_settings, read_settings
from auditor.store.staff import read_people, read_staff
from auditor.store.writing import write_tx
from auditor.workflow.months import Month

DESK = "duty_desk"
"""The setting that keeps the desk."""


class StrangersAtTheDesk(AuditorError):
    """The settings of the desk name people who cannot be on duty."""

    sentence = N_(
        "the duty desk's settings name {names}, who can fill no post of the desk: give them a role with "
        "`auditor people import`, or take them out of {keys} with `auditor roster settings import`"
    )


def desk_of(db: Database) -> DutyDesk:
    """Give the settings of the duty desk, the default ones where nobody has kept any."""
    kept = read_settings(db).get(DESK)
    if kept is None:
        return DutyDesk()
    try:
        # settings may have come in before the people whom they name
        return called(desk_of_json(json.loads(kept), DESK), read_people(db))[0]
    except ValueError as error:
        raise BadDesk(
            file=DESK, faults=_("the settings that are kept are damaged ({error})").format(error=error)
        ) from error


def known_desk(db: Database) -> DutyDesk:
    """Give the settings of the duty desk, whose lists name people who are known; raises BadDesk."""
    desk, people = desk_of(db), read_people(db)
    faults = called(desk, people)[1] if people else []
    if faults:
        raise BadDesk(file=DESK, faults="; ".join(faults))
    return desk


def desk_for(db: Database, month: Month) -> DutyDesk:
    """Give the settings that a month is made by: those that are kept, with who acts for whom in it.

    An approved report of being out of town (外出报备) names the acting head; where two of one person touch
    the month, the one that begins last.
    """
    desk = known_desk(db)
    able = {person.id for person in read_people(db)}
    acting = dict(desk.acting)
    for one in sorted(read_leave_requests(db), key=lambda one: (one["from"], one["id"])):
        inside = one["from"] <= month.last.isoformat() and month.first.isoformat() <= one["to"]
        both = {one["person"], one["acting"]} <= able
        if one["state"] == "approved" and one["kind"] in OUT_OF_TOWN and inside and both:
            acting[one["person"]] = one["acting"]
    return replace(desk, acting=acting)


def keep_desk(db: Database, file: Path, now: datetime) -> tuple[DutyDesk, str]:
    """Keep a file of settings; gives them and whether they are "new", "changed" or "unchanged".

    Raises
    ------
    FileMissing, BadDesk, StrangersAtTheDesk
    """
    if not file.is_file():
        raise FileMissing(file=file)
    with file.open("rb") as stream:
        data = stream.read(MOST_BYTES + 1)
    desk = read_desk(data, file.name)
    if read_staff(db):
        people = read_people(db)
        desk, faults = called(desk, people)
        if faults:
            raise BadDesk(file=file.name, faults="; ".join(faults))
        no_strangers(desk, people, everywhere=True)
    text = json.dumps(desk_json(desk), ensure_ascii=False, sort_keys=True)
    with write_tx(db, "roster settings", now) as tx:
        old = read_settings(db).get(DESK)
        put_settings(tx, {DESK: text})
    return desk, "new" if old is None else "unchanged" if old == text else "changed"


def no_strangers(desk: DutyDesk, people: Sequence[Person], *, everywhere: bool = False) -> None:
    """Go on if everybody whom the desk's rules name can be on duty; raises BadDesk, StrangersAtTheDesk.

    Parameters
    ----------
    everywhere
        Also who has only a place in the order or an opening balance, and who acts for whom: as in a new file.
    """
    faults = called(desk, people)[1]
    if faults:
        raise BadDesk(file=DESK, faults="; ".join(faults))
    able = {person.id for person in people if {post.role for post in desk.posts} & set(person.roles)}
    named = {
        "pairs": {who for pair in desk.pairs for who in pair.people},
        "groups": {who for group in desk.groups for who in (group.leader, *group.members)},
        "acting": {who for pair in desk.acting.items() for who in pair},
    }
    if everywhere:
        named |= {"order": set(desk.order), "opening": set(desk.opening)}
    strange = sorted({who for people in named.values() for who in people} - able)
    if strange:
        keys = [key for key, people in named.items() if people & set(strange)]
        names = {person.id: person.name or person.id for person in people}
        raise StrangersAtTheDesk(names=listed(names.get(who, who) for who in strange), keys=listed(keys))
    roles = {person.id: set(duty_roles(person, desk.posts)) for person in people}
    apart = [(who, other) for who, other in sorted(desk.acting.items()) if not roles[who] & roles[other]]
    if everywhere and apart:
        raise UsageProblem(
            problem=_("acting: {name} and {other} fill no post of one role; name somebody who does").format(
                name=apart[0][0], other=apart[0][1]
            )
        )
    leaders = {person.id for person in people if person.role == "leader"}
    wrong = sorted({group.leader for group in desk.groups} - leaders)
    if wrong:
        raise UsageProblem(
            problem=_("groups: {name} is no leader; name one, or give the role leader").format(name=wrong[0])
        )


def roles_at(desk: DutyDesk) -> tuple[str, ...]:
    """Give the roles of the desk's posts, leaders first."""
    return tuple(role for role in DUTY_ROLES if any(post.role == role for post in desk.posts))


def person_called(db: Database, text: str) -> str:
    """Give the id of somebody on the duty roster by id or name; raises UsageProblem."""
    roles = {post.role for post in desk_of(db).posts}
    able = [one for one in read_people(db) if roles & set(one.roles)]
    found = sorted(one.id for one in able if text in (one.id, one.name))
    if len(found) != 1:
        raise UsageProblem(
            problem=_("{word}: nobody, or more than one, of the duty desk is called so; write the id").format(
                word=text
            )
        )
    return found[0]

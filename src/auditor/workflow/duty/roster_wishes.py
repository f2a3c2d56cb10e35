"""Wishes of the people at the duty desk: kept, listed, taken away."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.roster.wishes import Wish
from auditor.store import Database
from auditor.store.wishes import drop_wishes, put_wishes, read_wishes
from auditor.store.writing import write_tx
from auditor.workflow.duty.desk_settings import desk_of, person_called


def wishes_of(db: Database) -> list[Wish]:
    """Give the wishes that are kept."""
    return [
        Wish(
            person=row["person"],
            from_on=date.fromisoformat(row["from"]),
            to_on=date.fromisoformat(row["to"]),
            want=row["want"],
            post=row["post"],
            weight=row["weight"],
        )
        for row in read_wishes(db)
    ]


def add_wish(db: Database, wish: Wish, now: datetime) -> dict[str, Any]:
    """Keep a wish, instead of one of the same person for the same days.

    Raises
    ------
    UsageProblem
        For days that run backwards, a post that the desk does not have, or a weight out of range.
    """
    desk = desk_of(db)
    posts = {post.zh: post.id for post in desk.posts if post.zh} | {post.id: post.id for post in desk.posts}
    if wish.to_on < wish.from_on:
        raise UsageProblem(problem=_("--to lies before --from; exchange the two dates"))
    if wish.post and wish.post not in posts:
        raise UsageProblem(
            problem=_("--post {post} is no post of the desk; there are {known}").format(
                post=wish.post, known=", ".join(sorted(set(posts.values())))
            )
        )
    row = {
        "person": person_called(db, wish.person),
        "from": wish.from_on.isoformat(),
        "to": wish.to_on.isoformat(),
        "want": wish.want,
        "post": posts.get(wish.post, ""),
        "weight": wish.weight,
    }
    with write_tx(db, "roster wish", now) as tx:
        put_wishes(tx, [row])
    return row


def drop_wish(db: Database, person: str, first: date, last: date, now: datetime) -> None:
    """Take a wish away; raises UsageProblem where there is none."""
    key = (person_called(db, person), first.isoformat(), last.isoformat())
    with write_tx(db, "roster wish", now) as tx:
        if drop_wishes(tx, [key]) == 0:
            raise UsageProblem(
                problem=_("{person} has no wish from {first} to {last}; see auditor roster wish list").format(
                    person=person, first=key[1], last=key[2]
                )
            )

"""What a roster made in rotation says of itself: its departures, and which of them no rule bears out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from auditor.entities import Breach
from auditor.i18n import _
from auditor.roster.check_rules import Ground, Mine, rule_breaches

VERIFIED = ("leave", "out-of-town", "stand-by", "rest", "gap", "runs", "week", "month", "pairs", "groups",
            "weekend-block")  # fmt: skip
"""Rules that forbid a turn; a finished roster shows each."""
TURNS = ("last", "owed", "ahead", "part", "stands")
"""What is kept of a list."""
TOLD = ("made-up", "acting", "least", "nobody")
"""Reasons of the lists themselves, which a finished roster does not show."""


def rotation_breaches(roster: Mapping[str, Any], ground: Ground) -> list[Breach]:
    """Give what is wrong with the form of departures and turns. Who changes a roster later leaves them."""
    found = []
    known = set(ground.gone)
    if roster.get("style") != "rotation" or not isinstance(roster.get("turns"), Mapping):
        found.append(Breach(rule="form", where="style", what=_("style, departures and turns go together")))
        return found
    for key, turns in roster["turns"].items():
        post, cls, *leader = key.split("/")
        fault = (
            post not in ground.posts
            or cls not in ("work", "weekend", "holiday")
            or len(leader) > 1
            or not set(turns) <= set(TURNS)
            or not isinstance(turns["last"], str)
            or not all(isinstance(who, str) for name in ("owed", "ahead") for who in turns.get(name, ()))
            or not all(type(one) is int and 0 <= one < 100 for one in turns.get("part", {}).values())
            or not all(_named(own) for own in turns.get("stands", {}).values())
        )
        if fault:
            found.append(
                Breach(rule="form", where=f"turns {key}", what=_("not as a list's standing is written"))
            )
    for row in roster["departures"]:
        if set(row) != {"date", "post", "turn", "given", "rule"}:
            found.append(Breach(rule="form", where="departures", what=_("keys")))
        elif (row["date"], row["post"]) not in ground.demand:
            found.append(
                Breach(rule="departures", where=f"{row['date']} {row['post']}", what=_("no such seat"))
            )
        elif not {row["turn"], row["given"]} - {""} <= known:
            found.append(
                Breach(rule="departures", where=f"{row['date']} {row['post']}", what=_("nobody known"))
            )
        elif row["rule"] not in VERIFIED + TOLD:
            found.append(Breach(rule="departures", where=f"{row['date']} {row['post']}", what=row["rule"]))
    return found


def _named(own: object) -> bool:
    """Whether it names one person, or two and more."""
    several = isinstance(own, list) and len(own) > 1 and all(isinstance(who, str) for who in own)
    return isinstance(own, str) or several


def unfounded(roster: Mapping[str, Any], ground: Ground, duties: Sequence[Mine]) -> Iterator[Breach]:
    """Give the departures of a roster as it was made whose rule does not forbid the turn.

    Whose turn it was is put in place of whoever was given it: the rule must break then.
    """
    for row in roster["departures"]:
        if row["rule"] not in VERIFIED or not row["turn"]:
            continue
        seat = Mine(row["turn"], date.fromisoformat(row["date"]), row["post"])
        given = Mine(row["given"], seat.day, seat.post)
        tried = [*(one for one in duties if one not in (given, seat)), seat]
        broken = {one.rule for one in rule_breaches(ground, tried)}
        if row["rule"] not in broken:
            yield Breach(
                rule="departures",
                where=f"{row['date']} {row['post']}",
                what=_("{rule} does not forbid it").format(rule=row["rule"]),
            )

"""What the rules, classes and stages of a roster are called for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from auditor.entities import Breach
from auditor.i18n import N_, _
from auditor.pages.words import POST_WORDS, word

RULE_SAID = {
    "cover": N_("every seat is filled"),
    "rest": N_("rest after a duty"),
    "gap": N_("days between duties"),
    "leave": N_("leave"),
    "stand-by": N_("stand-by for visits (外勤待命)"),
    "out-of-town": N_("out of town"),
    "runs": N_("days on end"),
    "week": N_("duties in a week"),
    "month": N_("duties in a month"),
    "weekend-block": N_("the weekend is one block"),
    "pairs": N_("two people together or apart"),
    "groups": N_("the fixed group is led by another leader"),
    "locked": N_("a cell that stands"),
    "made-up": N_("an earlier turn is made up"),
    "acting": N_("whoever acts for him takes it"),
    "least": N_("all turns together cannot be kept"),
    "nobody": N_("nobody of the list could take it"),
}
FOUND_SAID = {
    "form": N_("form of the record"),
    "month": N_("month"),
    "desk": N_("settings of the desk"),
    "posts": N_("posts"),
    "weights": N_("weights"),
    "demand": N_("demand"),
    "people": N_("people"),
    "carried": N_("carried counters"),
    "edge": N_("the month before"),
    "provisional": N_("provisional"),
    "short": N_("empty seats"),
    "role": N_("role"),
    "counters": N_("counters"),
    "objective": N_("unfairness"),
    "bound": N_("bound"),
    "status": N_("what is proven"),
    "wishes": N_("wishes"),
    "stages": N_("stages"),
    "stored": N_("the stored record"),
    "departures": N_("turns that were left"),
    "assignments": N_("assignments"),
    "before": N_("the month before"),
    "turns": N_("lists of the rotation"),
    "standby": N_("stand-by for visits (外勤待命)"),
}
"""What a check finds beside the rules, and the parts of a record that it names."""
STAGE_SAID = {
    "shortage": N_("empty seats"),
    "departures": N_("turns changed beside the lists"),
    "fairness": N_("fairness (weighted squares)"),
    "wishes": N_("wishes broken"),
}
KIND_SAID = {"duty": N_("manned"), "standby": N_("on call")}
STYLE_SAID = {"rotation": N_("rotation (轮转)"), "fair": N_("fair")}


def post_names(roster: Mapping[str, Any]) -> dict[str, str]:
    """Give what each post of a record is called, by id."""
    said = {post["id"]: post.get("zh", "") for post in roster.get("desk", {}).get("posts", ())}
    return {
        post["id"]: word(POST_WORDS, post["id"])
        if post["id"] in POST_WORDS and said.get(post["id"], "") in ("", "带班", "白班", "夜班")
        else post.get("zh") or said.get(post["id"]) or post["id"]
        for post in roster["posts"]
    }


def out_of_turn(departures: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    """Count the duties that are not in turn, and the others that only make an earlier turn up.

    Several turns may have been passed over for one duty: it is one all the same.
    """
    by_duty: dict[tuple[str, str, str], set[str]] = {}
    for row in departures:
        by_duty.setdefault((row["date"], row["post"], row["given"]), set()).add(row["rule"])
    made_up = sum(rules == {"made-up"} for rules in by_duty.values())
    return len(by_duty) - made_up, made_up


def breach_said(one: Breach, names: Mapping[str, str], posts: Mapping[str, str]) -> tuple[str, str, str]:
    """Say a breach in words: the rule, where, and what is wrong; people by name, posts by theirs."""

    def worded(text: str) -> str:
        text = re.sub(
            rf"(\d{{4}}-\d\d-\d\d) ({'|'.join(map(re.escape, posts)) or '(?!)'})(?![\w-])",
            lambda found: f"{found[1]} {posts[found[2]]}",
            text,
            flags=re.ASCII,
        )
        ids = "|".join(map(re.escape, sorted(names, key=len, reverse=True))) or "(?!)"
        return re.sub(rf"(?<![\w-])({ids})(?![\w-])", lambda found: names[found[1]], text, flags=re.ASCII)

    where = _(FOUND_SAID[one.where]) if one.where in FOUND_SAID else worded(one.where)
    # the limit on duties in a month and a record of another month bear one name
    of_record = one.rule in FOUND_SAID and (one.rule != "month" or one.where not in names)
    return _(FOUND_SAID[one.rule]) if of_record else rule_said(one.rule), where, worded(one.what)


def rule_said(rule: str) -> str:
    """Say a rule."""
    return _(RULE_SAID[rule]) if rule in RULE_SAID else rule

"""The event whose value nobody can know beforehand, and its fallback, as a commitment announces them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from auditor.calendars.years import Calendar
from auditor.draw.forms import BALLS, check_value, read_form
from auditor.draw.rules import AgainstTheContract, check_beacon, clock_text, moment
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.workflow.months import BEIJING

SIMPLE_EVENT = "现场摇号：从标有0至9的十个球中每次摇出一个，记下后放回，共六次，按摇出的次序"
LOTTERY = "中国福利彩票“快乐8”{day:%Y年%m月%d日}开奖的20个号码，由小到大"
LOTTERY_FORM = {"numbers": 20, "from": 1, "to": 80}
LOTTERY_TIME = (21, 30)
"""Hour and minute at which it is drawn."""
LOTTERY_PAUSES = ("春节", "国庆节")
"""Holidays on which the public lotteries do not draw (unverified for years to come)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What a commitment says of event and fallback, as given; None where not."""

    event: str | None = None
    event_at: datetime | None = None
    form: str | None = None
    fallback: str | None = None
    fallback_at: datetime | None = None
    fallback_form: str | None = None


def events(
    announced: Announced, level: str, now: datetime, of: Calendar
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give event and fallback as the commitment writes them, by the calendar of the bureau."""
    given = {
        "--event": announced.event,
        "--event-at": announced.event_at,
        "--form": announced.form,
        "--fallback": announced.fallback,
        "--fallback-at": announced.fallback_at,
    }
    if level != "simple" and (missing := [name for name, value in given.items() if value is None]):
        raise UsageProblem(
            problem=_("level {level} announces its event: {names} missing").format(
                level=level, names=", ".join(missing)
            )
        )
    for name, text in (("--event", announced.event), ("--fallback", announced.fallback)):
        if text is not None and (
            not text.strip()
            or any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") for one in text)
            or len(text) > 500
        ):
            raise UsageProblem(
                problem=_("{name}: say in one line what is drawn, at most 500 letters").format(name=name)
            )
    at = announced.event_at or now + timedelta(minutes=1)
    form = dict(BALLS) if announced.form is None else read_form(announced.form)
    event = {"what": announced.event or SIMPLE_EVENT, "at": clock_text(at), "form": form}
    later = announced.fallback_at or lottery_after(at, of)
    if level == "simple" and later.date() <= at.date():
        raise AgainstTheContract(
            what=_("at level simple the fallback is a public lottery of a later day, never a second drawing")
        )
    what = announced.fallback or LOTTERY.format(day=later.astimezone(BEIJING))
    if announced.fallback_form is not None:
        other = read_form(announced.fallback_form)
    else:
        other = dict(LOTTERY_FORM) if announced.fallback is None or level == "simple" else form
    if level == "simple" and (other == BALLS or what.strip() == str(event["what"]).strip()):
        raise AgainstTheContract(
            what=_("at level simple the fallback is a public lottery of a later day, never a second drawing")
        )
    return event, {"what": what, "at": clock_text(later), "form": other}


def lottery_after(at: datetime, of: Calendar) -> datetime:
    """Give when the public lottery is drawn on the second day after; later where it pauses for a holiday."""
    found = (at.astimezone(BEIJING) + timedelta(days=2)).replace(
        hour=LOTTERY_TIME[0], minute=LOTTERY_TIME[1], second=0, microsecond=0
    )
    while (day := of.day(found.date())).cls == "holiday" and not set(LOTTERY_PAUSES).isdisjoint(
        re.split("[、，,]", day.name)
    ):
        found += timedelta(days=1)
    return found.astimezone(at.tzinfo)


def published_at(
    made: Mapping[str, Any], source: str, value: str, published: datetime | None, now: datetime
) -> datetime:
    """Check a value against its commitment, and give when it was published, now where nobody says.

    Raises
    ------
    AgainstTheContract, Misspelled
    """
    event, fallback = moment(made["event"]["at"]), moment(made["fallback"]["at"])
    at = now.astimezone(event.tzinfo) if published is None else published
    check_beacon(source, at, event, fallback, now=now)
    check_value(value, made[source]["form"])
    return at

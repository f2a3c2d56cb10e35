"""What a commitment must keep, section 3 of the contract, said before it is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from auditor.draw.frames import MOST_UNITS, TooLarge
from auditor.errors import AuditorError
from auditor.i18n import N_, _

MOST_DRAWS = 100
LEAST_SHARES: Mapping[str, int] = {"simple": 1, "standard": 3, "strict": 3}


class AgainstTheContract(AuditorError):
    """A step that the contract of the draw refuses; nothing was changed."""

    sentence = N_("{what}; nothing was changed")


def moment(text: str) -> datetime:
    """Read a time of the contract, with its offset."""
    return datetime.fromisoformat(text)


def clock_text(at: datetime) -> str:
    """Write a time as the contract does: to the second, with its offset."""
    return at.replace(microsecond=0).isoformat()


def check_shares(level: str, sha256: Sequence[str], used: Mapping[str, int]) -> None:
    """Refuse too few shares for the level, one twice, or one of an earlier number.

    Parameters
    ----------
    used
        The number of each share committed to before, by its hash.

    Raises
    ------
    AgainstTheContract
    """
    least = LEAST_SHARES[level]
    if len(sha256) < least:
        raise AgainstTheContract(
            what=_(
                "level {level} needs {least} shares or more, and there are {count}; each custodian makes "
                "one with `auditor draw share NUMBER`, then name each file with --share"
            ).format(level=level, least=least, count=len(sha256))
        )
    if len(set(sha256)) < len(sha256):
        raise AgainstTheContract(what=_("one share is given twice; each custodian makes an own one"))
    for one in sha256:
        if one in used:
            raise AgainstTheContract(
                what=_("share {sha256}… was used for number {number}; make a new one").format(
                    sha256=one[:8], number=used[one]
                )
            )


def check_events(
    event: datetime, fallback: datetime, *, now: datetime, after: datetime | None, period: tuple[str, str]
) -> None:
    """Refuse an event that is over, a fallback not later, other offsets, or an event after the period.

    Parameters
    ----------
    after
        The event of the programme's number before, None where there is none: a second draw has a
        later event.

    Raises
    ------
    AgainstTheContract
    """
    if event.utcoffset() != fallback.utcoffset():
        raise AgainstTheContract(
            what=_("event and fallback are written with two offsets; write both with one")
        )
    if event <= now:
        raise AgainstTheContract(
            what=_("the event at {at} is over ({now}): the commitment comes before it").format(
                at=clock_text(event), now=clock_text(now)
            )
        )
    if fallback <= event:
        raise AgainstTheContract(what=_("the fallback must be later than the event"))
    if after is not None and event <= after:
        raise AgainstTheContract(
            what=_("a second draw needs a later event than {at}").format(at=clock_text(after))
        )
    if clock_text(event)[:10] >= period[1]:
        raise AgainstTheContract(
            what=_("the event leaves no day of the period that ends on {day}").format(day=period[1])
        )


def check_windows(draws: Sequence[Mapping[str, Any]], days: Sequence[str], event: datetime) -> None:
    """Refuse a draw whose window has no working day after the event.

    Raises
    ------
    AgainstTheContract
    """
    day = clock_text(event)[:10]
    for draw in draws:
        if not any(draw["from"] <= one <= draw["to"] and one > day for one in days):
            raise AgainstTheContract(
                what=_(
                    "{draw} ({first} to {last}) has no working day after the event on {day}: "
                    "abandon this number and freeze it again, or choose an earlier event"
                ).format(draw=draw["key"], first=draw["from"], last=draw["to"], day=day)
            )


def check_beacon(
    source: str, published: datetime, event: datetime, fallback: datetime, *, now: datetime
) -> None:
    """Refuse a value from before its event, from the event after the fallback, or from the future.

    Raises
    ------
    AgainstTheContract
    """
    due = event if source == "event" else fallback
    if published.utcoffset() != due.utcoffset():
        raise AgainstTheContract(
            what=_("published-at is written with another offset than the event ({at})").format(
                at=clock_text(due)
            )
        )
    if published < due:
        raise AgainstTheContract(
            what=_("the {source} is at {at}; a value of {published} is too early").format(
                source=_("event") if source == "event" else _("fallback"),
                at=clock_text(due),
                published=clock_text(published),
            )
        )
    if source == "event" and published >= fallback:
        raise AgainstTheContract(
            what=_("the event gave nothing before the fallback ({at}): use --source fallback").format(
                at=clock_text(fallback)
            )
        )
    if published > now:
        raise AgainstTheContract(
            what=_("{published} lies in the future ({now})").format(
                published=clock_text(published), now=clock_text(now)
            )
        )


def check_sizes(frames: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse more draws or units than the contract allows; raises TooLarge."""
    if len(frames) > MOST_DRAWS:
        raise TooLarge(count=len(frames), what="draws", most=MOST_DRAWS)
    total = sum(len(frame["units"]) for frame in frames.values())
    if total > MOST_UNITS:
        raise TooLarge(count=total, what="units", most=MOST_UNITS)

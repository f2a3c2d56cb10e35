"""What is refused before it is published is what the verifier would refuse after, to the second."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.draw import verify as verifier
from auditor.draw.canon import canon, digest
from auditor.draw.frames import TooLarge
from auditor.draw.rules import (
    LEAST_SHARES,
    AgainstTheContract,
    check_beacon,
    check_events,
    check_shares,
    check_sizes,
    check_windows,
    clock_text,
    moment,
)

CHINA = timezone(timedelta(hours=8))
EVENT = datetime(2026, 12, 1, 21, 15, tzinfo=CHINA)
FALLBACK = datetime(2026, 12, 3, 21, 15, tzinfo=CHINA)
SECOND = timedelta(seconds=1)
PERIOD = ("2026-12-01", "2026-12-31")


def refusal_of_events(**other: Any) -> str:
    """Why event and fallback are refused, or nothing."""
    known: dict[str, Any] = {
        "event": EVENT, "fallback": FALLBACK, "now": EVENT - timedelta(days=1), "after": None,
        "period": PERIOD,
    }  # fmt: skip
    known |= other
    try:
        check_events(known.pop("event"), known.pop("fallback"), **known)
    except AgainstTheContract as error:
        return str(error)
    return ""


def refusal_of_beacon(source: str, published: datetime, now: datetime | None = None) -> str:
    """Why a value is refused, or nothing."""
    try:
        check_beacon(source, published, EVENT, FALLBACK, now=now or FALLBACK + timedelta(days=9))
    except AgainstTheContract as error:
        return str(error)
    return ""


# --- Borders


def test_the_commitment_comes_before_its_event() -> None:
    """A second before is enough; at the same second it is over, in whatever zone the clock stands."""
    assert refusal_of_events(now=EVENT - SECOND) == ""
    assert "is over" in refusal_of_events(now=EVENT)
    assert "is over" in refusal_of_events(now=EVENT.astimezone(UTC))
    assert refusal_of_events(now=(EVENT - SECOND).astimezone(timezone(timedelta(hours=-11)))) == ""


def test_the_fallback_is_later_than_the_event() -> None:
    """By a second at least."""
    assert refusal_of_events(fallback=EVENT + SECOND) == ""
    assert "fallback must be later" in refusal_of_events(fallback=EVENT)
    assert "fallback must be later" in refusal_of_events(fallback=EVENT - SECOND)


def test_event_and_fallback_have_one_offset() -> None:
    """The same moment written otherwise is refused: the verifier compares what is written."""
    assert "two offsets" in refusal_of_events(fallback=FALLBACK.astimezone(UTC))
    assert refusal_of_events(event=EVENT.astimezone(UTC), fallback=FALLBACK.astimezone(UTC)) == ""


def test_a_second_draw_has_a_later_event() -> None:
    """Later by a second; the same one again is no new chance, whatever zone it is written in."""
    assert refusal_of_events(after=EVENT - SECOND) == ""
    assert "second draw" in refusal_of_events(after=EVENT)
    assert "second draw" in refusal_of_events(after=EVENT.astimezone(UTC))


def test_the_event_leaves_a_day_of_the_period() -> None:
    """The last second of the day before its last day is early enough, midnight is not."""
    last = datetime(2026, 12, 31, tzinfo=CHINA)
    later = last + timedelta(days=2)
    assert refusal_of_events(event=last - SECOND, fallback=later) == ""
    assert "leaves no day" in refusal_of_events(event=last, fallback=later)
    assert refusal_of_events(event=last - timedelta(days=90), now=last - timedelta(days=99)) == ""


@pytest.mark.parametrize(
    ("source", "at", "fault"),
    [
        ("event", EVENT - SECOND, "too early"),
        ("event", EVENT, ""),
        ("event", FALLBACK - SECOND, ""),
        ("event", FALLBACK, "use --source fallback"),
        ("event", FALLBACK + SECOND, "use --source fallback"),
        ("fallback", EVENT, "too early"),
        ("fallback", FALLBACK - SECOND, "too early"),
        ("fallback", FALLBACK, ""),
        ("fallback", FALLBACK + timedelta(days=8), ""),
        ("event", EVENT.astimezone(UTC), "another offset"),
        ("fallback", FALLBACK.astimezone(UTC), "another offset"),
    ],
)
def test_a_value_counts_from_its_event_on_and_before_the_fallback(
    source: str, at: datetime, fault: str
) -> None:
    """To the second: the event gives until the fallback, the fallback from its own time on."""
    found = refusal_of_beacon(source, at)
    assert fault in found if fault else found == ""


def test_a_value_is_not_from_the_future() -> None:
    """Published now is possible, a second later not."""
    assert refusal_of_beacon("event", EVENT + SECOND, now=EVENT + SECOND) == ""
    assert "future" in refusal_of_beacon("event", EVENT + SECOND, now=EVENT)


@pytest.mark.parametrize(("level", "least"), [("simple", 1), ("standard", 3), ("strict", 3)])
def test_a_level_has_its_least_number_of_shares(level: str, least: int) -> None:
    """That many are enough, one fewer is not; more are taken."""
    shares = [digest(bytes([at])) for at in range(5)]
    check_shares(level, shares[:least], {})
    check_shares(level, shares, {})
    with pytest.raises(AgainstTheContract, match=f"needs {least} shares"):
        check_shares(level, shares[: least - 1], {})


def test_a_share_is_used_once() -> None:
    """Neither twice in a number nor again in another; shares of others do not matter."""
    shares = [digest(bytes([at])) for at in range(4)]
    check_shares("strict", shares[:3], {shares[3]: 7})
    with pytest.raises(AgainstTheContract, match="given twice"):
        check_shares("strict", [*shares[:3], shares[0]], {})
    with pytest.raises(AgainstTheContract, match="used for number 7"):
        check_shares("strict", shares[:3], {shares[2]: 7})


@pytest.mark.parametrize(
    ("first", "last", "days", "good"),
    [
        ("2026-12-01", "2026-12-31", ["2026-12-02"], True),
        ("2026-12-01", "2026-12-31", ["2026-12-01"], False),
        ("2026-12-01", "2026-12-31", [], False),
        ("2026-12-02", "2026-12-02", ["2026-12-01", "2026-12-02"], True),
        ("2026-12-03", "2026-12-06", ["2026-12-02", "2026-12-07"], False),
        ("2026-12-01", "2026-12-06", ["2026-11-30", "2026-12-01", "2026-12-06"], True),
    ],
)
def test_every_draw_has_a_working_day_after_the_event(
    first: str, last: str, days: list[str], good: bool
) -> None:
    """The day of the event, 1 December, itself does not count; the window's last day does."""
    sure = {"key": "main", "from": "2026-12-01", "to": "2027-12-31"}
    draws = [sure, {"key": "floor/x", "from": first, "to": last}]
    if good:
        check_windows(draws, [*days, "2027-01-04"], EVENT)
    else:
        with pytest.raises(AgainstTheContract, match="floor/x"):
            check_windows(draws, [*days, "2027-01-04"], EVENT)


def test_the_day_of_the_event_is_that_of_its_own_offset() -> None:
    """00:30 in China is the day before in London: what is written counts."""
    at = datetime(2026, 12, 2, 0, 30, tzinfo=CHINA)
    draw = [{"key": "main", "from": "2026-12-01", "to": "2026-12-31"}]
    with pytest.raises(AgainstTheContract):
        check_windows(draw, ["2026-12-02"], at)
    check_windows(draw, ["2026-12-02"], at.astimezone(UTC))


def test_sizes_are_those_of_the_contract() -> None:
    """100 draws and a million units over all frames are possible, one more is not."""

    class Many(list[Any]):
        """So many units, without holding them."""

        def __init__(self, count: int) -> None:
            self.count = count

        def __len__(self) -> int:
            return self.count

    check_sizes({str(at): {"units": []} for at in range(100)})
    check_sizes({"a": {"units": Many(999_999)}, "b": {"units": Many(1)}})
    with pytest.raises(TooLarge, match="101 draws"):
        check_sizes({str(at): {"units": []} for at in range(101)})
    with pytest.raises(TooLarge, match="1000001 units"):
        check_sizes({"a": {"units": Many(999_999)}, "b": {"units": Many(2)}})


def test_a_time_is_written_to_the_second_and_read_back() -> None:
    """With its offset, as the contract spells it."""
    text = clock_text(EVENT + timedelta(microseconds=999_999))
    assert text == "2026-12-01T21:15:00+08:00"
    assert moment(text) == EVENT
    assert verifier.is_time(text)


# --- Agreement with the verifier, which somebody else wrote from the page

zones = st.sampled_from([CHINA, CHINA, CHINA, UTC, timezone(timedelta(hours=-3, minutes=-30))])
BASE = datetime(2026, 12, 1, 23, 59, 58, tzinfo=CHINA)
moments = st.builds(
    lambda seconds, zone: (BASE + timedelta(seconds=seconds)).astimezone(zone),
    st.integers(-3, 6) | st.sampled_from([-86_400, 86_400, 172_800]),
    zones,
)
FORM = {"numbers": 6, "from": 0, "to": 9}


def small(
    level: str, shares: list[bytes], event: datetime, fallback: datetime, source: str, published: datetime
) -> dict[str, Any]:
    """The least transcript whose frames, field and hashes are right; times and shares are as told."""
    frame = {"units": [{"id": "a", "stratum": "s", "pi": 1_000_000}]}
    field = {"staff": [], "days": ["2026-12-02"]}
    commit = {
        "spec": {
            "version": "auditor-draw/v1", "level": level, "team": 1, "floor": 300_000,
            "period": list(PERIOD), "domains": ["food"], "programme_sha256": "0" * 64, "tool": "t",
        },
        "draws": [
            {"key": "main", "method": "pivotal", "n": 1, "from": PERIOD[0], "to": PERIOD[1],
             "frame_sha256": digest(canon(frame))}
        ],
        "field_sha256": digest(canon(field)),
        "share_sha256": [hashlib.sha256(share).hexdigest() for share in shares],
        "event": {"what": "balls", "at": clock_text(event), "form": FORM},
        "fallback": {"what": "lottery", "at": clock_text(fallback), "form": FORM},
        "number": 1,
        "previous": "0" * 64,
    }  # fmt: skip
    return {
        "commit": commit,
        "commit_sha256": digest(canon(commit)),
        "frames": {"main": frame},
        "field": field,
        "shares": [share.hex() for share in shares],
        "beacon": {"source": source, "value": "3 1 4 1 5 9", "published_at": clock_text(published)},
        "drawn": {"main": ["a"]},
    }


def accepted(check: Any, *args: Any, **named: Any) -> bool:
    """Whether a check of ours lets pass."""
    try:
        check(*args, **named)
    except AgainstTheContract:
        return False
    return True


def test_the_least_transcript_is_sound() -> None:
    """What the tests below alter is accepted as it stands."""
    t = small("simple", [bytes(32)], EVENT, FALLBACK, "event", EVENT)
    assert verifier.unsound_commit(t["commit"], "commit") == []
    assert list(verifier.unsound_frozen(t)) == []
    assert not list(verifier.misshapen(t["commit"], verifier.COMMIT, "commit"))


@settings(deadline=None, max_examples=150)
@given(moments, moments)
def test_events_are_taken_exactly_if_the_verifier_takes_them(event: datetime, fallback: datetime) -> None:
    """Where neither the clock nor the period stand in the way, both refuse the same."""
    ours = accepted(
        check_events, event, fallback, now=BASE - timedelta(days=9), after=None, period=("2026", "2027")
    )
    t = small("simple", [bytes(32)], event, fallback, "event", event)
    assert ours == (verifier.unsound_commit(t["commit"], "commit") == [])


@settings(deadline=None, max_examples=200)
@given(moments, moments, moments, st.sampled_from(["event", "fallback"]))
def test_values_are_taken_exactly_if_the_verifier_takes_them(
    event: datetime, fallback: datetime, published: datetime, source: str
) -> None:
    """For events that were taken: too early, too late and another offset are refused by both."""
    now = BASE + timedelta(days=9)
    if not accepted(
        check_events, event, fallback, now=BASE - timedelta(days=9), after=None, period=("2026", "2027")
    ):
        fallback = event + timedelta(seconds=2)
    ours = accepted(check_beacon, source, published, event, fallback, now=now)
    t = small("simple", [bytes(32)], event, fallback, source, published)
    assert ours == (list(verifier.unsound_frozen(t)) == [])


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(list(LEAST_SHARES)), st.lists(st.integers(0, 4), max_size=5))
def test_shares_are_taken_exactly_if_the_verifier_takes_them(level: str, which: list[int]) -> None:
    """Their number for the level, and none twice."""
    shares = [bytes([one]) * 32 for one in which]
    t = small(level, shares, EVENT, FALLBACK, "event", EVENT)
    ours = accepted(check_shares, level, t["commit"]["share_sha256"], {})
    assert ours == (list(verifier.unsound_frozen(t)) == [])

"""Feeds are read back by icalendar, hold to the RFCs, and tell nothing about visits."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from auditor.calendars.feeds import STANDBY, DutyEntry, duty_feed, person_feed

STAMP = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
LONG = "青石县教育局安全管理与应急值守办公室值班表（二〇二六年十二月）"
DUTIES = (
    DutyEntry(day=date(2026, 12, 31), post="lead", label="带班", person="甲一", start=480, minutes=1440),
    DutyEntry(day=date(2026, 12, 1), post="day", label="白班", person="乙二", start=480, minutes=600),
    DutyEntry(day=date(2026, 12, 1), post="night", label="夜班", person="丙三", start=1080, minutes=840),
    DutyEntry(
        day=date(2026, 12, 1), post="night", label="夜班", person="丁四", start=1080, minutes=840, seat=2
    ),
)
HALF_DAYS = ("2026-12-08/evening", "2026-12-02/morning", "2026-12-04/afternoon")


def bureau_feed(entries: tuple[DutyEntry, ...] = DUTIES, **changes: object) -> bytes:
    """The bureau's feed of a few duties."""
    return duty_feed(entries, **({"bureau": "青石县", "name": LONG, "stamp": STAMP} | changes))


def own_feed(**changes: object) -> bytes:
    """One person's feed."""
    options = {"bureau": "青石县", "person": "o02", "name": "乙二", "stamp": STAMP} | changes
    return person_feed(DUTIES[1:2], HALF_DAYS, **options)


def unfolded(feed: bytes) -> list[str]:
    """The content lines, unfolded by RFC 5545 section 3.1."""
    return feed.decode().replace("\r\n ", "").split("\r\n")[:-1]


@pytest.mark.parametrize("feed", [bureau_feed(), own_feed()], ids=["bureau", "person"])
def test_lines_are_as_the_rfc_wants_them(feed: bytes) -> None:
    """CRLF only, at most 75 octets each, no character cut, and the header lines that clients read."""
    assert b"\n" not in feed.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in feed.split(b"\r\n"))
    assert all(line.decode() is not None for line in feed.split(b"\r\n"))
    lines = unfolded(feed)
    for line in (
        "PRODID:-//auditor//duty calendars//ZH",
        "METHOD:PUBLISH",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
        "X-WR-TIMEZONE:Asia/Shanghai",
    ):
        assert lines.count(line) == 1, line
    assert any(line.startswith("NAME:") for line in lines)


def test_the_zone_is_one_standard_block() -> None:
    """+0800 from 2000 on, without the summer times that Outlook misreads."""
    lines = unfolded(bureau_feed())
    assert lines.count("BEGIN:VTIMEZONE") == lines.count("BEGIN:STANDARD") == 1
    assert "BEGIN:DAYLIGHT" not in lines
    assert not any(line.startswith(("RDATE", "RRULE")) for line in lines)
    assert "TZOFFSETFROM:+0800" in lines
    assert "TZOFFSETTO:+0800" in lines


def test_duties_are_read_back_with_their_clock_times() -> None:
    """Duty by duty, in order of time; the last one ends in the next year."""
    events = list(Calendar.from_ical(bureau_feed()).walk("VEVENT"))
    read = [
        (str(event["SUMMARY"]), event.start.isoformat(), (event.end - event.start) // timedelta(minutes=1))
        for event in events
    ]
    assert sorted(read[1:3]) == [
        ("夜班 丁四", "2026-12-01T18:00:00+08:00", 840),
        ("夜班 丙三", "2026-12-01T18:00:00+08:00", 840),
    ]
    assert read[0] == ("白班 乙二", "2026-12-01T08:00:00+08:00", 600)
    assert read[3] == ("带班 甲一", "2026-12-31T08:00:00+08:00", 1440)
    for event in events:
        assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
        assert event["TRANSP"] == "TRANSPARENT"
        assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == STAMP
        assert event["SEQUENCE"] == 0
        assert len(event.walk("VALARM")) == 1


def test_stand_by_has_one_text_and_all_half_days() -> None:
    """Only date and half-day differ between the events: nothing else is said, in any property."""
    events = [event for event in Calendar.from_ical(own_feed()).walk("VEVENT") if event["SUMMARY"] == STANDBY]
    assert [(event.start.isoformat(), event.end.isoformat()[11:16]) for event in events] == [
        ("2026-12-02T08:00:00+08:00", "12:30"),
        ("2026-12-04T13:30:00+08:00", "17:45"),
        ("2026-12-08T18:00:00+08:00", "21:30"),
    ]
    for event in events:
        for key in ("DTSTART", "DTEND", "UID"):
            del event[key]
    assert len({event.to_ical() for event in events}) == 1
    assert set(events[0]) == {"SUMMARY", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "TRANSP"}
    assert STANDBY == "外勤待命（当日通知）"


def test_a_swap_of_persons_keeps_the_uids() -> None:
    """The event is updated, not doubled; another date, post, seat or bureau is another event."""

    def uids(entries: tuple[DutyEntry, ...], bureau: str = "青石县") -> list[str]:
        feed = duty_feed(entries, bureau=bureau, name="-", stamp=STAMP, sequence=1)
        return [str(event["UID"]) for event in Calendar.from_ical(feed).walk("VEVENT")]

    swapped = tuple(
        replace(one, person=other.person) for one, other in zip(DUTIES, DUTIES[::-1], strict=True)
    )
    assert uids(swapped) == uids(DUTIES)
    assert len(set(uids(DUTIES))) == 4
    one = DUTIES[:1]
    moved = replace(one[0], day=date(2026, 12, 30)), replace(one[0], post="day"), replace(one[0], seat=2)
    assert len({*uids(one), *(uids((other,))[0] for other in moved), *uids(one, "白石县")}) == 5


def test_a_duty_has_one_uid_in_the_bureaus_and_in_the_persons_feed() -> None:
    """Someone who subscribes to both sees it once."""
    own = {str(event["UID"]) for event in Calendar.from_ical(own_feed()).walk("VEVENT")}
    all_of_them = {str(event["UID"]) for event in Calendar.from_ical(bureau_feed()).walk("VEVENT")}
    assert len(own & all_of_them) == 1
    own_uid, bureau_uid = (Calendar.from_ical(feed)["UID"] for feed in (own_feed(), bureau_feed()))
    assert own_uid != bureau_uid


@settings(deadline=None, max_examples=20)
@given(st.permutations(DUTIES), st.permutations(HALF_DAYS))
def test_the_order_of_the_input_does_not_show(duties: list[DutyEntry], half_days: list[str]) -> None:
    """Same duties, same stamp, same bytes."""
    assert bureau_feed(tuple(duties)) == bureau_feed()
    feed = person_feed(DUTIES[1:2], half_days, bureau="青石县", person="o02", name="乙二", stamp=STAMP)
    assert feed == own_feed()


def test_the_stamp_is_a_moment_not_a_reading_of_the_clock() -> None:
    """The same moment in another zone gives the same bytes; one without a zone is refused."""
    there = STAMP.astimezone(tz=None)
    assert bureau_feed(stamp=there) == bureau_feed()
    with pytest.raises(ValueError, match="zone"):
        bureau_feed(stamp=STAMP.replace(tzinfo=None))


def test_a_revision_and_a_provisional_year_show() -> None:
    """SEQUENCE grows; without an official notice the duties are tentative."""
    assert set(re.findall(rb"SEQUENCE:(\d+)", bureau_feed(sequence=3))) == {b"3"}
    assert set(re.findall(rb"STATUS:(\w+)", bureau_feed())) == {b"CONFIRMED"}
    assert set(re.findall(rb"STATUS:(\w+)", bureau_feed(provisional=True))) == {b"TENTATIVE"}


@settings(deadline=None, max_examples=20)
@given(st.text(alphabet="甲乙,;\\\n:\"' é", min_size=1, max_size=60))
def test_any_name_comes_back_as_it_was(person: str) -> None:
    """Commas, semicolons, backslashes and line ends are escaped."""
    feed = bureau_feed((replace(DUTIES[0], person=person),))
    (event,) = Calendar.from_ical(feed).walk("VEVENT")
    assert str(event["SUMMARY"]) == f"带班 {person}"

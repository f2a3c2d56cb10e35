"""Days come from files, merged by date: the known days of 2026 and 2027, and files that are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from auditor.calendars.years import BadCalendar, Calendar, load_calendar
from auditor.shipped import calendars_folder


@pytest.fixture(scope="module")
def shipped() -> Calendar:
    """The calendar that comes with us."""
    return load_calendar(calendars_folder())


def days(first: date, last: date) -> Iterator[date]:
    """All days from the first to the last."""
    yield from (first + timedelta(days=at) for at in range((last - first).days + 1))


def year_file(folder: Path, name: str, **changes: str) -> None:
    """Write a small official file of 2030 with one holiday; `changes` replace its lines by key."""
    lines = {
        "kind": '"year"',
        "status": '"official"',
        "source": '"a notice"',
        "notice": '"1"',
        "verified": "true",
        "from": "2030-01-01",
        "to": "2030-12-31",
        "holidays": '[{name = "节", from = 2030-05-01, to = 2030-05-03, work = [2030-05-11]}]',
    } | changes
    text = "".join(f"{key} = {value}\n" for key, value in lines.items() if value)
    (folder / name).write_text(text, encoding="utf-8")


# -- what comes with us --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "cls", "provisional"),
    [
        ("2026-02-14", "work", False),
        ("2026-10-10", "work", False),
        ("2026-02-23", "holiday", False),
        ("2026-09-20", "work", False),
        ("2026-03-07", "weekend", False),
        ("2026-10-03", "holiday", False),
        ("2027-02-05", "holiday", True),
        ("2027-02-10", "holiday", True),
        ("2027-02-11", "work", True),
        ("2027-03-01", "work", True),
        ("2028-10-03", "work", True),
        ("2028-10-07", "weekend", True),
    ],
)
def test_known_days(shipped: Calendar, day: str, cls: str, provisional: bool) -> None:
    """The days that the facts page names, a plain weekend, and a year that no file covers."""
    found = shipped.day(date.fromisoformat(day))
    assert (found.cls, found.provisional) == (cls, provisional)


def test_2026_has_33_days_off_and_6_made_up(shipped: Calendar) -> None:
    """The counts that the package gives for the year."""
    found = [shipped.day(day) for day in days(date(2026, 1, 1), date(2026, 12, 31))]
    assert sum(one.cls == "holiday" for one in found) == 33
    assert sum(one.cls == "work" and one.day.weekday() >= 5 for one in found) == 6


def test_2027_has_the_13_statutory_days_and_one_weekday_for_each_lost_to_a_weekend(shipped: Calendar) -> None:
    """Article 2 gives 13 days; article 6 a weekday for each Saturday or Sunday among them."""
    found = [shipped.day(day) for day in days(date(2027, 1, 1), date(2027, 12, 31))]
    off = [one for one in found if one.cls == "holiday"]
    statutory = [one for one in off if not one.name.endswith("补假")]
    instead = [one for one in off if one.name.endswith("补假")]
    assert len(statutory) == 13
    assert len(instead) == sum(one.day.weekday() >= 5 for one in statutory) == 6
    assert all(one.day.weekday() < 5 for one in instead)
    assert not any(one.cls == "work" and one.day.weekday() >= 5 for one in found)


def test_working_days_of_a_month_with_swaps(shipped: Calendar) -> None:
    """October 2026 by hand: 8, 9, the Saturday 10, and three full weeks."""
    assert [day.day for day in shipped.working_days("2026-10")] == [
        *(8, 9, 10, 12, 13, 14, 15, 16),
        *(19, 20, 21, 22, 23, 26, 27, 28, 29, 30),
    ]
    assert len(shipped.days_of("2026-10")) == 31
    assert len(shipped.days_of("2028-02")) == 29


def test_a_month_says_where_its_days_come_from(shipped: Calendar) -> None:
    """Official but not verified in 2026, provisional in 2027, nothing at all in 2031."""
    assert shipped.sources("2026-12") == [
        {
            "source": "chinesecalendar 1.11.0 (package)",
            "notice": "",
            "verified": False,
            "status": "official",
        }
    ]
    assert [one["status"] for one in shipped.sources("2027-01")] == ["provisional"]
    assert shipped.sources("2031-01") == [
        {"source": "", "notice": "", "verified": False, "status": "provisional"}
    ]
    assert [shipped.provisional(month) for month in ("2026-12", "2027-01", "2031-01")] == [False, True, True]


def test_key_periods_and_terms(shipped: Calendar) -> None:
    """The named windows with their edges; summer is no term, also in years that no file names."""
    named = {day: shipped.day(date.fromisoformat(day)).key_period for day in ("2026-03-02", "2026-03-03")}
    assert named == {"2026-03-02": "", "2026-03-03": "全国两会"}
    assert shipped.day(date(2027, 6, 8)).key_period == "高考"
    assert [shipped.in_term(date(year, 8, 15)) for year in (2026, 2027, 2035)] == [False] * 3
    assert [shipped.in_term(date(year, 10, 15)) for year in (2024, 2026, 2027, 2035)] == [True] * 4
    assert not shipped.day(date(2026, 2, 10)).in_term


# -- how files are merged ------------------------------------------------------------------------------


def test_a_notice_may_list_days_of_the_december_before(tmp_path: Path) -> None:
    """The day belongs to the file that names it, whatever another file covers."""
    year_file(tmp_path, "a.toml", **{"from": "2029-01-01", "to": "2029-12-31", "holidays": "[]"})
    year_file(
        tmp_path,
        "b.toml",
        holidays='[{name = "元旦", from = 2029-12-31, to = 2030-01-01, work = [2029-12-29]}]',
    )
    calendar = load_calendar(tmp_path)
    assert calendar.day(date(2029, 12, 31)).name == "元旦"
    assert [day.day for day in calendar.working_days("2029-12")][-2:] == [28, 29]
    assert calendar.day(date(2029, 12, 30)).cls == "weekend"


def test_an_official_file_takes_the_place_of_the_provisional_one(tmp_path: Path) -> None:
    """Whatever the files are called: also a day that only the provisional file calls off is a workday."""
    guess = '[{name = "补假", from = 2030-05-06, to = 2030-05-07}]'
    year_file(tmp_path, "a-first.toml", status='"provisional"', holidays=guess)
    assert load_calendar(tmp_path).day(date(2030, 5, 6)).cls == "holiday"
    year_file(tmp_path, "z-last.toml")
    calendar = load_calendar(tmp_path)
    assert calendar.day(date(2030, 5, 6)).cls == "work"
    assert calendar.day(date(2030, 5, 2)).cls == "holiday"
    assert not calendar.provisional("2030-05")
    assert len(calendar.sources("2030-05")) == 1


def test_files_without_any_day_leave_weekdays_and_weekends(tmp_path: Path) -> None:
    """An empty folder is a calendar of weeks, provisional everywhere."""
    calendar = load_calendar(tmp_path)
    assert [one.cls for one in calendar.days_of("2030-06")].count("weekend") == 10
    assert calendar.provisional("2030-06")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"status": '"sure"'}, "status"),
        ({"status": ""}, "status"),
        ({"colour": "1"}, "colour"),
        ({"kind": '"month"'}, "kind"),
        ({"verified": '"yes"'}, "verified"),
        ({"source": '""'}, "source"),
        ({"from": '"2030-01-01"'}, "from"),
        ({"to": "2029-12-31"}, "to"),
        ({"holidays": "3"}, "holidays"),
        ({"holidays": '[{name = "节", from = 2031-05-01, to = 2031-05-01}]'}, "holidays[1].from"),
        ({"holidays": '[{name = "节", from = 2030-05-01, to = 2030-05-01, work = [2030-05-02]}]'}, ".work"),
        ({"holidays": '[{name = "节", from = 2030-05-04, to = 2030-05-04, work = [2030-05-04]}]'}, ".work"),
        ({"holidays": '[{name = "节", from = 2030-05-01, to = 2030-05-01, wrok = []}]'}, ".wrok"),
        ({"notice": '"'}, "TOML"),
    ],
)
def test_a_malformed_file_is_refused_with_file_and_key(
    tmp_path: Path, changes: dict[str, str], key: str
) -> None:
    """The sentence names both."""
    year_file(tmp_path, "cn-2030.toml", **changes)
    with pytest.raises(BadCalendar) as caught:
        load_calendar(tmp_path)
    assert str(caught.value).startswith("cn-2030.toml: ")
    assert key in str(caught.value)


def test_two_official_files_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    """A day cannot be off by one notice and made up by another."""
    year_file(tmp_path, "a.toml")
    year_file(tmp_path, "b.toml", holidays='[{name = "节", from = 2030-05-11, to = 2030-05-11}]')
    with pytest.raises(BadCalendar, match=r"b\.toml: 2030-05-11: a\.toml"):
        load_calendar(tmp_path)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('kind = "periods"\nperiods = [{name = "会", from = 2030-03-01, to = 2030-03-02}]', "source"),
        ('kind = "terms"\nsource = "x"\nverified = false\nusual = [{from = "9-1", to = "01-20"}]', "from"),
    ],
)
def test_malformed_periods_and_terms_are_refused_too(tmp_path: Path, text: str, key: str) -> None:
    """The same strictness for every kind of file."""
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadCalendar, match=rf"x\.toml: .*{key}"):
        load_calendar(tmp_path)

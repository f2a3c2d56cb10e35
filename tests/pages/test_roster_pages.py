"""A month's roster on paper, in a chat and as a picture: whose duty, when, with whom; in both languages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from auditor.cli.roster_out import grid_text
from auditor.entities import CalendarDay
from auditor.i18n import set_language
from auditor.pages.roster_picture import BAR, CARRIED, FAIR, NEW, fairness_picture
from auditor.pages.roster_text import month_text, person_text, week_texts
from auditor.pages.roster_views import (
    ChangeView,
    MemberView,
    PostView,
    RosterView,
    SeatView,
    end_text,
    weeks,
)
from auditor.pages.roster_workbook import columns, roster_workbook, sheet_title

FIRST = date(2026, 10, 1)
DAYS = tuple(
    CalendarDay(
        day=FIRST + timedelta(days=at),
        cls="holiday" if at < 7 else "weekend" if (at + 3) % 7 > 4 and at != 9 else "work",
        name="国庆节" if at < 7 else "",
        key_period="党代会" if at in (14, 15) else "",
    )
    for at in range(31)
)
"""October 2026: seven days off, then Saturday the 10th is a make-up workday."""
LEAD = PostView(id="lead", name="带班", mark="带", role="leader", start=480, minutes=1440, night=True)
DAY = PostView(id="day", name="白班", mark="白", role="officer", start=480, minutes=600)
NIGHT = PostView(id="night", name="夜班", mark="夜", role="officer", start=1080, minutes=840, night=True)


def counted(carried: int, new: int, expected: Fraction) -> dict[str, object]:
    """Counters of one class, and what is expected."""
    return {"counters": {"night": (carried, new)}, "expected": {"night": expected}}


MEMBERS = (
    MemberView(
        id="l1", name="甲子", title="局长", phone="0012", role="leader", **counted(2, 31, Fraction(33))
    ),
    MemberView(
        id="o1", name="乙丑", title="科员", phone="0013", role="officer", **counted(1, 0, Fraction(8))
    ),
    MemberView(
        id="o2",
        name="丙寅",
        role="officer",
        standby=("2026-10-09/morning",),
        **counted(0, 31, Fraction(8)),
    ),
)
VIEW = RosterView(
    bureau="青石县教育局",
    month="2026-10",
    days=DAYS,
    posts=(LEAD, DAY, NIGHT),
    members=MEMBERS,
    seats=tuple(
        SeatView(day=one.day, post=post, seat=1, person=person)
        for one in DAYS
        for post, person in (("lead", "l1"), ("day", "o1"), ("night", "o2"))
    ),
    classes=("night",),
)


def sheets(view: RosterView) -> list[Worksheet]:
    """The sheets of the workbook, read back."""
    return load_workbook(BytesIO(roster_workbook(view))).worksheets


def lines(sheet: Worksheet) -> list[list[str]]:
    """Its cells as text, row by row."""
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]


def test_the_workbook_has_the_same_bytes_at_another_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the properties nor the archive hold the hour at which it was made."""
    first = roster_workbook(VIEW)
    later = time.localtime(time.time() + 400 * 86_400)
    monkeypatch.setattr(time, "localtime", lambda *_given: later)
    assert roster_workbook(VIEW) == first


def test_every_day_is_a_row_with_leader_first_post_and_telephone() -> None:
    """A telephone keeps its zeros; both lines of headings repeat on each printed page."""
    set_language("zh")
    sheet = sheets(VIEW)[0]
    rows = [row for row in lines(sheet) if row[0].startswith("2026-")]
    assert [row[0] for row in rows] == [one.day.isoformat() for one in DAYS]
    assert rows[7][:11] == [
        "2026-10-08", "四", "甲子", "局长", "0012", "乙丑", "科员", "0013", "丙寅", "", "",
    ]  # fmt: skip
    heads = lines(sheet)[2:4]
    assert heads[0][2::3] == ["带班\n08:00–次日08:00", "白班\n08:00–18:00", "夜班\n18:00–次日08:00", "备注"]
    assert heads[1][3:5] == ["职务", "值班电话"]
    assert sheet["A1"].value == "青石县教育局2026年10月值班表"
    assert sheet.print_title_rows == "$3:$4"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 1)
    assert any("Approved by" in one or "审批人" in one for row in lines(sheet) for one in row)


def test_columns_follow_the_desks_posts_and_fit_on_the_paper() -> None:
    """Whatever posts there are, each has its column; with many of them less is told of each person."""
    for count in (1, 3, 4, 7, 10):
        posts = tuple(
            replace(DAY, id=f"p{at}", name=f"岗{at}", role="leader" if at == 0 else "officer")
            for at in range(count)
        )
        seats = tuple(
            SeatView(day=one.day, post=post.id, seat=1, person=MEMBERS[at % 3].id)
            for one in DAYS[:3]
            for at, post in enumerate(posts)
        )
        view = replace(VIEW, days=DAYS[:3], posts=posts, seats=seats)
        sheet = sheets(view)[0]
        heads = lines(sheet)[2]
        assert [one.partition("\n")[0] for one in heads if one.startswith("岗")] == [
            post.name for post in posts
        ]
        assert lines(sheet)[4].count("甲子") == -(-count // 3)
        wide = sum(sheet.column_dimensions[key].width for key in sheet.column_dimensions)
        assert wide <= 230, count
    assert [field for field, _title, _width in columns(LEAD, 0)] == ["name", "title", "phone"]


def test_days_off_weekends_and_key_periods_have_a_colour() -> None:
    """The 1st is a day off, the 11th a Sunday, the 15th in a key period, the 8th and 10th are plain."""
    sheet = sheets(VIEW)[0]
    fills = {
        int(str(row[0].value)[8:]): row[0].fill.start_color.rgb if row[0].fill.fill_type else None
        for row in sheet.iter_rows(min_row=5)
        if str(row[0].value).startswith("2026-")
    }
    assert fills[1] != fills[11] != fills[15]
    assert None not in (fills[1], fills[11], fills[15])
    assert fills[8] is fills[10] is None


def test_two_people_on_one_post_make_the_row_higher() -> None:
    """Doubled cover: the second name below the first, both to be seen on paper."""
    more = SeatView(day=FIRST, post="lead", seat=2, person="o1")
    sheet = sheets(replace(VIEW, seats=(*VIEW.seats, more)))[0]
    assert sheet["C5"].value == "甲子\n乙丑"
    assert sheet.row_dimensions[5].height > 1.5 * sheet.row_dimensions[6].height


def test_a_title_and_a_telephone_of_usual_length_are_one_line() -> None:
    """党组成员、副局长 and a number with its area code: a month of 31 high rows would be printed small."""
    posts = (LEAD, DAY, NIGHT, replace(DAY, id="car", name="司机", role="driver"))
    members = tuple(
        replace(one, title="党组成员、副局长" if one.role == "leader" else "科员", phone="0571-88990000")
        for one in MEMBERS
    )
    view = replace(VIEW, posts=posts, members=members)
    month, plainest = sheets(view)[0], sheets(VIEW)[0]
    rows = [month.row_dimensions[at].height for at in range(5, 36)]
    assert rows == [plainest.row_dimensions[at].height for at in range(5, 36)]


def test_state_marks_changes_and_lacking_seats_are_told() -> None:
    """Under the title and in the remarks of the day."""
    set_language("zh")
    view = replace(
        VIEW,
        state="草稿",
        marks=("暂定",),
        changes=(ChangeView(day=FIRST, post="day", was="丙寅", now="乙丑", what="调班"),),
        lacking=((FIRST, "night", 1),),
    )
    month, *others = sheets(view)
    assert month["A2"].value == "草稿 · 暂定"
    assert all("暂定" in str(sheet["A2"].value) for sheet in others)
    remarks = lines(month)[4][-1]
    assert "国庆节" in remarks
    assert "丙寅 → 乙丑" in remarks
    assert len(remarks.split("\n")) == 3


def test_everybody_has_a_sheet_with_the_own_duties_and_no_other() -> None:
    """In order of day, with the hours and with whom; the night begins when the day's officer leaves."""
    set_language("zh")
    _month, _counters, _contacts, *own = sheets(VIEW)
    assert [sheet.title for sheet in own] == ["甲子", "乙丑", "丙寅"]
    rows = [row for row in lines(own[1]) if row[0].startswith("2026-")]
    assert [row[0] for row in rows] == [one.day.isoformat() for one in DAYS]
    assert rows[0][2:6] == ["白班", "08:00–18:00", "带班 甲子 0012", "国庆节"]
    night = [row for row in lines(own[2]) if row[0].startswith("2026-")]
    assert night[0][3:5] == ["18:00–次日08:00", "带班 甲子 0012"]
    leader = [row for row in lines(own[0]) if row[0].startswith("2026-")]
    assert leader[0][4] == "白班 乙丑 0013\n夜班 丙寅"
    assert any("9日上午" in cell for row in lines(own[2]) for cell in row)


def test_counters_are_carried_and_new_with_the_deviation() -> None:
    """1 + 0 beside a part of 8 is seven too few."""
    counters = sheets(VIEW)[1]
    rows = [row for row in lines(counters) if row[0] in ("甲子", "乙丑", "丙寅")]
    assert [row[3:5] for row in rows] == [
        ["2 + 31 = 33", "+0.0"],
        ["1 + 0 = 1", "-7.0"],
        ["0 + 31 = 31", "+23.0"],
    ]


@given(st.lists(st.text(max_size=40), min_size=1, max_size=8))
def test_sheets_have_names_that_workbooks_take(names: list[str]) -> None:
    """At most 31 letters, none that is refused, no two alike whatever the case."""
    taken = {"值班表"}
    found = [
        sheet_title(MemberView(id=f"o{at}", name=name), taken) for at, name in enumerate([*names, *names])
    ]
    assert all(0 < len(one) <= 31 for one in found)
    assert not any(one[0] == "'" or one[-1] == "'" or set(one) & set("[]:*?/\\") for one in found)
    assert len({one.casefold() for one in found} | {"值班表"}) == len(found) + 1


def test_names_that_look_like_formulas_are_text() -> None:
    """In every sheet."""
    nasty = replace(MEMBERS[1], name="=1+1", title="+x", phone="@y")
    for sheet in sheets(replace(VIEW, members=(MEMBERS[0], nasty, MEMBERS[2]))):
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_the_month_is_a_line_a_day() -> None:
    """Leaders first, holidays named."""
    set_language("zh")
    text = month_text(replace(VIEW, state="已公布"))
    assert text.startswith(
        "【青石县教育局2026年10月值班表】\n已公布\n1日（周四）【国庆节】 带班 甲子｜白班 乙丑｜夜班 丙寅\n"
    )
    assert sum(" 带班 甲子" in line for line in text.split("\n")) == 31
    set_language("en")
    assert "\nThu 1 (国庆节) 带班 甲子 | 白班 乙丑 | 夜班 丙寅\n" in month_text(VIEW)


def test_weeks_begin_on_monday_and_hold_every_day_once() -> None:
    """October 2026 begins on a Thursday and ends on a Saturday."""
    set_language("zh")
    parts = weeks(DAYS)
    assert [one.day for part in parts for one in part] == [one.day for one in DAYS]
    assert all(part[0].day.weekday() == 0 for part in parts[1:])
    assert all(later[0].day - early[-1].day == timedelta(days=1) for early, later in pairwise(parts))
    found = week_texts(VIEW)
    assert list(found) == ["2026-10-01", "2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26"]
    assert found["2026-10-05"].count("甲子 0012") == 7


def test_a_persons_text_has_the_own_duties() -> None:
    """With the hours and with whom; somebody without any is told so."""
    set_language("zh")
    text = person_text(VIEW, MEMBERS[2])
    assert text.split("\n")[1:3] == [
        "10月1日（周四） 夜班 18:00–次日08:00【国庆节】",
        "  同班人员：带班 甲子 0012",
    ] or ("夜班 18:00–次日08:00【国庆节】" in text)
    assert text.count("夜班 18:00") == 31
    assert "9日上午" in text
    idle = MemberView(id="o9", name="丁卯")
    assert len(person_text(VIEW, idle).strip().split("\n")) == 2


@pytest.mark.parametrize(
    ("minute", "zh", "en"),
    [
        (1080, "18:00", "18:00"),
        (1440, "24:00", "24:00"),
        (1441, "次日00:01", "00:01 next day"),
        (1920, "次日08:00", "08:00 next day"),
        (2880, "次日24:00", "24:00 next day"),
        (3360, "第3日08:00", "+2 d 08:00"),
    ],
)
def test_the_end_of_a_duty_says_its_day(minute: int, zh: str, en: str) -> None:
    """Midnight is the end of a day, not the beginning of one."""
    set_language("zh")
    assert end_text(minute) == zh
    set_language("en")
    assert end_text(minute) == en


def bars(view: RosterView) -> tuple[ElementTree.Element, dict[str, list[float]]]:
    """The picture, and the widths of its bars by colour in order."""
    root = ElementTree.fromstring(fairness_picture(view))
    found: dict[str, list[float]] = {}
    for one in root.iter("{http://www.w3.org/2000/svg}rect"):
        found.setdefault(one.attrib["fill"], []).append(float(one.attrib["width"]))
    return root, found


def test_bars_are_as_long_as_the_counters() -> None:
    """Of a group the greatest fills the column; carried and new add up; the fair part is a line for each."""
    root, found = bars(VIEW)
    pale, dark = found[CARRIED][1:], found[NEW][1:]  # the first of each colour stands in the legend
    assert pale == pytest.approx([2 / 33 * BAR, 1 / 31 * BAR], abs=0.06)
    assert dark == pytest.approx([31 / 33 * BAR, BAR], abs=0.06)
    fair = [one for one in root.iter("{http://www.w3.org/2000/svg}path") if one.attrib["stroke"] == FAIR]
    assert len(fair) == 1 + len(MEMBERS)


def texts(root: ElementTree.Element) -> Sequence[str]:
    """Everything written in a picture."""
    return [one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_picture_is_well_formed_whatever_people_are_called() -> None:
    """And names everybody who has counters, in a group of his role."""
    nasty = replace(MEMBERS[1], name='<b>&"甲')
    root, _found = bars(replace(VIEW, members=(MEMBERS[0], nasty, MEMBERS[2], MemberView(id="x", name="无"))))
    told = texts(root)
    assert '<b>&"甲' in told
    assert "无" not in told
    assert len(root.attrib["viewBox"].split()) == 4
    bars(replace(VIEW, members=(), classes=()))


def test_a_long_name_is_whole_in_the_picture_and_one_without_end_is_cut() -> None:
    """The column of names is as wide as the longest, up to a border; bars begin after it."""
    long, endless = "阿不都热依木·买买提", "名" * 60
    for name, told in ((long, long), (endless, "名" * 12 + "…"), ("甲子", "甲子")):
        root, _bars = bars(replace(VIEW, members=(replace(MEMBERS[0], name=name), *MEMBERS[1:])))
        shown = [one for one in texts(root) if one.startswith(name[:2]) and "+" not in one]
        assert shown == [told]


def test_four_han_letters_are_whole_in_a_grid_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the blank after the mark; whoever is called longer is cut with his mark apart."""
    monkeypatch.setenv("COLUMNS", "80")
    names = ("欧阳娜娜", "阿不都热依木", "甲子")
    members = tuple(replace(one, name=name) for one, name in zip(MEMBERS, names, strict=True))
    cells = [
        cell.strip()
        for line in grid_text(replace(VIEW, members=members)).split("\n")
        for cell in line.split("|")
    ]
    assert [cells.count(one) for one in ("带欧阳娜娜", "白 阿不都…", "夜 甲子")] == [31, 31, 31]

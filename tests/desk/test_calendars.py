"""The year's page, days without visits, the duty calendars; domains, their checklists and bundles."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import icalendar
import pytest
from openpyxl import load_workbook

from auditor.desk.rooms.calendars import _month
from auditor.store.staff import read_people
from auditor.workflow import bureau, demo
from auditor.workflow.domains import load_all
from auditor.workflow.months import calendar
from desk_client import county_in, desk_of, text_of, wait


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county without any roster."""
    return county_in(tmp_path_factory.mktemp("calendars") / "bureau.db")


def test_the_year_says_what_its_days_are(county: Path) -> None:
    """National Day is off and marked by a letter; the make-up Sunday works; nothing needs a script."""
    client = desk_of(county, language="zh")
    page = client.page("/calendars/2026")
    words = text_of(page)
    assert "国庆节" in words
    assert "调休上班" in words
    assert client.get("/calendars", follow_redirects=False).headers["location"] == "/calendars/2026"
    assert client.get("/calendars/2026x").status_code == client.get("/calendars/1999").status_code == 404
    assert "还没有公布" in words
    assert "/calendars/calendars.zip" not in page


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_every_day_of_the_year_stands_once_under_its_weekday(year: int) -> None:
    """Against the calendar itself: number, column, day off, make-up workday, today."""
    of, today = calendar(), date(year, 10, 1)
    for month in range(1, 13):
        weeks = _month(of, year, month, today)["weeks"]
        cells = [(column, one) for week in weeks for column, one in enumerate(week) if one]
        days = of.days_of(f"{year}-{month:02d}")
        assert [one["n"] for _column, one in cells] == [one.day.day for one in days]
        for (column, cell), one in zip(cells, days, strict=True):
            assert column == one.day.weekday()
            assert ("holiday" in cell["kinds"].split()) == (one.cls == "holiday")
            assert ("made-up" in cell["kinds"].split()) == (one.cls == "work" and column >= 5)
            assert ("today" in cell["kinds"].split()) == (one.day == today)
            assert bool(cell["mark"]) == (one.cls == "holiday" or (one.cls == "work" and column >= 5))


def test_days_without_visits_are_kept_told_and_taken_away(tmp_path: Path) -> None:
    """The form does what `auditor blackouts add` does; a day that is none is said in words."""
    client = desk_of(county_in(tmp_path / "bureau.db"))
    page = client.page("/calendars/2026")
    fields = {"from": "2026-12-10", "to": "2026-12-11", "scope": "", "kind": "exam", "reason": "月考"}
    answer = client.submit("/calendars/blackouts", page, fields)
    assert answer.status_code == 303
    page = client.page("/calendars/2026")
    assert "月考" in page
    again = client.submit("/calendars/blackouts", client.page("/calendars/2026"), {**fields, "from": "10/12"})
    assert again.status_code == 400
    assert "2026-12-01" in again.text
    gone = client.submit("/calendars/blackouts/drop", page, {"scope": "", "from": "2026-12-10"})
    assert gone.status_code == 303
    assert "月考" not in client.page("/calendars/2026")


def test_calendars_of_published_months_are_those_of_the_command_line(tmp_path: Path) -> None:
    """The archive holds the office's and everybody's calendar, each readable; strangers have none."""
    out = tmp_path / "demo"
    demo.run(demo.Request(out=out, month="2026-12", seed="calendars"), load_all(), lambda _loop, _out: None)
    client = desk_of(out / "bureau.db", now=datetime.fromisoformat("2026-12-08T09:00:00+08:00"))
    home = client.page("/?month=2026-12")
    assert 'data-step="calendars" data-state="ready"' in home
    page = client.page("/calendars/2026")
    answer = client.submit("/calendars/calendars.zip", page)
    assert client.submit("/calendars/calendars.zip", page).content == answer.content  # a second click
    assert 'data-step="calendars" data-state="done"' in client.page("/?month=2026-12")
    assert answer.headers["content-disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with bureau.opened(out / "bureau.db") as db:
        people = {one.id for one in read_people(db)}
    assert len(files) > len(people) / 2
    assert client.get("/calendars/duty.ics").content == files["duty.ics"]
    assert len(icalendar.Calendar.from_ical(files["duty.ics"]).walk("VEVENT")) >= 31
    page = client.page("/calendars/2026")
    person = sorted(people)[0]
    assert f"/calendars/people/{person}" in page
    assert client.get(f"/calendars/people/{person}").content in files.values()
    assert client.get("/calendars/people/nobody").status_code == 404


def test_domains_and_their_checklists_read_and_print(county: Path) -> None:
    """Every domain has its page, its workbook and its form; every item stands on the page."""
    client = desk_of(county, language="zh")
    plugins = client.desk.plugins
    page = client.page("/domains")
    with bureau.opened(county) as db:
        domains = plugins(db, date(2026, 12, 8)).domains
    for key, domain in domains.items():
        assert (
            f">{len(domain.items)}</td>" in page.partition(f'href="/domains/{key}"')[2].partition("</tr>")[0]
        )
        shown = client.page(f"/domains/{key}")
        assert all(item.code in shown for item in domain.items)
    book = load_workbook(io.BytesIO(client.get("/domains/fire/sheet.xlsx").content))
    assert any(domains["fire"].items[0].code == cell.value for row in book.worksheets[1] for cell in row)
    form = client.get("/domains/fire/form.html")
    assert form.headers["content-disposition"].startswith("attachment")
    assert domains["fire"].items[0].code in form.text
    found = client.page("/domains/fire?q=" + domains["fire"].items[0].code)
    assert domains["fire"].items[1].code not in found
    assert client.get("/domains/nothing").status_code == 404


def test_a_file_that_is_no_bundle_is_refused_in_words(county: Path) -> None:
    """It is looked at in the work's process, and the page of the work says why."""
    client = desk_of(county)
    page = client.page("/domains")
    answer = client.submit("/domains/add", page, files={"file": ("x.zip", b"no archive", "application/zip")})
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert wait(client, int(where.rpartition("/")[2])) == "failed"
    assert "x.zip" in text_of(client.page(where))
    assert client.submit("/domains/add", client.page("/domains")).status_code == 400

"""A year is dropped on its page: shown day by day first, kept by one button, taken back by another."""

from __future__ import annotations

import io
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from auditor.shipped import calendars_folder
from auditor.store.log import read_tables
from auditor.workflow import bureau
from auditor.workflow.months import calendar_of
from desk_client import Client, county_in, desk_of, text_of
from desk_here import files_here, work_here

ROWS = """\
名称,开始日期,结束日期,类别,来源
元旦,2027-01-01,2027-01-03,法定节假日,国办发明电〔2026〕9号
元旦,2027-01-09,,调休上班,
"""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county."""
    return county_in(tmp_path_factory.mktemp("years") / "bureau.db")


@pytest.fixture
def client(county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A county's desk whose work is done at once."""
    file = Path(shutil.copy(county, tmp_path / "bureau.db"))
    work_here(monkeypatch, tmp_path)
    files_here(monkeypatch)
    return desk_of(file)


def drop(client: Client, text: str | bytes, name: str = "2027.csv") -> tuple[str, str]:
    """Drop a file on the page of 2027; give the address of what it would change and that page."""
    data = text.encode() if isinstance(text, str) else text
    answer = client.submit(
        "/calendars/files", client.page("/calendars/2027"), files={"file": (name, data, "x")}
    )
    assert answer.status_code == 303
    where = answer.headers["location"]
    return where, client.page(where)


def class_of(client: Client, day: date) -> str:
    """What a day is by the bureau's file."""
    with bureau.opened(client.desk.places.db) as db:
        return calendar_of(db).day(day).cls


def test_a_year_is_seen_kept_shown_and_taken_back(client: Client) -> None:
    """Nothing is kept by looking; the kept day is marked on the year's page; undo gives all back."""
    saturday = date(2027, 1, 9)
    with bureau.opened(client.desk.places.db) as db:
        before = read_tables(db)
    where, page = drop(client, ROWS)
    words = text_of(page)
    assert "<del>weekend" in page
    assert "<ins>make-up workday" in page
    assert "国办发明电〔2026〕9号" in words
    assert page.count('class="button main"') == 1
    assert 'data-action="keep-year"' in page
    with bureau.opened(client.desk.places.db) as db:
        assert read_tables(db) == before
    assert "调休上班" in text_of(client.page(f"{where}?lang=zh"))
    page = client.page(f"{where}?lang=en")
    kept = client.submit(f"{where}/apply", page)
    assert kept.status_code == 303
    assert kept.headers["location"] == "/calendars/2027#own"
    assert class_of(client, saturday) == "work"
    year = client.page("/calendars/2027")
    assert 'class="made-up' in year.partition(">9<sup>")[0][-60:]
    assert "国办发明电〔2026〕9号" in text_of(year)
    assert client.submit(f"{where}/apply", page).status_code == 409  # a second click: what was done
    assert "/calendars/2027" in client.page(where)
    entry = year.partition('name="entry" value="')[2].partition('"')[0]
    gone = client.submit("/calendars/undo", year, {"entry": entry, "year": "2027"})
    assert gone.headers["location"] == "/calendars/2027"
    assert class_of(client, saturday) == "weekend"
    with bureau.opened(client.desk.places.db) as db:
        now = read_tables(db)
    assert {key: rows for key, rows in now.items() if key != "readings"} == {
        key: rows for key, rows in before.items() if key != "readings"
    }


def test_a_year_file_is_kept_and_the_year_taken_away(client: Client) -> None:
    """The shipped file of the year changes no day; taken away, nothing is the bureau's own."""
    data = Path(str(calendars_folder() / "cn-2027.toml")).read_bytes()
    where, page = drop(client, data, "cn-2027.toml")
    assert "<b>0</b> days change" in page
    client.submit(f"{where}/apply", page)
    again = drop(client, data, "cn-2027.toml")[1]
    assert "stand so already" in text_of(again)
    assert 'data-action="keep-year"' not in again
    year = client.page("/calendars/2027")
    assert "/calendars/2027/drop" in year
    answer = client.submit("/calendars/2027/drop", year)
    assert answer.status_code == 303
    year = client.page("/calendars/2027")
    assert "/calendars/2027/drop" not in year
    assert client.submit("/calendars/2027/drop", year).status_code == 400


def test_faults_stand_with_their_cures_and_nothing_can_be_kept(client: Client) -> None:
    """Row and column are named; the file read again with a kind for rows that have none can be kept."""
    where, page = drop(client, "日期,名称\n2027-06-10,端午节\n")
    assert "no kind of day" in text_of(page)
    assert 'data-action="keep-year"' not in page
    assert 'action="/calendars/files"' in page  # the mended file is taken here
    assert client.submit(f"{where}/apply", page).headers["location"] == where
    fields = {"kind": "holiday", "standing": "official", "source": "通知", "whole": ""}
    answer = client.submit(f"{where}/look", client.page(where), fields)
    where = answer.headers["location"]
    page = client.page(where)
    assert 'data-action="keep-year"' in page
    assert "通知" in page
    other = client.submit(f"{where}/apply", page, fields | {"source": "another"}).headers["location"]
    assert other != where  # chosen anew and not looked at: looked at first
    client.submit(f"{where}/apply", client.page(where), fields)
    assert class_of(client, date(2027, 6, 10)) == "holiday"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.toml", b"kind = 3"),
        ("x.ics", b"none"),
        ("x.json", b"{}"),
        ("x.xlsx", b"PK"),
        ("x.exe", b"\0\1"),
        ("x.csv", b""),
    ],
)
def test_another_kind_of_file_is_refused_in_words(client: Client, name: str, data: bytes) -> None:
    """The page says what to do and takes another file; nothing is kept."""
    _where, page = drop(client, data, name)
    assert "Nothing was kept." in text_of(page)
    assert 'action="/calendars/files"' in page
    assert "Traceback" not in page
    (said,) = re.findall('<p class="lead">(.*)</p>', page)
    assert not re.search("[\u4e00-\u9fff]", said)
    assert name != "x.csv" or "save it as .xlsx or .csv" in said


def test_what_changed_meanwhile_is_shown_again_before_it_is_kept(client: Client) -> None:
    """Another write between look and button leads to a fresh look."""
    where, page = drop(client, ROWS)
    other = client.page("/calendars/2027")
    fields = {"from": "2027-03-01", "to": "", "scope": "", "kind": "exam", "reason": "x"}
    client.submit("/calendars/blackouts", other, fields)
    answer = client.submit(f"{where}/apply", page)
    assert answer.headers["location"] != where
    assert answer.headers["location"].startswith("/calendars/files/")
    assert class_of(client, date(2027, 1, 9)) == "weekend"


@pytest.mark.parametrize("year", ["9" * 5000, "0002027", "1999", "２０２７"])
def test_a_year_without_a_page_is_none(client: Client, year: str) -> None:
    """However it is written."""
    assert client.get(f"/calendars/{year}").status_code == 404


def test_the_empty_form_reads_back(client: Client) -> None:
    """It is a workbook with the headings that the import knows."""
    answer = client.get("/calendars/form.xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["name", "from", "to", "kind", "work", "source"]


def test_days_without_visits_come_by_file_too(client: Client) -> None:
    """Sums and faults first, like any list; kept, shown on the year's page, and taken back there."""
    text = "范围,开始日期,结束日期,类别,事由\n,2027-06-07,2027-06-08,考试,高考\n无此单位,2027-06-09,,考试,x\n"
    data = {"file": ("b.csv", text.encode(), "text/csv")}
    answer = client.submit("/imports/blackouts", client.page("/calendars/2027"), files=data)
    where = answer.headers["location"]
    page = client.page(where)
    assert "No unit, township, district or kind is called so" in text_of(page)
    client.submit(f"{where}/apply", page, {"columns": ""})
    year = client.page("/calendars/2027")
    assert "高考" in year.partition('id="blackouts"')[2]
    entry = year.partition('id="blackouts"')[2].partition('name="entry" value="')[2].partition('"')[0]
    assert client.submit("/imports/undo", year, {"entry": entry, "back": "/calendars"}).status_code == 303
    assert "高考" not in client.page("/calendars/2027").partition('id="blackouts"')[2]


def test_days_without_lessons_are_listed_on_the_page_of_their_year(client: Client) -> None:
    """A winter break that ends in the next year stands on the pages of both, and on no other."""
    where, page = drop(client, "名称,开始日期,结束日期,类别\n寒假,2027-12-28,2028-02-20,停课\n")
    assert client.submit(f"{where}/apply", page).status_code == 303
    for year in (2027, 2028):
        assert "寒假" in text_of(client.page(f"/calendars/{year}"))
    assert "寒假" not in text_of(client.page("/calendars/2029"))

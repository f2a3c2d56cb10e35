"""A bureau's own year: told before it is kept, over what comes with auditor, and given back."""

from __future__ import annotations

import ast
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from auditor.calendars.published import kind_of, read_ics, read_json_days
from auditor.calendars.years import Span, YearFile, own_json, own_of_json, own_years
from auditor.shipped import calendars_folder
from auditor.store import Database
from auditor.store.log import read_tables
from auditor.workflow import bureau, home, plan_news, undoing, years
from auditor.workflow.domains import load_all
from auditor.workflow.duty import roster_life, rosters
from auditor.workflow.events import lottery_after
from auditor.workflow.forms import year_form
from auditor.workflow.imports import Request
from auditor.workflow.months import calendar, calendar_of, ends_of, month_of, period_of
from auditor.workflow.semesters import Size, districts_of, plan_month
from desk_world import BEFORE, at, copied, make_desk, publish
from desks import answer, call

SHIPPED = Path(str(calendars_folder()))
FIRST_CENTURY = """\
kind = "terms"
source = "s"
verified = true
terms = [{name = "a", from = 0001-01-01, to = 0001-01-02}]
"""
NOTICE = """\
名称,开始日期,结束日期,类别,调休上班,来源
元旦,2027-01-01,2027-01-03,法定节假日,2027-01-09,国办发明电〔2026〕9号
家长会,2027-01-18,,停课,,
市两会,2027-01-20至2027-01-24,,重点时段,,
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau with a published roster of December."""
    path = tmp_path_factory.mktemp("years") / "bureau.db"
    make_desk(path, "2026-12")
    return path


def asked(*, dry_run: bool = False, **more: Any) -> years.Asked:
    """An import as it is asked for."""
    return years.Asked(request=Request(mapping={}, where={}, dry_run=dry_run), **more)


def table(folder: Path, text: str, name: str = "days.csv") -> Path:
    """Write a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def days(db: Database, first: date, last: date) -> list[Any]:
    """What a bureau's calendar says of some days."""
    return list(period_of(first, last, calendar_of(db)).days)


def test_files_that_come_with_us_change_nothing_when_they_are_imported(made: Path, tmp_path: Path) -> None:
    """The same roster and the same plan, byte for byte, before and after importing every shipped file."""
    plugins = load_all()
    size = Size(districts=1, towns=4, in_town=6, people=8, months=("2027-01",))
    district = districts_of("years", size)[0]
    units = sorted(one.id for one in district.units)

    def worked(db: Database) -> tuple[str, str]:
        month = month_of("2027-01", calendar_of(db))
        _drawn, plan = plan_month(district, units, 6, month, plugins, share=b"s" * 32)
        return json.dumps(rosters.make(db, month, work=20)), json.dumps(plan.record)

    with copied(made, tmp_path / "b.db") as db:
        before = worked(db)
        known = days(db, date(2025, 6, 1), date(2028, 12, 31))
        for file in sorted(SHIPPED.glob("*.toml")):
            told = years.import_years(db, file, asked(), BEFORE)
            assert (told.kept, told.changes, told.confirmed, told.doubted) == (True, [], 0, 0), file
        assert days(db, date(2025, 6, 1), date(2028, 12, 31)) == known
        assert month_of("2027-01", calendar_of(db)) == month_of("2027-01", calendar())
        assert worked(db) == before
        again = years.import_years(db, SHIPPED / "cn-2027.toml", asked(), BEFORE)
        assert (again.kept, again.changes) == (False, [])


def test_a_made_up_day_is_a_workday_in_roster_plan_and_on_the_first_page(made: Path, tmp_path: Path) -> None:
    """Saturday 9 January: two officers by day become those of a workday; visits may go; and back again."""
    saturday = date(2027, 1, 9)
    with copied(made, tmp_path / "b.db") as db:
        told = years.import_years(db, table(tmp_path, NOTICE), asked(), BEFORE)
        assert told.kept
        month = month_of("2027-01", calendar_of(db))
        assert saturday in month.working
        assert saturday not in month_of("2027-01", calendar()).working
        assert date(2027, 1, 18) not in month.in_term
        found = {one.day: one for one in month.days}
        assert found[date(2027, 1, 20)].key_period == "市两会"
        assert (found[saturday].name, found[saturday].provisional) == ("元旦", False)
        assert found[date(2027, 1, 11)].provisional  # the table names some days, it is no whole notice
        record = publish(db, "2027-01", BEFORE, rosters.make(db, month, work=20))
        assert rosters.check(db, record, month) == []
        assert {one.rule for one in rosters.check(db, record, month_of("2027-01", calendar()))} - {"stored"}
        ahead = {one.day: one.cls for one in home.duty_ahead(db, saturday)[1]}
        assert ahead[saturday] == "work"
        assert home.duty_ahead(db, saturday)[1][0].day == saturday


def test_a_plan_freezes_the_days_of_the_bureau(tmp_path: Path) -> None:
    """`draw freeze` counts the made-up Saturday among the days on which teams may go."""
    from sealed import DECEMBER, Bureau

    made = Bureau(tmp_path)
    made.county()
    made.programme(DECEMBER)
    made.ok("calendars", "import", table(tmp_path, "日期,类别\n2026-12-12,调休上班\n2026-12-14,放假\n"))
    frozen = made.json("draw", "freeze", "--programme", "2026-12")
    with bureau.opened(made.db) as db:
        from auditor.store.numbers import read_frozen

        field = read_frozen(db, frozen["number"])["field"]["days"]
    assert "2026-12-12" in field
    assert "2026-12-14" not in field
    told = made.json("calendars", "drop", "2026")
    assert {one["what"] for one in told["touched"]} == {"draw"}


def test_an_imported_year_is_news_to_a_draft_and_to_a_sealed_plan(made: Path, tmp_path: Path) -> None:
    """A roster on the way to approval was made before it; of a plan only its own days of that year count."""
    record = {
        "state": "planned", "planned_at": BEFORE.isoformat(),
        "facts": {"period": ["2026-12-07", "2027-01-29"]},
    }  # fmt: skip
    today, later = date(2026, 12, 1), BEFORE + timedelta(hours=1)
    with copied(made, tmp_path / "b.db") as db:
        month = month_of("2027-01", calendar_of(db))
        roster_life.revise(db, month.key, rosters.make(db, month, work=20), by="王芳", now=BEFORE)

        def roster_step() -> str:
            return next(one.state for one in home.steps(db, month.key, today) if one.key == "roster")

        assert (roster_step(), plan_news.news(db, record, today)) == (home.READY, [])
        years.import_years(db, table(tmp_path, NOTICE), asked(), later)
        (news,) = plan_news.news(db, record, today)
        assert news == plan_news.News(
            kind=plan_news.YEAR, of="2027", first=date(2027, 1, 1), last=date(2027, 1, 29)
        )
        assert roster_step() == home.STALE
        assert plan_news.news(db, record, date(2027, 1, 30)) == []
    visits = [{"id": day, "date": day, "team": ["o1"]} for day in ("2026-12-31", "2027-01-08", "2027-01-11")]
    touched = plan_news.touched(news, visits, {}, {"2027-01-11"})
    assert [one["id"] for one in touched] == ["2027-01-08"]


def test_looking_changes_nothing_and_says_what_would(made: Path, tmp_path: Path) -> None:
    """`--dry-run` writes no row and no entry, and tells the same as the import that follows."""
    file = table(tmp_path, NOTICE + "冬至,2026-12-21,,法定节假日,,\n")
    with copied(made, tmp_path / "b.db") as db:
        before = read_tables(db)
        looked = years.import_years(db, file, asked(dry_run=True), BEFORE).record()
        assert read_tables(db) == before
        told = years.import_years(db, file, asked(), BEFORE).record()
    assert looked | {"kept": True} == told
    assert [(one["from"], one["to"]) for one in told["changes"]] == [
        ("2026-12-21", "2026-12-21"), ("2027-01-02", "2027-01-03"), ("2027-01-09", "2027-01-09"),
        ("2027-01-18", "2027-01-18"), ("2027-01-20", "2027-01-22"), ("2027-01-23", "2027-01-24"),
    ]  # fmt: skip
    change = told["changes"][2]
    assert (change["before"]["cls"], change["after"]["cls"]) == ("weekend", "work")
    assert told["touched"] == [
        {"what": "roster", "which": "2026-12", "from": "2026-12-01", "to": "2026-12-31"}
    ]
    assert "2027-10-01" in told["left"]


def test_what_was_imported_is_given_back(made: Path, tmp_path: Path) -> None:
    """By `drop`, year by year, and by taking the last import back, which brings an earlier one back too."""
    with copied(made, tmp_path / "b.db") as db:
        bare, before = read_tables(db), days(db, date(2026, 1, 1), date(2028, 6, 1))
        years.import_years(db, table(tmp_path, NOTICE), asked(), BEFORE)
        first, once = read_tables(db), days(db, date(2027, 1, 1), date(2027, 12, 31))
        whole = table(tmp_path, "日期,类别,名称\n2027-01-01,放假,元旦\n2027-05-01,放假,劳动节\n", "w.csv")
        years.import_years(db, whole, asked(whole=True, official=True), BEFORE)
        assert sum(one.cls == "holiday" for one in days(db, date(2027, 1, 1), date(2027, 12, 31))) == 2
        undoing.take_back(db, undoing.undoable(db), BEFORE)
        assert (read_tables(db), days(db, date(2027, 1, 1), date(2027, 12, 31))) == (first, once)
        told = years.drop_year(db, 2027, BEFORE)
        assert told.kept
        assert days(db, date(2026, 1, 1), date(2028, 6, 1)) == before
        after = read_tables(db)
        assert {key: rows for key, rows in after.items() if key != "readings"} == {
            key: rows for key, rows in bare.items() if key != "readings"
        }
        assert calendar_of(db) is calendar_of(db)


def test_the_later_import_lies_over_the_earlier(made: Path, tmp_path: Path) -> None:
    """Of a day, a name and a term the last word holds; one of which nothing shows any more is let go."""
    head = "名称,开始日期,结束日期,类别\n"
    first = "端午节,2027-06-07,,放假\n两会,2027-01-20,2027-01-22,重点时段\n秋,2028-09-01,2029-01-19,学期\n"
    then = "端午节,2027-06-07,,正常\n两会,2027-01-25,2027-01-26,重点时段\n秋,2028-09-04,2029-01-26,学期\n"
    one, other = table(tmp_path, head + first, "a.csv"), table(tmp_path, head + then, "b.csv")
    with copied(made, tmp_path / "b.db") as db:
        for file, cls, period, start in (
            (one, "holiday", date(2027, 1, 20), date(2028, 9, 1)),
            (other, "work", date(2027, 1, 25), date(2028, 9, 4)),
            (one, "holiday", date(2027, 1, 20), date(2028, 9, 1)),
        ):
            assert years.import_years(db, file, asked(), BEFORE).kept
            assert years.import_years(db, file, asked(), BEFORE).stands
            of = calendar_of(db)
            assert of.day(date(2027, 6, 7)).cls == cls
            assert [span.first for span in of.periods if span.name == "两会"] == [period]
            assert [span.first for span in of.terms if span.first.year == 2028] == [start]
            assert [row["file"] for row in years.own_of(db, 2027)] == [file.name]
        part = table(tmp_path, head + "劳动节,2027-05-04,,正常\n", "c.csv")
        years.import_years(db, part, asked(), BEFORE)
        assert [row["file"] for row in years.own_of(db, 2027)] == ["c.csv", "a.csv"]
        assert not years.import_years(db, one, asked(dry_run=True), BEFORE).stands
        day = table(tmp_path, head + "端午节,2027-06-07,,正常\n", "d.csv")
        years.import_years(db, day, asked(), BEFORE)
        assert calendar_of(db).day(date(2027, 6, 7)).cls == "work"


@pytest.mark.parametrize(
    ("rows", "problem", "cure"),
    [
        ("2027-02-30,,放假", "no date", "2026-12-01"),
        ("2月5日,,放假", "no date with its year", "2026-12-01"),
        ("2027-02-10,2027-02-05,放假", "the end is before the start", "exchange"),
        ("2027-02-05,,庙会", "unknown kind", "调休上班"),
        ("2027-02-05,,", "no kind of day", "调休上班"),
        ("2027-02-10,,调休上班", "no Saturday or Sunday", "weekend"),
        ("2027-02-01,2027-03-20,放假", "48", "31"),
        ("2027-02-06,,放假\n2027-02-06,,补班", "another kind", "keep one"),
        ("2027-02-20,2027-07-01,学期\n2027-06-30,2027-08-31,学期", "days in common", "first or the last"),
        ("1927-02-06,,放假", "year", "2026-12-01"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_cure(
    made: Path, tmp_path: Path, rows: str, problem: str, cure: str
) -> None:
    """Nothing of the file is kept; the answer names row, field and cure."""
    file = table(tmp_path, f"开始日期,结束日期,类别\n2027-06-09,,放假\n{rows}\n")
    with copied(made, tmp_path / "b.db") as db:
        before = read_tables(db)
        told = years.import_years(db, file, asked(), BEFORE)
        assert read_tables(db) == before
    assert not told.kept
    assert len(told.rows) == 1
    fault = told.rows[0]
    assert fault["row"] in (3, 4)
    assert fault["column"]
    assert problem in fault["problem"]
    assert cure in fault["cure"]


def test_published_calendars_are_read_as_their_lists_say(shared: Path, tmp_path: Path) -> None:
    """For 19 years the .ics and the .json of one publisher give the same days, and the counts of the list."""
    folder = shared / "data" / "calendars-china"
    for year in range(2007, 2026):
        document = json.loads((folder / f"{year}.json").read_text(encoding="utf-8"))
        listed = {one["date"]: one["isOffDay"] for one in document["days"]}
        events, papers = read_json_days(folder / f"{year}.json")
        assert papers or not document["papers"]
        for found in (events, read_ics(folder / f"{year}.ics")):
            days_of = {
                f"{one.first + timedelta(days=ahead)}": one.kind == "holiday"
                for one in found
                for ahead in range((one.last - one.first).days + 1)
            }
            assert days_of == listed, year


def test_a_published_year_is_whole_and_a_december_before_it_is_no_year_of_its_own(
    made: Path, shared: Path, tmp_path: Path
) -> None:
    """2019's list names days of December 2018: they belong to it, and 2018 stays as it was."""
    folder = shared / "data" / "calendars-china"
    with copied(made, tmp_path / "b.db") as db:
        years.import_years(db, folder / "2018.ics", asked(), BEFORE)
        before = days(db, date(2018, 1, 1), date(2018, 12, 28))
        told = years.import_years(db, folder / "2019.json", asked(), BEFORE)
        assert [one["year"] for one in told.years] == [2019]
        assert told.years[0]["whole"] == ["days"]
        assert told.years[0]["status"] == "official"
        assert days(db, date(2018, 1, 1), date(2018, 12, 28)) == before
        assert days(db, date(2018, 12, 29), date(2018, 12, 31))[0].cls == "work"
        assert not any(one.provisional for one in days(db, date(2019, 1, 1), date(2019, 12, 31)))


def test_a_feed_of_school_holidays_is_days_without_lessons(made: Path, shared: Path, tmp_path: Path) -> None:
    """A real file with its head twice; what names no kind is refused until somebody says the kind."""
    folder = shared / "data" / "calendars-school-terms"
    with copied(made, tmp_path / "b.db") as db:
        told = years.import_years(db, folder / "nl-school-central.ics", asked(), BEFORE)
        assert told.kept
        assert all(one["pauses"] for one in told.years)
        other = years.import_years(db, folder / "nl-public-holidays.ics", asked(), BEFORE)
        assert other.rows
        assert not other.kept
        named = years.import_years(db, folder / "nl-public-holidays.ics", asked(kind="holiday"), BEFORE)
        assert named.kept
    assert kind_of("上班(补春节假期)") == "work"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("y.toml", "kind = 1"),
        ("y.toml", "not toml"),
        ("y.toml", "x = " + "[" * 5000),
        ("y.toml", FIRST_CENTURY),
        ("y.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:2027\nEND:VEVENT\nEND:VCALENDAR\n"),
        ("y.csv", "日期,类别\n" + "2027-01-01,放假\n" * 5001),
        ("y.json", "[" * 100000),
        ("y.toml", 'kind = "periods"\nperiods = []'),
        ("y.ics", "hello"),
        ("y.ics", "BEGIN:VCALENDAR\nEND:VCALENDAR\n"),
        ("y.json", "[1]"),
        ("y.json", '{"days": [{"date": "2027-13-01", "name": "", "isOffDay": true}]}'),
    ],
)
def test_a_file_that_is_no_year_is_refused_in_a_sentence(tmp_path: Path, name: str, text: str) -> None:
    """No traceback, exit 1, and no bureau is left behind."""
    done = call(tmp_path / "none.db", "calendars", "import", str(table(tmp_path, text, name)))
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1), done.output
    assert name in done.stderr
    assert not (tmp_path / "none.db").exists()


def test_the_commands_tell_list_and_drop(tmp_path: Path) -> None:
    """An import makes a missing bureau; the list has both kinds of years; a second drop is refused."""
    db = tmp_path / "bureau.db"
    file = table(tmp_path, NOTICE)
    answer(db, "calendars", "import", str(SHIPPED / "cn-2026.toml"))
    said = call(db, "calendars", "import", str(file), "--dry-run", lang="zh")
    assert "元旦" in said.stdout
    told = answer(db, "calendars", "import", str(file))
    assert told["kept"]
    rows = answer(db, "calendars", "years")
    assert [(one["year"], one["origin"], one["status"]) for one in rows] == [
        (2026, "shipped", "official"), (2026, "own", "official"),
        (2027, "shipped", "provisional"), (2027, "own", "official"),
    ]  # fmt: skip
    assert answer(db, "calendars", "drop", "2027")["kept"]
    refused = call(db, "calendars", "drop", "2027")
    assert (refused.exit_code, "calendars years" in refused.stderr) == (2, True)
    bad = answer(db, "calendars", "import", str(table(tmp_path, "日期,类别\n2027-02-10,补班\n")), code=1)
    assert (bad["refused"], bad["rows"][0]["row"]) == (1, 2)
    form = tmp_path / "form.xlsx"
    year_form(form)
    sheet = load_workbook(form).worksheets[0]
    made_up = "2027-09-26、2027-10-09"
    sheet.append(["国庆节", date(2027, 10, 1), date(2027, 10, 7), "holiday", made_up, "notice"])
    book = sheet.parent
    assert book is not None
    book.save(form)
    filled = answer(db, "calendars", "import", str(form))
    assert (filled["years"][0]["off"], filled["years"][0]["work"]) == (7, 2)


def test_terms_written_later_leave_no_school_year_without_lessons(made: Path, tmp_path: Path) -> None:
    """A gap of more than a summer between two written terms is one in which the usual terms hold."""
    with copied(made, tmp_path / "b.db") as db:
        file = table(tmp_path, "开始日期,结束日期,类别,名称\n2028-09-01,2029-01-19,学期,秋\n")
        years.import_years(db, file, asked(), BEFORE)
        of = calendar_of(db)
        assert of.in_term(date(2028, 4, 10))
        assert not of.in_term(date(2028, 8, 1))
        assert of.in_term(date(2029, 1, 19))
        assert of.in_term(date(2027, 3, 1))


def test_the_lottery_pauses_on_the_days_that_the_bureau_imported(made: Path, tmp_path: Path) -> None:
    """A joined holiday pauses it too, by one of its names."""
    with copied(made, tmp_path / "b.db") as db:
        rows = "开始日期,结束日期,类别,名称\n2027-09-30,2027-10-08,放假,国庆节、中秋节\n"
        years.import_years(db, table(tmp_path, rows), asked(), BEFORE)
        assert lottery_after(at("2027-10-01", 12), calendar_of(db)).date() == date(2027, 10, 9)
        assert lottery_after(at("2027-10-01", 12), calendar()).date() == date(2027, 10, 4)


some_days = st.dates(date(2027, 1, 1), date(2028, 12, 31))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    off=st.dictionaries(some_days, st.sampled_from(["节", "假"]), max_size=6),
    plain=st.sets(some_days, max_size=4),
    periods=st.lists(st.tuples(some_days, st.integers(0, 9)), max_size=3),
    whole=st.booleans(),
)
def test_what_is_laid_over_is_what_shows_and_the_rest_stays(
    off: dict[date, str], plain: set[date], periods: list[tuple[date, int]], whole: bool
) -> None:
    """Days that are named are as named, others as before (or as the week has them); JSON keeps all of it."""
    plain -= off.keys()
    spans = [Span(f"p{n}", first, first + timedelta(days=n)) for first, n in periods]
    notice = YearFile("f", "official", "s", "", True, None, off, {}, frozenset(plain))
    own = own_years(notice, spans={"periods": spans}, whole=("days",) if whole else ())
    assert [own_of_json(one.year, own_json(one)) for one in own] == own
    before, after = calendar(), calendar().under(own)
    covered = {one.year for one in own if one.notice.covers}
    for ahead in range(731):
        day = date(2027, 1, 1) + timedelta(days=ahead)
        cls = after.day(day).cls
        week = "weekend" if day.weekday() >= 5 else "work"
        if day in off:
            assert cls == "holiday"
        elif day in plain or day.year in covered:
            assert cls == week
        else:
            assert cls == before.day(day).cls
        if any(day in span for span in spans):
            assert after.day(day).key_period


def test_everybody_who_asks_for_a_month_says_of_which_calendar() -> None:
    """In the program nobody takes the shipped calendar by leaving it out: a bureau has years of its own."""
    source = Path(years.__file__).parent.parent
    left_out = []
    for path in source.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "month_of(" not in text and "period_of(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                needed = {"month_of": 2, "period_of": 3}.get(node.func.id, 0)
                if len(node.args) < needed:
                    left_out.append(f"{path.name}:{node.lineno}")
    assert left_out == []


def test_the_ends_of_a_month_are_those_of_its_days() -> None:
    """Against the calendar itself, a leap February among them."""
    for key in ("2026-12", "2027-02", "2028-02"):
        month = month_of(key, calendar())
        assert ends_of(key) == (month.first, month.last)

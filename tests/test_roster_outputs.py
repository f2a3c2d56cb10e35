"""What a roster gives out, from the bureau's file to the files on disk: every duty once, at its own time."""

from __future__ import annotations

import csv
import gzip
import io
import json
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from openpyxl import load_workbook

from auditor.calendars.feeds import STANDBY
from auditor.cli.main import auditor
from auditor.i18n import set_language
from auditor.store.opening import close_bureau, open_bureau
from auditor.store.rosters import put_roster
from auditor.store.writing import write_tx
from auditor.workflow.duty import roster_outputs as step
from auditor.workflow.duty import roster_revisions as revisions
from auditor.workflow.months import calendar

RELEASE = Path(__file__).parent / "data" / "releases" / "0.1.0.db.gz"
HERE = ZoneInfo("Asia/Shanghai")
NOW = "2026-11-28T09:00:00+08:00"


class Desk:
    """A bureau's file with the roster of December 2026 that release 0.1.0 made: without desk or revisions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "bureau.db"
        self.db.write_bytes(gzip.decompress(RELEASE.read_bytes()))

    def run(self, *arguments: object, now: str = NOW) -> Result:
        """Call a command."""
        words = [*map(str, arguments), "--db", str(self.db), "--now", now]
        return CliRunner().invoke(auditor, words)

    def ok(self, *arguments: object, now: str = NOW) -> str:
        """Call a command that succeeds, and give what it says."""
        done = self.run(*arguments, now=now)
        assert done.exit_code == 0, (arguments, done.output, done.exception)
        return done.stdout

    def json(self, *arguments: object, now: str = NOW) -> Any:
        """Call a command for programs."""
        return json.loads(self.ok(*arguments, "--json", now=now))

    def record(self) -> dict[str, Any]:
        """The roster as it stands."""
        found: dict[str, Any] = self.json("roster", "show")
        return found

    def become(self, state: str, record: Mapping[str, Any] | None = None, by: str = "") -> None:
        """Give the roster a revision in a state."""
        db = open_bureau(self.db)
        roster = record or self.stored(db)
        at = datetime(2026, 11, 20, 8, tzinfo=UTC)
        with write_tx(db, "roster", at) as tx:
            revisions.add(tx, db, "2026-12", roster, state=state, what=state, now=at, by=by)
        close_bureau(db)

    @staticmethod
    def stored(db: Any) -> dict[str, Any]:
        """The stored record."""
        found = revisions.current(db, "2026-12")
        assert found is not None
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """One of one's own."""
    return Desk(tmp_path)


def names(desk: Desk) -> dict[str, str]:
    """Everybody's name by id."""
    return {one["id"]: one["name"] for one in desk.json("people", "list")}


Duty = tuple[datetime, datetime, str]


def duties(record: Mapping[str, Any], called: Mapping[str, str], person: str = "") -> list[Duty]:
    """The duties of a record by hand: beginning, end, and what a calendar calls it."""
    posts = {row["id"]: row for row in record["posts"]}
    words = {"lead": "带班", "day": "白班", "night": "夜班"}
    found = []
    for row in record["assignments"]:
        if person in ("", row["person"]):
            hour, minute = map(int, posts[row["post"]]["start"].split(":"))
            day = date.fromisoformat(row["date"])
            start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=HERE)
            end = start + timedelta(minutes=posts[row["post"]]["minutes"])
            found.append((start, end, f"{words[row['post']]} {called[row['person']]}"))
    return sorted(found)


def events(file: Path) -> list[Any]:
    """The events of a calendar, without stand-by half-days."""
    return [one for one in Calendar.from_ical(file.read_bytes()).walk("VEVENT") if one["SUMMARY"] != STANDBY]


def read(file: Path) -> list[Duty]:
    """The duties of a calendar."""
    return sorted((one.start, one.end, str(one["SUMMARY"])) for one in events(file))


def test_every_duty_is_once_in_the_offices_calendar_and_once_in_its_persons(desk: Desk) -> None:
    """At its own time, also over midnight and into the next year, with an alarm; and nothing else is."""
    record, called = desk.record(), names(desk)
    desk.ok("calendars", "export", "--out", desk.folder / "out")
    assert read(desk.folder / "out" / "duty.ics") == duties(record, called)
    files = {
        one.name.partition("-")[0].removesuffix(".ics"): one
        for one in (desk.folder / "out" / "people").iterdir()
    }
    assert {row["person"] for row in record["assignments"]} <= set(files)
    for person, file in files.items():
        assert read(file) == duties(record, called, person)
        assert called[person] in file.name
    for one in events(desk.folder / "out" / "duty.ics"):
        (alarm,) = one.walk("VALARM")
        assert alarm["TRIGGER"].dt == timedelta(hours=-12)
        assert one["STATUS"] == "CONFIRMED"
    last = max(read(desk.folder / "out" / "duty.ics"))
    assert last[1] == datetime(2027, 1, 1, 8, tzinfo=HERE)


def test_a_swap_updates_two_events_and_doubles_none(desk: Desk) -> None:
    """The UIDs stay with the seats; SEQUENCE grows; the two change their person, in the own calendars too."""
    record, called = desk.record(), names(desk)
    desk.ok("calendars", "export", "--out", desk.folder / "before")
    lead = {row["date"]: row["person"] for row in record["assignments"] if row["post"] == "lead"}
    pair = next(
        (one, other)
        for one in lead
        for other in lead
        if one < other
        and lead[one] != lead[other]
        and desk.run("roster", "swap", lead[one], one, lead[other], other, "--agreed").exit_code == 0
    )
    desk.ok("calendars", "export", "--out", desk.folder / "after")
    before, after = (
        {str(one["UID"]): one for one in events(desk.folder / name / "duty.ics")}
        for name in ("before", "after")
    )
    assert set(before) == set(after)
    moved = {uid for uid in before if before[uid]["SUMMARY"] != after[uid]["SUMMARY"]}
    assert sorted(f"{before[uid].start:%Y-%m-%d}" for uid in moved) == list(pair)
    assert all(after[uid]["SEQUENCE"] > before[uid]["SEQUENCE"] for uid in before)
    own = next((desk.folder / "after" / "people").glob(f"{lead[pair[1]]}-*.ics"))
    assert read(own) == duties(desk.record(), called, lead[pair[1]])
    desk.ok("roster", "export", "--out", desk.folder / "paper", "--format", "xlsx")
    sheet = load_workbook(desk.folder / "paper" / "roster.xlsx").worksheets[0]
    remarks = {row[0]: str(row[-1]) for row in sheet.iter_rows(min_row=5, values_only=True) if row[-1]}
    assert f"{called[lead[pair[0]]]} → {called[lead[pair[1]]]}" in remarks[pair[0]]


@given(st.lists(st.sets(st.sampled_from("abcdef"), max_size=4), min_size=1, max_size=5))
def test_who_stays_keeps_the_seat(crews: list[set[str]]) -> None:
    """Through any revisions: seats of one post and day are never shared, and the lowest free one is taken."""
    records = [
        {"assignments": [{"date": "2026-12-01", "post": "day", "person": who} for who in sorted(crew)]}
        for crew in crews
    ]
    before: dict[str, int] = {}
    for at, crew in enumerate(crews):
        seats = {who: seat for (_day, _post, who), seat in step.seats_of(records[: at + 1]).items()}
        assert set(seats) == crew
        assert len(set(seats.values())) == len(crew)
        assert all(seats[who] == before[who] for who in crew & set(before))
        fresh = sorted(seats[who] for who in crew - set(before))
        kept = {before[who] for who in crew & set(before)}
        assert fresh == [seat for seat in range(1, 12) if seat not in kept][: len(fresh)]
        before = seats


def test_the_same_input_gives_the_same_bytes(desk: Desk) -> None:
    """Twice; and calendars, records and names of files in any language."""
    outs = [desk.folder / name for name in ("one", "two", "zh")]
    for out, more in zip(outs, ((), (), ("--lang", "zh")), strict=True):
        desk.ok("roster", "export", "--out", out, *more)
    set_language("en")

    def contents(folder: Path) -> dict[str, bytes]:
        return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}

    one, two, zh = map(contents, outs)
    assert one == two
    assert set(zh) == set(one)
    assert {name for name in one if one[name] == zh[name]} == {
        name for name in one if name.endswith((".ics", ".json"))
    }
    assert json.loads(one["roster.json"]) == desk.record()


def test_the_moment_of_the_clock_stays_out_once_there_are_revisions(desk: Desk) -> None:
    """A calendar bears the moment of the revision, whenever it is written."""
    desk.become("published")
    for at, out in enumerate(("2026-11-28T09:00:00+08:00", "2026-12-24T21:30:00+08:00")):
        desk.ok("calendars", "export", "--out", desk.folder / str(at), now=out)
    one, two = (desk.folder / str(at) / "duty.ics" for at in (0, 1))
    assert one.read_bytes() == two.read_bytes()
    assert {str(event["DTSTAMP"].dt) for event in events(one)} == {"2026-11-20 08:00:00+00:00"}


def test_a_draft_is_tentative_and_says_so_everywhere(desk: Desk) -> None:
    """Not in the calendars that everybody gets, unless its month is asked for; its hours are no hours."""
    desk.become("draft")
    refused = desk.run("calendars", "export", "--out", desk.folder / "out")
    assert (refused.exit_code, (desk.folder / "out").exists()) == (2, False)
    assert "--month 2026-12" in refused.output
    desk.ok("calendars", "export", "--out", desk.folder / "out", "--month", "2026-12")
    assert {str(one["STATUS"]) for one in events(desk.folder / "out" / "duty.ics")} == {"TENTATIVE"}
    desk.ok("roster", "export", "--out", desk.folder / "all")
    text = (desk.folder / "all" / "month.txt").read_text(encoding="utf-8")
    assert "draft, revision 2" in text
    assert "draft, revision 2" in str(
        load_workbook(desk.folder / "all" / "roster.xlsx").worksheets[0]["A2"].value
    )
    assert "draft" in (desk.folder / "all" / "fairness.svg").read_text(encoding="utf-8")
    assert desk.ok("roster", "hours").strip() == "no duty starts in these days"
    told = desk.ok("roster", "show", "--on-duty", now="2026-12-09T09:00:00+08:00")
    assert "not published" in told


def test_who_approved_it_stands_on_the_paper(desk: Desk) -> None:
    """With the day; while it waits again, a line to sign."""
    for state in ("approved", "published"):
        desk.become(state, by="张主任")
    desk.ok("roster", "export", "--out", desk.folder / "one", "--format", "xlsx")
    desk.become("submitted")
    desk.ok("roster", "export", "--out", desk.folder / "two", "--format", "xlsx")

    def line(name: str) -> str:
        sheet = load_workbook(desk.folder / name / "roster.xlsx").worksheets[0]
        return next(
            str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if "Approved" in str(cell)
        )

    assert "张主任" in line("one")
    assert "2026-11-20" in line("one")
    assert "张主任" not in line("two")


def test_hours_for_pay_add_up(desk: Desk) -> None:
    """A file that Excel reads: everybody's hours are those of the own duties, class by class."""
    record = desk.record()
    desk.ok("roster", "export", "--out", desk.folder / "out", "--format", "csv")
    data = (desk.folder / "out" / "hours.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    hours = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    minutes = {row["id"]: row["minutes"] for row in record["posts"]}
    counts = Counter(row["person"] for row in record["assignments"])
    assert {who: int(row["duties"]) for who, row in hours.items()} == counts
    for who, row in hours.items():
        own = sum(minutes[one["post"]] for one in record["assignments"] if one["person"] == who)
        assert float(row["hours on duty"]) == own / 60
        parts = ("hours on work days", "hours on weekends", "hours on holidays")
        assert sum(float(row[name]) for name in parts) == own / 60
    told = desk.json("roster", "hours", "--from", "2026-12-10", "--to", "2026-12-12")
    in_period = Counter(
        row["person"] for row in record["assignments"] if "2026-12-10" <= row["date"] <= "2026-12-12"
    )
    assert {row["person"]: row["duties"] for row in told} == in_period


def on_duty_by_hand(record: Mapping[str, Any], at: datetime) -> tuple[set[Any], set[Any]]:
    """Who is on duty at a moment, and who comes next, looked up duty by duty."""
    called = {row["id"]: row["id"] for row in record["people"]}
    found = duties(record, called)
    there = {(start, words.split()[1]) for start, end, words in found if start <= at < end}
    after = [start for start, _end, _words in found if start > at]
    return there, {(start, words.split()[1]) for start, _end, words in found if after and start == min(after)}


def test_who_is_on_duty_at_any_moment(desk: Desk) -> None:
    """To the minute at each hand-over, before the month, over midnight and after the last duty."""
    record = desk.record()
    db = open_bureau(desk.db)
    moments = [
        datetime(2026, 12, day, hour, minute, tzinfo=HERE)
        for day in (1, 2, 31)
        for hour, minute in ((0, 0), (7, 59), (8, 0), (17, 59), (18, 0), (23, 59))
    ]
    moments += [datetime(2027, 1, 1, hour, tzinfo=HERE) for hour in (7, 8)]
    for at in moments:
        there, after = step.on_duty(db, at.astimezone(UTC))
        by_hand = on_duty_by_hand(record, at)
        assert ({(one.start, one.person) for one in there}, {(one.start, one.person) for one in after}) == (
            by_hand
        ), at
    close_bureau(db)


def wide(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_grid_stands_in_line_and_holds_every_duty(desk: Desk, language: str) -> None:
    """Seven columns of one width each, whatever letters are in them; only letters of a known width."""
    record, called = desk.record(), names(desk)
    text = desk.ok("roster", "show", "--lang", language)
    set_language("en")
    grid = [line for line in text.split("\n") if line.count("|") == 6 or set(line) == {"-", "+"}]
    places = set()
    for line in grid:
        marks = [at for at, one in enumerate(line) if one in "|+"]
        places.add(tuple(wide(line[:at]) for at in marks))
    assert len(places) == 1
    cells = [cell.strip() for line in grid for cell in line.split("|")]
    told = Counter(cell[2:] for cell in cells if len(cell) > 2 and cell[1] == " " and not cell[0].isdigit())
    assert told == Counter(called[row["person"]] for row in record["assignments"])
    assert sorted(int(cell) for cell in cells if cell.isdigit()) == list(range(1, 32))


def test_rows_people_and_one_person_agree_with_the_record(desk: Desk) -> None:
    """A line a day; a line a person with a mark a duty; the own duties, found by name or id."""
    record, called = desk.record(), names(desk)
    rows = desk.ok("roster", "show", "--rows").split("\n")
    assert sum(line.startswith("2026-12-") for line in rows) == 31
    people = desk.ok("roster", "show", "--people").split("\n")
    for person in {row["person"] for row in record["assignments"]}:
        count = sum(row["person"] == person for row in record["assignments"])
        (line,) = [one for one in people if one.startswith(called[person] + " ")]
        assert sum(one in "LDN" for one in line) == count
        own = desk.json("roster", "show", "--person", called[person])
        assert [(one["date"], one["post"]) for one in own["duties"]] == sorted(
            (row["date"], row["post"]) for row in record["assignments"] if row["person"] == person
        )
        assert own == desk.json("roster", "show", "--person", person)


def test_what_cannot_be_shown_or_written_is_refused_in_a_sentence(desk: Desk) -> None:
    """Two ways at once, nobody of that name, a month without a roster, days the wrong way round."""
    asked: Sequence[tuple[object, ...]] = (
        ("roster", "show", "--rows", "--people"),
        ("roster", "show", "--person", "无此人"),
        ("roster", "show", "--month", "2031-01"),
        ("roster", "export", "--month", "2031-01", "--out", desk.folder / "x"),
        ("roster", "hours", "--from", "2026-12-31", "--to", "2026-12-01"),
        ("roster", "hours", "--from", "2026-12-31"),
        ("roster", "hours", "--month", "2026-12", "--from", "2026-12-01", "--to", "2026-12-31"),
        ("calendars", "export", "--month", "2031-01", "--out", desk.folder / "x"),
    )
    for words in asked:
        done = desk.run(*words)
        assert done.exit_code == 2, words
        assert "Traceback" not in done.output
        assert len(done.stderr.strip().split("\n")) == 1, done.stderr
    assert not (desk.folder / "x").exists()


def test_no_file_is_written_over_and_all_are_written_or_none(desk: Desk) -> None:
    """One name taken deep in the folder, and nothing is written."""
    (desk.folder / "out" / "people").mkdir(parents=True)
    person = desk.record()["people"][0]["id"]
    taken = desk.folder / "out" / "people" / f"{person}-{names(desk)[person]}.txt"
    taken.write_text("mine", encoding="utf-8")
    done = desk.run("roster", "export", "--out", desk.folder / "out")
    assert done.exit_code == 1
    assert [one for one in (desk.folder / "out").rglob("*") if one.is_file()] == [taken]
    assert taken.read_text(encoding="utf-8") == "mine"


def test_a_desk_with_posts_of_its_own_has_them_everywhere(desk: Desk) -> None:
    """Names as the desk gives them, stand-by counted apart, a seat that nobody fills told as lacking."""
    record = desk.record()
    record["posts"] += [
        {"id": "reserve", "role": "officer", "start": "08:00", "minutes": 1440, "night": False,
         "zh": "备勤", "kind": "standby", "callable_minutes": 30},
        {"id": "phone", "role": "leader", "start": "08:00", "minutes": 1440, "night": False,
         "zh": "后方带班", "by_phone": True},
    ]  # fmt: skip
    record["assignments"] += [
        {"date": "2026-12-05", "post": "reserve", "person": "o01"},
        {"date": "2026-12-05", "post": "phone", "person": "l01"},
    ]
    record["demand"].append({"date": "2026-12-06", "post": "reserve", "need": 1})
    db = open_bureau(desk.db)
    with write_tx(db, "roster", datetime(2026, 11, 20, tzinfo=UTC)) as tx:
        put_roster(tx, "2026-12", record)
    set_language("zh")
    (kept,) = step.kept_months(db).values()
    view = step.roster_view(db, kept)
    assert [post.id for post in view.posts] == ["lead", "phone", "day", "night", "reserve"]
    assert [post.mark for post in view.posts] == ["带", "后", "白", "夜", "备"]
    assert [(str(day), post, count) for day, post, count in view.lacking] == [("2026-12-06", "reserve", 1)]
    own = {one.person: one for one in step.hours_of_month(kept, calendar())}
    assert (own["o01"].standby_duties, own["o01"].standby_minutes) == (1, 1440)
    assert own["o01"].all_duties == sum(row["person"] == "o01" for row in record["assignments"]) - 1
    files = step.files_of(db, kept, datetime(2026, 11, 28, tzinfo=UTC), formats=step.FORMATS)
    close_bureau(db)
    set_language("en")
    feed = files["duty.ics"]
    assert isinstance(feed, bytes)
    assert "备勤" in feed.decode()
    assert "后方带班" in str(files["month.txt"])
    heads = [str(cell.value) for cell in load_workbook(io.BytesIO(files["roster.xlsx"])).worksheets[0][3]]
    assert sum("后方带班" in one or "备勤" in one for one in heads) == 2


def test_what_is_expected_goes_by_shares(desk: Desk) -> None:
    """Somebody with half a share is expected to bear half of what each of the others is."""
    record = desk.record()
    row = next(row for row in record["people"] if row["role"] == "officer")
    row["share"] = 50
    db = open_bureau(desk.db)
    with write_tx(db, "roster", datetime(2026, 11, 20, tzinfo=UTC)) as tx:
        put_roster(tx, "2026-12", record)
    (kept,) = step.kept_months(db).values()
    view = step.roster_view(db, kept)
    close_bureau(db)
    half, *others = sorted(
        (one for one in view.members if one.role == "officer"), key=lambda one: one.id != row["id"]
    )
    assert half.share == 50
    for name in view.classes:
        total = sum(record["counters"][one.id][name] for one in (half, *others))
        assert {one.expected[name] for one in others} == {2 * half.expected[name]}
        assert sum(one.expected[name] for one in (half, *others)) == total


def test_calendars_hold_every_published_month_under_one_name(desk: Desk) -> None:
    """Each event with its month's revision and certainty; a draft is left out; no name tells the months."""
    record, called = desk.record(), names(desk)
    db = open_bureau(desk.db)
    at = datetime(2026, 12, 20, 1, tzinfo=UTC)
    for key, days, state in (("2027-01", 31, "published"), ("2027-02", 59, "draft")):
        moved = {
            **record,
            "month": key,
            "provisional": True,
            "assignments": [
                {**row, "date": str(date.fromisoformat(row["date"]) + timedelta(days=days))}
                for row in record["assignments"]
                if row["date"] <= "2026-12-20"
            ],
        }
        with write_tx(db, "roster", at) as tx:
            for what in ("draft", state):
                revisions.add(tx, db, key, moved, state=what, what=what, now=at)
        if state == "published":
            later = moved
    close_bureau(db)
    desk.ok("calendars", "export", "--out", desk.folder / "out")
    office = desk.folder / "out" / "duty.ics"
    assert read(office) == sorted(duties(record, called) + duties(later, called))
    told = {(f"{one.start:%Y-%m}", one["SEQUENCE"], str(one["STATUS"])) for one in events(office)}
    assert told == {("2026-12", 1, "CONFIRMED"), ("2027-01", 2, "TENTATIVE")}
    for file in (office, *(desk.folder / "out" / "people").iterdir()):
        assert "202" not in str(Calendar.from_ical(file.read_bytes())["NAME"])
    assert len({str(one["UID"]) for one in events(office)}) == len(events(office))

"""A dropped file: shown before anything is kept, imported once, handed back with its faults, taken back."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from auditor.desk.rooms.imports import for_pages
from auditor.desk.tasks.imports import _settled_before, tables_read
from auditor.i18n import set_language
from auditor.store import Database
from auditor.tables.reading import read_tables
from auditor.tables.table import Table
from auditor.workflow import bureau, previews, units
from auditor.workflow.imports import Request
from auditor.workflow.people import list_staff
from desk_client import NOW, Client, desk_of, revision_in, text_of
from desk_forms import form_of
from desk_here import files_here, work_here

MESSY = Path(__file__).parent.parent / "data" / "registers-messy"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An empty bureau."""
    path = tmp_path / "bureau.db"
    bureau.init(path, "县教育局", (27.2, 109.4), NOW)
    return path


@pytest.fixture
def client(file: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser that came through the door; files are read at once."""
    work_here(monkeypatch, file.parent)
    return desk_of(file)


def drop(client: Client, what: str, name: str, data: bytes) -> tuple[str, str]:
    """Drop a file; give the address of its page, and the page."""
    page = client.page(f"/{what}" if what != "past" else "/imports")
    answer = client.submit(f"/imports/{what}", page, files={"file": (name, data)})
    assert answer.status_code == 303, text_of(answer.text)
    address = answer.headers["location"]
    assert re.fullmatch(r"/imports/\d+", address)
    return address, client.page(address)


def messy(name: str) -> tuple[str, bytes]:
    """Give the one file whose name begins so."""
    path = next(one for one in sorted(MESSY.glob(f"{name}*")) if one.suffix != ".json")
    return path.name, path.read_bytes()


def csv(*rows: str) -> bytes:
    """Give lines as a file of text."""
    return "\n".join(rows).encode()


def sums(page: str) -> list[int]:
    """Give the four sums of a preview."""
    found = re.findall(r"<b>([\d ]+)</b>", page.partition('class="sums"')[2].partition("</ul>")[0])
    return [int(one.replace(" ", "")) for one in found]


def register(file: Path) -> dict[str, str]:
    """Give the names of all units by id."""
    with bureau.opened(file) as db:
        return {one.id: one.name for one in units.whole_register(db)}


def columns(page: str) -> dict[str, str]:
    """Give what the form of a preview says of each column: the chosen field by the select's name."""
    chosen = {}
    for name, options in re.findall(r'<select id="(c\d+)" name="c\d+">(.*?)</select>', page, re.DOTALL):
        found = re.search(r'value="([^"]*)" selected', options)
        chosen[name] = found[1] if found else ""
    return chosen


def sheets(page: str) -> list[str]:
    """Give the sheets that are ticked."""
    return re.findall(r'name="sheet" value="([^"]*)" checked', page)


def send(client: Client, address: str, page: str, step: str = "apply", **changed: Any) -> Any:
    """Send the form of a preview, with some of its columns changed."""
    return client.submit(
        f"{address}/{step}", page, {"columns": "1", "sheet": sheets(page), **columns(page), **changed}
    )


def test_a_messy_register_goes_in_by_two_clicks_and_out_by_one(file: Path) -> None:
    """Read in a process of its own: twelve rows, none kept before the button; undo empties the register."""
    client = desk_of(file)
    address, page = drop(client, "units", *messy("a01"))
    assert sums(page) == [12, 12, 0, 0]
    assert "Import 12" in text_of(page)
    assert register(file) == {}
    done = send(client, address, page)
    assert done.headers["location"] == address
    page = client.page(address)
    assert "12 rows are imported: 12 new, 0 changed." in text_of(page)
    right = json.loads((MESSY / "a01-标题与两行表头.xlsx.expected.json").read_text(encoding="utf-8"))
    assert sorted(register(file)) == sorted(one["id"] for one in right["units"])
    back = client.submit("/units/undo", page, {"back": "/units"})
    assert back.status_code == 303
    assert register(file) == {}
    assert "Take this import back" not in client.page(address)


@pytest.mark.parametrize("name", ["a01", "a02", "a03", "a04", "a05", "a09", "a10", "a11", "a14", "a20"])
def test_the_sums_are_those_of_the_command_line(file: Path, name: str) -> None:
    """What a page counts as new is what `units import` adds."""
    path = MESSY / messy(name)[0]
    right = json.loads(path.with_name(path.name + ".expected.json").read_text(encoding="utf-8"))
    with bureau.opened(file) as db:
        found, settled = previews.preview(db, "units", path, Request(mapping={}, where={}), NOW)
    assert settled is not None
    right = right.get("either", [right])[0]
    assert (found["new"], found["updated"], found["left"]) == (right["added"], 0, 0)


def test_every_fault_has_its_cure_and_comes_back_as_a_comment(client: Client, file: Path) -> None:
    """Four faulty cells: said on the page, and commented in the very cells of the file."""
    address, page = drop(client, "units", *messy("a06"))
    assert sums(page) == [6, 6, 0, 4]
    words = text_of(page)
    assert "A code kept as a number, which has lost its last digits Format the column as text" in words
    assert "The name is missing Write the unit's name" in words
    answer = client.get(f"{address}/faults.xlsx")
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    comments = {cell.coordinate: cell.comment.text for row in sheet.rows for cell in row if cell.comment}
    assert sorted(comments) == ["B10", "B4", "B7", "C9"]
    assert "write the unit's name" in comments["C9"]
    send(client, address, page)
    assert len(register(file)) == 6
    assert "4 rows were left out." in text_of(client.page(address))


def test_an_update_shows_the_old_value_struck_out(client: Client) -> None:
    """November, then December: 690 becomes 701."""
    address, page = drop(client, "units", *messy("a15-十一月"))
    send(client, address, page)
    address, page = drop(client, "units", *messy("a15-十二月"))
    assert sums(page) == [8, 1, 4, 0]
    assert "<del>690</del> <ins>701</ins>" in page
    assert "1 row of the list is not in this file; it stays." in text_of(page)


def test_columns_are_named_once_and_remembered(client: Client, file: Path) -> None:
    """A file whose headings mean nothing: named by two selects; the next of its shape is read at once."""
    rows = ("KOD,NAMA,MURID", "A1,First,10", "A2,Second,20")
    address, page = drop(client, "units", "list.csv", csv(*rows))
    assert "No row of headings with school name was found." in text_of(page)
    assert 'data-action="import"' not in page
    again = send(client, address, page, "look", c0="id", c1="name", c2="students")
    address = again.headers["location"]
    page = client.page(address)
    assert sums(page) == [2, 2, 0, 0]
    send(client, address, page)
    assert register(file) == {"A1": "First", "A2": "Second"}
    _address, page = drop(client, "units", "next.csv", csv(rows[0], "A3,Third,30"))
    assert sums(page) == [1, 1, 0, 0]
    assert list(columns(page).values()) == ["id", "name", "students"]


def test_a_column_that_is_recognised_can_be_left_unread(client: Client, file: Path) -> None:
    """The page says 'not read', and so it is; that is remembered too."""
    rows = ("学校标识码,学校名称,在校生数", "1001,甲小学,300")
    address, page = drop(client, "units", "a.csv", csv(*rows))
    again = send(client, address, page, "look", c2="")
    address = again.headers["location"]
    page = client.page(address)
    assert columns(page)["c2"] == ""
    send(client, address, page)
    with bureau.opened(file) as db:
        assert units.list_units(db)[0].students is None
    _address, page = drop(client, "units", "b.csv", csv(rows[0], "1002,乙小学,200"))
    assert columns(page)["c2"] == ""


def test_columns_changed_without_a_look_are_looked_at_first(client: Client, file: Path) -> None:
    """The button imports only what its page showed."""
    address, page = drop(client, "units", "a.csv", csv("学校标识码,学校名称,在校生数", "1001,甲小学,300"))
    answer = send(client, address, page, c2="")
    assert answer.headers["location"] != address
    assert register(file) == {}
    shown = client.page(answer.headers["location"])
    assert "look at the sums again" in text_of(shown)
    twice = send(client, address, page, "look", c2="name")
    assert twice.status_code in (400, 409)
    assert "Two columns are both to be read as school name" in text_of(twice.text)


def test_a_second_click_imports_once(client: Client, file: Path) -> None:
    """The same form again says what was done; another look at the page offers no second import."""
    address, page = drop(client, "units", "a.csv", csv("学校标识码,学校名称", "1001,甲小学"))
    assert send(client, address, page).status_code == 303
    with bureau.opened(file) as db:
        units.set_unit(db, "1001", {"name": "改名小学"}, reason="", now=NOW)
    again = send(client, address, page)
    assert again.status_code == 409
    assert "Units imported: done" in text_of(again.text)
    assert register(file) == {"1001": "改名小学"}
    assert 'data-action="import"' not in client.page(address)


def test_a_register_is_kept_as_it_was_read(client: Client, file: Path) -> None:
    """The button reads nothing again: the dropped file may be gone."""
    address, page = drop(client, "units", "a.csv", csv("学校标识码,学校名称", "1001,甲小学", "1002,乙小学"))
    for one in (file.parent / "bureau.db.desk" / "uploads").rglob("*"):
        if one.is_file() and not one.name.startswith(("preview-", "settled-")):
            one.unlink()
    assert send(client, address, page).status_code == 303
    assert "2 rows are imported: 2 new, 0 changed." in text_of(client.page(address))
    assert register(file) == {"1001": "甲小学", "1002": "乙小学"}


@pytest.mark.parametrize("spoil", [lambda data: data[:40], lambda data: data.replace("甲".encode(), b"\xff")])
def test_what_a_disk_spoiled_is_read_again(
    client: Client, file: Path, spoil: Callable[[bytes], bytes]
) -> None:
    """The unit is kept as the file has it."""
    address, page = drop(client, "units", "a.csv", csv("学校标识码,学校名称", "1001,甲小学"))
    (settled,) = (file.parent / "bureau.db.desk" / "uploads").rglob("settled-*")
    settled.write_bytes(spoil(settled.read_bytes()))
    assert send(client, address, page).status_code == 303
    assert register(file) == {"1001": "甲小学"}


def test_what_was_read_on_another_day_is_looked_at_again(client: Client, file: Path) -> None:
    """A unit that closes between is closed then: said before it is kept."""
    rows = csv("学校标识码,学校名称,停办日期", "1001,甲小学,2026-12-10")
    address, page = drop(client, "units", "a.csv", rows)
    later = desk_of(file, now=NOW + timedelta(days=5))
    fresh = send(later, address, later.page(address)).headers["location"]
    assert fresh != address
    page = later.page(fresh)
    assert "read on another day" in text_of(page)
    assert register(file) == {}
    send(later, fresh, page)
    with bureau.opened(file) as db:
        (unit,) = units.whole_register(db)
    assert unit.closed == "2026-12-10"


@pytest.mark.parametrize(("days", "written", "there"), [(0, "", True), (1, "", False), (0, "x", False)])
def test_work_that_begins_after_midnight_reads_the_file_again(
    client: Client, file: Path, days: int, written: str, there: bool
) -> None:
    """So does work over another state of the bureau than was shown."""
    drop(client, "units", "a.csv", csv("学校标识码,学校名称", "1001,甲小学"))
    job = client.desk.jobs.latest("imports")
    assert job is not None
    task: Any = SimpleNamespace(revision=revision_in(file) + written, now=NOW + timedelta(days=days))
    settled = _settled_before(task, {**job.arguments, "preview": job.number})
    assert (settled is not None) == there


def test_a_form_that_read_the_file_again_does_not_import_it_too(client: Client, file: Path) -> None:
    """Both buttons of one form, one after the other: the second says what became of the first."""
    address, page = drop(client, "units", "a.csv", csv("学校标识码,学校名称", "1001,甲小学"))
    fresh = send(client, address, page, "look").headers["location"]
    again = send(client, address, page).headers["location"]
    assert again == fresh != address
    assert "this form was sent already" in text_of(client.page(again)).lower()
    assert register(file) == {}


def test_a_bureau_that_changed_meanwhile_is_looked_at_again(client: Client, file: Path) -> None:
    """Somebody noted the unit by form: nothing is written over it, and the sums are made anew."""
    address, page = drop(client, "units", "a.csv", csv("学校标识码,学校名称", "1001,甲小学"))
    with bureau.opened(file) as db:
        units.add_unit(db, {"id": "1001", "name": "先来的小学"}, now=NOW)
    answer = send(client, address, page)
    assert register(file) == {"1001": "先来的小学"}
    fresh = answer.headers["location"]
    assert fresh != address
    page = client.page(fresh)
    assert sums(page) == [1, 0, 1, 0]
    assert "Something else was changed meanwhile" in text_of(page)
    send(client, fresh, page)
    assert register(file) == {"1001": "甲小学"}


def test_a_list_of_staff_given_as_a_register_is_offered_as_one(client: Client, file: Path) -> None:
    """One button reads it as what it is; the import can be taken back while nothing else was done."""
    address, page = drop(client, "units", *messy("a17"))
    assert "This file looks like a list of staff, not like a register of units." in text_of(page)
    again = client.submit(f"{address}/look", page, {"as": "people"})
    address = again.headers["location"]
    page = client.page(address)
    assert sums(page)[3] == 0
    send(client, address, page)
    with bureau.opened(file) as db:
        count = len(list_staff(db))
    assert count == sums(page)[1] > 0
    page = client.page(address)
    entry = re.search(r'name="entry" value="(\d+)"', page)
    assert entry is not None
    back = client.submit("/imports/undo", page, {"entry": entry[1], "back": "/people"})
    assert back.headers["location"] == "/people"
    with bureau.opened(file) as db:
        assert list_staff(db) == []


def test_an_import_is_not_taken_back_over_what_was_done_since(client: Client, file: Path) -> None:
    """A unit was noted after the staff came in: the page offers no way back, and an older form neither."""
    address, page = drop(client, "people", *messy("a17"))
    send(client, address, page)
    page = client.page(address)
    entry = re.search(r'name="entry" value="(\d+)"', page)
    assert entry is not None
    with bureau.opened(file) as db:
        units.add_unit(db, {"id": "1001", "name": "甲小学"}, now=NOW)
        before = list_staff(db)
    fresh = client.page(address)
    assert 'name="entry"' not in fresh
    back = client.submit("/imports/undo", fresh, {"entry": entry[1], "back": "/people"})
    assert back.status_code == 409
    assert "Something else was done since" in text_of(back.text)
    with bureau.opened(file) as db:
        assert list_staff(db) == before != []


def test_codes_that_lost_their_zeros_are_asked_about(client: Client, file: Path) -> None:
    """Known names under other codes: the same units, said by one choice."""
    address, page = drop(client, "units", *messy("a15-十一月"))
    send(client, address, page)
    before = register(file)
    address, page = drop(client, "units", *messy("a16"))
    assert "under another code" in text_of(page)
    assert "--same" not in page
    again = send(client, address, page, "look", pairs="same")
    address = again.headers["location"]
    page = client.page(address)
    assert sums(page)[3] == 0
    send(client, address, page)
    assert sorted(register(file).values()) == sorted(before.values())


def test_one_of_two_sheets_can_be_chosen(client: Client, file: Path) -> None:
    """Both are read until one is unticked."""
    book = Workbook()
    for sheet, code in ((book.active, "1001"), (book.create_sheet("旧名录"), "2001")):
        assert sheet is not None
        sheet.append(["学校标识码", "学校名称"])
        sheet.append([code, f"{code}小学"])
    out = io.BytesIO()
    book.save(out)
    address, page = drop(client, "units", "two.xlsx", out.getvalue())
    assert sums(page) == [2, 2, 0, 0]
    again = send(client, address, page, "look", sheet="旧名录")
    address = again.headers["location"]
    page = client.page(address)
    assert sums(page) == [1, 1, 0, 0]
    send(client, address, page)
    assert list(register(file)) == ["2001"]


ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        pytest.param(
            "photo.xlsx", b"\x89PNG\r\n\x1a\n" + b"x" * 50, "is a picture, not a table", id="picture"
        ),
        pytest.param("a.xlsx", ENCRYPTED, "a.xlsx", id="broken container"),
        pytest.param("a.xlsx", b"PK\x03\x04 cut off", "damaged or cut off", id="cut off"),
        pytest.param("a.csv", b"", "an empty file", id="empty"),
        pytest.param("a.csv", "学校标识码,学校名称".encode(), "there is no row to read", id="headings only"),
    ],
)
def test_a_file_that_is_no_register_is_told_with_the_cure(
    client: Client, file: Path, name: str, data: bytes, said: str
) -> None:
    """A sentence, the name without its folder, a place for the mended file; nothing kept."""
    _address, page = drop(client, "units", name, data)
    words = text_of(page)
    assert said in words
    assert "uploads" not in words
    assert "Drop the mended file here" in words
    assert register(file) == {}


def test_a_workbook_with_a_password_is_told_apart(client: Client, shared: Path) -> None:
    """The sentence says to take the password away."""
    locked = next((shared / "data" / "import-oddities").rglob("pass_protected.xlsx"), None)
    if locked is None:
        pytest.skip("no workbook with a password is here")
    _address, page = drop(client, "units", locked.name, locked.read_bytes())
    assert "protected by a password" in text_of(page)


def test_a_form_without_a_file_says_so(client: Client) -> None:
    """No file, no work."""
    answer = client.submit("/imports/units", client.page("/units"))
    assert answer.status_code == 400
    assert "No file was chosen" in text_of(answer.text)


def test_thousands_of_bad_rows_are_a_page_without_a_button(
    client: Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand faults are listed, a hundred a page; nothing is half done."""
    files_here(monkeypatch)
    rows = [f"{1000 + number % 100},校{number}" for number in range(2500)]
    address, page = drop(client, "units", "bad.csv", csv("学校标识码,学校名称", *rows))
    assert sums(page) == [0, 0, 0, 2500]
    assert 'data-action="import"' not in page
    assert "No row fits" in text_of(page)
    assert page.count('class="faulty"') == 100
    assert client.page(f"{address}?offset=900").count('class="faulty"') == 100
    assert send(client, address, page).status_code == 303
    assert register(file) == {}
    sheet = load_workbook(io.BytesIO(client.get(f"{address}/faults.xlsx").content)).active
    assert sheet is not None
    assert sum(cell.comment is not None for row in sheet.rows for cell in row) == 1000


def test_hostile_cells_are_shown_inert(client: Client) -> None:
    """Markup in headings and cells is text."""
    bad = "<script>alert(1)</script>"
    _address, page = drop(
        client, "units", f"{bad}.csv", csv("学校标识码,学校名称," + bad, f"1001,{bad},{bad}")
    )
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_leave_and_past_inspections_come_in_the_same_way(client: Client, file: Path) -> None:
    """Each list by its own rules, one after the other."""
    for what, name, count in (("people", "a17", None), ("leave", "a18", None)):
        address, page = drop(client, what, *messy(name))
        assert sums(page)[3] == 0, count
        send(client, address, page)
    address, page = drop(client, "units", "u.csv", csv("学校标识码,学校名称", "1001,甲小学"))
    send(client, address, page)
    address, page = drop(
        client, "past", "p.csv", csv("检查对象,检查日期,检查领域", "甲小学,2026-06-01,消防安全")
    )
    assert sums(page) == [1, 1, 0, 0]
    send(client, address, page)
    assert "1 Jun" in client.page("/units/1001") or "2026-06-01" in client.page("/units/1001")
    with bureau.opened(file) as db:
        assert bureau.verify_log(file) == []
        assert len(list_staff(db)) > 0


def test_empty_forms_read_back(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each form has headings that its own list knows."""
    files_here(monkeypatch)
    for what in previews.LISTS:
        answer = client.get(f"/imports/form/{what}.xlsx")
        assert answer.status_code == 200
        path = tmp_path / f"{what}.xlsx"
        path.write_bytes(answer.content)
        table = read_tables(path)[0]
        filled = replace(table, rows=(*table.rows, (len(table.rows) + 1, ("1",) * 40)))
        with bureau.opened(client.desk.places.db) as db:
            head = previews.head_of(db, what, [filled], {})
        assert head is not None
        assert head.found
        assert set(previews.NEEDED[what]) <= set(head.fields)


FIELDS = ("id", "name", "students", "boarders", "township", "kind")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    titles=st.permutations(["学校标识码", "学校名称", "在校生数", "寄宿生数", "乡镇", "X", "Y1"]),
    chosen=st.permutations([*FIELDS, ""]),
)
def test_what_is_chosen_is_what_is_read(empty: Database, titles: list[str], chosen: list[str]) -> None:
    """Whatever field each column is given, the next look reads them so, as long as a name is among them."""
    set_language("en")
    table = Table(sheet="", rows=((1, tuple(titles)), (2, tuple(f"v{at}" for at in range(7)))))
    head = previews.head_of(empty, "units", [table], {})
    assert head is not None
    mapping = previews.remapped(head.record(), chosen)
    again = previews.head_of(empty, "units", [table], mapping)
    assert again is not None
    assert list(again.fields) == list(chosen)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An empty bureau, opened."""
    path = tmp_path_factory.mktemp("empty") / "bureau.db"
    bureau.init(path, "县", None, NOW)
    with bureau.opened(path) as db:
        yield db


@pytest.mark.parametrize("name", ["a01", "a03", "a13", "a14", "a09"])
def test_sheets_that_were_kept_are_those_that_were_read(tmp_path: Path, name: str) -> None:
    """Cells, hidden parts, formulas without a result: the second look at a file sees what the first did."""
    called, data = messy(name)
    path = tmp_path / called
    path.write_bytes(data)
    first = tables_read(path, None)
    assert first == read_tables(path)
    path.write_bytes(b"not looked at again")
    assert tables_read(path, None) == first


def test_sentences_on_pages_name_no_option() -> None:
    """Every cure and note that the register knows is said without the options of a terminal."""
    told = [
        "name the column of the codes with --map id=COLUMN (the other: row 3)",
        "name the sheets with --sheet, or mend one (the other: row 3)",
        "exchange the two cells; if all are so, name the columns with --map lat=… --map lng=…",
        "most points are exchanged: name the columns with --map lat=… --map lng=… and import again",
        "write an id or name of `auditor people list`",
        "perhaps one unit renamed; if so, `auditor units undo`, then import with --same: 1=2",
        "2 sites belong to their units (`auditor units show ID`)",
        "a.csv: the text is neither UTF-8 nor GB18030 (at byte 3); or name its encoding with --encoding",
        "a.csv, row 3: name the right one with --encoding cp1252 or --encoding gb18030",
    ]
    set_language("en")
    said = [for_pages(one) for one in told]
    assert not [one for one in said if "--" in one or "`" in one]
    assert said[0] == "name the column of the codes above (the other: row 3)"
    assert said[1] == "name the sheets above, or mend one (the other: row 3)"
    assert said[4] == "write an id or name of the list of people"
    assert said[5] == "perhaps one unit renamed: 1=2"
    assert said[6] == "2 sites belong to their units"
    assert said[8] == "a.csv, row 3: name the right one with cp1252 or gb18030"


def form(page: str) -> Any:
    """Give what the form of a preview sends as it stands, without its token."""
    action = re.search(r'action="(/imports/\d+/look)"', page)
    assert action is not None
    fields: dict[str, Any] = dict(form_of(page, action[1]))
    del fields["token"]
    return fields


def workbook(*sheets: tuple[str, list[list[object]], bool]) -> bytes:
    """Give a workbook of sheets: name, rows, whether it is hidden."""
    book = Workbook()
    book.remove(book.active)
    for name, rows, hidden in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if hidden else "visible"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_an_import_that_was_taken_back_says_so(client: Client, file: Path) -> None:
    """Its page, the files of late and the deeds; a later import of the same list is not meant."""
    address, page = drop(client, "units", "a.csv", csv("单位编号,单位名称", "1,甲", "2,乙"))
    assert client.submit(f"{address}/apply", page, form(page)).status_code == 303
    page = client.page(address)
    assert "Take this import back" in text_of(page)
    other, shown = drop(client, "people", "b.csv", csv("姓名,角色", "张三,值班员"))
    assert client.submit(f"{other}/apply", shown, form(shown)).status_code == 303
    assert client.submit("/units/undo", client.page(address)).status_code == 303
    page = client.page(address)
    assert "This import was taken back" in text_of(page)
    assert "rows are imported" not in text_of(page)
    assert "taken back" not in text_of(client.page(other))
    assert text_of(client.page("/imports")).count("taken back") == 1
    assert register(file) == {}


def test_hidden_parts_are_told_and_hidden_sheets_are_read_only_where_ticked(
    client: Client, file: Path
) -> None:
    """As the command line tells it; the sheet that nobody saw is left out until somebody ticks it."""
    head: list[object] = ["单位编号", "单位名称"]
    data = workbook(("名录", [head, ["1", "甲"]], False), ("旧表", [head, ["2", "乙"]], True))
    address, page = drop(client, "units", "a.xlsx", data)
    assert sums(page)[:2] == [1, 1]
    assert re.findall(r'name="sheet" value="([^"]*)"( checked)?', page) == [
        ("名录", " checked"),
        ("旧表", ""),
    ]
    assert "Hidden and not read, unless they are ticked above: 旧表" in text_of(page)
    ticked = form(page) | {"sheet": ["名录", "旧表"]}
    answer = client.submit(f"{address}/look", page, ticked)
    again = client.page(answer.headers["location"])
    assert sums(again)[:2] == [2, 2]
    assert "Hidden and read all the same: 0 rows, 0 columns, 1 sheets" in text_of(again)
    page = client.page(address)
    assert client.submit(f"{address}/apply", page, form(page)).headers["location"] == address
    assert list(register(file).values()) == ["甲"]


def test_a_file_with_nothing_new_offers_no_import_as_its_main_button(client: Client) -> None:
    """The same file twice: the list is the next step, and the import a plain button."""
    data = csv("单位编号,单位名称", "1,甲")
    address, page = drop(client, "units", "a.csv", data)
    assert re.findall(r'class="button main" [^>]*data-action="([^"]*)"', page) == ["import"]
    client.submit(f"{address}/apply", page, form(page))
    address, page = drop(client, "units", "a.csv", data)
    assert 'data-action="list"' in page
    assert re.findall(r'class="button main"[^>]*data-action="import"', page) == []

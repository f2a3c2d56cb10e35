"""Two clicks, two windows: a form writes once, and never over what somebody changed meanwhile."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from auditor.desk.places import Places
from auditor.store import once
from auditor.store.once import AlreadyDone, Overtaken
from auditor.workflow import bureau, imports, unit_imports, units
from desk_client import NOW, Client, county_in, desk_of, text_of, token_of, was_of

UNIT = "0099001025"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A bureau with the synthetic county."""
    return county_in(tmp_path / "bureau.db")


@pytest.fixture
def client(file: Path) -> Client:
    """A browser that came through the door."""
    return desk_of(file)


def fields(page: str, **changed: str) -> dict[str, str]:
    """What the form sends: the values it showed, some of them changed."""
    import json

    was = was_of(page)
    return {**json.loads(was), "was": was, **changed}


def students(file: Path) -> int | None:
    """How many students the unit has now."""
    with bureau.opened(file) as db:
        return units.list_units(db, {"id": UNIT})[0].students


def test_a_second_click_says_what_was_done(client: Client, file: Path) -> None:
    """The same form twice changes once; the page says what and when."""
    page = client.page(f"/units/{UNIT}")
    first = client.submit(f"/units/{UNIT}", page, fields(page, students="312"))
    assert first.status_code == 303
    assert "saved" in text_of(client.page(first.headers["location"]))
    assert "saved" not in text_of(client.page(first.headers["location"]))
    with bureau.opened(file) as db:
        units.set_unit(db, UNIT, {"students": "400"}, reason="", now=NOW)
    second = client.submit(f"/units/{UNIT}", page, fields(page, students="312"))
    assert second.status_code == 409
    assert "Unit changed: done 8 Dec 09:00" in text_of(second.text)
    assert students(file) == 400


def test_a_stale_form_shows_both_values_and_asks(client: Client, file: Path) -> None:
    """Only the field that both changed is asked for; either answer is one click."""
    page = client.page(f"/units/{UNIT}")
    with bureau.opened(file) as db:
        units.set_unit(db, UNIT, {"students": "400", "buses": "3"}, reason="", now=NOW)
    answer = client.submit(f"/units/{UNIT}", page, fields(page, students="312", boarders="7"))
    assert answer.status_code == 409
    words = text_of(answer.text)
    assert "312" in words
    assert "400" in words
    assert students(file) == 400
    kept = {"students": "312", "boarders": "7"}
    again = client.submit(f"/units/{UNIT}", answer.text, kept)
    assert again.status_code == 303
    assert students(file) == 312


def test_a_stale_form_goes_through_where_nobody_changed_the_same(client: Client, file: Path) -> None:
    """What the other window changed stays: the form sends back what it showed, which is no change."""
    page = client.page(f"/units/{UNIT}")
    with bureau.opened(file) as db:
        units.set_unit(db, UNIT, {"buses": "3"}, reason="", now=NOW)
    assert client.submit(f"/units/{UNIT}", page, fields(page, students="312")).status_code == 303
    with bureau.opened(file) as db:
        unit = units.list_units(db, {"id": UNIT})[0]
    assert (unit.students, unit.buses) == (312, 3)


def test_a_value_that_cannot_be_read_is_said_and_changes_nothing(client: Client, file: Path) -> None:
    """One sentence on a page, no traceback."""
    before = students(file)
    page = client.page(f"/units/{UNIT}")
    answer = client.submit(f"/units/{UNIT}", page, fields(page, students="many"))
    assert answer.status_code == 400
    assert "many" in text_of(answer.text)
    assert students(file) == before


def test_hostile_names_are_shown_inert_and_cut(client: Client) -> None:
    """Markup is text; three hundred characters do not push the page apart."""
    page = client.page(f"/units/{UNIT}")
    name = "<script>alert(1)</script>" + "长" * 300
    assert client.submit(f"/units/{UNIT}", page, fields(page, name=name)).status_code == 303
    for address in (f"/units/{UNIT}", "/units", "/"):
        shown = client.page(address)
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert" in shown, address
    assert "长" * 100 not in client.page("/units")


def test_what_was_done_last_is_that_of_the_file_at_hand(file: Path, tmp_path: Path) -> None:
    """Two files whose last entries have the same number, kind and moment: each page tells its own."""
    other = county_in(tmp_path / "other.db")
    for path, name in ((file, "甲校"), (other, "乙校")):
        with bureau.opened(path) as db:
            units.set_unit(db, UNIT, {"name": name}, reason="", now=NOW)
        assert f"Unit changed {name}" in text_of(desk_of(path).page("/"))


def test_the_number_is_kept_with_what_it_did(file: Path) -> None:
    """A number writes once; a revision that was overtaken writes nothing; the log stays whole."""
    with bureau.opened(file) as db:
        revision = once.revision_of(db)
        with once.asked("n1", revision):
            units.set_unit(db, UNIT, {"students": "1"}, reason="", now=NOW)
            units.set_unit(db, UNIT, {"students": "2"}, reason="", now=NOW)
        assert once.done(db, "n1") == ("units set", "2026-12-08T01:00:00+00:00")
        with once.asked("n1", None), pytest.raises(AlreadyDone):
            units.set_unit(db, UNIT, {"students": "3"}, reason="", now=NOW)
        with once.asked("n2", revision), pytest.raises(Overtaken):
            units.set_unit(db, UNIT, {"students": "4"}, reason="", now=NOW)
        assert once.done(db, "n2") is None
        assert units.list_units(db, {"id": UNIT})[0].students == 2
    assert bureau.verify_log(file) == []


def test_an_import_is_taken_back_from_the_home_page(client: Client, file: Path) -> None:
    """The county was imported in one go: undone, the register is empty and says what to do."""
    page = client.page("/")
    assert page.count('action="/units/undo"') == 1
    token = page.partition('action="/units/undo"')[2].partition('value="')[2].partition('"')[0]
    answer = client.post("/units/undo", data={"token": token})
    assert answer.status_code == 200
    assert "The register is empty" in text_of(answer.text)
    assert token_of(answer.text)


def test_an_earlier_import_can_be_taken_back_once_the_later_one_was(client: Client, file: Path) -> None:
    """Two imports, the second taken back: the page offers the first, as `units undo` would take it."""
    path = file.parent / "more.csv"
    path.write_text("学校标识码,学校名称\n1001,甲小学", encoding="utf-8")
    with bureau.opened(file) as db:
        unit_imports.import_units(db, path, imports.Request(mapping={}, where={}), NOW)
        units.undo(db, NOW)
        assert len(units.list_units(db)) == 120
    assert client.page("/").count('action="/units/undo"') == 1
    with bureau.opened(file) as db:
        units.undo(db, NOW)
    assert client.page("/").count('action="/units/undo"') == 0


def test_a_dropped_file_is_kept_under_a_tame_name(client: Client) -> None:
    """Its folders are gone, its suffix stays; only its owner may read it."""
    place = client.desk.places.upload("../../etc/学校 名录<1>.XLSX")
    assert place.name == "etc 学校 名录 1 .XLSX"
    assert place.parent.parent == client.desk.places.folder / "uploads"
    assert client.desk.places.upload("").name == "file"
    long = client.desk.places.upload(f"{'名录' * 60}.refused.xlsx").name
    assert len(long) < 100
    assert long.endswith(".refused.xlsx")
    place.write_bytes(b"x")
    client.desk.places.tidy(place.stat().st_mtime + 10)
    assert place.exists()
    client.desk.places.tidy(place.stat().st_mtime + 40 * 24 * 3600)
    assert not place.parent.exists()


def test_a_desk_whose_folder_cannot_be_made_keeps_its_things_elsewhere(tmp_path: Path) -> None:
    """A file stands in its place."""
    path = tmp_path / "bureau.db"
    (tmp_path / "bureau.db.desk").write_text("x", encoding="utf-8")
    places = Places(path)
    assert places.folder.parent != tmp_path
    assert places.upload("a.csv").parent.is_dir()
    secret = places.secret()
    assert places.secret() == secret
    shutil.rmtree(places.folder)


def test_the_menu_ends_the_desk(client: Client) -> None:
    """退出: the page says so, the browser forgets its cookie, and the server is told."""
    page = client.page("/")
    token = page.partition('action="/quit"')[2].partition('value="')[2].partition('"')[0]
    answer = client.post("/quit", data={"token": token})
    assert "The desk is closed" in text_of(answer.text)
    assert client.desk.stop
    assert client.get("/").status_code == 403


NUMBERS = {
    "/imports/undo": "entry",
    "/calendars/undo": "entry",
    "/rosters/2026-12/make": "seconds",
    "/rosters/wishes": "weight",
    "/verify": "number",
}
"""Forms that ask for a whole number, and the field."""


@pytest.mark.parametrize("address", NUMBERS)
def test_a_number_that_is_none_is_refused_in_words(client: Client, address: str) -> None:
    """However long, and in whatever digits; nothing is begun or kept."""
    page = client.page("/rosters/wishes")
    others = {"person": "i01", "from": "2026-12-01", "want": "1"}
    for number in ("9" * 5000, "-1", "١٢", "1e3", "0x1"):
        answer = client.submit(address, page, {**others, NUMBERS[address]: number})
        assert 400 <= answer.status_code < 500, (number, answer.status_code, text_of(answer.text))

"""Home, units, languages, first start and faults, as a browser without scripts sees them."""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from auditor.store.schema import STEPS
from auditor.workflow import bureau, units
from desk_client import NOW, Client, county_in, desk_of, text_of


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau with the synthetic county, for reading."""
    return county_in(tmp_path_factory.mktemp("pages") / "bureau.db")


@pytest.fixture
def client(county: Path) -> Client:
    """A browser that came through the door."""
    return desk_of(county)


def states(page: str) -> dict[str, str]:
    """The steps of home and how far each is."""
    return dict(re.findall(r'data-step="([^"]+)" data-state="([^"]+)"', page))


def test_home_shows_six_steps_and_one_next_button(client: Client) -> None:
    """Register loaded, nothing else done: the programme is next."""
    page = client.page("/")
    assert states(page) == {
        "register": "done", "programme": "ready", "draw": "todo", "plan": "todo", "roster": "ready",
        "calendars": "todo",
    }  # fmt: skip
    assert re.findall(r'class="button main[^"]*"[^>]*data-action="([^"]+)"', page) == ["programme"]
    assert "120 units, 32 people" in text_of(page)


def test_home_works_on_the_next_month_from_the_twentieth_on(county: Path) -> None:
    """On the 19th this month, on the 20th the next; an address may name any."""
    before = desk_of(county, now=NOW.replace(day=19)).page("/")
    after = desk_of(county, now=NOW.replace(day=20)).page("/")
    assert "<h1>Dec 2026</h1>" in before
    assert "<h1>Jan 2027</h1>" in after
    assert "<h1>Mar 2027</h1>" in desk_of(county).page("/?month=2027-03")
    assert desk_of(county).get("/?month=2027-13").status_code == 400


def test_the_list_and_the_command_line_count_alike(client: Client, county: Path) -> None:
    """Search by two characters, filters, sort and pages give what `find_units` gives."""
    with bureau.opened(county) as db:
        found, count = units.find_units(db, units.Search(text="二小", sort="-students"))
        every, whole = units.find_units(db, units.Search())
        assert [one.id for one in every] == [one.id for one in units.list_units(db)]
    page = client.page("/units?q=二小&sort=-students")
    assert re.findall(r'href="/units/(\d+)"', page) == [one.id for one in found]
    assert f"{count} unit" in text_of(page)
    second = client.page("/units?offset=50&sort=id")
    assert re.findall(r'href="/units/(\d+)"', second) == [one.id for one in every[50:100]]
    assert f"51–100 / {whole}" in text_of(second)
    assert "No unit fits" in text_of(client.page("/units?q=%25"))


def test_ids_with_slashes_have_their_page(tmp_path: Path) -> None:
    """The list links to it, the page is there, and its form saves."""
    file = county_in(tmp_path / "bureau.db")
    with bureau.opened(file) as db:
        from dataclasses import replace

        from auditor.store.units import put_units
        from auditor.store.writing import write_tx

        one = units.list_units(db)[0]
        with write_tx(db, "units import", NOW) as tx:
            put_units(tx, [replace(one, id="12/34 甲?#%", name="斜杠学校")])
    client = desk_of(file)
    (address,) = re.findall(r'href="(/units/12[^"]+)"', client.page("/units?q=斜杠"))
    page = client.page(address)
    assert client.submit(address, page, {"students": "5"}).headers["location"] == address
    assert 'value="5"' in client.page(address)


def test_both_languages_are_served_at_once_and_remembered(client: Client, county: Path) -> None:
    """?lang= switches this browser, and no other one."""
    assert '<html lang="en">' in client.page("/")
    assert '<html lang="zh-CN">' in client.page("/?lang=zh")
    assert "12月8日" in client.page("/?lang=zh") + client.page("/units/0099001025?lang=zh")
    assert '<html lang="zh-CN">' in client.page("/units")
    assert '<html lang="en">' in desk_of(county).page("/")


def test_unknown_addresses_have_a_way_back(client: Client) -> None:
    """404 in words, with a button."""
    for address in ("/nothing", "/units/nobody", "/jobs/99", "/jobs/x", "/static/1/2", "/units/"):
        answer = client.get(address)
        assert answer.status_code == 404, address
        if address != "/static/1/2":
            assert 'href="/"' in answer.text


def test_a_missing_database_leads_to_the_first_start(tmp_path: Path) -> None:
    """Five screens from a name to a bureau with the county in it."""
    client = desk_of(tmp_path / "new.db")
    assert "Welcome" in client.page("/")
    page = client.page("/welcome?at=3&name=甲县教育局&place=105.2,30.5")
    fields = {"name": "甲县教育局", "place": "105.2,30.5", "level": "simple", "password": "", "again": ""}
    made = client.submit("/welcome", page, fields)
    assert made.headers["location"] == "/welcome?at=4"
    page = client.page("/welcome?at=4")
    work = client.submit("/welcome/county", page)
    assert work.headers["location"] == "/jobs/1"
    assert client.submit("/welcome/county", page).headers["location"] == "/jobs/1"
    deadline = time.monotonic() + 60
    while 'data-state="running"' in client.page("/jobs/1") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "120 units and 32 people are loaded" in text_of(client.page("/jobs/1"))
    assert "甲县教育局" in client.page("/")
    assert bureau.verify_log(tmp_path / "new.db") == []


@pytest.mark.parametrize("kind", ["moved", "foreign", "newer", "locked"])
def test_what_is_wrong_with_the_file_is_said_on_the_page(tmp_path: Path, county: Path, kind: str) -> None:
    """Never a traceback, never a 5xx."""
    file = tmp_path / "bureau.db"
    shutil.copyfile(county, file)
    client = desk_of(file)
    page = client.page("/units/0099001025")
    lock = closing(sqlite3.connect(file))
    if kind == "moved":
        file.rename(tmp_path / "elsewhere.db")
        assert "is no longer there" in text_of(client.get("/").text)
        return
    if kind == "foreign":
        file.write_bytes(b"no database at all")
        answers = [client.get("/") for _ in range(2)]
        assert [one.status_code for one in answers] == [409, 409]
        assert "no bureau of auditor" in text_of(answers[1].text)
        return
    with lock as other:
        if kind == "newer":
            other.execute(f"pragma user_version = {len(STEPS) + 1}")
            other.commit()
            other.execute("pragma wal_checkpoint(truncate)")
            client.desk.sessions.close()
            assert "newer auditor" in text_of(client.get("/").text)
            return
        import auditor.store.opening as opening

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(opening, "WAIT_SECONDS", 0.1)
            client.desk.sessions.close()
            other.execute("begin immediate")
            answer = client.submit("/units/0099001025", page, {"students": "9"})
            assert answer.status_code == 409
            assert "another program" in text_of(answer.text)


def test_a_fault_is_kept_in_the_log_and_never_shown(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The page names a mark; the log has the traceback under it."""
    from auditor.desk.rooms import home

    def broken(*_: object) -> None:
        raise RuntimeError("a secret of the code")

    monkeypatch.setattr(home.home, "steps", broken)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "secret of the code" not in answer.text
    mark = re.search(r"Mark in the log:? (\w+)", text_of(answer.text))
    assert mark is not None
    (told,) = [one for one in caplog.records if one.name == "auditor.desk"]
    assert mark[1] in told.getMessage()
    assert "a secret of the code" in str(told.exc_info)

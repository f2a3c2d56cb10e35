"""Programmes on the desk: from a basis alone, faults beside fields, files, the published row."""

from __future__ import annotations

import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from auditor.draw.programmes import Programme, read_programme
from auditor.workflow import bureau, programme_forms, programmes, rehearsing
from auditor.workflow.domains import load_all
from auditor.workflow.units import Search, find_units
from desk_client import NOW, Client, county_in, desk_of, text_of
from desk_forms import form_of, main_actions, send

BASIS = "四川省学校安全条例第六条"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic county, without a programme, made once."""
    return county_in(tmp_path_factory.mktemp("programmes") / "bureau.db")


@pytest.fixture
def file(county: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copy(county, tmp_path / "bureau.db"))


@pytest.fixture
def client(file: Path) -> Client:
    """A browser that came through the door."""
    return desk_of(file)


def kept(file: Path, key: str = "2027-01") -> tuple[Programme, bytes]:
    """The programme as it is kept."""
    with bureau.opened(file) as db:
        return programmes.programme_of(db, key)


def test_the_basis_alone_makes_the_programme_that_the_ceremony_makes(client: Client, file: Path) -> None:
    """One typed answer; all else is as `draw ceremony` would write it for the month."""
    page = client.page("/programmes?month=2027-01")
    assert main_actions(page) == ["make-programme"]
    answer = send(client, page, "/programmes", basis=BASIS)
    assert answer.headers["location"] == "/programmes/2027-01"
    with bureau.opened(file) as db:
        text = rehearsing.programme_text(db, "2027-01", BASIS, "")
        made, _data = programmes.programme_of(db, "2027-01")
    assert made == read_programme(text.encode(), "p")
    page = client.page("/programmes/2027-01")
    assert main_actions(page) == ["freeze"]
    assert BASIS in text_of(page)
    assert "/programmes/2027-01" in client.page("/programmes")


def test_every_field_reaches_the_programme_and_comes_back(client: Client, file: Path) -> None:
    """What the form was given is what the programme says, and what the form then shows again."""
    page = client.page("/programmes?month=2027-01")
    typed = {
        "basis": BASIS, "name": '一月"专项"\\检查', "how": "share", "share": "12.5 %", "team": "3",
        "weekly": "0", "floor": "４０", "strata": "district", "grades": ["red", "orange"], "overdue": "yes",
        "modes": ["暗访", "夜查"], "revisit_gap_days": "30", "cars": "4", "keep": "1", "domains_each": "2",
        "cap": "5", "cap_enterprises": "2", "item": "学校食堂", "document": "教安〔2026〕7号", "mix": "yes",
        "driver_seat": "yes", "from": "2027-01-04", "to": "2027-01-22", "domains": ["fire", "food", "dorms"],
    }  # fmt: skip
    assert send(client, page, "/programmes", **typed).status_code == 303
    made, _data = kept(file)
    told = programmes.record(made, "")
    assert (told["share"], told["weekly"], told["floor"], told["team"]) == (0.125, 0, 0.4, 3)
    assert told["certain"] == ["grade", "overdue-major"]
    assert (told["grades"], told["modes"]) == (["red", "orange"], ["暗访", "夜查"])
    assert (told["from"], told["to"], told["cars"]["evening"]) == ("2027-01-04", "2027-01-22", 4)
    assert (told["name"], told["document"]) == (typed["name"], typed["document"])
    assert (told["mix"], told["driver_seat"], told["domains_each"], told["keep"]) == (True, True, 2, 1)
    again = form_of(client.page("/programmes/new?of=2027-01"), "/programmes")
    assert (again["share"], again["floor"], again["modes"]) == (["12.5"], ["40"], ["暗访", "夜查"])
    assert send(client, client.page("/programmes/new?of=2027-01"), "/programmes").status_code == 303
    assert kept(file)[0] == made


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"basis": ""}, "basis", "write it here"),
        ({"month": "2027-13", "from": "", "to": ""}, "month", "is no month"),
        ({"how": "units", "units": "many"}, "units", "write a whole number"),
        ({"how": "units", "units": "0"}, "units", "write a whole number from 1"),
        ({"how": "share", "share": "1/3"}, "share", "write a number of per cent"),
        ({"team": "5"}, "team", "from 1 to 4"),
        ({"weekly": "100"}, "weekly", "lies outside"),
        ({"to": "2026-12-01"}, "", "to lies before from"),
        ({"basis": "交办检查"}, "basis", "needs the number of its document"),
        ({"domains": []}, "domains", "tick at least one"),
        ({"floor": "20"}, "floor", "tick the box"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_is_kept(
    client: Client, file: Path, typed: dict[str, object], field: str, words: str
) -> None:
    """The page comes back with what was typed and the fault in words."""
    page = client.page("/programmes?month=2027-01")
    answer = send(client, page, "/programmes", **({"basis": BASIS} | typed))
    assert answer.status_code == 400
    assert words in text_of(answer.text)
    if field and field not in ("units", "share", "domains"):
        label = answer.text.index(f'for="f-{field}"')
        assert words in answer.text[label : answer.text.index("</div>", label)]
    again = form_of(answer.text, "/programmes")
    for name, value in typed.items():
        assert again.get(name, []) == (value if isinstance(value, list) else [value])
    with bureau.opened(file) as db:
        assert programmes.programmes(db) == []


def test_a_low_floor_is_kept_once_somebody_said_that_it_is_meant(client: Client, file: Path) -> None:
    """The box appears with the fault."""
    page = client.page("/programmes?month=2027-01")
    answer = send(client, page, "/programmes", basis=BASIS, floor="20")
    assert send(client, answer.text, "/programmes", lower="1").status_code == 303
    assert kept(file)[0].floor == 200_000


def test_a_file_is_kept_to_the_byte_and_its_faults_are_said(client: Client, file: Path) -> None:
    """A good file, a bad one, one that is none, none at all."""
    with bureau.opened(file) as db:
        good = rehearsing.programme_text(db, "2027-01", BASIS, "7").encode() + "# 备注\n".encode()
    page = client.page("/programmes?month=2027-01")

    def drop(data: bytes) -> object:
        return send(client, page, "/programmes/file", files={"file": ("一月.toml", data)})

    for data, words in (
        (good.replace(b"units", b"unitz"), "unitz is no key of a programme"),
        (b"\xff\xfe", "not UTF-8"), (b"PK\x03\x04" + bytes(200_000), "larger than"),
        (good + b"floor = 0.1\n", "tick the box beside the file"),
    ):  # fmt: skip
        answer = drop(data)
        assert answer.status_code == 400
        assert words in text_of(answer.text)
    page = client.page("/programmes?month=2027-01")
    assert drop(good).headers["location"] == "/programmes/2027-01"
    assert kept(file)[1] == good
    assert client.get("/programmes/2027-01/document.toml").content == good


def test_more_units_than_there_are_is_said(client: Client, file: Path) -> None:
    """All open ones may be drawn; one more is told on the programme's page."""
    with bureau.opened(file) as db:
        count = find_units(db, Search(where={"closed": ""}, limit=0))[1]
        for month, units in (("2027-01", count), ("2027-02", count + 1)):
            text = rehearsing.programme_text(db, month, BASIS, f"{units}")
            programmes.add_document(db, text.encode(), "p", load_all(), NOW, accept_lower_floor=False)
    told = f"the register has {count} open ones"
    assert told not in client.page("/programmes/2027-01")
    assert told in client.page("/programmes/2027-02")


def test_a_programme_in_use_stays_and_a_new_one_is_made_of_it(client: Client, file: Path) -> None:
    """Once a list was locked the form makes another programme, with what has no field kept."""
    with bureau.opened(file) as db:
        text = rehearsing.programme_text(db, "2027-01", BASIS, "7") + '[partners]\n"公安" = 1\n'
        programmes.add_document(db, text.encode(), "p", load_all(), NOW, accept_lower_floor=False)
    page = client.page("/programmes/2027-01")
    assert send(client, page, "/draws/freeze").headers["location"] == "/draws/1"
    page = client.page("/programmes/new?of=2027-01")
    assert "stays as it is" in text_of(page)
    answer = send(client, page, "/programmes", how="units", units="9")
    assert answer.headers["location"] == "/programmes/2027-01-2"
    assert (kept(file)[0].units, kept(file, "2027-01-2")[0].units) == (7, 9)
    assert kept(file, "2027-01-2")[0].partners == {"公安": 1}


def test_the_published_row_is_a_page_to_print_and_a_file(client: Client, file: Path) -> None:
    """Its style is a sheet of its own, and everything of the command line's row stands on it."""
    send(client, client.page("/programmes?month=2027-01"), "/programmes", basis=BASIS)
    page = client.page("/programmes/2027-01/public")
    assert "<style" not in page
    sheet = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert client.get(sheet).headers["content-type"].startswith("text/css")
    with bureau.opened(file) as db:
        row = programmes.public_row(db, kept(file)[0], load_all())
        once = programmes.public_row(db, replace(kept(file)[0], weekly=Fraction(0)), load_all())
    assert all(value in text_of(page) for value in row.values() if value)
    assert "可能再次抽到" in row["备注"]  # the draws of weeks are anew
    assert "92天内不重复抽查" in once["备注"]
    assert "attachment" in client.get("/programmes/2027-01/public.html").headers["content-disposition"]
    assert client.get("/programmes/2027-09").status_code == 404
    assert client.get("/papers/0123456789abcdef.css").status_code == 404


def test_every_programme_written_by_the_form_reads_back_to_the_same_fields(file: Path) -> None:
    """Values, document, programme, values: the last are the first."""
    with bureau.opened(file) as db:
        values = programme_forms.fresh(db, load_all(), "2027-02") | {"basis": BASIS, "item": "甲", "cap": "3"}
    made = read_programme(programme_forms.document(values, "2027-02").encode(), "p")
    assert programme_forms.values_of(made) == values | {"domains": sorted(values["domains"])}

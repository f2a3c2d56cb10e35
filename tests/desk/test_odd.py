"""What lies or speaks otherwise than it should: links, spoiled notes, files taken away, odd requests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auditor.desk import processes, serve
from auditor.desk.looks import sentence
from auditor.desk.page_names import name_pages
from auditor.desk.places import Places, write_json
from auditor.workflow import bureau
from desk_client import NOW, PORT, desk_of, text_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An empty bureau."""
    path = tmp_path / "bureau.db"
    bureau.init(path, "县教育局", (27.2, 109.4), NOW)
    return path


def test_one_file_under_two_names_has_one_desk(file: Path, tmp_path: Path) -> None:
    """A link beside the file leads to the same notes, the same work and the same running desk."""
    link = tmp_path / "link.db"
    link.symlink_to(file)
    assert Places(link).folder == Places(file).folder
    assert not link.with_name("link.db.desk").exists()


@pytest.mark.parametrize(
    "note",
    ["", "{", "[]", "null", '{"kind": "nope", "arguments": {}, "at": "x"}', '{"kind": "roster"}',
     '{"kind": "../x", "arguments": {}, "at": "2026-11-27", "once": "q", "pid": 1, "started": ""}',
     '{"state": "over", "progress": [], "points": 3, "error": "x", "ended": 7}'],
)  # fmt: skip
def test_a_spoiled_note_of_work_breaks_no_page(file: Path, note: str) -> None:
    """What a full disk or a wrong hand left in the folder is no work."""
    client = desk_of(file)
    work = client.desk.places.work
    work.mkdir(exist_ok=True)
    (work / "90.json").write_text(note)
    (work / "89.json").write_text('{"kind": "roster"}')
    whole = {"kind": "county", "arguments": {}, "at": NOW.isoformat(), "once": "q", "pid": 0, "started": ""}
    write_json(work / "91.json", whole)
    (work / "91.now.json").write_text(note.replace("kind", "outcome"))
    for address in ("/", "/units", "/imports", "/verify"):
        client.page(address)
    assert client.get("/jobs/90").status_code == 404
    assert 'data-state="lost"' in client.page("/jobs/91")


def test_a_spoiled_secret_is_made_anew_and_a_spoiled_note_of_a_desk_is_none(file: Path) -> None:
    """Letters that are no digits, bytes that are no letters; a note without run or port."""
    places = Places(file)
    for spoiled in (b"zz" * 32, b"\xff\xfe" * 32, b""):
        (places.folder / "secret").write_bytes(spoiled)
        assert len(places.secret()) == 32
        assert places.secret() == places.secret()
    own = {"pid": os.getpid(), "started": processes.started_at(os.getpid())}
    for note in (own, {**own, "port": "x", "run": 3}, {"pid": "x", "started": 3}, {}):
        write_json(places.running, note)
        assert serve.running(places) is None


def test_a_file_that_was_taken_away_is_told_without_commands(file: Path) -> None:
    """The path stands as it is written, with no option of the command line."""
    client = desk_of(file)
    client.page("/units")
    file.rename(file.with_name("elsewhere.db"))
    answer = client.get("/units")
    text = text_of(answer.text)
    assert f"The bureau's file {file} is no longer there" in text
    assert "auditor init" not in text
    assert "--db" not in text


def test_what_is_asked_so_that_nothing_answers_is_said_in_words(file: Path) -> None:
    """A method that no page has, and the other language of a form that failed."""
    client = desk_of(file)
    answer = client.post("/health", data={"token": "x"})
    assert (answer.status_code, "go back" in answer.text) == (405, True)
    page = client.page("/units/-/new")
    back = {"referer": f"http://127.0.0.1:{PORT}/units/-/new?x=1"}
    answer = client.submit("/units/-/new", page, {"name": "甲", "students": "abc"}, headers=back)
    assert "Number of students: abc cannot be read; write it like 300" in text_of(answer.text)
    assert 'href="/units/-/new?x=1&amp;lang=zh"' in answer.text
    answer = client.submit("/units/-/new", page, {"name": "甲", "lat": "30"})
    assert "belong together" in text_of(answer.text)
    assert client.get("/programmes/nope").status_code == 404


def test_the_first_page_speaks_the_browsers_language_unless_one_was_named(file: Path) -> None:
    """Accept-Language by its weights; a choice in the menu, and a language named at the start, win."""
    client = desk_of(file)
    client.desk.language_said = False
    for header, own in (
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"), ("en-GB,zh;q=0.5", "en"),
        ("de;q=1, zh;q=0.3, en;q=0.2", "zh-CN"),
        ("zh;q=0, en;q=0.1", "en"), ("de", "en"), ("zh;q=x", "en"),
    ):  # fmt: skip
        assert f'<html lang="{own}"' in client.page("/units", **{"accept-language": header}), header
    client.page("/units?lang=en")
    assert '<html lang="en"' in client.page("/units", **{"accept-language": "zh"})
    client = desk_of(file)
    assert '<html lang="en"' in client.page("/units", **{"accept-language": "zh"})


def test_names_and_paths_begin_a_sentence_as_they_are_written() -> None:
    """Only a word of ours is given a capital."""
    for text in (
        "x.pdf is no table",
        "/tmp/a: gone",
        "students=abc",
        "bureau.db: nothing",
        "l01 is away",
        "你",
    ):
        assert sentence(text) == text
    assert sentence("there is nothing here") == "There is nothing here"
    assert sentence("nothing; look again") == "Nothing; look again"


def test_a_visit_is_named_by_its_unit_alone() -> None:
    """Its id is for the command line; other brackets and digits stay."""
    text = "<p>城关小学 (0123456789abcdef) has no day（0123456789abcdef）; (0123), (2026-12-03)</p>"
    assert name_pages(text) == "<p>城关小学 has no day; (0123), (2026-12-03)</p>"

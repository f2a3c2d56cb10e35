"""The staff on pages: found, changed by form with both values asked for, noted anew."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from auditor.errors import UsageProblem
from auditor.workflow import bureau, staffing
from auditor.workflow.domains import load_all
from auditor.workflow.people import list_staff
from desk_client import NOW, Client, county_in, desk_of, text_of, was_of


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau with the synthetic county, only read."""
    return county_in(tmp_path_factory.mktemp("people") / "bureau.db")


@pytest.fixture
def file(tmp_path: Path, whole: Path) -> Path:
    """A copy to change."""
    path = tmp_path / "bureau.db"
    path.write_bytes(whole.read_bytes())
    return path


@pytest.fixture
def client(file: Path) -> Client:
    """A browser that came through the door."""
    return desk_of(file)


def names_on(page: str) -> list[str]:
    """Give the names of a list, in its order."""
    return re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', page)


def record(file: Path, key: str) -> dict[str, object]:
    """Give one person as the command line lists him."""
    with bureau.opened(file) as db:
        return next(one for one in list_staff(db) if one["id"] == key)


def test_a_list_pages_through_everybody_once(whole: Path) -> None:
    """Pages of seven, put together, are the whole list; filters and search agree with a plain look."""
    with bureau.opened(whole) as db:
        every = list_staff(db)
        seen: list[str] = []
        for offset in range(0, len(every) + 7, 7):
            rows, count = staffing.find_staff(db, staffing.Search(limit=7, offset=offset))
            assert count == len(every)
            seen += [one["id"] for one in rows]
        assert seen == [one["id"] for one in every]
        for role in ("leader", "inspector"):
            rows, count = staffing.find_staff(db, staffing.Search(role=role, sort="-name"))
            assert {one["id"] for one in rows} == {one["id"] for one in every if role in one["roles"]}
            assert [one["name"] for one in rows] == sorted((one["name"] for one in rows), reverse=True)
        with pytest.raises(UsageProblem):
            staffing.find_staff(db, staffing.Search(sort="shoe"))


def test_who_is_here_and_who_is_not_are_everybody(file: Path) -> None:
    """On their first and last day they are here, a day before or after they are not."""
    with bureau.opened(file) as db:
        everybody = {one["id"] for one in list_staff(db)}
        staffing.set_person(db, "l01", {"from": "2026-12-08"}, plugins=load_all(), now=NOW)
        staffing.set_person(db, "l02", {"to": "2026-12-08"}, plugins=load_all(), now=NOW)
        for day, missing in ((7, {"l01"}), (8, set()), (9, {"l02"})):
            parts = {
                here: {
                    one["id"]
                    for one in staffing.find_staff(db, staffing.Search(here=here, today=date(2026, 12, day)))[
                        0
                    ]
                }
                for here in ("here", "gone")
            }
            assert parts == {"here": everybody - missing, "gone": missing}


def test_two_characters_find_a_person_and_links_lead_there(client: Client) -> None:
    """A name of two characters; each row of the list is a link to its page."""
    page = client.page("/people?q=甲子")
    assert names_on(page) == ["甲子"]
    link = re.search(r'href="(/people/[^"-]+)">甲子', page)
    assert link is not None
    assert "局长" in client.page(link[1])
    assert "Nobody fits." in text_of(client.page("/people?q=没有这人"))


def test_a_form_changes_what_it_changed_and_no_more(client: Client, file: Path) -> None:
    """The post and the roles change; the rest stays; the history says from what to what."""
    before = record(file, "l01")
    page = client.page("/people/l01")
    sent = {
        "was": was_of(page), "post": "副局长", "has-roles": "1", "roles": ["leader", "inspector"],
        "reason": "分工调整",
    }  # fmt: skip
    answer = client.submit("/people/l01", page, sent)
    assert answer.status_code == 303
    after = record(file, "l01")
    assert after == before | {"post": "副局长", "roles": ["leader", "inspector"]}
    page = client.page("/people/l01")
    assert f"<del>{before['post']}</del> <ins>副局长</ins>" in page
    assert "分工调整" in page


def test_a_stale_form_of_a_person_asks(client: Client, file: Path) -> None:
    """Both changed the post: nothing is written before one of the two was chosen."""
    page = client.page("/people/l01")
    with bureau.opened(file) as db:
        staffing.set_person(db, "l01", {"post": "书记"}, plugins=load_all(), now=NOW)
    sent = {"was": was_of(page), "post": "副局长"}
    answer = client.submit("/people/l01", page, sent)
    assert answer.status_code == 409
    assert "书记" in answer.text
    assert "副局长" in answer.text
    assert record(file, "l01")["post"] == "书记"
    assert client.submit("/people/l01", answer.text, {"post": "副局长"}).status_code == 303
    assert record(file, "l01")["post"] == "副局长"


def test_a_new_person_is_read_by_the_rules_of_a_list(client: Client, file: Path) -> None:
    """What a row would be refused for, a form is; a slash in a number is no way into another page."""
    page = client.page("/people/-/new")
    for fields, said in (
        ({"name": ""}, "The name is missing"),
        ({"name": "王新", "half_days": "many"}, "half days: no whole number"),
        ({"name": "王新", "share": "3"}, "no share of a full load"),
        ({"name": "王新", "from": "2026-12-02", "to": "2026-12-01"}, "the end is before the start"),
        ({"name": "王新"}, "no role"),
        ({"name": "王新", "id": "l01", "has-roles": "1", "roles": "officer"}, "l01 is somebody's id already"),
    ):
        answer = client.submit("/people/-/new", page, fields)
        assert answer.status_code == 400
        assert said.lower() in text_of(answer.text).lower()
    fields = {"name": "王新", "id": "0/7", "has-domains": "1", "domains": ["fire", "food"]}
    answer = client.submit("/people/-/new", page, fields)
    assert answer.headers["location"] == "/people/0%2F7"
    assert "王新" in client.page("/people/0%2F7")
    made = record(file, "0/7")
    assert (made["domains"], made["roles"], made["half_days"]) == (["fire", "food"], ["inspector"], 4)


def test_nobody_is_a_page_with_a_way_back(client: Client) -> None:
    """An unknown id is 404 in words."""
    answer = client.get("/people/nobody")
    assert answer.status_code == 404
    assert "is nobody here" in text_of(answer.text)


def test_an_empty_bureau_says_what_to_do(tmp_path: Path) -> None:
    """No staff: the dashed line, and a sentence."""
    path = tmp_path / "empty.db"
    bureau.init(path, "县", None, NOW)
    client = desk_of(path)
    for address, said in (("/people", "Nobody is noted yet"), ("/leave", "No leave is noted")):
        page = client.page(address)
        assert said in text_of(page)
        assert 'class="drop alone"' in page


def test_home_leads_to_the_people_where_these_are_missing(tmp_path: Path) -> None:
    """First the register, then the staff."""
    from auditor.workflow import units

    path = tmp_path / "empty.db"
    bureau.init(path, "县", None, NOW)
    client = desk_of(path)
    step = re.compile(r'data-step="register"[^>]*>\s*<a href="([^"]+)"')
    found = step.search(client.page("/"))
    assert found is not None
    assert found[1] == "/units"
    with bureau.opened(path) as db:
        units.add_unit(db, {"id": "1001", "name": "甲小学"}, now=NOW)
    found = step.search(client.page("/"))
    assert found is not None
    assert found[1] == "/people"

"""Leave on pages: found, noted, taken back; requests answered."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from auditor.workflow import bureau, leave_lists, plan_news
from auditor.workflow.duty import leave_requests
from auditor.workflow.people import list_leave
from desk_client import NOW, Client, county_in, desk_of, text_of

TODAY = date(2026, 12, 8)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau with the synthetic county, only read."""
    return county_in(tmp_path_factory.mktemp("leave") / "bureau.db")


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


def leave_of(file: Path, person: str, since: str = "2031") -> list[tuple[str, str]]:
    """Give the first and last days of somebody's leave; from 2031 on the county has none."""
    with bureau.opened(file) as db:
        return [
            (one["from"], one["to"])
            for one in list_leave(db)
            if one["person"] == person and one["from"] >= since
        ]


def test_the_list_holds_what_the_command_line_lists(whole: Path) -> None:
    """Parts by time are the whole; those who are away now come first, then the soonest."""
    with bureau.opened(whole) as db:
        every = list_leave(db)
        found, count = leave_lists.find_leave(db, leave_lists.Search(today=TODAY))
        assert count == len(every) == len(found)
        parts = [
            leave_lists.find_leave(db, leave_lists.Search(when=when, today=TODAY, limit=0))[1]
            for when in ("now", "coming", "past")
        ]
        assert sum(parts) == count
        order = [one["when"] for one in found]
        assert order == sorted(order, key=["now", "coming", "past"].index)
        assert parts[0] == sum(one["from"] <= "2026-12-08" <= one["to"] for one in every)


def test_leave_is_noted_and_some_days_of_it_taken_back(client: Client, file: Path) -> None:
    """Five days by form, the middle one back: two leaves are left; each is a link of the list."""
    page = client.page("/leave/new")
    fields = {"who": "甲子", "first": "2031-03-03", "last": "2031-03-07", "kind": "年休假"}
    answer = client.submit("/leave/new", page, fields)
    assert answer.status_code == 303
    assert "甲子 is away from Mon 3 Mar 2031 to Fri 7 Mar 2031" in text_of(client.page("/leave"))
    assert leave_of(file, "l01") == [("2031-03-03", "2031-03-07")]
    links = re.findall(r'href="(/leave/one[^"]*)"', client.page("/leave?q=甲子&sort=-from"))
    page = client.page(links[0].replace("&amp;", "&"))
    answer = client.submit(
        "/leave/back", page, {"person": "l01", "first": "2031-03-05", "last": "2031-03-05"}
    )
    assert answer.status_code == 303
    assert leave_of(file, "l01") == [("2031-03-03", "2031-03-04"), ("2031-03-06", "2031-03-07")]
    with bureau.opened(file) as db:
        assert bureau.verify_log(file) == []
        assert db.conn is not None


def test_what_cannot_be_noted_is_told_with_the_cure(client: Client, file: Path) -> None:
    """Nobody, no day, an end before the start, days that are leave already: a sentence, nothing kept."""
    page = client.page("/leave/new")
    good = {"who": "l01", "first": "2031-03-03", "last": "2031-03-07"}
    for changed, said in (
        ({"who": "没有这人"}, "Nobody is called so"),
        ({"first": "someday"}, "no date"),
        ({"last": "2031-03-01"}, "the end is before the start"),
        ({"half": "am"}, "half a day over several days"),
    ):
        answer = client.submit("/leave/new", page, good | changed)
        assert answer.status_code == 400
        assert said.lower() in text_of(answer.text).lower()
    assert leave_of(file, "l01") == []
    assert client.submit("/leave/new", page, good).status_code == 303
    again = client.submit("/leave/new", client.page("/leave/new"), good)
    assert "is away on these days already" in text_of(again.text)
    assert client.get("/leave/one?person=l01&from=2031-01-01&to=2031-01-02").status_code == 404


def test_a_request_is_answered_and_ended_from_the_list(client: Client, file: Path) -> None:
    """Asked for at the command line, agreed to on the page, ended on the page of the leave."""
    with bureau.opened(file) as db:
        ask = leave_requests.Ask(who="l01", first=date(2031, 5, 5), last=date(2031, 5, 9), acting="l02")
        request, _clashes = leave_requests.ask(db, ask, NOW)
    page = client.page("/leave")
    assert request["id"] in page
    answer = client.submit("/leave/decide", page, {"request": request["id"], "by": "局长", "agreed": "1"})
    assert answer.status_code == 303
    assert leave_of(file, "l01") == [("2031-05-05", "2031-05-09")]
    page = client.page("/leave/one?person=l01&from=2031-05-05&to=2031-05-09")
    assert request["id"] in page
    answer = client.submit(
        "/leave/back", page, {"person": "l01", "first": "2026-12-08", "last": "2031-05-09"}
    )
    assert answer.status_code == 303
    assert leave_of(file, "l01") == []


def test_leave_is_taken_back_beside_a_request_that_nobody_agreed_to(client: Client, file: Path) -> None:
    """Only a request that was agreed to ends with the leave."""
    with bureau.opened(file) as db:
        ask = leave_requests.Ask(who="l01", first=date(2031, 5, 5), last=date(2031, 5, 9), acting="l02")
        leave_requests.ask(db, ask, NOW)
        leave_lists.add_leave(db, "l01", "2031-05-05", "2031-05-06", now=NOW)
    page = client.page("/leave/one?person=l01&from=2031-05-05&to=2031-05-06")
    sent = {"person": "l01", "first": "2031-05-05", "last": "2031-05-06"}
    assert client.submit("/leave/back", page, sent).status_code == 303
    assert leave_of(file, "l01") == []
    with bureau.opened(file) as db:
        assert [one["state"] for one in leave_requests.requests(db)] == ["asked"]


def test_only_new_days_of_leave_are_news_to_a_plan(file: Path) -> None:
    """Noted before it was made, or cut short after it: no matter; another's, within its days: it is told."""
    made = NOW + timedelta(minutes=2)
    record = {
        "state": "planned", "planned_at": made.isoformat(),
        "facts": {"period": ["2026-12-01", "2026-12-31"]},
    }  # fmt: skip

    def told() -> list[tuple[str, str, str]]:
        with bureau.opened(file) as db:
            found = plan_news.news(db, record, NOW.date())
        return [(one.of, one.first.isoformat(), one.last.isoformat()) for one in found]

    def add(who: str, first: str, last: str, minutes: int) -> None:
        with bureau.opened(file) as db:
            leave_lists.add_leave(db, who, first, last, now=NOW + timedelta(minutes=minutes))

    with bureau.opened(file) as db:
        ask = leave_requests.Ask(who="o01", first=date(2026, 12, 9), last=date(2026, 12, 18), acting="o02")
        request, _clashes = leave_requests.ask(db, ask, NOW)
        leave_requests.decide(db, request["id"], agreed=True, by="局长", note="", now=NOW)
    assert told() == []
    with bureau.opened(file) as db:
        leave_requests.come_back(db, request["id"], date(2026, 12, 10), NOW + timedelta(days=2))
    assert ("2026-12-09", "2026-12-09") in leave_of(file, "o01", "2026-12-09")
    assert told() == []
    add("l01", "2026-12-21", "2026-12-22", 5)  # inspects nothing
    assert told() == []
    add("o02", "2026-12-29", "2027-01-02", 6)
    assert told() == [("o02", "2026-12-29", "2026-12-31")]
    record["repaired_at"] = (made + timedelta(days=3)).isoformat()
    assert told() == []


def test_leave_that_is_joined_with_other_leave_says_so(client: Client) -> None:
    """Days beside each other are apart; those that overlap become one leave, and the sentence says which."""
    page = client.page("/leave/new")
    sent = {"who": "l01", "first": "2031-05-05", "last": "2031-05-06"}
    assert client.submit("/leave/new", page, sent).status_code == 303
    assert "joined" not in text_of(client.page("/leave"))
    sent = {"who": "l01", "first": "2031-05-06", "last": "2031-05-08"}
    assert client.submit("/leave/new", client.page("/leave/new"), sent).status_code == 303
    assert "joined with leave that was noted before: now Mon 5 May 2031 to Thu 8 May 2031" in text_of(
        client.page("/leave")
    )

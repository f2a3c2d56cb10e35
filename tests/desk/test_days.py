"""The days of a plan on the desk: release, outcomes and what is open are the command line's."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from auditor.i18n import set_language
from auditor.store import once
from auditor.store.numbers import read_outcomes, read_released
from auditor.workflow import bureau as bureau_step
from auditor.workflow import closing, releasing, visit_days
from auditor.workflow.ceremony import number_of
from auditor.workflow.releasing import StandIn
from desk_browsing import COLOURS, EVERYTHING, browser_running, faults_on, library
from desk_client import Client, desk_of, text_of
from desk_crawling import Crawl, crawl, kind_of
from desk_here import files_here, work_never
from sealed import PASSWORD, Bureau, copied, drawn_under_password, key


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau whose number 1 is planned and sealed; its key has a password."""
    bureau = drawn_under_password(tmp_path_factory.mktemp("desk-days"))
    bureau.ok("plan", "make", "--programme", "2026-12", "--work", 1, *key(bureau))
    return bureau


@cache
def visits_of(planned: Bureau) -> dict[str, list[dict[str, Any]]]:
    """The visits of the sealed plan by day, through the command line's door."""
    found: dict[str, list[dict[str, Any]]] = {}
    told = planned.json("plan", "show", "--number", 1, "--whole", *key(planned))
    for one in sorted(told["visits"], key=lambda one: (one["date"], one["id"])):
        found.setdefault(one["date"], []).append(one)
    return found


def crowded(bureau: Bureau) -> str:
    """The first day with two visits or more."""
    return next(day for day, several in visits_of(bureau).items() if len(several) > 1)


@pytest.fixture
def twins(planned: Bureau, tmp_path: Path) -> tuple[Bureau, Bureau]:
    """Two copies on the morning of the first day with several visits: one for the desk, one for commands."""
    now = f"{crowded(planned)}T08:00:00+08:00"
    return copied(planned.folder, tmp_path / "a", now), copied(planned.folder, tmp_path / "b", now)


def browser(bureau: Bureau) -> Client:
    """A browser at the desk of a bureau, at its clock."""
    return desk_of(bureau.db, now=datetime.fromisoformat(bureau.now))


def opened(bureau: Bureau) -> Client:
    """A browser in which the plan was opened."""
    client = browser(bureau)
    answer = client.submit("/plans/1/open", client.page("/plans/1"), {"password": PASSWORD})
    assert answer.status_code == 303, text_of(answer.text)
    return client


def kept(bureau: Bureau) -> tuple[list[Any], dict[str, Any], int]:
    """What is kept of releases and outcomes, and how many entries the log has."""
    with bureau_step.opened(bureau.db) as db:
        return read_released(db, 1), read_outcomes(db, 1), once.entries_of(db)


def names_of(bureau: Bureau) -> dict[str, str]:
    """What the units are called."""
    return {one["id"]: one["name"] for one in bureau.json("units", "list")}


def was(page: str) -> str:
    """What the last form of a page showed."""
    return unescape(re.findall(r'name="was" value="([^"]*)"', page)[-1])


def say(client: Client, day: str, page: str, **fields: str) -> Any:
    """Send the form of a day; `_` stands for the dash of a field's name."""
    sent = {name.replace("_", "-", 1): value for name, value in fields.items()}
    return client.submit(f"/plans/1/days/{day}/outcomes", page, {"was": was(page), **sent})


# release


def test_the_days_sheets_are_released_as_by_command(twins: tuple[Bureau, Bureau]) -> None:
    """One form with the password; the same is kept, sheets follow, and a second click does nothing."""
    desk, line = twins
    day = desk.now[:10]
    rows = line.json("plan", "release", *key(line))
    client = browser(desk)
    page = client.page(f"/plans/1/days/{day}")
    before = kept(desk)
    wrong = client.submit(f"/plans/1/days/{day}/release", page, {"password": "not this"})
    assert wrong.status_code == 400
    assert "does not open with this password" in text_of(wrong.text)
    assert kept(desk) == before
    done = client.submit(f"/plans/1/days/{day}/release", page, {"password": PASSWORD})
    assert done.headers["location"] == f"/plans/1/sheets?day={day}"
    assert kept(desk)[0] == kept(line)[0]
    sheets = client.page(done.headers["location"])
    assert f"{len(rows)} visits of today are released" in text_of(sheets)
    assert 'data-action="print-tasks"' in sheets
    for one in rows:
        assert f"{one['start']} {one['name']}" in text_of(sheets)
    again = client.submit(f"/plans/1/days/{day}/release", page, {"password": PASSWORD})
    assert again.status_code == 409
    page = client.page(f"/plans/1/days/{day}")
    assert 'data-action="release"' not in page
    assert f"{len(rows)} visits on this day {len(rows)} released {len(rows)} without an outcome" in text_of(
        page
    )
    assert 'data-action="release-day"' not in client.page("/")
    assert f"{len(rows)} visits of today are released" in text_of(client.page("/"))


def test_whoever_opened_the_plan_sees_first_what_is_released(twins: tuple[Bureau, Bureau]) -> None:
    """Home, the plan and the day say how many they are; the day names them."""
    desk, line = twins
    rows = line.json("plan", "release", *key(line))
    client = opened(desk)
    assert f"{len(rows)} visits of today are to be released" in text_of(client.page("/"))
    assert 'data-action="day"' in client.page("/plans/1")
    page = client.page(f"/plans/1/days/{desk.now[:10]}")
    assert f"Release {len(rows)} visits" in text_of(page)
    assert 'data-action="outcomes"' not in page  # first they are released
    for one in rows:
        assert one["name"] in text_of(page)
    assert client.submit(f"/plans/1/days/{desk.now[:10]}/release", page).status_code == 303
    assert kept(desk)[0] == kept(line)[0]


def test_only_the_key_tells_which_days_have_visits(planned: Bureau, tmp_path: Path) -> None:
    """Without it home, plan and day are the same on a day with visits and on one with people on stand-by."""
    bureau = copied(planned.folder, tmp_path / "own", planned.now)
    busy = visits_of(planned)
    with bureau_step.opened(bureau.db) as db:
        record = number_of(db, 1)
        days = [date(2026, 12, 1) + timedelta(days=at) for at in range(31)]
        possible = [one for one in days if visit_days.may_have_visits(db, record, one)]
    idle = next(f"{one}" for one in possible if f"{one}" not in busy)
    assert not [one for one in possible if one.weekday() > 4]
    names, told = names_of(planned), []
    for day in (next(iter(busy)), idle):
        bureau.now = f"{day}T08:00:00+08:00"
        client = browser(bureau)
        texts = [client.page(one) for one in ("/", f"/plans/1/days/{day}", "/plans/1/days", "/plans")]
        assert not [one["unit"] for one in busy.get(day, []) if names[one["unit"]] in "".join(texts)]
        assert 'data-action="release-day"' in texts[0]
        assert 'data-action="day"' in client.page("/plans/1")
        texts[1] = re.sub(rf"{date.fromisoformat(day):%a %-d %b}", "DAY", texts[1])
        told.append([text_of(one) for one in texts])
    assert told[0] == told[1]
    answer = client.submit(
        f"/plans/1/days/{idle}/release", client.page(f"/plans/1/days/{idle}"), {"password": PASSWORD}
    )
    assert bureau.ok("plan", "release", *key(bureau)).strip() in text_of(
        client.page(answer.headers["location"])
    )


def test_search_finds_a_sealed_plan_and_nothing_in_it(planned: Bureau) -> None:
    """By its programme and its number, as a door; what a unit's name finds is the same before and after."""
    client = browser(planned)
    for asked in ("12月校园安全随机抽查", "2026-12 随机", "1"):
        assert 'href="/plans/1"' in client.page(f"/search?q={asked}")
    opener = opened(planned)
    names = names_of(planned)
    for several in visits_of(planned).values():
        for one in several:
            page = client.page(f"/search?q={names[one['unit']]}")
            assert "/plans/" not in page
            assert text_of(page) == text_of(opener.page(f"/search?q={names[one['unit']]}"))


def test_a_visit_that_was_made_later_hides_no_release_of_that_day(
    planned: Bureau, twins: tuple[Bureau, Bureau]
) -> None:
    """A visit of an earlier day that was really made today is told; those of today are released still."""
    desk = twins[0]
    day = desk.now[:10]
    later = min(one for one in visits_of(planned) if one > day)
    desk.ok("plan", "release", *key(desk))
    desk.now = f"{later}T08:00:00+08:00"
    words = ["--as", "moved", "--reason", "道路不通", "--date", later]
    desk.ok("draw", "outcome", 1, "--visit", visits_of(planned)[day][0]["id"], *words)
    client = browser(desk)
    assert 'data-action="release-day"' in client.page("/")
    page = client.page(f"/plans/1/days/{later}")
    done = client.submit(f"/plans/1/days/{later}/release", page, {"password": PASSWORD})
    assert done.headers["location"] == f"/plans/1/sheets?day={later}"
    assert {one["id"] for one in visits_of(planned)[later]} <= {one["id"] for _of, one in kept(desk)[0]}
    assert 'data-action="release-day"' not in client.page("/")


def test_a_day_is_released_on_itself(planned: Bureau, twins: tuple[Bureau, Bureau]) -> None:
    """Neither a page left open since yesterday nor one of a day to come releases anything."""
    desk = twins[0]
    other = [one for one in visits_of(planned) if one != desk.now[:10]]
    client = opened(desk)
    before = kept(desk)
    for day in (min(other), max(other)):
        page = client.page(f"/plans/1/days/{day}")
        assert 'data-action="release"' not in page
        answer = client.submit(f"/plans/1/days/{day}/release", client.page("/plans/1"))
        assert answer.status_code == 400
        assert "visits are released on their day" in text_of(answer.text)
    assert kept(desk) == before


# outcomes


def test_outcomes_of_a_day_are_kept_together_as_by_command(
    planned: Bureau, twins: tuple[Bureau, Bureau]
) -> None:
    """Refused ones keep nothing and what was typed; the same is kept as by commands, and once."""
    desk, line = twins
    day = desk.now[:10]
    several = visits_of(planned)[day]
    first, second = (one["id"] for one in several[:2])
    for bureau in twins:
        bureau.ok("plan", "release", *key(bureau))
    client = browser(desk)
    page = client.page(f"/plans/1/days/{day}")
    before = kept(desk)
    answer = say(client, day, page, **{f"as_{first}": "done", f"as_{second}": "closed"})
    said = line.refused("draw", "outcome", 1, "--visit", second, "--as", "closed", code=2)
    assert answer.status_code == 400
    assert "closed needs its --reason" in said
    assert "say why it was: found closed" in text_of(answer.text)
    assert names_of(desk)[several[1]["unit"]] in text_of(answer.text).partition("What became")[0]
    assert '<option value="closed" selected>' in answer.text
    assert kept(desk) == before
    fields = {f"as_{first}": "done", f"as_{second}": "closed", f"why_{second}": "停课"}
    form = answer.text
    answer = say(client, day, form, **fields)
    assert answer.status_code == 303, text_of(answer.text)
    line.ok("draw", "outcome", 1, "--visit", first, "--as", "done")
    line.ok("draw", "outcome", 1, "--visit", second, "--as", "closed", "--reason", "停课")
    assert kept(desk)[1] == kept(line)[1]
    assert kept(desk)[2] == before[2] + 1
    assert say(client, day, form, **fields).status_code == 409
    assert say(client, day, page, **fields).status_code == 303  # another window that says the same
    assert kept(desk)[2] == before[2] + 1
    other = say(client, day, page, **(fields | {f"as_{first}": "nobody", f"why_{first}": "停课"}))
    assert other.status_code == 409
    held = client.submit(f"/plans/1/days/{day}/outcomes", other.text, {
        name.replace("_", "-", 1): value
        for name, value in (fields | {f"as_{first}": "nobody", f"why_{first}": "停课"}).items()
    })  # fmt: skip
    assert "open the plan to change it" in text_of(held.text)
    assert kept(desk)[1] == kept(line)[1]
    text = text_of(client.page(f"/plans/1/days/{day}"))
    assert f"{len(several) - 2} without an outcome" in text
    assert "found closed: 停课" in text


def test_what_was_said_is_changed_with_the_key_only(planned: Bureau, twins: tuple[Bureau, Bureau]) -> None:
    """Without it such a visit has no field; with it another outcome, day and team are kept as by command."""
    desk, line = twins
    day = desk.now[:10]
    visit = visits_of(planned)[day][0]["id"]
    for bureau in twins:
        bureau.ok("plan", "release", *key(bureau))
        bureau.ok("draw", "outcome", 1, "--visit", visit, "--as", "refused", "--reason", "无人开门")
        bureau.now = f"{date.fromisoformat(day) + timedelta(days=1)}T17:00:00+08:00"
    assert f'name="as-{visit}"' not in browser(desk).page(f"/plans/1/days/{day}")
    client = opened(desk)
    page = client.page(f"/plans/1/days/{day}")
    shown = {f"as_{visit}": "refused", f"why_{visit}": "无人开门"}
    before = kept(desk)
    assert say(client, day, page, **shown).status_code == 303
    assert kept(desk) == before  # nothing was changed, nothing is written
    fields = {
        f"as_{visit}": "moved", f"why_{visit}": "道路不通", f"day_{visit}": desk.now[:10],
        f"who_{visit}": "检查员1，检查员2",
    }  # fmt: skip
    late = say(client, day, page, **(fields | {f"day_{visit}": "2026-12-31"}))
    assert late.status_code == 400
    assert "is still to come" in text_of(late.text)
    assert say(client, day, late.text, **fields).status_code == 303
    words = ["--as", "moved", "--reason", "道路不通", "--date", line.now[:10], "--team", "检查员1，检查员2"]
    line.ok("draw", "outcome", 1, "--visit", visit, *words, *key(line))
    assert kept(desk)[1] == kept(line)[1]
    strange = say(client, day, client.page(f"/plans/1/days/{day}"), **fields | {f"who_{visit}": "某某"})
    assert "is no inspector of this number" in text_of(strange.text)


def test_two_windows_on_one_day_ask_which_holds(planned: Bureau, twins: tuple[Bureau, Bureau]) -> None:
    """An outcome that somebody else said meanwhile is not written over unasked."""
    desk = twins[0]
    day = desk.now[:10]
    visit = visits_of(planned)[day][0]["id"]
    desk.ok("plan", "release", *key(desk))
    client = opened(desk)
    page = client.page(f"/plans/1/days/{day}")
    sealed = visits_of(planned)[max(visits_of(planned))][0]["id"]
    locked = browser(desk)
    late = say(locked, day, locked.page(f"/plans/1/days/{day}"), **{f"as_{sealed}": "done"})
    assert "plan was locked meanwhile" in text_of(late.text)
    desk.ok("draw", "outcome", 1, "--visit", visit, "--as", "done")
    answer = say(client, day, page, **{f"as_{visit}": "nobody", f"why_{visit}": "停课"})
    assert answer.status_code == 409
    assert "Which hold?" in text_of(answer.text)
    assert kept(desk)[1][visit]["outcome"] == "done"
    rest = client.submit(f"/plans/1/days/{day}/outcomes", page, {
        "was": was(page), "rest": "done", f"as-{visit}": "",
    })  # fmt: skip
    assert rest.status_code == 303
    assert kept(desk)[1] == {visit: {"outcome": "done", "reason": ""}}


def test_the_open_ones_lead_from_day_to_day_to_the_close(planned: Bureau, tmp_path: Path) -> None:
    """After the period home counts what the close would miss; a day leads to the next, the last there."""
    bureau = copied(planned.folder, tmp_path / "own", "2027-01-04T09:00:00+08:00")
    *before, one, other = visits_of(planned)
    said = [part for day in before for row in visits_of(planned)[day] for part in ("--visit", row["id"])]
    bureau.ok("draw", "outcome", 1, *said, "--as", "done", *key(bureau))
    busy = {day: visits_of(planned)[day] for day in (one, other)}
    assert "it is due to be closed" in text_of(browser(bureau).page("/"))
    assert "nobody has said" not in text_of(browser(bureau).page("/"))  # that there are any is sealed
    client = opened(bureau)
    with bureau_step.opened(bureau.db) as db:
        missing = closing.without_outcome(db, number_of(db, 1), lambda: PASSWORD)
    home = client.page("/")
    assert f"of {missing} visits of past days nobody has said" in text_of(home)
    assert 'href="/draws/1"' in home
    (address,) = set(re.findall(r'href="(/plans/1/days/[\d-]+)"', home))
    for day in busy:
        assert address == f"/plans/1/days/{day}"
        page = client.page(address)
        answer = client.submit(f"{address}/outcomes", page, {
            "was": was(page), "rest": "done", **{f"as-{one['id']}": "" for one in busy[day]},
        })  # fmt: skip
        address = answer.headers["location"]
    assert address == "/draws/1"
    with bureau_step.opened(bureau.db) as db:
        assert closing.without_outcome(db, number_of(db, 1), lambda: PASSWORD) == 0
    assert "nobody has said" not in text_of(client.page("/"))
    assert text_of(client.page("/plans/1/days")).count("all said") == len(before) + 2


# a unit that cannot be visited


def test_the_next_of_the_reserve_stands_in_as_by_command(
    planned: Bureau, twins: tuple[Bureau, Bureau]
) -> None:
    """The same is kept, and the page says all that the command says, then and later; once, with a reason."""
    desk, line = twins
    day, names = desk.now[:10], names_of(planned)
    first = visits_of(planned)[day][0]
    for bureau in twins:
        bureau.ok("plan", "release", *key(bureau))
    client = browser(desk)
    address = f"/plans/1/days/{day}/stand-in/{first['id']}"
    assert f'href="{address}"' in client.page(f"/plans/1/days/{day}")
    page = client.page(address)
    assert names[first["unit"]] in text_of(page)
    before = kept(desk)
    wrong = client.submit(address, page, {"reason": "停课", "password": "not this"})
    assert wrong.status_code == 400
    assert 'value="停课"' in wrong.text
    for fields in ({"reason": "", "password": PASSWORD}, {"reason": "停课"}):
        assert client.submit(address, wrong.text, fields).status_code == 400
    assert kept(desk) == before
    done = client.submit(address, page, {"reason": "停课", "password": PASSWORD})
    assert done.headers["location"] == address, text_of(done.text)
    said = line.run("draw", "reserve", 1, "--visit", first["id"], "--reason", "停课", *key(line))
    assert said.exit_code == 0
    assert kept(desk)[:2] == kept(line)[:2]
    assert kept(desk)[2] == before[2] + 1
    unit = kept(desk)[1][first["id"]]["by"]
    assert names[unit] in said.stdout
    text = text_of(client.page(address))
    assert f"{names[unit]} stands in for {names[first['unit']]}" in text
    lines = [one for one in said.stderr.splitlines() if one]
    assert any("the team is there at" in one for one in lines)
    for other in (client, opened(desk)):
        text = text_of(other.page(address)).replace("The team is", "the team is")
        assert not [one for one in lines if one not in text]
        assert f"instead of {names[first['unit']]}" in text_of(other.page(f"/plans/1/days/{day}"))
    assert client.submit(address, page, {"reason": "停课", "password": PASSWORD}).status_code == 409
    assert "Unit of the reserve called up" in text_of(client.page("/"))


def test_what_a_stand_in_means_is_said_on_its_page(
    planned: Bureau, twins: tuple[Bureau, Bureau], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A conflict, a closed day, a tour that ends late: each is told as something to be done."""
    desk, line = twins
    day = desk.now[:10]
    first = visits_of(planned)[day][0]
    whole = releasing._standing_in

    def worse(db: Any, visit: str, unit: str, visits: Any, *others: Any) -> StandIn:
        found = whole(db, visit, unit, visits, *others)
        assert found.tour is not None
        team = next(one["team"] for one in visits if one["id"] == visit)
        tour = replace(found.tour, back=found.tour.ends + 20)
        return replace(found, conflicts=tuple(team), shut=True, tour=tour)

    monkeypatch.setattr(releasing, "_standing_in", worse)
    for bureau in twins:
        bureau.ok("plan", "release", *key(bureau))
    said = line.run("draw", "reserve", 1, "--visit", first["id"], "--reason", "停课", *key(line))
    client = opened(desk)
    address = f"/plans/1/days/{day}/stand-in/{first['id']}"
    done = client.submit(address, client.page(address), {"reason": "停课"})
    assert done.status_code == 303, text_of(done.text)
    text = text_of(browser(desk).page(address))
    lines = said.stderr.splitlines()
    assert len(lines) == text.count("to be done") == 3
    for one in lines:
        assert one.partition("`")[0].removeprefix("the team is") in text
    assert "`" not in text


def test_nobody_stands_in_where_nothing_may_be_known(planned: Bureau, twins: tuple[Bureau, Bureau]) -> None:
    """A sealed visit has no such page without the key; one of which it was said what became has no form."""
    desk = twins[0]
    day = desk.now[:10]
    first, second = visits_of(planned)[day][:2]
    address = f"/plans/1/days/{day}/stand-in/{first['id']}"
    client = browser(desk)
    assert client.get(address).status_code == 404
    missing = client.get(f"/plans/1/days/{day}/stand-in/{'0' * 16}")
    assert text_of(missing.text) == text_of(client.get(address).text)
    assert client.submit(address, client.page("/plans/1"), {"reason": "停课"}).status_code == 404
    desk.ok("plan", "release", *key(desk))
    page = client.page(address)
    desk.ok("draw", "outcome", 1, "--visit", first["id"], "--as", "done")
    before = kept(desk)
    late = client.submit(address, page, {"reason": "停课", "password": PASSWORD})
    assert "It was said meanwhile" in text_of(late.text)
    assert kept(desk) == before
    for other in (client, opened(desk)):
        assert other.get(address, follow_redirects=False).status_code == 303
        assert f'href="{address}"' not in other.page(f"/plans/1/days/{day}")
    assert second["id"] in client.page(f"/plans/1/days/{day}")


# the list of plans


def test_after_the_period_no_stand_in_is_offered(twins: tuple[Bureau, Bureau]) -> None:
    """On a later day of it with a warning; afterwards the number is to be closed."""
    bureau = twins[0]
    day = bureau.now[:10]
    bureau.ok("plan", "release", *key(bureau))
    link = f"/plans/1/days/{day}/stand-in/"
    first = re.findall(rf'href="({link}[^"]*)"', browser(bureau).page(f"/plans/1/days/{day}"))[0]
    assert "This day is past" not in text_of(browser(bureau).page(first))
    bureau.now = f"{date.fromisoformat(day) + timedelta(days=1)}T08:00:00+08:00"
    assert "This day is past" in text_of(browser(bureau).page(first))
    bureau.now = "2027-01-05T08:00:00+08:00"
    assert link not in browser(bureau).page(f"/plans/1/days/{day}")


def due_in(client: Client) -> str:
    """What the list of plans says that the plan waits for."""
    (cell,) = re.findall(r'<td class="plan-due"[^>]*>(.*?)</td>', client.page("/plans"))
    return "; ".join(re.findall(r"<a [^>]*>([^<]*)</a>", unescape(cell)))


def test_the_list_of_plans_says_what_each_waits_for(planned: Bureau, twins: tuple[Bureau, Bureau]) -> None:
    """Release, outcomes, news, close, each with its page."""
    desk = twins[0]
    day, several = desk.now[:10], visits_of(planned)[desk.now[:10]]
    past = sum(len(own) for other, own in visits_of(planned).items() if other < day)
    asked = "release today's visits, if there are any"
    assert due_in(browser(desk)) == asked
    assert due_in(opened(desk)).startswith(f"release {len(several)} visits of today")
    assert (f"{past} of past days without an outcome" in due_in(opened(desk))) == bool(past)
    desk.ok("plan", "release", *key(desk))
    assert due_in(browser(desk)) == f"{len(several)} of today without an outcome"
    desk.ok("leave", "import", _leave_in(desk, "o05"))
    assert due_in(browser(desk)).endswith("; 1 thing became known since")
    desk.ok("draw", "outcome", 1, "--as", "done")
    desk.now = desk.now.replace(day, f"{date.fromisoformat(day) + timedelta(days=1)}")
    idle = due_in(browser(desk)).replace(asked + "; ", "")
    assert idle == "1 thing became known since"
    desk.now = "2027-01-04T09:00:00+08:00"
    assert due_in(browser(desk)) == "close and publish"


def _leave_in(bureau: Bureau, person: str) -> Path:
    """A list with one leave to the end of the month."""
    file = bureau.folder / "one-leave.csv"
    file.write_text(f"person,from,to\n{person},2026-12-20,2026-12-31\n", encoding="utf-8")
    return file


# every page of a plan whose key has a password


@pytest.fixture(scope="module")
def crawled(planned: Bureau, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Client, Crawl]]:
    """The plan's pages after a crawl: locked, locked with the day released and a unit replaced, opened."""
    day = crowded(planned)
    own = copied(planned.folder, tmp_path_factory.mktemp("crawled") / "own", f"{day}T08:00:00+08:00")
    first, second = (one["id"] for one in visits_of(planned)[day][:2])
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        work_never(patch)
        files_here(patch)
        set_language("zh")
        for state in ("locked", "released", "opened"):
            client = desk_of(own.db, language="zh", now=datetime.fromisoformat(own.now))
            if state == "opened":
                client.submit("/plans/1/open", client.page("/plans/1"), {"password": PASSWORD})
            start = (f"/plans/1/days/{day}", "/plans/1")
            if state == "released":  # before the form of the day says what became of it
                start = (f"/plans/1/days/{day}/stand-in/{second}", *start)
            found[state] = client, crawl(client, start, alike=1, within="/plans", spare=("/plans/1/lock",))
            if state == "locked":
                own.ok("plan", "release", *key(own))
                own.ok("draw", "reserve", 1, "--visit", first, "--reason", "停课", *key(own))
    return found


def test_every_page_of_a_locked_plan_leads_somewhere(crawled: dict[str, tuple[Client, Crawl]]) -> None:
    """Locked, with a day released, and opened; every form is answered, and nothing sealed is shown."""
    kinds = {state: {kind_of(one) for one in done.pages} for state, (_client, done) in crawled.items()}
    for _client, done in crawled.values():
        assert "\n".join(done.faults) == ""
        assert done.sent >= 3
    assert kinds["locked"] < kinds["opened"]
    assert "/plans/*/days/*/*/*?" in kinds["released"] - kinds["locked"]  # a stand-in
    assert len(kinds["opened"]) >= 10


def test_axe_finds_nothing_on_pages_of_a_locked_plan(crawled: dict[str, tuple[Client, Crawl]]) -> None:
    """The plan, its days, who stands in, in each state: light with all rules, dark and small with colours."""
    library("playwright.sync_api")
    pages: dict[str, str] = {}
    for state, (_client, done) in crawled.items():
        for address, text in done.pages.items():
            # what a key that has a password makes of pages; a plan without one is looked at with all others
            if re.fullmatch(r"/plans/1(/days/[-\d]+(/stand-in/.*)?)?", address):
                pages[f"{state} {address}"] = text
    (href,) = {one for text in pages.values() for one in re.findall(r'href="([^"]+desk\.css)"', text)}
    style = f"<style>{crawled['locked'][0].get(href).text}</style>"
    found: list[str] = []
    with browser_running() as browser:
        for scheme, width, asked in (("light", 1280, EVERYTHING), ("dark", 360, COLOURS)):
            page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
            for address, text in pages.items():
                page.set_content(re.sub(r"<link rel=\"stylesheet\"[^>]*>|<script[^>]*></script>", "", text)
                                 .replace("</head>", f"{style}</head>"))  # fmt: skip
                found += [f"{scheme} {address} {one}" for one in faults_on(page, asked)]
            page.close()
    assert "\n".join(found) == ""

"""The field in the header finds whatever has a page, in both languages."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from auditor.desk import by_name
from auditor.i18n import LANGUAGES, _, set_language
from auditor.workflow import bureau, past, people, years
from auditor.workflow.domains import load_all
from auditor.workflow.duty import leave_requests
from auditor.workflow.months import calendar
from desk_client import NOW, Client, county_in, desk_of, text_of


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic county with a request of each kind and days without visits."""
    path = county_in(tmp_path_factory.mktemp("search") / "bureau.db")
    with bureau.opened(path) as db:
        unit = db.execute("select id from units where site_of = '' order by id").fetchone()[0]
        someone, other = (one["id"] for one in people.list_staff(db)[:2])
        first, last = date(2031, 3, 3), date(2031, 3, 5)
        head = leave_requests.Ask(
            who="欧阳校", first=first, last=last, unit=unit, post="校长", acting="司徒副"
        )
        leave_requests.ask(db, head, NOW)
        own = leave_requests.Ask(who=someone, first=first, last=last, kind="out-of-town", acting=other)
        made, _against = leave_requests.ask(db, own, NOW)
        leave_requests.decide(db, made["id"], agreed=True, by="局长", note="", now=NOW)
        past.add_blackout(db, "", date(2031, 6, 7), date(2031, 6, 9), "exam", "高考", NOW)
    return path


@pytest.fixture(scope="module")
def clients(file: Path) -> dict[str, Client]:
    """A browser for each language."""
    return {language: desk_of(file, language=language) for language in LANGUAGES}


def found_in(page: str) -> dict[str, list[tuple[str, str]]]:
    """What a page found by kind: address and name."""
    link = re.compile(r'<li><a href="([^"]+)">([^<]*)<')
    return {
        kind: [(unescape(url), unescape(name)) for url, name in link.findall(own)]
        for kind, own in re.findall(r'<section id="found-(\w+)">(.*?)</section>', page, re.S)
    }


def test_every_page_of_the_header_and_the_menu_is_found_by_its_name(clients: dict[str, Client]) -> None:
    """In either language, whichever the desk speaks: by what the links and the titles call it."""
    desk = clients["zh"].desk
    named = {address.partition("#")[0] for address in by_name.NAMED}
    plain = {one.path for one in desk.routes if "{" not in one.path and "GET" in (one.methods or ())}
    files = {one for one in plain if "." in one.rpartition("/")[2]}
    assert named <= plain
    assert plain - files - named == {"/welcome", "/leave/one"}
    assert {path for path, _word in desk.nav} <= named
    for language in LANGUAGES:
        set_language(language)
        names = {address: _(name) for address, (name, _words) in by_name.NAMED.items()}
        for other in LANGUAGES:
            set_language(other)
            found = {one.key: one for one in by_name.named_pages()}
            assert all(found[address].holds(name.casefold().split()) for address, name in names.items())
    for asked, address in (
        ("值班", "/rosters"), ("请假", "/leave"), ("日历", "/calendars"), ("校验", "/verify"),
        ("抽取", "/draws"), ("health", "/health"), ("体检", "/health"), ("LEAVE", "/leave"),
        ("递补", "/plans"),
    ):  # fmt: skip
        for client in clients.values():
            pages = found_in(client.page(f"/search?q={asked}"))["page"]
            assert address in [url for url, _name in pages], asked


def test_what_is_found_stands_where_the_link_leads(clients: dict[str, Client]) -> None:
    """Items, named days, leave by who acts, requests of heads of units, black-outs: two characters do."""
    for asked, kind, url in (
        ("灭火器", "item", "/domains/fire#item-"), ("灭火", "item", "/domains/fire#item-"),
        ("extinguisher", "item", "/domains/fire#item-"), ("消防", "domain", "/domains/fire"),
        ("国庆", "days", "/calendars/2026"), ("高考", "blackout", "/calendars/2031#blackouts"),
        ("司徒", "request", "/leave/requests/2031-0001"), ("校长", "request", "/leave/requests/2031-0001"),
        ("2031-03", "leave", "/leave/one?"),
    ):  # fmt: skip
        for language, client in clients.items():
            found = found_in(client.page(f"/search?q={asked}"))
            (address, name) = next(one for one in found[kind] if one[0].startswith(url))
            page = client.page(address.partition("#")[0])
            assert f'id="{address.partition("#")[2]}"' in page or "#" not in address
            if kind not in ("blackout", "leave"):
                assert name in unescape(page), (asked, language)


def test_leave_is_found_by_whom_it_is_and_by_who_acts(file: Path, clients: dict[str, Client]) -> None:
    """A leave that was agreed to stands once, as leave; a request of a unit's head says unit and days."""
    with bureau.opened(file) as db:
        someone, other = people.list_staff(db)[:2]
    for asked in (someone["name"], other["name"]):
        found = found_in(clients["en"].page(f"/search?q={asked} 2031"))
        assert [name for _url, name in found["leave"]] == [someone["name"]]
        assert "request" not in found
    text = text_of(clients["en"].page("/leave/requests/2031-0001"))
    assert all(one in text for one in ("欧阳校", "司徒副 acts", "Agree"))
    assert clients["en"].get("/leave/requests/2031-0009").status_code == 404


def test_counts_are_of_all_and_the_first_are_shown(clients: dict[str, Client]) -> None:
    """A kind of many says how many; what a plain look finds is what is counted."""
    page = clients["zh"].page("/search?q=学校")
    items = sum("学校" in one.zh for domain in load_all().domains.values() for one in domain.items)
    shown = found_in(page)["item"]
    (count,) = re.findall(r'id="found-item"><h2>[^<]*<span class="soft">(\d+)', page)
    assert len(shown) == 20 < items <= int(count)
    seen = ["值班" in name for _url, name in found_in(clients["zh"].page("/search?q=值班"))["item"]]
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == {True, False}  # how it is checked is found too
    assert f"{int(count) - 20}" in text_of(page)
    for asked in ("", "没有这样的词"):
        text = text_of(clients["en"].page(f"/search?q={asked}"))
        assert "Items of checklists" in text
        assert "What is sealed is not searched" in text


def test_named_days_are_those_of_the_calendar_day_by_day() -> None:
    """Days on end of one name are one line; a plain look at every day of the years finds the same."""
    of = calendar()
    lines = {
        (day, one.name, one.off)
        for one in years.named_days(of)
        for day in map(date.fromordinal, range(one.first.toordinal(), one.last.toordinal() + 1))
    }
    months = [f"{year}-{month:02d}" for year in (2026, 2027) for month in range(1, 13)]
    days = [one for month in months for one in of.days_of(month)]
    plain = {
        (one.day, one.name, one.cls == "holiday")
        for one in days
        if one.cls == "holiday" or (one.cls == "work" and one.day.weekday() >= 5)
    }
    assert plain
    assert {one for one in lines if one[0].year in (2026, 2027)} == plain

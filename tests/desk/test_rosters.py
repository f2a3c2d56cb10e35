"""Rosters in the browser: a month from nothing to published, a swap, a sick call, and what it gives out."""

from __future__ import annotations

import importlib
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from auditor.desk import jobs
from auditor.desk.places import write_json
from auditor.desk.rooms import roster_duty
from auditor.desk.rooms.rosters import fairness_of
from auditor.desk.work import Task, in_both
from auditor.entities import Leave
from auditor.errors import AuditorError
from auditor.i18n import set_language
from auditor.roster.alone import forbidding
from auditor.roster.changes import rows_of, spans
from auditor.store.rosters import read_roster, read_roster_months
from auditor.store.staff import put_leave, put_staff, read_leave, read_staff
from auditor.store.writing import write_tx
from auditor.workflow import bureau, leave_lists
from auditor.workflow.duty import (
    desk_settings,
    roster_changes,
    roster_choices,
    roster_life,
    roster_outputs,
    roster_rebuild,
    rosters,
)
from auditor.workflow.duty.roster_revisions import local
from auditor.workflow.duty.roster_words import out_of_turn
from auditor.workflow.months import month_of
from auditor.workflow.people import names
from desk_client import NOW, Client, county_in, desk_of, text_of

MONTH = "2026-12"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau with the county and a draft of December."""
    path = county_in(tmp_path_factory.mktemp("made") / "bureau.db")
    with bureau.opened(path) as db:
        roster_life.revise(db, MONTH, rosters.make(db, month_of(MONTH)), now=NOW)
    return path


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copy(made, tmp_path / "bureau.db"))


@pytest.fixture
def client(file: Path) -> Client:
    """A browser that came through the door."""
    return desk_of(file)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long work is done in this process, before its page is shown."""

    def launch(self: jobs.Jobs, number: int, order: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        path = self._order(number)
        write_json(path, {**order, "pid": 0, "started": ""})
        task = Task(path, dict(secrets))
        try:
            outcome = importlib.import_module(f"auditor.desk.tasks.{order['kind']}").run(task)
        except AuditorError as error:
            task.note(state="failed", error=in_both(error))
        else:
            task.note(state="done", outcome=outcome)
        set_language(order["language"])

    monkeypatch.setattr(jobs.Jobs, "_launch", launch)
    return


def publish(path: Path) -> None:
    """Bring December to its end."""
    with bureau.opened(path) as db:
        for step in ("submitted", "approved", "published"):
            roster_life.advance(db, MONTH, step, by="李局长", now=NOW)


def roster_in(path: Path, month: str = MONTH) -> dict[str, Any]:
    """The stored roster."""
    with bureau.opened(path) as db:
        found = read_roster(db, month)
    assert found is not None
    return found


def names_in(path: Path) -> dict[str, str]:
    """Everybody's name by id."""
    with bureau.opened(path) as db:
        return dict(names(db))


def a_duty(path: Path, *, after: str = "2026-12-10", post: str = "day") -> tuple[str, str, str]:
    """A duty to come: date, post, person."""
    return min(row for row in rows_of(roster_in(path)) if row[0] > after and row[1] == post)


def token_before(page: str, action: str) -> str:
    """The token of the form with this action."""
    found = re.search(
        rf'action="{re.escape(action)}"[^>]*><input type="hidden" name="token" value="([^"]+)"', page
    )
    assert found is not None, action
    return found[1]


def result_of(page: str) -> str:
    """Where a piece of work shows its result."""
    found = re.search(r'href="([^"]+)" data-action="result"', page)
    assert found is not None
    return unescape(found[1])


def form_fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's last form."""
    last = page.rpartition("<form")[2]
    return {
        unescape(name): unescape(value)
        for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', last)
        if name != "token"
    }


def test_a_month_without_a_roster_has_the_button_that_makes_it(
    client: Client, file: Path, at_once: None
) -> None:
    """200 with the button; one click makes a draft, whose page says so."""
    page = client.page("/rosters/2027-01")
    assert 'data-action="make"' in page
    answer = client.submit("/rosters/2027-01/make", page)
    assert answer.status_code == 303
    job = client.page(answer.headers["location"])
    assert "duties are filled" in text_of(job)
    assert 'href="/rosters/2027-01"' in job
    shown = client.page("/rosters/2027-01")
    assert 'data-action="submit"' in shown
    assert len(roster_in(file, "2027-01")["assignments"]) == len(re.findall(r'class="who[ "]', shown))


def test_every_view_shows_every_duty_once(client: Client, file: Path) -> None:
    """Grid, people and list show the same duties as the record."""
    count = len(roster_in(file)["assignments"])
    for view in ("month", "people", "list"):
        page = client.page(f"/rosters/{MONTH}?view={view}")
        main = page.partition("<main")[2].partition('id="side"')[0]
        assert (
            len(re.findall(rf'<a (?:class="sq [^"]*" )?href="/rosters/{MONTH}/\d+/[^"?]+\?who=', main))
            == count
        )


def test_weekends_holidays_and_key_periods_are_said_in_words(tmp_path: Path, file: Path) -> None:
    """More than a tint: each has a word in its cell."""
    with bureau.opened(file) as db:
        roster_life.revise(db, "2027-02", rosters.make(db, month_of("2027-02")), now=NOW)
    page = text_of(desk_of(file).page("/rosters/2027-02"))
    of = month_of("2027-02")
    assert page.count(" off ") >= sum(day.cls == "weekend" for day in of.days)
    for day in of.days:
        if day.cls == "holiday" and day.name:
            assert day.name[:6].rstrip("…") in page or "holiday" in page


def test_from_draft_to_published_and_locked(client: Client, file: Path) -> None:
    """One main button a state; approval asks who; each step stands in the history with its name."""
    page = client.page(f"/rosters/{MONTH}")
    action = f"/rosters/{MONTH}/step/submit"
    assert client.post(action, data={"token": token_before(page, action)}).status_code == 200
    page = client.page(f"/rosters/{MONTH}/step/approve")
    action = f"/rosters/{MONTH}/step/approve"
    nobody = client.post(action, data={"token": token_before(page, action)}, follow_redirects=False)
    assert nobody.status_code == 400
    page = client.page(action)
    answer = client.post(action, data={"token": token_before(page, action), "by": "李局长"})
    assert "approved" in text_of(answer.text)
    assert 'data-action="publish"' in answer.text
    action = f"/rosters/{MONTH}/step/publish"
    answer = client.post(action, data={"token": token_before(answer.text, action)})
    assert 'data-action="sick"' in answer.text
    history = text_of(client.page(f"/rosters/{MONTH}/history"))
    assert history.count("李局长") == 1
    with bureau.opened(file) as db:
        assert roster_life.state(db, MONTH) == "published"
    home = f"/?month={MONTH}"
    assert re.search('data-step="roster" data-state="done"', client.page(home))
    duty = next(one for one in roster_in(file)["assignments"] if one["date"] > f"{NOW:%Y-%m-%d}")
    with bureau.opened(file) as db:
        leave_lists.add_leave(db, duty["person"], duty["date"], duty["date"], now=NOW)
    page = client.page(home)
    assert re.search('data-step="roster" data-state="stale"', page)
    assert "clash" in text_of(page)


def test_what_was_changed_since_it_was_looked_at_is_asked_before_it_is_published(
    client: Client, file: Path
) -> None:
    """The page showed revision 3; there is a fourth now: both are named, and one click publishes."""
    with bureau.opened(file) as db:
        for step in ("submitted", "approved"):
            roster_life.advance(db, MONTH, step, by="李局长", now=NOW)
    page = client.page(f"/rosters/{MONTH}")
    with bureau.opened(file) as db:
        roster_life.hold(db, MONTH, [("2026-12-20", "day")], now=NOW)
    action = f"/rosters/{MONTH}/step/publish"
    fields = {"token": token_before(page, action), "was": '{"revision": 3}'}
    answer = client.post(action, data=fields, follow_redirects=False)
    assert answer.status_code == 409
    with bureau.opened(file) as db:
        assert roster_life.state(db, MONTH) == "approved"
    assert client.submit(action, answer.text).status_code == 303
    with bureau.opened(file) as db:
        assert roster_life.state(db, MONTH) == "published"


def test_refusals_speak_of_pages_and_not_of_commands(client: Client, file: Path) -> None:
    """A step out of turn, a roster made anew though published: a sentence without a command."""
    publish(file)
    page = client.page("/rosters/2027-01/make")
    for action in (f"/rosters/{MONTH}/step/submit", f"/rosters/{MONTH}/make"):
        answer = client.submit(action, page)
        assert answer.status_code in (400, 409)
        assert "auditor roster" not in text_of(answer.text)
        assert "published" in text_of(answer.text)
        page = client.page("/rosters/2027-01/make")


def test_a_roster_is_given_back_with_its_reason(client: Client, file: Path) -> None:
    """Declined, it is a draft again, and the history says why."""
    with bureau.opened(file) as db:
        roster_life.advance(db, MONTH, "submitted", now=NOW)
    page = client.page(f"/rosters/{MONTH}/step/approve")
    action = f"/rosters/{MONTH}/step/decline"
    client.post(action, data={"token": token_before(page, action), "by": "李局长", "reason": "带班太集中"})
    assert "带班太集中" in client.page(f"/rosters/{MONTH}/history")
    assert 'data-action="submit"' in client.page(f"/rosters/{MONTH}")


def kept_whole(db: Any, change: Callable[[], dict[str, Any]]) -> tuple[int, dict[str, Any]] | None:
    """Give unfairness and counters of the last month where a change, tried whole, is allowed; else None."""
    try:
        told = change()
    except AuditorError:
        return None
    month, stored = last_of(db)
    after = next((one for one in told["months"] if one["month"] == month), stored)
    return after["objective"], after["counters"]


def last_of(db: Any) -> tuple[str, dict[str, Any]]:
    """Give the last month that is made, and its roster."""
    month = max(read_roster_months(db))
    return month, read_roster(db, month) or {}


def agree(db: Any, choice: roster_choices.Choice, tried: tuple[int, dict[str, Any]] | None) -> None:
    """See that what was judged is what comes of it: whether it may be, unfairness, counters that change."""
    assert (tried is None) == bool(choice.why), choice
    if tried is not None:
        old = last_of(db)[1]["counters"]
        assert choice.objective == tried[0]
        for who, own in choice.counters.items():
            assert own == {
                name: (old[who][name], new) for name, new in tried[1][who].items() if old[who][name] != new
            }


def test_the_choices_are_those_of_the_tried_changes(file: Path) -> None:
    """Judged at once, or each tried whole and undone: the same people and figures, the fairest first."""
    publish(file)
    day, post, who = a_duty(file, post="lead")
    duty = f"{day}/{post}"
    with bureau.opened(file) as db:
        found = roster_choices.substitutes(db, who, duty, now=NOW)
        for one in (*found.possible, *found.impossible):
            agree(
                db, one,
                kept_whole(db, partial(
                    roster_changes.take_over, db, who, duty, one.person, now=NOW, dry_run=True
                )),
            )  # fmt: skip
        assert found.possible
        assert found.impossible
        assert [one.objective for one in found.possible] == sorted(one.objective for one in found.possible)


def test_the_choices_count_on_into_the_months_after(file: Path) -> None:
    """With January made as well, both still agree, also on a swap across the new year."""
    with bureau.opened(file) as db:
        roster_life.revise(db, "2027-01", rosters.make(db, month_of("2027-01")), now=NOW)
        day, post, who = max(row for row in rows_of(roster_in(file)) if row[1] == "lead")
        pairs = roster_choices.partners(db, who, f"{day}/{post}", now=NOW)
        assert pairs.until == "2027-01"
        assert any(one.day > "2027" for one in pairs.possible)
        for one in (*pairs.possible[::3], *pairs.impossible[::3]):
            agree(
                db, one,
                kept_whole(db, partial(
                    roster_changes.swap, db, who, f"{day}/{post}", one.person, f"{one.day}/{one.post}",
                    agreed=True, now=NOW, dry_run=True,
                )),
            )  # fmt: skip


def test_a_take_over_is_shown_before_it_is_kept(client: Client, file: Path) -> None:
    """The panel offers, the next page shows the difference and whom to tell, and only its button keeps it."""
    publish(file)
    day, post, who = a_duty(file)
    address = f"/rosters/{MONTH}/{int(day[8:])}/{post}"
    panel = client.page(f"{address}?who={who}", **{"hx-request": "true"})
    assert "<html" not in panel
    url = unescape(re.findall(r'data-action="choose" href="([^"]+)"', panel)[0])
    before = roster_in(file)
    page = client.page(url)
    assert roster_in(file) == before
    assert "→" in page
    assert "To be told" in page
    answer = client.submit(f"{address}/change", page, {**form_fields(page), "reason": "发烧", "by": "王芳"})
    assert answer.status_code == 303
    other = form_fields(page)["to"]
    assert rows_of(roster_in(file)) == (rows_of(before) - {(day, post, who)}) | {(day, post, other)}
    shown = client.page(f"{address}?who={other}")
    assert "发烧" in shown
    again = client.submit(f"{address}/change", page, form_fields(page))
    assert again.status_code == 409
    assert "Nothing was done a second time" in text_of(again.text)


def test_a_swap_needs_both_to_agree_or_a_reason(client: Client, file: Path) -> None:
    """Both duties change hands, and the history says that both agreed."""
    publish(file)
    day, post, who = a_duty(file, post="lead")
    address = f"/rosters/{MONTH}/{int(day[8:])}/{post}"
    panel = client.page(f"{address}?who={who}&how=swap")
    url = unescape(re.findall(r'data-action="choose" href="([^"]+)"', panel)[0])
    page = client.page(url)
    silent = client.submit(f"{address}/change", page, {**form_fields(page), "agreed": "0"})
    assert silent.status_code == 400
    page = client.page(url)
    fields = form_fields(page)
    assert client.submit(f"{address}/change", page, {**fields, "agreed": "1"}).status_code == 303
    rows = rows_of(roster_in(file))
    theirs = tuple(fields["with"].split("/"))
    assert (day, post, fields["to"]) in rows
    assert (*theirs, who) in rows
    assert "both agreed" in text_of(client.page(f"/rosters/{MONTH}/history"))


def test_a_refused_change_comes_back_with_what_was_asked(client: Client, file: Path) -> None:
    """Nobody said that both agree: the form again, as it was filled in. The duty went to somebody else
    meanwhile: its page, with what was asked, why it cannot be, whose it is now and who could take it.
    """
    publish(file)
    day, post, who = a_duty(file, post="lead")
    address = f"/rosters/{MONTH}/{int(day[8:])}/{post}"
    panel = client.page(f"{address}?who={who}&how=swap")
    pages = [
        client.page(unescape(url)) for url in re.findall(r'data-action="choose" href="([^"]+)"', panel)[:2]
    ]
    fields = {**form_fields(pages[0]), "agreed": "0", "by": "王芳", "approver": "李局长", "reason": ""}
    silent = client.submit(f"{address}/change", pages[0], fields)
    assert silent.status_code == 400
    assert re.search(r'value="0" checked', silent.text)
    assert 'value="王芳"' in silent.text
    assert 'value="李局长"' in silent.text
    assert client.submit(f"{address}/change", silent.text, {**fields, "reason": "培训"}).status_code == 303
    kept, called = roster_in(file), names_in(file)
    late = client.submit(f"{address}/change", pages[1], {**fields, **form_fields(pages[1]), "reason": "发烧"})
    assert late.status_code == 409
    told = text_of(late.text)
    assert called[who] in told
    assert f"{day}/" not in told
    assert called[form_fields(pages[1])["to"]] in told
    assert f"On duty: {called[form_fields(pages[0])['to']]}" in told
    again = unescape(re.findall(r'data-action="choose" href="([^"]+)"', late.text)[0])
    assert 'value="发烧"' in client.page(again)
    assert roster_in(file) == kept


def test_a_change_that_became_another_one_is_asked_again(client: Client, file: Path) -> None:
    """Somebody else gave the duty away meanwhile: nothing is kept, and the page says so."""
    publish(file)
    day, post, who = a_duty(file)
    address = f"/rosters/{MONTH}/{int(day[8:])}/{post}"
    urls = re.findall(r'data-action="choose" href="([^"]+)"', client.page(f"{address}?who={who}"))
    page, other = client.page(unescape(urls[0])), client.page(unescape(urls[1]))
    assert client.submit(f"{address}/change", other, form_fields(other)).status_code == 303
    kept = roster_in(file)
    late = client.submit(f"{address}/change", page, form_fields(page))
    assert late.status_code in (400, 409)
    assert roster_in(file) == kept


def test_a_sick_call_is_worked_out_shown_and_then_kept(client: Client, file: Path, at_once: None) -> None:
    """Nothing is kept before it is accepted; then just what was shown, and the leave with it."""
    publish(file)
    day, _post, who = a_duty(file)
    before = roster_in(file)
    page = client.page(f"/rosters/{MONTH}/sick?who={who}&from={day}")
    answer = client.submit(
        f"/rosters/{MONTH}/sick", page, {"who": who, "from": day, "to": day, "reason": "病假"}
    )
    assert answer.status_code == 303
    job = client.page(answer.headers["location"])
    assert "nothing is kept yet" in text_of(job)
    assert roster_in(file) == before
    shown = client.get(result_of(job))
    assert 'data-action="accept"' in shown.text
    assert "proven least" in shown.text
    address = str(shown.url.path)
    answer = client.submit(address, shown.text)
    job = client.page(answer.headers["location"])
    assert "moved" in text_of(job)
    after = roster_in(file)
    gone = rows_of(before) - rows_of(after)
    assert any(row[0] == day and row[2] == who for row in gone)
    assert not any(row[0] == day and row[2] == who for row in rows_of(after))
    assert "work it out again" in text_of(client.page(address))


def test_a_sick_call_in_a_locked_month_keeps_the_leave_and_names_the_way(
    client: Client, file: Path, at_once: None
) -> None:
    """Before: the lock says how much is still to come. After: the month and the check name who is away."""
    publish(file)
    rows = rows_of(roster_in(file))
    starts = [spans(roster_in(file))[row[:2]][0] for row in rows]
    to_come = sum(start > local(NOW) for start in starts)
    assert f"{to_come} duties are still to come" in text_of(client.page(f"/rosters/{MONTH}/step/lock"))
    with bureau.opened(file) as db:
        roster_life.advance(db, MONTH, "locked", now=NOW)
    day, _post, who = a_duty(file)
    page = client.page(f"/rosters/{MONTH}/sick?who={who}&from={day}")
    assert "The month is locked" in text_of(page)
    answer = client.submit(f"/rosters/{MONTH}/sick", page, {"who": who, "from": day, "to": day})
    shown = client.page(result_of(client.page(answer.headers["location"])))
    told = text_of(shown)
    assert "keep every rule" not in told
    assert "Wrong all the same" in told
    assert f'href="/rosters/{MONTH}/step/reopen"' in shown
    assert 'data-action="accept"' in shown
    action = re.findall(r'action="(/rosters/repairs/\d+)"', shown)[0]
    assert client.submit(action, shown).status_code == 303
    with bureau.opened(file) as db:
        assert [one.person for one in read_leave(db) if one.from_on.isoformat() == day] == [who]
        broken = rosters.check(db, read_roster(db, MONTH), month_of(MONTH), NOW)
    assert {one.rule for one in broken} == {"leave"}
    assert rows_of(roster_in(file)) == rows
    month = client.page(f"/rosters/{MONTH}")
    assert 'data-action="reopen"' in month
    assert "clashes with what is known today" in text_of(month)


def test_several_turns_that_were_left_for_one_duty_are_one_duty(client: Client, file: Path) -> None:
    """A turn that was passed over has a row of its own; what is counted is duties, everywhere the same."""
    left, made_up = set(), set()
    for row in roster_in(file)["departures"]:
        (made_up if row["rule"] == "made-up" else left).add((row["date"], row["post"], row["given"]))
    made_up -= left
    rows = [{"date": "d", "post": "p", "given": "x", "rule": rule} for rule in ("rest", "made-up", "leave")]
    assert out_of_turn([*rows, {**rows[1], "given": "y"}]) == (1, 1)
    for address in (f"/rosters/{MONTH}/step/submit", f"/rosters/{MONTH}/turns"):
        told = text_of(client.page(address))
        assert f"{len(left)} dut" in told
        assert f"{len(made_up)} make" in told or not made_up


def test_what_cannot_be_mended_says_why_and_what_helps(client: Client, file: Path, at_once: None) -> None:
    """All leaders ill: the seats, the rules and the ways out; nothing is kept."""
    publish(file)
    before = roster_in(file)
    leaders = [row["id"] for row in before["people"] if row["role"] == "leader"]
    with bureau.opened(file) as db, write_tx(db, "leave import", NOW) as tx:
        put_leave(
            tx,
            [
                Leave(person=one, from_on=date(2026, 12, 14), to_on=date(2026, 12, 16), kind="培训")
                for one in leaders
            ],
        )
    month = client.page(f"/rosters/{MONTH}")
    assert "clash with what is known today" in text_of(month)
    action = f"/rosters/{MONTH}/repair"
    answer = client.post(action, data={"token": token_before(month, action)}, follow_redirects=False)
    job = client.page(answer.headers["location"])
    assert "No change keeps the rules" in text_of(job)
    shown = client.get(result_of(job))
    words = text_of(shown.text)
    assert "Tue 15 Dec" in words
    assert "Ways out" in words
    assert roster_in(file) == before


def test_a_month_whose_rules_contradict_one_another_is_not_offered_with_empty_seats(
    client: Client, file: Path, tmp_path: Path, at_once: None
) -> None:
    """A weekend goes over the month's edge, and three come together where two seats are: no seats help."""
    settings, july = tmp_path / "desk.toml", month_of("2027-07")
    settings.write_text('weekend_block = ["day"]\n', encoding="utf-8")
    with bureau.opened(file) as db:
        desk_settings.keep_desk(db, settings, NOW)
        record = rosters.make(db, july)
        roster_life.revise(db, july.key, record, now=NOW)
        held = {row[:2]: row[2] for row in rows_of(record)}
        going = held["2027-07-31", "day"]
        near = {going, held["2027-07-31", "night"], held["2027-07-30", "night"]}
        august = rosters.problem_of(db, month_of("2027-08"))
        night = next(one for one in august.shifts if one.post.id == "night")
        two, three = [
            one.id
            for one in august.people
            if one.fills(night) and one.id not in near and not forbidding(august, one, night, ())
        ][:2]
        ties = ", ".join(f'{{people = ["{who}", "{two}"], together = true}}' for who in (going, three))
        settings.write_text(f'weekend_block = ["day"]\npairs = [{ties}]\n', encoding="utf-8")
        desk_settings.keep_desk(db, settings, NOW)
    action = "/rosters/2027-08/make"
    token = token_before(client.page("/rosters/2027-08"), action)
    answer = client.post(action, data={"token": token}, follow_redirects=False)
    shown = client.page(result_of(client.page(answer.headers["location"])))
    assert "contradict one another, whatever seats stay empty" in text_of(shown)
    assert "Ways out" in shown
    assert 'data-action="short"' not in shown


def test_why_me_is_answered_in_a_text_and_proven(client: Client, file: Path, at_once: None) -> None:
    """Each duty says how it came; the proof stands beside the counters once it is worked out."""
    who = max(
        (row for row in roster_in(file)["people"] if row["role"] == "officer"),
        key=lambda row: roster_in(file)["counters"][row["id"]]["total"],
    )["id"]
    page = client.page(f"/rosters/{MONTH}/people/{who}")
    assert "would be his part" in page
    own = [row for row in roster_in(file)["assignments"] if row["person"] == who]
    assert page.count("turn") >= len(own) > 0
    action = f"/rosters/{MONTH}/people/{who}/why"
    answer = client.post(action, data={"token": token_before(page, action)}, follow_redirects=False)
    client.page(answer.headers["location"])
    assert action not in client.page(f"/rosters/{MONTH}/people/{who}")


def test_duties_that_came_by_a_change_are_counted_apart_from_turns(
    client: Client, file: Path, at_once: None
) -> None:
    """Of who took one over, the proof says how many were turns and how many came later, without commands."""
    publish(file)
    day, post, who = a_duty(file)
    with bureau.opened(file) as db:
        found = roster_choices.substitutes(db, who, f"{day}/{post}", now=NOW).possible
        other = max(found, key=lambda one: one.objective).person
        roster_changes.take_over(db, who, f"{day}/{post}", other, reason="病假", now=NOW)
    address = f"/rosters/{MONTH}/people/{other}"
    page = client.page(address)
    assert "came to him after the roster was made" in page
    answer = client.post(
        f"{address}/why", data={"token": token_before(page, f"{address}/why")}, follow_redirects=False
    )
    client.page(answer.headers["location"])
    shown = text_of(client.page(address))
    assert "1 came by a later change" in shown
    assert "auditor roster" not in shown


def test_one_duty_is_locked_and_free_again(client: Client, file: Path) -> None:
    """A locked duty is given to nobody."""
    day, post, who = a_duty(file)
    address = f"/rosters/{MONTH}/{int(day[8:])}/{post}?who={who}"
    action = f"/rosters/{MONTH}/hold"
    page = client.page(address)
    client.post(action, data={"token": token_before(page, action), "duty": f"{day}/{post}", "who": who})
    page = client.page(address)
    assert "It is locked; free it first" in text_of(page)
    assert 'data-action="choose"' not in page
    fields = {"token": token_before(page, action), "duty": f"{day}/{post}", "who": who, "free": "1"}
    client.post(action, data=fields)
    assert 'data-action="choose"' in client.page(address)


def test_a_day_whose_weekend_is_locked_in_half_says_which_is_to_be_freed() -> None:
    """Not this duty is locked, the one that goes with it is."""
    beside = roster_changes.HeldBeside(duty="2026-12-12/day", other="2026-12-13/day")
    assert roster_duty._hindered(beside).startswith("The other day of its weekend")
    assert roster_duty._hindered(roster_changes.Held(duty="2026-12-12/day")) == "It is locked; free it first."


def test_wishes_are_kept_and_taken_away(client: Client, file: Path) -> None:
    """A wish is kept, listed and found, and goes again; half a date is said in words."""
    page = client.page("/rosters/wishes")
    bad = client.submit("/rosters/wishes", page, {"person": "l03", "from": "2026-12"})
    assert bad.status_code == 400
    page = client.page("/rosters/wishes")
    good = {"person": "l03", "from": "2027-01-05", "to": "2027-01-06", "want": "0", "weight": "3"}
    assert client.submit("/rosters/wishes", page, good).status_code == 303
    page = client.page("/rosters/wishes?q=l03")
    action = "/rosters/wishes/remove"
    fields = {"token": token_before(page, action), "person": "l03", "from": "2027-01-05", "to": "2027-01-06"}
    assert "No wish is kept" in client.post(action, data=fields).text


def test_everything_a_roster_gives_out_is_given(client: Client, file: Path) -> None:
    """Excel, calendars, hours, picture and texts; the text is the command line's."""
    publish(file)
    from auditor.workflow.duty import roster_outputs

    with bureau.opened(file) as db:
        kept = roster_outputs.kept_month(db, MONTH)
        assert kept is not None
        files = roster_outputs.files_of(db, kept, NOW, formats=("txt", "ics", "csv"))
    base = f"/rosters/{MONTH}"
    assert client.get(f"{base}/files/roster.xlsx").content[:2] == b"PK"
    assert client.get(f"{base}/files/duty.ics").content == files["duty.ics"]
    assert client.get(f"{base}/files/hours.csv").content == files["hours.csv"]
    assert client.get(f"{base}/files/fairness.svg").text.startswith("<svg")
    assert unescape(client.page(f"{base}/text")).count(str(files["month.txt"]).strip()) == 1
    person = roster_in(file)["people"][0]["id"]
    own = next(name for name in files if name.startswith(f"people/{person}") and name.endswith(".ics"))
    assert client.get(f"{base}/people/{person}/duty.ics").content == files[own]
    assert client.get(f"{base}/files/passwords").status_code == 404
    sheet = text_of(client.page(f"{base}/sheet"))
    assert "Print (A4)" in sheet


def test_addresses_that_are_none_say_so(client: Client) -> None:
    """No month, day, post, person or work of that name: 404, never a traceback."""
    for address in (
        "/rosters/2026-13", "/rosters/abc", "/rosters/2026-12/32/day", "/rosters/2026-12/1/none",
        "/rosters/2026-12/people/none", "/rosters/2027-05/history", "/rosters/2027-05/fairness",
        "/rosters/repairs/1", "/rosters/repairs/x", "/rosters/2026-12/reasons", "/rosters/2026-12/step/none",
        "/rosters/2027-05/sick", "/rosters/2026-12/1/day/change/change",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    for address in ("/rosters/2026-12/1/day/change", "/rosters/hours?from=2026"):
        assert client.get(address).status_code == 400, address


def test_hostile_names_stay_inert(client: Client, file: Path) -> None:
    """A colleague's name with markup and 300 letters is text, and cut, on every page."""
    from dataclasses import replace

    from auditor.store.staff import put_staff, read_staff

    day, post, who = a_duty(file)
    with bureau.opened(file) as db, write_tx(db, "people import", NOW) as tx:
        one = next(one for one in read_staff(db) if one.id == who)
        put_staff(tx, [replace(one, name="<script>alert(1)</script>\u202e" + "长" * 300)])
    for address in (
        f"/rosters/{MONTH}", f"/rosters/{MONTH}?view=people", f"/rosters/{MONTH}?view=list",
        f"/rosters/{MONTH}/{int(day[8:])}/{post}?who={who}", f"/rosters/{MONTH}/people/{who}",
        f"/rosters/{MONTH}/sheet", f"/rosters/{MONTH}/sick", f"/rosters/{MONTH}/fairness",
    ):  # fmt: skip
        page = client.page(address)
        assert "<script>alert" not in page, address


def test_both_languages_have_their_words(file: Path) -> None:
    """A month in Chinese has its Chinese posts."""
    page = desk_of(file, language="zh").page(f"/rosters/{MONTH}")
    assert "带班领导" in page
    set_language("en")


def test_the_distance_that_is_shown_is_from_the_part_that_is_shown(client: Client, file: Path) -> None:
    """Carried and new less the part is the distance, for everybody, whatever his share and days."""
    with bureau.opened(file) as db:
        kept = roster_outputs.kept_month(db, MONTH)
        assert kept is not None
        view = roster_outputs.roster_view(db, kept)
    parts = [
        replace(one, expected={"total": Fraction(at, 4)}) for at, one in enumerate(view.members, start=1)
    ]
    for seen in (view, replace(view, members=parts)):
        for group in fairness_of(seen, "total"):
            assert bool(group["mean"]) is (seen is view)
            for row in group["rows"]:
                part = float(group["mean"] or row["part"])
                assert abs(row["total"] - part - float(row["bar"]["text"])) < 0.11, (group, row)
    assert "mean " in text_of(client.page(f"/rosters/{MONTH}/fairness"))


def test_two_of_one_name_are_told_apart_wherever_they_stand(file: Path) -> None:
    """In the month, on the pages of a duty and in its choices; and the name as it is shown is understood."""
    with bureau.opened(file) as db:
        staff = read_staff(db)
        one, other = [who for who in staff if who.role == "officer"][:2]
        with write_tx(db, "people", NOW) as tx:
            put_staff(tx, [replace(other, name=one.name)])
        shown = [f"{one.name}（{who.id}）" for who in (one, other)]
        assert [names(db)[who.id] for who in (one, other)] == shown
        assert [roster_rebuild.person_named(db, word) for word in shown] == [one.id, other.id]
        duty = next(row for row in roster_outputs.kept_months(db)[MONTH].record["assignments"]
                    if row["person"] == one.id)  # fmt: skip
    client = desk_of(file)
    page = client.get(f"/rosters/{MONTH}").text
    assert all(name in unescape(page) for name in shown)
    address = f"/rosters/{MONTH}/{int(duty['date'][8:])}/{duty['post']}?who={one.id}"
    assert shown[0] in unescape(client.get(address).text)


def test_without_a_roster_the_month_that_is_worked_on_is_offered(tmp_path: Path) -> None:
    """From the 20th on that is the next one, as on the first page."""
    now = NOW.replace(month=11, day=27)
    page = text_of(desk_of(county_in(tmp_path / "b.db", now), now=now).get("/rosters").text)
    assert "Make Dec 2026" in page
    assert "Nov 2026" not in page

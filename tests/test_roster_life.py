"""The life of a roster: approval, swaps, take-overs, repairs; at each step it checks, or nothing changes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.cli.main import auditor
from auditor.entities import Inspector, Leave, Person
from auditor.errors import AuditorError, UsageProblem
from auditor.roster import changes
from auditor.store import Database
from auditor.store.rosters import put_roster, read_in_force, read_rosters
from auditor.store.staff import drop_leave, put_leave, put_staff, read_inspectors, read_leave
from auditor.store.writing import write_tx
from auditor.workflow import bureau, half_days
from auditor.workflow.duty import desk_settings, roster_life, rosters
from auditor.workflow.duty.roster_changes import (
    Ended,
    GivenAway,
    Held,
    NotHis,
    NotHisRole,
    Over,
    swap,
    take_over,
)
from auditor.workflow.duty.roster_choices import partners_told, substitutes, substitutes_told
from auditor.workflow.duty.roster_explaining import accounts_of
from auditor.workflow.duty.roster_life import NotNow, advance, give_back, hold, revise, sequence_of, state
from auditor.workflow.duty.roster_reasons import CannotMend
from auditor.workflow.duty.roster_rebuild import LaterLocked, Refused
from auditor.workflow.duty.roster_repairs import repair
from auditor.workflow.months import month_of, period_of
from desk_world import BEFORE, at, away, broken, copied, desk_people, entries, make_desk, moved, publish, rows

DEC, JAN = "2026-12", "2027-01"
NOW = at("2026-12-09")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau with December and January published."""
    path = tmp_path_factory.mktemp("desk") / "bureau.db"
    make_desk(path, DEC, JAN)
    return path


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Iterator[Database]:
    """A copy of it."""
    with copied(made, tmp_path / "bureau.db") as db:
        yield db


def roster(db: Database, key: str = DEC) -> dict[str, Any]:
    """The roster of a month as it is."""
    found = roster_life.current(db, key)
    assert found is not None
    return found


def unchanged(db: Database, act: Callable[[], object], error: type[Exception]) -> Any:
    """Do what must be refused; nothing is written. Gives the error."""
    before = entries(db), read_rosters(db)
    with pytest.raises(error) as caught:
        act()
    assert (entries(db), read_rosters(db)) == before
    return caught.value


# states


def test_a_roster_goes_through_its_states_one_by_one(desk: Database) -> None:
    """Each is reached from the one before only; a wrong step says what comes next and writes nothing."""
    order = ["submitted", "approved", "published", "locked"]
    revise(desk, "2027-02", rosters.make(desk, month_of("2027-02"), work=20), now=BEFORE)
    assert (state(desk, "2027-02"), sequence_of(desk, "2027-02")) == ("draft", 1)
    for number, step in enumerate(order, start=2):
        for other in order:
            if other != step:
                unchanged(desk, lambda other=other: advance(desk, "2027-02", other, now=NOW), NotNow)
        revision = advance(desk, "2027-02", step, by="李局长", now=NOW)
        assert (revision["revision"], revision["state"], revision["by"]) == (number, step, "李局长")
        assert (state(desk, "2027-02"), sequence_of(desk, "2027-02")) == (step, number)
    assert [one["what"] for one in roster_life.history(desk, "2027-02")] == ["made", *order]
    assert give_back(desk, "2027-02", reason="补登", now=NOW)["state"] == "published"


def test_every_revision_gives_its_roster_and_keeps_it_once(desk: Database) -> None:
    """Steps that change no duty add little to the file; the rosters before and after a swap are there."""
    before = roster(desk)
    one, two = a_swap(desk)
    swap(desk, one[2], one[0], two[2], two[0], agreed=True, now=NOW)
    advance(desk, DEC, "locked", now=NOW)
    history = roster_life.history(desk, DEC)
    assert [revision["roster"] == before for revision in history] == [True] * 4 + [False] * 2
    assert history[-1]["roster"] == history[-2]["roster"] == roster(desk)
    sizes = [
        len(text)
        for (text,) in desk.execute(
            "select record from roster_revisions where month = ? order by revision", [DEC]
        )
    ]
    assert [size > 5000 for size in sizes] == [True, False, False, False, True, False]


def test_what_waits_can_be_given_back_and_made_again_but_not_what_is_published(desk: Database) -> None:
    """A draft may be made anew; a published roster only changes as little as can be."""
    record = rosters.make(desk, month_of("2027-02"), work=20)
    revise(desk, "2027-02", record, now=BEFORE)
    advance(desk, "2027-02", "submitted", now=BEFORE)
    assert give_back(desk, "2027-02", reason="带班太集中", now=BEFORE)["state"] == "draft"
    assert revise(desk, "2027-02", record, now=BEFORE)["revision"] == 4
    unchanged(desk, lambda: revise(desk, DEC, roster(desk), now=NOW), NotNow)
    unchanged(desk, lambda: give_back(desk, DEC, reason="x", now=NOW), NotNow)


def test_a_roster_that_breaks_a_rule_today_is_not_sent_on(desk: Database) -> None:
    """Leave came in after it was made."""
    revise(desk, "2027-02", rosters.make(desk, month_of("2027-02"), work=20), now=BEFORE)
    away(desk, "o00", "2027-02-01", "2027-02-27")
    error = unchanged(desk, lambda: advance(desk, "2027-02", "submitted", now=NOW), roster_life.BreaksRules)
    assert "auditor roster repair" in str(error)
    assert error.exit_code == 4
    repair(desk, month="2027-02", now=NOW, work=10)
    assert advance(desk, "2027-02", "submitted", now=NOW)["state"] == "submitted"


def test_draws_take_only_a_roster_in_force_into_account(made: Path, tmp_path: Path) -> None:
    """A duty on a stand-by half-day takes it, but not while it is a draft; one without revisions counts."""
    inspectors = [Inspector(id=f"i{n}", name=f"I{n}") for n in range(6)]
    first_day = rosters.pattern(inspectors, month_of(DEC))["i0"][0][:10]
    post = {"id": "day", "role": "officer", "start": "08:00", "minutes": 600, "night": False}
    duty = {"date": first_day, "post": "day", "person": "i0"}
    record = {"before": [], "assignments": [duty], "posts": [post]}
    free = {}
    period = period_of(date(2026, 12, 1), date(2026, 12, 31))
    for name in ("none", "draft", "published", "old"):
        path = tmp_path / f"{name}.db"
        bureau.init(path, "", None, BEFORE)
        with bureau.opened(path) as db:
            with write_tx(db, "roster", BEFORE) as tx:
                if name == "old":
                    put_roster(tx, DEC, record)
                elif name != "none":
                    from auditor.workflow.duty.roster_revisions import add

                    add(tx, db, DEC, record, state=name, what="made", now=BEFORE)
            assert set(read_in_force(db)) == (set() if name in ("none", "draft") else {DEC})
            programme: Any = SimpleNamespace(id="x", keep=0)
            free[name] = half_days.free_of(db, inspectors, period, programme, [])["i0"]
    assert free["draft"] == free["none"]
    assert free["published"] == free["old"]
    assert set(free["none"]) - set(free["old"]) == {one for one in free["none"] if one[:10] == first_day}


# swaps


def able_to_swap(
    duties: set[tuple[str, str, str]], one: tuple[str, str, str], two: tuple[str, str, str]
) -> bool:
    """Whether rest allows two officers to swap, by plain clock times."""
    hours = {"lead": (8, 24, 24), "day": (8, 10, 12), "night": (18, 14, 24)}
    after = (duties - {one, two}) | {(one[0], one[1], two[2]), (two[0], two[1], one[2])}
    if len(after) != len(duties):
        return False
    for who in (one[2], two[2]):
        spans = []
        for day, post, other in after:
            if other == who:
                start = datetime.fromisoformat(day) + timedelta(hours=hours[post][0])
                spans.append((start, start + timedelta(hours=hours[post][1] + hours[post][2])))
        spans.sort()
        if any(early[1] > late[0] for early, late in pairwise(spans)):
            return False
    return True


def test_a_swap_is_made_just_where_rest_allows_it(desk: Database) -> None:
    """All pairs of officers' duties of three days, against clock times by hand; both months count."""
    every = rows(roster(desk)) | rows(roster(desk, JAN))
    own = sorted(row for row in every if "2026-12-30" <= row[0] <= "2027-01-01" and row[1] != "lead")
    seen = {True: 0, False: 0}
    for one, two in combinations(own, 2):
        if one[2] == two[2]:
            continue
        try:
            told = swap(
                desk, one[2], "/".join(one[:2]), two[2], "/".join(two[:2]), agreed=True, now=NOW, dry_run=True
            )
            fits = True
            changed = {person["person"] for month in told["months"] for person in month["people"]}
            assert changed == {one[2], two[2]}
        except (Refused, UsageProblem):
            fits = False
        assert fits is able_to_swap(every, one, two), (one, two)
        seen[fits] += 1
    assert min(seen.values()) > 2
    assert rows(roster(desk)) | rows(roster(desk, JAN)) == every


def able_to_take(db: Database, row: tuple[str, str, str], who: str) -> bool:
    """Whether rest allows an officer to take a duty over, by plain clock times."""
    nothing = ("2020-01-01", "day", who)
    every = rows(roster(db)) | rows(roster(db, JAN)) | {nothing}
    return who != row[2] and able_to_swap(every, row, nothing)


def a_swap(
    db: Database, key: str = DEC, since: str = "2026-12-12"
) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """The first two night duties that can be swapped."""
    every = rows(roster(db, DEC)) | rows(roster(db, JAN))
    nights = sorted(row for row in rows(roster(db, key)) if row[1] == "night" and row[0] >= since)
    return next(
        (one, two)
        for one, two in combinations(nights, 2)
        if one[2] != two[2] and able_to_swap(every, one, two)
    )


def counted(record: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Everybody's counters after a month, counted by hand from calendar and clock times."""
    classes = {day.day.isoformat(): day.cls for day in month_of(record["month"]).days}
    found = {row["id"]: dict(row["carried"]) for row in record["people"]}
    for row in record["assignments"]:
        own = found[row["person"]]
        own["total"] += 1
        own["night"] += row["post"] in ("lead", "night")
        if classes[row["date"]] != "work":
            own[classes[row["date"]]] += 1
    return found


def test_a_swap_keeps_the_approval_and_says_whose_duty_moved(desk: Database) -> None:
    """A revision more, the same state; diff and counters by hand; the next month counts on."""
    one, two = a_swap(desk)
    before = rows(roster(desk))
    told = swap(desk, one[2], one[0], two[2], f"{two[0]}/night", agreed=True, approver="张主任", now=NOW)
    after = rows(roster(desk))
    assert after == (before - {one, two}) | {(*one[:2], two[2]), (*two[:2], one[2])}
    month = told["months"][0]
    assert {person["person"] for person in month["tell"]} == moved(before, after) == {one[2], two[2]}
    assert month["cells"] == 4
    revision = roster_life.history(desk, DEC)[-1]
    assert (revision["state"], revision["what"], revision["revision"]) == ("published", "swap", 5)
    assert (revision["agreed"], revision["approver"]) == (True, "张主任")
    assert sequence_of(desk, DEC) == 5
    for key in (DEC, JAN):
        assert not broken(desk, key)
        assert roster(desk, key)["counters"] == counted(roster(desk, key))
    carried = {row["id"]: row["carried"] for row in roster(desk, JAN)["people"]}
    assert carried == roster(desk)["counters"]


def test_the_swaps_that_are_possible_are_listed(desk: Database) -> None:
    """For one night near the month's end: just those that rest allows, by clock times by hand."""
    mine = next(row for row in rows(roster(desk)) if row[:2] == ("2026-12-28", "night"))
    every = rows(roster(desk)) | rows(roster(desk, JAN))
    before = entries(desk)
    told = partners_told(desk, mine[2], mine[0], now=NOW)
    assert {(one["date"], one["post"], one["person"]) for one in told["partners"]} == {
        row
        for row in every
        if "2026-12-18" <= row[0] <= "2027-01-07"
        and row[1] != "lead"
        and row[2] != mine[2]
        and able_to_swap(every, mine, row)
    }
    assert len(told["partners"]) > 5
    assert entries(desk) == before


def test_a_swapped_duty_is_swapped_on_by_its_new_holder_only(desk: Database) -> None:
    """The former holder is told whose it is now; the new one can give it, also back."""
    one, two = a_swap(desk)
    swap(desk, one[2], one[0], two[2], two[0], agreed=True, now=NOW)
    again = unchanged(
        desk, lambda: swap(desk, one[2], one[0], two[2], two[0], agreed=True, now=NOW), GivenAway
    )
    assert f"O{int(two[2][1:])}'s" in str(again)
    assert "revision 5" in str(again)
    third = next(
        row
        for row in sorted(rows(roster(desk)))
        if row[0] >= "2026-12-12"
        and row[1] == "night"
        and row[2] not in (one[2], two[2])
        and able_to_swap(rows(roster(desk)) | rows(roster(desk, JAN)), (*one[:2], two[2]), row)
    )
    swap(desk, two[2], one[0], third[2], third[0], agreed=True, now=NOW)
    assert (*one[:2], third[2]) in rows(roster(desk))
    assert not broken(desk, DEC)


def test_swapping_back_gives_the_roster_again(desk: Database) -> None:
    """All of it but the number of the revision, in the next month too."""
    before = read_rosters(desk)
    one, two = a_swap(desk)
    swap(desk, one[2], one[0], two[2], two[0], agreed=True, now=NOW)
    assert read_rosters(desk) != before
    swap(desk, two[2], one[0], one[2], two[0], reason="换回", now=NOW)
    found = read_rosters(desk)
    for key in before:
        for name in ("bound", "status", "stages"):  # what was proven when it was made
            found[key].pop(name, None)
            before[key].pop(name, None)
    assert found == before


def test_a_swap_may_cross_the_months(desk: Database) -> None:
    """Both rosters get a revision, and both check."""
    every = rows(roster(desk)) | rows(roster(desk, JAN))
    one, two = next(
        (one, two)
        for one in sorted(rows(roster(desk)), reverse=True)
        for two in sorted(rows(roster(desk, JAN)))
        if one[1] == two[1] == "night" and one[2] != two[2] and able_to_swap(every, one, two)
    )
    told = swap(desk, one[2], one[0], two[2], two[0], agreed=True, now=NOW)
    assert [(month["month"], month["what"], month["cells"]) for month in told["months"]] == [
        (DEC, "swap", 2), (JAN, "swap", 2),
    ]  # fmt: skip
    assert not broken(desk, DEC)
    assert not broken(desk, JAN)
    assert roster(desk, JAN)["counters"] == counted(roster(desk, JAN))


def test_bad_swaps_are_refused_in_a_sentence(desk: Database) -> None:
    """Nobody, himself, another role, no duty, the past, a lock, no reason: nothing is written."""
    one, two = a_swap(desk)
    leader = next(row for row in sorted(rows(roster(desk))) if row[1] == "lead" and row[0] > "2026-12-12")
    none = next(
        day
        for day in (f"2026-12-{n}" for n in range(12, 29))
        if not any(r[0] == day and r[2] == one[2] for r in rows(roster(desk)))
    )
    past = next(row for row in sorted(rows(roster(desk))) if row[1] == "night" and row[2] != one[2])
    running = next(row for row in sorted(rows(roster(desk))) if row[:2] == ("2026-12-09", "day"))
    giver = one if running[2] != one[2] else two
    cases: list[tuple[tuple[str, str, str, str], type[AuditorError]]] = [
        (("nobody", one[0], two[2], two[0]), UsageProblem),
        ((one[2], one[0], one[2], one[0]), UsageProblem),
        ((one[2], one[0], leader[2], leader[0]), NotHisRole),
        ((one[2], none, two[2], two[0]), NotHis),
        ((one[2], "9 December", two[2], two[0]), UsageProblem),
        ((one[2], "2027-05-01", two[2], two[0]), UsageProblem),
        ((one[2], one[0], past[2], past[0]), Ended),
        ((giver[2], giver[0], running[2], running[0]), Over),
    ]
    for asked, error in cases:
        told = unchanged(desk, lambda asked=asked: swap(desk, *asked, agreed=True, now=NOW), error)
        assert told.exit_code in (1, 2, 3)
        assert "{" not in str(told)
    unchanged(desk, lambda: swap(desk, one[2], one[0], two[2], two[0], now=NOW), UsageProblem)
    hold(desk, DEC, [one[:2]], now=NOW)
    unchanged(desk, lambda: swap(desk, one[2], one[0], two[2], two[0], agreed=True, now=NOW), Held)
    hold(desk, DEC, [one[:2]], free=True, now=NOW)
    advance(desk, JAN, "locked", now=NOW)
    rested = next(
        row[2] for row in sorted(rows(roster(desk))) if row[1] == "night" and able_to_take(desk, one, row[2])
    )
    unchanged(desk, lambda: take_over(desk, one[2], one[0], rested, now=NOW), LaterLocked)
    could = substitutes(desk, one[2], one[0], now=NOW)
    assert not could.possible
    assert next(row for row in could.impossible if row.person == rested).why.startswith(
        f"the roster of {JAN} is locked"
    )
    advance(desk, DEC, "locked", now=NOW)
    unchanged(desk, lambda: swap(desk, one[2], one[0], two[2], two[0], agreed=True, now=NOW), NotNow)


def test_a_duty_that_has_begun_can_be_taken_over_and_not_swapped(desk: Database) -> None:
    """Until it is over; who takes it must be rested."""
    running = next(row for row in rows(roster(desk)) if row[:2] == ("2026-12-09", "day"))
    fits = []
    for person in desk_people():
        try:
            take_over(desk, running[2], running[0], person.id, reason="发烧", now=NOW, dry_run=True)
            fits.append(person.id)
        except AuditorError:
            pass
    by_hand = [
        person.id
        for person in desk_people()
        if person.role == "officer" and able_to_take(desk, running, person.id)
    ]
    assert fits == by_hand
    before = entries(desk)
    could = substitutes_told(desk, running[2], running[0], now=NOW)
    assert {one["person"] for one in could["substitutes"]} == set(by_hand)
    values = [one["objective"] for one in could["substitutes"]]
    assert values == sorted(values)
    assert entries(desk) == before
    take_over(desk, running[2], running[0], fits[0], reason="发烧", now=NOW)
    assert (
        roster(desk, JAN)["objective"]
        == dict(zip((one["person"] for one in could["substitutes"]), values, strict=True))[fits[0]]
    )
    assert (*running[:2], fits[0]) in rows(roster(desk))
    assert not broken(desk, DEC)
    late = at("2026-12-09", 18)
    unchanged(desk, lambda: take_over(desk, fits[0], running[0], running[2], now=late), Ended)


# repairs


def ill(db: Database, who: str, first: str, last: str, now: datetime, **more: Any) -> dict[str, Any]:
    """A sick call."""
    asked = [(who, date.fromisoformat(first), date.fromisoformat(last))]
    return repair(db, absent=asked, reason="病假", now=now, work=10, **more)


def test_a_sick_call_changes_only_what_is_to_come_and_tells_just_those_it_concerns(desk: Database) -> None:
    """Least cells as counted by hand, everything proven; past duties and other people's stay."""
    before = {key: rows(roster(desk, key)) for key in (DEC, JAN)}
    open_duties = [row for row in before[DEC] if row[2] == "o03" and row[0] >= "2026-12-10"]
    told = ill(desk, "O3", "2026-12-10", "2026-12-31", NOW)
    month = told["months"][0]
    after = rows(roster(desk))
    assert not [row for row in after if row[2] == "o03" and row[0] >= "2026-12-10"]
    assert {row for row in before[DEC] if row[0] <= "2026-12-09"} == {
        row for row in after if row[0] <= "2026-12-09"
    }
    values = {stage["name"]: (stage["value"], stage["bound"]) for stage in month["stages"]}
    cells = {(who, day) for day, _post, who in before[DEC] ^ after}
    assert values["cells"] == (len(cells), len(cells))
    assert len(cells) >= 2 * len({row[0] for row in open_duties})
    assert values["people"] == (len(moved(before[DEC], after)),) * 2
    assert {person["person"] for person in month["tell"]} == moved(before[DEC], after)
    assert all(row["why"] == "leave" for row in month["changes"] if row["from"] == "o03")
    for person in month["tell"]:
        days = [row["date"] for part in ("no_longer", "now") for row in person[part]]
        assert person["at_once"] is (min(days) <= "2026-12-11")  # 9, 10 and 11 December: three days' notice
    for key in (DEC, JAN):
        assert not broken(desk, key)
        assert roster(desk, key)["counters"] == counted(roster(desk, key))


def test_a_dry_run_keeps_nothing_and_says_the_same(desk: Database) -> None:
    """The log, the leave and the rosters are as they were; the real run then does what was shown."""
    before = entries(desk), read_rosters(desk), read_leave(desk)
    shown = ill(desk, "o03", "2026-12-10", "2026-12-20", NOW, dry_run=True)
    assert (entries(desk), read_rosters(desk), read_leave(desk)) == before
    done = ill(desk, "o03", "2026-12-10", "2026-12-20", NOW)
    assert {**shown, "dry_run": False} == done
    assert len(read_leave(desk)) == len(before[2]) + 1


def test_a_repair_with_nothing_to_mend_moves_nothing(desk: Database) -> None:
    """Without new facts nothing is written; leave that no duty touches is taken note of, and that is all."""
    before = entries(desk)
    assert repair(desk, now=NOW, work=10)["months"] == []
    assert entries(desk) == before
    free = next(
        day
        for day in (f"2026-12-{n}" for n in range(12, 29))
        if not any(
            row[2] == "o00" and abs((date.fromisoformat(row[0]) - date.fromisoformat(day)).days) < 2
            for row in rows(roster(desk))
        )
    )
    away(desk, "o00", free, free)
    assert any("leave" in one for one in broken(desk, DEC))
    told = repair(desk, month=DEC, now=NOW, work=10)
    assert [(one["cells"], one["tell"]) for one in told["months"] if one["month"] == DEC] == [(0, [])]
    assert not broken(desk, DEC)


def test_a_duty_that_has_begun_stays_and_is_named(desk: Database) -> None:
    """Ill during the duty: it stands, is told of, and the roster checks; others see to a substitute."""
    running = next(row for row in rows(roster(desk)) if row[:2] == ("2026-12-09", "day"))
    told = ill(desk, running[2], "2026-12-09", "2026-12-12", NOW)
    (row,) = told["months"][0]["still_out"]
    assert (row["date"], row["post"], row["person"], row["begun"]) == ("2026-12-09", "day", running[2], True)
    assert running in rows(roster(desk))
    assert not broken(desk, DEC)


def test_what_is_locked_never_moves(desk: Database) -> None:
    """A locked duty of somebody ill stands and is told of as broken; freed, it moves."""
    mine = next(row for row in sorted(rows(roster(desk))) if row[2] == "o03" and row[0] > "2026-12-11")
    hold(desk, DEC, [mine[:2]], now=NOW)
    told = ill(desk, "o03", "2026-12-10", "2026-12-31", NOW)
    assert mine in rows(roster(desk))
    (row,) = told["months"][0]["still_out"]
    assert (row["date"], row["post"], row["person"], row["locked"]) == (*mine[:2], "o03", True)
    assert {one["rule"] for one in told["months"][0]["still_broken"]} == {"leave"}
    hold(desk, DEC, [mine[:2]], free=True, now=NOW)
    repair(desk, now=NOW, work=10)
    assert mine not in rows(roster(desk))
    assert not broken(desk, DEC)


def test_a_leaver_gives_up_what_is_to_come_and_keeps_his_past(desk: Database) -> None:
    """His last day is in the staff list; his open duties are told with that reason."""
    leaver = next(person for person in desk_people() if person.id == "o04")
    before = rows(roster(desk))
    with write_tx(desk, "people", NOW) as tx:
        put_staff(tx, [replace(leaver, to_on=date(2026, 12, 15))])
    told = repair(desk, now=NOW, work=10)
    after = rows(roster(desk))
    assert {row for row in after if row[2] == "o04"} == {
        row
        for row in before
        if row[2] == "o04" and (row[0] < "2026-12-15" or row[:2] == ("2026-12-15", "day"))
    }
    given = [row for month in told["months"] for row in month["changes"] if row["from"] == "o04"]
    assert given
    assert {row["why"] for row in given} == {"left"}
    for key in (DEC, JAN):
        assert not broken(desk, key)
        assert not any(row[2] == "o04" and row[0] > "2026-12-15" for row in rows(roster(desk, key)))


def test_who_lost_his_last_role_keeps_his_month_and_gives_up_what_has_not_begun(desk: Database) -> None:
    """December, in which he has been on duty, stays his; January goes to others, and he is told so."""
    other = next(person for person in desk_people() if person.id == "o04")
    before = rows(roster(desk))
    assert any(row[2] == "o04" and row[0] < "2026-12-09" for row in before)
    with write_tx(desk, "people", NOW) as tx:
        put_staff(tx, [replace(other, roles=("inspector",))])
    told = repair(desk, now=NOW, work=10)
    assert rows(roster(desk)) == before
    assert {"month": DEC, "person": "o04", "roles": ["officer"]} in told["kept"]
    given = [row for one in told["months"] for row in one["changes"] if row["from"] == "o04"]
    assert {row["why"] for row in given} == {"role"}
    assert not any(row[2] == "o04" for row in rows(roster(desk, JAN)))
    for key in (DEC, JAN):
        assert not rosters.check(desk, roster(desk, key), month_of(key), NOW)
    written = entries(desk)
    repair(desk, now=NOW, work=10)
    assert entries(desk) == written
    # and the month before can be made though he is on the roster of the one after it
    publish(desk, "2026-11", NOW)
    assert not rosters.check(desk, roster(desk), month_of(DEC), NOW)


def test_a_joiner_moves_nobody(desk: Database) -> None:
    """He is on the record with the mean of his role, and takes a sick call's duties where that is fairer."""
    with write_tx(desk, "people", NOW) as tx:
        put_staff(tx, [Person(id="o99", name="O99", roles=("officer",), from_on=date(2026, 12, 14))])
    told = repair(desk, now=NOW, work=10)
    assert all(one["cells"] == 0 for one in told["months"])
    assert not broken(desk, DEC)
    row = next(row for row in roster(desk)["people"] if row["id"] == "o99")
    assert "2026-12-13" in row["leave"]
    assert not broken(desk, JAN)


def test_leave_that_is_told_when_the_month_is_over_is_noted_and_moves_nothing(desk: Database) -> None:
    """December is over: a repair takes note of it. A locked month need not: it is not held against it."""
    late = at("2027-01-10")
    before = rows(roster(desk))
    duty = next(row for row in sorted(before) if row[2] == "o03" and row[0] > "2026-12-10")
    away(desk, "o03", duty[0], duty[0], late)
    assert broken(desk, DEC)
    told = repair(desk, now=late, work=10)
    assert [one["cells"] for one in told["months"] if one["month"] == DEC] == [0]
    assert rows(roster(desk)) == before
    assert not broken(desk, DEC)
    advance(desk, DEC, "locked", now=late)
    away(desk, "o04", "2026-12-01", "2026-12-31", late)
    assert not broken(desk, DEC)
    assert all(one["month"] != DEC for one in repair(desk, now=late, work=10)["months"])
    # but what the record itself says is held against it
    changed = {**roster(desk), "objective": 1}
    assert {one.rule for one in rosters.check(desk, changed, month_of(DEC))} >= {"objective", "stored"}


def test_an_inspector_who_joins_changes_nobodys_published_standby(tmp_path: Path) -> None:
    """The pattern would be dealt out anew among all; what is published stays, and the duties around it."""
    path = tmp_path / "standby.db"
    bureau.init(path, "", None, BEFORE)
    staff = [
        replace(person, roles=("officer", "inspector")) if person.role == "officer" else person
        for person in desk_people(5, 12)
    ]
    with bureau.opened(path) as db:
        with write_tx(db, "people", BEFORE) as tx:
            put_staff(tx, staff)
        publish(db, DEC, BEFORE)
        before = roster(db)
        with write_tx(db, "people", NOW) as tx:
            put_staff(tx, [Person(id="a99", name="A99", roles=("officer", "inspector"))])
        inspectors = read_inspectors(db)
        today = rosters.pattern(inspectors, month_of(DEC))
        assert any(today[who] != tuple(half_days) for who, half_days in before["standby"].items())
        told = repair(db, now=NOW, work=10)
        assert [one["cells"] for one in told["months"]] == [0]
        assert roster(db)["standby"] == before["standby"]
        assert not broken(db, DEC)
        public = rosters.pattern_in_force(inspectors, month_of(DEC), roster(db))
        for who, half_days in before["standby"].items():
            assert public[who] == tuple(one for one in half_days if one.startswith(DEC))
        assert public["a99"] == ()
        # from the next month on he is one of them
        publish(db, JAN, NOW)
        assert roster(db, JAN)["standby"]["a99"]
        assert not broken(db, JAN)


def test_an_impossible_repair_leaves_all_as_it_was_and_says_why_and_what_helps(desk: Database) -> None:
    """All leaders but one ill: shortage, core and cure; the first cure, done, makes it possible."""
    for who in ("l1", "l2", "l3"):
        away(desk, who, "2026-12-20", "2026-12-23")
    asked = [("L0", date(2026, 12, 20), date(2026, 12, 23))]
    error = unchanged(desk, lambda: repair(desk, absent=asked, now=NOW, work=10), CannotMend)
    assert error.exit_code == 3
    assert "leader on duty lacks 1" in str(error)
    assert "on leave on" in str(error)
    assert "{" not in str(error)
    facts = error.facts
    assert {one["post"] for one in facts["shortage"]} == {"lead"}
    assert {who for one in facts["core"] if one["rule"] == "leave" for who in one["people"]} <= {
        "l0", "l1", "l2", "l3",
    }  # fmt: skip
    costs = [one["cost"] for one in facts["ways"]]
    assert costs == sorted(costs)
    assert {"leave", "seats", "people"} <= {one["kind"] for one in facts["ways"]}
    back = next(one for one in facts["ways"] if one["kind"] == "leave")
    assert "L0 is called back" not in back["text"]  # who is ill is not asked
    # done as it says: those days are no leave any more
    given = {(who.removeprefix("l"), day) for who, day in back["of"]}
    assert given
    with write_tx(desk, "leave", NOW) as tx:
        drop_leave(tx, [one for one in read_leave(desk) if one.person in ("l1", "l2", "l3")])
        put_leave(
            tx,
            [
                Leave(person=f"l{number}", from_on=date(2026, 12, day), to_on=date(2026, 12, day))
                for number in (1, 2, 3)
                for day in range(20, 24)
                if (str(number), f"2026-12-{day}") not in given
            ],
        )
    assert repair(desk, absent=asked, now=NOW, work=10)["months"]
    assert not broken(desk, DEC)


def test_the_fewest_seats_stay_empty_where_that_is_asked_for(desk: Database) -> None:
    """Four of five leaders away on two days: one day of three can be led; later repairs leave it as short."""
    for who in ("l1", "l2", "l3"):
        away(desk, who, "2026-12-20", "2026-12-23")
    asked = [("L0", date(2026, 12, 20), date(2026, 12, 23))]
    error = unchanged(desk, lambda: repair(desk, absent=asked, now=NOW, work=10), CannotMend)
    lacking = sum(one["short"] for one in error.facts["shortage"])
    told = repair(desk, absent=asked, short=True, now=NOW, work=10)
    month = told["months"][0]
    assert sum(one["short"] for one in month["short"]) == lacking
    assert not broken(desk, DEC)
    assert {row["to"] for row in month["changes"] if row["to"] is None} == {None}
    for one in month["short"]:
        assert not any(row[:2] == (one["date"], one["post"]) for row in rows(roster(desk)))
    again = ill(desk, "o03", "2026-12-10", "2026-12-12", NOW)
    assert again["months"][0]["short"] == month["short"]
    # somebody comes back: the seats are filled again
    with write_tx(desk, "leave", NOW) as tx:
        drop_leave(tx, [one for one in read_leave(desk) if one.person in ("l1", "l2", "l3")])
    told = repair(desk, now=NOW, work=10)
    assert told["months"][0]["short"] == []
    assert "short" not in roster(desk)
    assert not broken(desk, DEC)


def test_leave_for_everybody_is_refused_with_every_empty_seat(desk: Database) -> None:
    """Exit 3, nothing changed."""
    asked = [(person.id, date(2026, 12, 20), date(2026, 12, 21)) for person in desk_people()]
    error = unchanged(desk, lambda: repair(desk, absent=asked, now=NOW, work=10), CannotMend)
    assert error.exit_code == 3
    assert "leave" not in {one["kind"] for one in error.facts["ways"]}


def test_rest_holds_across_the_edge_into_a_month_that_is_made_already(desk: Database) -> None:
    """Whoever has the first days of January is not given the last nights of December."""
    first = sorted(row for row in rows(roster(desk, JAN)) if row[0] <= "2027-01-01")
    last = next(row for row in rows(roster(desk)) if row[:2] == ("2026-12-31", "night"))
    ill(desk, last[2], "2026-12-31", "2026-12-31", NOW)
    after = next(row for row in rows(roster(desk)) if row[:2] == ("2026-12-31", "night"))
    assert after[2] not in {row[2] for row in first}
    assert not broken(desk, DEC)
    assert not broken(desk, JAN)


def test_a_repair_is_repeatable(made: Path, tmp_path: Path) -> None:
    """The same facts give the same answer to the letter."""
    told = []
    for name in ("one.db", "two.db"):
        with copied(made, tmp_path / name) as db:
            told.append(json.dumps(ill(db, "o05", "2026-12-10", "2027-01-10", NOW)))
    assert told[0] == told[1]


def test_a_roster_of_the_first_release_has_a_life_too(tmp_path: Path) -> None:
    """It counts as published; its first change keeps it as revision 1."""
    packed = Path(__file__).parent / "data" / "releases" / "0.1.0.db.gz"
    path = tmp_path / "old.db"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    with bureau.opened(path) as db:
        (key, record), *_others = read_rosters(db).items()
        assert (state(db, key), sequence_of(db, key)) == ("published", 1)
        assert set(read_in_force(db)) == set(read_rosters(db))
        now = datetime.combine(month_of(key).first, datetime.min.time(), BEFORE.tzinfo) - timedelta(days=1)
        who = sorted(record["counters"])[-1]
        told = repair(db, absent=[(who, month_of(key).first, month_of(key).last)], now=now, work=10)
        assert told["months"][0]["revision"] == 2
        assert roster_life.history(db, key)[0]["roster"] == record
        assert not broken(db, key)


def test_who_was_ill_makes_his_turn_up_and_who_stood_in_is_passed_over(desk: Database) -> None:
    """The lists of the rotation, also those of the month that is made already; swaps leave them alone."""
    turns = {key: roster(desk, key)["turns"] for key in (DEC, JAN)}
    one, two = a_swap(desk)
    swap(desk, one[2], one[0], two[2], two[0], agreed=True, now=NOW)
    assert {key: roster(desk, key)["turns"] for key in (DEC, JAN)} == turns
    told = ill(desk, "o03", "2026-12-14", "2026-12-24", NOW)
    nights = [row for row in told["months"][0]["changes"] if row["post"] == "night" and row["from"] == "o03"]
    assert nights
    cls = {day.day.isoformat(): day.cls for day in month_of(DEC).days}
    for row in nights:
        if row["to"] in [other["from"] for other in told["months"][0]["changes"]]:
            continue
        name = f"night/{cls[row['date']]}"
        for key in (DEC, JAN):
            before, after = turns[key][name], roster(desk, key)["turns"][name]
            assert "o03" in after.get("owed", ()) or "o03" in before.get("ahead", ())
            assert row["to"] in after.get("ahead", ()) or row["to"] in before.get("owed", ())
    made = rosters.make(desk, month_of("2027-02"), work=20)
    up = [row for row in made["departures"] if row["rule"] == "made-up" and row["given"] == "o03"]
    assert up


def test_giving_back_a_turn_that_was_taken_over_clears_both_sides() -> None:
    """Owed and ahead go as they came; other lists stay."""
    lists = {"night/work": {"last": "a"}, "day/work": {"last": "b", "owed": ["c"]}}

    def list_of(day: str, post: str, who: str) -> str:
        return f"{post}/work"

    given = {"date": "2026-12-01", "post": "night", "from": "a", "to": "b"}
    after = changes.turns_after(lists, [given], list_of)
    assert after == {
        "night/work": {"last": "a", "owed": ["a"], "ahead": ["b"]}, "day/work": {"last": "b", "owed": ["c"]}
    }  # fmt: skip
    assert changes.turns_after(after, [{**given, "from": "b", "to": "a"}], list_of) == lists


# a desk of its own


def desk_like(tmp_path: Path, text: str, *months: str) -> Path:
    """A bureau whose desk has these settings, with months published."""
    path = tmp_path / "own.db"
    bureau.init(path, "", None, BEFORE)
    (tmp_path / "desk.toml").write_text(text, encoding="utf-8")
    with bureau.opened(path) as db:
        with write_tx(db, "people", BEFORE) as tx:
            put_staff(tx, desk_people(7, 9))
        desk_settings.keep_desk(db, tmp_path / "desk.toml", BEFORE)
        for key in months:
            publish(db, key, BEFORE)
    return path


BLOCKS = """
style = "fair"
weekend_block = ["lead"]
[[posts]]
id = "lead"
zh = "带班"
role = "leader"
start = "08:00"
minutes = 1440
"""


def test_a_weekend_that_is_one_block_moves_as_one(tmp_path: Path) -> None:
    """A swap takes both days; who falls ill in between gives up Sunday only, and the roster checks."""
    path = desk_like(tmp_path, BLOCKS, DEC)
    with bureau.opened(path) as db:
        holder = {row[0]: row[2] for row in rows(roster(db))}
        assert holder["2026-12-12"] == holder["2026-12-13"]
        assert holder["2026-12-19"] == holder["2026-12-20"] != holder["2026-12-12"]
        mine, his = holder["2026-12-12"], holder["2026-12-19"]
        fits = False
        try:
            told = swap(db, mine, "2026-12-12", his, "2026-12-20", agreed=True, now=NOW)
            fits = True
        except Refused:
            told = take_over(db, mine, "2026-12-13", _free_leader(db, mine), now=NOW)
        assert told["months"][0]["cells"] == (8 if fits else 4)
        holder = {row[0]: row[2] for row in rows(roster(db))}
        assert holder["2026-12-12"] == holder["2026-12-13"] != mine
        assert not broken(db, DEC)
        ill_on = holder["2026-12-20"]
        told = ill(db, ill_on, "2026-12-20", "2026-12-20", at("2026-12-19", 12))
        # Saturday's duty ends on Sunday at 8: it stands, and is named
        assert [row["date"] for row in told["months"][0]["still_out"]] == ["2026-12-19"]
        after = {row[0]: row[2] for row in rows(roster(db))}
        assert after["2026-12-19"] == ill_on != after["2026-12-20"]
        assert not broken(db, DEC)
        # a block that has begun stays with whoever is there, though others could be changed
        before = rows(roster(db))
        away(db, after["2026-12-28"], "2026-12-28", "2026-12-28")
        repair(db, now=at("2026-12-26", 12), work=10)
        now = {row[0]: row[2] for row in rows(roster(db))}
        assert now["2026-12-27"] == {row[0]: row[2] for row in before}["2026-12-27"]
        assert not broken(db, DEC)


def _free_leader(db: Database, but: str) -> str:
    """A leader who can take the weekend of 12 December over."""
    for person in desk_people(7, 9):
        if person.role == "leader" and person.id != but:
            try:
                take_over(db, but, "2026-12-13", person.id, now=NOW, dry_run=True)
            except AuditorError:
                continue
            return person.id
    raise AssertionError("nobody")


def test_new_settings_change_a_published_roster_only_when_asked(tmp_path: Path) -> None:
    """More seats from now on: those of the past stay short and are told so, those to come are filled."""
    path = desk_like(tmp_path, BLOCKS.replace('weekend_block = ["lead"]', ""), DEC)
    (tmp_path / "more.toml").write_text(
        BLOCKS.replace('weekend_block = ["lead"]', "") + "need = { weekend = 2 }\n", encoding="utf-8"
    )
    with bureau.opened(path) as db:
        before = rows(roster(db))
        desk_settings.keep_desk(db, tmp_path / "more.toml", NOW)
        assert repair(db, now=NOW, work=10)["months"] == []
        told = repair(db, settings=True, now=NOW, work=10)
        assert all(row["from"] is not None or row["why"] == "seat" for row in told["months"][0]["changes"])
        weekends = {
            day.day.isoformat() for day in month_of(DEC).days if day.cls == "weekend" and not day.key_period
        }
        for day in weekends:
            there = {row for row in rows(roster(db)) if row[0] == day}
            assert len(there) == (1 if day < "2026-12-09" else 2)
            assert day > "2026-12-09" or there <= before
        assert not broken(db, DEC)


def test_a_group_and_its_leader_are_repaired_together(tmp_path: Path) -> None:
    """Members stand only on days on which their leader leads; also after a repair."""
    text = """
style = "fair"
[[groups]]
leader = "l0"
members = ["o00", "o01"]
"""
    path = desk_like(tmp_path, text, DEC)
    with bureau.opened(path) as db:
        leads = sorted(row[0] for row in rows(roster(db)) if row[2] == "l0" and row[0] > "2026-12-10")
        told = ill(db, "l0", leads[0], leads[0], NOW)
        assert told["months"][0]["stages"][0]["value"] == told["months"][0]["stages"][0]["bound"]
        assert not broken(db, DEC)
        with_leader = {row[0] for row in rows(roster(db)) if row[2] == "l0"}
        assert all(row[0] in with_leader for row in rows(roster(db)) if row[2] in ("o00", "o01"))


# the command line


def run(*arguments: object) -> Any:
    """Call the program in this process."""
    return CliRunner().invoke(auditor, [str(one) for one in arguments])


@pytest.fixture
def file(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bureau, named to the program, on 9 December."""
    with copied(made, tmp_path / "bureau.db"):
        pass
    monkeypatch.setenv("AUDITOR_DB", str(tmp_path / "bureau.db"))
    monkeypatch.setenv("AUDITOR_NOW", "2026-12-09T09:00+08:00")
    return tmp_path / "bureau.db"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("repair", "--absent", "O3", "2026-12-20", "2026-12-10"), 2, "is before"),
        (("repair", "--absent", "O3", "10 Dec", "2026-12-10"), 2, "write a date"),
        (("repair", "--absent", "X", "2026-12-10", "2026-12-10"), 2, "nobody"),
        (("repair", "--absent", "O3", "2026-12-01", "2026-12-02"), 2, "is past"),
        (("repair", "--month", "2027-09"), 2, "no roster of 2027-09"),
        (("submit", "--month", DEC), 1, "published already"),
        (("approve", "--month", DEC, "--by", "x"), 1, "published already"),
        (("approve", "--month", DEC, "--by", "x", "--decline", "y"), 2, "not waiting"),
        (("approve", "--month", DEC, "--by", " "), 2, "who approves"),
        (("swap", "O1", "2026-12-10", "O2", "2026-12-11"), 2, "--agreed"),
        (("swap", "O1", "2026-12-10", "O2"), 2, "the duty of O2 too"),
        (("swap", "O1", "2026-12-32", "O2", "2026-12-11", "--agreed"), 2, "is no duty"),
        (("take-over", "O1", "2029-12-10"), 2, "no roster of 2029-12"),
        (("publish", "--month", DEC), 1, "published already"),
        (("lock", "--month", DEC, "--undo", "x"), 2, "not locked"),
        (("lock", "--duty", "2026-12-31/tea"), 2, "no 2026-12-31/tea"),
        (("lock", "--duty", "2026-12-31", "--free", "2026-12-30"), 2, "one of"),
        (("diff", "--month", DEC, "--since", "9"), 2, "revisions 1 to 4"),
        (("take-over", "O3", "2026-12-10", "O3"), 2, "two people"),
        (("history", "--month", "2030-01"), 2, "no roster of 2030-01"),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence_and_changes_nothing(
    file: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    """One line on standard error, its exit code, and the file as it was."""
    with bureau.opened(file) as db:
        before = entries(db)
    done = run("roster", *arguments)
    assert done.exit_code == code, done.output
    assert says in done.stderr
    assert done.stderr.count("\n") == 1 or code == 2
    with bureau.opened(file) as db:
        assert entries(db) == before


def test_the_commands_tell_it_as_text_and_as_json(file: Path) -> None:
    """Whom to tell at once stands apart; diff and history say the same as the change did."""
    done = run("roster", "repair", "--absent", "O3", "2026-12-10", "2026-12-31", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)["months"][0]
    diff = json.loads(run("roster", "diff", "--month", DEC, "--json").stdout)
    assert diff["people"] == told["people"]
    assert (diff["since"], diff["until"]) == (4, 5)
    history = json.loads(run("roster", "history", "--month", DEC, "--json").stdout)
    assert [one["revision"] for one in history["revisions"]] == [1, 2, 3, 4, 5]
    assert history["revisions"][-1]["changes"] == [
        {key: value for key, value in row.items() if key != "why"} for row in told["changes"]
    ]
    text = run("roster", "repair", "--absent", "O5", "2026-12-10", "2026-12-31", "--dry-run").stdout
    assert "all proven least" in text
    assert "tell" in text
    assert text.endswith("this was a dry run\n")
    assert "repair" in run("roster", "history", "--month", DEC).stdout


def test_an_impossible_repair_prints_its_reasons_as_json_too(file: Path) -> None:
    """Exit 3; the sentence on standard error, the facts on standard output."""
    arguments = [part for n in range(5) for part in ("--absent", f"L{n}", "2026-12-20", "2026-12-22")]
    done = run("roster", "repair", *arguments, "--json")
    assert done.exit_code == 3
    told = json.loads(done.stdout)
    assert told["status"] == "infeasible"
    assert told["shortage"]
    assert told["ways"]
    assert "stays as it was" in done.stderr


def test_changes_are_told_by_seat_and_by_person() -> None:
    """Two seats of a post: who leaves and who comes are paired; nobody else is named."""
    before = {("2026-12-01", "day", "a"), ("2026-12-01", "day", "b"), ("2026-12-02", "day", "c")}
    after = {
        ("2026-12-01", "day", "b"),
        ("2026-12-01", "day", "d"),
        ("2026-12-02", "day", "c"),
        ("2026-12-03", "day", "a"),
    }
    found = changes.changes(before, after)
    assert found == [
        {"date": "2026-12-01", "post": "day", "from": "a", "to": "d"},
        {"date": "2026-12-03", "post": "day", "from": None, "to": "a"},
    ]
    assert changes.cells(found) == {("a", "2026-12-01"), ("d", "2026-12-01"), ("a", "2026-12-03")}
    assert [one["person"] for one in changes.by_person(found)] == ["a", "d"]


def test_fairness_is_told_though_somebody_joined_since_the_roster_was_made(desk: Database) -> None:
    """He has no counters on the record yet, and is no reason why nobody is told."""
    with write_tx(desk, "people", NOW) as tx:
        put_staff(tx, [Person(id="o99", name="O99", roles=("officer",))])
    record = roster(desk)
    most = max(record["counters"], key=lambda who: record["counters"][who]["total"])
    told = accounts_of(desk, month_of(DEC), record, people=[most], work=5)
    assert {one.account.person for one in told} == {most}

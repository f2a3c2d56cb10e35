"""Whom a repair tells: everybody whose printed task sheet is another, what is another, and nobody else."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from auditor.errors import AuditorError
from auditor.pages.dispatch import tasks_html
from auditor.pages.repair_words import tell_lines
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.units import read_units
from auditor.workflow import door, repairing
from auditor.workflow.bureau import opened
from auditor.workflow.ceremony import number_of
from auditor.workflow.directed import Sweep
from auditor.workflow.domains import load_all
from auditor.workflow.outputs import plan_view
from auditor.workflow.releasing import release
from auditor.workflow.repair_requests import Request
from sealed import FOURTEEN, OFFICERS, Bureau, copied, drawn_simply

EVENING = "2026-12-03T20:00:00+08:00"


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau whose number 1 is sealed."""
    return drawn_simply(tmp_path_factory.mktemp("told"), inspectors=OFFICERS, programme=FOURTEEN)


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    """The loaded domains."""
    return load_all()


@pytest.fixture
def bureau(planned: Bureau, tmp_path: Path) -> Bureau:
    """A copy of it, on the evening of the third day."""
    return copied(planned.folder, tmp_path / "own", EVENING)


def printed(db: Database, plugins: Plugins, now: datetime) -> dict[str, Counter[str]]:
    """The task sheets of each person, as they would be printed with the key."""
    seen = door.look(db, number_of(db, 1), lambda: None)
    found: dict[str, Counter[str]] = {}
    text = tasks_html(plan_view(db, seen, plugins, now, day=None)).partition("</main>")[0]
    for sheet in text.split('<section class="a4">')[1:]:
        for name in re.findall(r"<div>inspector: ([^<]+)</div>", sheet):
            found.setdefault(name, Counter())[sheet] += 1
    return found


def asked(db: Database, kind: str, at: int, day: int) -> Request:
    """A repair of a kind about the `at`-th person or visit, and a day of December."""
    visits = sorted(
        door.look(db, number_of(db, 1), lambda: None).visits, key=lambda one: (one["date"], one["id"])
    )
    one = visits[at % len(visits)]
    on = date(2026, 12, day)
    if kind == "absent":
        return Request(kind=kind, absent=[(one["team"][at % 2], f"{on}", f"{on.replace(day=31)}")])
    if kind == "add":
        units = [unit.id for unit in read_units(db)]
        return Request(kind=kind, sweep=Sweep(units=[units[at]], basis=f"信访{at}号"))
    if kind == "drop":
        return Request(kind=kind, drop=[one["id"]], outcome="cancelled", reason="停课")
    return Request(kind=kind, move=(one["id"], f"{on}"), reason="考试", approver="李局长")


def differ(before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> set[str]:
    """Whose sheets are not the same."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@pytest.mark.parametrize("seed", range(9))
def test_those_are_told_whose_printed_sheet_is_another(
    bureau: Bureau, plugins: Plugins, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Random repairs, one upon the other, some on a morning whose visits were released."""
    monkeypatch.setattr(repairing, "_no_team_then", lambda *_facts: "")  # other days are long looked for
    random = Random(seed)
    now = datetime.fromisoformat(f"2026-12-0{random.randint(1, 6)}T{random.choice((7, 20)):02d}:00:00+08:00")
    with opened(bureau.db) as db:
        release(db, 1, lambda: None, now)
        before = printed(db, plugins, now)
        for _step in range(4):
            kind = random.choice(("move", "move", "absent", "drop", "add"))
            request = asked(db, kind, random.randint(0, 40), random.randint(4, 31))
            try:
                told = repairing.repair(
                    db, request, 1, plugins, lambda: None, now,
                    work=1, drill=True, dry_run=False, progress=lambda _what: None,
                )  # fmt: skip
            except AuditorError:
                continue
            after = printed(db, plugins, now)
            named = {
                one["name"]: line for e in told for one, line in zip(e["tell"], tell_lines(e), strict=True)
            }
            assert differ(before, after) == set(named)
            assert all(re.search(r"\d (morning|afternoon|evening)", line) for line in named.values())
            before = after


def crowded(bureau: Bureau) -> list[dict[str, Any]]:
    """The visits of a sortie to come that has several."""
    by_sortie: dict[str, list[dict[str, Any]]] = {}
    for one in bureau.sealed(1).record["visits"]:
        if one["date"] > "2026-12-03":
            by_sortie.setdefault(one["sortie"], []).append(one)
    return next(several for several in by_sortie.values() if len(several) > 1)


def test_the_crew_of_a_postponed_visit_hears_of_the_stops_that_it_keeps(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others go on in the same half-day with one stop fewer; no unit is named to anybody."""
    monkeypatch.setattr(repairing, "_no_team_then", lambda *_facts: "")
    several = crowded(bureau)
    visit, half_day = several[0], f"{several[0]['date']}/{several[0]['slot']}"
    for day in range(4, 32):
        words = ("plan", "repair", "--move", visit["id"], f"2026-12-{day:02d}")
        done = bureau.run(*words, "--reason", "考试", "--approver", "李局长", "--dry-run")
        if not done.exit_code:
            break
    told = bureau.json(*words, "--reason", "考试", "--approver", "李局长")
    crew = {one["person"]: one for one in told["tell"] if one["person"] in visit["team"]}
    assert set(crew) == set(visit["team"])
    for one in crew.values():
        assert one["no_longer"] == []
        assert [(each["half_day"], each["stops_gone"]) for each in one["changed"]] == [(half_day, 1)]
        line = f"{visit['date']} {visit['slot']}: 1 stop falls away"
        assert re.search(rf"tell {one['name']}: .*{line}", done.stdout)
    names = {one["id"]: one["name"] for one in bureau.json("units", "list")}
    said = [line for line in done.stdout.splitlines() if line.startswith("tell ")]
    assert not [one for one in several if names[one["unit"]] in "".join(said)]
    assert "stop falls away" in bureau.ok("plan", "repair", "--history")


def test_whoever_goes_on_with_another_is_told_with_whom(bureau: Bureau) -> None:
    """An absent one is replaced: the companion hears of it, as do both of them."""
    for visit in reversed(bureau.sealed(1).record["visits"]):
        who, other = visit["team"]
        found = bureau.run("plan", "repair", "--absent", who, visit["date"], visit["date"], "--json")
        told = json.loads(found.stdout)
        if visit["date"] > "2026-12-03" and (told["moves"], told["seats"]) == (0, 1):
            break
    crew = {one["person"]: one for one in told["tell"]}
    (change,) = crew[other]["changed"]
    assert change["no_longer_with"] == [crew[who]["name"]]
    assert change["with"] == [one["name"] for name, one in crew.items() if name not in (who, other)]
    said = bureau.ok("plan", "repair", "--history")
    assert f"no longer with {crew[who]['name']}, with {change['with'][0]}" in said


def test_a_repair_that_was_kept_before_sheets_were_compared_is_told_still() -> None:
    """Its entry knows half-days alone."""
    row = {"name": "甲", "no_longer": ["2026-12-04/morning"], "now": []}
    assert tell_lines({"tell": [row]}) == ["tell 甲: not out on 2026-12-04 morning"]

"""Plans on the desk: what is sealed stays so, and what is shown is what the command line says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from auditor.desk import jobs, openings
from auditor.desk.looks import dated, group, sentence
from auditor.desk.tasks import plan as plan_task
from auditor.desk.work import Task
from auditor.workflow import bureau as bureau_step
from auditor.workflow import door, keys, plan_views, units
from auditor.workflow.ceremony import number_of
from desk_client import Client, desk_of, entries_in, revision_in, text_of, token_of
from sealed import FOURTEEN, PASSWORD, Bureau, copied, drawn_under_password, key

EVENING = "2026-12-01T20:00:00+08:00"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau whose number 1 is drawn and waits for its plan; its key has a password."""
    return drawn_under_password(tmp_path_factory.mktemp("desk-plan"))


@pytest.fixture(scope="module")
def planned(drawn: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """The same, planned and sealed."""
    bureau = copied(drawn.folder, tmp_path_factory.mktemp("planned") / "own", drawn.now)
    bureau.ok("plan", "make", "--programme", "2026-12", "--work", 2, *key(bureau))
    bureau.now = EVENING
    return bureau


@pytest.fixture
def bureau(planned: Bureau, tmp_path: Path) -> Bureau:
    """A copy of it."""
    return copied(planned.folder, tmp_path / "own", EVENING)


def whole(bureau: Bureau) -> dict[str, Any]:
    """The plan as it stands, through the command line's door; people by their own ids."""
    with bureau_step.opened(bureau.db) as db:
        return {"visits": door.look(db, number_of(db, 1), lambda: PASSWORD).visits}


def names_of(bureau: Bureau) -> dict[str, str]:
    """What the units are called."""
    return {one["id"]: one["name"] for one in bureau.json("units", "list")}


def browser(bureau: Bureau, language: str = "en") -> Client:
    """A browser at the desk of a bureau, at its clock."""
    return desk_of(bureau.db, language=language, now=datetime.fromisoformat(bureau.now))


def opened(bureau: Bureau, language: str = "en") -> Client:
    """A browser in which the plan was opened."""
    client = browser(bureau, language)
    answer = client.submit("/plans/1/open", client.page("/plans/1"), {"password": PASSWORD})
    assert answer.status_code == 303, text_of(answer.text)
    return client


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long work is done at once and in this process; what it notes is noted all the same."""

    def launch(own: Any, number: int, order: Any, secrets: Any) -> None:
        path = own._order(number)
        path.write_text(json.dumps({**order, "pid": 0, "started": ""}, ensure_ascii=False), encoding="utf-8")
        task = Task(path, dict(secrets))
        task.note(state="done", outcome=jobs.task_of(order["kind"]).run(task))

    monkeypatch.setattr(jobs.Jobs, "_launch", launch)


# what is sealed


def test_without_the_key_no_page_names_a_unit_a_team_or_a_day(planned: Bureau) -> None:
    """Counts and root are there; every address behind the plan tells nothing, whatever is asked of it."""
    client = browser(planned)
    record = whole(planned)
    names = names_of(planned)
    page = client.page("/plans/1")
    public = planned.json("plan", "show", "--number", 1)
    assert " ".join(group(public["plan_root"])) in text_of(page)
    assert f"{public['visits']} visits to make {public['sorties']} half-day trips" in text_of(page)
    assert "trip morning" not in page.replace("trip morning mark", "")
    standing = {
        (half_day, one["id"])
        for one in planned.json("plan", "show", "--number", 1, "--load")
        for half_day, state in one["half_days"].items()
        if state not in ("leave", "duty")
    }
    assert sum(
        map(int, re.findall(r"\b[MAE] (\d+)", "".join(re.findall(r'"standby">([^<]*)', page))))
    ) == len(standing)
    sealed = {names[one["unit"]] for one in record["visits"]} | {one["id"] for one in record["visits"]}
    first = record["visits"][0]
    addresses = [
        "/plans", "/plans/1", f"/plans/1/days/{first['date']}", "/plans/1/sheets", "/plans/1/print/tasks",
        "/plans/1/print/cars", f"/plans/1/print/tasks?day={first['date']}", "/plans/1/files/tasks.html",
        "/plans/1/files/map.svg", "/plans/1/files/plan.json", "/plans/1/repairs", "/plans/1/repair?kind=drop",
    ]  # fmt: skip
    for address in addresses:
        answer = client.get(address)
        empty = "/print/" in address or address.endswith((".html", ".svg"))
        assert answer.status_code == (409 if empty else 200), address
        assert not empty or "plan is locked in this browser" in text_of(answer.text)
        assert not [one for one in sealed if one in unescape(answer.text)], address
    assert "/files/" not in client.page("/plans/1/sheets")
    assert client.get(f"/plans/1/sorties/{first['sortie']}").status_code == 404
    assert client.get("/plans/1/sorties/S999").status_code == 404
    spared = next(one for one in names if one not in {visit["unit"] for visit in record["visits"]})
    answers = [client.get(f"/plans/1/units/{one}") for one in (first["unit"], spared)]
    assert answers[0].status_code == answers[1].status_code
    told = [
        re.sub(r'token" value="[^"]*"', "", answer.text.replace(names[unit], "").replace(unit, ""))
        for answer, unit in zip(answers, (first["unit"], spared), strict=True)
    ]
    assert told[0] == told[1]


def test_the_key_opens_for_one_browser_until_it_is_locked(
    planned: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password is said on the page; another browser of the same desk sees nothing; time locks too."""
    client = browser(planned)
    page = client.page("/plans/1")
    wrong = client.submit("/plans/1/open", page, {"password": "not this"})
    assert wrong.status_code == 400
    assert "does not open with this password" in text_of(wrong.text)
    assert "not this" not in wrong.text
    day = f"/plans/1/days/{whole(planned)['visits'][0]['date']}"
    assert "No sortie may be seen" in client.page(day)
    client.submit("/plans/1/open", wrong.text, {"password": PASSWORD})
    assert "No sortie may be seen" not in client.page(day)
    cookies = dict(client.cookies)
    client.cookies.delete(f"auditor_open_{client.desk.door.port}")
    assert "No sortie may be seen" in client.page(day)
    client.cookies.update(cookies)
    assert "No sortie may be seen" not in client.page(day)
    with monkeypatch.context() as patch:
        patch.setattr(openings, "IDLE_S", -1.0)
        assert "No sortie may be seen" in client.page(day)
    client.submit("/plans/1/open", client.page("/plans/1"), {"password": PASSWORD})
    client.submit("/plans/1/lock", client.page("/plans/1"))
    assert "No sortie may be seen" in client.page(day)


def test_a_plan_that_is_not_there_is_not_found(planned: Bureau) -> None:
    """Neither are odd addresses."""
    client = browser(planned)
    for address in (
        "/plans/2",
        "/plans/x",
        "/plans/2026-12",
        "/plans/1/days/x",
        "/plans/1/files/x",
        "/plans/make",
    ):
        assert client.get(address).status_code == 404, address


# what is shown


def test_the_page_says_what_the_command_line_says(planned: Bureau) -> None:
    """Visits, days, teams and arrivals of the open plan are those of `plan show`, in both languages."""
    record = whole(planned)
    people = {one["id"]: one["name"] for one in planned.json("inspectors", "list")}
    names = names_of(planned)
    for language in ("en", "zh"):
        page = opened(planned, language).page("/plans/1")
        (table,) = re.findall(r'<table class="plan-teams.*?</table>', page, re.S)
        shown = {
            (start, unescape(name))
            for start, name in re.findall(
                r'<td class="at">(\d\d:\d\d)</td><td class="stop"><a [^>]*>([^<]*)</a>', table
            )
        }
        assert shown == {(one["start"], names[one["unit"]]) for one in record["visits"]}
        grid = "".join(re.findall(r'<table class="month trips.*?</table>', page, re.S))
        line = r'href="/plans/1/sorties/(\w+)"><b>.</b> <span>([^<]*)</span> <span class="n">(\d+)'
        lines = re.findall(line, grid)
        stops: dict[str, list[Any]] = {}
        for one in record["visits"]:
            stops.setdefault(one["sortie"], []).append(one)
        assert {(key, frozenset(team.split()), int(n)) for key, team, n in lines} == {
            (key, frozenset(people[one] for one in several[0]["team"]), len(several))
            for key, several in stops.items()
        }


def test_a_day_has_four_lines_and_counts_the_others(planned: Bureau) -> None:
    """The address behind the number has all of them."""
    client = opened(planned)
    client.page("/plans/1")
    opening = next(iter(openings.of_desk(client.desk)._own.values()))
    (mark,) = [one for one in opening._made if one[0] == "sight"]
    sight: Any = opening._made[mark]
    day = date(2026, 12, 8)
    many = tuple(replace(sight.sorties[0], key=f"S{at}", day=day) for at in range(13))
    cell = plan_views.DayCell(day=day, inside=True, cls="work", name="", key_period="", sorties=many)
    grid = plan_views.MonthGrid(month="2026-12", weeks=((cell,),))
    opening._made[mark] = replace(sight, sorties=many, grids=(grid,))
    page = client.page("/plans/1")
    (table,) = re.findall(r'<table class="month trips.*?</table>', page, re.S)
    assert table.count('class="trip ') == 4
    assert ">+9</a>" in table
    assert client.page(f"/plans/1/days/{day}").count('class="trip ') == 13


def test_why_is_what_explain_says(planned: Bureau) -> None:
    """Chance, lots and the rules that forbade earlier ones; of a sortie its day and team."""
    client = opened(planned)
    visit = whole(planned)["visits"][0]
    said = planned.ok("plan", "explain", "--number", 1, "--whole", "--unit", visit["unit"], *key(planned))
    page = text_of(client.page(f"/plans/1/units/{visit['unit']}"))
    for line in said.splitlines():
        if line and ", number 1, draw " not in line and not line.startswith("visit "):
            told = " ".join(dated(line).split())
            assert told in page or sentence(told) in page, line
    assert visit["id"] not in page
    sortie = text_of(client.page(f"/plans/1/sorties/{visit['sortie']}"))
    assert re.search(r"day: lot \d+ of \d+ .*team: lot \d+ of \d+", sortie)
    assert "<html" not in client.page(f"/plans/1/sorties/{visit['sortie']}", **{"hx-request": "true"})


def test_printed_sheets_carry_no_style_of_their_own(planned: Bureau) -> None:
    """The policy forbids it; the same rules come as a style sheet, and the file is the command line's."""
    client = opened(planned)
    day = whole(planned)["visits"][0]["date"]
    for which in ("tasks", "cars"):
        page = client.page(f"/plans/1/print/{which}?day={day}")
        assert "style=" not in page
        assert "<style" not in page
        assert "data-print" in page
        (link,) = re.findall(r'href="(/papers/\w+\.css)"', page)
        css = client.page(link)
        assert "@page" in css
        for name in set(re.findall(r'class="\w+ ([sc]\d+)"', page)):
            assert f".{name}{{" in css
    out = planned.folder / "out"
    if not out.exists():
        planned.ok(
            "plan", "export", "--number", 1, "--whole", "--format", "html", "--out", out, *key(planned)
        )
    answer = client.get("/plans/1/files/tasks.html")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.content == (out / "tasks.html").read_bytes()


def test_the_server_loads_no_solver(planned: Bureau) -> None:
    """Every page of an open plan is made without ortools and pandas."""
    visit = whole(planned)["visits"][0]
    script = (
        "import sys; from pathlib import Path; from desk_client import desk_of\n"
        f"client = desk_of(Path({str(planned.db)!r}))\n"
        f"client.submit('/plans/1/open', client.page('/plans/1'), {{'password': {PASSWORD!r}}})\n"
        f"for one in ('', '/units/{visit['unit']}', '/sorties/{visit['sortie']}', '/sheets', '/print/cars',\n"
        "            '/repair'):\n"
        "    client.page('/plans/1' + one)\n"
        "print([one for one in ('ortools', 'pandas', 'numpy') if one in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parent.parent, capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done.stderr


# making one


def test_a_plan_is_made_as_work_and_equals_the_command_lines(
    drawn: Bureau, planned: Bureau, tmp_path: Path, here: None
) -> None:
    """The same work gives the same root; neither password nor key is anywhere beside the file."""
    bureau = copied(drawn.folder, tmp_path / "own", drawn.now)
    client = browser(bureau)
    page = client.page("/plans?month=2026-12")
    assert 'data-action="plan"' in page
    refused = client.submit("/plans/make", page, {"programme": "2026-12", "password": "x"})
    assert "does not open with this password" in text_of(refused.text)
    client.desk.jobs.start(
        "plan",
        {"programme": "2026-12", "work": 2},
        {"identity": identity_of(bureau)},
        revision=revision_in(bureau.db),
        number="a",
    )
    job = client.desk.jobs.latest("plan")
    assert job is not None
    assert job.outcome["go"] == "/plans/1"
    root = planned.json("plan", "show", "--number", 1)["plan_root"]
    text = text_of(client.page("/plans/1"))
    assert " ".join(group(root)) in text or "proven" in text_of(opened(bureau).page("/plans/1"))
    for file in bureau.db.with_name("bureau.db.desk").rglob("*.json"):
        text = file.read_text(encoding="utf-8")
        assert not [one for one in (PASSWORD, identity_of(bureau)) if one in text], file


def test_the_best_whole_plan_is_kept_while_another_round_is_at_work(
    drawn: Bureau, tmp_path: Path, here: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second round never ends; somebody wants the first one's plan, and has it."""
    from threading import Event

    from auditor.workflow import sealing

    bureau = copied(drawn.folder, tmp_path / "own", drawn.now)
    client = browser(bureau)
    real, never, calls = sealing.ready, Event(), []

    def ready(*arguments: Any, **named: Any) -> Any:
        calls.append(named["work"])
        if len(calls) > 1:
            never.wait(60)
        return [replace(one, plan={**one.plan, "bound_m": 0}) for one in real(*arguments, **named)]

    monkeypatch.setattr(sealing, "ready", ready)
    monkeypatch.setattr(Task, "wants_best", lambda own: True)
    client.desk.jobs.start(
        "plan",
        {"programme": "2026-12", "work": 2},
        {"identity": identity_of(bureau)},
        revision=revision_in(bureau.db),
        number="a",
    )
    never.set()
    assert calls[0] == 0.1
    assert "sealed" in text_of(client.page("/plans/1"))


@pytest.mark.parametrize(("proven", "rounds"), [(True, 1), (False, len(plan_task.ROUNDS))])
def test_no_round_follows_one_that_is_proven(
    monkeypatch: pytest.MonkeyPatch, proven: bool, rounds: int
) -> None:
    """What could not be better is not looked for; else every round is made."""
    from auditor.workflow import sealing

    monkeypatch.setattr(sealing, "ready", lambda *_asked, **_named: [SimpleNamespace(proven=proven)])
    task: Any = SimpleNamespace(
        arguments={"programme": "2026-12"}, reading=lambda: nullcontext(), plugins=lambda _db: None
    )
    found: list[Any] = []
    plan_task._plan(task, lambda: None, found.append)
    assert len(found) == rounds


def test_figures_of_few_visits_are_not_told() -> None:
    """Metres never; thousandths of the first whole plan from twenty visits on."""

    def ready(visits: int, objective: int, bound: int) -> Any:
        plan = {"visits": [{}] * visits, "objective_m": objective, "bound_m": bound}
        return [SimpleNamespace(plan=plan)]

    told = plan_task._Told()
    assert told.take(ready(19, 100_000, 90_000)) == {}
    assert told.take(ready(20, 100_000, 90_000)) == {"best": 1000, "bound": 900, "gain": 10.0}
    assert told.take(ready(20, 95_000, 80_000)) == {"best": 950, "bound": 900, "gain": 5.3}


# repairs


def ask(client: Client, kind: str, **fields: str) -> Any:
    """Send the form of what came in between."""
    page = client.page(f"/plans/1/repair?kind={kind}")
    return client.submit("/plans/1/repair", page, {"kind": kind, **fields})


def identity_of(bureau: Bureau) -> str:
    """The planning key, as the desk gives it to work."""
    with bureau_step.opened(bureau.db) as db:
        return keys.open_key(db, lambda: PASSWORD)


def absent(bureau: Bureau) -> dict[str, str]:
    """The form that says that somebody of the last sortie is ill from now on."""
    last = max(whole(bureau)["visits"], key=lambda one: one["date"])
    return {"who": last["team"][0], "first": "2026-12-02", "last": "2026-12-31"}


def plan_step(client: Client) -> str:
    """How far home says the plan is."""
    found = re.search(r'data-step="plan" data-state="(\w+)"', client.page("/?month=2026-12"))
    assert found is not None
    return found[1]


def test_leave_after_the_plan_is_told_until_it_is_repaired_or_found_to_hold(
    bureau: Bureau, here: None
) -> None:
    """Home leads to the plan; whoever opens it sees whether a visit is touched, and how it is mended."""
    fields = absent(bureau)
    client = opened(bureau)
    assert plan_step(client) == "done"
    leave = ("leave", "request", fields["who"], fields["first"], fields["last"])
    bureau.ok(*leave)
    (asked,) = [one["id"] for one in bureau.json("leave", "list", "--requests")]
    bureau.ok("leave", "approve", asked, "--by", "l01")
    client = opened(bureau)
    assert plan_step(client) == "stale"
    assert 'href="/plans/1"' in client.page("/?month=2026-12")
    page = client.page("/plans/1")
    words = text_of(page)
    assert "is on leave" in words
    assert "visit is touched" in words or "visits are touched" in words
    assert 'data-action="noted"' not in page
    assert client.submit("/plans/1/noted", page).status_code == 409
    assert "is on leave" in text_of(browser(bureau).page("/plans/1"))
    ask(client, "absent", **fields)
    client.submit("/plans/1/offer/accept", client.page("/plans/1/offer"))
    assert plan_step(client) == "done"
    assert "became known" not in text_of(client.page("/plans/1"))
    assert "Counted as it was sealed" not in text_of(client.page("/plans/1"))
    assert "Counted as it was sealed" in text_of(browser(bureau).page("/plans/1"))


def test_leave_that_touches_no_visit_is_noted_by_one_button(bureau: Bureau) -> None:
    """And comes back with the next leave."""
    busy = {(who, one["date"]) for one in whole(bureau)["visits"] for who in one["team"]}
    who = sorted({who for who, _day in busy})[0]
    free = next(
        f"2026-12-{day:02d}" for day in range(2, 32) if (who, f"2026-12-{day:02d}") not in busy
    )  # fmt: skip
    (bureau.folder / "l.csv").write_text(f"person,from,to,kind\n{who},{free},{free},公差\n", encoding="utf-8")
    bureau.now = "2026-12-01T20:05:00+08:00"
    bureau.ok("leave", "import", bureau.folder / "l.csv")
    client = opened(bureau)
    assert plan_step(client) == "stale"
    home = text_of(client.page("/?month=2026-12"))
    assert "Next: See what changed" in home
    assert "out of date" not in home
    page = client.page("/plans/1")
    assert "no visit is touched" in text_of(page)
    assert client.submit("/plans/1/noted", page).status_code == 303
    assert plan_step(client) == "done"


def test_visits_on_days_set_free_later_are_named_and_lead_to_a_filled_form(bureau: Bureau) -> None:
    """Each has a link of its own; a stranger sees neither."""
    visit = max(whole(bureau)["visits"], key=lambda one: one["date"])
    bureau.now = "2026-12-01T20:05:00+08:00"
    day = visit["date"]
    bureau.ok("blackouts", "add", visit["unit"], day, day, "--kind", "exam", "--reason", "期末考试")
    client = opened(bureau)
    page = client.page("/plans/1")
    found = re.search(r'<a href="(/plans/1/repair\?kind=move&amp;visit=[^"]+)">([^<]+)</a>', page)
    assert found is not None
    assert names_of(bureau)[visit["unit"]] in found[2]
    form = client.page(found[1].replace("&amp;", "&"))
    assert f'value="{visit["id"]}" selected' in form
    assert 'value="期末考试"' in form
    assert visit["id"] not in browser(bureau).page("/plans/1")


def test_what_an_order_could_not_reach_is_among_the_not_placed(bureau: Bureau, here: None) -> None:
    """Counted with those that the lot left out; the other ordered unit is visited; no stranger sees it."""
    drawn = {one["unit"] for one in whole(bureau)["visits"]}
    near = next(one for one in bureau.json("units", "list") if one["id"] not in drawn)
    far = {"id": "far", "name": "远山小学"}
    row = f"far,远山小学,小学,{near['township']},{near['lat'] + 5},{near['lng']},300"
    (bureau.folder / "far.csv").write_text(
        f"学校代码,学校名称,学校类别,乡镇,纬度,经度,学生数\n{row}\n", encoding="utf-8"
    )
    bureau.ok("units", "import", bureau.folder / "far.csv")
    client = opened(bureau)
    order = {"unit": f"{near['id']}\n{far['id']}", "basis": "县教〔2026〕9号", "deadline": "2026-12-31"}
    assert ask(client, "order", **order).status_code == 303
    assert far["name"] in client.page("/plans/1/offer")
    assert client.submit("/plans/1/offer/accept", client.page("/plans/1/offer")).status_code == 303
    page = client.page("/plans/1")
    assert far["name"] in page.partition('id="left"')[2]
    assert near["name"] not in page.partition('id="left"')[2].partition("</ul>")[0]
    assert "1 visit not placed" in text_of(page)
    assert far["name"] not in browser(bureau).page("/plans/1")


def test_a_repair_is_shown_before_it_is_kept_and_kept_once(bureau: Bureau, here: None) -> None:
    """Nothing is written by looking; accepting writes one entry, and the plan is what was shown."""
    client = opened(bureau)
    fields = absent(bureau)
    before = entries_in(bureau.db)
    assert ask(client, "absent", **fields).status_code == 303
    offer = client.page("/plans/1/offer")
    dry = bureau.json(
        "plan",
        "repair",
        "--absent",
        fields["who"],
        fields["first"],
        fields["last"],
        "--dry-run",
        *key(bureau),
    )
    assert entries_in(bureau.db) == before
    told = text_of(offer)
    assert "not kept yet" in told
    assert f"/leave/new?person={fields['who']}&amp;from={fields['first']}" in offer
    assert f'value="{fields["last"]}"' in client.page(f"/leave/new?person=x&to={fields['last']}")
    for person in dry["tell"]:
        assert f"Tell {person['name']}:" in told
    assert offer.count("<tr><td ") == len(dry["changes"])
    accepted = client.submit("/plans/1/offer/accept", offer)
    assert accepted.headers["location"] == "/plans/1"
    assert entries_in(bureau.db) == before + 1
    mine = {
        (visit["id"], one["to"]["date"]) for one in dry["changes"] if one["to"] for visit in one["visits"]
    }
    now = {(one["id"], one["date"]) for one in whole(bureau)["visits"]}
    assert mine <= now
    assert not any(
        fields["who"] in one["team"] for one in whole(bureau)["visits"] if one["date"] > "2026-12-01"
    )
    again = client.submit("/plans/1/offer/accept", offer)
    assert again.status_code == 409
    assert entries_in(bureau.db) == before + 1
    assert "1 repair" in text_of(client.page("/plans/1"))
    assert "To the plan" in text_of(client.page("/plans/1/offer"))
    assert "somebody is absent" in text_of(client.page("/plans/1/repairs"))


def test_a_repair_is_refused_where_something_was_written_since(bureau: Bureau, here: None) -> None:
    """Also where the page is younger than the change; it can be worked out again, and then be kept."""
    client = opened(bureau)
    ask(client, "absent", **absent(bureau))
    old = client.page("/plans/1/offer")
    with bureau_step.opened(bureau.db) as db:
        unit = bureau.json("units", "list")[0]["id"]
        units.set_unit(db, unit, {"name": "另一个名字"}, reason="", now=datetime.fromisoformat(EVENING))
    before = entries_in(bureau.db)
    page = client.page("/plans/1/offer")
    assert "Something else was changed since" in text_of(page)
    for token in (token_of(old), token_of(page)):
        answer = client.post("/plans/1/offer/accept", data={"token": token}, follow_redirects=False)
        assert answer.status_code == 409
    assert entries_in(bureau.db) == before
    assert client.submit("/plans/1/offer/again", page).status_code == 303
    assert client.submit("/plans/1/offer/accept", client.page("/plans/1/offer")).status_code == 303
    assert entries_in(bureau.db) == before + 1


def test_what_a_repair_names_is_nowhere_beside_the_file(bureau: Bureau, here: None) -> None:
    """Neither what was asked nor what came of it, also where it is not possible."""
    names = names_of(bureau)
    visit = max(whole(bureau)["visits"], key=lambda one: one["date"])
    client = opened(bureau)
    moved = {"visit": visit["id"], "day": "2026-12-05", "reason": "期末考试", "approver": "李局长"}
    assert ask(client, "move", **moved).status_code == 303
    refused = client.page("/plans/1/offer")
    assert names[visit["unit"]] in refused
    assert 'data-action="accept"' not in refused
    assert ask(client, "drop", visit=visit["id"], outcome="cancelled", reason="停办").status_code == 303
    shown = client.page("/plans/1/offer")
    assert names[visit["unit"]] in shown
    stranger = browser(bureau)
    assert names[visit["unit"]] not in stranger.page("/plans/1/offer")
    folder = bureau.db.with_name("bureau.db.desk")
    said = "".join(one.read_text(encoding="utf-8") for one in folder.rglob("*") if one.is_file())
    for word in (names[visit["unit"]], visit["id"], visit["unit"], "期末考试", "停办", PASSWORD):
        assert word not in said, word


def test_a_form_that_lacks_something_says_so_and_keeps_what_was_typed(bureau: Bureau) -> None:
    """No work begins; the sentence is the one of the command line."""
    client = browser(bureau)
    cases: list[tuple[str, dict[str, str], str]] = [
        ("absent", {"first": "2026-12-02", "last": "2026-12-03"}, "say who is absent"),
        ("absent", {"who": "o01", "first": "2026-12-04", "last": "2026-12-03"}, "before the first"),
        ("drop", {"visit": "x", "outcome": "cancelled"}, "needs its --reason"),
        ("move", {"visit": "x", "day": "tomorrow"}, "write a date like"),
        ("add", {"basis": "信访3号"}, "which units"),
        ("order", {"basis": "9号", "unit": "x"}, "last day"),
        (
            "absent",
            {"who": "o01", "first": "2026-12-04", "last": "2026-12-05"},
            "the planning key has a password",
        ),
    ]
    for kind, fields, said in cases:
        answer = ask(client, kind, **fields)
        assert answer.status_code == 400, kind
        assert said in text_of(answer.text), (kind, text_of(answer.text))
        for value in fields.values():
            assert value in answer.text
    assert client.desk.jobs.latest("repair") is None


# what would place the others


def test_each_unplaced_visit_has_its_cheapest_cure_and_the_page_where_it_is_made(
    drawn: Bureau, tmp_path: Path, here: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a car nothing is placed; the cures equal those of `plan explain`, and lie nowhere in clear."""
    bureau = copied(drawn.folder, tmp_path / "own", drawn.now)
    few = FOURTEEN.replace('id = "2026-12"', 'id = "few"').replace("units = 14", "units = 3")
    few = re.sub(r"domains = .*", 'domains = ["fire"]', few)
    bureau.programme(few + "cars = 0\n", "few.toml")
    bureau.ok("draw", "freeze", "--programme", "few")
    bureau.ok("draw", "commit", 2)
    bureau.now = "2026-11-26T09:10:00+08:00"
    bureau.ok("draw", "run", 2, "--beacon", "3 1 4 1 5 9", *key(bureau))
    bureau.run("plan", "make", "--programme", "few", "--work", 2, *key(bureau))
    client = browser(bureau)
    page = client.page("/plans/2")
    client.submit("/plans/2/open", page, {"password": PASSWORD})
    page = client.page("/plans/2")
    said = bureau.json("plan", "explain", "--number", 2, "--whole", "--work", 1, *key(bureau))
    assert said["unplaced"]
    (table,) = re.findall(r'<table class="left.*?</table>', page, re.S)
    assert table.count('<tr><th scope="row">') == len(said["unplaced"])
    assert 'data-action="explain"' in page
    real = jobs.task_of("explain").run

    def quick(task: Any) -> Any:
        task.arguments["work"] = 1
        return real(task)

    monkeypatch.setattr(jobs.task_of("explain"), "run", quick)
    assert client.submit("/plans/2/explain", page).status_code == 303
    page = client.page("/plans/2")
    assert 'data-action="explain"' not in page
    assert "the least that would place it" in text_of(page)
    kinds = {change["kind"] for one in said["unplaced"] for change in one["cure"]}
    assert kinds
    assert text_of(page).count("one more car in the") == sum(
        change["kind"] == "car" for one in said["unplaced"] for change in one["cure"]
    )
    names = names_of(bureau)
    folder = bureau.db.with_name("bureau.db.desk")
    notes = "".join(one.read_text(encoding="utf-8") for one in folder.rglob("*.json"))
    assert not [one for one in said["unplaced"] if names[one["unit"]] in notes or one["unit"] in notes]

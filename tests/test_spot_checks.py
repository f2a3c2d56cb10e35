"""Spot checks of duty desks: committed, drawn, sealed, recorded by post, opened for anybody to check."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

import desks
from auditor.draw import spot, verify
from auditor.draw.canon import canon, digest
from auditor.entities import Unit, UnitDuty
from auditor.store import duties as store
from auditor.store.findings import read_findings
from auditor.store.units import put_units
from auditor.store.writing import write_tx
from auditor.workflow import bureau, custody, keys
from auditor.workflow.duty import spot_checks, spot_draws
from auditor.workflow.duty import spot_closing as closing
from desks import NOW, answer, call

BALLS = "3 1 4 1 5 9"
DRAWN = "2026-11-28T10:00+08:00"
AFTER = "2027-01-02T10:00+08:00"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau whose checks of December are drawn, 4 by day and 30 by night: its own desk and a school's."""
    db = desks.make(tmp_path_factory.mktemp("spot") / "bureau.db")
    with bureau.opened(db) as database, write_tx(database, "test", NOW) as tx:
        days = [date(2026, 12, 1) + timedelta(days=at) for at in range(31)]
        store.put_unit_duties(
            tx,
            [
                UnitDuty(
                    unit="0002", on=day, post="dorm", people=("李明",), phone="5550-2000",
                    start=22 * 60, minutes=90,
                )
                for day in days
            ],
        )  # fmt: skip
    answer(db, "roster", "spot-check", "draw", "--month", "2026-12", "--day", "4", "--night", "30")
    answer(db, "roster", "spot-check", "draw", "--beacon", BALLS, now=DRAWN)
    return db


@pytest.fixture
def own(drawn: Path, tmp_path: Path) -> Path:
    """A copy of it to write in."""
    return Path(copy(drawn, tmp_path / "bureau.db"))


def calls_of(db: Path) -> list[spot_draws.Call]:
    """All calls, as the office's key opens them."""
    with bureau.opened(db) as database:
        return list(spot_draws.calls(database, spot_draws.draw_of(database, None), lambda: None))


def test_the_frame_is_desk_by_shift_with_its_chances(drawn: Path) -> None:
    """31 days, 62 nights of two desks; 4 and 30 drawn; a third as many again, each for itself."""
    with bureau.opened(drawn) as database:
        record = spot_draws.draw_of(database, 1)
    frames = record["frames"]
    assert {key: len(frame["units"]) for key, frame in frames.items()} == {
        "spot/day": 31, "spot/night": 62, "spot/again": 93,
    }  # fmt: skip
    assert {unit["stratum"] for unit in frames["spot/night"]["units"]} == {"bureau", "0002"}
    nights = [unit["pi"] for unit in frames["spot/night"]["units"]]
    assert (sum(nights), min(nights), max(nights)) == (30_000_000, 483_870, 483_871)
    assert {unit["pi"] for unit in frames["spot/again"]["units"]} == {121_863}  # 34 / 3 / 93
    chances = spot.chances_of(frames)
    assert chances["bureau/2026-12-05/08:00-18:00"] in {
        1 - (1 - Fraction(pi, 10**6)) * (1 - Fraction(121_863, 10**6)) for pi in (129_032, 129_033)
    }
    facts = answer(drawn, "roster", "spot-check", "show", now=DRAWN)["draw"]
    assert facts["state"] == "run"
    assert set(facts["expected"]) == {"bureau", "0002"}


def test_the_office_sees_a_day_ahead_and_no_further(drawn: Path) -> None:
    """What is due later stays sealed, and how many there are."""
    now = "2026-12-05T10:00+08:00"
    seen = answer(drawn, "roster", "spot-check", "show", now=now)["calls"]
    edge = datetime.fromisoformat("2026-12-06T10:00+08:00")
    assert [one["id"] for one in seen] == [one.id for one in calls_of(drawn) if one.due <= edge]
    assert 0 < len(seen) < len(calls_of(drawn))
    told = call(drawn, "roster", "spot-check", "show", now=now).stdout
    assert all(one.id not in told for one in calls_of(drawn)[len(seen) :])


def test_who_is_on_duty_stands_beside_the_call(drawn: Path) -> None:
    """By the roster: leader and officer of the bureau, the round of the school, with duty telephones."""
    seen = answer(drawn, "roster", "spot-check", "show", now=AFTER)["calls"]
    night = next(one for one in seen if one["desk"] == "bureau" and one["due"][10:] >= "T18:")
    assert [one["post"] for one in night["posts"]] == ["lead", "night"]
    assert all(one["phones"][0].startswith("5550-") for one in night["posts"])
    round_ = next(one for one in seen if one["desk"] == "0002")
    assert (round_["name"], round_["posts"]) == (
        "白水中学",
        [{"post": "dorm", "called": "dormitory night round", "people": ["李明"], "phones": ["5550-2000"]}],
    )


def due_of(db: Path, desk: str) -> spot_draws.Call:
    """The first call of a desk."""
    return next(one for one in calls_of(db) if one.unit.startswith(desk))


def record(db: Path, one: spot_draws.Call, *words: str, code: int = 0, minutes: int = 1) -> str:
    """Record a call some minutes after it was due; give what was said."""
    now = (one.due + timedelta(minutes=minutes)).isoformat(timespec="minutes")
    done = call(db, "roster", "spot-check", "record", one.id, *words, now=now)
    assert done.exit_code == code, done.output
    return done.output


def test_a_call_is_recorded_by_post_once_and_corrected_with_a_reason(own: Path) -> None:
    """Every post on duty has a result; no seconds are kept; a second record needs a reason."""
    one = due_of(own, "bureau")
    posts = {"lead", "night"} if "18:00-08:00" in one.unit else {"lead", "day"}
    results = [word for post in sorted(posts) for word in ("--post", f"{post}=present")]
    assert "--post POST=RESULT" in record(own, one, "--line", "desk", code=2)
    assert "no result" in record(own, one, "--line", "desk", *results[:-1], f"{max(posts)}=late", code=2)
    record(own, one, "--line", "call-back", *results)
    assert "--correct" in record(own, one, "--line", "desk", *results, code=1)
    record(own, one, "--line", "mobile", *results, "--correct", "误记")
    with bureau.opened(own) as database:
        [kept] = store.read_spot_checks(database)
    assert kept["line"] == "mobile"
    assert kept["posts"] == dict.fromkeys(sorted(posts), "present")
    assert kept["at"] == (one.due + timedelta(minutes=1)).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("lead", "results", "line", "kept"),
    [
        ("带班", ("在岗", "替班"), "手机", "mobile"),
        ("带班领导", ("到岗", "替岗"), "值班电话", "desk"),
        ("Leader on duty", ("Present", "replaced"), "Call", "call-back"),
        ("l", ("p", "r"), "回电", "call-back"),
    ],
)
def test_a_call_is_recorded_in_the_words_that_the_desk_uses(
    own: Path, lead: str, results: tuple[str, str], line: str, kept: str
) -> None:
    """A post by its id, its name in either language, or a start that only it has; results and lines too."""
    one = due_of(own, "bureau")
    other = "night" if "18:00-08:00" in one.unit else "day"
    name = {"night": "晚班", "day": "白"}[other]
    said = record(
        own, one, "--line", line, "--post", f"{lead}={results[0]}", "--post", f"{name}={results[1]}"
    )
    assert "leader on duty present" in said
    with bureau.opened(own) as database:
        [found] = store.read_spot_checks(database)
    assert found["line"] == kept
    assert found["posts"] == {"lead": "present", other: "replaced"}


def test_a_word_that_means_no_post_or_two_is_refused_with_the_words_that_may_be_written(own: Path) -> None:
    """Nothing is guessed: what is asked for is named with its id; a post has one result."""
    one = due_of(own, "bureau")
    other = "night" if "18:00-08:00" in one.unit else "day"
    some = ("--line", "desk", "--post", f"{other}=present")
    assert "leader on duty (lead)" in record(own, one, *some, "--post", "司机=present", code=2)
    twice = (*some, "--post", "lead=在岗", "--post", "带班=缺岗")
    assert "the post lead is given two results" in record(own, one, *twice, code=2)
    assert "present (在岗), replaced (替岗), absent (脱岗)" in record(
        own, one, *some, "--post", "lead=迟到", code=2
    )
    assert "desk (值班电话接听)" in record(own, one, "--line", "电报", "--post", "lead=present", code=2)


def test_nobody_answering_leaves_every_post_absent(own: Path) -> None:
    """Desk line, mobile, five minutes: then all posts are absent, and nobody can be present."""
    one = due_of(own, "bureau")
    assert "absent" in record(own, one, "--line", "none", "--post", "lead=present", code=2)
    record(own, one, "--line", "none")
    with bureau.opened(own) as database:
        assert set(store.read_spot_checks(database)[0]["posts"].values()) == {"absent"}
        assert read_findings(database) == []  # the bureau's own desk is no unit


def test_an_absent_post_of_a_unit_is_a_finding_until_it_is_corrected(own: Path) -> None:
    """It feeds the unit's assessment and risk as MGT-11; a correction takes it back."""
    one = due_of(own, "0002")
    record(own, one, "--line", "mobile", "--post", "dorm=absent")
    with bureau.opened(own) as database:
        [found] = read_findings(database)
        assert (found.unit, found.found_on, found.domain, found.item) == (
            "0002", one.due.date(), "management", "MGT-11",
        )  # fmt: skip
    record(own, one, "--line", "mobile", "--post", "dorm=replaced", "--correct", "次日核实有人替岗")
    with bureau.opened(own) as database:
        assert read_findings(database) == []
        assert read_remarks(database) == ["次日核实有人替岗"]


def read_remarks(database: Any) -> list[str]:
    """The reasons kept in the log."""
    return [reason for (reason,) in database.execute("select reason from remarks")]


def test_the_item_of_the_finding_is_one_of_the_shipped_domain() -> None:
    """A code that no checklist has would be shown to nobody."""
    from auditor.plugins import load_plugins

    domain, item, severity = spot_checks.DUTY_ITEM
    [found] = [one for one in load_plugins(()).domains[domain].items if one.code == item]
    assert found.severity == severity
    assert "值班电话" in found.zh


@pytest.mark.parametrize(
    ("minutes", "code"),
    [pytest.param(0, 0, id="in the very minute"), pytest.param(24 * 60, 2, id="after the shift")],
)
def test_a_call_is_made_in_its_shift(own: Path, minutes: int, code: int) -> None:
    """Not before the minute drawn, not after the shift; else it was missed, with a reason."""
    one = due_of(own, "0002")
    record(own, one, "--line", "desk", "--post", "dorm=present", code=code, minutes=minutes)


def test_a_call_before_its_minute_or_unknown_is_refused(own: Path) -> None:
    """There is nothing to record yet; and no other id."""
    one = due_of(own, "0002")
    record(own, one, "--line", "desk", "--post", "dorm=present", code=1, minutes=-1)
    done = call(own, "roster", "spot-check", "record", "9-001", "--line", "none", now=AFTER)
    assert done.exit_code == 2
    for unknown in ("x", "²-001", "9" * 5000 + "-001"):
        done = call(own, "roster", "spot-check", "record", unknown, "--line", "none", now=AFTER)
        assert done.exit_code == 1, done.output


def test_the_assessment_counts_by_desk_and_weighs_each_call_by_its_chance(own: Path) -> None:
    """Three calls by hand: Σ absent/π over Σ 1/π; desks stand by id and nobody is ranked."""
    every = calls_of(own)
    two = [one for one in every if one.unit.startswith("0002")][:2]
    day = next(one for one in every if "08:00-18:00" in one.unit)
    record(own, two[0], "--line", "none")
    record(own, two[1], "--missed", "停电")
    record(own, day, "--line", "desk", "--post", "lead=present", "--post", "day=replaced")
    with bureau.opened(own) as database:
        found = spot_checks.assessment(database, date(2026, 12, 1), date(2027, 1, 1))
        chances = spot.chances_of(spot_draws.draw_of(database, 1)["frames"])
    assert [(one["desk"], one["calls"], one["missed"], one["present"], one["replaced"], one["absent"])
            for one in found["desks"]] == [("bureau", 1, 0, 1, 1, 0), ("0002", 1, 1, 0, 0, 1)]  # fmt: skip
    absent, present = 1 / chances[two[0].unit], 1 / chances[day.unit]
    assert found["share"] == round(absent / (absent + present) * 10_000)
    assert found["shifts"] == 2


@pytest.fixture(scope="module")
def opened(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a close publishes."""
    folder = tmp_path_factory.mktemp("public")
    answer(drawn, "roster", "spot-check", "show", "--out", str(folder / "spot"), now=AFTER)
    return folder / "spot"


def test_a_stranger_checks_a_closed_draw_with_the_published_verifier(drawn: Path, opened: Path) -> None:
    """The hashes as published before, Python alone, and the ledger of spot checks."""
    with bureau.opened(drawn) as database:
        kept = spot_draws.draw_of(database, 1)
    command = [
        sys.executable,
        "-I",
        "verify_draw.py",
        "transcript.json",
        kept["commit_sha256"],
        kept["plan_root"],
    ]
    done = subprocess.run([*command, "ledger.json"], cwd=opened, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("OK\n")
    results = json.loads((opened / "results.json").read_text(encoding="utf-8"))
    assert [one["unit"] for one in results] == [one.unit for one in calls_of(drawn)]
    assert not any(name in (opened / "results.json").read_text(encoding="utf-8") for name in ("甲", "李明"))


def altered(record: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> bytes:
    """A transcript with one thing changed."""
    copied = json.loads(json.dumps(record))
    change(copied)
    return json.dumps(copied).encode()


CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "a chance": lambda t: t["frames"]["spot/night"]["units"][0].update(pi=1),
    "another drawn": lambda t: t["drawn"]["spot/day"].pop(),
    "a minute of a call": lambda t: t["unplaced"][0].update(evidence="2026-12-01T08:00"),
    "the reason": lambda t: t["unplaced"][0].update(reason="capacity"),
    "a call less": lambda t: t["unplaced"].pop(),
    "the share": lambda t: t.update(shares=["00" * 32]),
    "the value": lambda t: t["beacon"].update(value="3 1 4 1 5 8"),
    "the number drawn": lambda t: t["commit"]["draws"][1].update(n=5),
    "the root": lambda t: t.update(plan_root="0" * 64),
    "a shift taken out": lambda t: t["frames"]["spot/again"]["units"].pop(),
}


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_tampered_record_is_refused_by_the_verifier(drawn: Path, opened: Path, name: str) -> None:
    """Whatever is changed afterwards is found."""
    with bureau.opened(drawn) as database:
        kept = spot_draws.draw_of(database, 1)
    whole = json.loads((opened / "transcript.json").read_text(encoding="utf-8"))
    failed, _told = verify.verify(altered(whole, CHANGES[name]), kept["commit_sha256"], kept["plan_root"])
    assert failed


@pytest.mark.parametrize(
    ("what", "change"),
    [
        pytest.param("frame", lambda r: r["frames"]["spot/night"]["units"].pop(), id="a shift taken out"),
        pytest.param("rules", lambda r: r["rules"].update(month="2026-11"), id="other rules"),
        pytest.param("commit", lambda r: r["commit"]["event"].update(what="x"), id="another event"),
        pytest.param("list", lambda r: r.update(list_sha256="0" * 64), id="another list"),
    ],
)
def test_a_tampered_file_shows_no_calls(
    own: Path, what: str, change: Callable[[dict[str, Any]], None]
) -> None:
    """The office's own file is held against what was committed to, before anything is shown (exit 4)."""
    with bureau.opened(own) as database, write_tx(database, "test", NOW) as tx:
        kept = spot_draws.draw_of(database, 1)
        change(kept)
        store.put_spot_draw(tx, kept)
    done = call(own, "roster", "spot-check", "show", now=AFTER)
    assert done.exit_code == 4, done.output
    assert what in done.output


def test_a_list_sealed_anew_by_somebody_is_not_taken(own: Path) -> None:
    """Anyone can seal something for the office's public key; the hash of the list says that it is another."""
    from auditor.seal import age
    from auditor.store.records import read_settings
    from auditor.workflow.keys import PUBLIC

    with bureau.opened(own) as database, write_tx(database, "test", NOW) as tx:
        kept = spot_draws.draw_of(database, 1)
        fake = b'{"calls":[],"salt":""}'
        kept["sealed_list"] = age.seal(fake, [read_settings(database)[PUBLIC]], 8192, "list")
        store.put_spot_draw(tx, kept)
    assert call(own, "roster", "spot-check", "show", now=AFTER).exit_code == 4


def test_the_steps_follow_each_other(tmp_path: Path) -> None:
    """No draw before the event, none twice, no close before the month is over, nothing kept of what fails."""
    db = desks.make(tmp_path / "bureau.db")
    words = ("roster", "spot-check", "draw")
    assert call(db, *words, "--beacon", BALLS).exit_code == 2  # nothing to run
    assert call(db, *words, "--month", "2026-12").exit_code == 2  # how many?
    assert call(db, *words, "--month", "2026-12", "--night", "32").exit_code == 2  # 31 nights
    assert call(db, "roster", "spot-check", "show").exit_code == 2
    first = answer(db, *words, "--month", "2026-12", "--night", "5")
    assert call(db, *words, "--month", "2026-12", "--night", "5").exit_code == 1  # one is waiting
    assert call(db, *words, "--beacon", BALLS).exit_code == 1  # the event is to come
    assert call(db, *words, "--beacon", "3 1 4", now=DRAWN).exit_code == 2
    answer(db, *words, "--abandon", "改期")
    second = answer(db, *words, "--month", "2026-12", "--night", "5", now="2026-11-28T09:30+08:00")
    assert second["number"] == 2
    answer(db, *words, "--beacon", BALLS, now=DRAWN)
    assert call(db, *words, "--beacon", BALLS, now=DRAWN).exit_code == 1
    early = call(db, "roster", "spot-check", "show", "--out", str(tmp_path / "out"), now=DRAWN)
    assert early.exit_code == 1
    assert not (tmp_path / "out").exists()
    answer(db, "roster", "spot-check", "show", "--out", str(tmp_path / "out"), now=AFTER)
    ledger = json.loads((tmp_path / "out" / "ledger.json").read_text(encoding="utf-8"))
    assert [(one["state"], one["reason"]) for one in ledger] == [("abandoned", "改期"), ("closed", "")]
    assert ledger[1]["commit"]["previous"] == first["commit_sha256"]
    assert call(db, "log", "verify").exit_code == 0


@pytest.mark.parametrize(
    ("state", "code"),
    [("draft", 1), ("submitted", 1), ("approved", 1), ("published", 0), ("locked", 0)],
)
def test_only_a_published_roster_is_drawn_from(tmp_path: Path, state: str, code: int) -> None:
    """A draft may still change: the sentence says which step is missing."""
    db = desks.make(tmp_path / "bureau.db")
    with bureau.opened(db) as database, write_tx(database, "test", NOW) as tx:
        row = {"month": "2026-12", "revision": 1, "record": json.dumps({"state": state, "revision": 1})}
        tx.put("roster_revisions", [row])
    done = call(db, "roster", "spot-check", "draw", "--month", "2026-12", "--night", "5")
    assert done.exit_code == code, done.output
    assert ("publish --month 2026-12" in done.output) is bool(code)


def test_posts_of_schools_are_called_at_their_hours_without_a_roster(tmp_path: Path) -> None:
    """The one school with boarders has a round and evening study; both have stairs; on school days only."""
    db = desks.make(tmp_path / "bureau.db")
    made = answer(
        db, "roster", "spot-check", "draw", "--month", "2026-12", "--desks", "units",
        "--day", "2", "--night", "3", "--weigh", "work=2",
        "--posts", "stairs", "--posts", "dorm", "--posts", "evening",
    )  # fmt: skip
    assert {one["key"]: one["shifts"] for one in made["draws"]} == {
        "spot/day": 2 * 23, "spot/night": 2 * 23, "spot/again": 4 * 23,
    }  # fmt: skip
    answer(db, "roster", "spot-check", "draw", "--beacon", BALLS, now=DRAWN)
    seen = answer(db, "roster", "spot-check", "show", now=AFTER)["calls"]
    assert {post["post"] for one in seen for post in one["posts"]} <= {"stairs", "dorm", "evening"}
    assert all(one["posts"] for one in seen)
    nights = [one for one in seen if one["desk"] == "0002" and one["due"][11:13] in ("19", "20", "22", "23")]
    assert len(nights) >= 3


def test_the_callers_sheet_names_calls_that_are_open(own: Path, tmp_path: Path) -> None:
    """A page of its own to print; a file that is there is not written over."""
    page = tmp_path / "sheet.html"
    one = calls_of(own)[0]
    now = (one.due - timedelta(hours=1)).isoformat(timespec="minutes")
    words = ("roster", "spot-check", "show", "--print", str(page))
    assert call(own, *words, now=now, lang="zh").exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert one.id in text
    assert "size:A4" in text
    assert call(own, *words, now=now).exit_code != 0


def test_what_one_person_may_expect_is_the_sum_of_the_chances_of_his_shifts(drawn: Path) -> None:
    """By hand for o1, who has the day on odd days; a leader of 24 hours has both shifts of his days."""
    facts = answer(drawn, "roster", "spot-check", "show", now=DRAWN)["draw"]
    with bureau.opened(drawn) as database:
        chances = spot.chances_of(spot_draws.draw_of(database, 1)["frames"])
    odd = [f"bureau/2026-12-{day:02d}/08:00-18:00" for day in range(1, 32, 2)]
    assert facts["people"]["o1"] == round(float(sum(chances[unit] for unit in odd)), 4)
    assert facts["people"]["l1"] > facts["people"]["o1"] + facts["people"]["o2"] - 0.001


def test_the_protocol_shows_the_fingerprint_to_be_signed_before_the_event(tmp_path: Path) -> None:
    """One page with the whole fingerprint, the event and lines to sign."""
    db = desks.make(tmp_path / "bureau.db")
    page = tmp_path / "protocol.html"
    words = ("roster", "spot-check", "draw", "--month", "2026-12", "--night", "5", "--protocol", str(page))
    made = answer(db, *words)
    text = page.read_text(encoding="utf-8")
    digits = made["commit_sha256"]
    assert all(f"<span>{digits[at : at + 8]}</span>" in text for at in range(0, 64, 8))
    assert "December 2026" in text
    assert call(db, "roster", "spot-check", "draw", "--beacon", BALLS, "--protocol", str(page)).exit_code == 2


def test_a_draw_whose_share_is_missing_is_abandoned_with_its_custodian(tmp_path: Path) -> None:
    """After the event only that excuses; the ledger keeps it, and the next draw goes on from there."""
    db = desks.make(tmp_path / "bureau.db", level="standard")
    shares = []
    for name in ("纪检", "工会", "家委会"):
        shares.append(tmp_path / f"{name}.share")
        shares[-1].write_text(custody.make_share(1, name, "一二三四五六", None).text, encoding="utf-8")
    words = ("roster", "spot-check", "draw")
    event = ("--event", "福彩", "--form", "numbers:20:1:80", "--fallback", "次日福彩", "--night", "5")
    first = answer(
        db, *words, "--month", "2026-12", *event, "--event-at", "2026-11-28T21:30+08:00", "--fallback-at",
        "2026-11-29T21:30+08:00", *(part for share in shares for part in ("--share", str(share))),
    )  # fmt: skip
    shares[1].unlink()
    value, late = " ".join(map(str, range(1, 21))), "2026-11-28T22:00+08:00"
    waiting = call(db, *words, "--beacon", value, now=late)
    assert waiting.exit_code != 0
    refused = call(db, *words, "--abandon", "不想要了", now=late)
    assert refused.exit_code == 1
    assert "name its custodian (纪检, 工会, 家委会)" in refused.output
    gone = answer(db, *words, "--abandon", "工会的份额文件丢失", now=late)
    assert gone["state"] == "abandoned"
    assert call(db, *words, "--beacon", value, now=late).exit_code == 1
    with bureau.opened(db) as database:
        [kept] = closing.ledger_of(spot_draws.draws(database))
    assert (kept["state"], kept["reason"]) == ("abandoned", "工会的份额文件丢失")
    assert digest(canon(kept["commit"])) == first["commit_sha256"]
    own_share = desks.make(tmp_path / "simple.db")
    answer(own_share, *words, "--month", "2026-12", "--night", "5")
    assert call(own_share, *words, "--abandon", "none", now=DRAWN).exit_code == 1


@pytest.mark.parametrize("level", ["standard", "strict"])
def test_custodians_hold_the_shares_at_higher_levels(tmp_path: Path, level: str) -> None:
    """Three shares under passphrases; at level strict only the discipline office's key opens the draw."""
    recovery, recipient = keys.new_recovery()
    db = desks.make(tmp_path / "bureau.db", level=level, recovery=recipient if level == "strict" else "")
    secret, word = tmp_path / "recovery.txt", tmp_path / "word.txt"
    secret.write_text(recovery, encoding="utf-8")
    word.write_text("一二三四五六", encoding="utf-8")
    shares = []
    for name in ("纪检", "工会", "家委会"):
        made = custody.make_share(1, name, "一二三四五六", None)
        shares.append(tmp_path / f"{name}.share")
        shares[-1].write_text(made.text, encoding="utf-8")
    words = (
        "roster", "spot-check", "draw", "--month", "2026-12", "--night", "5", "--event", "福彩", "--event-at",
        "2026-11-28T21:30+08:00", "--form", "numbers:20:1:80", "--fallback", "次日福彩", "--fallback-at",
        "2026-11-29T21:30+08:00",
    )  # fmt: skip
    few = [part for share in shares[:2] for part in ("--share", str(share))]
    assert call(db, *words, *few).exit_code == 1
    answer(db, *words, *few, "--share", str(shares[2]))
    value = " ".join(map(str, range(1, 21)))
    opening = ("--passphrase-file", str(word))
    answer(db, "roster", "spot-check", "draw", "--beacon", value, *opening, now="2026-11-28T22:00+08:00")
    assert answer(db, "roster", "spot-check", "show", now=AFTER)["calls"]
    close = ("roster", "spot-check", "show", "--out", str(tmp_path / "out"))
    if level == "strict":
        assert call(db, *close, now=AFTER).exit_code == 2
        assert call(db, *close, "--identity-file", str(secret), now=AFTER).exit_code == 0
    else:
        assert call(db, *close, now=AFTER).exit_code == 0
    told = json.loads((tmp_path / "out" / "transcript.json").read_text(encoding="utf-8"))
    assert len(told["shares"]) == 3
    assert call(db, "log", "verify").exit_code == 0


def test_a_county_is_drawn_in_seconds(tmp_path: Path) -> None:
    """400 schools with three posts on every school day: 27,600 shifts, one of a hundred called."""
    db = desks.make(tmp_path / "bureau.db")
    units = [
        Unit(id=f"1{at:04d}", name=f"第{at}中学", kind="junior", township=f"镇{at % 20}", boarders=9)
        for at in range(400)
    ]
    with bureau.opened(db) as database, write_tx(database, "test", NOW) as tx:
        put_units(tx, units)
    words = ("--desks", "units", "--posts", "stairs", "--posts", "dorm", "--posts", "evening")
    began = time.process_time()
    made = answer(
        db, "roster", "spot-check", "draw", "--month", "2026-12", *words, "--day", "92", "--night", "184"
    )
    assert sum(one["shifts"] for one in made["draws"] if one["n"]) == (2 + 3 * 400) * 23 + 2 * 23
    answer(db, "roster", "spot-check", "draw", "--beacon", BALLS, now=DRAWN)
    assert time.process_time() - began < 30

"""Draws on the desk: the ceremony in its order, one next button a screen, nothing secret on any."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from auditor.draw import verify as verifier
from auditor.store.numbers import read_frozen
from auditor.store.records import read_draw
from auditor.store.units import read_units
from auditor.workflow import bureau, ceremony, programmes, rehearsing, sealing
from auditor.workflow.domains import load_all
from auditor.workflow.keys import open_key
from desk_client import NOW, Client, desk_of, text_of
from desk_forms import finished, form_of, here, main_actions, send

__all__ = ["here"]

BASIS = "四川省学校安全条例第六条"
VALUE = "3 1 4 1 5 9"
AFTER = datetime.fromisoformat("2027-02-01T09:00:00+08:00")
CUSTODIANS = ("派驻纪检监察组", "督学代表", "家长委员会")
PASSPHRASES = ("春江花月夜一", "春江花月夜二", "春江花月夜三")
PASSWORD = "办公室口令9"
SHELL = re.compile(r"auditor [a-z]+ [a-z-]+|--[a-z]+")


def made(path: Path, **more: Any) -> Path:
    """The synthetic county with a programme of January 2027."""
    bureau.init(path, "青石县教育局", (30.5205, 105.2108), NOW, **more)
    from auditor.workflow import county as county_step

    with bureau.opened(path) as db:
        county_step.fill(db, load_all(), NOW)
        text = rehearsing.programme_text(db, "2027-01", BASIS, "9")
        programmes.add_document(db, text.encode(), "p", load_all(), NOW, accept_lower_floor=False)
    return path


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau of level simple without a password."""
    return made(tmp_path_factory.mktemp("draws") / "bureau.db")


@pytest.fixture
def file(county: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copy(county, tmp_path / "bureau.db"))


def at(file: Path, minutes: float, language: str = "en") -> Client:
    """A browser so many minutes after the start."""
    return desk_of(file, language=language, now=NOW + timedelta(minutes=minutes))


def locked(file: Path) -> Client:
    """The desk after the list was locked."""
    client = at(file, 0)
    page = client.page("/draws?month=2027-01")
    assert main_actions(page) == ["freeze"]
    assert send(client, page, "/draws/freeze").headers["location"] == "/draws/1"
    return client


def sealed(file: Path) -> Client:
    """The desk after the fingerprint was sealed, the event over."""
    client = locked(file)
    assert send(client, client.page("/draws/1"), "/draws/1/commit", number=0).status_code == 303
    return at(file, 3)


def drawn(file: Path, **typed: str) -> Client:
    """The desk after the draw."""
    client = sealed(file)
    page = client.page("/draws/1?value=314159&signed=1")
    answer = send(client, page, "/draws/1/run", **typed)
    assert answer.status_code == 303, text_of(answer.text)
    return client


def pages_of(client: Client) -> dict[str, str]:
    """Every page and file of these rooms that this state of the first number answers."""
    papers = ("protocol", "record", "notice", "screen")
    addresses = ["/", "/draws", "/draws/ledger", "/draws/ledger.json", "/draws/1", "/verify", "/programmes"]
    addresses += ["/programmes/2027-01"]
    addresses += ["/draws/1?value=314159&signed=1", *(f"/draws/1/{name}" for name in papers)]
    addresses.append("/draws/1/files/transcript.json")
    found = {one: client.get(one) for one in addresses}
    assert {one.status_code for one in found.values()} <= {200, 400, 404, 409}
    return {address: unescape(one.text) for address, one in found.items()}


def secrets_of(file: Path) -> tuple[list[str], list[str]]:
    """What number 1 hides, opened behind the desk's back: key and shares; then ids and names of all units."""
    with bureau.opened(file) as db:
        record = ceremony.number_of(db, 1)
        found = sealing.open_drawn(db, record, open_key(db, lambda: PASSWORD))
        names = {one.id: one.name for one in read_units(db)}
    hidden = [found.key.hex(), *(one.hex() for one in found.shares)]
    assert found.chosen
    return hidden, [word for unit in names for word in (unit, names[unit])]


def files_beside(file: Path) -> str:
    """All that lies beside the bureau's file, read as text."""
    folder = file.with_name(file.name + ".desk")
    return "".join(one.read_bytes().decode("utf-8", "replace") for one in folder.rglob("*") if one.is_file())


def test_the_ceremony_is_walked_by_one_button_a_page(file: Path) -> None:
    """Locked, sealed, signed, drawn: each page names the next step, and only that one is filled."""
    client = locked(file)
    page = client.page("/draws/1")
    assert main_actions(page) == ["commit"]
    assert "120 units in the list" in text_of(page)
    assert send(client, page, "/draws/1/commit", number=0).status_code == 303
    page = client.page("/draws/1")
    assert main_actions(page) == ["protocol"]
    assert 'name="value"' not in page
    with bureau.opened(file) as db:
        digest = ceremony.number_of(db, 1)["commit_sha256"]
    groups = [digest[at : at + 8] for at in range(0, 64, 8)]
    assert " ".join(groups) in text_of(page)
    assert " ".join(groups[:4]) in text_of(client.page("/draws/1/protocol"))

    client = at(file, 3)
    page = client.page("/draws/1")
    assert main_actions(page) == ["value"]
    assert main_actions(client.page("/draws")) == ["draw"]
    shown = client.page("/draws/1?value=３，１ 4 1 5 9&signed=1")
    assert main_actions(shown) == ["run"]
    assert form_of(shown, "/draws/1/run")["value"] == [VALUE]
    answer = send(client, shown, "/draws/1/run")
    assert answer.headers["location"] == "/draws/1"
    page = client.page("/draws/1")
    assert main_actions(page) == ["plan"]
    assert 'href="/plans?month=2027-01"' in page
    with bureau.opened(file) as db:
        assert ceremony.number_of(db, 1)["beacon"]["value"] == VALUE


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("value=31415&signed=1", "31415 is not 6 whole numbers"),
        ("value=1 2 3 4 5 10&signed=1", "is not 6 whole numbers"),
        ("value=314159", "first the witness signs"),
    ],
)
def test_a_value_is_drawn_with_only_once_it_is_spelled_and_signed_for(
    county: Path, tmp_path: Path, query: str, words: str
) -> None:
    """The field comes back with the fault beside it; there is no button that draws."""
    client = sealed(Path(shutil.copy(county, tmp_path / "bureau.db")))
    page = client.page(f"/draws/1?{query}")
    assert words in text_of(page)
    assert main_actions(page) == ["value"]
    assert "/draws/1/run" not in page


def test_a_wrong_password_before_the_witnesses_loses_no_ball(tmp_path: Path) -> None:
    """The screen comes again with the balls, the tick and a sentence; nothing was drawn, and then it is."""
    file = made(tmp_path / "bureau.db", password=f" {PASSWORD}")
    client = sealed(file)
    page = client.page("/draws/1?value=314159&signed=1")
    for typed, said in (("falsch", "does not open with this password"), ("", "has a password")):
        answer = send(client, page, "/draws/1/run", password=typed)
        assert (answer.status_code, said in text_of(answer.text)) == (400, True)
        page = answer.text
        form = form_of(page, "/draws/1/run")
        assert (form["value"], form["signed"]) == ([VALUE], ["1"])
        assert main_actions(page) == ["run"]
        assert "3 1 4 1 5 9" in text_of(page)
    assert send(client, page, "/draws/1/run", password=f" {PASSWORD}").status_code == 303


def test_every_moment_is_the_bureaus_wherever_the_machine_stands(file: Path) -> None:
    """A desk whose clock is that of another zone: screen, protocol, what is sealed and what is typed."""
    elsewhere = NOW.astimezone(UTC)
    client = desk_of(file, now=elsewhere)
    assert send(client, client.page("/draws?month=2027-01"), "/draws/freeze").status_code == 303
    page = client.page("/draws/1")
    typed = {
        "event_how": "other", "event": "快乐8", "event_at": "2026-12-10T21:30", "form": "numbers:20:1:80",
        "fallback": "双色球", "fallback_at": "2026-12-13T21:15", "fallback_form": "numbers:7:1:33",
    }  # fmt: skip
    assert form_of(page, "/draws/1/commit")["event_at"] == ["2026-12-08T21:30"]
    assert send(client, page, "/draws/1/commit", **typed).status_code == 303
    with bureau.opened(file) as db:
        commit = ceremony.number_of(db, 1)["commit"]
    assert commit["event"]["at"] == "2026-12-10T21:30:00+08:00"
    assert commit["fallback"]["at"] == "2026-12-13T21:15:00+08:00"
    for name in ("protocol", "screen"):
        text = text_of(client.page(f"/draws/1/{name}"))
        assert "21:30 (UTC+08:00)" in text
        assert "+00:00" not in text


def test_steps_out_of_order_are_told_in_words_and_change_nothing(file: Path) -> None:
    """Whatever is sent in whatever state: a sentence that says what the number is, and no command line."""
    client = at(file, 0)
    start = client.page("/draws")
    for step in ("commit", "run", "abandon", "close"):
        assert client.submit(f"/draws/1/{step}", start).status_code == 404
    client = locked(file)
    unpublished = client.submit("/verify", client.page("/verify"), {"number": "1"})
    assert "Number 1 is not closed" in text_of(unpublished.text)
    page = client.page("/draws/1")
    for step, fields in (("run", {"value": VALUE, "signed": "1"}), ("close", {})):
        answer = client.submit(f"/draws/1/{step}", page, fields)
        assert answer.status_code == 409
        assert "number 1 is frozen" in text_of(answer.text)
        assert not SHELL.search(text_of(answer.text))
    for name in ("protocol", "record", "screen", "notice"):
        answer = client.get(f"/draws/1/{name}")
        assert answer.status_code == 409
        assert "number 1 is frozen" in text_of(answer.text)
    answer = client.submit("/draws/freeze", page, {"programme": "2027-01"})
    assert answer.headers["location"] == "/draws/1"
    send(client, page, "/draws/1/commit", number=0)
    page = client.page("/draws/1")
    answer = client.submit("/draws/1/run", page, {"value": VALUE, "signed": "1"})
    assert "too early" in text_of(answer.text)
    answer = client.submit("/draws/1/run", page, {"value": VALUE})
    assert "first the witness signs" in text_of(answer.text)
    answer = client.submit("/draws/1/commit", page)
    assert "number 1 is committed" in text_of(answer.text)
    with bureau.opened(file) as db:
        assert ceremony.number_of(db, 1)["state"] == "committed"


def test_no_page_in_any_state_holds_a_unit_a_share_or_the_key_before_the_close(
    file: Path, here: None
) -> None:
    """Opened behind the desk's back, what is drawn is compared with every page, file and note there is."""
    states: dict[str, dict[str, str]] = {}
    states["frozen"] = pages_of(locked(file))
    client = at(file, 0)
    send(client, client.page("/draws/1"), "/draws/1/commit", number=0)
    states["committed"] = pages_of(at(file, 0.5))
    states["event"] = pages_of(at(file, 3))
    client = at(file, 3)
    send(client, client.page("/draws/1?value=314159&signed=1"), "/draws/1/run")
    states["run"] = pages_of(client)
    page = client.page("/draws/1")
    answer = send(client, page, "/draws/1/abandon", reason="演练到此为止")
    assert finished(client, answer).state == "done"
    states["planned"] = pages_of(client) | {"job": client.page("/jobs/1")}
    hidden, units = secrets_of(file)
    for state, pages in states.items():
        for address, text in pages.items():
            for word in hidden:
                assert word not in text, (state, address)
            for word in units:
                assert word not in text, (state, address, word)
    beside = files_beside(file)
    assert not [word for word in (*hidden, *units) if word in beside]


def test_the_large_screen_holds_groups_balls_and_counts_and_renews_itself(file: Path) -> None:
    """Dark and without the desk's frame; the fingerprint at 3.4 % of the width."""
    client = sealed(file)
    before = client.page("/draws/1/screen")
    assert before.count('<b class="open">?</b>') == 6
    page = client.page("/draws/1?value=314159&signed=1")
    send(client, page, "/draws/1/run")
    after = client.page("/draws/1/screen")
    assert re.findall(r'<div class="balls">(.*?)</div>', after) == [
        " ".join(f"<b>{one}</b>" for one in VALUE.split())
    ]
    assert 'hx-get="/draws/1/screen"' in after
    assert 'class="top"' not in after
    sheet = client.get(re.findall(r'rel="stylesheet" href="([^"]+)"', after)[0]).text
    assert "--u:min(1vw,1.7777vh)" in sheet
    assert re.search(r"\.hash\{[^}]*calc\(var\(--u\)\*3\.4\)", sheet)
    assert "color-scheme:dark" in sheet
    with bureau.opened(file) as db:
        assert read_frozen(db, 1)["staff"].keys().isdisjoint(after.split('"'))


def test_a_list_is_taken_back_and_a_number_abandoned_with_a_reason(file: Path) -> None:
    """Freely while nothing is sealed and before the event; after it only what the contract lets."""
    client = locked(file)
    page = client.page("/draws/1")
    answer = send(client, page, "/draws/1/abandon", reason=" ")
    assert answer.status_code == 400
    assert "write why" in text_of(answer.text)
    assert send(client, answer.text, "/draws/1/abandon", reason="名录有误").headers["location"] == "/draws"
    assert client.get("/draws/1").status_code == 404
    client = sealed(file)
    page = client.page("/draws/1")
    answer = send(client, page, "/draws/1/abandon", reason="不想抽了")
    assert answer.status_code == 409
    assert "run it, then abandon it" in text_of(answer.text)
    early = at(file, 0.5)
    answer = send(early, early.page("/draws/1"), "/draws/1/abandon", reason="停电，<b>另行</b>抽取")
    assert answer.status_code == 303
    page = early.page("/draws/ledger")
    assert "停电，<b>另行</b>抽取" in text_of(page.replace("&lt;", "‹").replace("&gt;", "›")).replace(
        "‹", "<"
    ).replace("›", ">")
    assert "<b>另行" not in page
    assert main_actions(early.page("/draws/1")) == []


def test_a_closed_number_is_published_and_verified_from_its_page(file: Path, here: None) -> None:
    """Everything opens: who was drawn with which chance, the files, and the verdict on what was kept."""
    client = drawn(file)
    answer = send(client, client.page("/draws/1"), "/draws/1/abandon", reason="演练")
    assert finished(client, answer).told.startswith("No. 1 is abandoned")
    assert "closes the number" in text_of(client.page("/draws/1"))
    answer = client.submit("/draws/1/close", client.page("/draws/1"))
    assert answer.status_code == 409
    assert "closed after 2027-01-31" in text_of(answer.text)
    client = desk_of(file, now=AFTER)
    page = client.page("/draws/1")
    assert main_actions(page) == ["close"]
    answer = send(client, page, "/draws/1/close")
    assert finished(client, answer).state == "done"
    page = client.page("/draws/1")
    assert main_actions(page) == ["transcript"]
    with bureau.opened(file) as db:
        transcript = read_draw(db, 1)
        record = ceremony.number_of(db, 1)
        names = {one.id: one.name for one in read_units(db)}
    assert transcript is not None
    words = text_of(page)
    for draw, units in transcript["drawn"].items():
        chances = {one["id"]: one["pi"] for one in transcript["frames"][draw]["units"]}
        for unit in units:
            assert names[unit][:39] in words
            assert f"{chances[unit] / 10_000:.2f} %" in words
    data = client.get("/draws/1/files/transcript.json").content
    ledger = client.get("/draws/1/files/ledger.json").content
    assert json.loads(data) == transcript
    assert verifier.verify(data, record["commit_sha256"], record["plan_root"], ledger)[0] == []
    assert client.get("/draws/1/files/verify.html").status_code == 200
    assert client.get("/draws/1/files/..%2F..%2Fsecret").status_code == 404
    answer = send(client, page, "/verify")
    assert 'data-verdict="ok"' in client.page(finished(client, answer).outcome["go"])


@pytest.fixture
def standard(tmp_path: Path) -> Path:
    """A bureau of level standard whose planning key has a password."""
    return made(tmp_path / "bureau.db", level="standard", password=PASSWORD)


def test_three_custodians_keep_their_passphrases_to_themselves(standard: Path, here: None) -> None:
    """Two shares are made here, one elsewhere; sealed, drawn with three passphrases, none of them kept."""
    client = locked(standard)
    page = client.page("/draws/1")
    assert main_actions(page) == ["share"]
    answer = send(client, page, "/draws/1/commit")
    assert "0 shares are here" in text_of(answer.text)
    answer = send(
        client, page, "/draws/1/shares", custodian=CUSTODIANS[0], passphrase=PASSPHRASES[0], again="x"
    )
    assert "differ" in text_of(answer.text)
    assert PASSPHRASES[0] not in answer.text
    for name, passphrase in list(zip(CUSTODIANS, PASSPHRASES, strict=True))[:2]:
        typed = {"custodian": name, "passphrase": passphrase, "again": passphrase}
        answer = send(client, client.page("/draws/1"), "/draws/1/shares", **typed)
        assert finished(client, answer).state == "done"
    elsewhere = ceremony.make_share(1, CUSTODIANS[2], PASSPHRASES[2], None)
    foreign = ceremony.make_share(2, CUSTODIANS[2], PASSPHRASES[2], None)
    for text, words in ((foreign.text, "made for number 2"), ("?", "is no share's file")):
        answer = send(client, client.page("/draws/1"), "/draws/1/shares/file", files={"file": ("s", text)})
        assert words in text_of(answer.text)
    answer = send(
        client, client.page("/draws/1"), "/draws/1/shares/file", files={"file": ("s.txt", elsewhere.text)}
    )
    assert answer.status_code == 303
    page = client.page("/draws/1")
    assert main_actions(page) == ["commit"]
    paper = f"/draws/1/shares/{elsewhere.sha256[:16]}/paper"
    for passphrase, shown in ((PASSPHRASES[0], False), (PASSPHRASES[2], True)):
        answer = send(client, page, paper, passphrase=passphrase)
        digits = "".join(re.findall("[0-9a-f]+", text_of(answer.text)))
        assert (elsewhere.share.hex()[:16] in digits) is shown
        assert passphrase not in answer.text
    answer = send(client, page, "/draws/1/commit", event="   ", fallback="双色球，<i>")
    assert form_of(answer.text, "/draws/1/commit")["fallback"] == ["双色球，<i>"]
    assert "say what the event is" in text_of(answer.text)
    early = {"event_at": "2026-12-01T21:30"}
    assert "is over" in text_of(send(client, page, "/draws/1/commit", **early).text)
    assert send(client, client.page("/draws/1"), "/draws/1/commit").status_code == 303
    with bureau.opened(standard) as db:
        record = ceremony.number_of(db, 1)
    assert sorted(record["custodians"]) == sorted(CUSTODIANS)
    assert "快乐8" in record["commit"]["event"]["what"]

    later = desk_of(
        standard, now=datetime.fromisoformat(record["commit"]["event"]["at"]) + timedelta(hours=1)
    )
    value = " ".join(str(one) for one in range(3, 43, 2))
    page = later.page(f"/draws/1?value={value}&signed=1")
    assert page.count('type="password"') == 6
    right = dict(zip(CUSTODIANS, PASSPHRASES, strict=True))
    own = {f"passphrase-{at}": right[name] for at, name in enumerate(record["custodians"])}
    wrong = own | {"passphrase-1": "nobody's"}
    answer = send(later, page, "/draws/1/run", **wrong)
    assert finished(later, answer).state == "failed"
    failed = later.page(answer.headers["location"])
    answer = send(later, later.page(f"/draws/1?value={value}&signed=1"), "/draws/1/run", **own)
    assert finished(later, answer).state == "done"
    for password, told in (("", "has a password"), ("nobody's", "password")):
        refused = send(later, later.page("/draws/1"), "/draws/1/abandon", reason="x", password=password)
        assert (refused.status_code, told in text_of(refused.text)) == (409, True)
    hidden, units = secrets_of(standard)
    shown = {**pages_of(later), "failed": failed, "job": later.page(answer.headers["location"])}
    said = [*PASSPHRASES, PASSWORD, "nobody's", *hidden, *units]
    for address, text in shown.items():
        assert not [word for word in said if word in text], address
    assert not [word for word in said if word in files_beside(standard)]


def test_a_lost_file_is_made_up_for_by_paper(standard: Path) -> None:
    """The digits of the paper copies draw as the files would."""
    from auditor.desk.tasks import draw_run

    client = locked(standard)
    digits = {}
    for name in CUSTODIANS:
        share = ceremony.make_share(1, name, "p", None)
        digits[name] = share.share.hex()
        send(client, client.page("/draws/1"), "/draws/1/shares/file", files={"file": ("s.txt", share.text)})
    assert send(client, client.page("/draws/1"), "/draws/1/commit").status_code == 303
    with bureau.opened(standard) as db:
        record = ceremony.number_of(db, 1)
        later = datetime.fromisoformat(record["commit"]["event"]["at"]) + timedelta(hours=1)
        secrets = {f"paper-{at}": digits[name] for at, name in enumerate(record["custodians"])}
        value = " ".join(map(str, range(1, 21)))
        arguments = {"number": 1, "value": value, "source": "event"}
        outcome = draw_run.draw(db, arguments, secrets, load_all, later, drill=True)
        assert ceremony.number_of(db, 1)["state"] == "run"
    assert outcome["n"] == 9
